from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Add up the targets that merged customers have for the same month: of two rows one would be deleted."""
        targets = self.env["customer.target"].sudo().search([("partner_id", "in", partner_ids)])
        key = targets.grouped(lambda target: (target.company_id, target.metric_id, target.month))
        for doubles in key.values():
            if len(doubles) > 1:
                kept = doubles[0]
                kept.amount = sum(doubles.mapped("amount"))
                (doubles - kept).unlink()
        self.env.flush_all()
        return super()._merge(partner_ids, dst_partner, extra_checks)
