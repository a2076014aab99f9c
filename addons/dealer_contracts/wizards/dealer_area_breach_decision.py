from odoo import fields, models


class DealerAreaBreachDecision(models.TransientModel):
    _name = "dealer.area.breach.decision"
    _description = "Decision on a Sale Outside the Area"

    breach_id = fields.Many2one("dealer.area.breach", required=True, readonly=True)
    state = fields.Selection([("confirmed", "Confirm"), ("dismissed", "Dismiss")], required=True, readonly=True)
    reason = fields.Text(required=True)

    def action_decide(self):
        """Record the decision."""
        self.ensure_one()
        self.breach_id._decide(self.state, self.reason)
        return {"type": "ir.actions.act_window_close"}
