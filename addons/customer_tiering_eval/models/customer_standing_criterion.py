from odoo import api, models


class CustomerStandingCriterion(models.Model):
    """The evaluation's score is asked for, for the plaque of a special support unit (T4, E4)."""

    _inherit = "customer.standing.criterion"

    @api.model
    def _answer_eval_score(self, customers, company):
        """Score, 0 to 100, of the latest approved evaluation with the company's template; None without one: one query.

        A provisional score says too little to count.
        """
        template = company._eval_template()
        if not template or not customers:
            return {}
        cards = (
            self.env["customer.scorecard"]
            .sudo()
            .search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("template_id", "=", template.id),
                    ("state", "=", "approved"),
                    ("partner_id", "in", customers.ids),
                ],
                ["partner_id", "score", "score_known", "provisional"],
                order="date, id",
            )
        )
        return {card.partner_id.id: card.score if card.score_known and not card.provisional else None for card in cards}
