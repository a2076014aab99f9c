from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

COLLECTORS = ("dealer_contracts.group_contract_finance", "dealer_contracts.group_contract_manager")
WAYS = [("invoice", "Invoice"), ("rebate", "Deduction from the Next Rebate")]
WAY_FIELDS = frozenset({"penalty_way", "penalty_way_by", "penalty_way_on"})


class DealerAreaPenalty(models.Model):
    """A penalty for sales outside the area that was taken: by an invoice, or off a rebate (D6).

    It is kept as it was made. It counts from its making on, and no longer if the invoice or the credit note that it
    stands on is cancelled.
    """

    _name = "dealer.area.penalty"
    _description = "Penalty Taken"
    _order = "date desc, id desc"

    breach_id = fields.Many2one("dealer.area.breach", required=True, readonly=True, index=True, ondelete="restrict")
    contract_id = fields.Many2one(related="breach_id.contract_id", store=True, index=True)
    company_id = fields.Many2one(related="breach_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="breach_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="breach_id.currency_id")
    way = fields.Selection(WAYS, required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True, help="Without taxes, in company currency.")
    date = fields.Date("Taken on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Taken by", required=True, readonly=True)
    settlement_id = fields.Many2one("dealer.contract.settlement", readonly=True, index=True, ondelete="restrict")
    move_id = fields.Many2one("account.move", string="Document", readonly=True, index=True, ondelete="restrict")
    move_name = fields.Char(related="move_id.display_name", string="Number")
    state = fields.Selection(
        [("draft", "Document in Draft"), ("posted", "Posted"), ("void", "Void")],
        compute="_compute_state",
        store=True,
        help="Void: the document was cancelled, and the penalty is open again.",
    )

    _amount_check = models.Constraint("CHECK (amount > 0)", "A penalty is above zero.")

    @api.depends("move_id.state")
    def _compute_state(self):
        for penalty in self:
            penalty.state = "void" if penalty.move_id.state == "cancel" else penalty.move_id.state or "draft"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Penalties are taken by the buttons of the breach."))
        return super().create(vals_list)

    def write(self, vals):
        if not (self.env.su and vals.keys() == {"move_id"} and not self.move_id):
            raise UserError(self.env._("A penalty is kept as it was taken. Cancel its document, then take it anew."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A penalty is kept as it was taken. Cancel its document, then take it anew."))

    def action_document(self):
        """Open the invoice or the credit note, where the user may read it."""
        self.ensure_one()
        if not self.sudo().move_id.with_env(self.env).has_access("read"):
            return True
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.sudo().move_id.id,
            "view_mode": "form",
        }


class DealerAreaBreach(models.Model):
    """The penalty of a proven sale outside the area becomes a document, once."""

    _inherit = "dealer.area.breach"

    penalty_way = fields.Selection(WAYS, string="How It Is Taken", readonly=True, copy=False, tracking=True)
    penalty_way_by = fields.Many2one("res.users", string="Chosen by", readonly=True, copy=False)
    penalty_way_on = fields.Datetime("Chosen on", readonly=True, copy=False)
    penalty_ids = fields.One2many("dealer.area.penalty", "breach_id", string="Penalties Taken", readonly=True)
    penalty_open = fields.Monetary(
        compute="_compute_penalty_open",
        store=True,
        help="Of the penalty, what neither an invoice nor a settlement of rebates has taken. In company currency.",
    )

    @api.depends("state", "penalty", "penalty_ids.amount", "penalty_ids.state")
    def _compute_penalty_open(self):
        for breach in self:
            taken = sum(row.amount for row in breach.penalty_ids if row.state != "void")
            owed = breach.penalty if breach.state == "confirmed" else 0.0
            breach.penalty_open = breach.currency_id.round(owed - taken) if breach.currency_id else owed - taken

    def _server_fields(self):
        return super()._server_fields() | WAY_FIELDS | {"penalty_ids", "penalty_open"}

    def _late_fields(self):
        return super()._late_fields() | WAY_FIELDS

    # === TAKING === #

    def action_penalty_invoice(self):
        """Invoice what is open of the penalty, and open the draft."""
        self.ensure_one()
        return self._take_penalty("invoice").penalty_ids.sorted("id")[-1:].with_env(self.env).action_document()

    def action_penalty_rebate(self):
        """Leave the penalty to the next settlement of a rebate of this dealer."""
        self._take_penalty("rebate")
        return True

    def _take_penalty(self, way):
        """Choose how the penalty is taken; an invoice is made at once.

        :param str way: ``invoice`` or ``rebate``
        :raise AccessError: if the user may not
        :raise UserError: if nothing is open
        """
        self.ensure_one()
        if not any(self.env.user.has_group(group) for group in COLLECTORS):
            raise AccessError(
                self.env._("Penalties are taken by those who approve contracts for finance, or by managers.")
            )
        self.check_access("read")
        breach = self.sudo()
        breach._lock_penalties()
        if breach.state != "confirmed" or breach.currency_id.compare_amounts(breach.penalty_open, 0) <= 0:
            raise UserError(
                self.env._(
                    "Of the penalty of “%(breach)s” nothing is open: %(taken)s of %(penalty)s were taken.",
                    breach=breach.summary,
                    taken=breach.currency_id.format(breach.penalty - breach.penalty_open),
                    penalty=breach.currency_id.format(breach.penalty),
                )
                if breach.state == "confirmed"
                else self.env._("“%s” isn't confirmed: there is no penalty.", breach.summary)
            )
        breach.write({"penalty_way": way, "penalty_way_by": self.env.uid, "penalty_way_on": fields.Datetime.now()})
        if way == "invoice":
            breach._invoice_penalty()
        return breach

    def _lock_penalties(self):
        """Of two who take penalties at once the second begins anew, and finds what the first has taken."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE dealer_area_breach SET write_date = write_date WHERE id = ANY(%s)", [self.ids])
        self.env.invalidate_all()

    def _invoice_penalty(self):
        penalty = self.env["dealer.area.penalty"].create(self._penalty_values("invoice", self.penalty_open))
        # The dealer reads it, whoever takes the penalty.
        paper = self.with_context(lang=self.partner_id.lang or self.env.lang)
        penalty.move_id = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "invoice_origin": self.contract_id.name,
                "ref": self.summary,
                "invoice_line_ids": [Command.create(paper._penalty_line(penalty.amount))],
            }
        )
        penalty.move_id._message_log(
            body=self.env._("Penalty for a sale outside the area, by %s.", self.env.user.name),
        )

    def _penalty_values(self, way, amount):
        return {
            "breach_id": self.id,
            "way": way,
            "amount": amount,
            "date": self.company_id._customer_today(),
            "user_id": self.env.uid,
        }

    def _penalty_line(self, amount):
        """Return the values of the line of an invoice or credit note that takes an amount. Hook."""
        self.ensure_one()
        product = self.company_id.penalty_product_id
        return {
            "product_id": product.id,
            "name": self.env._(
                "Penalty for a sale outside the area: %(breach)s, found on %(day)s (contract %(contract)s)",
                breach=self.summary,
                day=fields.Date.to_string(self.date),
                contract=self.contract_id.name or "",
            ),
            "quantity": 1,
            "price_unit": amount,
        }


class DealerContractSettlement(models.Model):
    """What is left to the next settlement of a rebate is taken off there (D6, D7)."""

    _inherit = "dealer.contract.settlement"

    deduction_ids = fields.One2many(
        "dealer.area.penalty", "settlement_id", string="Penalties Deducted", readonly=True, copy=False
    )
    deducted = fields.Monetary(compute="_compute_deducted", store=True, help="Penalties for sales outside the area.")
    credited = fields.Monetary(
        compute="_compute_deducted", store=True, help="What the credit note comes to without taxes."
    )

    @api.depends("amount", "deduction_ids.amount")
    def _compute_deducted(self):
        for settlement in self:
            settlement.deducted = sum(settlement.deduction_ids.mapped("amount"))
            settlement.credited = settlement.currency_id.round(settlement.amount - settlement.deducted)

    def _deduct_penalties(self):
        """Take the penalties that wait for these settlements off them, the oldest first, as far as they go."""
        breaches = self.env["dealer.area.breach"].search(
            [
                ("penalty_way", "=", "rebate"),
                ("penalty_open", ">", 0),
                ("company_id", "in", self.company_id.ids),
                ("partner_id", "in", self.partner_id.ids),
            ],
            order="date, id",
        )
        if not breaches:
            return
        breaches._lock_penalties()
        waiting = {breach: breach.penalty_open for breach in breaches}
        values = []
        for settlement in self:
            currency, left = settlement.currency_id, settlement.amount
            for breach in breaches:
                if (breach.partner_id, breach.company_id) != (settlement.partner_id, settlement.company_id):
                    continue
                amount = currency.round(min(left, waiting[breach]))
                if currency.compare_amounts(amount, 0) <= 0:
                    continue
                values.append({**breach._penalty_values("rebate", amount), "settlement_id": settlement.id})
                waiting[breach] -= amount
                left -= amount
        self.env["dealer.area.penalty"].create(values)

    def _credit_note_values(self):
        values = super()._credit_note_values()
        values["invoice_line_ids"] += [
            Command.create(penalty.breach_id._penalty_line(-penalty.amount))
            for penalty in self.deduction_ids.sorted("id")
        ]
        return values
