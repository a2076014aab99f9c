from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Of two credit accounts in a company one would be deleted without a word, and with it a limit or a freeze."""
        accounts = self.env["credit.account"].sudo().search([("partner_id", "in", partner_ids)])
        for company, doubles in accounts.grouped("company_id").items():
            if len(doubles) > 1:
                raise UserError(
                    self.env._(
                        "%(customers)s have a credit account each in %(company)s. Archive all but one of them first.",
                        customers=", ".join(doubles.partner_id.mapped("display_name")),
                        company=company.name,
                    )
                )
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # Policies and tags of customers change hands by SQL.
        self.env.registry.clear_cache()
        return result
