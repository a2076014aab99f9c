from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Of two classes fixed by hand one would be lost without a word."""
        overrides = (
            self.env["customer.tier.override"]
            .sudo()
            .search([("partner_id", "in", partner_ids), ("state", "=", "active")])
        )
        for (company, scheme), doubles in overrides.grouped(lambda row: (row.company_id, row.scheme_id)).items():
            if len(doubles) > 1:
                raise UserError(
                    self.env._(
                        "The classes of %(customers)s in %(scheme)s are fixed by hand in %(company)s. End all but one "
                        "of them first.",
                        customers=", ".join(doubles.partner_id.mapped("display_name")),
                        scheme=scheme.name,
                        company=company.name,
                    )
                )
        return super()._merge(partner_ids, dst_partner, extra_checks)
