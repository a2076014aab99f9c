from odoo import api, fields, models


class ComplaintReturnPolicy(models.Model):
    """Return policies by class, and the window that a class brings (A1, T8)."""

    _inherit = "complaint.return.policy"

    tier_ids = fields.Many2many(
        "customer.tier",
        "complaint_return_policy_tier_rel",
        string="Classes",
        help="Holds for customers who are in one of these classes today; empty: for all. Where a policy names neither "
        "a product category nor a class, the return window of the customer's class takes the place of its own.",
    )

    @api.model
    def _standings(self, pairs):
        """The class of each customer in each company: one query a company."""
        customers = {}
        for customer, company in pairs:
            customers.setdefault(company, self.env["res.partner"])
            customers[company] |= customer
        return {
            (customer, company): tiers[customer.id]
            for company, partners in customers.items()
            for tiers in [partners._customer_tiers(company)]
            for customer in partners
        }

    def _specificity(self):
        depth, *rest = super()._specificity()
        return (depth, bool(self.tier_ids), *rest)

    def _applies_to(self, product, standing=None):
        fitting = super()._applies_to(product, standing)
        return fitting and (not self.tier_ids or (bool(standing) and standing in self.tier_ids))

    def _window(self, standing=None):
        """The window of the class, in days, where the policy is one for all; a class without a rule brings none."""
        window = super()._window(standing)
        if self.tier_ids or self.categ_id or not standing:
            return window
        return standing.return_days or window
