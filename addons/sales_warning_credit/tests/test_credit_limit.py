from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.sales_warning.tests.common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestCreditLimit(SalesWarningCommon):
    """W1: what a customer owes is compared with the limit of the credit account, as it holds today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("customer_credit.group_credit_manager")
        cls.account = cls._account(cls.customer, mode="amount", credit_limit=1000)
        cls.rule = cls._rule("limit")

    @classmethod
    def _account(cls, customer, **values):
        return cls.env["credit.account"].create({"partner_id": customer.id, "company_id": cls.company.id, **values})

    def limits(self, customers):
        metric = self.env["customer.metric"].sudo().with_company(self.company)
        return metric._values(customers, ["credit_limit"])["credit_limit"]

    def test_limit_of_today(self):
        customers = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Cash", "Free", "Unknown")]
        )
        cash, free, unknown = customers
        self._account(cash, mode="none")
        self._account(free, mode="unlimited")
        self.account.temporary_limit_ids = [
            Command.create(
                {
                    "amount": amount,
                    "date_from": self.TODAY + timedelta(days=first),
                    "date_to": self.TODAY + timedelta(days=last),
                    "reason": "Season",
                }
            )
            for amount, first, last in ((300, -5, 5), (70, -5, 0), (9000, 1, 5))
        ]
        self.company.write({"credit_default_mode": "amount", "credit_default_limit": 50})
        found = self.limits(customers | self.customer)
        self.assertEqual(found, {self.customer.id: 1300.0, cash.id: 0.0, free.id: None, unknown.id: 50.0})
        exposures = (customers | self.customer)._credit_exposure(self.company)
        self.assertEqual(found, {key: exposure.limit for key, exposure in exposures.items()}, "as the gate has it")

    def test_warns_by_the_account(self):
        """A limit that only Odoo's accounting would know doesn't count; a temporary one does."""
        self.customer.with_company(self.company).sudo().credit_limit = 999999
        self._invoice(self.TODAY, 950)
        self._night()
        case = self._cases()
        self.assertEqual(case.level, "amber")
        self.assertRegex(case.sentence, r"is 95 % of Credit Limit .*1,000\.00")
        self._invoice(self.TODAY, 100)
        self._night(self.TODAY + timedelta(days=1))
        self.assertEqual(case.level, "red")
        self.account.temporary_limit_ids = [
            Command.create(
                {
                    "amount": 500,
                    "date_from": self.TODAY,
                    "date_to": self.TODAY + timedelta(days=30),
                    "reason": "Season",
                }
            )
        ]
        for day in (2, 3):
            self._night(self.TODAY + timedelta(days=day))
        self.assertEqual(case.state, "closed")

    def test_without_credit_anything_is_too_much(self):
        self._account(self.other_customer, mode="none")
        self._invoice(self.TODAY, 10, partner=self.other_customer)
        self._night()
        self.assertEqual(self._cases(self.other_customer).level, "red")

    def test_one_query_for_any_number(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(8)]
        )
        for customer in customers[::2]:
            self._account(customer, mode="amount", credit_limit=10)
        self.limits(customers)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["customer.metric"].sudo()._metric_credit_limit(customers, self.TODAY, 1)
