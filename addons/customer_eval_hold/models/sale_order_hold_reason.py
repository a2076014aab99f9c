from odoo import api, fields, models
from odoo.tools import format_date


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"

    code = fields.Selection(
        selection_add=[("eval_refused", "Refused by evaluation")], ondelete={"eval_refused": "cascade"}
    )

    @api.model
    def _message(self, code, figures):
        if code == "eval_refused":
            return self.env._(
                "The customer's evaluation of %s says to refuse business with it.",
                format_date(self.env, figures.get("date")),
            )
        return super()._message(code, figures)

    @api.model
    def _eval_observe_message(self, figures):
        return self.env._(
            "The customer's evaluation of %s says to observe it: small orders, short terms.",
            format_date(self.env, figures.get("date")),
        )
