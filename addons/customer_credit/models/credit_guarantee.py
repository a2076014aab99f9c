from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

# What a guarantee that counts stands on; it is changed by ending this one and entering another.
FIXED_FIELDS = frozenset({"account_id", "kind_id", "amount", "currency_id", "rate", "date_from", "amount_counted"})


class CreditGuarantee(models.Model):
    """A security that a customer or somebody else gave; a part of it raises the limit while it is valid (C8)."""

    _name = "credit.guarantee"
    _description = "Credit Guarantee"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "kind_id"

    account_id = fields.Many2one(
        "credit.account", string="Credit Account", required=True, index=True, ondelete="cascade", tracking=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    company_currency_id = fields.Many2one(related="account_id.currency_id", string="Company Currency")
    kind_id = fields.Many2one("credit.guarantee.kind", string="Kind", required=True, tracking=True)
    guarantor = fields.Char(help="Who gave it, where it isn't the customer: a bank, an owner, another firm.")
    reference = fields.Char(help="Number of the bank guarantee, of the entry in the land register, of the receipt.")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    amount = fields.Monetary(required=True, tracking=True)
    rate = fields.Float(
        "Counted (%)",
        digits=(16, 2),
        compute="_compute_rate",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Part of the amount that is counted, in per cent.",
    )
    amount_counted = fields.Monetary(
        "Counted Amount",
        currency_field="company_currency_id",
        compute="_compute_amount_counted",
        store=True,
        help="What it adds to the limit, in company currency, at the exchange rate of its first day.",
    )
    date_from = fields.Date("Valid From", required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date("Valid Until", tracking=True, help="First day on which it is no longer valid. Empty: no end.")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Counted"), ("ended", "Given Back"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    valid = fields.Boolean("Counts Today", compute="_compute_valid")
    document = fields.Binary("Document", attachment=True, copy=False)
    document_name = fields.Char("File Name", copy=False)
    note = fields.Text("Notes")

    # === COMPUTE METHODS === #

    @api.depends("account_id")
    def _compute_currency_id(self):
        for guarantee in self:
            guarantee.currency_id = (
                guarantee.currency_id or guarantee.account_id.currency_id or self.env.company.currency_id
            )

    @api.depends("kind_id")
    def _compute_rate(self):
        for guarantee in self:
            guarantee.rate = guarantee.kind_id.rate

    @api.depends("amount", "rate", "currency_id", "date_from", "account_id")
    def _compute_amount_counted(self):
        for guarantee in self:
            company = guarantee.company_id
            if not company or not guarantee.currency_id:
                guarantee.amount_counted = 0.0
                continue
            guarantee.amount_counted = guarantee.currency_id._convert(
                guarantee.amount * guarantee.rate / 100,
                company.currency_id,
                company,
                guarantee.date_from or fields.Date.context_today(self),
            )

    @api.depends("state", "date_from", "date_to")
    def _compute_valid(self):
        today = fields.Date.context_today(self)
        for guarantee in self:
            guarantee.valid = bool(
                guarantee.state == "active"
                and guarantee.date_from <= today
                and (not guarantee.date_to or today < guarantee.date_to)
            )

    @api.model
    def _valid_sql(self, alias, today):
        """Return the SQL condition of a guarantee that counts on ``today``; the same rule as ``valid``."""
        return SQL(
            "(%(row)s.state = 'active' AND %(row)s.date_from <= %(today)s"
            " AND (%(row)s.date_to IS NULL OR %(today)s < %(row)s.date_to))",
            row=SQL.identifier(alias),
            today=today,
        )

    # === CONSTRAINTS === #

    @api.constrains("amount", "rate", "date_from", "date_to")
    def _check_values(self):
        for guarantee in self:
            if guarantee.amount <= 0:
                raise ValidationError(
                    self.env._(
                        "The guarantee of %(customer)s is %(amount)s; it has to be more than zero.",
                        customer=guarantee.partner_id.display_name,
                        amount=guarantee.currency_id.format(guarantee.amount),
                    )
                )
            if not 0 <= guarantee.rate <= 100:
                raise ValidationError(
                    self.env._(
                        "%(rate)s %% of a guarantee can't be counted: give 0 to 100.", rate=f"{guarantee.rate:g}"
                    )
                )
            if guarantee.date_to and guarantee.date_to <= guarantee.date_from:
                raise ValidationError(
                    self.env._(
                        "The guarantee of %(customer)s starts on %(start)s and ends on %(end)s; "
                        "it has to end after it starts.",
                        customer=guarantee.partner_id.display_name,
                        start=guarantee.date_from,
                        end=guarantee.date_to,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_manager()
        return super().create([{**vals, "state": "draft"} for vals in vals_list])

    def write(self, vals):
        self._check_manager()
        if "state" in vals and not self.env.su:
            raise AccessError(self.env._("Guarantees are counted, given back and cancelled by their buttons."))
        if FIXED_FIELDS & vals.keys() and any(guarantee.state != "draft" for guarantee in self):
            raise UserError(
                self.env._("A guarantee that was counted stays as it is: give it back, and enter what is now given.")
            )
        result = super().write(vals)
        if {"state", "date_to"} & vals.keys():
            self.account_id._trigger_release()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        self._check_manager()
        if any(guarantee.state != "draft" for guarantee in self):
            raise UserError(self.env._("A guarantee that was counted stays on record: give it back, or cancel it."))

    # === ACTION METHODS === #

    def action_count(self):
        """Have the guarantee raise the limit from its first day on."""
        return self._go("draft", "active", self.env._("Guarantee counted"))

    def action_end(self):
        """The guarantee was given back: it no longer counts."""
        return self._go("active", "ended", self.env._("Guarantee given back"))

    def action_cancel(self):
        """The guarantee was entered by mistake."""
        return self._go("draft", "cancelled", self.env._("Guarantee cancelled"))

    def _go(self, before, after, what):
        self._check_manager()
        self.check_access("write")
        states = dict(self._fields["state"]._description_selection(self.env))
        for guarantee in self:
            if guarantee.state != before:
                raise UserError(
                    self.env._(
                        "The guarantee of %(customer)s is in the state %(state)s; it would have to be %(wanted)s.",
                        customer=guarantee.partner_id.display_name,
                        state=states[guarantee.state],
                        wanted=states[before],
                    )
                )
        self.sudo().write({"state": after})
        for guarantee in self:
            guarantee.account_id.sudo().message_post(
                body=guarantee._sentence(what), author_id=self.env.user.partner_id.id
            )
        return True

    def _sentence(self, what):
        return self.env._(
            "%(what)s: %(kind)s of %(amount)s, counted with %(counted)s from %(start)s until %(end)s.",
            what=what,
            kind=self.kind_id.name,
            amount=self.currency_id.format(self.amount),
            counted=self.company_currency_id.format(self.amount_counted),
            start=self.date_from,
            end=self.date_to or self.env._("further notice"),
        )

    def _check_manager(self):
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Guarantees are entered by credit managers only."))


class CreditAccount(models.Model):
    _inherit = "credit.account"

    guarantee_ids = fields.One2many("credit.guarantee", "account_id", string="Guarantees")
    has_guarantees = fields.Boolean(compute="_compute_has_guarantees", store=True)

    @api.depends("guarantee_ids.state")
    def _compute_has_guarantees(self):
        """The gate looks for guarantees only where there are any."""
        for account in self:
            account.has_guarantees = any(guarantee.state == "active" for guarantee in account.guarantee_ids)
