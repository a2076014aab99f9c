from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CustomerMetricsCommon

IR_MODEL = "odoo.addons.base.models.ir_model"


@tagged("post_install", "-at_install")
class TestCustomMetric(CustomerMetricsCommon):
    """Metrics made on screen: what they count, and what they refuse (M)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("metrics", "customer_metrics.group_metric_manager,account.group_account_invoice")
        for day, amount, partner, currency in (
            (date(2025, 6, 1), 100, cls.customer, None),
            (date(2025, 6, 30), 40, cls.branch, None),
            (date(2025, 7, 1), 7000, cls.customer, None),
            (date(2025, 5, 31), 20, cls.contact, None),
            (date(2025, 6, 10), 10, cls.customer, cls.sevens),
            (date(2025, 1, 10), 1, cls.other_customer, None),
        ):
            cls._invoice(day, amount, partner=partner, currency=currency)
        cls._invoice(date(2025, 6, 2), 999, post=False)
        cls.newcomer = cls.env["res.partner"].create({"name": "Newcomer"})

    def _metric(self, user=None, **values):
        return (
            self.Metric.with_user(user or self.manager)
            .with_company(self.company)
            .create(
                {
                    "name": "Invoices",
                    "kind": "records",
                    "model_name": "account.move",
                    "customer_field": "partner_id",
                    "date_field": "invoice_date",
                    "domain": "[('move_type', '=', 'out_invoice'), ('state', '=', 'posted')]",
                    **values,
                }
            )
        )

    def _one(self, metric, customer=None, date_to=None, months=1):
        return self._value(metric.code, customer, date_to, months)

    # === WHAT IS COUNTED === #

    def test_count_of_the_window_of_the_entity(self):
        metric = self._metric()
        self.assertRegex(metric.code, r"^custom_\d{3}$")
        self.assertEqual((metric.source, metric.plannable), ("records", True))
        # Both bounds, the branch; not the draft.
        self.assertEqual(self._one(metric), 3)
        self.assertEqual(self._one(metric, self.branch), 3)
        self.assertEqual(self._one(metric, months=2), 4)
        self.assertEqual(self._one(metric, date_to=date(2025, 8, 1)), 1)

    def test_no_data_is_not_zero(self):
        metric = self._metric()
        self.assertEqual(self._one(metric, self.other_customer), 0)  # had one before
        self.assertIsNone(self._one(metric, self.newcomer))
        metric.zero_without_records = True
        self.assertEqual(self._one(metric, self.newcomer), 0)
        largest = self._metric(operation="max", measure_field="amount_untaxed_signed", unit="money")
        self.assertIsNone(self._one(largest, self.other_customer))
        self.assertFalse(largest.plannable)

    def test_operations(self):
        for operation, measure, value in (
            ("sum", "amount_untaxed_signed", 100 + 40 + 70),
            ("avg", "amount_untaxed_signed", 70),
            ("min", "amount_untaxed_signed", 40),
            ("max", "amount_untaxed_signed", 100),
            ("count_distinct", "partner_id", 2),
            ("count_distinct", "invoice_date", 3),
        ):
            metric = self._metric(operation=operation, measure_field=measure, unit="money")
            self.assertAlmostEqual(self._one(metric), value, msg=(operation, measure))

    def test_foreign_amounts_are_converted(self):
        """The amount of the document is in its own currency: 10 HKD are 70."""
        for operation, value in (("sum", 210), ("avg", 70), ("min", 40), ("max", 100)):
            metric = self._metric(operation=operation, measure_field="amount_untaxed", unit="money")
            self.assertAlmostEqual(self._one(metric), value, msg=operation)

    def test_without_date_the_window_does_not_matter(self):
        metric = self._metric(date_field=False)
        self.assertEqual(self._one(metric), 5)
        self.assertFalse(metric.plannable)
        self.assertIsNone(self._one(metric, self.newcomer))

    def test_days_begin_on_the_clock_of_the_company(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        for moment in ("2025-05-31 15:59:59", "2025-05-31 16:00:00", "2025-06-30 16:00:00"):
            order = self._order(date(2025, 6, 1))
            order.date_order = moment
        metric = self._metric(model_name="sale.order", date_field="date_order", domain="[('state', '=', 'sale')]")
        self.assertEqual(self._one(metric), 1)
        months = metric._month_values(self.customer, date(2025, 5, 1), date(2025, 8, 1))[self.customer.id]
        self.assertEqual(months, {date(2025, 5, 1): 1, date(2025, 6, 1): 1, date(2025, 7, 1): 1})

    def test_companies_do_not_mix(self):
        other = self.setup_other_company()["company"]
        metric = self._metric()
        self.assertIsNone(
            self.Metric.with_company(other)._values(self.customer, [metric.code])[metric.code][self.customer.id]
        )
        self.assertEqual(self._one(metric), 3)

    def test_records_of_a_model_without_company(self):
        metric = self._metric(
            name="Contacts and branches",
            model_name="res.partner",
            customer_field="commercial_partner_id",
            date_field=False,
            domain="[('parent_id', '!=', False)]",
        )
        self.assertEqual(self._one(metric), 2)
        self.branch.action_archive()
        self.assertEqual(self._one(metric), 1)

    def test_archived_customer(self):
        metric = self._metric()
        self.customer.action_archive()
        self.assertEqual(self._one(metric), 3)

    def test_own_window(self):
        metric = self._metric(months=2)
        self.assertEqual(
            self.Metric._values(self.customer, [metric.code], self.DATE_TO)[metric.code], {self.customer.id: 4}
        )
        self.assertEqual(self._one(metric, months=1), 3)

    def test_queries_do_not_grow_with_customers(self):
        metrics = self._metric() + self._metric(operation="sum", measure_field="amount_untaxed", unit="money")
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        for customer in customers:
            self._invoice(date(2025, 6, 3), 5, partner=customer, currency=self.sevens)
        codes, counts = metrics.mapped("code"), {}
        self.Metric._values(customers, codes, self.DATE_TO)
        for number in (1, 10, 20):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            values = self.Metric._values(customers[:number], codes, self.DATE_TO)
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual(set(values[metrics[1].code].values()), {35})
        self.assertEqual(len(set(counts.values())), 1, counts)
        self.assertLessEqual(counts[20], 18, counts)

    def test_documents_add_up(self):
        metric = self._metric(operation="sum", measure_field="amount_untaxed_signed", unit="money")
        action = self.customer.with_user(self.manager).action_customer_figure(metric.code, "2025-07-01", 1)
        records = self.env[action["res_model"]].with_user(self.manager).search(action["domain"])
        self.assertEqual(len(records), 3)
        self.assertAlmostEqual(sum(records.mapped("amount_untaxed_signed")), self._one(metric))
        self.assertIn("Rivertown", action["name"])
        # Who may not read them is told so.
        metric = self._metric(model_name="account.bank.statement.line", date_field="create_date", domain="[]")
        leader = self._user("leader", "sales_team.group_sale_salesman_all_leads")
        with self.assertRaisesRegex(AccessError, "may not read"):
            self.customer.with_user(leader).action_customer_figure(metric.code)

    def test_figure_on_the_customer(self):
        metric = self._metric(months=24, name="Number of invoices")
        figures = {figure["code"]: figure for figure in self.customer.get_customer_trade()["figures"]}
        self.assertEqual(figures[metric.code]["name"], "Number of invoices")

    def test_try_out(self):
        metric = self._metric(date_field=False)
        params = metric.action_try_out()["params"]
        self.assertIn("2 customers", params["message"])
        self.assertIn("from 1 to 5", params["message"])
        metric.domain = "[('state', '=', 'cancel')]"
        self.assertIn("No customer", metric.action_try_out()["params"]["message"])

    # === WHO MAKES THEM, AND OF WHAT === #

    def test_only_metrics_managers_define(self):
        metric = self._metric()
        sales_manager = self._user("sales_manager", "sales_team.group_sale_manager")
        with self.assertRaises(AccessError), mute_logger(IR_MODEL):
            self._metric(user=sales_manager)
        metric = metric.with_user(sales_manager)
        metric.name = "Bills"
        metric.active = False
        for name, value in (
            ("domain", "[]"),
            ("model_name", "sale.order"),
            ("measure_field", "id"),
            ("operation", "sum"),
            ("unit", "money"),
            ("months", 3),
            ("whole_company", True),
            ("plannable", False),
        ):
            with self.assertRaisesRegex(AccessError, "Metrics Manager"):
                metric[name] = value
        with self.assertRaises(AccessError):
            metric.action_try_out()
        for key in ("install_mode", "import_file", "customer_metric_results"):
            with self.assertRaises(AccessError):
                metric.with_context(**{key: True}).domain = "[]"

    def test_built_in_ones_stay_as_they_are(self):
        metric = self.env.ref("customer_metrics.customer_metric_sales").with_user(self.manager)
        metric.name = "Turnover"
        for name, value in (("unit", "count"), ("months", 3), ("plannable", False), ("source", "receivable")):
            with self.assertRaisesRegex(UserError, "built-in"):
                metric[name] = value

    def test_what_the_manager_may_not_read(self):
        clerk = self._user("metrics_only", "customer_metrics.group_metric_manager")
        # No accounting rights, but invoices of sales are readable; bank statements are not.
        with self.assertRaisesRegex(AccessError, "may not read"):
            self._metric(user=clerk, model_name="account.bank.statement.line", date_field="create_date", domain="[]")
        for domain in (
            "[('statement_line_id.amount', '>', 5)]",
            "[('statement_line_id', '!=', False)]",
            "[('line_ids', 'any', [('statement_line_id', 'any', [('amount', '>', 5)])])]",
        ):
            with self.assertRaisesRegex(AccessError, "may not read", msg=domain):
                self._metric(user=clerk, domain=domain)
            metric = self._metric(domain=domain)
            with self.assertRaisesRegex(AccessError, "may not read", msg=domain):
                metric.with_user(clerk).months = 3
            metric.with_user(clerk).name = "Only its name"

    def test_fields_kept_for_a_group(self):
        self.assertTrue(self.env["res.partner"]._fields["signup_type"].groups)
        for domain in (
            "[('partner_id.signup_type', '!=', False)]",
            "['!', ('partner_id.signup_type', '=', 'x')]",
            "[('partner_id', 'any', [('signup_type', '!=', False)])]",
            "[('partner_id', 'any', [('child_ids', 'not any', [('signup_type', '!=', False)])])]",
        ):
            with self.assertRaisesRegex(ValidationError, "kept for a group"):
                self._metric(domain=domain)
        with self.assertRaisesRegex(ValidationError, "kept for a group"):
            self._metric(
                model_name="res.partner",
                customer_field="commercial_partner_id",
                date_field=False,
                operation="count_distinct",
                measure_field="signup_type",
                domain="[]",
            )

    def test_definitions_that_cannot_be(self):
        for message, values in (
            ("whose records", {"model_name": False}),
            ("link to one contact", {"customer_field": "line_ids"}),
            ("link to one contact", {"customer_field": "journal_id"}),
            ("link to one contact", {"customer_field": False}),
            ("a stored date", {"date_field": "state"}),
            ("a stored date", {"date_field": "nothing"}),
            ("a stored number", {"operation": "sum"}),
            ("a stored number", {"operation": "sum", "measure_field": "name"}),
            ("a stored number", {"operation": "avg", "measure_field": "amount_total_words"}),
            ("a stored field", {"operation": "count_distinct", "measure_field": "line_ids"}),
            ("doesn't have", {"domain": "[('nothing', '=', 1)]"}),
            ("doesn't have", {"domain": "[('partner_id.nothing', '=', 1)]"}),
            ("can't be read", {"domain": "[('user_id', '=', uid)]"}),
            ("can't be read", {"domain": "[('name', '=', __import__('os').getcwd())]"}),
            ("can't be read", {"domain": "[('partner_id', 'any!', [('id', '>', 0)])]"}),
            ("can't be read", {"domain": "[('partner_id', 'any', [('id', 'any!', [])])]"}),
            ("can't be read", {"domain": "[("}),
            ("can't be computed", {"domain": "[('invoice_date', '>', 'soon')]"}),
        ):
            with self.assertRaisesRegex(ValidationError, message, msg=values):
                self._metric(**values)
        for name in ("ir.attachment", "mail.message", "mail.thread", "account.payment.register", "res.country", "no"):
            with self.assertRaisesRegex(ValidationError, "whose records", msg=name):
                self._metric(model_name=name)

    def test_codes(self):
        self.assertEqual(self._metric(code="invoice_count").code, "invoice_count")
        for code in ("Invoice", "1st", "a-b", "sales", "x"):
            with self.assertRaises(ValidationError, msg=code):
                self._metric(code=code)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self._metric().code = "another"

    def test_definition_that_lost_its_ground(self):
        """A field that went with its addon takes the figure away, not the page."""
        metric = self._metric()
        self.env.cr.execute("UPDATE customer_metric SET date_field = 'gone' WHERE id = %s", [metric.id])
        self.env.invalidate_all()
        self.assertIsNone(self._one(metric))
        self.assertIn("a stored date", metric.problem)
        self.assertTrue(self.customer.get_customer_trade()["figures"])
        with self.assertRaisesRegex(UserError, "a stored date"):
            self.customer.action_customer_figure(metric.code)

    def test_deleting(self):
        metric = self._metric()
        self._target(date(2025, 6, 1), 4, metric_id=metric.id)
        with self.assertRaisesRegex(UserError, "there are targets"):
            metric.unlink()
        self.env["customer.target"].search([("metric_id", "=", metric.id)]).unlink()
        metric.unlink()
        self.assertFalse(metric.exists())

    def test_attainment_of_a_metric_made_here(self):
        counted = self._metric()
        metric = self._metric(
            name="Invoices against plan", kind="attainment", planned_metric_id=counted.id, months=1, model_name=False
        )
        self.assertEqual((metric.source, metric.unit), ("target", "percent"))
        self._target(date(2025, 6, 1), 4, metric_id=counted.id)
        self.assertEqual(self._one(metric), 75)
        with self.assertRaisesRegex(ValidationError, "can be planned"):
            self._metric(
                kind="pace", planned_metric_id=self.env.ref("customer_metrics.customer_metric_gross_margin").id
            )

    def test_form(self):
        with Form(self.Metric.with_user(self.manager).with_context(default_kind="records")) as form:
            form.name = "Orders counted"
            form.model_name = "sale.order"
            self.assertEqual((form.customer_field, form.date_field), ("partner_id", "date_order"))
            form.domain = "[('state', '=', 'sale')]"
        self._order(date(2025, 6, 3))
        self.assertEqual(self._one(form.record), 1)
