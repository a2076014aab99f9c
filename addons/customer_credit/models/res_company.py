from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .exposure import CreditSettings

CACHED = frozenset(
    {
        "credit_mode",
        "credit_company_id",
        "credit_draft_invoices",
        "credit_default_mode",
        "credit_default_limit",
        "credit_ceiling",
        "credit_has_ceiling",
        "currency_id",
        "parent_id",
    }
)


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_mode = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")],
        string="Credit Control",
        default="off",
        required=True,
        help="Off: orders are not checked. Warn: orders over the limit are confirmed with a warning. "
        "Hold: they wait for a release.",
        prefetch="credit",
    )
    credit_company_id = fields.Many2one(
        "res.company",
        string="Credit Kept By",
        help="Company whose credit accounts apply here too; the figures of all its companies are added up in its "
        "currency. Empty: this company keeps its own, and its branches share it.",
        prefetch="credit",
    )
    credit_member_ids = fields.One2many("res.company", "credit_company_id", string="Companies Sharing the Credit")
    credit_draft_invoices = fields.Boolean(
        string="Draft Invoices Count",
        default=True,
        help="Draft invoices that don't come from an order use the limit too.",
        prefetch="credit",
    )
    credit_default_mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")],
        string="Customers Without Credit Account",
        default="unlimited",
        required=True,
        prefetch="credit",
    )
    credit_default_limit = fields.Monetary(
        string="Limit Without Account",
        help="For customers without a credit account, in company currency.",
        prefetch="credit",
    )

    credit_has_ceiling = fields.Boolean(
        string="Ceiling of the Company",
        help="All customers together may use no more than the ceiling. Their orders are then confirmed one after the "
        "other.",
        prefetch="credit",
    )
    credit_ceiling = fields.Monetary(
        string="Ceiling",
        help="What all customers together may use, in the currency of the company that keeps the credit accounts.",
        prefetch="credit",
    )

    @api.constrains("credit_has_ceiling", "credit_ceiling")
    def _check_credit_ceiling(self):
        for company in self:
            if company.credit_has_ceiling and company.credit_ceiling <= 0:
                raise ValidationError(
                    self.env._(
                        "The ceiling of %(company)s is %(ceiling)s; it has to be more than zero.",
                        company=company.name,
                        ceiling=company.currency_id.format(company.credit_ceiling),
                    )
                )

    @api.constrains("credit_default_limit")
    def _check_credit_default_limit(self):
        for company in self:
            if company.credit_default_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The default credit limit of %(company)s is %(limit)s; it can't be below zero.",
                        company=company.name,
                        limit=company.currency_id.format(company.credit_default_limit),
                    )
                )

    @api.constrains("credit_company_id", "currency_id")
    def _check_credit_company(self):
        for company in self.sudo():
            keeper = company.credit_company_id
            if not keeper or keeper == company:
                continue
            if keeper.credit_company_id and keeper.credit_company_id != keeper:
                raise ValidationError(
                    self.env._(
                        "%(keeper)s shares the credit of %(other)s itself; choose %(other)s for %(company)s.",
                        keeper=keeper.name,
                        other=keeper.credit_company_id.name,
                        company=company.name,
                    )
                )
            if company.credit_member_ids - company:
                raise ValidationError(
                    self.env._(
                        "%(company)s keeps the credit of other companies, so it can't share that of %(keeper)s.",
                        company=company.name,
                        keeper=keeper.name,
                    )
                )
            if keeper._credit_rate_missing(company.currency_id):
                raise ValidationError(
                    self.env._(
                        "%(company)s keeps its books in %(currency)s, which has no exchange rate to %(other)s. "
                        "Enter a rate first.",
                        company=company.name,
                        currency=company.currency_id.name,
                        other=keeper.currency_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        switched_on = (
            self.filtered(lambda company: company.credit_mode == "off")
            if vals.get("credit_mode", "off") != "off"
            else self.browse()
        )
        result = super().write(vals)
        if CACHED & vals.keys():
            self.env.registry.clear_cache()
        if switched_on:
            switched_on.sudo()._credit_adopt_limits()
        if {"credit_ceiling", "credit_has_ceiling"} & vals.keys():
            self.env["sale.order.hold"].sudo()._credit_trigger_release()
        return result

    def _credit_keeper(self):
        """Return the company that keeps the credit accounts of this one."""
        self.ensure_one()
        return self.credit_company_id or self.root_id.credit_company_id or self.root_id

    def _credit_rate_missing(self, currency):
        """Tell whether amounts in ``currency`` can't be converted: neither side has any exchange rate."""
        self.ensure_one()
        if currency == self.currency_id:
            return False
        return (
            not self.env["res.currency.rate"]
            .sudo()
            .search_count(
                [
                    ("currency_id", "in", (currency | self.currency_id).ids),
                    ("company_id", "in", (False, self.root_id.id)),
                ],
                limit=1,
            )
        )

    @api.model
    @tools.ormcache("company_id")
    def _credit_settings(self, company_id):
        """Return the CreditSettings of a company."""
        company = self.sudo().browse(company_id)
        keeper = company._credit_keeper()
        companies = self.sudo().search([])
        scope = companies.filtered(lambda other: other._credit_keeper() == keeper)
        return CreditSettings(
            company_id=company_id,
            mode=company.credit_mode,
            keeper_id=keeper.id,
            scope=tuple(sorted(scope.ids)),
            foreign=len(scope.currency_id) > 1,
            drafts=keeper.credit_draft_invoices,
            default_mode=keeper.credit_default_mode,
            default_limit=keeper.credit_default_limit if keeper.credit_default_mode == "amount" else 0.0,
            currency_id=keeper.currency_id.id,
            digits=keeper.currency_id.decimal_places,
            ceiling=keeper.credit_ceiling if keeper.credit_has_ceiling else None,
        )

    @api.model
    @tools.ormcache()
    def _credit_any_controlled(self):
        """Tell whether some company controls credit."""
        return bool(self.sudo().search_count([("credit_mode", "!=", "off")], limit=1))

    def _credit_adopt_limits(self):
        """Take over the limits entered in Odoo's own field, for customers that have no credit account yet (C9).

        Where there is an account, Odoo's field is set to what the account says.
        """
        # No history is written for what was the limit before.
        Account = self.env["credit.account"].with_context(tracking_disable=True)
        for keeper in {company._credit_keeper() for company in self}:
            accounts = Account.search([("company_id", "=", keeper.id)])
            partners = (
                self.env["res.partner"]
                .with_company(keeper)
                .with_context(active_test=True)
                .search([("credit_limit", ">", 0), ("parent_id", "=", False)])
            )
            default = partners._fields["credit_limit"].get_company_dependent_fallback(partners)
            Account.create(
                [
                    {
                        "company_id": keeper.id,
                        "partner_id": partner.id,
                        "mode": "amount",
                        "credit_limit": partner.credit_limit,
                    }
                    for partner in partners - accounts.partner_id
                    if partner.commercial_partner_id == partner and partner.credit_limit != default
                ]
            )
            accounts._mirror_limit()
