import io

from pypdf import PdfReader

from odoo import Command
from odoo.tests import new_test_user

BODY = """
<t t-call="report_weasyprint.document">
    <t t-foreach="docs" t-as="doc">
        <t t-call="report_weasyprint.layout">
            <t t-set="title">客户登记表</t>
            <t t-set="reference" t-value="doc.ref"/>
            <p t-out="doc.name"/>
            <div t-out="doc.comment"/>
        </t>
    </t>
</t>
"""


class WeasyprintCommon:
    """A printed form of the customers 康泰大药房 and 仁和诊所, on the company's A4 paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("report.url", "http://odoo.example")
        cls.company = cls.env["res.company"].create({"name": "华康医药有限公司"})
        cls.employee = new_test_user(
            cls.env,
            "form_employee",
            "base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer, cls.other_customer = cls.env["res.partner"].create(
            [{"name": "康泰大药房", "ref": "K-001"}, {"name": "仁和诊所", "ref": "K-002"}]
        )
        cls.view = cls.env["ir.ui.view"].create(
            {"type": "qweb", "name": "Form", "key": "report_weasyprint.test_form", "arch": f"<t>{BODY}</t>"}
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "客户登记表",
                "model": "res.partner",
                "report_type": "qweb-pdf",
                "report_name": cls.view.key,
                "pdf_engine": "weasyprint",
            }
        )

    @classmethod
    def _pdf(cls, records, user=None, report=None, **context):
        """Return the PDF that a user gets for records, as bytes."""
        report = report or cls.report
        Report = cls.env["ir.actions.report"].with_user(user or cls.employee)
        content, kind = Report.with_context(force_report_rendering=True, **context)._render_qweb_pdf(
            report.report_name, records.ids
        )
        assert kind == "pdf"
        return content

    @classmethod
    def _pages(cls, pdf):
        """Return the text of each page."""
        return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
