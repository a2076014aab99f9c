from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerTieringCommon


@tagged("post_install", "-at_install")
class TestOverride(CustomerTieringCommon):
    """A class fixed by hand, with reason and end (T7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._shop("Shop", 12, 2.3)
        cls._apply()

    def _fix(self, tier="C", user=None, days=60, customer=None, reason="Lawsuit", **values):
        return (
            self.env["customer.tier.override"]
            .with_user(user or self.director)
            .create(
                {
                    "partner_id": (customer or self.shop).id,
                    "scheme_id": self.retail.id,
                    "company_id": self.company.id,
                    "tier_id": self._tier(tier).id if tier else False,
                    "reason": reason,
                    "date_to": self.TODAY + timedelta(days=days),
                    **values,
                }
            )
        )

    def test_takes_effect_at_once_and_is_kept(self):
        override = self._fix()
        self.assertEqual(self._class(self.shop), "C")
        self.assertEqual((override.user_id, override.date_from), (self.director, self.TODAY))
        row = self._history(self.shop)[-1]
        self.assertEqual((row.origin, row.move, row.user_id), ("override", "down", self.director))
        self.assertIn("Lawsuit", row.sentence)
        self.assertEqual(self.shop.customer_tier_id, self._tier("C"))
        self.assertEqual(self.shop.customer_tier_note, "fixed by hand")

    def test_runs_leave_it_and_the_rules_go_on(self):
        self._fix()
        run = self._apply(month=self.MONTH)
        line = self._line(run, self.shop)
        self.assertEqual((line.to_tier_id.name, line.move, line.why), ("C", "stay", "override"))
        self.assertEqual(line.rule_name, "AAA")
        self.assertEqual(self._class(self.shop), "C")

    def test_ends_early_with_a_reason(self):
        override = self._fix()
        wizard = self.env["customer.tier.decision"].with_user(self.director)
        with self.assertRaisesRegex(UserError, "reason"):
            wizard.create({"override_id": override.id, "decision": "end", "reason": " "}).action_decide()
        wizard.create({"override_id": override.id, "decision": "end", "reason": "Settled"}).action_decide()
        self.assertEqual((override.state, override.end_reason), ("ended", "Settled"))
        self.assertEqual(self._class(self.shop), "AAA")
        self.assertEqual(self._history(self.shop)[-1].origin, "override_end")
        with self.assertRaisesRegex(UserError, "ended already"):
            override._end_early("Again")
        self._fix("B")
        self.assertEqual(self._class(self.shop), "B")

    def test_no_class_can_be_fixed(self):
        self._fix(None)
        self.assertFalse(self._membership(self.shop).tier_id)
        self._apply(month=self.MONTH)
        self.assertFalse(self._membership(self.shop).tier_id)
        self.assertEqual(self._history(self.shop)[-1].move, "out")

    def test_a_customer_without_membership(self):
        new = self._shop("New")
        self._fix("B", customer=new)
        self.assertEqual(self._class(new), "B")
        self._trade(new, [12] * 12, 1)
        self._apply(month=self.MONTH)
        self.assertEqual(self._class(new), "B")
        self.env["customer.tier.override"].search([("partner_id", "=", new.id)]).sudo()._end()
        self.assertEqual(self._class(new), "AA")

    def test_who_left_the_scheme_keeps_what_was_fixed(self):
        self._fix("B")
        self.shop.customer_nature = False
        run = self._apply(month=self.MONTH)
        self.assertEqual(self._line(run, self.shop).to_tier_id.name, "B")
        self.assertEqual(self._class(self.shop), "B")

    def test_a_preview_is_set_back(self):
        run = self._new_run(month=self.MONTH)
        run.action_compute()
        self._fix()
        self.assertEqual(run.state, "draft")
        with self.assertRaisesRegex(UserError, "already"):
            run.action_apply()
        run.action_compute()
        run.action_apply()
        self.assertEqual(self._class(self.shop), "C")
        run = self._new_run(month=self.MONTH)
        run.action_compute()
        run.sudo().state = "applying"
        with self.assertRaisesRegex(UserError, "taking effect right now"):
            self.env["customer.tier.override"].search([], limit=1)._end_early("Settled")

    def test_only_directors(self):
        for user in (self.officer, self.reader, self.seller, self.clerk):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self._fix(user=user)
        override = self._fix()
        for user in (self.officer, self.reader, self.seller):
            with self.assertRaises(AccessError):
                override.with_user(user)._end_early("Mine")

    def test_what_is_fixed_stays_as_written(self):
        override = self._fix()
        for values in (
            {"tier_id": self._tier("AAA").id},
            {"date_to": "2030-01-01"},
            {"reason": "-"},
            {"state": "ended"},
        ):
            with self.assertRaises(UserError):
                override.with_user(self.director).write(values)
        with self.assertRaises(UserError):
            override.sudo().write({"reason": "-"})
        with self.assertRaises(UserError):
            override.sudo().unlink()
        forged = self._fix("B", customer=self._shop("Other"), user_id=self.officer.id, date_from="2020-01-01")
        self.assertEqual((forged.user_id, forged.date_from), (self.director, self.TODAY))

    def test_checks(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.shop.id})
        for error, text, values in (
            (ValidationError, "not in the future", {"days": 0}),
            (ValidationError, "is none of", {"tier_id": self._tier("C", self.wholesale).id}),
            (ValidationError, "belongs to", {"customer": contact}),
            (UserError, "reason", {"reason": "  "}),
        ):
            with self.assertRaisesRegex(error, text), self.cr.savepoint():
                self._fix(**values)
        self._fix()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._fix("B")

    def test_the_rules_vote_in_the_background(self):
        self._fix("AA", days=200)
        for number in range(1, 4):
            with self._figures({self.shop: (2, 1)}):
                self._apply(month=self.MONTH + relativedelta(months=number))
            self.assertEqual(self._class(self.shop), "AA")
        self.env["customer.tier.override"].search([("partner_id", "=", self.shop.id)]).sudo()._end()
        self.assertEqual(self._class(self.shop), "B")
