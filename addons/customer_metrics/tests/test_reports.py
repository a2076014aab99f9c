from datetime import date, timedelta

from odoo.tests import tagged

from .common import CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestReports(CustomerMetricsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"]
        for number, (day, price, partner) in enumerate(
            (
                (date(2025, 5, 3), 100, cls.customer),
                (date(2025, 5, 9), 33.33, cls.branch),
                (date(2025, 6, 1), 250, cls.contact),
                (date(2025, 6, 30), 71.5, cls.other_customer),
                (date(2025, 6, 30), 1000, cls.other_customer),
            )
        ):
            currency = cls.sevens if number == 4 else None
            cls.orders += cls._order(day, price=price, quantity=3, partner=partner, currency=currency)
        cls.invoices = cls.env["account.move"]
        for order in cls.orders[:4]:
            cls.invoices += cls._bill_order(order, order.date_order.date() + timedelta(days=5))
        cls.refund = cls._reverse(cls.invoices[0], date(2025, 6, 20), quantity=1)

    def test_sums_are_the_sums_of_the_documents(self):
        orders = sum(order.currency_id.round(order.amount_untaxed / order.currency_rate) for order in self.orders)
        expected = {
            "order": orders - 100,
            "invoice": sum((self.invoices + self.refund).mapped("amount_untaxed_signed")),
        }
        self.assertAlmostEqual(expected["order"], 300 + 99.99 + 750 + 214.5 + 21000 - 100, 2)
        for basis, sales in expected.items():
            self.company.customer_sales_basis = basis
            self.env.flush_all()
            [(total, margin, cost, count)] = self.env["customer.trade.report"]._read_group(
                [("company_id", "=", self.company.id)],
                aggregates=["sales:sum", "margin:sum", "cost:sum", "order_count:sum"],
            )
            self.assertAlmostEqual(total, sales, 2, basis)
            self.assertAlmostEqual(margin + cost, sales, 2, basis)
            self.assertEqual(count, 5 if basis == "order" else 4)
            by_customer = dict(
                self.env["customer.trade.report"]._read_group(
                    [("company_id", "=", self.company.id)], ["partner_id"], ["sales:sum"]
                )
            )
            self.assertEqual(set(by_customer), {self.customer, self.other_customer}, basis)
            # Two ways to the same figure.
            for customer, amount in by_customer.items():
                self.assertAlmostEqual(
                    self._value("average_monthly_sales", customer, date(2025, 8, 1)) * 12, amount, delta=0.07
                )

    def test_rows_have_ids_of_their_own(self):
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            self.env.invalidate_all()
            rows = self.env["customer.trade.report"].search([("company_id", "=", self.company.id)])
            self.assertEqual(len(set(rows.ids)), len(rows))
            for row in rows:
                again = self.env["customer.trade.report"].search([("id", "=", row.id)])
                self.assertEqual(again.partner_id, row.partner_id)

    def test_rows_open_their_documents(self):
        rows = self.env["customer.trade.report"].search([("partner_id", "=", self.customer.id)], order="date")
        found = self.env["sale.order"]
        for row in rows:
            documents = self.env["sale.order"].search(row.action_open_documents()["domain"])
            self.assertEqual(len(documents), row.order_count)
            found |= documents
        self.assertEqual(found, self.orders[:3])
        self.company.customer_sales_basis = "invoice"
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.env["customer.trade.report"].search(
            [("partner_id", "=", self.other_customer.id), ("date", "=", "2025-07-01")]
        )
        self.assertEqual(self.env["account.move"].search(row.action_open_documents()["domain"]), self.invoices[3])

    def test_receivable_rows(self):
        invoice = self.invoices[2]  # 750, due 6 June
        self._pay(invoice, date(2025, 6, 10), 700)
        self._pay(invoice, date(2025, 6, 16), 50)
        Report = self.env["customer.receivable.report"]
        row = Report.search([("move_id", "=", invoice.id)])
        self.assertEqual(
            (row.partner_id, row.kind, row.state, row.date_settled, row.days_late, row.amount, row.residual),
            (self.customer, "invoice", "settled", date(2025, 6, 16), 10, 750, 0),
        )
        row = Report.search([("move_id", "=", self.refund.id)])
        self.assertEqual((row.kind, row.state, row.amount, row.residual), ("refund", "settled", -100, 0))
        self.assertFalse(row.days_late)
        # Odoo applies a reversal to its invoice: 200 of 300 are left.
        row = Report.search([("move_id", "=", self.invoices[0].id)])
        self.assertEqual((row.state, row.amount, row.residual, row.date_settled), ("overdue", 300, 200, False))
        loose = self._invoice(date(2025, 6, 20), 40, move_type="out_refund")
        row = Report.search([("move_id", "=", loose.id)])
        self.assertEqual(
            (row.kind, row.state, row.ageing, row.residual, row.overdue), ("refund", "credit", "credit", -40, 0)
        )
        row = Report.search([("move_id", "=", self.invoices[1].id)])
        self.assertEqual((row.state, row.residual, row.overdue, row.ageing), ("overdue", 99.99, 99.99, "4"))
        self.assertEqual(row.days_late, (self.company._customer_today() - date(2025, 5, 14)).days)
        self.assertEqual(row.action_open_document()["res_id"], self.invoices[1].id)
        payments = Report.search([("kind", "=", "payment"), ("partner_id", "=", self.customer.id)])
        self.assertEqual(sum(payments.mapped("amount")), -750)
        # The residuals add up to Odoo's own figure and to the metric.
        [(residual, overdue)] = Report._read_group(
            [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)],
            aggregates=["residual:sum", "overdue:sum"],
        )
        self.assertAlmostEqual(residual, self.customer.credit, 2)
        values = self.Metric._values(self.customer, ["receivable", "overdue"])
        self.assertAlmostEqual(values["receivable"][self.customer.id], residual, 2)
        self.assertAlmostEqual(values["overdue"][self.customer.id], overdue, 2)

    def test_ageing_boundaries(self):
        today = self.company._customer_today()
        Report = self.env["customer.receivable.report"]
        for days, state, ageing in (
            (-1, "open", "0"),
            (0, "open", "0"),
            (1, "overdue", "1"),
            (30, "overdue", "1"),
            (31, "overdue", "2"),
            (60, "overdue", "2"),
            (61, "overdue", "3"),
            (90, "overdue", "3"),
            (91, "overdue", "4"),
        ):
            due = today - timedelta(days=days)
            invoice = self._invoice(today - timedelta(days=120), 10, due=due)
            row = Report.search([("move_id", "=", invoice.id)])
            self.assertEqual((row.state, row.ageing, row.days_late), (state, ageing, max(0, days)), days)

    def test_trade_page(self):
        today = self.company._customer_today()
        self._order(today, price=480, quantity=1)
        trade = self.customer.get_customer_trade()
        self.assertEqual(len(trade["months"]), 24)
        self.assertEqual(trade["months"][-1]["label"], today.strftime("%Y-%m"))
        self.assertEqual(trade["months"][-1]["sales"], 480)
        self.assertEqual(trade["months"][-1]["margin"], 420)
        self.assertEqual(trade, self.contact.get_customer_trade())
        shares = self.customer.get_customer_trade(True)
        self.assertEqual([figure["code"] for figure in shares["figures"]], ["sales_share", "margin_share"])
        figures = {figure["code"]: figure for figure in trade["figures"] + shares["figures"]}
        self.assertEqual(set(figures), set(self.Metric.search([]).mapped("code")))
        self.assertEqual(figures["days_since_order"]["value"], 0)
        self.env.ref("customer_metrics.customer_metric_orders").active = False
        self.assertNotIn("orders", {figure["code"] for figure in self.customer.get_customer_trade()["figures"]})

    def test_smart_button(self):
        newcomer = self.env["res.partner"].create({"name": "Newcomer"})
        self._order(self.company._customer_today(), price=1200, partner=self.other_customer)
        self.env.flush_all()
        self.assertFalse(newcomer.customer_traded)
        self.assertTrue(self.other_customer.customer_traded)
        self.assertEqual(
            self.other_customer.customer_monthly_sales,
            self.Metric._values(self.other_customer, ["average_monthly_sales"])["average_monthly_sales"][
                self.other_customer.id
            ],
        )
        self.assertFalse(self.env["res.partner"].new({"name": "Not saved"}).customer_traded)
