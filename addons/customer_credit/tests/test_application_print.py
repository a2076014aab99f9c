"""C1 to C4: the printed forms, in Chinese."""

import io

from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.customer_metrics.tests.chinese import install_chinese

from .common_application import ApplicationCase


@tagged("post_install", "-at_install")
class TestApplicationPrint(ApplicationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)

    def _text(self, report, record, user):
        context = {"force_report_rendering": True, "lang": "zh_CN", "allowed_company_ids": self.company.ids}
        actions = self.env["ir.actions.report"].with_user(user).with_context(**context)
        content, kind = actions._render_qweb_pdf(f"customer_credit.{report}", record.ids)
        self.assertEqual(kind, "pdf")
        pages = PdfReader(io.BytesIO(content)).pages
        # Chinese characters stand by themselves in the text layer.
        return "".join("".join(page.extract_text().split()) for page in pages)

    def test_c1_c4_forms(self):
        self._trade()
        application = self._assessed(
            {
                "owner": "王国强",
                "registered_capital": 500000.0,
                "turnover": 8000000.0,
                "conclusion": "经营稳健",
                "finding_ids": [(0, 0, {"kind": "bank", "source": "工商银行", "text": "往来正常"})],
            }
        )
        self._decide(application, limit=15000.0, days=30, reason="同意")
        text = self._text("action_report_application", application, self.applicant)
        for part in (
            "客户授信申请表",
            "KangtaiPharmacy",
            "20,000.00",
            "15,000.00",
            "同意",
            "Autumnseason",
            application.name,
        ):
            self.assertIn(part, text)
        self.assertNotIn("经营稳健", text, "salespeople don't read the investigation")
        investigation = application.with_user(self.investigator).investigation_id
        text = self._text("action_report_investigation", investigation, self.investigator)
        for part in ("客户资信调查表", "王国强", "500,000.00", "8,000,000.00", "经营稳健", "工商银行", "往来正常"):
            self.assertIn(part, text)
        text = self._text("action_report_assessment", application, self.assessor)
        for part in ("客户信用分析评估表", "客户历史回款能力得分表", "客户发展潜力评分表", "准时回款率", "AA"):
            self.assertIn(part, text)
        self.assertIn(f"{application.score:.2f}", text)
        text = self._text("action_report_grade", application, self.assessor)
        for part in ("客户信用等级评定表", "☑AA", "18,000.00", "AAA"):
            self.assertIn(part, text)
        standard = self.env.ref("customer_credit.credit_standard_default")
        text = self._text("action_report_standard", standard, self.reader)
        for part in ("客户授信标准表", "AAA", "150%", "60"):
            self.assertIn(part, text)

    def test_c2_confidential_forms(self):
        """C2, C3: salespeople can't print what they may not read."""
        application = self._investigated()
        investigation = application.sudo().investigation_id
        with self.assertRaises(AccessError):
            self._text("action_report_investigation", investigation, self.applicant)
        self._answer(application)
        with self.assertRaises(AccessError):
            self._text("action_report_assessment", application, self.applicant)

    def test_c1_empty_forms(self):
        """C1: a draft prints too, to be filled in with a pen."""
        application = self._application()
        self.assertIn("客户授信申请表", self._text("action_report_application", application, self.applicant))
        self.assertIn("客户信用等级评定表", self._text("action_report_grade", application.sudo(), self.assessor))
