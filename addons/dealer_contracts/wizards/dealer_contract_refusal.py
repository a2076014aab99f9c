from odoo import fields, models


class DealerContractRefusal(models.TransientModel):
    """Asks for the reason for which a contract is sent back."""

    _name = "dealer.contract.refusal"
    _description = "Send a Contract Back"

    contract_id = fields.Many2one("dealer.contract", required=True, ondelete="cascade")
    reason = fields.Text(required=True)

    def action_refuse(self):
        """Send the contract back."""
        self.contract_id._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
