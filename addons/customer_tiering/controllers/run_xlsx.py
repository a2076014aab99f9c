from odoo import http
from odoo.http import request

from odoo.addons.customer_metrics.controllers.xlsx import xlsx_response


class TierRunXlsx(http.Controller):
    @http.route("/customer_tiering/run/<int:run_id>.xlsx", type="http", auth="user", readonly=True)
    def run_xlsx(self, run_id):
        """Download a run as a workbook: the moves, the customers with the reason, the rules."""
        run = request.env["customer.tier.run"].browse(run_id).exists()
        if not run:
            raise request.not_found()
        run.check_access("read")
        return xlsx_response(run._workbook(), run.display_name)
