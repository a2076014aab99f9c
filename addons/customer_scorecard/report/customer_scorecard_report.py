from odoo import api, models

from .radar import radar


class ReportScorecard(models.AbstractModel):
    """The printed form of an evaluation (E7). It shows what its reader may see on the screen; private notes never."""

    _name = "report.customer_scorecard.report_scorecard"
    _description = "Printed Evaluation"

    @api.model
    def _get_report_values(self, docids, data=None):
        cards = self.env["customer.scorecard"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "customer.scorecard",
            "docs": cards,
            "radars": {card.id: radar(card.picture or {}) for card in cards},
            "labels": {
                name: dict(cards._fields[name]._description_selection(self.env)) for name in ("state", "decision")
            },
        }
