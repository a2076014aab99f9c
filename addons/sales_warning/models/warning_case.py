from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .warning_rule import LEFT, LEVELS

HANDLER = "sales_warning.group_warning_handler"
SALESPERSON = "sales_team.group_sale_salesman"
# What people write into a case that is open; everything else follows from its buttons and from the runs.
WRITTEN = {"cause", "measures", "result"}
STATES = [
    ("open", "Open"),
    ("investigating", "Investigating"),
    ("measures", "Measures Under Way"),
    ("snoozed", "Snoozed"),
    ("closed", "Closed"),
]


class WarningCase(models.Model):
    """One warning about a customer: why, how bad, whose, until when, what was found and done, how it ended (W6).

    A rule has one open case per customer and company. The figures on which it opened are kept; the sentence that
    explains them is made when it is read, in the reader's language.
    """

    _name = "warning.case"
    _description = "Sales Warning"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "level desc, deadline, id"

    rule_id = fields.Many2one("warning.rule", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    salesperson_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    team_id = fields.Many2one(
        related="partner_id.user_id.sale_team_id", string="Sales Team", help="Team of the customer's salesperson."
    )
    money_at_risk = fields.Monetary(
        "Money at Risk",
        readonly=True,
        help="What was at stake when the warning opened: what the customer owed, for rules on receivables; else the "
        "sales of the customer in the twelve months before. A customer with several warnings counts with each.",
    )
    incident_id = fields.Many2one("warning.incident", readonly=True, index="btree_not_null", ondelete="restrict")
    level = fields.Selection(LEVELS, required=True, readonly=True, tracking=True)
    worst_level = fields.Selection(LEVELS, required=True, readonly=True)
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="open",
        index=True,
        group_expand=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Owner", required=True, readonly=True, index=True, tracking=True)
    escalated_user_id = fields.Many2one("res.users", string="Escalated To", readonly=True, index=True, tracking=True)
    escalation = fields.Selection(
        [("0", "Owner"), ("1", "Team Leader"), ("2", "Manager"), ("3", "Director")],
        required=True,
        readonly=True,
        default="0",
        tracking=True,
    )
    escalate_on = fields.Date(readonly=True)
    opened_on = fields.Date(required=True, readonly=True)
    last_day = fields.Date("Last Looked At", readonly=True)
    deadline = fields.Date(required=True, readonly=True, index=True, tracking=True)
    closed_on = fields.Date(readonly=True)
    closed_by = fields.Many2one("res.users", readonly=True)
    closed_auto = fields.Boolean("Recovered", readonly=True, help="Closed by itself, after two runs without a finding.")
    late = fields.Boolean(compute="_compute_late", search="_search_late")
    age = fields.Integer("Age (Days)", compute="_compute_age")
    reason = fields.Char(required=True, readonly=True)
    figures = fields.Json(readonly=True)
    last_reason = fields.Char(readonly=True)
    last_figures = fields.Json(readonly=True)
    sentence = fields.Char("Why", compute="_compute_sentence")
    last_sentence = fields.Char("Now", compute="_compute_sentence")
    clean_runs = fields.Integer(readonly=True, help="Runs in a row that found nothing. After two the case closes.")
    cause = fields.Text(help="What the investigation found.")
    measures = fields.Text(help="What is done about it.")
    result = fields.Text(help="What the measures brought.")
    outcome = fields.Selection(
        [("confirmed", "Confirmed"), ("false", "False Alarm")],
        readonly=True,
        tracking=True,
        help="Whether the warning was right. The precision of a rule is counted from this.",
    )
    snooze_until = fields.Date(readonly=True, tracking=True)
    snooze_reason = fields.Text(readonly=True)
    snooze_limit = fields.Date("Pauses End", readonly=True, help="No pause lasts longer; set by the first one.")
    acted_level = fields.Selection(LEVELS, readonly=True)
    digest_wanted = fields.Boolean(readonly=True)
    stops_expense = fields.Boolean(
        "Stops Expenses", readonly=True, help="While this case is open, no expense is posted for the customer."
    )
    log_ids = fields.One2many("warning.case.log", "case_id", string="History", readonly=True)
    may_handle = fields.Boolean(compute="_compute_may_handle")

    _open_unique = models.UniqueIndex(
        "(rule_id, company_id, partner_id, COALESCE(incident_id, 0)) WHERE state <> 'closed'",
        "There is an open warning of this rule on the customer already.",
    )
    _escalate_idx = models.Index("(escalate_on) WHERE state <> 'closed'")
    _pending_idx = models.Index("(id) WHERE state <> 'closed' AND (acted_level IS NULL OR acted_level <> level)")

    # === COMPUTE METHODS === #

    @api.depends("rule_id.name", "partner_id.name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.sudo().partner_id.display_name} · {case.rule_id.name}"

    @api.depends("reason", "figures", "last_reason", "last_figures")
    @api.depends_context("lang")
    def _compute_sentence(self):
        Rule = self.env["warning.rule"]
        for case in self:
            company = case.company_id.sudo()
            case.sentence = Rule._sentence(case.reason, case.figures, company)
            # A figure that is fine again has no sentence of alarm.
            case.last_sentence = (
                self.env._("Fine in the last run.")
                if case.clean_runs and case.last_reason != LEFT
                else Rule._sentence(case.last_reason, case.last_figures, company)
            )

    @api.depends("deadline", "state")
    def _compute_late(self):
        for case in self:
            case.late = case.state != "closed" and case.deadline < case.company_id.sudo()._customer_today()

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._customer_today()
        return [("state", "!=", "closed"), ("deadline", "<", today)]

    @api.depends("opened_on", "closed_on")
    def _compute_age(self):
        for case in self:
            end = case.closed_on or case.company_id.sudo()._customer_today()
            case.age = (end - case.opened_on).days

    @api.depends_context("uid")
    @api.depends("user_id", "escalated_user_id", "partner_id")
    def _compute_may_handle(self):
        for case in self:
            case.may_handle = case.state != "closed" and case._user_may_handle()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Warnings are opened by rules and incidents."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            wrong = {
                name
                for name in vals
                if name not in WRITTEN and not name.startswith(("message_", "activity_", "website_message_"))
            }
            if wrong:
                raise AccessError(
                    self.env._(
                        "These follow from the buttons of a warning and from its rule: %s", ", ".join(sorted(wrong))
                    )
                )
            if vals.keys() & WRITTEN:
                self._check_handler()
                self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Warnings are kept. Close them instead."))

    # === WHO === #

    def _user_may_handle(self):
        """Whether the present user may work on the case: handlers, its owner, whom it was escalated to, and the
        customer's salesperson."""
        self.ensure_one()
        user = self.env.user
        if self.env.su or user.has_group(HANDLER):
            return True
        case = self.sudo()
        if user in (case.user_id | case.escalated_user_id):
            return True
        return user.has_group(SALESPERSON) and case.partner_id.user_id == user

    def _check_handler(self):
        self.check_access("write")
        for case in self:
            if not case._user_may_handle():
                raise AccessError(
                    self.env._(
                        "“%(case)s” is handled by %(owner)s.", case=case.display_name, owner=case.sudo().user_id.name
                    )
                )

    def _check_open(self):
        for case in self:
            if case.state == "closed":
                raise UserError(self.env._("“%s” is closed and stays as it is.", case.display_name))

    # === ACTION METHODS === #

    def action_customer(self):
        """Open the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def _digest_link(self):
        """Return the address of the case, for messages."""
        self.ensure_one()
        return f"{self.get_base_url()}/odoo/sales-warnings/{self.id}"

    def action_documents(self):
        """Open the documents behind the figure as it is now."""
        self.ensure_one()
        code = {
            "churn": "silence_probability",
            "same_period": "growth",
            "frequency": "orders",
            "expense_rises": "expense",
            "expense_chart": "expense",
        }.get(self.reason) or (self.figures or {}).get("metric")
        if not code:
            return self.action_customer()
        return self.partner_id.with_company(self.company_id).action_customer_figure(code, months=self.rule_id.months)
