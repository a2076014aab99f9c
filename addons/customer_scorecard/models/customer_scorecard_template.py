from odoo import api, fields, models


class CustomerScorecardTemplate(models.Model):
    """What a kind of evaluation asks; its versions hold the criteria (E1, E6, E7)."""

    _name = "customer.scorecard.template"
    _description = "Scorecard Template"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(copy=False, help="Technical name of a template that comes with an addon.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose = fields.Selection(
        [("general", "General")],
        required=True,
        default="general",
        help="What the evaluations made with this template are for.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    description = fields.Text(translate=True)
    version_ids = fields.One2many("customer.scorecard.version", "template_id", string="Versions")
    version_id = fields.Many2one(
        "customer.scorecard.version",
        string="Version in Use",
        compute="_compute_version_id",
        store=True,
        help="The last version that was frozen; new evaluations are made with it.",
    )
    draft_version_id = fields.Many2one(
        "customer.scorecard.version", string="Draft", compute="_compute_version_id", compute_sudo=True
    )

    _code_unique = models.Constraint("UNIQUE (code)", "There is already a template with this code.")

    # === COMPUTE METHODS === #

    @api.depends("version_ids.state", "version_ids.number")
    def _compute_version_id(self):
        for template in self:
            versions = template.version_ids.sorted("number")
            template.version_id = versions.filtered(lambda version: version.state == "frozen")[-1:]
            template.draft_version_id = versions.filtered(lambda version: version.state == "draft")[-1:]
