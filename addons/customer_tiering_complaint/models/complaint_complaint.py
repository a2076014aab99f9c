from odoo import models


class ComplaintComplaint(models.Model):
    _name = "complaint.complaint"
    _inherit = ["complaint.complaint", "customer.tier.mixin"]
