from odoo import fields, models


class CreditFreeze(models.TransientModel):
    """Ask for the reason when customers are frozen or unfrozen (C8)."""

    _name = "credit.freeze"
    _description = "Freeze Customers"

    account_ids = fields.Many2many("credit.account", string="Credit Accounts", required=True)
    operation = fields.Selection([("freeze", "Freeze"), ("unfreeze", "Unfreeze")], required=True, default="freeze")
    reason = fields.Text(required=True)

    def action_apply(self):
        """Freeze or unfreeze; who may is checked by the account."""
        self.ensure_one()
        if self.operation == "freeze":
            self.account_ids._freeze(self.reason)
        else:
            self.account_ids._unfreeze(self.reason)
        return {"type": "ir.actions.act_window_close"}
