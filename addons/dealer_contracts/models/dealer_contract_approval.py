from odoo import fields, models
from odoo.exceptions import AccessError


class DealerContractApproval(models.Model):
    """One step on the way of a contract: who decided what on which text, and when (D3).

    Written by the server alone. A change of the contract voids them, and they stay on record as void.
    """

    _name = "dealer.contract.approval"
    _description = "Approval of a Contract"
    _order = "contract_id, round, sequence, id"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id")
    round = fields.Integer(help="Counts the submissions of the contract.")
    sequence = fields.Integer()
    name = fields.Char("Step", required=True)
    group_id = fields.Many2one("res.groups", string="Approvers", required=True, index=True, ondelete="restrict")
    state = fields.Selection(
        [("pending", "Pending"), ("approved", "Approved"), ("refused", "Sent Back"), ("void", "Void")],
        default="pending",
        required=True,
    )
    user_id = fields.Many2one("res.users", string="Decided by")
    date = fields.Datetime("Decided on")
    note = fields.Text("Reason")
    digest = fields.Char("SHA-256 of the Content", help="Of what the contract said when this was decided.")

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Approvals are given by the buttons of the contract."))
        return super().write(vals)
