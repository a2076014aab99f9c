from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .complaint_complaint import HANDLER, MANAGER

STATES = [
    ("open", "To Do"),
    ("done", "Done, Effect Not Checked"),
    ("effective", "Effective"),
    ("ineffective", "Without Effect"),
    ("cancelled", "Cancelled"),
]
CHECKED = frozenset({"effective", "ineffective", "cancelled"})
STEP_FIELDS = frozenset({"state", "done_on", "done_by", "checked_on", "checked_by", "result", "company_id"})
CHECK_AFTER_DAYS = 30


class ComplaintCorrectiveAction(models.Model):
    """What is done so that something isn't complained about again (A5): cause, measure, who, until when; and whether
    it helped, which another person checks."""

    _name = "complaint.corrective.action"
    _description = "Corrective Action"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, due_date, id"
    _check_company_auto = True

    name = fields.Char("Measure", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    complaint_ids = fields.Many2many(
        "complaint.complaint",
        "complaint_corrective_action_rel",
        "action_id",
        "complaint_id",
        string="Complaints",
        check_company=True,
    )
    cause_id = fields.Many2one("complaint.cause", index="btree_not_null", ondelete="restrict", tracking=True)
    product_ids = fields.Many2many("product.product", string="Products", help="Empty: whatever the product.")
    cause = fields.Text("Root Cause", help="Why it could happen.")
    measure = fields.Text("How It Is Done")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        tracking=True,
    )
    due_date = fields.Date("Due", required=True, index=True, tracking=True)
    check_date = fields.Date(
        "Check the Effect On",
        compute="_compute_check_date",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        help="By default 30 days after it is due.",
    )
    checker_id = fields.Many2one(
        "res.users",
        string="Checks the Effect",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        tracking=True,
        help="Not who is responsible. By default a manager of complaints.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", index=True, copy=False, tracking=True
    )
    done_on = fields.Datetime(readonly=True, copy=False)
    done_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    result = fields.Text(copy=False, readonly=True, help="What the check of the effect found.")
    checked_on = fields.Datetime(readonly=True, copy=False)
    checked_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    note = fields.Text("Finding of the Check", copy=False, help="Written before the effect is judged.")
    recurrence_count = fields.Integer(
        "Since Then",
        compute="_compute_recurrence_count",
        help="Complaints of the same cause, about these products, that came after the measure was done.",
    )
    late = fields.Boolean(compute="_compute_late", search="_search_late")

    _check_after_due = models.Constraint(
        "CHECK (check_date >= due_date)", "The effect is checked after the measure is due."
    )
    _other_checker = models.Constraint(
        "CHECK (checker_id IS NULL OR checker_id <> user_id)", "Another person than the responsible checks the effect."
    )

    # === COMPUTE METHODS === #

    @api.depends("due_date")
    def _compute_check_date(self):
        for action in self:
            if action.due_date and (not action.check_date or action.check_date < action.due_date):
                action.check_date = action.due_date + timedelta(days=CHECK_AFTER_DAYS)

    @api.depends("cause_id", "product_ids", "done_on", "checked_on")
    def _compute_recurrence_count(self):
        """One query for all: the complaints of these causes since the first of them was done."""
        done = self.filtered(lambda action: action.done_on and action.cause_id)
        found = self.env["complaint.complaint"]
        if done:
            found = found.search_fetch(
                Domain("cause_id", "in", done.cause_id.ids)
                & Domain("company_id", "in", done.company_id.ids)
                & Domain("received_on", ">", min(done.mapped("done_on"))),
                ["cause_id", "company_id", "received_on", "line_ids"],
            )
        by_cause = found.grouped(lambda complaint: (complaint.cause_id, complaint.company_id))
        for action in self:
            action.recurrence_count = action in done and len(
                [
                    complaint
                    for complaint in by_cause.get((action.cause_id, action.company_id), ())
                    if complaint.received_on > action.done_on
                    and (not action.checked_on or complaint.received_on <= action.checked_on)
                    and (not action.product_ids or action.product_ids & complaint.line_ids.product_id)
                ]
            )

    @api.depends("state", "due_date", "check_date")
    @api.depends_context("company")
    def _compute_late(self):
        late = self.filtered_domain(self._late_domain())
        for action in self:
            action.late = action in late

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR([self._late_domain() if wanted else ~self._late_domain() for wanted in value])

    @api.model
    def _late_domain(self):
        today = self.env.company._customer_today()
        return (Domain("state", "=", "open") & Domain("due_date", "<", today)) | (
            Domain("state", "=", "done") & Domain("check_date", "<", today)
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        begun = STEP_FIELDS - {"company_id"}
        # A default in the context is no step either.
        context = {k: v for k, v in self.env.context.items() if k.removeprefix("default_") not in begun}
        blank = self.with_env(self.env(context=context))
        actions = super(ComplaintCorrectiveAction, blank).create(
            [{k: v for k, v in vals.items() if k not in begun} for vals in vals_list]
        )
        actions.sudo()._remind()
        return actions.with_env(self.env)

    def write(self, vals):
        changed = {name for name in vals if name in self._fields and not name.startswith(("message_", "activity_"))}
        if changed & STEP_FIELDS:
            raise AccessError(
                self.env._("Only the steps of a corrective action write: %s.", ", ".join(sorted(changed & STEP_FIELDS)))
            )
        if changed:
            self._check_unchecked()
        result = super().write(vals)
        if changed & {"user_id", "due_date", "check_date", "checker_id"}:
            self.sudo()._remind()
        return result

    def _write_step(self, vals):
        """Write what the steps alone write, past the guard of :meth:`write`."""
        return super().write(vals)

    def _check_unchecked(self):
        checked = self.sudo().filtered(lambda action: action.state in CHECKED)
        if checked:
            raise UserError(self.env._("%s is finished: it is kept as it is.", checked[0].display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(action.state != "open" for action in self):
            raise UserError(self.env._("What was done is kept. Cancel what isn't done any more."))

    # === THE STEPS === #

    def _remind(self):
        """Leave one activity with the person whose turn it is, for each action."""
        todo = "mail.mail_activity_data_todo"
        self.activity_unlink([todo])
        model_id = self.env["ir.model"]._get_id(self._name)
        kind = self.env.ref(todo)
        vals_list = []
        for action in self:
            if action.state not in ("open", "done"):
                continue
            waiting = action.state == "open"
            checker = (
                action.checker_id
                or action.company_id._complaint_managers().filtered(lambda user, action=action: user != action.user_id)[
                    :1
                ]
            )
            user = action.user_id if waiting else checker
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model_id,
                    "res_id": action.id,
                    "user_id": user.id or action.company_id._complaint_owner().id,
                    "summary": self.env._("Corrective action") if waiting else self.env._("Check the effect"),
                    "automated": True,
                    "date_deadline": action.due_date if waiting else action.check_date,
                }
            )
        self.env["mail.activity"].create(vals_list)

    def _step(self, sources, vals, operation="write"):
        self.check_access(operation)
        labels = dict(self._fields["state"]._description_selection(self.env))
        for action in self.sudo():
            if action.state not in sources:
                raise UserError(
                    self.env._("%(action)s is: %(state)s.", action=action.display_name, state=labels[action.state])
                )
        self.sudo()._write_step(vals)
        self.sudo()._remind()
        return True

    def action_done(self):
        """Say that the measure is carried out: the responsible, or a manager."""
        manager = self.env.user.has_group(MANAGER)
        for action in self:
            if not manager and action.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(user)s is responsible for %(action)s.",
                        user=action.user_id.name,
                        action=action.display_name,
                    )
                )
        vals = {"state": "done", "done_on": fields.Datetime.now(), "done_by": self.env.uid}
        # Who is responsible need not be one who writes corrective actions.
        return self._step({"open"}, vals, "read")

    def action_effective(self):
        """Find that the measure helped."""
        return self._check_effect("effective")

    def action_ineffective(self):
        """Find that the measure didn't help: another one is needed."""
        return self._check_effect("ineffective")

    def _check_effect(self, state):
        self.env["complaint.complaint"]._check_group(HANDLER)
        for action in self:
            if self.env.user in action.user_id | action.sudo().done_by:
                raise AccessError(self.env._("Another person than who carried it out checks the effect."))
            note = (action.note or "").strip()
            if not note:
                raise UserError(self.env._("Write what the check found."))
            count = action.recurrence_count
            action._step(
                {"done"},
                {
                    "state": state,
                    "checked_on": fields.Datetime.now(),
                    "checked_by": self.env.uid,
                    "result": self.env._("%(note)s (complaints since: %(count)s)", note=note, count=count),
                },
            )
        return True

    def action_cancel(self):
        """Give a measure up: for managers."""
        self.env["complaint.complaint"]._check_group(MANAGER)
        return self._step({"open", "done"}, {"state": "cancelled"})
