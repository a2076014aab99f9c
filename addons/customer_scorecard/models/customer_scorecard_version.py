from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from . import scoring

RADAR_MAX_LEAVES = 12
RADAR_MIN_AXES = 3
# Set by the methods here, never by a client's write.
SERVER_FIELDS = frozenset({"number", "state", "frozen_by", "frozen_on"})


class CustomerScorecardVersion(models.Model):
    """One version of a template: a draft that is edited, or frozen for ever (E7)."""

    _name = "customer.scorecard.version"
    _description = "Scorecard Version"
    _order = "template_id, number desc, id desc"

    template_id = fields.Many2one("customer.scorecard.template", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="template_id.company_id")
    purpose = fields.Selection(related="template_id.purpose")
    number = fields.Integer(readonly=True, copy=False, aggregator=None)
    state = fields.Selection(
        [("draft", "Draft"), ("frozen", "Frozen")], default="draft", required=True, readonly=True, copy=False
    )
    frozen_by = fields.Many2one("res.users", readonly=True, copy=False)
    frozen_on = fields.Datetime(readonly=True, copy=False)
    coverage_min = fields.Float(
        "Coverage Needed",
        default=70,
        aggregator=None,
        help="Per cent of the weight that has to be answered; below it the result is provisional.",
    )
    enthusiasm_attitude_min = fields.Float(
        "Attitude From",
        default=4,
        aggregator=None,
        help="Attitude scored at least this high while action is low: false enthusiasm.",
    )
    enthusiasm_action_max = fields.Float(
        "Action Up To",
        default=2,
        aggregator=None,
        help="Action scored at most this high while attitude is high: false enthusiasm.",
    )
    rater_tolerance = fields.Float(
        default=1,
        aggregator=None,
        help="Points by which two raters may differ without having to agree on one value.",
    )
    criterion_ids = fields.One2many("customer.scorecard.criterion", "version_id", string="Criteria")
    band_ids = fields.One2many("customer.scorecard.band", "version_id", string="Grades")
    note = fields.Text("What Is New")
    weight = fields.Float("Weight of All Criteria", compute="_compute_weight", digits=(16, 2))
    in_use = fields.Boolean(compute="_compute_in_use", help="New evaluations are made with this version.")
    scorecard_count = fields.Integer("Number of Evaluations", compute="_compute_scorecard_count")

    _number_unique = models.Constraint("UNIQUE (template_id, number)", "A version has its number once.")
    _draft_unique = models.UniqueIndex("(template_id) WHERE state = 'draft'", "A template has one draft at a time.")
    _coverage_min_valid = models.Constraint(
        "CHECK (coverage_min BETWEEN 0 AND 100)", "The coverage needed is from 0 to 100 per cent."
    )
    _rater_tolerance_valid = models.Constraint(
        "CHECK (rater_tolerance >= 0)", "Two raters can't differ by less than zero points."
    )

    # === COMPUTE METHODS === #

    @api.depends("template_id.name", "number", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            name = self.env._("%(template)s v%(number)s", template=version.template_id.name, number=version.number)
            version.display_name = self.env._("%s (draft)", name) if version.state == "draft" else name

    @api.depends("criterion_ids.weight", "criterion_ids.kind")
    def _compute_weight(self):
        for version in self:
            version.weight = sum(
                version.criterion_ids.filtered(lambda criterion: criterion.kind != "group").mapped("weight")
            )

    @api.depends("template_id.version_id")
    def _compute_in_use(self):
        for version in self:
            version.in_use = version.template_id.version_id == version._origin

    def _compute_scorecard_count(self):
        counts = dict(
            self.env["customer.scorecard"]._read_group(
                [("version_id", "in", self.ids)], groupby=["version_id"], aggregates=["__count"]
            )
        )
        for version in self:
            version.scorecard_count = counts.get(version._origin, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number versions from 1 in each template; they begin as drafts, whatever the client says."""
        template_ids = {vals.get("template_id") for vals in vals_list} - {None, False}
        last = dict(
            self.sudo()._read_group(
                [("template_id", "in", list(template_ids))], groupby=["template_id"], aggregates=["number:max"]
            )
        )
        last = {template.id: number for template, number in last.items()}
        for vals in vals_list:
            template_id = vals.get("template_id")
            last[template_id] = last.get(template_id, 0) + 1
            vals.update({"number": last[template_id], "state": "draft", "frozen_by": False, "frozen_on": False})
        return super().create(vals_list)

    def write(self, vals):
        if SERVER_FIELDS & vals.keys() and not self.env.su:
            raise AccessError(self.env._("A version is frozen by its button."))
        frozen = self.filtered(lambda version: version.state == "frozen")
        # The tree guards itself, and says more about what is wrong.
        if frozen and vals.keys() - {"criterion_ids", "band_ids"} and self.env.registry.ready:
            raise UserError(self.env._("%(version)s is frozen and is kept as it is.", version=frozen[0].display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        for version in self:
            if version.state == "frozen" and self.env.registry.ready:
                raise UserError(self.env._("%(version)s is frozen and is kept as it is.", version=version.display_name))

    def unlink(self):
        """Delete drafts with their trees, whose records refer to each other."""
        criteria = self.criterion_ids
        criteria.write({"parent_id": False, "action_criterion_id": False, "veto_band_id": False, "veto_below": 0})
        criteria.unlink()
        return super().unlink()

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("Make a new version of the template instead of a copy."))

    # === BUSINESS METHODS === #

    def _leaves(self):
        """Return the criteria that are answered, in the order of the tree."""
        self.ensure_one()
        children = {}
        for criterion in self.criterion_ids.sorted("tree_key"):
            children.setdefault(criterion.parent_id, []).append(criterion)
        leaves = []

        def walk(parent):
            for criterion in children.get(parent, ()):
                if criterion.kind == "group":
                    walk(criterion)
                else:
                    leaves.append(criterion.id)

        walk(self.env["customer.scorecard.criterion"])
        return self.env["customer.scorecard.criterion"].browse(leaves)

    def _axes(self):
        """Return [(name, {criterion id: weight})], the axes of the radar.

        Each criterion is an axis where they are few; else the top groups are, and criteria that stand alone.
        """
        self.ensure_one()
        leaves = self._leaves()
        if len(leaves) <= RADAR_MAX_LEAVES:
            return [(leaf.name, {leaf.id: leaf.weight}) for leaf in leaves]
        tops = {}
        for leaf in leaves:
            top = leaf
            while top.parent_id:
                top = top.parent_id
            tops.setdefault(top, {})[leaf.id] = leaf.weight
        if len(tops) < RADAR_MIN_AXES:
            return [(leaf.name, {leaf.id: leaf.weight}) for leaf in leaves]
        return [(top.name, weights) for top, weights in tops.items()]

    def _scale(self):
        """Return the :class:`scoring.Scale` of this version; keys are record ids."""
        self.ensure_one()
        version = self.sudo()
        return scoring.Scale(
            criteria=tuple(
                scoring.Criterion(
                    key=criterion.id,
                    weight=criterion.weight,
                    veto_below=criterion.veto_below,
                    veto_band=criterion.veto_band_id.id,
                    action=criterion.action_criterion_id.id,
                )
                for criterion in version._leaves()
            ),
            bands=tuple(scoring.Band(band.id, band.score_from) for band in version.band_ids),
            coverage_min=version.coverage_min,
            attitude_min=version.enthusiasm_attitude_min,
            action_max=version.enthusiasm_action_max,
        )

    def _problems(self):
        """Return sentences about what keeps the version from being frozen; none if all is well."""
        self.ensure_one()
        problems = self.criterion_ids._problems()
        leaves = self.criterion_ids.filtered(lambda criterion: criterion.kind != "group")
        if not any(leaf.weight > 0 for leaf in leaves):
            problems.append(self.env._("There is no criterion with a weight."))
        if len(leaves) != len(self._leaves()):
            problems.append(self.env._("Some criteria stand in no group of this version."))
        bounds = self.band_ids.mapped("score_from")
        if 0 not in bounds:
            problems.append(self.env._("No grade begins at 0, so the lowest scores have none."))
        if self.enthusiasm_action_max >= self.enthusiasm_attitude_min:
            problems.append(self.env._("The threshold of action has to be below that of attitude."))
        return problems

    def _check_manager(self):
        if not self.env.user.has_group("customer_scorecard.group_scorecard_manager"):
            raise AccessError(self.env._("Templates are made by managers of customer evaluation."))

    def _copy_to(self, template):
        """Copy this version's settings and tree into a new draft of a template, in all languages; return it."""
        self.ensure_one()
        vals = self.copy_data()[0]
        vals.update(template_id=template.id, note=False)
        duplicate = self.create(vals)
        bands = dict(zip(self.band_ids, self.band_ids.copy({"version_id": duplicate.id})))
        unlinked = {"version_id": duplicate.id, "parent_id": False, "veto_band_id": False, "action_criterion_id": False}
        criteria = dict(zip(self.criterion_ids, self.criterion_ids.copy(unlinked)))
        for criterion, copied in criteria.items():
            copied.write(
                {
                    "parent_id": criteria.get(criterion.parent_id, copied.browse()).id,
                    "veto_band_id": bands[criterion.veto_band_id].id if criterion.veto_band_id else False,
                    "action_criterion_id": criteria.get(criterion.action_criterion_id, copied.browse()).id,
                }
            )
            criterion.anchor_ids.copy({"criterion_id": copied.id})
        return duplicate

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.template_id.name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === ACTION METHODS === #

    def action_freeze(self):
        """Check the versions and freeze them: new evaluations use them, and nobody changes them any more.

        :raise UserError: naming everything that is still wrong
        """
        self._check_manager()
        self.check_access("write")
        for version in self:
            if version.state == "frozen":
                raise UserError(self.env._("%s is frozen already.", version.display_name))
            problems = version._problems()
            if problems:
                raise UserError(
                    self.env._(
                        "%(version)s can't be frozen yet:\n%(problems)s",
                        version=version.display_name,
                        problems="\n".join(f"- {problem}" for problem in problems),
                    )
                )
            version.sudo().write({"state": "frozen", "frozen_by": self.env.uid, "frozen_on": fields.Datetime.now()})
            # The index that allows one draft at a time sees what the database has.
            version.flush_recordset(["state"])
            version.template_id._message_log(
                body=self.env._("Version %s was frozen: new evaluations are made with it.", version.number)
            )

    def action_new_version(self):
        """Make a draft with the next number from this version and open it."""
        self.ensure_one()
        self._check_manager()
        draft = self.template_id.draft_version_id
        if draft:
            raise UserError(self.env._("There is a draft already: %s. Freeze or delete it first.", draft.display_name))
        return self._copy_to(self.template_id)._open()

    def action_scorecards(self):
        """Show the evaluations made with this version."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_scorecard.customer_scorecard_action")
        action.update(domain=[("version_id", "=", self.id)], context={}, display_name=self.display_name)
        return action

    def action_export(self):
        """Download the version as a workbook that can be changed and imported again."""
        self.ensure_one()
        return self.env["customer.scorecard.import"]._download(self)
