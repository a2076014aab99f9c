import json

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.customer_metrics.controllers.xlsx import xlsx_response


class ScorecardController(http.Controller):
    @http.route("/customer_scorecard/xlsx", type="http", auth="user", methods=["POST"])
    def scores(self, ids):
        """Return the scores of the evaluations with these ids (a JSON list) as an XLSX file.

        The user's rights are those on the evaluations; those that are gone meanwhile are left out.
        """
        ids = [int(number) for number in json.loads(ids)]
        cards = request.env["customer.scorecard"].browse(ids).exists()
        try:
            content = cards._scores_xlsx()
        except UserError as error:
            # The client shows the message of an error that comes in this form.
            message = {"code": 0, "message": "Odoo Server Error", "data": http.serialize_exception(error)}
            return request.make_json_response(message, status=500)
        name = request.env._("Scores %(date)s", date=fields.Date.context_today(cards))
        return xlsx_response(content, name)
