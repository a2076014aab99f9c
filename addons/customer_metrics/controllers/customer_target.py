import json

from odoo import http
from odoo.http import request

from .xlsx import xlsx_response


class CustomerTargetController(http.Controller):
    @http.route("/customer_metrics/targets", type="http", auth="user", methods=["GET"], readonly=True)
    def export_targets(self, metric_id, year, options="{}", company_id=None):
        """Answer with the XLSX sheet of the targets that the grid shows; see ``customer.target.get_grid``."""
        Target = request.env["customer.target"]
        if company_id:
            allowed = request.env.user.company_ids.ids
            company_id = int(company_id)
            if company_id not in allowed:
                raise request.not_found()
            Target = Target.with_context(allowed_company_ids=[company_id])
        Target.check_access("read")
        year = int(year)
        content = Target._export_sheet(int(metric_id), year, json.loads(options))
        metric = Target._grid_metric(int(metric_id))
        return xlsx_response(content, f"{metric.name} {year}")
