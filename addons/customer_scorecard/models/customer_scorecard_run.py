from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

BATCH = 500
EDITABLE = frozenset({"name", "template_id", "company_id", "domain", "date", "after"})
MAIL_PREFIXES = ("message_", "activity_", "website_message_")


def read_filter(run):
    """Return the Domain of customers that a record with ``name`` and ``domain`` chooses.

    :raise UserError: for a domain that can't be used
    """
    try:
        chosen = Domain(literal_eval(run.domain or "[]"))
        chosen.validate(run.env["res.partner"])
    except (ValueError, SyntaxError, TypeError) as error:
        raise UserError(
            run.env._("The filter of “%(run)s” can't be used: %(error)s", run=run.name, error=error)
        ) from error
    return chosen


class CustomerScorecardRun(models.Model):
    """Evaluations of all customers of a filter, made in batches by a scheduled action (E4).

    A batch is committed with the place where it ended, so what is stopped goes on from there, and a customer is
    evaluated once in a run.
    """

    _name = "customer.scorecard.run"
    _description = "Evaluation Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    template_id = fields.Many2one(
        "customer.scorecard.template",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('version_id', '!=', False)]",
    )
    version_id = fields.Many2one("customer.scorecard.version", readonly=True, ondelete="restrict", copy=False)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    domain = fields.Char(
        "Customers", required=True, default="[('customer_rank', '>', 0)]", help="Which customers are evaluated."
    )
    date = fields.Date(
        required=True,
        copy=False,
        default=lambda self: self.env.company._customer_today(),
        help="Day of the evaluations; figures are those at its end.",
    )
    after = fields.Selection(
        [("draft", "Leave as drafts"), ("submit", "Submit")],
        string="Then",
        required=True,
        default="draft",
        help="Evaluations can be submitted at once where every criterion comes from a figure.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        help="Evaluator of what the run makes.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    total = fields.Integer("Customers in All", readonly=True, copy=False, aggregator=None)
    done = fields.Integer("Customers Done", readonly=True, copy=False, aggregator=None)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the customers that are done.")
    last_id = fields.Integer(readonly=True, copy=False, help="The customer at which the last batch ended.")
    error = fields.Text(readonly=True, copy=False, help="What stopped the run.")
    scorecard_ids = fields.One2many("customer.scorecard", "run_id", string="Evaluations")
    scorecard_count = fields.Integer("Number of Evaluations", compute="_compute_scorecard_count")

    # === COMPUTE METHODS === #

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for run in self:
            run.progress = 100.0 if run.state == "done" else 100.0 * run.done / run.total if run.total else 0.0

    def _compute_scorecard_count(self):
        counts = dict(
            self.env["customer.scorecard"]._read_group(
                [("run_id", "in", self.ids)], groupby=["run_id"], aggregates=["__count"]
            )
        )
        for run in self:
            run.scorecard_count = counts.get(run._origin, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Runs begin as drafts of whoever makes them."""
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals if name in EDITABLE or name.startswith(MAIL_PREFIXES)},
                    "user_id": vals.get("user_id", self.env.uid) if self.env.su else self.env.uid,
                    "state": "draft",
                    "version_id": False,
                    "total": 0,
                    "done": 0,
                    "last_id": 0,
                    "error": False,
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not self.env.su:
            if names - EDITABLE:
                raise AccessError(self.env._("A run is started and stopped by its buttons."))
            if any(run.state != "draft" for run in self):
                raise UserError(self.env._("A run that was started is kept as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(run.state != "draft" for run in self):
            raise UserError(self.env._("A run that was started is kept as it is."))

    # === BUSINESS METHODS === #

    def _customers_domain(self):
        """Return the Domain of the customers that the run evaluates: whole firms, as its filter says."""
        self.ensure_one()
        return read_filter(self) & (Domain("is_company", "=", True) | Domain("parent_id", "=", False))

    def _customers(self):
        """Return res.partner with the rights of who is responsible for the run, in its company alone."""
        return (
            self.env["res.partner"]
            .with_user(self.user_id)
            .with_context(allowed_company_ids=self.company_id.ids, active_test=True)
        )

    def _next_customers(self, count):
        """Return the customers of the next batch, at most ``count``; none at the end."""
        return self._customers().search(
            self._customers_domain() & Domain("id", ">", self.last_id), order="id", limit=count
        )

    def _step(self, batch=None):
        """Make the evaluations of one batch; return the number of customers, 0 at the end.

        The caller commits. Called as super-user.

        :param int batch: customers of a batch, 500 by default
        """
        self.ensure_one()
        customers = self._next_customers(batch or BATCH)
        if not customers:
            self._finish()
            return 0
        there = set(
            self.env["customer.scorecard"]
            .search([("run_id", "=", self.id), ("partner_id", "in", customers.ids)])
            .partner_id.ids
        )
        cards = self.env["customer.scorecard"]._create_for(
            customers.filtered(lambda customer: customer.id not in there),
            self.version_id,
            self.company_id,
            self.date,
            self.user_id,
            self,
        )
        if self.after == "submit":
            # What nothing is known about stays a draft.
            cards.filtered("score_known").with_user(self.user_id)._submit(measure=False, ask=False)
        self.write({"last_id": customers[-1].id, "done": self.done + len(customers)})
        return len(customers)

    def _finish(self):
        self.write({"state": "done", "total": self.done})
        if self.after == "submit" and self.done:
            managers = self.env["customer.scorecard"]._managers(self.company_id) - self.user_id
            self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
                [
                    {
                        "activity_type_id": self.env.ref("customer_scorecard.mail_activity_type_approve").id,
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": self.id,
                        "user_id": manager.id,
                        "summary": self.env._("Approve the evaluations of “%s”", self.name),
                        "automated": True,
                    }
                    for manager in managers
                ]
            )

    def _check_manager(self):
        if not self.env.user.has_group("customer_scorecard.group_scorecard_manager"):
            raise AccessError(self.env._("Runs are started and stopped by managers of customer evaluation."))
        self.check_access("write")

    # === ACTION METHODS === #

    def action_start(self):
        """Start the run: the scheduled action makes its evaluations."""
        self._check_manager()
        for run in self:
            version = run.template_id.version_id
            if run.state != "draft":
                raise UserError(self.env._("“%s” was started already.", run.name))
            if not version:
                raise UserError(self.env._("“%s” has no frozen version.", run.template_id.name))
            by_hand = version._leaves().filtered(lambda leaf: leaf.kind != "metric")
            if run.after == "submit" and by_hand:
                raise UserError(
                    self.env._(
                        "“%(run)s” can't submit its evaluations: somebody has to give points for %(criteria)s.",
                        run=run.name,
                        criteria=", ".join(by_hand.mapped("name")),
                    )
                )
            if run.date > run.company_id._customer_today():
                raise UserError(self.env._("The date of “%s” lies in the future.", run.name))
            run.sudo().user_id = self.env.user
            total = run._customers().search_count(run._customers_domain())
            if not total:
                raise UserError(self.env._("The filter of “%s” finds no customer.", run.name))
            run.sudo().write({"state": "running", "version_id": version.id, "total": total})
        self.env.ref("customer_scorecard.ir_cron_runs").sudo()._trigger()
        return True

    def action_cancel(self):
        """Stop the run; what it has made stays."""
        self._check_manager()
        for run in self:
            if run.state not in ("draft", "running"):
                raise UserError(self.env._("“%s” has ended already.", run.name))
        self.sudo().write({"state": "cancelled"})
        return True

    def action_scorecards(self):
        """Show what the run has made."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_scorecard.customer_scorecard_action")
        action.update(domain=[("run_id", "=", self.id)], context={}, display_name=self.name)
        return action

    # === CRON === #

    @api.model
    def _cron_runs(self, batch=None):
        """Go on with the runs in batches; what was committed is not repeated.

        :param int batch: customers of a batch, 500 by default; the code of the scheduled action may say another number
        """
        cron = self.env["ir.cron"]
        runs = self.search([("state", "=", "running")], order="id")
        remaining = sum(max(run.total - run.done, 1) for run in runs)
        cron._commit_progress(remaining=remaining)
        for run in runs:
            while run.state == "running":
                try:
                    with self.env.cr.savepoint():
                        made = run._step(batch)
                except UserError as error:
                    # A run that can't go on must not keep the others from it.
                    self.env.invalidate_all()
                    run.write({"state": "cancelled", "error": str(error)})
                    made = 0
                remaining = max(remaining - made, 0)
                if not cron._commit_progress(made, remaining=remaining) and remaining:
                    return
                run.invalidate_recordset()
