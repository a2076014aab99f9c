from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [("group", "Group"), ("manual", "By hand"), ("metric", "From a figure"), ("mixed", "Both")]
EVIDENCE = [("never", "Not needed"), ("extremes", "For 0 and 5 points"), ("always", "Always")]


class CustomerScorecardCriterion(models.Model):
    """A criterion of a version, or a group of criteria (E1, E2, E4)."""

    _name = "customer.scorecard.criterion"
    _inherit = ["customer.scorecard.tree"]
    _description = "Scorecard Criterion"
    _order = "version_id, tree_key, id"

    version_id = fields.Many2one("customer.scorecard.version", required=True, index=True, ondelete="cascade")
    version_state = fields.Selection(related="version_id.state")
    parent_id = fields.Many2one(
        "customer.scorecard.criterion",
        string="Group",
        index=True,
        ondelete="restrict",
        domain="[('version_id', '=', version_id), ('kind', '=', 'group'), ('id', '!=', id)]",
    )
    child_ids = fields.One2many("customer.scorecard.criterion", "parent_id")
    sequence = fields.Integer(default=10)
    tree_key = fields.Char(compute="_compute_tree_key", store=True, recursive=True, help="Sorts groups above theirs.")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        default="new",
        help="Stable key of the criterion from version to version. Given by itself when left as it is.",
    )
    description = fields.Text(translate=True, help="What to look at.")
    weight = fields.Float(
        compute="_compute_weight",
        store=True,
        readonly=False,
        recursive=True,
        default=1,
        digits=(16, 2),
        aggregator=None,
        help="Weights need not add up to 100. A group has those of its criteria.",
    )
    share = fields.Float(compute="_compute_share", digits=(5, 1), help="Per cent of the weight of all criteria.")
    kind = fields.Selection(KINDS, required=True, default="manual")
    metric_id = fields.Many2one("customer.metric", string="Figure", index="btree_not_null", ondelete="restrict")
    months = fields.Integer(
        default=12, aggregator=None, help="Window of the figure, in months before the day after the evaluation."
    )
    metric_share = fields.Integer(
        "Share of the Figure",
        default=50,
        aggregator=None,
        help="Per cent of the points that the figure gives; the rest is by hand.",
    )
    anchor_ids = fields.One2many("customer.scorecard.anchor", "criterion_id", string="Steps")
    evidence = fields.Selection(
        EVIDENCE,
        required=True,
        default="extremes",
        help="When points given by hand need a text or a file to show for them.",
    )
    two_raters = fields.Boolean(help="Two people give points, independently of each other.")
    veto_below = fields.Integer(
        "Floor", aggregator=None, help="Points below this cap the grade, whatever the score; 0: no floor."
    )
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
    _weight_valid = models.Constraint("CHECK (weight >= 0)", "A weight can't be below zero.")
    _veto_below_valid = models.Constraint("CHECK (veto_below BETWEEN 0 AND 5)", "A floor is from 0 to 5 points.")
    _metric_share_valid = models.Constraint(
        "CHECK (metric_share BETWEEN 0 AND 100)", "The share of the figure is from 0 to 100 per cent."
    )

    # === COMPUTE METHODS === #

    @api.depends("sequence", "parent_id.tree_key")
    def _compute_tree_key(self):
        for criterion in self:
            # Criteria that aren't saved yet come last.
            own = f"{max(criterion.sequence, 0):06d}.{criterion._origin.id or 10**9:010d}"
            criterion.tree_key = f"{criterion.parent_id.tree_key or ''}/{own}"

    @api.depends("kind", "child_ids.weight")
    def _compute_weight(self):
        for criterion in self:
            if criterion.kind == "group":
                criterion.weight = sum(criterion.child_ids.mapped("weight"))
            else:
                criterion.weight = criterion.weight  # entered

    @api.depends("weight", "version_id.criterion_ids.weight")
    def _compute_share(self):
        for criterion in self:
            total = criterion.version_id.weight
            criterion.share = 100 * criterion.weight / total if total else 0.0

    # === CONSTRAINTS === #

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A group of criteria can't stand below itself."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give criteria a code of their own where none was chosen; a group begins without weight."""
        for vals in vals_list:
            if vals.get("kind") == "group":
                vals["weight"] = 0.0
        nameless = [vals for vals in vals_list if vals.get("code", "new") == "new"]
        if nameless:
            taken = set(
                self.sudo()
                .search([("version_id", "in", [vals.get("version_id") for vals in nameless])])
                .mapped(lambda criterion: (criterion.version_id.id, criterion.code))
            )
            taken |= {(vals.get("version_id"), vals.get("code")) for vals in vals_list}
            for vals in nameless:
                version_id = vals.get("version_id")
                number = 1
                while (version_id, f"c{number}") in taken:
                    number += 1
                vals["code"] = f"c{number}"
                taken.add((version_id, vals["code"]))
        return super().create(vals_list)

    # === BUSINESS METHODS === #

    def _path(self, separator=" / "):
        """Return the names from the top group down to this criterion."""
        self.ensure_one()
        names, criterion = [], self
        while criterion:
            names.append(criterion.name)
            criterion = criterion.parent_id
        return separator.join(reversed(names))

    def _figure_steps(self):
        """Return [(lower bound, points)] of the steps that a figure can give."""
        return [(anchor.metric_from, anchor.points) for anchor in self.anchor_ids if anchor.metric_band]

    def _figure_share(self):
        """Return the per cent of the points that come from the figure."""
        return {"metric": 100, "mixed": self.metric_share}.get(self.kind, 0)

    def _problems(self):
        """Return sentences about what keeps these criteria from being used; none if all is well."""
        problems = []
        for criterion in self:
            found = []
            if criterion.parent_id and (
                criterion.parent_id.kind != "group" or criterion.parent_id.version_id != criterion.version_id
            ):
                found.append(self.env._("it stands below something that is no group of this version"))
            if criterion.kind == "group":
                if not criterion.child_ids:
                    found.append(self.env._("the group is empty"))
            elif criterion.child_ids:
                found.append(self.env._("only a group can have criteria below it"))
            if criterion.kind in ("metric", "mixed"):
                bounds = [bound for bound, _points in criterion._figure_steps()]
                if not criterion.metric_id:
                    found.append(self.env._("choose the figure"))
                if not bounds:
                    found.append(self.env._("no step says from which figure on it is given"))
                if len(bounds) != len(set(bounds)):
                    found.append(self.env._("two steps begin with the same figure"))
                if criterion.months < 1:
                    found.append(self.env._("the window of the figure has at least one month"))
            if criterion.kind == "mixed" and not 0 < criterion.metric_share < 100:
                found.append(self.env._("the share of the figure lies between 1 and 99 per cent"))
            if criterion.two_raters and criterion.kind not in ("manual", "mixed"):
                found.append(self.env._("two raters need points that are given by hand"))
            if bool(criterion.veto_below) != bool(criterion.veto_band_id):
                found.append(self.env._("a floor needs the grade at best, and the other way round"))
            if criterion.veto_band_id and criterion.veto_band_id.version_id != criterion.version_id:
                found.append(self.env._("the grade at best belongs to another version"))
            if criterion.kind == "group" and (criterion.veto_below or criterion.action_criterion_id):
                found.append(self.env._("floors and pairs belong to criteria, not to groups"))
            action = criterion.action_criterion_id
            if action and (action.version_id != criterion.version_id or action.kind == "group" or action == criterion):
                found.append(self.env._("the criterion of action is another criterion of this version"))
            problems += [
                self.env._("“%(criterion)s”: %(problem)s.", criterion=criterion.name, problem=problem)
                for problem in found
            ]
        return problems

    # === ACTION METHODS === #

    def action_open(self):
        """Open the criterion with its steps."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
