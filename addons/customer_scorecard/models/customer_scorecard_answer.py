from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, float_round
from odoo.tools.misc import formatLang

from . import scoring

POINTS = [("0", "0"), ("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]
EXTREMES = {"0", "5"}
# What each of the two raters may write; nobody else writes anything.
SHARED_FIELDS = frozenset({"agreed_points", "agreed_note", "evidence", "attachment_ids", "private_note"})
FIRST_FIELDS = SHARED_FIELDS | {"first_points"}
SECOND_FIELDS = SHARED_FIELDS | {"second_points"}
KEY_FIELDS = frozenset({"scorecard_id", "criterion_id"})


class CustomerScorecardAnswer(models.Model):
    """What was found about a customer on one criterion, and the points it gives (E1, E4).

    Answers are made with their evaluation, one for each criterion. The evaluator gives the first points, the second
    rater the second; figures are measured by the server.
    """

    _name = "customer.scorecard.answer"
    _description = "Scorecard Answer"
    _order = "scorecard_id, sequence, id"
    _rec_name = "criterion_id"

    scorecard_id = fields.Many2one("customer.scorecard", required=True, index=True, ondelete="cascade")
    criterion_id = fields.Many2one("customer.scorecard.criterion", required=True, index=True, ondelete="restrict")
    sequence = fields.Integer(readonly=True, aggregator=None)
    group_id = fields.Many2one(related="criterion_id.parent_id", store=True)
    heading = fields.Char(compute="_compute_heading", help="Name of the group where a new group begins.")
    kind = fields.Selection(related="criterion_id.kind")
    weight = fields.Float(related="criterion_id.weight")
    two_raters = fields.Boolean(related="criterion_id.two_raters")
    description = fields.Text(related="criterion_id.description")
    anchors = fields.Json(compute="_compute_anchors", help="Description of each step, by points.")
    state = fields.Selection(related="scorecard_id.state")
    may_first = fields.Boolean(compute="_compute_may")
    may_second = fields.Boolean(compute="_compute_may")
    first_points = fields.Selection(POINTS, string="Points Given")
    second_points = fields.Selection(POINTS, string="Second Rater")
    agreed_points = fields.Selection(POINTS, string="Agreed", help="Counts instead of what the two raters gave.")
    agreed_note = fields.Text("Why Agreed So")
    disagree = fields.Boolean(
        compute="_compute_disagree", help="The two raters are too far apart: they have to agree on one value."
    )
    metric_value = fields.Float(
        "Figure", digits=0, readonly=True, groups="customer_scorecard.group_scorecard_reader", aggregator=None
    )
    metric_known = fields.Boolean("Figure Known", readonly=True)
    metric_points = fields.Integer("Points of the Figure", readonly=True, aggregator=None)
    value_text = fields.Char("Finding", compute="_compute_value_text", help="The figure, as people write it.")
    points = fields.Float(compute="_compute_points", store=True, digits=(4, 3), aggregator="avg", help="0 to 5.")
    answered = fields.Boolean(compute="_compute_points", store=True)
    contribution = fields.Float(
        compute="_compute_contribution",
        digits=(5, 2),
        help="Score points that this criterion brings; they add up to the score.",
    )
    vetoed = fields.Boolean("Below the Floor", compute="_compute_contribution")
    evidence = fields.Text(help="What shows for the points.")
    evidence_missing = fields.Boolean(
        compute="_compute_evidence_missing", help="These points need a text or a file that shows for them."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    private_note = fields.Text(
        groups="customer_scorecard.group_scorecard_user", help="Seen by evaluators and managers alone."
    )

    _criterion_unique = models.Constraint("UNIQUE (scorecard_id, criterion_id)", "A criterion is answered once.")

    # === COMPUTE METHODS === #

    @api.depends("criterion_id.parent_id.name", "scorecard_id.answer_ids")
    @api.depends_context("lang")
    def _compute_heading(self):
        for card, answers in self.grouped("scorecard_id").items():
            group, headings = None, {}
            for answer in card.answer_ids.sorted("sequence"):
                parent = answer.criterion_id.parent_id
                if parent and parent != group:
                    headings[answer.criterion_id._origin.id] = parent._path()
                group = parent
            # Of an answer that is being edited alone, the others are stored ones: they aren't assigned to.
            for answer in answers:
                answer.heading = headings.get(answer.criterion_id._origin.id, False)

    @api.depends("criterion_id.anchor_ids.description")
    @api.depends_context("lang")
    def _compute_anchors(self):
        """{"0": text, ... "5": text}: what each step of the scale looks like."""
        for answer in self:
            answer.anchors = {str(anchor.points): anchor.description or "" for anchor in answer.criterion_id.anchor_ids}

    @api.depends("first_points", "second_points", "criterion_id", "scorecard_id.version_id")
    def _compute_disagree(self):
        for answer in self:
            answer.disagree = answer.two_raters and scoring.raters_disagree(
                answer._facts(), answer.criterion_id.version_id.rater_tolerance
            )

    @api.depends("scorecard_id.user_id", "scorecard_id.second_user_id", "scorecard_id.state")
    @api.depends_context("uid")
    def _compute_may(self):
        for answer in self:
            answer.may_first = answer.scorecard_id.may_rate_first
            answer.may_second = answer.scorecard_id.may_rate_second

    @api.depends("metric_value", "metric_known", "criterion_id")
    @api.depends_context("lang", "uid")
    def _compute_value_text(self):
        # Who compares a customer with the whole company sees what the company turns over.
        trusted = self.env.user.has_group("customer_scorecard.group_scorecard_reader")
        for answer, secret in zip(self, self.sudo()):
            metric = secret.criterion_id.metric_id
            if secret.kind not in ("metric", "mixed") or (metric.whole_company and not trusted):
                answer.value_text = False
            elif not secret.metric_known:
                answer.value_text = self.env._("No data")
            else:
                answer.value_text = answer._format_figure(metric, secret.metric_value)

    def _format_figure(self, metric, value):
        """Return a figure as people write it, by the unit of its metric."""
        if metric.unit == "money":
            return formatLang(self.env, value, currency_obj=self.scorecard_id.company_id.sudo().currency_id)
        number = formatLang(self.env, float_round(value, 2), digits=0 if float(value).is_integer() else 2)
        if metric.unit == "percent":
            return f"{number} %"
        return self.env._("%s days", number) if metric.unit == "days" else number

    @api.depends("first_points", "second_points", "agreed_points", "metric_known", "metric_points", "criterion_id")
    def _compute_points(self):
        for answer in self:
            points = scoring.points_of(answer._facts())
            answer.answered = points is not None
            answer.points = float(points or 0)

    @api.depends("scorecard_id.answer_ids.points", "scorecard_id.answer_ids.answered")
    def _compute_contribution(self):
        results = self.scorecard_id._score()
        for answer in self:
            result = results.get(answer.scorecard_id)
            key = answer.criterion_id._origin.id
            answer.contribution = float(result.contributions.get(key, 0)) if result else 0.0
            answer.vetoed = bool(result) and key in result.vetoes

    @api.depends("criterion_id", "first_points", "second_points", "agreed_points", "evidence", "attachment_ids")
    def _compute_evidence_missing(self):
        for answer in self:
            given = {answer.first_points, answer.second_points, answer.agreed_points} - {False}
            needed = answer.kind in ("manual", "mixed") and (
                (answer.criterion_id.evidence == "always" and given)
                or (answer.criterion_id.evidence == "extremes" and given & EXTREMES)
            )
            answer.evidence_missing = bool(
                needed and not (answer.evidence or "").strip() and not answer.sudo().attachment_ids
            )

    # === CONSTRAINTS === #

    @api.constrains("criterion_id", "scorecard_id")
    def _check_criterion_id(self):
        for answer in self:
            criterion = answer.criterion_id
            if criterion.version_id != answer.scorecard_id.version_id or criterion.kind == "group":
                raise ValidationError(
                    self.env._(
                        "%(version)s doesn't ask for “%(criterion)s”.",
                        version=answer.scorecard_id.version_id.display_name,
                        criterion=criterion.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Answers hold what their rater may give; the rest is the server's, whatever defaults a client sends along."""
        if not self.env.su:
            vals_list = [self._check_new(vals) for vals in vals_list]
        answers = super(CustomerScorecardAnswer, self.with_context(clean_context(self.env.context))).create(vals_list)
        answers.scorecard_id._check_open()
        if any(vals.get("attachment_ids") for vals in vals_list):
            answers._claim_files()
        return answers.with_env(self.env)

    def _check_new(self, vals):
        """Return the values of an answer that a client may give; raise for points that aren't the user's to give."""
        card = self.env["customer.scorecard"].browse(vals.get("scorecard_id"))
        card.check_access("write")
        given = {name: value for name, value in vals.items() if value and name in FIRST_FIELDS | SECOND_FIELDS}
        criterion = self.env["customer.scorecard.criterion"].browse(vals.get("criterion_id"))
        self._check_rater(card, set(given), criterion.two_raters)
        return {
            **given,
            **{name: vals[name] for name in KEY_FIELDS & vals.keys()},
            "metric_value": 0.0,
            "metric_known": False,
            "metric_points": 0,
        }

    def write(self, vals):
        if any(answer[name].id != vals[name] for name in KEY_FIELDS & vals.keys() for answer in self):
            raise UserError(self.env._("An answer stays with its evaluation and its criterion."))
        vals = {name: value for name, value in vals.items() if name not in KEY_FIELDS}
        self.scorecard_id._check_open()
        if not self.env.su:
            for card, answers in self.grouped("scorecard_id").items():
                self._check_rater(card, set(vals), all(answers.mapped("two_raters")))
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._claim_files()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Answers belong to their evaluation. Leave one empty instead of deleting it."))

    # === BUSINESS METHODS === #

    def _facts(self):
        """Return what is known about this criterion, for the arithmetic."""
        self.ensure_one()
        criterion = self.sudo().criterion_id

        def number(points):
            return int(points) if points else None

        return scoring.Answer(
            first=number(self.first_points),
            second=number(self.second_points) if criterion.two_raters else None,
            agreed=number(self.agreed_points) if criterion.two_raters else None,
            metric=self.metric_points if self.metric_known else None,
            metric_share=criterion._figure_share(),
        )

    @api.model
    def _check_rater(self, card, names, two_raters):
        """Raise unless the user may write these fields of answers of this evaluation; remember who gives points.

        The points are the evaluator's and the second rater's own: neither writes the other's, nor does a manager.
        """
        card = card.sudo()
        allowed = frozenset()
        if self.env.user == card.user_id:
            allowed |= FIRST_FIELDS
        if self.env.user == card.second_user_id:
            allowed |= SECOND_FIELDS
        if names - allowed:
            raise AccessError(
                self.env._(
                    "%(scorecard)s: the evaluator and the second rater give their own points, and nobody else's; "
                    "figures are measured. Not yours to write: %(fields)s.",
                    scorecard=card.name,
                    fields=", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env) or name
                            for name in names - allowed
                            if name in self._fields
                        )
                    ),
                )
            )
        if card.state != "draft":
            raise UserError(self.env._("%s isn't a draft: its answers are kept as they are.", card.display_name))
        if names & {"second_points", "agreed_points", "agreed_note"} and not two_raters:
            raise UserError(self.env._("This criterion has one rater."))
        if names & {"first_points", "second_points", "agreed_points"} and self.env.user not in card.rater_ids:
            card._add_rater(self.env.user)

    def _claim_files(self):
        """Bind uploaded files to their answers, so that who may not see the answer doesn't see them either."""
        for answer in self.sudo():
            loose = answer.attachment_ids.filtered(
                lambda file: not file.res_id and file.res_model in (False, self._name)
            )
            if loose - loose.filtered(lambda file: file.create_uid == self.env.user) and not self.env.su:
                raise AccessError(self.env._("Attach files that you uploaded yourself."))
            if loose:
                loose.write({"res_model": self._name, "res_id": answer.id, "public": False})
            foreign = answer.attachment_ids.filtered(
                lambda file, answer=answer: (file.res_model, file.res_id) != (self._name, answer.id)
            )
            if foreign:
                raise UserError(
                    self.env._(
                        "%s belongs to another document, where it may be changed or deleted. Upload it here.",
                        ", ".join(foreign.mapped("name")),
                    )
                )

    def action_open(self):
        """Open the answer with the description of its steps, its files and notes."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.scorecard_id.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
