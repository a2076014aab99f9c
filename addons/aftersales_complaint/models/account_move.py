from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    complaint_id = fields.Many2one(
        "complaint.complaint", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def action_complaint(self):
        """Open the complaint that this credit note makes good."""
        self.ensure_one()
        return self.complaint_id._open_action()
