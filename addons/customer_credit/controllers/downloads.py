from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CreditDownloads(http.Controller):
    @http.route("/customer_credit/statement/<int:statement_id>", type="http", auth="user", methods=["GET"])
    def statement(self, statement_id):
        """Return a statement of account as an XLSX file; only to who asked for it, and may see the figures."""
        statement = request.env["credit.statement"].browse(statement_id).exists()
        if not statement:
            raise request.not_found()
        content = statement._statement_xlsx()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(f"{statement._title()}.xlsx")),
            ],
        )

    @http.route("/customer_credit/limits/<int:import_id>", type="http", auth="user", methods=["GET"])
    def limits(self, import_id):
        """Return the sheet for the import of limits, filled with the credit accounts; to credit managers only."""
        wizard = request.env["credit.limit.import"].browse(import_id).exists()
        if not wizard:
            raise request.not_found()
        wizard.check_access("read")
        content = wizard._template_xlsx()
        name = request.env._("Credit limits %s", wizard.company_id.name)
        return request.make_response(
            content,
            headers=[("Content-Type", XLSX), ("Content-Disposition", content_disposition(f"{name}.xlsx"))],
        )
