from odoo import http
from odoo.http import request

from odoo.addons.customer_metrics.controllers.xlsx import xlsx_response


class ComplaintWorkbook(http.Controller):
    @http.route("/aftersales_complaint/list/<int:export_id>", type="http", auth="user", methods=["GET"])
    def workbook(self, export_id):
        """Download a selection of complaints as a workbook; to who selected them, and may read and export them."""
        export = request.env["complaint.export"].browse(export_id).exists()
        if not export:
            raise request.not_found()
        return xlsx_response(export._complaints()._workbook(), request.env._("Complaints"))
