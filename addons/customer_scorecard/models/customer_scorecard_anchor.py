from odoo import fields, models


class CustomerScorecardAnchor(models.Model):
    """One step of a criterion's scale: what it looks like, and from which figure on it is given (E4)."""

    _name = "customer.scorecard.anchor"
    _inherit = ["customer.scorecard.tree"]
    _description = "Scorecard Step"
    _order = "criterion_id, points, id"
    _rec_name = "points"

    criterion_id = fields.Many2one("customer.scorecard.criterion", required=True, index=True, ondelete="cascade")
    points = fields.Integer(required=True, aggregator=None)
    description = fields.Text(translate=True, help="What this step looks like.")
    metric_band = fields.Boolean("From a Figure", help="Whether a figure can give these points.")
    metric_from = fields.Float(
        "Figure From",
        digits=(16, 4),
        aggregator=None,
        help="Figures from this one on get these points, up to the next bound; the lowest bound is open downward.",
    )

    _points_unique = models.Constraint("UNIQUE (criterion_id, points)", "A criterion has each step once.")
    _points_valid = models.Constraint("CHECK (points BETWEEN 0 AND 5)", "Points are from 0 to 5.")

    def _tree_version(self):
        return self.criterion_id.version_id
