from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CODES, CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestMetricRegistry(CustomerMetricsCommon):
    def test_every_figure_has_a_record_and_a_method(self):
        metrics = self.Metric.search([])
        self.assertLessEqual(CODES, set(metrics.mapped("code")))
        built_in = set(metrics.filtered(lambda metric: metric.kind == "method").mapped("code"))
        methods = {name.removeprefix("_metric_") for name in dir(type(self.Metric)) if name.startswith("_metric_")}
        self.assertEqual(built_in, methods)
        for metric in metrics:
            self.assertTrue(hasattr(metric, f"_documents_of_{metric.source}"), metric.code)
            if metric.kind != "method":
                self.assertTrue(hasattr(metric, f"_value_of_{metric.kind}"), metric.code)
            elif metric.plannable:
                self.assertTrue(hasattr(metric, f"_by_month_{metric.code}"), metric.code)

    def test_records_stay(self):
        metric = self.env.ref("customer_metrics.customer_metric_receivable")
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            metric.sudo().unlink()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            metric.unlink()
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            metric.sudo().code = "overdue"
        metric.sudo().code = "receivable"
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            metric.sudo().kind = "records"
        with self.assertRaisesRegex(ValidationError, "made_up"):
            self.Metric.sudo().create({"name": "Made up", "code": "made_up"})
        manager = self._user("manager", "sales_team.group_sale_manager")
        metric.with_user(manager).name = "Owed to us"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.Metric.with_user(manager).create({"name": "Made up", "code": "overdue"})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            metric.with_user(self._user("seller", "sales_team.group_sale_salesman")).name = "Mine"

    def test_bad_arguments(self):
        with self.assertRaisesRegex(ValueError, "no_such_figure"):
            self.Metric._values(self.customer, ["receivable", "no_such_figure"])
        with self.assertRaisesRegex(ValueError, "at least one month"):
            self.Metric._values(self.customer, months=0)
        self.assertEqual(self.Metric._values(self.env["res.partner"], ["orders"]), {"orders": {}})
        values = self.Metric._values(self.customer + self.contact + self.other_customer)
        self.assertEqual(set(values), set(self.Metric.search([]).mapped("code")))
        for figures in values.values():
            self.assertEqual(set(figures), {self.customer.id, self.contact.id, self.other_customer.id})

    def test_archived_customer(self):
        self._order(date(2025, 6, 1), price=120)
        self.customer.action_archive()
        self.assertEqual(self._value("average_monthly_sales"), 10)

    def test_queries_do_not_grow_with_customers(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        for number, customer in enumerate(customers):
            for month in range(1, 5):
                self._order(date(2025, month, 1 + number), partner=customer)
            invoice = self._invoice(date(2025, 3, 1 + number), 100, partner=customer)
            if number % 2:
                self._pay(invoice, date(2025, 4, 1))
        self.company.customer_rhythm_date = False
        counts = {}
        # Other addons add metrics with queries of their own.
        codes = self.Metric.search([("source", "in", ("trade", "receivable"))]).mapped("code")
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            self.Metric._values(customers[:1], codes, date_to=self.DATE_TO)
            for number in (1, 10, 20):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                values = self.Metric._values(customers[:number], codes, date_to=self.DATE_TO)
                counts[basis, number] = self.env.cr.sql_log_count - before
                self.assertEqual(len(values["receivable"]), number)
                self.assertNotIn(None, values["receivable"].values())
            self.assertEqual(len({counts[basis, number] for number in (1, 10, 20)}), 1, counts)
            self.assertLessEqual(counts[basis, 20], 29, counts)
