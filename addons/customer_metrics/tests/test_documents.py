from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CODES, CustomerMetricsCommon

MONTHS = 6


@tagged("post_install", "-at_install")
class TestDocuments(CustomerMetricsCommon):
    """The documents behind each figure are found on one click, and add up to it (M)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.customer_rhythm_date = False
        # Windows begin and end within a month; documents lie on either side of both bounds.
        cls.date_to = date(2025, 6, 18)
        days = (
            ("2024-06-18", 70),
            ("2024-12-17", 1000),
            ("2024-12-18", 210),
            ("2025-01-09", 330),
            ("2025-02-20", 120.5),
            ("2025-04-02", 99.99),
            ("2025-05-30", 415),
            ("2025-06-17", 88),
            ("2025-06-18", 5000),
        )
        cls.invoices = cls.env["account.move"]
        for number, (text, price) in enumerate(days):
            [day] = cls._days(text)
            order = cls._order(
                day,
                price=price,
                quantity=2,
                partner=(cls.customer, cls.branch)[number % 2],
                product=(cls.product, cls.other_product)[number // 4 % 2],
            )
            invoice = cls._bill_order(order, day)
            cls.invoices += invoice
            if number in (2, 5):
                cls._pay(invoice, day + timedelta(days=12), invoice.amount_total / 2)
            if number == 3:
                cls._pay(invoice, day + timedelta(days=40))
        cls.refund = cls._reverse(cls.invoices[4], date(2025, 3, 1), quantity=1)
        cls._order(date(2025, 5, 5), price=777, partner=cls.other_customer)
        cls._expense(date(2025, 1, 2), 40)
        cls._expense(date(2025, 6, 17), 15)
        cls._expense(date(2025, 6, 18), 4000)
        cls._expense(date(2025, 5, 17), 3000, post=False)
        for month in range(1, 7):
            cls._target(date(2025, month, 1), 500)
            cls._target(date(2025, month, 1), 30, "expense")
        cls.env.flush_all()

    def _rows(self, code, customer=None, date_to=None, months=MONTHS):
        """Return the records that a click on the figure lists, in the context of the list."""
        action = (customer or self.customer).action_customer_figure(code, (date_to or self.date_to).isoformat(), months)
        self.env.invalidate_all()
        return self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])

    def _figure(self, code, months=MONTHS):
        return self._value(code, date_to=self.date_to, months=months)

    def _each_basis(self):
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            with self.subTest(basis=basis):
                yield

    def test_sums_of_trade(self):
        for _basis in self._each_basis():
            rows = self._rows("sales")
            sales, margin = sum(rows.mapped("sales")), sum(rows.mapped("margin"))
            self.assertAlmostEqual(sales, 2 * (210 + 330 + 120.5 + 99.99 + 415 + 88) - 120.5, 2)
            self.assertEqual(rows.partner_id, self.customer)
            self.assertAlmostEqual(self._figure("sales"), sales, 2)
            self.assertAlmostEqual(self._figure("margin"), sum(self._rows("margin").mapped("margin")), 2)
            self.assertAlmostEqual(
                self._figure("average_monthly_sales"),
                sum(self._rows("average_monthly_sales").mapped("sales")) / MONTHS,
                2,
            )
            self.assertAlmostEqual(self._figure("gross_margin"), 100 * margin / sales)
            self.assertEqual(self._figure("orders"), len(self._rows("orders")))
            rows = self._rows("returns")
            returned = sum(rows.mapped("returned"))
            self.assertEqual(returned, 120.5)
            self.assertAlmostEqual(self._figure("returns"), 100 * returned / (sum(rows.mapped("sales")) + returned))

    def test_growth(self):
        for _basis in self._each_basis():
            self.assertIsNone(self._figure("growth", 12))
            self.assertFalse(self._rows("growth", months=12).filtered(lambda row: row.date < date(2024, 6, 18)))
            rows = self._rows("growth", months=12, date_to=date(2025, 6, 19))
            earlier = rows.filtered(lambda row: row.date < date(2024, 6, 19))
            before, now = (sum(part.mapped("sales")) for part in (earlier, rows - earlier))
            self.assertEqual(before, 140)
            self.assertAlmostEqual(self._value("growth", date_to=date(2025, 6, 19)), 100 * now / before - 100)

    def test_rhythm(self):
        for _basis in self._each_basis():
            last = max(self._rows("days_since_order").mapped("date"))
            self.assertEqual(self._figure("days_since_order"), (self.date_to - last).days - 1)
            days = sorted(set(self._rows("usual_interval").mapped("date")))
            gaps = [(after - before).days for before, after in zip(days, days[1:], strict=False)]
            self.assertEqual(self._figure("usual_interval"), median(gaps))
            self.assertEqual(self._rows("silence_probability"), self._rows("usual_interval"))
            self.assertTrue(self._figure("silence_probability"))

    def test_products(self):
        for _basis in self._each_basis():
            rows = self._rows("product_breadth")
            self.assertEqual(self._figure("product_breadth"), len(rows.product_id))
            self.assertEqual(len(rows), 6)
            self.assertEqual(self._figure("product_breadth", 1), 1)
            self.assertEqual(len(self._rows("product_breadth", months=1).product_id), 1)

    def test_shares(self):
        documents = self.env["customer.trade.document"].search(
            [("company_id", "=", self.company.id), ("date", ">=", "2024-12-18"), ("date", "<", "2025-06-18")]
        )
        for code, name in (("sales_share", "sales"), ("margin_share", "margin")):
            total = sum(documents.mapped(name))
            self.assertAlmostEqual(self._figure(code), 100 * sum(self._rows(code).mapped(name)) / total)

    def test_receivables_of_a_past_day(self):
        """Told as they were on that day, though some were paid and others made since."""
        later = self._pay(self.invoices[6], date(2025, 6, 20))
        self.assertTrue(later)
        for date_to in (date(2025, 3, 1), date(2025, 6, 18), date(2025, 6, 21), date(2025, 7, 1)):
            rows = self._rows("receivable", date_to=date_to)
            self.assertAlmostEqual(self._value("receivable", date_to=date_to), sum(rows.mapped("residual")), 2)
            rows = self._rows("overdue", date_to=date_to)
            self.assertAlmostEqual(self._value("overdue", date_to=date_to), sum(rows.mapped("overdue")), 2)
            oldest = min(self._rows("overdue_days", date_to=date_to).mapped("date_maturity"))
            self.assertEqual(self._value("overdue_days", date_to=date_to), (date_to - oldest).days - 1)
        self.assertNotEqual(
            self._value("receivable", date_to=date(2025, 6, 18)), self._value("receivable", date_to=date(2025, 7, 1))
        )

    def test_receivables_of_today(self):
        today = self.company._customer_today()
        tomorrow = today + timedelta(days=1)
        action = self.customer.action_customer_figure("receivable")
        self.assertFalse(action["context"])
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertAlmostEqual(self._value("receivable", date_to=tomorrow), sum(rows.mapped("residual")), 2)
        self.assertAlmostEqual(self.customer.credit, sum(rows.mapped("residual")), 2)

    def test_punctuality(self):
        for months in (1, 6, 12):
            rows = self._rows("days_late", months=months)
            amount = sum(rows.mapped("amount"))
            self.assertAlmostEqual(self._figure("days_late", months), sum(rows.mapped("amount_days")) / amount)
            self.assertAlmostEqual(self._figure("on_time", months), 100 * sum(rows.mapped("amount_on_time")) / amount)
        # Half of it paid 12 days late, half still open; the credited part was never due.
        rows = self._rows("on_time").filtered(lambda row: row.move_id == self.invoices[2])
        self.assertEqual(sorted(rows.mapped("days_late")), [12, 181])
        self.assertEqual(sorted(rows.mapped(lambda row: bool(row.date_paid))), [False, True])
        rows = self._rows("on_time").filtered(lambda row: row.move_id == self.invoices[4])
        self.assertEqual(rows.amount, 120.5)
        for row in self._rows("on_time"):
            self.assertEqual(row.action_open_document()["res_id"], row.move_id.id)

    def test_expenses(self):
        rows = self._rows("expense")
        self.assertEqual(sum(rows.mapped("amount_company")), 55)
        self.assertEqual(self._figure("expense"), 55)
        self.assertEqual(self._rows("expense_ratio"), rows)
        self.assertAlmostEqual(self._figure("expense_ratio"), 100 * 55 / self._figure("sales"))

    def test_targets(self):
        for code, metric in (("plan_attainment", "sales"), ("budget_used", "expense")):
            rows = self._rows(code)
            self.assertEqual(rows.metric_id.code, metric)
            self.assertEqual(len(rows), 6)
            self.assertAlmostEqual(
                self._figure(code), 100 * sum(rows.mapped("reached")) / sum(rows.mapped("amount")), msg=code
            )
        self.assertEqual(self._rows("plan_pace"), self._rows("plan_attainment"))
        for row in self._rows("plan_attainment", months=2)[1]:
            action = row.action_open_documents()
            documents = self.env[action["res_model"]].search(action["domain"])
            self.assertAlmostEqual(sum(documents.mapped("sales")), row.reached)

    def test_rows_open_their_documents(self):
        for basis, number in (("order", 7), ("invoice", 7)):
            self.company.customer_sales_basis = basis
            rows = self._rows("sales")
            self.assertEqual(len(rows), number)
            for row in rows:
                action = row.action_open_document()
                document = self.env[action["res_model"]].browse(action["res_id"])
                self.assertEqual(document.name, row.name)
                self.assertEqual(document, row.order_id or row.move_id)
                self.assertEqual(
                    row.kind, "refund" if document == self.refund else "order" if row.order_id else "invoice"
                )

    def test_every_figure_opens_something(self):
        figures = self.customer.get_customer_trade()["figures"] + self.customer.get_customer_trade(True)["figures"]
        with patch.object(type(self.company), "_customer_today", lambda company: date(2025, 6, 17)):
            for figure in figures:
                if figure["code"] not in CODES:
                    continue  # of another addon, with documents of its own
                action = self.customer.action_customer_figure(figure["code"])
                rows = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
                self.assertTrue(rows, figure["code"])
                self.assertIn(figure["name"], action["name"])
        with self.assertRaisesRegex(UserError, "no_such_figure"):
            self.customer.action_customer_figure("no_such_figure")

    def test_access(self):
        own = self._user("own_documents", "sales_team.group_sale_salesman")
        stranger = self._user("stranger", "sales_team.group_sale_salesman")
        self.customer.user_id = own
        for code in ("sales", "receivable", "days_late", "expense", "plan_pace"):
            self.assertTrue(self.customer.with_user(own).action_customer_figure(code))
            with self.assertRaises(AccessError):
                self.customer.with_user(stranger).action_customer_figure(code)
        with self.assertRaises(AccessError):
            self.customer.with_user(own).action_customer_figure("sales_share")
        # Own documents only: the rows are those of Odoo's own lists.
        orders = self.env["sale.order"].search([("company_id", "=", self.company.id)])
        (orders.user_id, orders.invoice_ids.invoice_user_id) = (own, own)
        self.refund.invoice_user_id = own
        self.invoices[2].invoice_user_id = stranger
        self.invoices[2].line_ids.sale_line_ids.order_id.user_id = stranger
        self.env.flush_all()
        for model in ("customer.trade.document", "customer.payment.report", "customer.receivable.report"):
            domain = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
            rows, of_own, of_stranger = (
                self.env[model].with_user(user).search(domain) for user in (self.env.user, own, stranger)
            )
            self.assertTrue(of_own and of_stranger, model)
            self.assertEqual(of_stranger.user_id, stranger, model)
            self.assertEqual(of_own.user_id, own, model)
            unassigned = rows.filtered(lambda row: not row.user_id)
            self.assertEqual(len(rows) + len(unassigned), len(of_own) + len(of_stranger), model)
