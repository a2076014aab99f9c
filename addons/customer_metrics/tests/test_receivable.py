from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common import CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestReceivable(CustomerMetricsCommon):
    """Receivable, overdue and punctuality on invoices and payments whose figures are known by hand (M)."""

    CODES = ("receivable", "overdue", "overdue_days", "days_late", "on_time")

    def _today(self, day):
        """Make the company's clock show a day: residuals of that day or later are then the present ones."""
        company_class = type(self.env["res.company"])
        patcher = patch.object(company_class, "_customer_today", lambda company: day)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _figures(self, date_to=None, customer=None):
        customer = customer or self.customer
        values = self.Metric._values(customer, self.CODES, date_to or self.DATE_TO)
        return [values[code][customer.id] for code in self.CODES]

    def test_open_paid_and_overdue(self):
        self._today(date(2025, 6, 30))
        paid = self._invoice(date(2025, 4, 1), 1000, due=date(2025, 5, 1))
        self._pay(paid, date(2025, 5, 11))  # 10 days late
        self._invoice(date(2025, 5, 1), 3000, due=date(2025, 6, 10))  # 20 days overdue
        self._invoice(date(2025, 6, 1), 500, due=date(2025, 6, 30))  # due today: not overdue
        # (1,000 x 10 + 3,000 x 20) / 4,000 days late; nothing on time.
        self.assertEqual(self._figures(), [3500, 3000, 20, 17.5, 0])

    def test_due_date_boundaries(self):
        self._today(date(2025, 6, 30))
        punctual = self._invoice(date(2025, 6, 1), 100, due=date(2025, 6, 20))
        self._pay(punctual, date(2025, 6, 20))
        late = self._invoice(date(2025, 6, 1), 300, due=date(2025, 6, 20))
        self._pay(late, date(2025, 6, 21))
        early = self._invoice(date(2025, 6, 1), 100, due=date(2025, 6, 20))
        self._pay(early, date(2025, 6, 2))
        self.assertEqual(self._figures(), [0, 0, 0, 0.6, 40])
        # The window is half-open: due on its first day counts, the day before does not.
        values = self.Metric._values(self.customer, ["on_time"], date(2026, 6, 20), 12)
        self.assertEqual(values["on_time"][self.customer.id], 40)
        values = self.Metric._values(self.customer, ["on_time"], date(2026, 6, 21), 12)
        self.assertIsNone(values["on_time"][self.customer.id])

    def test_part_payments_count_with_their_amount(self):
        self._today(date(2025, 6, 30))
        invoice = self._invoice(date(2025, 5, 1), 1000, due=date(2025, 6, 1))
        self._pay(invoice, date(2025, 6, 1), 400)
        self._pay(invoice, date(2025, 6, 11), 500)
        # 400 on time, 500 ten days late, 100 open for 29 days.
        self.assertEqual(self._figures(), [100, 100, 29, (500 * 10 + 100 * 29) / 1000, 40])

    def test_credit_notes_and_unapplied_payments(self):
        self._today(date(2025, 6, 30))
        invoice = self._invoice(date(2025, 5, 1), 1000, due=date(2025, 6, 1))
        refund = self._reverse(invoice, date(2025, 6, 11), quantity=0.25)
        lines = (invoice + refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self._pay(invoice, date(2025, 6, 11))
        # What was credited, 250, was never due.
        self.assertEqual(self._figures(), [0, 0, 0, 10, 0])
        payment = self.env["account.payment"].create(
            {"partner_id": self.customer.id, "amount": 70, "payment_type": "inbound", "date": date(2025, 6, 15)}
        )
        payment.action_post()
        self.assertEqual(self._figures(), [-70, 0, 0, 10, 0])

    def test_foreign_currency(self):
        self._today(date(2025, 6, 30))
        self._invoice(date(2025, 6, 1), 1000, due=date(2025, 6, 15), currency=self.sevens)
        self.assertEqual(self._figures(), [7000, 7000, 15, 15, 0])

    def test_branches_add_up(self):
        self._today(date(2025, 6, 30))
        self._invoice(date(2025, 6, 1), 300, partner=self.branch)
        self._invoice(date(2025, 6, 1), 500, partner=self.customer)
        self.assertEqual(self._figures()[0], 800)
        self.assertEqual(self._figures(customer=self.branch)[0], 800)

    def test_entry_on_a_contact_counts_for_its_company(self):
        self._today(date(2025, 6, 30))
        account = self.company_data["default_account_receivable"]
        entry = self.env["account.move"].create(
            {
                "date": date(2025, 6, 1),
                "line_ids": [
                    (0, 0, {"account_id": account.id, "partner_id": self.contact.id, "debit": 90}),
                    (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "credit": 90}),
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self._figures()[0], 90)

    def test_drafts_do_not_count(self):
        self._invoice(date(2025, 6, 1), 300, post=False)
        self.assertEqual(self._figures(), [None] * 5)

    def test_past_days_are_told_as_they_were(self):
        invoice = self._invoice(date(2025, 5, 1), 1000, due=date(2025, 6, 1))
        self._pay(invoice, date(2025, 6, 11), 400)
        self._pay(invoice, date(2025, 6, 21), 600)
        self._today(date(2025, 6, 30))
        self.assertEqual(self._figures(date(2025, 5, 1)), [None] * 5)
        self.assertEqual(self._figures(date(2025, 5, 2)), [1000, 0, 0, None, None])
        self.assertEqual(self._figures(date(2025, 6, 11)), [1000, 1000, 9, 9, 0])
        self.assertEqual(self._figures(date(2025, 6, 12)), [600, 600, 10, 10, 0])
        self.assertEqual(self._figures(date(2025, 6, 22)), [0, 0, 0, 16, 0])
        self.assertEqual(self._figures(date(2025, 7, 1)), [0, 0, 0, 16, 0])

    def test_present_and_reconstructed_figures_agree(self):
        for day, amount, paid in ((1, 800, 800), (5, 300, 120), (9, 450, 0), (12, 70, 70)):
            invoice = self._invoice(date(2025, 6, day), amount, due=date(2025, 6, day + 10))
            if paid:
                self._pay(invoice, date(2025, 6, day + 12), paid)
        self._invoice(date(2025, 6, 3), 55, move_type="out_refund")
        present_day = self.company._customer_today()
        reconstructed = self._figures(present_day)[:2]
        self.assertEqual(reconstructed, self._figures(present_day + timedelta(days=1))[:2])
        self.assertEqual(reconstructed[0], 180 + 450 - 55)

    def test_open_receivable_fragment_uses_the_index(self):
        """The definition of an open line must imply the condition of the partial index."""
        self.env.flush_all()
        # What the planner prefers depends on its statistics; without rivals it takes our index if it can.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'account_move_line' AND indexname NOT IN %s",
            [("account_move_line_customer_open_idx", "account_move_line_pkey")],
        )
        for (rival,) in self.env.cr.fetchall():
            self.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(rival)))
        fragment = self.env["res.partner"]._open_receivable_sql("line", "account")
        rows = self.env.execute_query(
            SQL(
                "EXPLAIN SELECT SUM(line.amount_residual) FROM account_move_line line"
                " JOIN account_account account ON account.id = line.account_id WHERE line.partner_id = %s AND %s",
                self.customer.id,
                fragment,
            )
        )
        plan = "\n".join(line for (line,) in rows)
        self.assertIn("account_move_line_customer_open_idx", plan)
