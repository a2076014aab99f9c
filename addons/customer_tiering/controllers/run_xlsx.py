from odoo import http
from odoo.http import content_disposition, request


class TierRunXlsx(http.Controller):
    @http.route("/customer_tiering/run/<int:run_id>.xlsx", type="http", auth="user", readonly=True)
    def run_xlsx(self, run_id):
        """Download a run as a workbook: the moves, the customers with the reason, the rules."""
        run = request.env["customer.tier.run"].browse(run_id).exists()
        if not run:
            raise request.not_found()
        run.check_access("read")
        return request.make_response(
            run._workbook(),
            headers=[
                ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                ("Content-Disposition", content_disposition(f"{run.display_name}.xlsx")),
            ],
        )
