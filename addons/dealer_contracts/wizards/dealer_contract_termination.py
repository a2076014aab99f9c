from odoo import fields, models


class DealerContractTermination(models.TransientModel):
    """Asks for what a notice or a termination needs."""

    _name = "dealer.contract.termination"
    _description = "End a Contract"

    contract_id = fields.Many2one("dealer.contract", required=True, ondelete="cascade")
    kind = fields.Selection(
        [("notice", "Notice: ends at its end"), ("termination", "Termination: ends now")], required=True
    )
    by = fields.Selection([("a", "Us"), ("b", "The Dealer")], string="Given by", default="a", required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    reason = fields.Text()

    def action_apply(self):
        """Give notice or terminate."""
        self.ensure_one()
        if self.kind == "notice":
            self.contract_id._give_notice(self.by, self.date)
        else:
            self.contract_id._terminate(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
