from functools import partial

from odoo import api, models
from odoo.tools import format_date, format_datetime

from .radar import radar


class ReportScorecard(models.AbstractModel):
    """The printed form of an evaluation (E7). It shows what its reader may see on the screen; private notes never."""

    _name = "report.customer_scorecard.report_scorecard"
    _description = "Printed Evaluation"

    @api.model
    def _get_report_values(self, docids, data=None):
        cards = self.env["customer.scorecard"].browse(docids)
        cards.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "customer.scorecard",
            "docs": cards,
            "format_date": partial(format_date, self.env),
            "format_datetime": partial(format_datetime, self.env, dt_format="short"),
            "radars": {card.id: radar(card.picture or {}) for card in cards},
            "labels": {
                name: dict(cards._fields[name]._description_selection(self.env)) for name in ("state", "decision")
            },
        }
