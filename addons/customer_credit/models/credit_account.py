from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .exposure import Exposure

DECIDED_FIELDS = frozenset(
    {"mode", "credit_limit", "limit_payment_days", "payment_days", "valid_until", "grade", "active"}
)
# What changes a limit or lifts a freeze may let held orders go.
EASING_FIELDS = DECIDED_FIELDS | {"frozen", "group_id"}
OTHER_FIELDS = frozenset(
    {
        "partner_id",
        "company_id",
        "temporary_limit_ids",
        "has_temporary_limits",
        "guarantee_ids",
        "has_guarantees",
        "group_id",
    }
)
FREEZE_FIELDS = frozenset({"frozen", "frozen_by", "frozen_date", "frozen_reason"})


class CreditAccount(models.Model):
    """The credit a company grants to a customer: the commercial entity with its contacts and branches (C8, C9).

    Amounts are in the currency of ``company_id``. In a group of companies that share their credit the account is
    kept by one of them, and the figures of all are added up.
    """

    _name = "credit.account"
    _description = "Credit Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "partner_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company._credit_keeper(),
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True, tracking=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")],
        string="Credit",
        default="amount",
        required=True,
        tracking=True,
        help="Unlimited: no limit is kept. No credit: everything is paid in advance. Limit: up to the amount.",
    )
    credit_limit = fields.Monetary("Base Limit", tracking=True, help="In company currency, without temporary limits.")
    limit_payment_days = fields.Boolean(
        "Limit Payment Days", tracking=True, help="Orders with longer payment terms than granted are checked."
    )
    payment_days = fields.Integer(tracking=True, help="Longest payment term granted, in days; 0 means payment at once.")
    valid_until = fields.Date(tracking=True, help="First day on which the limit no longer holds. Empty: no end.")
    temporary_limit_ids = fields.One2many("credit.temporary.limit", "account_id", string="Temporary Limits")
    has_temporary_limits = fields.Boolean(compute="_compute_has_temporary_limits", store=True)
    frozen = fields.Boolean(
        tracking=True, readonly=True, copy=False, help="No order of a frozen customer is confirmed."
    )
    frozen_by = fields.Many2one("res.users", readonly=True, copy=False)
    frozen_date = fields.Datetime("Frozen On", readonly=True, copy=False)
    frozen_reason = fields.Text(readonly=True, copy=False)
    note = fields.Html("Notes")

    temporary_limit = fields.Monetary(
        "Temporary Limit Today", compute="_compute_figures", compute_sudo=True, help="Temporary limits in force today."
    )
    limit_total = fields.Monetary("Limit Today", compute="_compute_figures", compute_sudo=True)
    exposure = fields.Monetary("Used", compute="_compute_figures", compute_sudo=True)
    remaining = fields.Monetary(compute="_compute_figures", compute_sudo=True)
    utilisation = fields.Float("Used (%)", digits=(16, 1), compute="_compute_figures", compute_sudo=True)
    overdue = fields.Monetary(compute="_compute_figures", compute_sudo=True)
    overdue_days = fields.Integer("Days Overdue", compute="_compute_figures", compute_sudo=True)
    guaranteed = fields.Monetary(
        "Guarantees Today",
        compute="_compute_figures",
        compute_sudo=True,
        help="What guarantees add to the limit today.",
    )
    over_limit = fields.Boolean(compute="_compute_figures", compute_sudo=True, search="_search_over_limit")
    picture = fields.Json(compute="_compute_figures", compute_sudo=True)
    status = fields.Selection(
        [
            ("ok", "In Order"),
            ("high", "Nearly Used Up"),
            ("overdue", "Overdue"),
            ("over", "Over the Limit"),
            ("expired", "Expired"),
            ("frozen", "Frozen"),
        ],
        compute="_compute_figures",
        compute_sudo=True,
    )
    may_manage = fields.Boolean(compute="_compute_may_manage")

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE active", "A customer has one credit account in a company."
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "partner_id",
        "company_id",
        "mode",
        "credit_limit",
        "valid_until",
        "frozen",
        "temporary_limit_ids",
        "guarantee_ids",
        "group_id",
    )
    def _compute_figures(self):
        today = fields.Date.context_today(self)
        Company = self.env["res.company"]
        Partner = self.env["res.partner"]
        for company, accounts in self.grouped("company_id").items():
            settings = Company._credit_settings(company.id) if company else None
            exposures = accounts.partner_id._credit_exposure(company, ageing=True, collective=True) if company else {}
            for account in accounts:
                figures = exposures.get(account.partner_id.id or account.partner_id._origin.id) or Exposure()
                if not account.active or not account._origin:
                    figures = figures._replace(
                        mode=account.mode, base_limit=account._base_limit(), frozen=account.frozen
                    )
                account.temporary_limit = figures.temporary_limit
                account.guaranteed = figures.guarantees
                account.limit_total = figures.limit or 0.0
                account.exposure = figures.exposure
                account.remaining = figures.remaining or 0.0
                account.utilisation = figures.utilisation or 0.0
                account.overdue = figures.overdue
                account.overdue_days = figures.overdue_days
                account.over_limit = figures.limited and figures.remaining < 0
                account.picture = Partner._credit_picture(figures, settings, today) if settings else False
                account.status = (
                    "frozen"
                    if figures.frozen
                    else "expired"
                    if figures.expired(today)
                    else "over"
                    if account.over_limit
                    else "overdue"
                    if figures.overdue
                    else "high"
                    if (figures.utilisation or 0.0) > 80
                    else "ok"
                )

    @api.depends("temporary_limit_ids")
    def _compute_has_temporary_limits(self):
        """The gate looks for temporary limits only where there are any."""
        for account in self:
            account.has_temporary_limits = bool(account.temporary_limit_ids)

    def _base_limit(self):
        return self.credit_limit if self.mode == "amount" else 0.0

    def _search_over_limit(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("partner_id", "any", Domain("credit_over_limit", "=", True)) & Domain(
            "company_id", "=", self.env.company._credit_keeper().id
        )

    @api.depends_context("uid")
    def _compute_may_manage(self):
        self.may_manage = self._user_may_manage()

    # === CONSTRAINTS === #

    @api.constrains("credit_limit", "payment_days", "mode")
    def _check_amounts(self):
        for account in self:
            if account.credit_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The credit limit of %(customer)s is %(limit)s; it can't be below zero.",
                        customer=account.partner_id.display_name,
                        limit=account.currency_id.format(account.credit_limit),
                    )
                )
            if account.payment_days < 0:
                raise ValidationError(
                    self.env._(
                        "The payment days of %(customer)s are %(days)s; they can't be below zero.",
                        customer=account.partner_id.display_name,
                        days=account.payment_days,
                    )
                )

    @api.constrains("partner_id", "company_id", "active")
    def _check_holder(self):
        for account in self.filtered("active"):
            partner = account.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(customer)s: give the credit account to %(customer)s.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )
            if not partner.active:
                raise ValidationError(
                    self.env._("%s is archived. Restore the customer before giving credit.", partner.display_name)
                )
            keeper = account.company_id.sudo()._credit_keeper()
            if keeper != account.company_id:
                raise ValidationError(
                    self.env._(
                        "The credit of %(company)s is kept by %(keeper)s: make the credit account there.",
                        company=account.company_id.name,
                        keeper=keeper.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_manager()
        self._check_double(vals_list)
        if any(FREEZE_FIELDS & vals.keys() for vals in vals_list) and not self.env.su:
            raise UserError(self.env._("Customers are frozen with a reason: use the button Freeze."))
        accounts = super().create(vals_list)
        accounts._mirror_limit()
        accounts._trigger_release()
        return accounts

    def write(self, vals):
        if (DECIDED_FIELDS | FREEZE_FIELDS | OTHER_FIELDS) & vals.keys():
            self._check_manager()
        if FREEZE_FIELDS & vals.keys() and not self.env.su:
            raise UserError(self.env._("Customers are frozen with a reason: use the button Freeze."))
        result = super().write(vals)
        if {"mode", "credit_limit", "active"} & vals.keys():
            self._mirror_limit()
        if EASING_FIELDS & vals.keys():
            self._trigger_release()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_manager_only(self):
        self._check_manager()

    def copy_data(self, default=None):
        raise UserError(
            self.env._("A customer has one credit account in a company; make a new one for another customer.")
        )

    # === BUSINESS METHODS === #

    @api.model
    def _user_may_manage(self):
        return self.env.su or self.env.user.has_group("customer_credit.group_credit_manager")

    @api.model
    def _check_manager(self):
        """Raise AccessError for who may not change limits; checked here, whatever the views show (C9)."""
        if not self._user_may_manage():
            raise AccessError(
                self.env._(
                    "Credit limits are changed by credit managers only (group %s). "
                    "Ask one of them, or apply for a limit.",
                    self.env.ref("customer_credit.group_credit_manager").sudo().display_name,
                )
            )

    @api.model
    def _check_double(self, vals_list):
        """Name the customer that has an account already; the index alone would only say that there is one."""
        partner_ids = [vals["partner_id"] for vals in vals_list if vals.get("partner_id")]
        default = self.env.company._credit_keeper().id
        wanted = {
            (vals["partner_id"], vals.get("company_id") or default) for vals in vals_list if vals.get("partner_id")
        }
        for account in self.sudo().search([("partner_id", "in", partner_ids)]):
            if (account.partner_id.id, account.company_id.id) in wanted:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a credit account in %(company)s already.",
                        customer=account.partner_id.display_name,
                        company=account.company_id.name,
                    )
                )

    def _mirror_limit(self):
        """Keep Odoo's own ``credit_limit`` in step, in every company that shares the account (C9)."""
        for keeper, accounts in self.grouped("company_id").items():
            scope = self.env["res.company"]._credit_settings(keeper.id).scope
            for limit, same in accounts.grouped(
                lambda account: account._base_limit() if account.active else 0.0
            ).items():
                for company_id in scope:
                    partners = same.partner_id.sudo().with_company(company_id)
                    if stale := partners.filtered(lambda partner, limit=limit: partner.credit_limit != limit):
                        stale._credit_mirror(limit)

    def _apply_decision(self, values, reason, origin=None):
        """Put a decision on credit into force: the one way in which credit applications change an account.

        The caller has checked that the decision was taken by who may take it.

        :param dict values: any of mode, credit_limit, limit_payment_days, payment_days, valid_until
        :param str reason: shown in the history of the account
        :param origin: record that the decision stands on; linked in the history
        """
        if unknown := values.keys() - DECIDED_FIELDS:
            raise ValueError(f"A credit decision does not set {', '.join(sorted(unknown))}")
        self.sudo().write(values)
        for account in self:
            link = Markup(" (%s)") % origin._get_html_link() if origin else ""
            account.sudo().message_post(
                body=Markup("%s%s") % (reason, link),
                author_id=self.env.user.partner_id.id,
                subtype_xmlid="mail.mt_note",
            )

    def _freeze(self, reason):
        """Freeze the customers: none of their orders is confirmed until they are unfrozen (C8)."""
        self._check_manager()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason for freezing."))
        self.sudo().write(
            {
                "frozen": True,
                "frozen_by": self.env.uid,
                "frozen_date": fields.Datetime.now(),
                "frozen_reason": reason.strip(),
            }
        )
        for account in self:
            account.message_post(body=self.env._("Frozen: %s", reason.strip()))

    def _unfreeze(self, reason):
        """Let the customers order again; held orders are then checked again."""
        self._check_manager()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason for unfreezing."))
        self.sudo().write({"frozen": False, "frozen_by": False, "frozen_date": False, "frozen_reason": False})
        for account in self:
            account.message_post(body=self.env._("Unfrozen: %s", reason.strip()))

    def _trigger_release(self):
        """Have held orders checked again soon."""
        self.env["sale.order.hold"].sudo()._credit_trigger_release()

    # === ACTION METHODS === #

    def action_freeze(self):
        return self._freeze_action("freeze")

    def action_unfreeze(self):
        return self._freeze_action("unfreeze")

    def _freeze_action(self, operation):
        self._check_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Freeze Customer") if operation == "freeze" else self.env._("Unfreeze Customer"),
            "res_model": "credit.freeze",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_ids": self.ids, "default_operation": operation},
        }

    def action_credit_documents(self):
        """Open the documents behind the figure named by the context key ``credit_figure``."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_credit_documents()

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
        }
