from odoo import api, fields, models


class CustomerTierMixin(models.AbstractModel):
    """The class of the customer, on documents with a `partner_id` and a `company_id` (T7)."""

    _name = "customer.tier.mixin"
    _description = "Class of the Customer"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        search="_search_customer_tier_id",
        groups="base.group_user",
        help="Class of the customer today, in the company of the record.",
    )
    customer_tier_color = fields.Integer(
        compute="_compute_customer_tier_id", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("partner_id", "company_id")
    def _compute_customer_tier_id(self):
        for company, records in self.grouped("company_id").items():
            tiers = records.partner_id._customer_tiers(company or self.env.company)
            for record in records:
                tier = tiers.get(record.partner_id.id, self.env["customer.tier"])
                record.customer_tier_id = tier
                record.customer_tier_color = tier.color

    @api.model
    def _search_customer_tier_id(self, operator, value):
        """Find the records of this company by the class of their customers."""
        return fields.Domain("partner_id.customer_tier_id", operator, value) & fields.Domain(
            "company_id", "=", self.env.company.id
        )
