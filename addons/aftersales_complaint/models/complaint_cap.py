from odoo import api, fields, models
from odoo.fields import Domain


class ComplaintCap(models.Model):
    """What a person may decide alone, in company currency; above, a second decider signs too (four eyes)."""

    _name = "complaint.cap"
    _description = "Cap on Decisions of Complaints"
    _inherit = ["mail.thread"]
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", string="Decider", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(required=True, tracking=True, help="Highest amount, in company currency, decided alone.")
    active = fields.Boolean(default=True)

    _user_unique = models.UniqueIndex(
        "(user_id, company_id) WHERE active", "This decider has a cap in this company already."
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A cap is not below zero.")

    @api.model
    def _amount_of(self, user, company):
        """Return what a user may decide alone in a company, in its currency: the own cap, else the company's."""
        cap = self.sudo().search(Domain("user_id", "=", user.id) & Domain("company_id", "=", company.id), limit=1)
        return cap.amount if cap else company.sudo().complaint_cap
