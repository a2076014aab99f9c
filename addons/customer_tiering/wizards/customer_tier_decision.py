from odoo import fields, models


class CustomerTierDecision(models.TransientModel):
    """Form in which the reason of a decision is given: a run is approved or cancelled, a fixed class released."""

    _name = "customer.tier.decision"
    _description = "Decision about Classes"

    run_id = fields.Many2one("customer.tier.run")
    override_id = fields.Many2one("customer.tier.override")
    decision = fields.Selection(
        [("approve", "Approve"), ("cancel", "Cancel the Run"), ("end", "Let the Rules Decide Again")], required=True
    )
    moved_count = fields.Integer(related="run_id.moved_count")
    customer_count = fields.Integer(related="run_id.customer_count")
    matrix = fields.Json(related="run_id.matrix")
    reason = fields.Text(required=True)

    def action_decide(self):
        self.ensure_one()
        if self.decision == "approve":
            self.run_id._approve(self.reason)
        elif self.decision == "cancel":
            self.run_id._check_officer()
            self.run_id.check_access("write")
            self.run_id._cancel(self.reason)
        else:
            self.override_id._end_early(self.reason)
        return {"type": "ir.actions.act_window_close"}
