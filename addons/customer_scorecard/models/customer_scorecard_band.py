from odoo import api, fields, models


class CustomerScorecardBand(models.Model):
    """A grade: the scores from its bound up to the next one, and what follows (E5).

    Bands are given by their lower bounds alone, so they can have neither gaps nor overlaps.
    """

    _name = "customer.scorecard.band"
    _description = "Scorecard Grade"
    _order = "score_from desc, id"

    version_id = fields.Many2one("customer.scorecard.version", required=True, index=True, ondelete="cascade")
    name = fields.Char("Grade", required=True)
    score_from = fields.Float("From", required=True, digits=(5, 2), help="Lowest score of the grade, 0 to below 100.")
    score_to = fields.Float("Below", compute="_compute_score_to", digits=(5, 2), help="First score of the next grade.")
    decision = fields.Selection(
        [("none", "None"), ("open", "Open"), ("observe", "Observe"), ("refuse", "Refuse")],
        required=True,
        default="none",
        help="What the grade means for working with the customer.",
    )
    review_months = fields.Integer("Review After", help="Months until the next evaluation is due; 0: none is due.")
    color = fields.Integer()
    advice = fields.Text(translate=True, help="What to do with customers of this grade.")

    # === COMPUTE METHODS === #

    @api.depends("score_from", "version_id.band_ids.score_from")
    def _compute_score_to(self):
        for band in self:
            above = [bound for bound in band.version_id.band_ids.mapped("score_from") if bound > band.score_from]
            band.score_to = min(above, default=100.0)
