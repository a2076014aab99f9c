from odoo import api, models


class CustomerScorecard(models.Model):
    _inherit = "customer.scorecard"

    @api.model
    def _eval_of(self, company, customers):
        """Return {customer id: the approved evaluation that decides about it in this company}: one query.

        Whatever the present user may read; customers without an approved evaluation are missing.
        """
        template = company._eval_template()
        if not template or not customers:
            return {}
        cards = self.sudo().search_fetch(
            [
                ("company_id", "=", company.id),
                ("template_id", "=", template.id),
                ("state", "=", "approved"),
                ("partner_id", "in", customers.ids),
            ],
            ["partner_id", "decision", "date", "grade"],
        )
        return {card.partner_id.id: card for card in cards}

    def _after_approve(self):
        """Orders that waited because of the evaluation before are checked again where this one refuses no more."""
        result = super()._after_approve()
        cleared = self.filtered(lambda card: card.decision != "refuse")
        holds = self.env["sale.order.hold"].search(
            [
                ("keeper", "=", "evaluation"),
                ("state", "=", "held"),
                ("partner_id", "in", cleared.partner_id.ids),
                ("company_id", "in", cleared.company_id.ids),
            ]
        )
        if holds:
            holds.action_check_again()
        return result
