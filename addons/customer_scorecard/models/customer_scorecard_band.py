from odoo import api, fields, models

DECISIONS = [("none", "None"), ("open", "Open"), ("observe", "Observe"), ("refuse", "Refuse")]


class CustomerScorecardBand(models.Model):
    """A grade: the scores from its bound up to the next one, and what follows (E5).

    Bands are given by their lower bounds alone, so they can have neither gaps nor overlaps.
    """

    _name = "customer.scorecard.band"
    _inherit = ["customer.scorecard.tree"]
    _description = "Scorecard Grade"
    _order = "score_from desc, id"

    version_id = fields.Many2one("customer.scorecard.version", required=True, index=True, ondelete="cascade")
    name = fields.Char("Grade", required=True)
    score_from = fields.Float(
        "From", required=True, digits=(5, 2), aggregator=None, help="Lowest score of the grade, 0 to below 100."
    )
    score_to = fields.Float(
        "Below",
        compute="_compute_score_to",
        digits=(5, 2),
        help="First score of the next grade; 100 belongs to the top.",
    )
    decision = fields.Selection(
        DECISIONS, required=True, default="none", help="What the grade means for working with the customer."
    )
    review_months = fields.Integer(
        "Review After", aggregator=None, help="Months until the next evaluation is due; 0: none is due."
    )
    color = fields.Integer()
    advice = fields.Text(translate=True, help="What to do with customers of this grade.")

    _name_unique = models.Constraint("UNIQUE (version_id, name)", "Two grades of a version have the same name.")
    _score_from_unique = models.Constraint(
        "UNIQUE (version_id, score_from)", "Two grades of a version begin with the same score."
    )
    _score_from_valid = models.Constraint(
        "CHECK (score_from >= 0 AND score_from < 100)", "A grade begins at 0 or above, and below 100."
    )
    _review_months_valid = models.Constraint("CHECK (review_months >= 0)", "The next evaluation can't be due before.")

    # === COMPUTE METHODS === #

    @api.depends("score_from", "version_id.band_ids.score_from")
    def _compute_score_to(self):
        for band in self:
            above = [bound for bound in band.version_id.band_ids.mapped("score_from") if bound > band.score_from]
            band.score_to = min(above, default=100.0)
