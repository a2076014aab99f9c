from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerMetricsCommon

RULES = "odoo.addons.base.models.ir_rule"
MODELS = "odoo.addons.base.models.ir_model"


@tagged("post_install", "-at_install")
class TestAccess(CustomerMetricsCommon):
    """Who sees which rows and which figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._user("own_documents", "sales_team.group_sale_salesman")
        cls.colleague = cls._user("colleague", "sales_team.group_sale_salesman")
        cls.leader = cls._user("leader", "sales_team.group_sale_salesman_all_leads")
        cls.accountant = cls._user("accountant", "account.group_account_invoice")
        cls.auditor = cls._user("auditor", "account.group_account_readonly,base.group_user")
        cls.clerk = cls._user("clerk", "base.group_user")
        cls.customer.user_id = cls.own
        cls.other_customer.user_id = cls.colleague
        # Each customer was sold to by both; one document has no salesperson.
        cls._order(date(2025, 6, 1), price=1, partner=cls.customer, user_id=cls.own.id)
        cls._order(date(2025, 6, 1), price=10, partner=cls.customer, user_id=cls.colleague.id)
        cls._order(date(2025, 6, 1), price=100, partner=cls.other_customer, user_id=cls.own.id)
        cls._order(date(2025, 6, 1), price=1000, partner=cls.other_customer, user_id=cls.colleague.id)
        order = cls._order(date(2025, 6, 1), price=10000, partner=cls.other_customer)
        order.user_id = False
        for amount, user in ((2, cls.own), (20, cls.colleague)):
            cls._invoice(date(2025, 6, 1), amount, partner=cls.other_customer, invoice_user_id=user.id)
        cls.env.flush_all()

    def _sales(self, user):
        [(sales,)] = (
            self.env["customer.trade.report"]
            .with_user(user)
            ._read_group([("company_id", "=", self.company.id)], aggregates=["sales:sum"])
        )
        return sales

    def test_report_rows(self):
        for user, sales in (
            (self.own, 10101),
            (self.colleague, 11010),
            (self.leader, 11111),
            (self.accountant, 11111),
            (self.auditor, 11111),
        ):
            self.assertEqual(self._sales(user), sales, user.login)
        # The same as Odoo's own sales analysis.
        for user in (self.own, self.colleague, self.leader):
            [(sales,)] = (
                self.env["sale.report"]
                .with_user(user)
                ._read_group(
                    [("company_id", "=", self.company.id), ("state", "=", "sale")], aggregates=["price_subtotal:sum"]
                )
            )
            self.assertEqual(self._sales(user), sales, user.login)
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self._sales(self.clerk)

    def test_receivable_rows(self):
        for user, residual in ((self.own, 2), (self.colleague, 20), (self.leader, 22), (self.accountant, 22)):
            rows = self.env["customer.receivable.report"].with_user(user).search([("company_id", "=", self.company.id)])
            self.assertEqual(sum(rows.mapped("residual")), residual, user.login)
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self.env["customer.receivable.report"].with_user(self.clerk).search([])

    def test_figures_on_the_customer(self):
        for user, of_customer, of_other in (
            (self.own, True, False),
            (self.colleague, False, True),
            (self.leader, True, True),
            (self.accountant, True, True),
            (self.auditor, True, True),
            (self.clerk, False, False),
        ):
            for partner, visible in (
                (self.customer, of_customer),
                (self.branch, of_customer),
                (self.other_customer, of_other),
            ):
                partner = partner.with_user(user)
                partner.invalidate_recordset()
                self.assertEqual(partner.customer_figures_visible, visible, user.login)
                self.assertEqual(partner.get_customer_trade()["visible"], visible, user.login)
                self.assertEqual(partner.customer_traded, visible, user.login)
                if visible:
                    self.assertTrue(partner.action_customer_figure("orders"))
                    self.assertTrue(partner.action_customer_trade())
                else:
                    self.assertEqual(partner.customer_monthly_sales, 0)
                    self.assertNotIn("figures", partner.get_customer_trade())
                    for method, arguments in (("action_customer_figure", ["orders"]), ("action_customer_trade", [])):
                        with self.assertRaises(AccessError):
                            getattr(partner, method)(*arguments)

    def test_what_tells_of_the_whole_company(self):
        for user, count in ((self.own, 0), (self.leader, 2), (self.accountant, 2)):
            trade = self.customer.with_user(user).get_customer_trade(True)
            self.assertEqual(len(trade["figures"]), count, user.login)
            codes = {figure["code"] for figure in self.customer.with_user(user).get_customer_trade()["figures"]}
            self.assertFalse({"sales_share", "margin_share"} & codes)

    def test_the_form_opens_for_everybody(self):
        for user in (self.own, self.colleague, self.leader, self.accountant, self.auditor, self.clerk):
            arch = self.env["res.partner"].with_user(user).get_view(view_type="form")["arch"]
            self.assertEqual('name="customer_trade"' in arch, user != self.clerk, user.login)

    def test_companies(self):
        other = self.setup_other_company()["company"]
        self.assertTrue(self._sales(self.leader))
        self.env["sale.order"].search([("company_id", "=", self.company.id)])
        outsider = self._user("outsider", "sales_team.group_sale_manager,account.group_account_invoice")
        outsider.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in ("customer.trade.report", "customer.receivable.report"):
            self.assertFalse(self.env[model].with_user(outsider).with_company(other).search([]), model)
        # The figures are those of the company that the user works in.
        self.assertIsNone(
            self.Metric.with_user(outsider)
            .with_company(other)
            ._values(self.customer, ["orders"])["orders"][self.customer.id]
        )

    def test_values_cannot_be_called_from_outside(self):
        self.assertTrue(self.Metric._values.__name__.startswith("_"))
        for name in dir(type(self.Metric)):
            if name.startswith(("metric_", "trade_", "receivable_")):
                self.fail(f"{name} could be called by any user")
