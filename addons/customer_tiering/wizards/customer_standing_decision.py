from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_standing import STANDINGS


class CustomerStandingDecision(models.TransientModel):
    """Form in which the reason of a decision about standings is given, for one or for many."""

    _name = "customer.standing.decision"
    _description = "Decision about Customers"

    decision = fields.Selection([("confirm", "Confirm"), ("refuse", "Refuse"), ("end", "End")], required=True)
    res_model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    count = fields.Integer()
    reason = fields.Text(required=True)
    date_to = fields.Date("Until", help="First day on which it no longer holds. Empty: no end.")

    @api.model
    def _standings(self, name, ids):
        """Return the records that are decided about; their own methods check who may."""
        if name not in STANDINGS:
            raise UserError(self.env._("Nothing is decided about here."))
        return self.env[name].browse(ids).exists()

    def action_decide(self):
        self.ensure_one()
        standings = self._standings(self.res_model, self.res_ids)
        if self.decision == "end":
            standings._end(self.reason)
        else:
            standings._decide(self.decision == "confirm", self.reason, self.date_to)
        return {"type": "ir.actions.act_window_close"}
