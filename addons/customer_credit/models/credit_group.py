from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class CreditGroup(models.Model):
    """Customers that depend on each other, such as the firms of one owner: a limit for all of them together (C8).

    It stands beside the limit that each of them has. What one of them paid in advance is taken off from what the others
    owe. Amounts are in the currency of ``company_id``, the company that keeps the credit accounts.
    """

    _name = "credit.group"
    _description = "Credit Group"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company._credit_keeper()
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    credit_limit = fields.Monetary(
        "Limit of the Group", tracking=True, help="What all customers of the group may use together."
    )
    account_ids = fields.One2many("credit.account", "group_id", string="Customers", check_company=True)
    account_count = fields.Integer("Number of Customers", compute="_compute_figures", compute_sudo=True)
    exposure = fields.Monetary("Used", compute="_compute_figures", compute_sudo=True)
    remaining = fields.Monetary(compute="_compute_figures", compute_sudo=True)
    utilisation = fields.Float("Used (%)", digits=(16, 1), compute="_compute_figures", compute_sudo=True)
    over_limit = fields.Boolean(compute="_compute_figures", compute_sudo=True)
    limits_total = fields.Monetary(
        "Limits of the Customers",
        compute="_compute_figures",
        compute_sudo=True,
        help="Sum of the customers' own limits of today, as far as they are limited.",
    )
    note = fields.Html("Notes")

    # === COMPUTE METHODS === #

    @api.depends("credit_limit", "account_ids", "company_id")
    def _compute_figures(self):
        for company, groups in self.grouped("company_id").items():
            partners = groups.account_ids.partner_id
            exposures = partners._credit_exposure(company) if company and partners else {}
            for group in groups:
                found = [exposures[partner.id] for partner in group.account_ids.partner_id if partner.id in exposures]
                group.account_count = len(group.account_ids)
                group.exposure = sum(figures.exposure for figures in found)
                group.remaining = group.credit_limit - group.exposure
                group.utilisation = 100 * group.exposure / group.credit_limit if group.credit_limit else 0.0
                group.over_limit = group.currency_id.compare_amounts(group.remaining, 0) < 0
                group.limits_total = sum(figures.limit or 0.0 for figures in found)

    # === CONSTRAINTS === #

    @api.constrains("credit_limit")
    def _check_credit_limit(self):
        for group in self:
            if group.credit_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The limit of the credit group %(group)s is %(limit)s; it can't be below zero.",
                        group=group.name,
                        limit=group.currency_id.format(group.credit_limit),
                    )
                )

    @api.constrains("company_id", "account_ids")
    def _check_company_keeps(self):
        for group in self:
            keeper = group.company_id.sudo()._credit_keeper()
            if keeper != group.company_id:
                raise ValidationError(
                    self.env._(
                        "The credit of %(company)s is kept by %(keeper)s: make the credit group there.",
                        company=group.company_id.name,
                        keeper=keeper.name,
                    )
                )
            if strange := group.account_ids.filtered(
                lambda account, group=group: account.company_id != group.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "The credit of %(customers)s is kept by another company than the group %(group)s.",
                        customers=", ".join(strange.partner_id.mapped("display_name")),
                        group=group.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_manager()
        return super().create(vals_list)

    def write(self, vals):
        self._check_manager()
        result = super().write(vals)
        if {"credit_limit", "active", "account_ids"} & vals.keys():
            self.env["sale.order.hold"].sudo()._credit_trigger_release()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_manager_only(self):
        self._check_manager()

    def _check_manager(self):
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Credit groups are changed by credit managers only."))

    def action_accounts(self):
        """Show the credit accounts of the group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_account_action")
        return {**action, "domain": [("group_id", "=", self.id)], "context": {"create": False}}


class CreditAccount(models.Model):
    _inherit = "credit.account"

    group_id = fields.Many2one(
        "credit.group",
        string="Credit Group",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="Its limit holds beside the customer's own.",
    )

    @api.constrains("group_id", "company_id")
    def _check_group_company(self):
        self.group_id._check_company_keeps()
