from odoo import fields, models


class CustomerScorecardVersion(models.Model):
    """One version of a template: a draft that is edited, or frozen for ever (E7)."""

    _name = "customer.scorecard.version"
    _description = "Scorecard Version"
    _order = "template_id, number desc, id desc"

    template_id = fields.Many2one("customer.scorecard.template", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="template_id.company_id")
    number = fields.Integer(readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("frozen", "Frozen")], default="draft", required=True, readonly=True, copy=False
    )
    frozen_by = fields.Many2one("res.users", readonly=True, copy=False)
    frozen_on = fields.Datetime(readonly=True, copy=False)
    coverage_min = fields.Float(
        "Coverage Needed",
        default=70,
        help="Per cent of the weight that has to be answered; below it the result is provisional.",
    )
    enthusiasm_attitude_min = fields.Float(
        "Attitude From", default=4, help="Attitude scored at least this high while action is low: false enthusiasm."
    )
    enthusiasm_action_max = fields.Float(
        "Action Up To", default=2, help="Action scored at most this high while attitude is high: false enthusiasm."
    )
    rater_tolerance = fields.Float(
        default=1, help="Points by which two raters may differ without having to agree on one value."
    )
    criterion_ids = fields.One2many("customer.scorecard.criterion", "version_id", string="Criteria")
    band_ids = fields.One2many("customer.scorecard.band", "version_id", string="Grades")
    note = fields.Text("What Is New")

    _number_unique = models.Constraint("UNIQUE (template_id, number)", "A version has its number once.")
    _draft_unique = models.UniqueIndex("(template_id) WHERE state = 'draft'", "A template has one draft at a time.")

    # === ACTION METHODS === #

    def action_freeze(self):
        """Check the version and freeze it: new evaluations use it, and nobody changes it any more."""

    def action_new_version(self):
        """Make a draft with the next number from this version and open it."""
