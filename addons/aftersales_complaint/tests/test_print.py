import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

REPORT = "aftersales_complaint.report_complaint"


@tagged("post_install", "-at_install")
class TestPrint(HttpCase, ComplaintCommon):
    """A3: the file of a complaint as PDF, and lists as workbooks, for who may read them."""

    def _html(self, complaints, user=None, lang=None):
        report = self.env["ir.actions.report"].with_user(user or self.handler)
        if lang:
            report = report.with_context(lang=lang)
        html, _kind = report._render_qweb_html(REPORT, complaints.ids)
        return html.decode()

    def test_form(self):
        complaint = self._take(self._complaint(), "investigating")
        self._remedy(complaint, "compensation", 0, amount=50)
        self._take(complaint, "notified")
        complaint.sudo()._respond("accepted", "Fine")
        html = self._html(complaint)
        for text in (
            complaint.name,
            "Boxes are wet",
            "Cefixime",
            "Rain came in",
            "You are right",
            "Ms Shen",
            "0571 555",
            "Fine",
            self.decider.name,
            self.investigator.name,
        ):
            with self.subTest(text):
                self.assertIn(text, html)
        report = self.env["ir.actions.report"].with_user(self.handler).with_context(force_report_rendering=True)
        content, kind = report._render_qweb_pdf(REPORT, complaint.ids)
        self.assertEqual((kind, content[:5]), ("pdf", b"%PDF-"))
        own = self._complaint(user=self.user)
        self.assertIn(own.name, self._html(own, self.user))
        for user in (self.user, self.clerk):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._html(complaint, user)

    def test_figures_of_the_steps(self):
        """What the steps rested on is told on the form and in the file, as it was, with words for codes."""
        complaint = self._take(self._complaint(), "investigating")
        remedy = self._remedy(complaint, "compensation", 0, amount=50)
        self._take(complaint, "notified")
        remedy.with_user(self.handler).action_make()
        self._take(complaint, "closed")
        told = {step.kind: step.figures_text for step in complaint.with_user(self.handler).step_ids}
        symbol = self.company.currency_id.symbol
        for kind, texts in {
            "received": ("Subject: Boxes are wet", "Lines: 1", "Acknowledge Until: 7/3/25", "Answer Until: 7/9/25"),
            "assessed": ("Severity: Minor", "Complexity: Normal", "Impact: None for patients", "Solve Until: 7/16/25"),
            "decided": (
                "Findings: Rain came in",
                "Responsibility: Ourselves",
                "Decision: Accepted",
                "Cause: Wrong storage",
                f"Investigator: {self.investigator.name}",
                "Remedies: Compensation",
            ),
            "notified": ("Told By: Call Logged", "Who Was Told: Ms Shen", "What Was Told: We make it good"),
            "remedy": ("Remedy: Compensation", "Value: "),
            "closed": (f"Decided By: {self.decider.name}",),
        }.items():
            for text in texts:
                with self.subTest(kind, text=text):
                    self.assertIn(text, told[kind])
        for label, amount in (("Cost", "200.00"), ("Amount", "50.00"), ("Cap of the Decider", "500.00")):
            with self.subTest(label):
                row = next(row for row in told["decided"].splitlines() if row.startswith(f"{label}: "))
                self.assertTrue(amount in row and symbol in row, row)
        with self.subTest("nothing raw"):
            for text in told.values():
                self.assertNotRegex(text, r"[{}]|None$|False|minor|_deadline")
        with self.subTest("a zero is a figure"):
            step = complaint.step_ids.filtered(lambda step: step.kind == "notified")
            step.flush_recordset()
            self.env.cr.execute(
                "UPDATE complaint_step SET figures = %s WHERE id = %s", ['{"cost": 0, "amount": null}', step.id]
            )
            step.invalidate_recordset()
            self.assertRegex(step.figures_text, "^Cost: [^\n]*0.00[^\n]*$")
        with self.subTest("in Chinese"):
            self.env["res.lang"]._activate_lang("zh_CN")
            self.env["ir.module.module"]._load_module_terms(["aftersales_complaint"], ["zh_CN"])
            assessed = complaint.step_ids.filtered(lambda step: step.kind == "assessed")
            self.assertIn("严重程度：轻微", assessed.with_context(lang="zh_CN").figures_text)
        with self.subTest("in the file"):
            html = self._html(complaint)
            self.assertIn("Severity: Minor", html)
            self.assertIn("Cap of the Decider", html)

    def test_cost_of_the_figures(self):
        counts = []
        for number in (2, 4):
            complaints = self.env["complaint.complaint"]
            for _each in range(number):
                complaints |= self._take(self._complaint(), "decided")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            complaints.with_user(self.handler).step_ids.mapped("figures_text")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_workbook(self):
        complaint = self._take(self._complaint(subject="=1+1"), "closed")
        own = self._complaint(user=self.user)
        self.user.group_ids += self.env.ref("base.group_allow_export")
        self.handler.group_ids += self.env.ref("base.group_allow_export")
        self.user.password = "complaint_user"
        self.handler.password = "complaint_handler"
        both = complaint | own
        url = both.with_user(self.handler).action_xlsx()["url"]
        self.authenticate("complaint_handler", "complaint_handler")
        answer = self.url_open(url)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        rows = list(sheet.iter_rows(values_only=True))
        self.assertEqual([row[0] for row in rows[1:]], both.mapped("name"))
        self.assertEqual(len(rows[0]), len(rows[1]))
        cell = sheet.cell(2, rows[0].index("Subject") + 1)
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))
        row = dict(zip(rows[0], rows[1], strict=True))
        self.assertEqual(
            (row["Status"] if "Status" in row else row["State"], row["Decided By"]), ("Closed", self.decider.name)
        )
        with self.subTest("nothing is next when it is closed"):
            self.assertTrue(complaint.next_step)
            self.assertFalse(row["Next Step"])
        with self.subTest("what isn't known is empty"):
            self.assertIsNone(dict(zip(rows[0], rows[2], strict=True))["Hours To Answer"])
        self.authenticate("complaint_user", "complaint_user")
        with self.subTest("nobody else's selection"), mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(url).status_code, 200)
        with self.subTest("what the user may not read"), self.assertRaises(AccessError):
            both.with_user(self.user)._check_export()
        export = self.env["complaint.export"].with_user(self.user).create({"complaint_ids": both.ids})
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(f"/aftersales_complaint/list/{export.id}").status_code, 200)
        with self.subTest("who may not export"):
            self.user.group_ids -= self.env.ref("base.group_allow_export")
            with self.assertRaisesRegex(UserError, "allowed to export"):
                own.with_user(self.user)._check_export()
        with self.assertRaises(UserError):
            own.browse().with_user(self.handler)._check_export()

    def test_cost_of_the_workbook(self):
        counts = []
        for number in (3, 6):
            complaints = self.env["complaint.complaint"]
            for _each in range(number):
                complaints |= self._complaint()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            complaints.with_user(self.handler)._workbook()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
