from odoo import models
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Complaints follow their customer, the closed ones too; a record tells whose they were.

        Where a firm is merged into a contact of another one, they are that firm's.
        """
        complaints = (
            self.env["complaint.complaint"]
            .sudo()
            .search(Domain("partner_id", "in", partner_ids) | Domain("contact_id", "in", partner_ids))
        )
        before = {complaint: (complaint.partner_id, complaint.partner_id.display_name) for complaint in complaints}
        # A counter is a lock and nothing else: of two with the same name one would stand in the way.
        self.env["complaint.return.counter"].sudo().search([("partner_id", "in", partner_ids)]).unlink()
        self.env.flush_all()
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.invalidate_all()
        complaints._follow_merge(before)
        return result
