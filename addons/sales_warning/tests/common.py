from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command

from odoo.addons.customer_metrics.tests.common import CustomerMetricsCommon


class SalesWarningCommon(CustomerMetricsCommon):
    """The shipped rules, all of them off but that for incidents, and people of every role.

    Today is Monday, 14 July 2025. `cls.seller` is the salesperson of `cls.customer`, `cls.leader` leads the team.
    """

    TODAY = date(2025, 7, 14)

    @classmethod
    def setUpClass(cls):
        frozen = freeze_time(cls.TODAY)
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_warning.group_warning_director")
        cls.reader = cls._user("warning_reader", "sales_warning.group_warning_reader")
        cls.handler = cls._user("warning_handler", "sales_warning.group_warning_handler")
        cls.manager = cls._user("warning_manager", "sales_warning.group_warning_manager")
        cls.director = cls._user("warning_director", "sales_warning.group_warning_director")
        cls.leader = cls._user("warning_leader", "sales_team.group_sale_salesman")
        cls.seller = cls._user("warning_seller", "sales_team.group_sale_salesman")
        cls.other_seller = cls._user("warning_other_seller", "sales_team.group_sale_salesman")
        cls.clerk = cls._user("warning_clerk", "base.group_user")
        cls.portal = cls._user("warning_portal", "base.group_portal")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "South",
                "company_id": cls.company.id,
                "user_id": cls.leader.id,
                "crm_team_member_ids": [Command.create({"user_id": cls.seller.id})],
            }
        )
        cls.customer.user_id = cls.seller
        cls.other_customer.user_id = cls.other_seller
        cls.env["warning.rule"].sudo().search([("kind", "!=", "incident")]).write({"state": "off"})
        cls.Case = cls.env["warning.case"].sudo()
        cls.Run = cls.env["warning.run"].sudo()

    @classmethod
    def _rule(cls, name, **values):
        """Return a shipped rule, switched on for the company of the tests alone."""
        rule = cls.env.ref(f"sales_warning.warning_rule_{name}").sudo()
        rule.write({"state": "on", "company_id": cls.company.id, **values})
        return rule

    @classmethod
    def _overdue_rule(cls, **values):
        return cls._rule("overdue", **values)

    @classmethod
    def _limit(cls, customers, amount):
        """Give customers a credit limit, wherever limits are kept in this database."""
        customers.sudo().credit_limit = amount
        if "credit.account" in cls.env:
            cls.env["credit.account"].sudo().create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": cls.company.id,
                        "mode": "amount",
                        "credit_limit": amount,
                    }
                    for customer in customers
                ]
            )

    def _night(self, day=None):
        """Do what the scheduled action does in the night to a day, in the transaction of the test."""
        with freeze_time(datetime.combine(day or self.TODAY, datetime.min.time()) + timedelta(hours=2)):
            for run in self.Run._make_due():
                run._process()
            while self.Run._carry_out():
                pass
            self.Case._wake()
            self.Case._escalate_due()

    def _nights(self, first, last, step=1):
        day = first
        while day <= last:
            self._night(day)
            day += timedelta(days=step)

    def _cases(self, customer=None, **values):
        domain = [("partner_id", "=", (customer or self.customer).id)]
        return self.Case.search(domain + [(name, "=", value) for name, value in values.items()], order="id")

    def _case(self, customer=None):
        """Return a red case on an invoice that is 40 days overdue."""
        customer = customer or self.customer
        if not customer.invoice_ids:
            due = self.TODAY - timedelta(days=40)
            self._invoice(due, 500, partner=customer)
        self._overdue_rule()
        self._night()
        return self._cases(customer)

    @classmethod
    def _orders(cls, first, last, every, customer=None, amount=1000):
        """Confirm an order every so many days of [first, last]."""
        day = first
        while day <= last:
            cls._order(day, amount, partner=customer)
            day += timedelta(days=every)

    @staticmethod
    def _months(first, number):
        return [first + relativedelta(months=count) for count in range(number)]
