import operator as op

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .exposure import Exposure

READERS = (
    "sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly,"
    "customer_credit.group_credit_user"
)
LIMIT_FIELDS = frozenset({"credit_limit", "use_partner_credit_limit"})
OPERATORS = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge, "=": op.eq, "!=": op.ne}
# What one customer-independent column of the exposure statement is called by the fields that are searched.
SEARCHED = {
    "credit_exposure": SQL("e.exposure"),
    "credit_limit_total": SQL("e.base_limit + e.temporary_limit + e.guarantees"),
    "credit_remaining": SQL("e.base_limit + e.temporary_limit + e.guarantees - e.exposure"),
    "credit_utilisation": SQL("100 * e.exposure / NULLIF(e.base_limit + e.temporary_limit + e.guarantees, 0)"),
    "credit_overdue": SQL("e.overdue"),
    "credit_overdue_days": SQL("e.overdue_days"),
}
LIMITED_ONLY = frozenset({"credit_limit_total", "credit_remaining", "credit_utilisation"})


class ResPartner(models.Model):
    """The figures of credit on customers (C5), and the guard on Odoo's own limit (C9)."""

    _inherit = "res.partner"

    credit_account_id = fields.Many2one(
        "credit.account", string="Credit Account", compute="_compute_credit_figures", compute_sudo=True, groups=READERS
    )
    credit_currency_id = fields.Many2one(
        "res.currency", compute="_compute_credit_currency_id", compute_sudo=True, groups=READERS
    )
    credit_mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")],
        string="Credit",
        compute="_compute_credit_figures",
        compute_sudo=True,
        groups=READERS,
    )
    credit_exposure = fields.Monetary(
        "Credit Used",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_exposure",
        groups=READERS,
        help="Receivable, draft invoices and orders not yet invoiced, less unapplied payments, of the commercial "
        "entity with all its contacts and branches; in company currency.",
    )
    credit_limit_total = fields.Monetary(
        "Credit Limit Today",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_limit_total",
        groups=READERS,
        help="Limit with the temporary limits of today, in company currency.",
    )
    credit_remaining = fields.Monetary(
        "Credit Remaining",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_remaining",
        groups=READERS,
    )
    credit_utilisation = fields.Float(
        "Credit Used (%)",
        digits=(16, 1),
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_utilisation",
        groups=READERS,
    )
    credit_overdue = fields.Monetary(
        "Overdue",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_overdue",
        groups=READERS,
    )
    credit_overdue_days = fields.Integer(
        "Days Overdue",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_overdue_days",
        groups=READERS,
    )
    credit_frozen = fields.Boolean(
        "Frozen", compute="_compute_credit_figures", compute_sudo=True, search="_search_credit_frozen", groups=READERS
    )
    credit_over_limit = fields.Boolean(
        "Over the Limit",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_over_limit",
        groups=READERS,
    )
    credit_picture = fields.Json(compute="_compute_credit_picture", compute_sudo=True, groups=READERS)
    credit_may_manage = fields.Boolean(compute="_compute_credit_may_manage")
    credit_controlled = fields.Boolean(compute="_compute_credit_controlled")

    # === COMPUTE METHODS === #

    @api.depends_context("company")
    def _compute_credit_currency_id(self):
        self.credit_currency_id = self.env["res.company"]._credit_settings(self.env.company.id).currency_id

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_figures(self):
        customers = self.commercial_partner_id
        exposures = customers._credit_exposure()
        for partner in self:
            customer = partner.commercial_partner_id
            figures = exposures.get(customer.id or customer._origin.id) or Exposure()
            partner.credit_account_id = figures.account_id
            partner.credit_mode = figures.mode
            partner.credit_exposure = figures.exposure
            partner.credit_limit_total = figures.limit or 0.0
            partner.credit_remaining = figures.remaining or 0.0
            partner.credit_utilisation = figures.utilisation or 0.0
            partner.credit_overdue = figures.overdue
            partner.credit_overdue_days = figures.overdue_days
            partner.credit_frozen = figures.frozen
            partner.credit_over_limit = figures.limited and figures.remaining < 0

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_picture(self):
        exposures = self.commercial_partner_id._credit_exposure(ageing=True, collective=True)
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        today = fields.Date.context_today(self)
        for partner in self:
            customer = partner.commercial_partner_id
            figures = exposures.get(customer.id or customer._origin.id)
            partner.credit_picture = figures and self._credit_picture(figures, settings, today)

    @api.model
    def _credit_picture(self, figures, settings, today, order=0.0):
        """Return what the bar and the table on screen show of an Exposure, JSON-able.

        :param float order: the document looked at, in the same currency, not yet in ``figures``
        """
        limit = figures.limit
        return {
            "currency_id": settings.currency_id,
            "mode": figures.mode,
            "control": settings.mode,
            "frozen": figures.frozen,
            "limit": limit,
            "base_limit": figures.base_limit,
            "temporary_limit": figures.temporary_limit,
            "guarantees": figures.guarantees,
            "valid_until": figures.valid_until and fields.Date.to_string(figures.valid_until),
            "expired": figures.expired(today),
            "receivable": figures.receivable,
            "draft_invoices": figures.draft_invoices,
            "orders": figures.orders,
            "unapplied": figures.unapplied,
            "used": figures.exposure,
            "order": order,
            "remaining": None if limit is None else round(limit - figures.exposure - order, 6),
            "overdue": figures.overdue,
            "overdue_days": figures.overdue_days,
            "oldest_days": figures.oldest_days,
            "payment_days": figures.payment_days,
            "ageing": list(figures.ageing) if figures.ageing else None,
            "collectives": [
                {
                    "kind": collective.kind,
                    "name": collective.name,
                    "limit": collective.limit,
                    "used": collective.exposure,
                    "remaining": round(collective.remaining - order, 6),
                }
                for collective in figures.collectives
            ],
        }

    @api.depends_context("uid")
    def _compute_credit_may_manage(self):
        self.credit_may_manage = self.env.user.has_group("customer_credit.group_credit_manager")

    @api.depends_context("company")
    def _compute_credit_controlled(self):
        self.credit_controlled = self._credit_guarded()

    # === SEARCH METHODS === #

    def _search_credit_exposure(self, operator, value):
        return self._credit_search_figure("credit_exposure", operator, value)

    def _search_credit_limit_total(self, operator, value):
        return self._credit_search_figure("credit_limit_total", operator, value)

    def _search_credit_remaining(self, operator, value):
        return self._credit_search_figure("credit_remaining", operator, value)

    def _search_credit_utilisation(self, operator, value):
        return self._credit_search_figure("credit_utilisation", operator, value)

    def _search_credit_overdue(self, operator, value):
        return self._credit_search_figure("credit_overdue", operator, value)

    def _search_credit_overdue_days(self, operator, value):
        return self._credit_search_figure("credit_overdue_days", operator, value)

    def _search_credit_frozen(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._credit_search(SQL("e.frozen"))

    def _search_credit_over_limit(self, operator, value):
        if operator != "in":
            return NotImplemented
        default = self._credit_default_exposure()
        return self._credit_search(
            SQL("e.mode <> 'unlimited' AND e.exposure > e.base_limit + e.temporary_limit + e.guarantees"),
            default.limited and default.remaining < 0,
        )

    def _credit_search_figure(self, name, operator, value):
        if operator == "in":
            return Domain.OR(self._credit_search_figure(name, "=", item) for item in value)
        if operator not in OPERATORS or not isinstance(value, (int, float)):
            return NotImplemented
        value = value or 0
        default = self._credit_default_exposure()
        figures = {
            "credit_exposure": 0.0,
            "credit_limit_total": default.limit or 0.0,
            "credit_remaining": default.remaining or 0.0,
            "credit_utilisation": default.utilisation or 0.0,
            "credit_overdue": 0.0,
            "credit_overdue_days": 0,
        }
        column = SEARCHED[name]
        if name in LIMITED_ONLY:
            column = SQL("CASE WHEN e.mode <> 'unlimited' THEN COALESCE(%s, 0) ELSE 0 END", column)
        return self._credit_search(
            SQL("%s %s %s", column, SQL(operator if operator != "!=" else "<>"), value),
            OPERATORS[operator](figures[name], value),
        )

    def _credit_search(self, condition, default=False):
        """Return the Domain of the partners whose customer's figures meet an SQL condition on alias ``e``.

        :param bool default: whether customers that have neither figures nor a credit account meet it
        """
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        if default:
            condition = SQL("NOT (%s)", condition)
        customers = SQL("(SELECT e.partner_id FROM (%s) e WHERE %s)", self._credit_exposure_sql(settings), condition)
        self._credit_flush()
        domain = Domain("commercial_partner_id", "in", customers)
        return ~domain if default else domain

    @api.model
    def _credit_default_exposure(self):
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        return Exposure(mode=settings.default_mode, base_limit=settings.default_limit)

    # === WHO HAS CREDIT STAYS A CUSTOMER === #

    @api.constrains("parent_id", "is_company")
    def _check_credit_account(self):
        """What belongs to another customer counts there: the account, and a freeze, would be without effect."""
        accounts = self.env["credit.account"].sudo().search([("partner_id", "in", self.ids)])
        for partner in accounts.partner_id:
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a credit account, so it can't become part of %(other)s. "
                        "A credit manager archives the account first.",
                        customer=partner.name,
                        other=partner.commercial_partner_id.display_name,
                    )
                )

    # === THE GUARD ON ODOO'S LIMIT === #

    @api.model_create_multi
    def create(self, vals_list):
        guarded = self._credit_guarded() and any(LIMIT_FIELDS & vals.keys() for vals in vals_list)
        if not guarded:
            return super().create(vals_list)
        for vals in vals_list:
            if vals.get("credit_limit"):
                self._credit_check_limit(vals["credit_limit"])
                if not vals.get("parent_id"):
                    self._credit_check_manager()
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list):
            if vals.get("credit_limit") and partner.commercial_partner_id == partner:
                self._credit_check_manager()
                partner._credit_set_limit(vals["credit_limit"])
            elif vals.get("credit_limit") and partner.commercial_partner_id.credit_limit != vals["credit_limit"]:
                self._credit_check_manager()
        return partners

    def write(self, vals):
        if not (LIMIT_FIELDS & vals.keys() and self._credit_guarded()):
            return super().write(vals)
        limit = vals.get("credit_limit")
        if "credit_limit" in vals:
            self._credit_check_limit(limit)
        # Odoo copies the limit of a customer to its contacts; those count for nothing and may be equal to it.
        customers = self.filtered(lambda partner: partner.commercial_partner_id == partner)
        contacts = (self - customers).sudo()
        changed = customers.sudo().filtered(lambda partner: self._credit_limit_changes(partner, vals))
        if changed or contacts.filtered(
            lambda contact: self._credit_limit_changes(contact.commercial_partner_id, vals)
        ):
            self._credit_check_manager()
        result = super().write(vals)
        if not vals.get("use_partner_credit_limit", True):
            accounts = self.env["credit.account"].search(
                [("partner_id", "in", changed.ids), ("company_id", "=", self.env.company._credit_keeper().id)]
            )
            accounts.action_archive()
        elif "credit_limit" in vals and changed:
            changed.with_env(self.env)._credit_set_limit(limit)
        return result

    @api.model
    def _credit_limit_changes(self, partner, vals):
        if "credit_limit" in vals and (vals["credit_limit"] or 0.0) != partner.credit_limit:
            return True
        return (
            "use_partner_credit_limit" in vals and vals["use_partner_credit_limit"] != partner.use_partner_credit_limit
        )

    @api.model
    def _credit_guarded(self):
        """Tell whether Odoo's limit belongs to the credit accounts here; while the control is off it doesn't."""
        return self.env["res.company"]._credit_settings(self.env.company.id).mode != "off"

    @api.model
    def _credit_check_limit(self, limit):
        if (limit or 0.0) < 0:
            raise ValidationError(self.env._("A credit limit can't be below zero; it is %s.", limit))

    def _credit_check_manager(self):
        if not self.env.su and not self.env.user.has_group("customer_credit.group_credit_manager"):
            raise AccessError(
                self.env._(
                    "Credit limits are changed by credit managers only (group %s). "
                    "Ask one of them, or apply for a limit.",
                    self.env.ref("customer_credit.group_credit_manager").sudo().display_name,
                )
            )

    def _credit_set_limit(self, limit):
        """Make ``limit`` the base limit of these customers' credit accounts in the current company."""
        Account = self.env["credit.account"]
        keeper = self.env.company._credit_keeper()
        accounts = {
            account.partner_id: account
            for account in Account.search([("partner_id", "in", self.ids), ("company_id", "=", keeper.id)])
        }
        values = {"mode": "amount", "credit_limit": limit or 0.0}
        known = Account.union(*(accounts[partner] for partner in self if partner in accounts))
        known.write(values)
        Account.create(
            [
                {**values, "company_id": keeper.id, "partner_id": partner.id}
                for partner in self
                if partner not in accounts and limit
            ]
        )

    def _credit_mirror(self, limit):
        """Write Odoo's own field, past the guard; only credit accounts call this."""
        return super().write({"credit_limit": limit})

    # === ACTION METHODS === #

    def action_credit_account(self):
        """Open the customer's credit account in this company; a new one for who may make it."""
        self.ensure_one()
        customer = self.commercial_partner_id
        keeper = self.env.company._credit_keeper()
        account = self.env["credit.account"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", keeper.id)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Account"),
            "res_model": "credit.account",
            "view_mode": "form",
            "res_id": account.id,
            "context": {"default_partner_id": customer.id, "default_company_id": keeper.id},
        }

    def action_credit_documents(self):
        """Open the documents behind one figure, named by the context key ``credit_figure`` (C5)."""
        self.ensure_one()
        figure = self.env.context.get("credit_figure")
        actions = {
            "receivable": self._credit_lines_action,
            "overdue": self._credit_lines_action,
            "unapplied": self._credit_lines_action,
            "orders": self._credit_orders_action,
            "draft_invoices": self._credit_drafts_action,
            "holds": self._credit_holds_action,
        }
        return actions.get(figure, self._credit_lines_action)(figure)

    def _credit_scope(self):
        return self.env["res.company"]._credit_settings(self.env.company.id).scope

    def _credit_lines_action(self, figure):
        names = {
            "overdue": self.env._("Overdue"),
            "unapplied": self.env._("Unapplied Payments"),
            "receivable": self.env._("Receivable"),
        }
        domain = [
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self._credit_scope()),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("amount_residual", "<" if figure == "unapplied" else ">", 0),
        ]
        if figure == "overdue":
            domain.append(("date_maturity", "<", fields.Date.context_today(self)))
        return {
            "type": "ir.actions.act_window",
            "name": names.get(figure, names["receivable"]),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "views": [(self.env.ref("customer_credit.account_move_line_view_list_credit").id, "list"), (False, "form")],
            "domain": domain,
            "context": {"create": False, "edit": False},
        }

    def _credit_orders_action(self, figure):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders Not Yet Invoiced"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "views": [(self.env.ref("customer_credit.sale_order_view_list_credit").id, "list"), (False, "form")],
            "domain": [
                ("hold_customer_id", "=", self.commercial_partner_id.id),
                ("company_id", "in", self._credit_scope()),
                ("state", "=", "sale"),
                ("uninvoiced_amount", ">", 0),
            ],
            "context": {"create": False},
        }

    def _credit_drafts_action(self, figure):
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self._credit_scope()),
            ("state", "=", "draft"),
            ("move_type", "in", ("out_invoice", "out_receipt")),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Draft Invoices"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": domain,
            "context": {"create": False},
        }

    def _credit_holds_action(self, figure):
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_order_hold.sale_order_hold_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {"create": False}}
