from odoo import api, fields, models


class CustomerScorecard(models.Model):
    _inherit = "customer.scorecard"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        help="Class of the customer today, in the company of the evaluation.",
    )
    customer_tier_color = fields.Integer(compute="_compute_customer_tier_id", compute_sudo=True)

    @api.depends("partner_id", "company_id")
    def _compute_customer_tier_id(self):
        for company, cards in self.grouped("company_id").items():
            tiers = cards.partner_id._customer_tiers(company or self.env.company)
            for card in cards:
                tier = tiers.get(card.partner_id.id, self.env["customer.tier"])
                card.customer_tier_id = tier
                card.customer_tier_color = tier.color
