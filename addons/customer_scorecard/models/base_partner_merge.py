from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep the evaluations of all the customers that become one; of several in force the youngest stays so.

        What a merge can't move without breaking a unique index it deletes, without a word.
        """
        customer_ids = (src_partners | dst_partner).ids
        Scorecard = self.env["customer.scorecard"].sudo()
        approved = Scorecard.search([("partner_id", "in", customer_ids), ("state", "=", "approved")], order="date, id")
        for _key, same in approved.grouped(lambda card: (card.company_id, card.template_id)).items():
            replaced = same[:-1]
            replaced.write({"state": "superseded"})
            replaced._log(self.env._("Superseded: the customer was merged with %s.", same[-1:].partner_id.name))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_scorecard card
                   SET run_id = NULL
                 WHERE card.partner_id IN %(ids)s
                   AND EXISTS (
                        SELECT
                          FROM customer_scorecard other
                         WHERE other.run_id = card.run_id
                           AND other.partner_id IN %(ids)s
                           AND other.id < card.id
                   )
                """,
                ids=tuple(customer_ids),
            )
        )
        self.env.invalidate_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
