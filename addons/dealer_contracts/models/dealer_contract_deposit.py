from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class DealerContractDeposit(models.Model):
    """A movement of the deposit that a dealer gave for a contract: received, returned, or kept (D1, part 6)."""

    _name = "dealer.contract.deposit"
    _description = "Deposit of a Contract"
    _order = "date, id"
    _rec_name = "reference"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    kind = fields.Selection(
        [("received", "Received"), ("returned", "Returned"), ("kept", "Kept as Penalty")],
        required=True,
        default="received",
    )
    amount = fields.Monetary(required=True)
    reference = fields.Char(required=True, help="Number of the receipt or of the bank's voucher.")
    user_id = fields.Many2one(
        "res.users", string="Entered by", required=True, readonly=True, default=lambda self: self.env.user
    )

    _amount_check = models.Constraint("CHECK (amount > 0)", "A deposit moves by an amount above zero.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not any(
            self.env.user.has_group(group)
            for group in ("dealer_contracts.group_contract_finance", "dealer_contracts.group_contract_manager")
        ):
            raise AccessError(
                self.env._("Deposits are entered by those who approve contracts for finance, or by managers.")
            )
        vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        moves = super().create(vals_list)
        for contract in moves.contract_id:
            contract._lock()
            if contract.deposit_held < 0:
                raise UserError(self.env._("No more can be returned or kept than was received."))
        return moves

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Movements of deposits are kept as they are; enter another one to set them right."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Movements of deposits are kept as they are; enter another one to set them right."))


class DealerContract(models.Model):
    _inherit = "dealer.contract"

    deposit_amount = fields.Monetary("Deposit Agreed")
    deposit_ids = fields.One2many("dealer.contract.deposit", "contract_id", string="Deposit Movements")
    deposit_held = fields.Monetary(compute="_compute_deposit_held", store=True)
    deposit_due = fields.Monetary(
        "Deposit Due", compute="_compute_deposit_held", store=True, help="Agreed, and neither received nor kept."
    )

    @api.depends("deposit_amount", "deposit_ids.amount", "deposit_ids.kind")
    def _compute_deposit_held(self):
        for contract in self:
            sums = {"received": 0.0, "returned": 0.0, "kept": 0.0}
            for move in contract.deposit_ids:
                sums[move.kind] += move.amount
            currency = contract.currency_id
            contract.deposit_held = currency.round(sums["received"] - sums["returned"] - sums["kept"])
            contract.deposit_due = max(currency.round(contract.deposit_amount - sums["received"]), 0.0)

    def _terms_server_fields(self):
        return super()._terms_server_fields() | {"deposit_ids", "deposit_held", "deposit_due"}

    def _content(self):
        content = super()._content()
        if self.deposit_amount:
            content["deposit"] = repr(self.deposit_amount)
        return content
