from odoo import api, fields, models


class ComplaintComplaint(models.Model):
    _inherit = "complaint.complaint"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        search="_search_customer_tier_id",
        help="Class of the customer today, in the company of the complaint.",
    )
    customer_tier_color = fields.Integer(compute="_compute_customer_tier_id", compute_sudo=True)

    @api.depends("partner_id", "company_id")
    def _compute_customer_tier_id(self):
        for company, complaints in self.grouped("company_id").items():
            found = complaints.partner_id._customer_tiers(company or self.env.company)
            for complaint in complaints:
                tier = found.get(complaint.partner_id.id, self.env["customer.tier"])
                complaint.customer_tier_id = tier
                complaint.customer_tier_color = tier.color

    @api.model
    def _search_customer_tier_id(self, operator, value):
        """Find the complaints of this company by the class of the customers."""
        return fields.Domain("partner_id.customer_tier_id", operator, value) & fields.Domain(
            "company_id", "=", self.env.company.id
        )
