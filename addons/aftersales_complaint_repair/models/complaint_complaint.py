from odoo import models


class ComplaintComplaint(models.Model):
    _inherit = "complaint.complaint"

    def _check_closable(self):
        super()._check_closable()
        self.remedy_ids._check_repaired()
