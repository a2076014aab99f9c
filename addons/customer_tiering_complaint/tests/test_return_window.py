from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_complaint.tests.common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestReturnWindow(ComplaintCommon):
    """A1, T8: which returns are accepted goes by the class of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("aftersales_complaint.complaint_return_policy_default")
        cls.env.user.group_ids += cls.env.ref("customer_tiering.group_tier_director")
        cls.scheme = cls.env.ref("customer_tiering.customer_tier_scheme_retail")
        cls.best, cls.low = (
            cls.scheme.tier_ids.filtered(lambda tier, name=name: tier.name == name) for name in ("AAA", "C")
        )
        cls.scheme.tier_ids.return_days = 0

    @classmethod
    def _classify(cls, tier, customer=None, company=None):
        """Put a customer into a class by hand: approved, in force at once."""
        return (
            cls.env["customer.tier.membership"]
            .sudo()
            .create(
                {
                    "partner_id": (customer or cls.customer).id,
                    "scheme_id": tier.scheme_id.id,
                    "company_id": (company or cls.company).id,
                    "tier_id": tier.id,
                }
            )
        )

    def _policy(self):
        return self.env["complaint.return.policy"]._policy_for(self.customer, self.company, self.goods)

    def _window(self, policy, customer, company=None):
        place = customer, company or self.company
        return policy._window(policy._standings([place])[place])

    def _note(self, remedy):
        remedy.invalidate_recordset(["policy_note"])
        return remedy.policy_note or ""

    def test_window_of_the_class(self):
        self.order.picking_ids.move_ids.date = "2025-05-18 10:00:00"
        complaint = self._take(self._complaint(2), "investigating")
        back = self._remedy(complaint, "return", 2)
        self.assertIn("45 days before the complaint; the window is 30 days", self._note(back))
        self._classify(self.best)
        with self.subTest("a class without a rule"):
            self.assertIn("the window is 30 days", self._note(back))
        self.best.return_days = 45
        self.assertEqual(self._note(back), "", "45 days are within 45 days")
        self.best.return_days = 44
        self.assertIn("45 days before the complaint; the window is 44 days", self._note(back))
        with self.subTest("the decision is refused, with the figures of the class"):
            decider = complaint.with_user(self.decider)
            decider.write({"decision": "accepted", "decision_note": "Right"})
            with self.assertRaisesRegex(UserError, "the window is 44 days"):
                decider.action_decide()
        with self.subTest("a shorter one too"):
            self.best.return_days = 7
            self.assertIn("the window is 7 days", self._note(back))
        with self.subTest("goods with a policy of their own keep their window"):
            self.goods.categ_id = self.env["product.category"].create({"name": "Cold chain"})
            self.best.return_days = 90
            self.policy.copy({"name": "Cold chain", "categ_id": self.goods.categ_id.id, "days": 1})
            self.assertIn("the window is 1 days", self._note(back))

    def test_policy_of_a_class(self):
        low = self.policy.copy({"name": "Small ones", "tier_ids": [Command.set(self.low.ids)], "days": 5})
        self.assertEqual(self._policy(), self.policy, "without a class the policy for all holds")
        membership = self._classify(self.best)
        self.assertEqual(self._policy(), self.policy)
        membership.tier_id = self.low
        self.assertEqual(self._policy(), low)
        self.low.return_days = 60
        self.assertEqual(self._window(low, self.customer), 5, "what names the class says its window itself")
        with self.subTest("the category comes first, then the class in it"):
            self.goods.categ_id = self.env["product.category"].create({"name": "Cold chain"})
            cold = self.policy.copy({"name": "Cold", "categ_id": self.goods.categ_id.id})
            self.assertEqual(self._policy(), cold)
            both = cold.copy({"name": "Cold, small ones", "tier_ids": [Command.set(self.low.ids)]})
            self.assertEqual(self._policy(), both)

    def test_class_in_the_company_of_the_complaint(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._classify(self.best, company=other)
        self.best.return_days = 90
        self.assertEqual(self._window(self.policy, self.customer), 30)
        self.assertEqual(self._window(self.policy, self.customer, other), 90)
        self.assertEqual(self._window(self.policy, self.other_customer, other), 30)

    def test_badge_and_search(self):
        complaint = self._complaint()
        other = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
        self._classify(self.best)
        handler = complaint.with_user(self.handler)
        self.assertEqual(handler.customer_tier_id, self.best)
        self.assertFalse(other.with_user(self.handler).customer_tier_id)
        found = handler.search([("customer_tier_id", "in", self.best.ids), ("id", "in", (complaint | other).ids)])
        self.assertEqual(found, complaint)

    def test_constant_queries(self):
        complaints = self.env["complaint.complaint"]
        for number in range(4):
            customer = self.env["res.partner"].create({"name": f"Dealer {number}", "is_company": True})
            self._classify(self.best, customer)
            complaints |= self._complaint(partner_id=customer.id, order_id=False, line_ids=False)
        places = [(complaint.partner_id, self.company, self.goods) for complaint in complaints]

        def cost(call, count):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            call(count)
            return self.cr.sql_log_count - before

        for call in (
            lambda count: complaints[:count].mapped("customer_tier_id"),
            lambda count: self.policy._policies_for(places[:count]),
        ):
            call(4)
            self.assertEqual(cost(call, 2), cost(call, 4))
