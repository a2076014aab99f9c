from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, clean_context

from . import scoring
from .customer_scorecard_band import DECISIONS

LOCKED_STATES = ("approved", "superseded")
MAIL_PREFIXES = ("message_", "activity_", "website_message_")
# What people write, in a draft; all the rest is the server's.
KEY_FIELDS = frozenset({"partner_id", "company_id", "template_id"})
DRAFT_FIELDS = frozenset({"date", "user_id", "second_user_id", "answer_ids", "summary", "private_note"})
SERVER_DEFAULTS = {
    "state": "draft",
    "previous_id": False,
    "next_date": False,
    "submitted_by": False,
    "submitted_on": False,
    "approved_by": False,
    "approved_on": False,
    "refusal_reason": False,
    "rater_ids": False,
    "run_id": False,
}
COMPARISON_MAX = 5
# Nothing about a batch is told to each of its records.
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "tracking_disable": True}


class CustomerScorecard(models.Model):
    """One evaluation of one customer on one day, by a frozen version of a template (E1-E5, E7).

    The result is computed from the answers (:mod:`.scoring`). Draft, submitted, approved: approved evaluations are
    kept as they are, with answers and files, for everybody; the next approved one supersedes them.
    """

    _name = "customer.scorecard"
    _description = "Evaluation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="Contacts and branches are evaluated as the firm they belong to.",
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
        group_expand="_group_expand_state",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Evaluator",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        check_company=True,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    second_user_id = fields.Many2one(
        "res.users",
        string="Second Rater",
        index="btree_not_null",
        check_company=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        tracking=True,
    )
    answer_ids = fields.One2many("customer.scorecard.answer", "scorecard_id", string="Answers")
    score = fields.Float(compute="_compute_score", store=True, digits=(5, 2), aggregator="avg", help="0 to 100.")
    score_known = fields.Boolean("Has a Score", compute="_compute_score", store=True)
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
    capped_by = fields.Text(compute="_compute_notes", help="The criteria whose floor capped the grade.")
    false_enthusiasm = fields.Boolean(compute="_compute_score", store=True)
    enthusiasm_note = fields.Text(compute="_compute_notes")
    decision = fields.Selection(
        DECISIONS,
        compute="_compute_score",
        store=True,
        help="From the grade; a provisional evaluation opens nothing, it observes.",
    )
    color = fields.Integer(related="band_id.color")
    advice = fields.Text(related="band_id.advice")
    answered_count = fields.Integer("Answered", compute="_compute_counts")
    answer_count = fields.Integer("Number of Criteria", compute="_compute_counts")
    two_raters = fields.Boolean(compute="_compute_two_raters", help="Some criteria want a second rater.")
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
    refusal_reason = fields.Text("Sent Back Since", readonly=True, copy=False)
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
    picture = fields.Json(compute="_compute_picture", compute_sudo=True)
    trend = fields.Json(compute="_compute_trend", compute_sudo=True)
    may_approve = fields.Boolean(compute="_compute_rights")
    may_assign = fields.Boolean(compute="_compute_rights")
    may_handle = fields.Boolean(compute="_compute_rights")
    may_rate_first = fields.Boolean(compute="_compute_rights")
    may_rate_second = fields.Boolean(compute="_compute_rights")

    _run_partner_unique = models.UniqueIndex(
        "(run_id, partner_id) WHERE run_id IS NOT NULL", "A run evaluates each customer once."
    )
    _approved_unique = models.UniqueIndex(
        "(partner_id, company_id, template_id) WHERE state = 'approved'",
        "Another evaluation of this customer has just been approved. Try again.",
    )
    _trend_idx = models.Index("(partner_id, template_id, company_id, date)")
    _name_unique = models.Constraint("UNIQUE (company_id, name)", "The number of an evaluation is given once.")

    # === COMPUTE METHODS === #

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for card in self:
            card.display_name = " \N{MIDDLE DOT} ".join(filter(None, (card.name, card.partner_id.name)))

    @api.depends("answer_ids.points", "answer_ids.answered", "version_id")
    def _compute_score(self):
        results = self._score()
        Band = self.env["customer.scorecard.band"]
        for card in self:
            result = results[card]
            band = Band.browse(result.band)
            card.score = float(result.score or 0)
            card.score_known = result.score is not None
            card.coverage = float(result.coverage)
            card.provisional = result.provisional
            card.band_id = band
            card.uncapped_band_id = Band.browse(result.uncapped_band)
            card.false_enthusiasm = bool(result.enthusiasm)
            card.decision = "observe" if result.provisional and band.decision == "open" else band.decision

    @api.depends("answer_ids.points", "answer_ids.answered", "version_id")
    @api.depends_context("lang")
    def _compute_notes(self):
        results = self._score()
        for card in self:
            result = results[card]
            answers = {answer.criterion_id._origin.id: answer for answer in card.answer_ids}
            card.capped_by = "\n".join(
                self.env._(
                    "%(criterion)s: %(points)s points, below the floor of %(floor)s: %(grade)s at best.",
                    criterion=answers[key].criterion_id.name,
                    points=f"{answers[key].points:g}",
                    floor=answers[key].criterion_id.veto_below,
                    grade=answers[key].criterion_id.veto_band_id.name,
                )
                for key in result.caps
            )
            card.enthusiasm_note = "\n".join(
                self.env._(
                    "%(attitude)s %(high)s, but %(action)s %(low)s: such false enthusiasm is often the beginning of "
                    "a fraud.",
                    attitude=answers[attitude].criterion_id.name,
                    high=f"{answers[attitude].points:g}",
                    action=answers[action].criterion_id.name,
                    low=f"{answers[action].points:g}",
                )
                for attitude, action in result.enthusiasm
            )

    @api.depends("answer_ids.answered")
    def _compute_counts(self):
        for card in self:
            card.answer_count = len(card.answer_ids)
            card.answered_count = len(card.answer_ids.filtered("answered"))

    @api.depends("answer_ids.criterion_id")
    def _compute_two_raters(self):
        for card in self:
            card.two_raters = any(card.answer_ids.mapped("two_raters"))

    @api.depends("previous_id.score", "previous_id.score_known", "previous_id.version_id", "score", "score_known")
    def _compute_score_change(self):
        for card in self:
            before = card.previous_id
            card.change_known = (
                card.score_known and before.score_known and bool(before) and before.version_id == card.version_id
            )
            card.score_change = card.score - before.score if card.change_known else 0.0

    @api.depends("answer_ids.points", "answer_ids.answered", "answer_ids.metric_value")
    @api.depends_context("lang", "uid")
    def _compute_explanation(self):
        """[{"criterion", "group", "kind", "value", "points" or None, "weight", "contribution" or None, "vetoed"}]:
        the contributions add up to the score exactly."""
        for card in self:
            card.explanation = [
                {
                    "criterion": answer.criterion_id.name,
                    "group": answer.criterion_id.parent_id.name or "",
                    "kind": answer.kind,
                    "value": answer.value_text or "",
                    "points": answer.points if answer.answered else None,
                    "weight": answer.weight,
                    "contribution": answer.contribution if answer.answered else None,
                    "vetoed": answer.vetoed,
                }
                for answer in card.answer_ids.sorted("sequence")
            ]

    @api.depends("answer_ids.points", "answer_ids.answered", "previous_id", "version_id", "date")
    @api.depends_context("lang")
    def _compute_picture(self):
        """{"axes": [names], "series": [{"label": date, "points": [0..5 or None]}]}: this evaluation, then the one
        before where it was made with the same version."""
        axes_by_version = {version: version._axes() for version in self.version_id}
        for card in self:
            axes = axes_by_version.get(card.version_id, [])
            shown = [card]
            if card.previous_id and card.previous_id.version_id == card.version_id:
                shown.append(card.previous_id)
            card.picture = {
                "axes": [name for name, _weights in axes],
                "series": [
                    {"label": fields.Date.to_string(each.date) or "", "points": each._axis_points(axes)}
                    for each in shown
                ],
            }

    @api.depends("partner_id", "template_id", "company_id", "version_id")
    def _compute_trend(self):
        """[{"id", "date", "score", "grade", "same_version"}]: approved evaluations of this customer with this template,
        the oldest first."""
        cards = self.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("template_id", "in", self.template_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", LOCKED_STATES),
                ("score_known", "=", True),
            ],
            order="date, id",
        ).grouped(lambda card: card._customer_key())
        for card in self:
            card.trend = [
                {
                    "id": each.id,
                    "date": fields.Date.to_string(each.date),
                    "score": each.score,
                    "grade": each.grade or "",
                    "same_version": each.version_id == card.version_id,
                }
                for each in cards.get(card._customer_key(), ())
            ]

    @api.depends("state", "user_id", "second_user_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        manager = self.env.user.has_group("customer_scorecard.group_scorecard_manager")
        for card in self:
            card.may_approve = manager and card.state == "submitted" and self.env.user not in card._authors()
            card.may_assign = manager and card.state == "draft"
            card.may_handle = manager or card.user_id == self.env.user
            card.may_rate_first = card.state == "draft" and card.user_id == self.env.user
            card.may_rate_second = card.state == "draft" and card.second_user_id == self.env.user

    @api.model
    def _group_expand_state(self, states, domain):
        """Columns in the order of the workflow; those for what is over only where there is any."""
        always = {"draft", "submitted", "approved"}
        return [state for state, _label in self._fields["state"].selection if state in always or state in states]

    @api.onchange("template_id", "partner_id", "company_id", "date")
    def _onchange_template_id(self):
        """Lay out the questions, and measure the figures that answer some of them."""
        if self._origin:
            return
        version = self.template_id.version_id
        if self.version_id != version or self.answer_ids.criterion_id._origin.version_id != version:
            self.version_id = version
            self.answer_ids = [
                Command.clear(),
                *(
                    Command.create({"criterion_id": leaf.id, "sequence": number})
                    for number, leaf in enumerate(version._leaves() if version else (), 1)
                ),
            ]
        if self.partner_id and self.date and self.company_id:
            self.sudo()._measure()

    # === CONSTRAINTS === #

    @api.constrains("partner_id")
    def _check_partner_id(self):
        for card in self:
            if card.partner_id != card.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(firm)s: evaluate that.",
                        contact=card.partner_id.name,
                        firm=card.partner_id.commercial_partner_id.name,
                    )
                )

    @api.constrains("user_id", "second_user_id")
    def _check_raters(self):
        for card in self:
            if card.user_id == card.second_user_id:
                raise ValidationError(self.env._("The second rater is somebody else than the evaluator."))
        for user in self.user_id | self.second_user_id:
            if not user.has_group("customer_scorecard.group_scorecard_user"):
                raise ValidationError(
                    self.env._("%s isn't an evaluator. Give the right “Customer Evaluation” first.", user.name)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Make drafts with an answer for every criterion, their figures measured.

        Contacts stand for their firm; the version is the one in use. What the server sets can't be given along.
        """
        manager = self.env.user.has_group("customer_scorecard.group_scorecard_manager")
        prepared = []
        for vals in vals_list:
            people = KEY_FIELDS | DRAFT_FIELDS
            if not self.env.su:
                self._check_names(set(vals) - people)
                if not manager and vals.get("user_id", self.env.uid) != self.env.uid:
                    raise AccessError(self.env._("Evaluators make their own evaluations; managers assign them."))
            defaults = self._add_missing_default_values(vals)
            prepared.append(
                {
                    **SERVER_DEFAULTS,
                    **{name: value for name, value in defaults.items() if name in people or name in vals},
                }
            )
        self._prepare_new(prepared)
        blank = self.with_context(clean_context(self.env.context))
        cards = super(CustomerScorecard, blank).create(prepared)
        cards.sudo()._fill_answers()
        cards.sudo()._set_previous()
        return cards.with_env(self.env)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not (self.env.su and vals == {"state": "superseded"}):
            self._check_open()
        if not self.env.su and names:
            self._check_names(names - DRAFT_FIELDS)
            for card in self:
                if card.state != "draft":
                    raise UserError(self.env._("%s isn't a draft and is kept as it is.", card.display_name))
            manager = self.env.user.has_group("customer_scorecard.group_scorecard_manager")
            if "user_id" in names and not manager:
                raise AccessError(self.env._("Managers give evaluations to somebody else."))
            if "second_user_id" in names and not manager and self.user_id != self.env.user:
                raise AccessError(self.env._("The evaluator or a manager names the second rater."))
        result = super().write(vals)
        if "date" in vals:
            self.sudo()._measure()
        if vals.get("second_user_id"):
            self._ask_second_rater()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_new(self):
        for card in self:
            if card.state != "draft" or card.submitted_on or card.refusal_reason:
                raise UserError(
                    self.env._(
                        "%s was submitted and stays on record. Cancel it instead of deleting it.", card.display_name
                    )
                )

    def unlink(self):
        """Delete new drafts with the files of their answers, which the database drops by itself."""
        self.sudo().answer_ids.attachment_ids.unlink()
        return super().unlink()

    def copy_data(self, default=None):
        raise UserError(self.env._("Evaluate the customer anew instead of copying an evaluation."))

    def _read_group_select(self, aggregate_spec, query):
        """Leave evaluations without score out of the average: they aren't zeros."""
        if aggregate_spec in ("score:avg", "score:min", "score:max"):
            function = SQL(aggregate_spec.rpartition(":")[2].upper())
            self._check_field_access(self._fields["score"], "read")
            return SQL(
                "%s(%s) FILTER (WHERE %s)",
                function,
                self._field_to_sql(self._table, "score", query),
                self._field_to_sql(self._table, "score_known", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    # === GUARDS === #

    def _is_locked(self):
        """Tell whether this evaluation is kept as it is."""
        self.ensure_one()
        return self.state in LOCKED_STATES

    def _check_open(self):
        for card in self:
            if card._is_locked():
                raise UserError(
                    self.env._(
                        "%s is approved and is kept as it is, with its answers. Evaluate the customer anew.",
                        card.display_name,
                    )
                )

    @api.model
    def _check_names(self, names):
        """Raise for fields that are set by the server alone; others of no consequence may pass."""
        forbidden = {name for name in names if name in self._fields and not name.startswith(MAIL_PREFIXES)}
        if forbidden:
            raise AccessError(
                self.env._(
                    "These are set by what happens to the evaluation: %s.",
                    ", ".join(sorted(self._fields[name]._description_string(self.env) or name for name in forbidden)),
                )
            )

    def _authors(self):
        """Return those who can't approve this evaluation since it is theirs."""
        card = self.sudo()
        return card.user_id | card.second_user_id | card.submitted_by | card.rater_ids

    def _add_rater(self, user):
        """Remember that ``user`` gave points to these evaluations."""
        if self:
            self.sudo().write({"rater_ids": [Command.link(user.id)]})

    # === MAKING THEM === #

    def _customer_key(self):
        """Return what evaluations share that follow each other."""
        return (self.partner_id._origin.id, self.company_id._origin.id, self.template_id._origin.id)

    def _prepare_new(self, vals_list):
        """Complete values of new evaluations: the firm, the version in use and the number."""
        Partner = self.env["res.partner"].sudo()
        partners = Partner.browse([vals["partner_id"] for vals in vals_list if vals.get("partner_id")])
        templates = self.env["customer.scorecard.template"].browse(
            [vals["template_id"] for vals in vals_list if vals.get("template_id")]
        )
        commercial = {partner.id: partner.commercial_partner_id.id for partner in partners}
        versions = {template.id: template.version_id for template in templates}
        by_company = {}
        for vals in vals_list:
            vals["partner_id"] = commercial.get(vals.get("partner_id"), vals.get("partner_id"))
            version = versions.get(vals.get("template_id"))
            if version is not None and not version and not vals.get("version_id"):
                raise UserError(
                    self.env._(
                        "“%s” has no frozen version yet: nobody can be evaluated with it.",
                        self.env["customer.scorecard.template"].browse(vals["template_id"]).name,
                    )
                )
            if version:
                vals.setdefault("version_id", version.id)
            by_company.setdefault(vals.get("company_id"), []).append(vals)
        for company_id, group in by_company.items():
            numbers = self._next_numbers(self.env["res.company"].browse(company_id), len(group))
            for vals, number in zip(group, numbers):
                vals["name"] = number

    @api.model
    def _next_numbers(self, company, count):
        """Return the next ``count`` numbers of a company's evaluations, at the price of one."""
        Sequence = self.env["ir.sequence"].sudo()
        sequence = Sequence.search(
            [("code", "=", "customer.scorecard"), ("company_id", "=", company.id)], order="id", limit=1
        )
        if not sequence:
            company._create_scorecard_sequence()
            return self._next_numbers(company, count)
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _number in range(count)]
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence.id:03d}", count)
        )
        prefix, suffix = sequence._get_prefix_suffix()
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in rows]

    def _fill_answers(self):
        """Give each evaluation an answer for every criterion that has none, with the figures of its day."""
        leaves = {version: version._leaves() for version in self.version_id}
        measured = self._measured()
        missing = []
        for card in self:
            there = {answer.criterion_id: answer for answer in card.answer_ids}
            for number, leaf in enumerate(leaves[card.version_id], 1):
                known = measured[card].get(leaf, {})
                if leaf in there:
                    there[leaf].write({"sequence": number, **known})
                else:
                    missing.append(
                        {
                            "scorecard_id": card.id,
                            "criterion_id": leaf.id,
                            "sequence": number,
                            **known,
                            # What is computed from it, so that the database doesn't write each row twice.
                            "points": known.get("metric_points", 0),
                            "answered": known.get("metric_known", False),
                        }
                    )
        self.env["customer.scorecard.answer"].create(missing)

    def _measured(self):
        """Return {evaluation: {criterion: values of its answer}}, what figures say at the end of the evaluations' day.

        One call for each version, company, day and window, whatever the number of customers.
        """
        measured = {card: {} for card in self}
        by_version = {
            version: version._leaves().filtered(lambda leaf: leaf.kind in ("metric", "mixed"))
            for version in self.version_id
        }
        steps = {leaf: leaf._figure_steps() for leaves in by_version.values() for leaf in leaves}
        for (version, company, date), cards in self.grouped(
            lambda card: (card.version_id, card.company_id, card.date)
        ).items():
            metrics = self.env["customer.metric"].with_company(company)
            customers = cards.partner_id._origin
            for months, leaves in by_version[version].grouped("months").items() if version else ():
                codes = sorted(set(leaves.metric_id.mapped("code")))
                values = metrics._values(customers, codes, date_to=date + timedelta(days=1), months=months)
                for leaf in leaves:
                    found = values[leaf.metric_id.code]
                    for card in cards:
                        value = found[card.partner_id._origin.id]
                        points = scoring.figure_points(steps[leaf], value)
                        measured[card][leaf] = {
                            "metric_value": value or 0.0,
                            "metric_known": points is not None,
                            "metric_points": points or 0,
                        }
        return measured

    def _measure(self):
        """Measure the figures of these evaluations again, at the end of their day."""
        for card, measured in self._measured().items():
            for answer in card.answer_ids:
                values = measured.get(answer.criterion_id._origin, {})
                if any(answer[name] != value for name, value in values.items()):
                    answer.update(values)

    def _set_previous(self):
        """Take the approved evaluation of the same customer, company and template for the one before."""
        current = self._current()
        for card in self:
            previous = current.get(card._customer_key(), self.browse())
            if card != previous and card.previous_id != previous:
                card.previous_id = previous

    def _current(self):
        """Return {customer key: the approved evaluation} for the customers of these evaluations."""
        return {
            card._customer_key(): card
            for card in self.sudo().search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("template_id", "in", self.template_id.ids),
                    ("state", "=", "approved"),
                ]
            )
        }

    @api.model
    def _create_for(self, customers, version, company, date=None, user=None, run=None):
        """Make scored drafts of many customers in a constant number of queries.

        The caller has made sure that the user may do that.

        :param customers: res.partner; contacts and branches stand for their firm, which is evaluated once
        :param version: frozen version to evaluate them with
        :param company: res.company whose figures count
        :param date date: day of the evaluations, by default today on the company's clock
        :param user: evaluator, by default the present user
        :param run: customer.scorecard.run that they belong to
        :return: the new evaluations, as super-user, in the order of the firms' first appearance
        """
        if version.state != "frozen":
            raise UserError(self.env._("%s isn't frozen: nobody can be evaluated with it.", version.display_name))
        return (
            self.sudo()
            .with_context(**QUIET)
            .create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": company.id,
                        "template_id": version.template_id.id,
                        "version_id": version.id,
                        "date": date or company._customer_today(),
                        "user_id": (user or self.env.user).id,
                        "run_id": run.id if run else False,
                    }
                    for customer in customers.sudo().commercial_partner_id
                ]
            )
        )

    # === SCORING === #

    def _score(self):
        """Return {evaluation: :class:`scoring.Result`} from the answers, set-based; keys are record ids."""
        cards = self.sudo()
        scales = {version: version._scale() for version in cards.version_id._origin}
        nothing = scoring.Scale(criteria=())
        return {
            card: scoring.score(
                scales.get(card.version_id._origin, nothing),
                {answer.criterion_id._origin.id: answer.points for answer in card.answer_ids if answer.answered},
            )
            for card in cards
        }

    def _axis_points(self, axes):
        """Return the weighted mean points of each axis (see ``version._axes``), None where nothing is answered."""
        points = {answer.criterion_id._origin.id: answer.points for answer in self.answer_ids if answer.answered}
        result = []
        for _name, weights in axes:
            known = {key: weight for key, weight in weights.items() if key in points}
            # A group whose criteria weigh nothing is drawn all the same.
            known = known if sum(known.values()) else dict.fromkeys(known, 1)
            total = sum(known.values())
            result.append(round(sum(points[key] * known[key] for key in known) / total, 2) if total else None)
        return result

    # === FOR THE SCREEN === #

    @api.readonly
    def get_comparison(self):
        """Return 2 to 5 evaluations of one version side by side. RPC: called on the ids.

        :return: {"version": name, "axes": [names],
            "customers": [{"id", "partner_id", "name", "date", "state", "score" or None, "coverage", "provisional",
            "grade", "color", "decision", "decision_name", "points": [0..5 or None for each axis]}],
            "criteria": [{"name", "group", "weight", "points": [0..5 or None for each customer],
            "contributions": [score points or None for each customer]}]}
        :raise AccessError: if the user may not read one of them
        :raise UserError: if they are less than two, more than five, or of different versions
        """
        self.check_access("read")
        if not 2 <= len(self) <= COMPARISON_MAX:
            raise UserError(self.env._("Choose two to five evaluations to compare; these are %s.", len(self)))
        version = self.version_id
        if len(version) > 1:
            raise UserError(
                self.env._(
                    "Evaluations can be compared only within a version; these were made with %s.",
                    ", ".join(version.mapped("display_name")),
                )
            )
        axes = version._axes()
        results = self._score()
        decisions = dict(self._fields["decision"]._description_selection(self.env))
        answers = {card: {answer.criterion_id: answer for answer in card.answer_ids} for card in self}

        def points(card, leaf):
            answer = answers[card].get(leaf)
            return answer.points if answer and answer.answered else None

        def contribution(card, leaf):
            found = results[card].contributions.get(leaf.id)
            return float(found) if found is not None else None

        return {
            "version": version.display_name,
            "axes": [name for name, _weights in axes],
            "customers": [
                {
                    "id": card.id,
                    "partner_id": card.partner_id.id,
                    "name": card.partner_id.name,
                    "date": fields.Date.to_string(card.date),
                    "state": card.state,
                    "score": card.score if card.score_known else None,
                    "coverage": card.coverage,
                    "provisional": card.provisional,
                    "grade": card.grade or "",
                    "color": card.color,
                    "decision": card.decision or "",
                    "decision_name": decisions.get(card.decision, ""),
                    "points": card._axis_points(axes),
                }
                for card in self
            ],
            "criteria": [
                {
                    "name": leaf.name,
                    "group": leaf.parent_id._path() if leaf.parent_id else "",
                    "weight": leaf.weight,
                    "points": [points(card, leaf) for card in self],
                    "contributions": [contribution(card, leaf) for card in self],
                }
                for leaf in version._leaves()
            ],
        }
