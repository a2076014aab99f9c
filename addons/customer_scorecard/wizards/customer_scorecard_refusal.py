from odoo import fields, models


class CustomerScorecardRefusal(models.TransientModel):
    """Asks why evaluations are sent back."""

    _name = "customer.scorecard.refusal"
    _description = "Send Back Evaluations"

    scorecard_ids = fields.Many2many("customer.scorecard", string="Evaluations", required=True)
    reason = fields.Text(required=True)

    def action_refuse(self):
        """Send the evaluations back."""
        self.ensure_one()
        self.scorecard_ids._refuse(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
