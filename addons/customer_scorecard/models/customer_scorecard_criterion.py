from odoo import fields, models


class CustomerScorecardCriterion(models.Model):
    """A criterion of a version, or a group of criteria (E1, E2, E4)."""

    _name = "customer.scorecard.criterion"
    _description = "Scorecard Criterion"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one("customer.scorecard.version", required=True, index=True, ondelete="cascade")
    parent_id = fields.Many2one(
        "customer.scorecard.criterion",
        string="Group",
        index=True,
        ondelete="restrict",
        domain="[('version_id', '=', version_id), ('kind', '=', 'group')]",
    )
    child_ids = fields.One2many("customer.scorecard.criterion", "parent_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stable key of the criterion from version to version.")
    description = fields.Text(translate=True, help="What to look at.")
    weight = fields.Float(digits=(16, 2), default=1, help="Weights need not add up to 100. A group has its criteria's.")
    kind = fields.Selection(
        [("group", "Group"), ("manual", "By hand"), ("metric", "From a figure"), ("mixed", "Both")],
        required=True,
        default="manual",
    )
    metric_id = fields.Many2one("customer.metric", string="Figure", index="btree_not_null", ondelete="restrict")
    months = fields.Integer(default=12, help="Window of the figure, in months before the date of the evaluation.")
    metric_share = fields.Integer(
        "Share of the Figure", default=50, help="Per cent of the points that the figure gives; the rest is by hand."
    )
    anchor_ids = fields.One2many("customer.scorecard.anchor", "criterion_id", string="Steps")
    evidence = fields.Selection(
        [("never", "Not needed"), ("extremes", "For 0 and 5 points"), ("always", "Always")],
        required=True,
        default="extremes",
        help="When points given by hand need a text or a file to show for them.",
    )
    two_raters = fields.Boolean(help="Two people give points, independently of each other.")
    veto_below = fields.Integer("Floor", help="Points below this cap the grade, whatever the score; 0: no floor.")
    veto_band_id = fields.Many2one(
        "customer.scorecard.band",
        string="Grade at Best",
        domain="[('version_id', '=', version_id)]",
        index="btree_not_null",
        ondelete="restrict",
        help="Grade that a customer below the floor gets at best.",
    )
    action_criterion_id = fields.Many2one(
        "customer.scorecard.criterion",
        string="Shown by Action",
        domain="[('version_id', '=', version_id), ('kind', '!=', 'group'), ('id', '!=', id)]",
        index="btree_not_null",
        ondelete="restrict",
        help="This criterion is about attitude, that one about action. A high attitude with little action is flagged "
        "as false enthusiasm.",
    )

    _code_unique = models.Constraint("UNIQUE (version_id, code)", "Two criteria of a version have the same code.")
