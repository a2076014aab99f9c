from odoo import api, fields, models


class CustomerScorecard(models.Model):
    """One evaluation of one customer on one day, by a frozen version of a template (E1-E5, E7)."""

    _name = "customer.scorecard"
    _description = "Evaluation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    template_id = fields.Many2one(
        "customer.scorecard.template",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('version_id', '!=', False)]",
    )
    version_id = fields.Many2one("customer.scorecard.version", readonly=True, index=True, ondelete="restrict")
    purpose = fields.Selection(related="template_id.purpose", store=True)
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._customer_today(),
        help="Day of the evaluation; its figures are those at the end of that day.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("superseded", "Superseded"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Evaluator", required=True, index=True, default=lambda self: self.env.user, tracking=True
    )
    second_user_id = fields.Many2one("res.users", string="Second Rater", index="btree_not_null", tracking=True)
    answer_ids = fields.One2many("customer.scorecard.answer", "scorecard_id", string="Answers")
    # === result === #
    score = fields.Float(compute="_compute_score", store=True, digits=(5, 2), aggregator="avg", help="0 to 100.")
    score_known = fields.Boolean("Scored", compute="_compute_score", store=True)
    coverage = fields.Float(
        compute="_compute_score", store=True, digits=(5, 2), aggregator="avg", help="Per cent of the weight answered."
    )
    provisional = fields.Boolean(
        compute="_compute_score", store=True, help="Too little is answered to rely on the result."
    )
    band_id = fields.Many2one("customer.scorecard.band", string="Grade", compute="_compute_score", store=True)
    grade = fields.Char(related="band_id.name", string="Grade Name", store=True)
    uncapped_band_id = fields.Many2one(
        "customer.scorecard.band", string="Grade by Score", compute="_compute_score", store=True
    )
    capped_by = fields.Text(compute="_compute_capped_by", help="The criteria whose floor capped the grade.")
    false_enthusiasm = fields.Boolean(compute="_compute_score", store=True)
    enthusiasm_note = fields.Text(compute="_compute_capped_by")
    decision = fields.Selection(
        [("none", "None"), ("open", "Open"), ("observe", "Observe"), ("refuse", "Refuse")],
        compute="_compute_score",
        store=True,
        help="From the grade; a provisional evaluation opens nothing, it observes.",
    )
    color = fields.Integer(related="band_id.color")
    advice = fields.Text(related="band_id.advice")
    previous_id = fields.Many2one(
        "customer.scorecard",
        string="Previous",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The approved evaluation of this customer, company and template before this one.",
    )
    score_change = fields.Float(
        compute="_compute_score_change",
        store=True,
        digits=(5, 2),
        aggregator=None,
        help="Since the previous evaluation, where it was made with the same version.",
    )
    change_known = fields.Boolean(compute="_compute_score_change", store=True)
    next_date = fields.Date(
        "Next Due", readonly=True, copy=False, index="btree_not_null", help="Set at the approval, from the grade."
    )
    summary = fields.Text(help="What the evaluation comes to; everybody who sees the evaluation reads it.")
    private_note = fields.Text(
        groups="customer_scorecard.group_scorecard_user", copy=False, help="Seen by evaluators and managers alone."
    )
    submitted_by = fields.Many2one("res.users", readonly=True, copy=False)
    submitted_on = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    refusal_reason = fields.Text(readonly=True, copy=False)
    rater_ids = fields.Many2many(
        "res.users",
        "customer_scorecard_rater_rel",
        string="Gave Points",
        readonly=True,
        copy=False,
        help="Whoever gave points can't approve them.",
    )
    run_id = fields.Many2one("customer.scorecard.run", readonly=True, copy=False, ondelete="restrict")
    explanation = fields.Json(compute="_compute_explanation")
    picture = fields.Json(compute="_compute_picture")
    trend = fields.Json(compute="_compute_trend")

    _run_partner_unique = models.UniqueIndex(
        "(run_id, partner_id) WHERE run_id IS NOT NULL", "A run evaluates each customer once."
    )
    _approved_unique = models.UniqueIndex(
        "(partner_id, company_id, template_id) WHERE state = 'approved'",
        "Another evaluation of this customer has just been approved. Try again.",
    )

    # === COMPUTE METHODS === #

    @api.depends("answer_ids.points", "answer_ids.answered", "version_id")
    def _compute_score(self):
        for card in self:
            card.score = card.coverage = 0.0
            card.score_known = card.false_enthusiasm = False
            card.provisional = True
            card.band_id = card.uncapped_band_id = False
            card.decision = False

    def _compute_capped_by(self):
        self.capped_by = False
        self.enthusiasm_note = False

    @api.depends("previous_id.score", "score", "score_known")
    def _compute_score_change(self):
        self.score_change = 0.0
        self.change_known = False

    def _compute_explanation(self):
        """[{"criterion", "group", "kind", "value", "points" or None, "weight", "contribution" or None, "vetoed"}]:
        the contributions add up to the score exactly."""
        self.explanation = []

    def _compute_picture(self):
        """{"axes": [names], "series": [{"label": date, "points": [0..5 or None]}]}, the previous evaluation second."""
        self.picture = {"axes": [], "series": []}

    def _compute_trend(self):
        """[{"id", "date", "score", "grade", "same_version"}]: approved evaluations, the oldest first."""
        self.trend = []

    # === ACTION METHODS === #

    def action_submit(self):
        """Hand the evaluation in for approval."""

    def action_approve(self):
        """Approve; the approved one before is superseded."""

    def action_refuse(self):
        """Open the form that asks for the reason and sends the evaluation back."""

    def action_reset(self):
        """Take a submitted or cancelled evaluation back into draft."""

    def action_cancel(self):
        """Give an evaluation up that isn't approved."""

    # === FOR THE SCREEN === #

    @api.readonly
    def get_comparison(self):
        """Return 2 to 5 evaluations of one version side by side. RPC: called on the ids.

        :return: {"version": name, "axes": [names],
            "customers": [{"id", "partner_id", "name", "date", "score" or None, "coverage", "provisional", "grade",
            "color", "decision", "points": [0..5 or None for each axis]}],
            "criteria": [{"name", "group", "weight", "points": [0..5 or None for each customer],
            "contributions": [... for each customer]}]}
        """
        return {"version": "", "axes": [], "customers": [], "criteria": []}

    # === FOR OTHER ADDONS === #

    @api.model
    def _create_for(self, customers, version, company, date=None, user=None, run=None):
        """Make scored drafts of many customers in a constant number of queries.

        :return: the new evaluations, in the order of the customers' commercial entities
        """
        return self.browse()

    def _after_approve(self):
        """Hook: called as super-user on the evaluations that have just been approved."""
