from odoo import api, fields, models


class CreditAccount(models.Model):
    _inherit = "credit.account"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        search="_search_customer_tier_id",
        help="Class of the customer today, in the company of the credit.",
    )
    customer_tier_color = fields.Integer(compute="_compute_customer_tier_id", compute_sudo=True)
    customer_tier_factor = fields.Float(
        "Factor of the Class (%)",
        digits=(16, 2),
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        help="What the credit standard multiplies a limit by for this class. 0: no rule.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_customer_tier_id(self):
        Tier = self.env["customer.tier"]
        for company, accounts in self.grouped("company_id").items():
            found = accounts.partner_id._credit_class(company or self.env.company)
            for account in accounts:
                standing = found.get(account.partner_id.id)
                tier = Tier.browse(standing.tier_id) if standing else Tier
                account.customer_tier_id = tier
                account.customer_tier_color = tier.color
                account.customer_tier_factor = (standing and standing.factor) or 0.0

    @api.model
    def _search_customer_tier_id(self, operator, value):
        """Find the credit of this company by the class of the customers."""
        return fields.Domain("partner_id.customer_tier_id", operator, value) & fields.Domain(
            "company_id", "=", self.env.company.id
        )
