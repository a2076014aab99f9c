from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Two open cases of one rule can't become one without somebody who decides."""
        cases = (
            self.env["warning.case"]
            .sudo()
            .search([("partner_id", "in", partner_ids), ("state", "!=", "closed"), ("incident_id", "=", False)])
        )
        for (company, rule), doubles in cases.grouped(lambda case: (case.company_id, case.rule_id)).items():
            if len(doubles) > 1:
                raise UserError(
                    self.env._(
                        "%(customers)s each have an open warning “%(rule)s” in %(company)s. Close all but one of them "
                        "first.",
                        customers=", ".join(doubles.partner_id.mapped("display_name")),
                        rule=rule.name,
                        company=company.name,
                    )
                )
        return super()._merge(partner_ids, dst_partner, extra_checks)
