from datetime import date, datetime

from odoo import Command
from odoo.tests import tagged

from .common import CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestTrade(CustomerMetricsCommon):
    """Sales, margin and what follows from them, on documents whose figures are known by hand (M)."""

    def test_average_monthly_sales_and_margin(self):
        self._order(date(2025, 6, 15), price=100, quantity=30)  # 3,000, cost 1,800
        self._order(date(2025, 1, 10), price=80, quantity=20)  # 1,600, cost 1,200
        self._order(date(2025, 6, 16), price=999, quantity=9, confirm=False)
        self.assertEqual(self._value("average_monthly_sales"), 383.33)  # 4,600 / 12
        self.assertEqual(self._value("average_monthly_sales", months=1), 3000)
        self.assertAlmostEqual(self._value("gross_margin"), 100 * 1600 / 4600)
        self.assertEqual(self._value("orders"), 2)

    def test_window_is_half_open(self):
        self._order(datetime(2025, 6, 1, 0, 0, 0), price=1)
        self._order(datetime(2025, 6, 30, 23, 59, 59), price=10)
        self._order(datetime(2025, 7, 1, 0, 0, 0), price=100)
        self._order(datetime(2025, 5, 31, 23, 59, 59), price=1000)
        self.assertEqual(self._value("average_monthly_sales", months=1), 11)
        self.assertEqual(self._value("average_monthly_sales", months=1, date_to=date(2025, 8, 1)), 100)

    def test_days_begin_on_the_clock_of_the_company(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        self._order(datetime(2025, 5, 31, 15, 59, 59), price=1)  # 31 May, 23:59:59
        self._order(datetime(2025, 5, 31, 16, 0, 0), price=10)  # 1 June, 00:00
        self._order(datetime(2025, 6, 30, 16, 0, 0), price=100)  # 1 July, 00:00
        self.assertEqual(self._value("average_monthly_sales", months=1), 10)
        self.assertEqual(self._value("days_since_order", date_to=date(2025, 7, 2)), 0)
        report = self.env["customer.trade.report"].search([("partner_id", "=", self.customer.id)], order="date")
        self.assertEqual(report.mapped("date"), self._days("2025-05-01", "2025-06-01", "2025-07-01"))
        self.assertEqual(report.mapped("sales"), [1, 10, 100])
        self.assertEqual(self.env["sale.order"].search(report[1].action_open_documents()["domain"]).amount_untaxed, 10)

    def test_foreign_currency_is_converted_once_at_the_rate_of_the_order(self):
        order = self._order(date(2025, 6, 10), price=1000, currency=self.sevens)
        self.assertEqual(order.currency_id, self.sevens)
        self.env["res.currency.rate"].create(
            {"currency_id": self.sevens.id, "name": "2025-06-20", "rate": 1 / 8, "company_id": self.company.id}
        )
        self.assertEqual(self._value("average_monthly_sales", months=1), 7000)
        # The cost of 60 is in company currency from the start: 60 / 7 on the order and back.
        self.assertAlmostEqual(self._value("gross_margin"), 100 * (7000 - 60) / 7000, 2)
        self.company.customer_sales_basis = "invoice"
        self._bill_order(order, date(2025, 6, 11))
        self.assertEqual(self._value("average_monthly_sales", months=1), 7000)
        self.assertAlmostEqual(self._value("gross_margin"), 100 * (7000 - 60) / 7000, 2)

    def test_contacts_and_branches_are_one_customer(self):
        self._order(date(2025, 6, 1), price=300, partner=self.branch)
        self._order(date(2025, 6, 2), price=500, partner=self.contact)
        for customer in (self.customer, self.branch, self.contact):
            self.assertEqual(self._value("average_monthly_sales", customer, months=1), 800)
        report = self.env["customer.trade.report"].search([("date", "=", "2025-06-01")])
        self.assertEqual(report.partner_id, self.customer)
        self.assertEqual(report.sales, 800)

    def test_two_companies_do_not_mix(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self._order(date(2025, 6, 1), price=300)
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": 500, "tax_ids": False})
                    ],
                }
            )
        )
        order.action_confirm()
        order.date_order = datetime(2025, 6, 5)
        self.assertEqual(self._value("average_monthly_sales", months=1), 300)
        self.assertEqual(self._value("average_monthly_sales", months=1, company=other), 500)
        self.assertEqual(self._value("sales_share", company=other), 100)
        # Each with its own basis.
        other.customer_sales_basis = "invoice"
        self.assertIsNone(self._value("average_monthly_sales", months=1, company=other))
        self.assertEqual(self._value("average_monthly_sales", months=1), 300)

    def test_no_data_is_not_zero(self):
        for code in self.Metric.search([]).mapped("code"):
            self.assertIsNone(self._value(code), code)
        self._order(date(2023, 1, 15), price=100)
        self.assertEqual(self._value("average_monthly_sales"), 0)
        self.assertEqual(self._value("orders"), 0)
        self.assertEqual(self._value("product_breadth"), 0)
        self.assertEqual(self._value("days_since_order"), 897)
        for code in ("gross_margin", "growth", "returns", "usual_interval", "silence_probability", "receivable"):
            self.assertIsNone(self._value(code), code)
        # Nobody traded: there is no whole to have a share of.
        self.assertIsNone(self._value("sales_share"))
        self._order(date(2025, 6, 1), partner=self.other_customer)
        self.assertEqual(self._value("sales_share"), 0)
        self.assertEqual(self._value("average_monthly_sales", date_to=date(2023, 1, 15)), None)

    def test_growth(self):
        self._order(date(2025, 6, 1), price=300)
        self.assertIsNone(self._value("growth", months=3))
        self._order(date(2024, 4, 1), price=200)
        self._order(date(2024, 3, 31), price=5000)
        self.assertEqual(self._value("growth", months=3), 50)
        self.assertEqual(self._value("growth", self.customer, date(2025, 4, 30), 1), -100)

    def test_shares(self):
        self._order(date(2025, 6, 1), price=300)  # margin 240
        self._order(date(2025, 6, 1), price=100, partner=self.other_customer)  # margin 40
        self._order(date(2025, 6, 1), price=80, quantity=5, partner=self.other_customer)  # margin 100
        self.assertEqual(self._value("sales_share"), 37.5)
        self.assertAlmostEqual(self._value("margin_share"), 100 * 240 / 380)
        self.assertEqual(self._value("sales_share", self.other_customer), 62.5)

    def test_breadth(self):
        self._order(date(2025, 6, 1))
        order = self._order(date(2025, 6, 2), product=self.other_product)
        self._order(date(2025, 6, 3))
        self.assertEqual(self._value("product_breadth"), 2)
        self.assertEqual(self._value("product_breadth", date_to=date(2025, 6, 2)), 1)
        self.company.customer_sales_basis = "invoice"
        self.assertIsNone(self._value("product_breadth"))
        self._bill_order(order, date(2025, 6, 2))
        self.assertEqual(self._value("product_breadth"), 1)

    # === CREDIT NOTES === #

    def test_credit_note_is_deducted_whatever_the_basis(self):
        order = self._order(date(2025, 5, 10), quantity=10)  # 1,000, cost 600
        invoice = self._bill_order(order, date(2025, 5, 12))
        self._reverse(invoice, date(2025, 6, 3), quantity=2)  # 200, cost 120
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            self.assertEqual(self._value("average_monthly_sales", months=1), -200, basis)
            self.assertEqual(self._value("average_monthly_sales", months=2), 400, basis)
            self.assertAlmostEqual(self._value("gross_margin"), 40, msg=basis)
            self.assertEqual(self._value("returns"), 20, basis)
            self.assertEqual(self._value("orders"), 1, basis)
            rows = self.env["customer.trade.report"].search([("partner_id", "=", self.customer.id)], order="date")
            self.assertEqual(rows.mapped("sales"), [1000, -200], basis)
            self.assertEqual(rows.mapped("cost"), [600, -120], basis)
            self.assertEqual(rows.mapped("returned"), [0, 200], basis)
            self.assertEqual(rows.mapped("refund_count"), [0, 1], basis)
            refunds = self.env["account.move"].search(rows[1].action_open_refunds()["domain"])
            self.assertEqual(refunds, invoice.reversal_move_ids, basis)

    def test_credit_note_followed_by_a_new_invoice_takes_nothing_back(self):
        order = self._order(date(2025, 5, 10), quantity=10)
        invoice = self._bill_order(order, date(2025, 5, 12))
        replacement = self._reverse(invoice, date(2025, 6, 3), modify=True)
        replacement.invoice_date = date(2025, 6, 4)
        replacement.action_post()
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            self.assertEqual(self._value("average_monthly_sales", months=2), 500, basis)
            self.assertEqual(self._value("returns"), 0, basis)

    def test_credit_note_of_a_part_invoiced_again(self):
        order = self._order(date(2025, 5, 10), quantity=10)
        invoice = self._bill_order(order, date(2025, 5, 12))
        replacement = self._reverse(invoice, date(2025, 6, 3), modify=True)
        replacement.invoice_date = date(2025, 6, 4)
        replacement.invoice_line_ids.quantity = 8
        replacement.action_post()
        for basis in ("order", "invoice"):
            self.company.customer_sales_basis = basis
            self.assertEqual(self._value("average_monthly_sales", months=2), 400, basis)
            self.assertEqual(self._value("returns"), 20, basis)

    def test_credit_note_without_order(self):
        self._order(date(2025, 6, 1), quantity=10)
        self._invoice(date(2025, 6, 5), 150, move_type="out_refund")
        self.assertEqual(self._value("average_monthly_sales", months=1), 850)
        # What credits an invoice that no order was made for was never part of the orders.
        self._reverse(self._invoice(date(2025, 6, 6), 400), date(2025, 6, 7))
        self.assertEqual(self._value("average_monthly_sales", months=1), 850)
        self.company.customer_sales_basis = "invoice"
        self.assertEqual(self._value("average_monthly_sales", months=1), -150)

    def test_credit_note_of_a_cancelled_order(self):
        self._order(date(2025, 6, 1), quantity=10)
        order = self._order(date(2025, 6, 2), quantity=5)
        invoice = self._bill_order(order, date(2025, 6, 2))
        self._reverse(invoice, date(2025, 6, 3))
        order._action_cancel()
        self.assertEqual(order.state, "cancel")
        self.assertEqual(self._value("average_monthly_sales", months=1), 1000)

    def test_down_payment_is_no_sale_of_orders_and_no_return(self):
        order = self._order(date(2025, 6, 1), quantity=10)
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "fixed",
                "fixed_amount": 300,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        wizard.create_invoices()
        down_payment = order.invoice_ids
        down_payment.invoice_date = date(2025, 6, 2)
        down_payment.action_post()
        self.assertEqual(self._value("average_monthly_sales", months=1), 1000)
        self._reverse(down_payment, date(2025, 6, 3))
        self.assertEqual(self._value("average_monthly_sales", months=1), 1000)
        self.assertEqual(self._value("returns"), 0)

    # === INVOICES === #

    def test_invoice_basis(self):
        self.company.customer_sales_basis = "invoice"
        order = self._order(date(2025, 6, 1), quantity=10)
        self.assertIsNone(self._value("average_monthly_sales"))
        self._bill_order(order, date(2025, 6, 30))
        self._invoice(date(2025, 6, 30), 500)  # cost of the product: 60
        self._invoice(date(2025, 7, 1), 5000)
        self._invoice(date(2025, 6, 30), 7777, post=False)
        self.assertEqual(self._value("average_monthly_sales", months=1), 1500)
        self.assertAlmostEqual(self._value("gross_margin", months=1), 100 * (1500 - 660) / 1500)
        self.assertEqual(self._value("orders", months=1), 2)
        self.assertEqual(self._value("days_since_order"), 0)

    def test_cost_in_another_unit(self):
        self.company.customer_sales_basis = "invoice"
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order(
            date(2025, 6, 1),
            price=1200,
            order_line=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "product_uom_id": dozen.id,
                        "product_uom_qty": 2,
                        "price_unit": 1200,
                    }
                )
            ],
        )
        self.assertEqual(order.amount_untaxed, 2400)
        invoice = self._bill_order(order, date(2025, 6, 2))
        rows = self.env["customer.trade.report"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.cost, 24 * 60)
        # Six single units taken back.
        refund = self._reverse(invoice, date(2025, 6, 3), quantity=0.5)
        self.assertEqual(refund.amount_untaxed, 600)
        rows.invalidate_recordset()
        self.assertEqual((rows.sales, rows.cost), (1800, 18 * 60))
        self.company.customer_sales_basis = "order"
        self.assertEqual(self._value("average_monthly_sales", months=1), 1800)
