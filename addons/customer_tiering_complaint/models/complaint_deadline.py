from odoo import fields, models


class ComplaintDeadline(models.Model):
    """Deadlines by class: what names a class comes before what is for all (A3, T8)."""

    _inherit = "complaint.deadline"

    tier_ids = fields.Many2many(
        "customer.tier",
        "complaint_deadline_tier_rel",
        string="Classes",
        help="Holds for customers who are in one of these classes when the deadlines are counted; empty: for all.",
    )

    def _specificity(self):
        return (bool(self.tier_ids), *super()._specificity())

    def _applies_to(self, complaint):
        return super()._applies_to(complaint) and (not self.tier_ids or complaint.customer_tier_id in self.tier_ids)
