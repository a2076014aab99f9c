from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerScorecardTemplate(models.Model):
    """What a kind of evaluation asks; its versions hold the criteria (E1, E6, E7)."""

    _name = "customer.scorecard.template"
    _description = "Scorecard Template"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(copy=False, help="Technical name of a template that comes with an addon.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    purpose = fields.Selection(
        [("general", "General")],
        required=True,
        default="general",
        help="What the evaluations made with this template are for.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    description = fields.Text(translate=True)
    version_ids = fields.One2many("customer.scorecard.version", "template_id", string="Versions", copy=False)
    version_id = fields.Many2one(
        "customer.scorecard.version",
        string="Version in Use",
        compute="_compute_version_id",
        store=True,
        index="btree_not_null",
        help="The last version that was frozen; new evaluations are made with it.",
    )
    draft_version_id = fields.Many2one(
        "customer.scorecard.version", string="Draft", compute="_compute_draft_version_id", compute_sudo=True
    )
    criterion_count = fields.Integer("Criteria", compute="_compute_criterion_count", compute_sudo=True)
    scorecard_count = fields.Integer("Number of Evaluations", compute="_compute_scorecard_count")

    _code_unique = models.Constraint("UNIQUE (code)", "There is already a template with this code.")

    # === COMPUTE METHODS === #

    @api.depends("version_ids.state", "version_ids.number")
    def _compute_version_id(self):
        for template in self:
            frozen = template.version_ids.filtered(lambda version: version.state == "frozen")
            template.version_id = frozen.sorted("number")[-1:]

    @api.depends("version_ids.state")
    def _compute_draft_version_id(self):
        for template in self:
            template.draft_version_id = template.version_ids.filtered(lambda version: version.state == "draft")[-1:]

    @api.depends("version_id", "draft_version_id")
    def _compute_criterion_count(self):
        for template in self:
            version = template.version_id or template.draft_version_id
            template.criterion_count = len(version.criterion_ids.filtered(lambda criterion: criterion.kind != "group"))

    def _compute_scorecard_count(self):
        counts = dict(
            self.env["customer.scorecard"]._read_group(
                [("template_id", "in", self.ids)], groupby=["template_id"], aggregates=["__count"]
            )
        )
        for template in self:
            template.scorecard_count = counts.get(template._origin, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        """What evaluations were made for, and for whom, is settled once the first version is frozen."""
        for name in {"purpose", "company_id"} & vals.keys():
            field = self._fields[name]
            for template in self:
                now = field.convert_to_write(template[name], template)
                if template.version_id and now != field.convert_to_write(
                    field.convert_to_cache(vals[name], template), template
                ):
                    raise UserError(
                        self.env._(
                            "“%(template)s” has a frozen version: its %(field)s can't be changed. "
                            "Duplicate the template instead.",
                            template=template.name,
                            field=field._description_string(self.env),
                        )
                    )
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default=default))
        ]

    def copy(self, default=None):
        """Copy templates with the version in use, or else the draft, as their first draft."""
        copies = super().copy(default=default)
        for template, duplicate in zip(self, copies):
            version = template.version_id or template.draft_version_id
            if version:
                version._copy_to(duplicate)
        return copies

    def unlink(self):
        """Delete templates that were never in use, with their drafts."""
        self._check_unused()
        self.version_ids.unlink()
        return super().unlink()

    def _check_unused(self):
        used = self.filtered(lambda template: template.version_ids.filtered(lambda each: each.state == "frozen"))
        if used and self.env.registry.ready:
            raise UserError(
                self.env._(
                    "%(names)s: a template with a frozen version can't be deleted. Archive it.",
                    names=", ".join(used.mapped("name")),
                )
            )

    # === ACTION METHODS === #

    def action_open_version(self):
        """Open the draft, the version in use where there is no draft, or a first draft."""
        self.ensure_one()
        version = self.draft_version_id or self.version_id
        if not version:
            version = self.env["customer.scorecard.version"].create({"template_id": self.id})
        return version._open()

    def action_new_version(self):
        """Open the draft, or make one from the version in use."""
        self.ensure_one()
        if self.draft_version_id or not self.version_id:
            return self.action_open_version()
        return self.version_id.action_new_version()

    def action_scorecards(self):
        """Show the evaluations made with this template."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_scorecard.customer_scorecard_action")
        action.update(
            domain=[("template_id", "=", self.id)],
            context={"default_template_id": self.id},
            display_name=self.name,
        )
        return action

    def action_import(self):
        """Ask for a workbook to make a draft of."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import from XLSX"),
            "res_model": "customer.scorecard.import",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }
