from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        search="_search_customer_tier_id",
        groups="base.group_user",
        help="Class of the customer today, in the company of the order.",
    )
    customer_tier_color = fields.Integer(
        compute="_compute_customer_tier_id", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("partner_id", "company_id")
    def _compute_customer_tier_id(self):
        for company, orders in self.grouped("company_id").items():
            tiers = orders.partner_id._customer_tiers(company or self.env.company)
            for order in orders:
                tier = tiers.get(order.partner_id.id, self.env["customer.tier"])
                order.customer_tier_id = tier
                order.customer_tier_color = tier.color

    @api.model
    def _search_customer_tier_id(self, operator, value):
        """Find orders of this company by the class of their customers."""
        return fields.Domain("partner_id.customer_tier_id", operator, value) & fields.Domain(
            "company_id", "=", self.env.company.id
        )
