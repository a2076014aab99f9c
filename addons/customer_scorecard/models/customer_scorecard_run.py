from odoo import api, fields, models


class CustomerScorecardRun(models.Model):
    """Evaluations of all customers of a filter, made in batches by a scheduled action (E4)."""

    _name = "customer.scorecard.run"
    _description = "Evaluation Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(required=True)
    template_id = fields.Many2one("customer.scorecard.template", required=True, index=True, ondelete="restrict")
    version_id = fields.Many2one("customer.scorecard.version", readonly=True, ondelete="restrict", copy=False)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    domain = fields.Char("Customers", required=True, default="[('customer_rank', '>', 0)]")
    date = fields.Date(required=True, default=lambda self: self.env.company._customer_today())
    after = fields.Selection(
        [("draft", "Leave as drafts"), ("submit", "Submit")],
        required=True,
        default="draft",
        help="Evaluations can be submitted at once where every criterion comes from a figure.",
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", required=True, readonly=True, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    total = fields.Integer(readonly=True, copy=False)
    done = fields.Integer(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the customers that are done.")
    last_id = fields.Integer(readonly=True, copy=False)
    scorecard_ids = fields.One2many("customer.scorecard", "run_id", string="Evaluations")

    # === COMPUTE METHODS === #

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for run in self:
            run.progress = 100.0 if run.state == "done" else 100.0 * run.done / run.total if run.total else 0.0

    # === ACTION METHODS === #

    def action_start(self):
        """Start the run: the scheduled action makes its evaluations."""

    # === CRON === #

    @api.model
    def _cron_runs(self):
        """Go on with the runs in batches; what was committed is not repeated."""
