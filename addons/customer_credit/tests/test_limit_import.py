import base64
import io
from datetime import date, timedelta

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import CreditCase

TITLES = ("Reference", "Tax Number", "Customer", "Credit", "Limit", "Payment Days", "Valid Until", "Reason")


class ImportCase(CreditCase):
    """Three customers, of which the first has a credit account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.lang = "en_US"
        cls.customer.write({"ref": "K-001", "vat": "91310000"})
        cls.clinic = cls._customer("Renhe Clinic", ref="K-002")
        cls.shop = cls._customer("Old Street Pharmacy", ref="77")
        cls.account = cls._account(limit=1000)

    def _sheet(self, *rows, titles=TITLES):
        book = openpyxl.Workbook()
        book.active.append(titles)
        for row in rows:
            book.active.append(row)
        output = io.BytesIO()
        book.save(output)
        return output.getvalue()

    def _wizard(self, *rows, user=None, content=None, titles=TITLES, **values):
        content = content if content is not None else self._sheet(*rows, titles=titles)
        return (
            self.env["credit.limit.import"]
            .with_user(user or self.manager)
            .create({"file": base64.b64encode(content), "file_name": "limits.xlsx", **values})
        )

    def _errors(self, *rows, **values):
        wizard = self._wizard(*rows, **values)
        wizard.action_check()
        self.assertEqual(wizard.state, "choose")
        self.assertFalse(wizard.line_ids)
        return wizard.errors.split("\n")

    def _account_of(self, partner):
        return self.env["credit.account"].search([("partner_id", "=", partner.id)])


@tagged("post_install", "-at_install")
class TestLimitImport(ImportCase):
    """C8, C9: limits from a sheet: checked to the cell, shown before they change, all or none."""

    def test_import(self):
        until = date(self.today.year + 1, 12, 31)
        wizard = self._wizard(
            ("K-001", None, None, None, "2,500.50", 45, until, "Good payer"),
            (None, None, "Renhe Clinic", "No Credit", None, None, None, None),
            (77, None, None, "amount", 300, None, f"{until.year}/12/31", None),
            (None, None, None, None, None, None, None, None),
            reason="Committee of 12 November",
        )
        wizard.action_check()
        self.assertFalse(wizard.errors)
        self.assertEqual(self.account.credit_limit, 1000, "nothing changes before it is confirmed")
        self.assertFalse(self._account_of(self.shop))
        lines = {line.partner_id: line for line in wizard.line_ids}
        self.assertEqual((lines[self.customer].old_credit_limit, lines[self.customer].new_credit_limit), (1000, 2500.5))
        self.assertFalse(lines[self.shop].account_id)
        wizard.action_apply()
        self.assertEqual(
            (self.account.credit_limit, self.account.limit_payment_days, self.account.payment_days),
            (2500.5, True, 45),
        )
        self.assertEqual(self.account.valid_until, until)
        self.assertIn("Good payer", self.account.message_ids[0].body)
        self.assertEqual(self.account.message_ids[0].author_id, self.manager.partner_id)
        clinic, shop = self._account_of(self.clinic), self._account_of(self.shop)
        self.assertEqual((clinic.mode, clinic.company_id), ("none", self.company))
        self.assertIn("Committee of 12 November", clinic.message_ids[0].body)
        self.assertEqual((shop.mode, shop.credit_limit, shop.valid_until), ("amount", 300, until))
        self.assertFalse(shop.limit_payment_days)
        self.assertEqual(self.shop.credit_limit, 300, "Odoo's own field follows")

    def test_empty_cells_and_dashes(self):
        self.account.write({"limit_payment_days": True, "payment_days": 30, "valid_until": self.today})
        wizard = self._wizard(("K-001", None, None, None, 1100, None, None, "x"))
        wizard.action_check()
        wizard.action_apply()
        self.assertEqual((self.account.payment_days, self.account.valid_until), (30, self.today))
        wizard = self._wizard(("K-001", None, None, None, None, "-", "-", "x"))
        wizard.action_check()
        wizard.action_apply()
        self.assertFalse(self.account.limit_payment_days)
        self.assertFalse(self.account.valid_until)
        self.assertEqual(self.account.credit_limit, 1100)

    def test_unchanged(self):
        wizard = self._wizard(("K-001", None, None, "Limit", 1000, None, None, "x"))
        wizard.action_check()
        self.assertEqual((wizard.unchanged, len(wizard.line_ids)), (1, 0))
        with self.assertRaises(UserError):
            wizard.action_apply()

    def test_errors(self):
        """Each cell that is wrong is named, and nothing of the sheet comes in."""
        self._customer("Renhe Clinic", ref="K-009")
        errors = self._errors(
            ("K-002", None, None, None, 500, None, None, "good"),
            ("K-404", None, None, None, 500, None, None, "x"),
            (None, None, "Renhe Clinic", None, 500, None, None, "x"),
            ("K-001", None, "Renhe Clinic", None, 500, None, None, "x"),
            ("77", None, None, "Sometimes", 500, None, None, "x"),
            ("77", None, None, None, "much", None, None, "x"),
            ("K-001", None, None, None, -1, None, None, "x"),
            ("K-009", None, None, "No Credit", 5, None, None, "x"),
            (None, None, None, None, 5, 1.5, "31.12.26", "x"),
            (None, "91310000", None, "Limit", None, -3, "2020-01-01", None),
            (None, None, None, None, 1.001, "many", None, "x"),
        )
        text = "\n".join(errors)
        for part in (
            "A3: there is no customer",
            "C4: 2 customers",
            "C5: “Renhe Clinic” doesn't belong",
            "D6: “Sometimes”",
            "E7: “much”",
            "Row 7: Old Street Pharmacy stands in row 6",
            "E8: -1 is below zero",
            "E9: a limit doesn't go with",
            "Row 10: no customer",
            "F10: “1.5”",
            "G10: “31.12.26”",
            "D11: the limit is missing",
            "F11: “-3”",
            "G11:",
            "Row 11: the reason is missing",
            "E12: 1.001 has too many decimals",
            "F12: “many”",
        ):
            self.assertIn(part, text)
        self.assertFalse(self._account_of(self.clinic))
        self.assertEqual(self.account.credit_limit, 1000)

    def test_account_needed(self):
        self.assertIn("has no credit account yet", self._errors((77, None, None, None, None, 30, None, "x"))[0])

    def test_many_errors(self):
        errors = self._errors(*[(f"X{n}", None, None, None, 5, None, None, "x") for n in range(60)])
        self.assertEqual(len(errors), 51)
        self.assertIn("10", errors[-1])

    def test_bad_files(self):
        for content in (b"", b"no sheet", b"PK\x03\x04broken", self._sheet()[:-200]):
            with self.subTest(content[:10]), self.assertRaises(UserError):
                self._wizard(content=content or b"\0").action_check()
        for titles, words in (
            (("Nothing", "Limit"), "no customer column"),
            (("Customer", "Colour"), "nothing to set"),
            (("Customer", "Limit", "limit"), "twice"),
        ):
            with self.subTest(titles), self.assertRaisesRegex(UserError, words):
                self._wizard(titles=titles).action_check()
        self.assertIn("no limit to import", self._errors()[0])

    def test_chinese_sheet(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "customer_credit")])._update_translations(["zh_CN"])
        self.clinic.name = "仁和"
        chinese = self.account.with_context(lang="zh_CN")
        mode = dict(chinese._fields["mode"]._description_selection(chinese.env))["none"]
        wizard = self._wizard(reason="首次")
        titles = list(wizard.with_context(lang="zh_CN")._titles().values())
        wizard.file = base64.b64encode(self._sheet((None, None, "仁和", mode, None, None, None, None), titles=titles))
        wizard.action_check()
        self.assertEqual((wizard.line_ids.partner_id, wizard.line_ids.new_mode), (self.clinic, "none"))
        self.assertNotIn("Reference", titles)

    def test_changed_meanwhile(self):
        """What isn't what the preview showed isn't overwritten; nothing of the rest comes in either."""
        rows = (("K-001", None, None, None, 2000, None, None, "x"), (77, None, None, None, 10, None, None, "x"))
        wizard = self._wizard(*rows)
        wizard.action_check()
        self.account.credit_limit = 1500
        with self.assertRaisesRegex(UserError, "Changed since the preview: Kangtai"), self.env.cr.savepoint():
            wizard.action_apply()
        self.assertEqual(self.account.credit_limit, 1500)
        wizard.action_check()
        self._account(self.shop, limit=1)
        with self.assertRaisesRegex(UserError, "Old Street"), self.env.cr.savepoint():
            wizard.action_apply()
        self.assertEqual(self._account_of(self.shop).credit_limit, 1)
        wizard.action_check()
        wizard.action_apply()
        self.assertEqual((self.account.credit_limit, self._account_of(self.shop).credit_limit), (2000, 10))

    def test_who(self):
        rows = ("K-001", None, None, None, 2000, None, None, "x")
        for user in (self.salesman, self.biller, self.reader, self.controller):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self._wizard(rows, user=user)
                wizard = self._wizard(rows)
                wizard.action_check()
                for method in ("action_check", "action_apply", "action_template", "_template_xlsx"):
                    with self.assertRaises(AccessError):
                        getattr(wizard.with_user(user), method)()
        other = self._user("import_other", "customer_credit.group_credit_manager")
        wizard = self._wizard(rows)
        wizard.action_check()
        with self.assertRaises(AccessError):
            wizard.with_user(other).action_apply()
        self.assertEqual(self.account.credit_limit, 1000)

    def test_queries(self):
        """Reading and previewing take a constant number of queries but for the rows written."""
        customers = self.env["res.partner"].create(
            [{"name": f"Q{n}", "ref": f"Q{n}", "is_company": True} for n in range(40)]
        )

        def count(partners):
            wizard = self._wizard(*[(p.ref, None, None, None, 5, None, None, "x") for p in partners])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            wizard.action_check()
            return self.cr.sql_log_count - before

        count(customers)
        self.assertEqual(count(customers[:20]), count(customers))

    # === LIMITS OF ANOTHER ADDON === #

    def test_from_risk(self):
        wizard = self.env["credit.limit.import"].with_user(self.manager).create({"reason": "Move"})
        self.assertEqual(
            wizard._from_risk({"credit_limit": 700.0}), ({"mode": "amount", "credit_limit": 700.0}, "Move", [])
        )
        values, reason, parts = wizard._from_risk(
            {
                "credit_limit": 12.345,
                "credit_policy": "Insured",
                "risk_invoice_open_limit": 50.0,
                "risk_sale_order_limit": 0.0,
            }
        )
        self.assertEqual(values["credit_limit"], 12.35)
        self.assertEqual((reason, parts), ("Move (Insured)", ["risk_invoice_open_limit"]))
        self.assertEqual(wizard._from_risk({"credit_limit": 0.0})[0], {}, "zero means no limit there, not no credit")
        self.assertEqual(wizard.risk_found, "risk_total" in self.env["res.partner"]._fields)
        if not wizard.risk_found:
            wizard.source = "risk"
            with self.assertRaisesRegex(UserError, "no limits of Financial Risk"):
                wizard.action_check()


@tagged("post_install", "-at_install")
class TestLimitTemplate(ImportCase, HttpCase):
    """C9: the sheet with the accounts can be changed and imported again."""

    def test_template(self):
        self.account.write({"limit_payment_days": True, "payment_days": 30, "valid_until": self.today + timedelta(9)})
        self._account(self.clinic, mode="none")
        wizard = self.env["credit.limit.import"].with_user(self.manager).create({"reason": "x"})
        url = wizard.action_template()["url"]
        self.authenticate("credit_manager", "credit_manager")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values)
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows[1][:6], ("K-001", "91310000", "Kangtai Pharmacy", "Limit", 1000, 30))
        wizard.file = base64.b64encode(answer.content)
        wizard.action_check()
        self.assertEqual((wizard.errors or "", wizard.unchanged), ("", 2))
        self.authenticate("credit_reader", "credit_reader")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 403)
