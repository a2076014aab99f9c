from odoo import api, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Documents of contracts: cancelled they count for nothing, and what they say is what was calculated (D6, D7).

    Credit notes pay rebates, invoices take penalties, entries book deposits.
    """

    _inherit = "account.move"

    def _rebate_settlements(self):
        """Return the settlements that these entries pay: one query, none without credit notes."""
        refunds = self.filtered(lambda move: move.move_type == "out_refund")
        settlements = self.env["dealer.contract.settlement"].sudo()
        return settlements.search([("move_id", "in", refunds.ids)]) if refunds else settlements

    def _area_penalties(self):
        """Return the penalties that these invoices take: one query, none without invoices."""
        invoices = self.filtered(lambda move: move.move_type == "out_invoice")
        penalties = self.env["dealer.area.penalty"].sudo()
        return penalties.search([("move_id", "in", invoices.ids)]) if invoices else penalties

    def _check_contract_deposits(self):
        """Raise if one of these entries books a movement of a deposit: the register and the books stay equal."""
        entries = self.filtered(lambda move: move.move_type == "entry")
        deposit = self.env["dealer.contract.deposit"].sudo()
        if entries and (found := deposit.search([("move_id", "in", entries.ids)], limit=1)):
            raise UserError(
                self.env._(
                    "This entry books the deposit “%(reference)s” of %(contract)s. Enter another movement there to set"
                    " it right.",
                    reference=found.reference,
                    contract=found.contract_id.display_name,
                )
            )

    def write(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self.filtered(lambda move: move.state == "posted")._check_contract_deposits()
        if vals.get("state") in ("draft", "posted"):
            cancelled = self.filtered(lambda move: move.state == "cancel")
            if settlements := cancelled._rebate_settlements():
                raise UserError(
                    self.env._(
                        "%s was cancelled, so its rebate can be settled anew: that makes another credit note.",
                        ", ".join(settlements.mapped("name")),
                    )
                )
            if penalties := cancelled._area_penalties():
                raise UserError(
                    self.env._(
                        "The invoice of “%s” was cancelled, so its penalty can be taken anew: by another invoice, or"
                        " off a rebate.",
                        ", ".join(penalties.breach_id.mapped("summary")),
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

        if penalties := self._area_penalties():
            raise UserError(
                self.env._(
                    "This invoice takes the penalty of “%s”, which is on record. Cancel it instead.",
                    ", ".join(penalties.breach_id.mapped("summary")),
                )
            )
        self._check_contract_deposits()

    def _comes_to(self, amount, currency):
        """Tell whether the document is about an amount, without taxes."""
        self.ensure_one()
        return self.currency_id == currency and not currency.compare_amounts(self.amount_untaxed, amount)

    def _post(self, soft=True):
        for penalty in self._area_penalties():
            move = penalty.move_id
            if not move._comes_to(penalty.amount, penalty.currency_id):
                raise UserError(
                    self.env._(
                        "The penalty of “%(breach)s” comes to %(amount)s without taxes, the invoice to %(found)s. Set"
                        " it right, or cancel it and take the penalty anew.",
                        breach=penalty.breach_id.summary,
                        amount=penalty.currency_id.format(penalty.amount),
                        found=move.currency_id.format(move.amount_untaxed),
                    )
                )
        for settlement in self._rebate_settlements():
            move = settlement.move_id
            if not move._comes_to(settlement.credited, settlement.currency_id):
                raise UserError(
                    self.env._(
                        "“%(settlement)s” comes to %(amount)s without taxes, the credit note to %(found)s. Set it"
                        " right, or cancel it and settle anew.",
                        settlement=settlement.name,
                        amount=settlement.currency_id.format(settlement.credited),
                        found=move.currency_id.format(move.amount_untaxed),
                    )
                )
        return super()._post(soft)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_contract_deposits()
        if settlements := self._rebate_settlements():
            raise UserError(
                self.env._(
                    "“%s” isn't taken back by a reversal: reset its credit note to draft and cancel it. What it paid"
                    " can then be settled again.",
                    ", ".join(settlements.mapped("name")),
                )
            )
        return super()._reverse_moves(default_values_list, cancel)
