import json

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import WeasyprintCommon


@tagged("post_install", "-at_install")
class TestDownload(WeasyprintCommon, HttpCase):
    """The ways on which a browser gets the file, where there is no wkhtmltopdf."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.print_report_name = "'登记表 %s' % object.ref"
        cls.env["ir.actions.report"].search([("binding_model_id.model", "=", "res.partner")]).unlink_action()
        cls.report.create_action()
        cls.employee.password = "form_employee"
        # As on a server without it, whatever the machine of the test has.
        cls.classPatch(type(cls.report), "get_wkhtmltopdf_state", lambda *args: "install")

    def _check(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("康泰大药房", self._pages(response.content)[0])

    def test_address_of_the_report(self):
        self.authenticate("form_employee", "form_employee")
        context = json.dumps({"force_report_rendering": True})
        self._check(self.url_open(f"/report/pdf/{self.report.report_name}/{self.customer.id}?context={context}"))

    def test_download_route(self):
        self.authenticate("form_employee", "form_employee")
        response = self.url_open(
            "/report/download",
            data={
                "data": json.dumps([f"/report/pdf/{self.report.report_name}/{self.customer.id}", "qweb-pdf"]),
                "context": json.dumps({"force_report_rendering": True}),
                "csrf_token": Request.csrf_token(self),
            },
        )
        self._check(response)
        self.assertIn("%20K-001.pdf", response.headers["Content-Disposition"])

    def test_print_button(self):
        """The button of the client downloads the file and doesn't speak of wkhtmltopdf."""
        self.start_tour(f"/odoo/res.partner/{self.customer.id}", "report_weasyprint_print", login="form_employee")
