from odoo import Command
from odoo.tests import tagged

from odoo.addons.customer_tiering.tests.common import CustomerTieringCommon


@tagged("post_install", "-at_install")
class TestCreditClass(CustomerTieringCommon):
    """What the credit standard is told about a customer's class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("customer_credit.group_credit_manager")
        cls.shop = cls._shop("Shop", 30, 1)
        cls.small = cls._shop("Small", 2, 1)
        cls.new = cls._shop("New")
        cls._tier("AAA").credit_factor = 150
        cls._tier("B").credit_factor = 0
        cls._apply()

    def test_class_and_factor(self):
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": self.shop.id})
        found = (self.shop | self.small | self.new | contact)._credit_class(self.company)
        self.assertEqual(found[self.shop.id], (self._tier("AAA").id, "AAA", 150))
        self.assertEqual(found[contact.id], found[self.shop.id])
        self.assertEqual(found[self.small.id], (self._tier("B").id, "B", None), "no rule is not a factor of zero")
        self.assertIsNone(found[self.new.id])

    def test_one_query_for_any_number(self):
        shops = self.shop | self.small
        for number in range(20):
            shops |= self._shop(f"More {number}")
        shops._credit_class(self.company)
        costs = []
        for customers in (shops[:10], shops[:20]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            customers._credit_class(self.company)
            costs.append(self.cr.sql_log_count - before)
        self.assertEqual(*costs)

    def test_badge_of_the_credit(self):
        account = self.env["credit.account"].create(
            {"partner_id": self.shop.id, "company_id": self.company.id, "mode": "none"}
        )
        self.assertEqual((account.customer_tier_id, account.customer_tier_factor), (self._tier("AAA"), 150))
        found = self.env["credit.account"].search([("customer_tier_id", "in", self._tier("AAA").ids)])
        self.assertIn(account, found)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.shop._credit_class(other)[self.shop.id])

    def test_standard_goes_by_class(self):
        standard = self.env["credit.standard"].create(
            {
                "name": "By class",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"grade": "A", "days": 30, "factor": 100}),
                    Command.create({"grade": "A", "customer_class": "B", "method": "fixed", "amount": 70, "days": 15}),
                ],
            }
        )
        classes = standard._customer_classes(self.shop | self.small | self.new, self.company)
        currency = self.company.currency_id

        def propose(customer):
            return standard._propose("A", 1000.0, currency, classes.get(customer.id))

        self.assertEqual(propose(self.shop)[1:], (1500, 30, "", 150), "its factor changes the line for all")
        self.assertEqual(propose(self.small)[1:], (70, 15, "", None), "the line that names it comes first")
        self.assertEqual(propose(self.new)[1:], (1000, 30, "", None))
