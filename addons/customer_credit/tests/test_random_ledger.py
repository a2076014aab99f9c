import os
import random
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged
from odoo.tools import float_round

from .common import CreditCase

HISTORIES = int(os.environ.get("CREDIT_HISTORIES", "12"))
SEED = int(os.environ.get("CREDIT_SEED", "20"))


class OrderBook:
    """What one order line is to lead to, kept beside Odoo: quantities as they were ordered, moved and invoiced."""

    def __init__(self, line):
        self.line = line
        self.peak = self.returned = 0.0  # ever delivered; come back
        self.net = 0.0  # on posted invoices, less credit notes

    @property
    def delivered(self):
        return self.peak - self.returned

    @property
    def owed_later(self):
        """Quantity that will still be invoiced: ordered or delivered, not come back, not invoiced."""
        return max(max(self.line.product_uom_qty, self.peak) - self.returned - self.net, 0.0)


@tagged("post_install", "-at_install")
class TestRandomLedger(CreditCase):
    """C5: the exposure of random, reproducible histories is what a calculation of its own kind comes to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever is overdue, orders are confirmed.
        cls.company.credit_mode = "warn"
        cls.eur = cls._currency("EUR")
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.eur | cls.cny).ids)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": cls.eur.id,
                    "company_id": cls.company.id,
                    "name": cls.today - timedelta(days=days),
                    "inverse_company_rate": rate,
                }
                for days, rate in ((400, 7.0), (20, 6.5))
            ]
        )
        cls.company.currency_exchange_journal_id = cls.env["account.journal"].create(
            {
                "name": "Exchange",
                "code": "EXCH",
                "type": "general",
                "company_id": cls.company.id,
            }
        )
        loss, gain = cls.env["account.account"].create(
            [
                {"code": "6603", "name": "Exchange Loss", "account_type": "expense"},
                {"code": "6604", "name": "Exchange Gain", "account_type": "income_other"},
            ]
        )
        cls.company.write(
            {"expense_currency_exchange_account_id": loss.id, "income_currency_exchange_account_id": gain.id}
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": cls.eur.id, "company_id": cls.company.id}
        )
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "VAT 13",
                "amount": 13,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "tax_group_id": cls.env["account.tax.group"].create({"name": "VAT", "company_id": cls.company.id}).id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )

    # === THE OTHER CALCULATION === #

    def _by_hand(self, customer, orders, downs):
        """Return receivable, overdue, unapplied, draft invoices, orders, exposure: record by record."""
        partners = self.env["res.partner"].with_context(active_test=False).search([("id", "child_of", customer.id)])
        receivable = overdue = unapplied = drafts = open_orders = balance = 0.0
        for line in self.env["account.move.line"].search(
            [("partner_id", "in", partners.ids), ("parent_state", "=", "posted")]
        ):
            if line.account_id.account_type != "asset_receivable":
                continue
            residual = (
                line.balance
                - sum(line.matched_credit_ids.mapped("amount"))
                + sum(line.matched_debit_ids.mapped("amount"))
            )
            residual = round(residual, 2)
            balance += line.balance
            if residual > 0:
                receivable += residual
                overdue += residual if line.date_maturity < self.today else 0.0
            else:
                unapplied -= residual
        for move in self.env["account.move"].search(
            [("partner_id", "in", partners.ids), ("state", "=", "draft"), ("move_type", "=", "out_invoice")]
        ):
            for line in move.invoice_line_ids:
                if not line.sale_line_ids:
                    drafts += float_round(line.price_total / move.invoice_currency_rate, precision_digits=2)
        for order, books in orders.items():
            if order.state != "sale":
                continue
            # The total may differ by a cent from its lines: taxes are rounded on the whole.
            parts = [(book.line.price_total, book.owed_later / book.line.product_uom_qty) for book in books]
            left = (
                order.amount_total - sum(price * (1 - part) for price, part in parts)
                if any(part for _price, part in parts)
                else 0.0
            )
            # A posted down payment is owed already; the invoice that closes the line takes it off.
            left -= sum(amount for down, amount in downs.get(order, ()) if down.state == "posted" and left > 0.005)
            # Invoices are rounded in their own currency first.
            left = float_round(max(left, 0.0), precision_digits=2)
            open_orders += float_round(left / order.currency_rate, precision_digits=2)
        return {
            "receivable": receivable,
            "overdue": overdue,
            "unapplied": unapplied,
            "draft_invoices": drafts,
            "orders": open_orders,
            "exposure": balance + drafts + open_orders,
        }

    # === WHAT HAPPENS === #

    def _history(self, number):
        self.random = random.Random(f"{SEED}/{number}")
        self.owner = self._customer(f"Random {number}")
        branches = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.owner.id, "type": "invoice"} for name in ("North", "South")]
        )
        self.partners = self.owner + branches
        self.orders, self.downs, self.log = {}, {}, []
        events = [
            self._happen_order,
            self._happen_order,
            self._happen_deliver,
            self._happen_deliver,
            self._happen_deliver,
            self._happen_invoice,
            self._happen_invoice,
            self._happen_invoice,
            self._happen_post,
            self._happen_reverse,
            self._happen_return,
            self._happen_down_payment,
            self._happen_invoice_alone,
            self._happen_pay,
            self._happen_pay,
            self._happen_reconcile,
            self._happen_refund_alone,
            self._happen_cancel,
        ]
        self._happen_order()
        for _event in range(self.random.randint(3, 9)):
            self.random.choice(events)()
            self._compare(number)

    def _compare(self, number):
        figures = self._exposure(self.owner)
        expected = self._by_hand(self.owner, self.orders, self.downs)
        for name, value in expected.items():
            self.assertAlmostEqual(
                getattr(figures, name),
                value,
                delta=0.035,
                msg=f"{name} of history {SEED}/{number}:\n" + "\n".join(self.log),
            )

    def _pick(self, condition=lambda order: True):
        orders = [order for order in self.orders if order.state == "sale" and condition(order)]
        return self.random.choice(orders) if orders else None

    def _happen_order(self):
        foreign = self.random.random() < 0.3
        lines = [
            {
                "product_id": self.random.choice((self.product, self.goods)).id,
                "product_uom_qty": self.random.randint(1, 12),
                "price_unit": self.random.randint(100, 99999) / 100,
                "discount": self.random.choice((0, 0, 5)),
                "tax_ids": self.random.choice(([], [], self.tax.ids)),
            }
            for _line in range(self.random.randint(1, 3))
        ]
        order = self.env["sale.order"].create(
            {
                "partner_id": self.owner.id,
                "partner_invoice_id": self.random.choice(self.partners).id,
                "company_id": self.company.id,
                **({"pricelist_id": self.pricelist.id} if foreign else {}),
                "order_line": [Command.create({**line, "tax_ids": [Command.set(line["tax_ids"])]}) for line in lines],
            }
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.orders[order] = [OrderBook(line) for line in order.order_line]
        self.log.append(
            f"order {order.id} {order.currency_id.name} "
            + str(
                [(line.product_id.invoice_policy, line.product_uom_qty, line.price_total) for line in order.order_line]
            )
        )

    def _happen_deliver(self):
        if order := self._pick():
            book = self.random.choice(self.orders[order])
            quantity = self.random.randint(1, 6)
            if not book.returned and book.peak + quantity <= book.line.product_uom_qty + 1:
                book.peak += quantity
                book.line.qty_delivered = book.delivered
                self.log.append(f"deliver {order.id} line {book.line.id}: {quantity}")

    def _happen_invoice(self):
        order = self._pick(
            lambda order: any(line.qty_to_invoice > 0 for line in order.order_line if not line.is_downpayment)
        )
        if order and not self.downs.get(order):
            move = order._create_invoices()
            self.log.append(f"draft invoice {move.id} of {order.id}: {move.amount_total}")
            if self.random.random() < 0.7:
                self._post(move)

    def _happen_post(self):
        moves = self.env["account.move"].search(
            [("partner_id", "in", self.partners.ids), ("state", "=", "draft"), ("move_type", "=", "out_invoice")]
        )
        if moves:
            self._post(self.random.choice(moves))

    def _post(self, move):
        move.action_post()
        self.log.append(f"post {move.id}")
        self._booked(move, 1)

    def _booked(self, move, sign):
        for line in move.invoice_line_ids:
            for books in self.orders.values():
                for book in books:
                    if book.line in line.sale_line_ids:
                        book.net += sign * line.quantity

    def _happen_reverse(self):
        """The invoice was wrong: it is cancelled by a credit note, and will be made again."""
        moves = (
            self.env["account.move"]
            .search(
                [
                    ("partner_id", "in", self.partners.ids),
                    ("state", "=", "posted"),
                    ("move_type", "=", "out_invoice"),
                    ("reversal_move_ids", "=", False),
                    ("payment_state", "=", "not_paid"),
                ]
            )
            .filtered(
                lambda move: not move.line_ids.sale_line_ids.filtered("is_downpayment") and not self._has_returns(move)
            )
        )
        if moves:
            move = self.random.choice(moves)
            move._reverse_moves([{"invoice_date": self.today}], cancel=True)
            self._booked(move, -1)
            self.log.append(f"reverse {move.id}")

    def _has_returns(self, move):
        return any(
            book.returned
            for books in self.orders.values()
            for book in books
            if book.line in move.invoice_line_ids.sale_line_ids
        )

    def _happen_return(self):
        """Goods come back after they were invoiced, and are credited."""
        books = [
            book
            for order, books in self.orders.items()
            if order.state == "sale" and not self.downs.get(order)
            for book in books
            if book.line.product_id == self.goods
            and book.delivered
            and book.net == book.delivered
            and not any(line.move_id.state == "draft" for line in book.line.invoice_lines)
        ]
        if books:
            book = self.random.choice(books)
            order = book.line.order_id
            if any(line.qty_to_invoice for line in order.order_line - book.line) or order.invoice_ids.filtered(
                lambda move: move.state == "draft"
            ):
                return
            quantity = self.random.randint(1, int(book.delivered))
            book.returned += quantity
            book.line.qty_delivered = book.delivered
            refund = order._create_invoices(final=True)
            refund.action_post()
            book.net -= quantity
            self.log.append(f"return {quantity} of line {book.line.id}, credit note {refund.id}")

    def _happen_down_payment(self):
        order = self._pick(lambda order: not order.invoice_ids and order.amount_total > 20)
        if order:
            amount = round(order.amount_untaxed * self.random.choice((0.1, 0.25)), 2)
            wizard = self.env["sale.advance.payment.inv"].create(
                {
                    "sale_order_ids": order.ids,
                    "advance_payment_method": "fixed",
                    "fixed_amount": amount,
                }
            )
            move = wizard._create_invoices(order)
            if self.random.random() < 0.7:
                move.action_post()
            self.downs[order] = [(move, move.amount_total)]
            self.log.append(f"down payment {move.id} of {order.id}: {move.amount_total} {move.state}")

    def _happen_invoice_alone(self):
        date = -self.random.randint(0, 60)
        move = self._invoice(
            self.random.randint(100, 99999) / 100,
            partner=self.random.choice(self.partners),
            date=date,
            due=date + self.random.choice((0, 10, 30)),
            post=self.random.random() < 0.7,
            currency_id=self.random.choice((self.cny, self.eur)).id,
        )
        self.log.append(f"invoice {move.id} alone: {move.amount_total} {move.currency_id.name} {move.state}")

    def _happen_refund_alone(self):
        move = self._invoice(
            self.random.randint(100, 9999) / 100,
            partner=self.random.choice(self.partners),
            move_type="out_refund",
            post=self.random.random() < 0.7,
            currency_id=self.random.choice((self.cny, self.eur)).id,
        )
        self.log.append(f"credit note {move.id} alone: {move.amount_total} {move.currency_id.name} {move.state}")

    def _happen_pay(self):
        payment = self._payment(self.random.randint(100, 99999) / 100, partner=self.random.choice(self.partners))
        self.log.append(f"payment {payment.amount}")
        if self.random.random() < 0.5:
            self._happen_reconcile()

    def _happen_reconcile(self):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "in", self.partners.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_id.account_type", "=", "asset_receivable"),
            ]
        )
        debits, credits = (
            lines.filtered(lambda line: line.amount_residual > 0),
            lines.filtered(lambda line: line.amount_residual < 0),
        )
        if debits and credits:
            pair = self.random.choice(debits) + self.random.choice(credits)
            pair.reconcile()
            self.log.append(f"reconcile {pair.move_id.ids}")

    def _happen_cancel(self):
        order = self._pick(lambda order: not order.invoice_ids)
        if order and self.random.random() < 0.3:
            order._action_cancel()
            self.log.append(f"cancel {order.id}")

    def test_histories(self):
        for number in range(HISTORIES):
            with self.subTest(number), self.env.cr.savepoint() as savepoint:
                self._history(number)
                savepoint.rollback()
