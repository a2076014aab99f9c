from odoo import fields, models

POINTS = [("0", "0"), ("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]


class CustomerScorecardAnswer(models.Model):
    """What was found about a customer on one criterion, and the points it gives (E1, E4)."""

    _name = "customer.scorecard.answer"
    _description = "Scorecard Answer"
    _order = "scorecard_id, sequence, id"
    _rec_name = "criterion_id"

    scorecard_id = fields.Many2one("customer.scorecard", required=True, index=True, ondelete="cascade")
    criterion_id = fields.Many2one("customer.scorecard.criterion", required=True, index=True, ondelete="restrict")
    sequence = fields.Integer(readonly=True)
    group_id = fields.Many2one(related="criterion_id.parent_id", store=True)
    heading = fields.Char(compute="_compute_heading", help="Name of the group where a new group begins.")
    kind = fields.Selection(related="criterion_id.kind")
    weight = fields.Float(related="criterion_id.weight")
    two_raters = fields.Boolean(related="criterion_id.two_raters")
    description = fields.Text(related="criterion_id.description")
    state = fields.Selection(related="scorecard_id.state")
    first_points = fields.Selection(POINTS, string="Points Given")
    second_points = fields.Selection(POINTS, string="Second Rater")
    agreed_points = fields.Selection(POINTS, string="Agreed")
    agreed_note = fields.Text("Why Agreed So")
    metric_value = fields.Float(
        "Figure", digits=0, readonly=True, groups="customer_scorecard.group_scorecard_reader", aggregator=None
    )
    metric_known = fields.Boolean("Figure Known", readonly=True)
    metric_points = fields.Integer("Points of the Figure", readonly=True, aggregator=None)
    value_text = fields.Char("Finding", compute="_compute_value_text")
    points = fields.Float(compute="_compute_points", store=True, digits=(4, 3), aggregator="avg")
    answered = fields.Boolean(compute="_compute_points", store=True)
    contribution = fields.Float(compute="_compute_contribution", digits=(5, 2))
    evidence = fields.Text()
    evidence_missing = fields.Boolean(compute="_compute_evidence_missing")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    private_note = fields.Text(groups="customer_scorecard.group_scorecard_user")
    anchors = fields.Json(compute="_compute_anchors", help="Description of each step, by points.")

    _criterion_unique = models.Constraint("UNIQUE (scorecard_id, criterion_id)", "A criterion is answered once.")

    # === COMPUTE METHODS === #

    def _compute_heading(self):
        self.heading = False

    def _compute_value_text(self):
        self.value_text = False

    def _compute_points(self):
        self.points = 0.0
        self.answered = False

    def _compute_contribution(self):
        self.contribution = 0.0

    def _compute_evidence_missing(self):
        self.evidence_missing = False

    def _compute_anchors(self):
        """{"0": text, ... "5": text}: what each step of the scale looks like."""
        for answer in self:
            answer.anchors = {str(anchor.points): anchor.description or "" for anchor in answer.criterion_id.anchor_ids}
