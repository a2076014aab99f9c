from odoo import api, fields, models


class ComplaintReturnPolicy(models.Model):
    """Return policies by class, and the window that a class brings (A1, T8)."""

    _inherit = "complaint.return.policy"

    tier_ids = fields.Many2many(
        "customer.tier",
        "complaint_return_policy_tier_rel",
        string="Classes",
        help="Holds for customers who are in one of these classes today; empty: for all. Where a policy names neither a "
        "product category nor a class, the return window of the customer's class takes the place of its own.",
    )

    @api.model
    def _candidates(self, customer, company):
        policies = super()._candidates(customer, company)
        if not any(policy.tier_ids for policy in policies):
            return policies
        tier = customer._customer_tiers(company)[customer.id]
        return policies.filtered(lambda policy: not policy.tier_ids or tier in policy.tier_ids)

    def _specificity(self):
        depth, *rest = super()._specificity()
        return (depth, bool(self.tier_ids), *rest)

    def _window(self, customer, company):
        """The window of the class, in days, where the policy is one for all; a class without a rule brings none."""
        window = super()._window(customer, company)
        if self.tier_ids or self.categ_id:
            return window
        return customer._customer_tiers(company)[customer.id].return_days or window
