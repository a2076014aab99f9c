from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    complaint_id = fields.Many2one(
        "complaint.complaint", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
