from odoo import http
from odoo.http import request

from odoo.addons.customer_metrics.controllers.xlsx import xlsx_response


class CreditDownloads(http.Controller):
    @http.route("/customer_credit/statement/<int:statement_id>", type="http", auth="user", methods=["GET"])
    def statement(self, statement_id):
        """Return a statement of account as an XLSX file; only to who asked for it, and may see the figures."""
        statement = request.env["credit.statement"].browse(statement_id).exists()
        if not statement:
            raise request.not_found()
        return xlsx_response(statement._statement_xlsx(), statement._title())

    @http.route("/customer_credit/limits/<int:import_id>", type="http", auth="user", methods=["GET"])
    def limits(self, import_id):
        """Return the sheet for the import of limits, filled with the credit accounts; to credit managers only."""
        wizard = request.env["credit.limit.import"].browse(import_id).exists()
        if not wizard:
            raise request.not_found()
        wizard.check_access("read")
        name = request.env._("Credit limits %s", wizard.company_id.name)
        return xlsx_response(wizard._template_xlsx(), name)
