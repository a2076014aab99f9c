import io
from datetime import date, timedelta

from freezegun import freeze_time
from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import CreditCase

OPENING, LAST = date(2026, 3, 1), date(2026, 3, 31)


class StatementCase(CreditCase):
    """March 2026 of one customer: what came before, what happened, and what was settled only afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"user_id": cls.salesman.id, "lang": "en_US"})
        cls.other = cls._customer("Renhe Clinic", lang="en_US")

    def _dated_invoice(self, amount, day, due, **values):
        return self._invoice(
            amount, invoice_date=day, invoice_date_due=due, date=0, **{"partner": self.customer, **values}
        )

    def _pay(self, move, amount, day):
        with freeze_time(day):
            payment = self._payment(amount, partner=move.partner_id, company=move.company_id)
        payment.move_id.button_draft()
        payment.move_id.date = day
        payment.move_id.action_post()
        lines = (move | payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        )
        lines.reconcile()
        return payment

    def _march(self):
        self.before = self._dated_invoice(1000.10, date(2026, 1, 10), date(2026, 2, 9))
        self._pay(self.before, 400.05, date(2026, 2, 20))
        self.march = self._dated_invoice(500.20, date(2026, 3, 5), date(2026, 4, 4))
        self.late = self._dated_invoice(70.30, date(2026, 3, 6), date(2026, 3, 11))
        self._pay(self.late, 20.10, date(2026, 3, 20))
        self.refund = self._dated_invoice(30.15, date(2026, 3, 25), date(2026, 3, 25), move_type="out_refund")
        # After the period: it changes nothing of what was true at its end.
        self._pay(self.before, 600.05, date(2026, 4, 2))
        self._dated_invoice(9999, date(2026, 4, 1), date(2026, 5, 1))

    def _statement(self, partner=None, company=None, start=OPENING, end=LAST):
        partner = partner or self.customer
        return partner._credit_statements(company or self.company, start, end)[partner.id]


@tagged("post_install", "-at_install")
class TestStatement(StatementCase):
    """C10: the statement of account (对账单): exact, as things stood, and only for who may see it."""

    def test_figures(self):
        self._march()
        statement = self._statement()
        self.assertEqual(statement.opening, 600.05)
        self.assertEqual(
            [(line.kind, line.debit, line.credit, line.balance, line.open) for line in statement.lines],
            [
                ("invoice", 500.2, 0, 1100.25, 500.2),
                ("invoice", 70.3, 0, 1170.55, 50.2),
                ("payment", 0, 20.1, 1150.45, 0),
                ("refund", 0, 30.15, 1120.3, -30.15),
            ],
        )
        self.assertEqual((statement.debits, statement.credits, statement.closing), (570.5, 50.25, 1120.3))
        # 500.20 not due on the last day, 50.20 overdue for 20 days, 600.05 for 50.
        self.assertEqual(statement.ageing, (500.2, 50.2, 600.05, 0, 0))
        self.assertEqual(statement.unapplied, 30.15)
        self.assertEqual(round(sum(statement.ageing) - statement.unapplied, 2), statement.closing)
        self.assertEqual([line.due for line in statement.lines[:2]], [date(2026, 4, 4), date(2026, 3, 11)])

    def test_borders(self):
        """The first and the last day belong to the period; what is due on the last day is not overdue."""
        self._dated_invoice(1, date(2026, 2, 28), LAST)
        self._dated_invoice(2, OPENING, LAST - timedelta(days=1))
        self._dated_invoice(4, LAST, LAST)
        self._dated_invoice(8, date(2026, 4, 1), LAST + timedelta(days=1))
        statement = self._statement()
        self.assertEqual((statement.opening, statement.debits, statement.closing), (1, 6, 7))
        self.assertEqual(statement.ageing, (5, 2, 0, 0, 0))
        self.assertEqual(statement.overdue, 2)

    def test_continues(self):
        """The closing balance of one period is the opening one of the next."""
        self._march()
        april = self._statement(start=date(2026, 4, 1), end=date(2026, 4, 30))
        self.assertEqual(april.opening, self._statement().closing)
        self.assertEqual(april.closing, self._exposure().receivable - self._exposure().unapplied)

    def test_whole_customer_and_one_company(self):
        contact = self.env["res.partner"].create({"name": "Shop", "parent_id": self.customer.id})
        self._dated_invoice(10, OPENING, LAST, partner=contact)
        self._dated_invoice(20, OPENING, LAST, post=False)
        self._dated_invoice(30, OPENING, LAST, partner=self.other)
        second = self._company("Second Wholesale")
        self._dated_invoice(40, OPENING, LAST, company=second)
        self.assertEqual(self._statement().closing, 10)
        self.assertEqual(self._statement(contact.commercial_partner_id).closing, 10)
        self.assertEqual(self._statement(company=second).closing, 40)

    def test_foreign_currency(self):
        usd = self._rate("USD", 7)
        self._dated_invoice(100, OPENING, LAST, currency_id=usd.id)
        statement = self._statement()
        (line,) = statement.lines
        self.assertEqual((line.debit, line.currency_id, line.original), (700, usd.id, 100))
        self.assertTrue(statement.foreign)
        self.assertEqual(statement.closing, 700)

    def test_nothing(self):
        statement = self._statement(self.other)
        self.assertEqual((statement.opening, statement.lines, statement.closing), (0, (), 0))

    def test_wrong_period(self):
        with self.assertRaisesRegex(UserError, "has to end"):
            self._statement(start=LAST, end=OPENING)

    def test_queries(self):
        """Two statements, whatever the number of customers."""
        customers = self.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(8)])
        for customer in customers:
            self._dated_invoice(5, OPENING, LAST, partner=customer)

        def count(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(partners._credit_statements(self.company, OPENING, LAST)), len(partners))
            return self.cr.sql_log_count - before

        count(customers)
        self.assertEqual(count(customers[:4]), count(customers))

    # === WHO === #

    def _wizard(self, user, partners=None, **values):
        return (
            self.env["credit.statement"]
            .with_user(user)
            .create(
                {
                    "partner_ids": (partners or self.customer).ids,
                    "company_id": self.company.id,
                    "date_from": OPENING,
                    "date_to": LAST,
                    **values,
                }
            )
        )

    def test_who(self):
        self._march()
        stranger = self._user("statement_stranger", "sales_team.group_sale_salesman")
        everybody = self._user("statement_all", "sales_team.group_sale_salesman_all_leads")
        for user in (self.salesman, self.biller, self.reader, self.manager, everybody):
            with self.subTest(user.login):
                wizard = self._wizard(user)
                self.assertEqual(wizard._statements()[self.customer.id].closing, 1120.3)
                self.assertEqual(wizard.action_print()["type"], "ir.actions.report")
        with self.assertRaisesRegex(AccessError, "your own only"):
            self._wizard(stranger).action_print()
        with self.assertRaises(AccessError):
            self._wizard(self.salesman, self.customer | self.other).action_export()
        nobody = self._user("statement_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self._wizard(nobody)
        wizard = self._wizard(self.reader)
        with self.assertRaises(AccessError):
            wizard.with_user(stranger)._statements()
        with self.assertRaises(AccessError):
            self._pdf(wizard, stranger)
        second = self._company("Second Wholesale")
        with self.assertRaises(AccessError):
            self._wizard(self.reader, company_id=second.id)._statements()

    # === FILES === #

    def _pdf(self, wizard, user):
        Report = self.env["ir.actions.report"].with_user(user).with_context(force_report_rendering=True)
        return Report._render_qweb_pdf("customer_credit.report_statement", wizard.ids)[0]

    def _text(self, content):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)

    def test_pdf(self):
        self._march()
        text = self._text(self._pdf(self._wizard(self.reader), self.reader))
        for part in ("Kangtai Pharmacy", self.march.name, "600.05", "1,150.45", "1,120.30", "570.50", "-30.15"):
            self.assertIn(part, text)

    def test_pdf_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "customer_credit")])._update_translations(["zh_CN"])
        self.customer.lang = "zh_CN"
        self._march()
        text = self._text(self._pdf(self._wizard(self.reader), self.reader))
        for part in ("对账单", "期初余额", "期末余额", "未到期"):
            self.assertIn(part, text)

    def test_print_several(self):
        """Each customer has a document of its own, with pages counted from 1."""
        self._dated_invoice(7, OPENING, LAST, partner=self.other)
        action = self._wizard(self.reader, self.customer | self.other).action_print()
        ids = action["context"]["active_ids"]
        self.assertEqual(len(ids), 2)
        pages = PdfReader(io.BytesIO(self._pdf(self.env["credit.statement"].browse(ids), self.reader))).pages
        self.assertEqual(len(pages), 2, [page.extract_text() for page in pages])
        for page in pages:
            self.assertIn("Page 1 of 1", page.extract_text())

    def test_xlsx(self):
        self._march()
        usd = self._rate("USD", 7)
        self._dated_invoice(100, LAST, LAST, currency_id=usd.id)
        twin = self._customer("Kangtai Pharmacy")
        wizard = self._wizard(self.reader, self.customer | twin)
        book = load_workbook(io.BytesIO(wizard._statement_xlsx()))
        self.assertEqual(book.sheetnames, ["Kangtai Pharmacy", "Kangtai Pharmacy (2)"])
        rows = list(book.worksheets[0].values)
        self.assertEqual(rows[7][7], 600.05)
        self.assertEqual(rows[8][:2], (rows[8][0], self.march.name))
        self.assertEqual(rows[8][0].date(), date(2026, 3, 5))
        self.assertEqual([row[7] for row in rows[8:13]], [1100.25, 1170.55, 1150.45, 1120.3, 1820.3])
        self.assertEqual(rows[12][9:11], (100, "USD"))
        self.assertEqual(rows[13][5:8], (1270.5, 50.25, 1820.3))
        self.assertEqual(rows[16][:6], (1200.2, 50.2, 600.05, 0, 0, -30.15))
        self.assertEqual(round(sum(rows[16][:6]), 2), 1820.3)

    def test_no_formulas(self):
        """What users call their documents stays text."""
        self._dated_invoice(7, OPENING, LAST, ref="=1+1")
        book = load_workbook(io.BytesIO(self._wizard(self.reader)._statement_xlsx()))
        cell = book.worksheets[0].cell(9, 4)
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))


@tagged("post_install", "-at_install")
class TestStatementDownload(StatementCase, HttpCase):
    """C10: the file is only for who asked for it."""

    def test_download(self):
        self._march()
        wizard = self.env["credit.statement"].with_user(self.salesman).create({"partner_ids": self.customer.ids})
        other = self.env["credit.statement"].with_user(self.reader).create({"partner_ids": self.customer.ids})
        foreign = self.env["credit.statement"].with_user(self.salesman).create({"partner_ids": self.other.ids})
        action = wizard.action_export()
        self.authenticate("credit_salesman", "credit_salesman")
        answer = self.url_open(action["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(load_workbook(io.BytesIO(answer.content)).sheetnames, ["Kangtai Pharmacy"])
        for record in (other, foreign):
            with mute_logger("odoo.http"):
                self.assertEqual(self.url_open(f"/customer_credit/statement/{record.id}").status_code, 403)
        self.assertEqual(self.url_open("/customer_credit/statement/2147483647").status_code, 404)

    def test_button(self):
        action = self.customer.with_user(self.salesman).action_credit_statement()
        wizard = self.env["credit.statement"].with_user(self.salesman).with_context(**action["context"]).create({})
        self.assertEqual(wizard.partner_ids, self.customer)
        self.assertEqual(wizard.date_from.day, 1)
        self.assertEqual((wizard.date_to + timedelta(days=1)).day, 1)
        self.assertFalse(wizard.date_to > self.today)
