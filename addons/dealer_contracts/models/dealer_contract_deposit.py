from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .paper_words import WORDS


class DealerContractDeposit(models.Model):
    """A movement of the deposit that a dealer gave for a contract: received, returned, or kept (D1, part 6).

    Where the company has an account for deposits, each movement is booked and posted as it is entered.
    """

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

    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        ondelete="restrict",
        domain="[('type', 'in', ('bank', 'cash', 'general'))]",
        help="Bank or cash that the money goes through; for what is kept, a journal of other operations. It is needed"
        " where the company has an account for deposits.",
    )
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, index=True, ondelete="restrict")
    entry = fields.Char(related="move_id.name")

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
        vals_list = [{**vals, "user_id": self.env.uid, "move_id": False} for vals in vals_list]
        deposits = super().create(vals_list)
        for contract in deposits.contract_id:
            contract._lock()
            if contract.deposit_held < 0:
                raise UserError(self.env._("No more can be returned or kept than was received."))
        deposits.sudo()._book()
        return deposits

    # === BOOKING === #

    def _book(self):
        """Post an entry for each movement, between its journal and the account of deposits.

        :raise UserError: if the journal is missing, or isn't one for this kind of movement
        """
        booked = self.filtered("company_id.contract_deposit_account_id")
        moves = self.env["account.move"].create([deposit._entry_values() for deposit in booked])
        moves._post(soft=False)
        for deposit, move in zip(booked, moves, strict=True):
            super(DealerContractDeposit, deposit).write({"move_id": move.id})
        bodies = {move.id: self.env._("Deposit of a contract, entered by %s.", self.env.user.name) for move in moves}
        moves._message_log_batch(bodies)

    def _entry_values(self):
        self.ensure_one()
        contract, company = self.contract_id, self.company_id
        labels = dict(self._fields["kind"]._description_selection(self.env))
        name = self.env._(
            "Deposit of %(contract)s: %(kind)s, %(reference)s",
            contract=contract.name or contract.display_name,
            kind=labels[self.kind],
            reference=self.reference,
        )
        # What is received is a debit in the bank, and owed to the dealer.
        amount = self.amount if self.kind == "received" else -self.amount
        balance = self.currency_id._convert(amount, company.currency_id, company, self.date)
        sides = ((self._counter_account(), 1), (company.contract_deposit_account_id, -1))
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": self.journal_id.id,
            "date": self.date,
            "ref": name,
            "partner_id": contract.partner_id.id,
            "line_ids": [
                Command.create(
                    {
                        "name": name,
                        "partner_id": contract.partner_id.id,
                        "account_id": account.id,
                        "currency_id": self.currency_id.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                    }
                )
                for account, sign in sides
            ],
        }

    def _counter_account(self):
        """Return the account beside that of deposits: of the bank or the cash, or the income of what is kept."""
        journal, company = self.journal_id, self.company_id
        if self.kind == "kept":
            if journal.type != "general":
                raise UserError(self.env._("What is kept is booked in a journal of other operations: choose one."))
            product = company.penalty_product_id.with_company(company)
            account = product._get_product_accounts()["income"] if product else company.income_account_id
            if not account:
                raise UserError(
                    self.env._(
                        "Choose the product of penalties in the settings: its income account takes what is kept."
                    )
                )
            return account
        if journal.type not in ("bank", "cash"):
            raise UserError(self.env._("Choose the bank or cash journal that the money goes through."))
        side = "inbound" if self.kind == "received" else "outbound"
        # As payments do: where the journal has an account for money on its way, it waits there for the statement.
        account = journal[f"{side}_payment_method_line_ids"].payment_account_id[:1] or journal.default_account_id
        if not account:
            raise UserError(self.env._("The journal “%s” has no account.", journal.name))
        return account

    def action_entry(self):
        """Open the entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.sudo().move_id.id,
            "view_mode": "form",
        }

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

    @api.constrains("deposit_amount")
    def _check_deposit_amount(self):
        for contract in self:
            if contract.deposit_amount < 0:
                raise ValidationError(self.env._("A deposit isn't below zero."))

    @api.model
    def _variables_of(self, contract):
        variables = super()._variables_of(contract)
        words = WORDS[contract.lang or "en_US"]
        text = words["no_deposit"]
        if contract.deposit_amount:
            text = words["deposit"].format(
                currency=contract.currency_id.name,
                amount=contract._money(contract.deposit_amount),
                words=contract._in_words(contract.deposit_amount),
            )
        return {**variables, "deposit": text}

    def _terms_server_fields(self):
        return super()._terms_server_fields() | {"deposit_ids", "deposit_held", "deposit_due"}

    def _content(self):
        content = super()._content()
        if self.deposit_amount:
            content["deposit"] = repr(self.deposit_amount)
        return content
