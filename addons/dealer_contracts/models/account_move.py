from odoo import api, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Credit notes that pay rebates: cancelled they pay nothing, and what they say is what was calculated (D7)."""

    _inherit = "account.move"

    def _rebate_settlements(self):
        """Return the settlements that these entries pay: one query, none without credit notes."""
        refunds = self.filtered(lambda move: move.move_type == "out_refund")
        settlements = self.env["dealer.contract.settlement"].sudo()
        return settlements.search([("move_id", "in", refunds.ids)]) if refunds else settlements

    def write(self, vals):
        if vals.get("state") in ("draft", "posted"):
            cancelled = self.filtered(lambda move: move.state == "cancel")
            if settlements := cancelled._rebate_settlements():
                raise UserError(
                    self.env._(
                        "%s was cancelled, so its rebate can be settled anew: that makes another credit note.",
                        ", ".join(settlements.mapped("name")),
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate(self):
        if settlements := self._rebate_settlements():
            raise UserError(
                self.env._(
                    "This credit note pays “%s”, which is on record. Cancel it instead.",
                    ", ".join(settlements.mapped("name")),
                )
            )

    def _post(self, soft=True):
        for settlement in self._rebate_settlements():
            move = settlement.move_id
            if move.currency_id != settlement.currency_id or move.currency_id.compare_amounts(
                move.amount_untaxed, settlement.amount
            ):
                raise UserError(
                    self.env._(
                        "“%(settlement)s” comes to %(amount)s without taxes, the credit note to %(found)s. Set it"
                        " right, or cancel it and settle anew.",
                        settlement=settlement.name,
                        amount=settlement.currency_id.format(settlement.amount),
                        found=move.currency_id.format(move.amount_untaxed),
                    )
                )
        return super()._post(soft)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        if settlements := self._rebate_settlements():
            raise UserError(
                self.env._(
                    "“%s” isn't taken back by a reversal: reset its credit note to draft and cancel it. What it paid"
                    " can then be settled again.",
                    ", ".join(settlements.mapped("name")),
                )
            )
        return super()._reverse_moves(default_values_list, cancel)
