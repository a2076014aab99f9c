from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, TODAY, EvalCase


@tagged("post_install", "-at_install")
class TestReputation(EvalCase):
    """E3: events are dated, sourced, weighted and fading; they feed the reputation criterion."""

    def _reputation(self, customer=None, date_to=None):
        customer = customer or self.customer
        values = self.env["customer.metric"]._values(customer, ["reputation"], date_to)
        return values["reputation"][customer.id]

    def test_none_is_not_zero(self):
        self.assertIsNone(self._reputation())
        self.assertFalse(self.customer.eval_reputation_known)
        self._event(0)
        self.assertEqual(self._reputation(), 0)
        self.env.invalidate_all()
        self.assertTrue(self.customer.eval_reputation_known)

    def test_decay(self):
        event = self._event(4)
        self.assertEqual((self._reputation(), event.impact_today), (4, 4))
        for days, expected in ((365, 4 * 0.5 ** (365 / 365.25)), (730, 4 * 0.5 ** (730 / 365.25))):
            with self.subTest(days=days), freeze_time(NOW + timedelta(days=days)):
                self.assertAlmostEqual(self._reputation(), expected, 2)
                event.invalidate_recordset()
                self.assertAlmostEqual(event.impact_today, expected, 2)
        self.company.eval_half_life_months = 24
        with freeze_time(NOW + relativedelta(years=2)):
            self.assertAlmostEqual(self._reputation(), 2, 2)

    def test_sum_and_limits(self):
        self._event(3, 0)
        self._event(-1, 0)
        self.assertEqual(self._reputation(), 2)
        for _number in range(3):
            self._event(5, 0)
        self.assertEqual(self._reputation(), 5, "cut off at the top")
        for _number in range(6):
            self._event(-5, 0)
        self.assertEqual(self._reputation(), -5, "and at the bottom")

    def test_only_what_happened_before(self):
        """The figure of an earlier day doesn't know what came later; of the company, not of others."""
        self._event(3, 10)
        self._event(-5, 0)
        self.assertEqual(self._reputation(date_to=TODAY), round(3 * 0.5 ** (9 / 365.25), 2))
        self.assertIsNone(self._reputation(date_to=TODAY - timedelta(days=10)), "that day no longer counts")
        self.assertIsNone(self._reputation(self.other_customer))
        other_company = self.env["res.company"].create({"name": "Other"})
        figures = self.env["customer.metric"].with_company(other_company)._values(self.customer, ["reputation"])
        self.assertIsNone(figures["reputation"][self.customer.id])

    def test_counts_for_the_whole_firm(self):
        contact = self.env["res.partner"].create({"name": "Mr Shen", "parent_id": self.customer.id})
        event = self._event(3, customer=contact)
        self.assertEqual(event.partner_id, self.customer)
        self.assertEqual(self._reputation(contact), 3)
        other = self.env["res.partner"].create({"name": "Ms Chen", "parent_id": self.other_customer.id})
        event.partner_id = other
        self.assertEqual(event.partner_id, self.other_customer)

    def test_impact_is_proposed(self):
        kind = self.env.ref("customer_eval.customer_reputation_kind_lawsuit")
        event = self.env["customer.reputation.event"].create(
            {"partner_id": self.customer.id, "kind_id": kind.id, "source": "Court list"}
        )
        self.assertEqual((event.impact, event.date, event.user_id), (-5, TODAY, self.env.user))
        event.impact = -4
        self.assertEqual(event.impact, -4)

    def test_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "lies ahead"):
            self._event(1, date=TODAY + timedelta(days=1))
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._event(6)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["customer.reputation.kind"].create({"name": "x", "impact": -6})
        with self.assertRaisesRegex(ValidationError, "one month at least"):
            self.company.eval_half_life_months = 0

    def test_feeds_the_criterion(self):
        """Half of the points by hand (3), half from the events; without events the hand counts alone."""
        answer = self._answer(self._card(3))
        self.assertEqual((answer.metric_known, answer.points), (False, 3))
        self._event(3, 0)
        answer = self._answer(self._card(3))
        self.assertEqual((answer.metric_known, answer.metric_points, answer.points), (True, 5, 4))
        self._event(-5, 0, date=date(2026, 3, 16))
        answer = self._answer(self._card(3))
        self.assertEqual((answer.metric_points, answer.points), (1, 2), "-2 lies in [-3, -1.5)")

    def _answer(self, card):
        return card.answer_ids.filtered(lambda answer: answer.criterion_id.code == "reputation")

    def test_figure_opens_the_events(self):
        event = self._event(3)
        action = self.customer.with_user(self.salesman).action_customer_figure("reputation")
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), event)
