import ast
from calendar import monthrange
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

MANAGER = "sales_warning.group_warning_manager"
DIRECTOR = "sales_warning.group_warning_director"
LEVELS = [("amber", "Amber"), ("red", "Red")]
RANK = {None: 0, False: 0, "amber": 1, "red": 2}
# The reason of a run that no longer looks at the customer of an open case.
LEFT = "left"
# Days ahead in which so and so many working days are sure to be found.
DEADLINE_REACH = 40


class WarningRule(models.Model):
    """What is warned of: whose figure, from where on, how often it is looked at, and who then acts until when (W7).

    A rule compares a metric of every customer with two bounds; or an evaluator of an addon judges the customers, by a
    method ``_evaluate_<code>(customers, date_to)``. See :meth:`_evaluate` for what it owes. A rule without company
    holds for all of them; each has runs and cases of its own.
    """

    _name = "warning.rule"
    _description = "Warning Rule"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        [("draft", "Draft"), ("on", "On"), ("off", "Off")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        help="Only rules that are on warn. Try a rule out on the last twelve months first.",
    )
    description = fields.Text(translate=True)
    company_id = fields.Many2one("res.company", index=True, tracking=True, help="Empty: all companies.")
    kind = fields.Selection(
        [("metric", "A figure"), ("evaluator", "Built in"), ("incident", "Reported incidents")],
        string="Judged By",
        required=True,
        default="metric",
        tracking=True,
    )
    evaluator = fields.Selection(
        [
            ("churn", "Silence that does not fit the customer"),
            ("same_period", "Sales against the same period last year"),
            ("frequency", "Fewer purchases than usual"),
            ("expense_rising", "Expense that rises"),
        ],
        tracking=True,
    )
    metric_id = fields.Many2one("customer.metric", string="Figure", ondelete="restrict", tracking=True)
    months = fields.Integer(
        "Window (Months)",
        required=True,
        default=1,
        tracking=True,
        help="Length of the period that the figure looks at.",
    )
    domain = fields.Char("Customers", required=True, default="[]", tracking=True, help="Whom the rule looks at.")
    comparison = fields.Selection(
        [("above", "Above"), ("below", "Below")],
        string="Alarming When",
        required=True,
        default="above",
        tracking=True,
    )
    threshold = fields.Selection(
        [
            ("constant", "A fixed value"),
            ("metric", "Per cent of another figure"),
            ("percent", "Per cent off the customer's own average"),
            ("ranges", "Mean moving ranges off the customer's own average"),
        ],
        string="Compared With",
        required=True,
        default="constant",
        tracking=True,
    )
    amber = fields.Float(digits=(16, 2), tracking=True, help="Beyond this bound the warning is amber.")
    red = fields.Float(digits=(16, 2), tracking=True, help="Beyond this bound the warning is red.")
    amber_off = fields.Boolean("No Amber", tracking=True, help="The rule knows red warnings only.")
    threshold_metric_id = fields.Many2one("customer.metric", string="Other Figure", ondelete="restrict", tracking=True)
    history_months = fields.Integer("Months of History", default=12, tracking=True)
    schedule = fields.Selection(
        [("daily", "Every day"), ("weekly", "Every week"), ("monthly", "Every month")],
        required=True,
        default="daily",
        tracking=True,
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        default="0",
        tracking=True,
    )
    month_day = fields.Integer(
        "Day of the Month", default=1, tracking=True, help="In months that are shorter, their last day."
    )
    first_day = fields.Integer(
        "Not Before Day",
        default=1,
        tracking=True,
        help="Earlier in a month the rule does not look: a pace says little then.",
    )
    next_date = fields.Date("Next Run", compute="_compute_next_date")
    owner_kind = fields.Selection(
        [
            ("salesperson", "Salesperson"),
            ("leader", "Team leader"),
            ("group", "Somebody of a group"),
            ("user", "A person"),
        ],
        required=True,
        default="salesperson",
        tracking=True,
    )
    owner_group_id = fields.Many2one("res.groups", string="Owner Group", ondelete="restrict", tracking=True)
    owner_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
        help="Owns the cases for whom nobody else is found.",
    )
    amber_days = fields.Integer("Deadline of Amber", required=True, default=10, tracking=True, help="In working days.")
    red_days = fields.Integer("Deadline of Red", required=True, default=3, tracking=True, help="In working days.")
    escalate_days = fields.Integer(
        "Days per Step",
        required=True,
        default=3,
        tracking=True,
        help="Working days from one step of the line to the next, once a deadline has passed.",
    )
    snooze_days = fields.Integer(
        "Longest Pause",
        required=True,
        default=30,
        tracking=True,
        help="Days that a case may be snoozed at most, counted from its first pause. So long the rule is silent, too, "
        "about a customer whose case was closed by hand, unless it gets worse.",
    )
    action_ids = fields.One2many("warning.rule.action", "rule_id", string="Actions", copy=True)
    case_ids = fields.One2many("warning.case", "rule_id", string="Cases")
    open_count = fields.Integer(compute="_compute_figures")
    confirmed_count = fields.Integer(compute="_compute_figures")
    false_count = fields.Integer("False Alarms", compute="_compute_figures")
    precision = fields.Float(
        "Precision (%)",
        digits=(16, 1),
        compute="_compute_figures",
        help="Confirmed cases in per cent of those that were confirmed or found to be false alarms.",
    )
    precision_known = fields.Boolean(compute="_compute_figures")

    _days_positive = models.Constraint(
        "CHECK (months >= 1 AND amber_days >= 1 AND red_days >= 1 AND escalate_days >= 1 AND snooze_days >= 1)",
        "Windows, deadlines and pauses are at least 1.",
    )
    _month_day_valid = models.Constraint(
        "CHECK (month_day BETWEEN 1 AND 31 AND first_day BETWEEN 1 AND 28)",
        "A month has days 1 to 31, and a rule has to look at it on the 28th at the latest.",
    )

    # === COMPUTE METHODS === #

    @api.depends("state", "schedule", "weekday", "month_day", "first_day", "company_id")
    @api.depends_context("company")
    def _compute_next_date(self):
        last = self.env["warning.run"].sudo()._last_days(self.ids)
        for rule in self:
            if rule.state != "on" or rule.kind == "incident":
                rule.next_date = False
                continue
            company = rule.company_id or self.env.company
            today = company._customer_today()
            day = today
            done = last.get((rule.id, company.id))
            while day.day < rule.first_day or (done and done >= rule._period_start(day)):
                day += timedelta(days=1)
            rule.next_date = day

    @api.depends_context("company")
    def _compute_figures(self):
        counts = {rule: {} for rule in self.browse(self.ids)}
        for rule, state, outcome, count in self.env["warning.case"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id", "state", "outcome"], ["__count"]
        ):
            found = counts[rule]
            key = outcome if state == "closed" else "open"
            found[key] = found.get(key, 0) + count
        for rule in self:
            found = counts.get(rule._origin, {})
            rule.open_count = found.get("open", 0)
            rule.confirmed_count = found.get("confirmed", 0)
            rule.false_count = found.get("false", 0)
            judged = rule.confirmed_count + rule.false_count
            rule.precision_known = bool(judged)
            rule.precision = 100 * rule.confirmed_count / judged if judged else 0

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("kind", "evaluator", "metric_id", "threshold", "threshold_metric_id", "history_months")
    def _check_definition(self):
        for rule in self:
            if rule.kind == "metric" and not rule.metric_id:
                raise ValidationError(self.env._("Choose the figure that “%s” looks at.", rule.name))
            if rule.kind == "evaluator" and not callable(getattr(rule, f"_evaluate_{rule.evaluator}", None)):
                raise ValidationError(self.env._("Choose how “%s” judges customers.", rule.name))
            if rule.kind == "metric" and rule.threshold == "metric" and not rule.threshold_metric_id:
                raise ValidationError(self.env._("Choose the figure that “%s” compares with.", rule.name))
            if rule.threshold in ("percent", "ranges") and rule.history_months < 3:
                raise ValidationError(self.env._("An average needs at least three months of history."))

    @api.constrains("kind", "comparison", "threshold", "amber", "red", "amber_off")
    def _check_bounds(self):
        for rule in self.filtered(lambda rule: rule.kind == "metric" and not rule.amber_off):
            away = rule.comparison == "above" or rule.threshold in ("percent", "ranges")
            if rule.amber > rule.red if away else rule.amber < rule.red:
                raise ValidationError(
                    self.env._(
                        "Red (%(red)s) has to lie further out than amber (%(amber)s).", red=rule.red, amber=rule.amber
                    )
                )

    @api.constrains("owner_kind", "owner_group_id")
    def _check_owner(self):
        for rule in self:
            if rule.owner_kind == "group" and not rule.owner_group_id:
                raise ValidationError(self.env._("Choose the group whose members own the cases of “%s”.", rule.name))

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                Domain(ast.literal_eval(rule.domain or "[]")).validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The customers of “%(rule)s” are no valid filter: %(error)s", rule=rule.name, error=error
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "state": "draft"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise AccessError(self.env._("Rules are switched on and off by their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_without_cases(self):
        used = self.env["warning.case"].sudo().search([("rule_id", "in", self.ids)]).rule_id
        if used:
            raise UserError(
                self.env._("%s has cases, which are kept. Switch it off instead.", ", ".join(used.mapped("name")))
            )

    # === WHEN === #

    def _period_start(self, day):
        """Return the day on which the period of the schedule that `day` lies in began."""
        self.ensure_one()
        if self.schedule == "daily":
            return day
        if self.schedule == "weekly":
            return day - timedelta(days=(day.weekday() - int(self.weekday)) % 7)
        start = day.replace(day=min(self.month_day, monthrange(day.year, day.month)[1]))
        if start > day:
            before = day.replace(day=1) - timedelta(days=1)
            start = before.replace(day=min(self.month_day, before.day))
        return start

    def _is_due(self, day, last):
        """Tell whether the rule has to look again on a day. What was missed is looked at once, when there is time.

        :param last: day of the last run that was finished, or None
        """
        self.ensure_one()
        return day.day >= self.first_day and (not last or last < self._period_start(day))

    # === WHOM === #

    def _customers(self):
        """Return the commercial customers that the rule looks at in the present company, by ascending id: one query."""
        self.ensure_one()
        Partner = self.env["res.partner"].sudo().with_context(active_test=True)
        domain = Domain(ast.literal_eval(self.domain or "[]")) & Domain(
            "company_id", "in", (False, self.env.company.id)
        )
        query = Partner._search(domain)
        query.add_where(
            SQL(
                "%s = %s",
                SQL.identifier(
                    Partner._table, "commercial_partner_id", to_flush=Partner._fields["commercial_partner_id"]
                ),
                SQL.identifier(Partner._table, "id"),
            )
        )
        return Partner.browse(sorted(query.get_result_ids()))

    def _owners(self, customers):
        """Return {customer id: id of the user who owns a new case}: queries whose number does not depend on customers.

        Whoever is not found, has left, or does not work in the present company is stood in for by the next of: team
        leader, the owner of the rule.
        """
        self.ensure_one()
        if not customers:
            return {}
        self.env["res.partner"].flush_model(["user_id"])
        self.env["res.users"].flush_model(["active", "share", "sale_team_id", "company_ids"])
        self.env["crm.team"].flush_model(["user_id"])
        rows = self.env.execute_query(
            SQL(
                """
                  WITH employee AS (
                SELECT id, sale_team_id
                  FROM res_users
                 WHERE active AND NOT share
                   AND id IN (SELECT user_id FROM res_company_users_rel WHERE cid = %(company)s)
                     )
                SELECT customer.id, seller.id, leader.id
                  FROM res_partner customer
             LEFT JOIN employee seller ON seller.id = customer.user_id
             LEFT JOIN crm_team team ON team.id = seller.sale_team_id
             LEFT JOIN employee leader ON leader.id = team.user_id
                 WHERE customer.id IN (SELECT UNNEST(%(customers)s::integer[]))
                """,
                company=self.env.company.id,
                customers=customers.ids,
            )
        )
        fallback = self.owner_id.id
        if self.owner_kind == "user":
            return dict.fromkeys(customers.ids, fallback)
        if self.owner_kind == "group":
            members = self._members(self.owner_group_id)
            return {
                customer_id: members[customer_id % len(members)] if members else fallback
                for customer_id in customers.ids
            }
        if self.owner_kind == "leader":
            return {customer_id: leader or fallback for customer_id, _seller, leader in rows}
        return {customer_id: seller or leader or fallback for customer_id, seller, leader in rows}

    @api.model
    def _members(self, group):
        """Return the ids of the employees of a group who work in the present company, ascending."""
        users = group.sudo().all_user_ids
        return sorted(
            users.filtered(lambda user: user.active and not user.share and self.env.company in user.company_ids).ids
        )

    @api.model
    def _working_day_after(self, day, number):
        """Return the day that lies so many working days of the present company after a day."""
        reach = number * 2 + DEADLINE_REACH
        end = day + timedelta(days=reach + 1)
        working = self.env.company._customer_working_days(day, end)
        candidate = day
        for _number in range(reach):
            candidate += timedelta(days=1)
            if working.count(day + timedelta(days=1), candidate + timedelta(days=1)) >= number:
                return candidate
        return candidate

    def _deadlines(self, day):
        """Return {level: day until which a case of that level is to be settled}, for cases of a day."""
        return {
            "amber": self._working_day_after(day, self.amber_days),
            "red": self._working_day_after(day, self.red_days),
        }

    # === ACTION METHODS === #

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Rules are set by: %s.", self.env.ref(MANAGER).sudo().display_name))

    def action_switch_on(self):
        """Let the rules warn from now on."""
        self._check_manager()
        self.check_access("write")
        self.sudo().write({"state": "on"})
        return True

    def action_switch_off(self):
        """Let the rules warn no more. Open cases stay open, until somebody closes them."""
        self._check_manager()
        self.check_access("write")
        self.sudo().write({"state": "off"})
        return True

    def action_run_now(self):
        """Look at the customers of the rule's company, or else of the present one, now."""
        self.ensure_one()
        self._check_manager()
        if self.state != "on" or self.kind == "incident":
            raise UserError(self.env._("Switch the rule on first; incidents open their cases at once."))
        # A rule of one company looks at its customers, whatever company the manager works in at the moment.
        company = self.company_id or self.env.company
        run = self.env["warning.run"].sudo()._run_for(self, company, company._customer_today())
        run._process()
        run._carry_out()
        return self.action_cases()

    def action_cases(self):
        """Open the cases of the rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_warning.warning_case_action")
        action.update(domain=[("rule_id", "=", self.id)], context={"search_default_open": 1})
        return action

    def action_backtest(self):
        """Try the rule out on the last twelve months."""
        self.ensure_one()
        self._check_manager()
        company = self.company_id or self.env.company
        return self.env["warning.backtest"].with_company(company).create({"rule_id": self.id})._run()

    def _past_days(self):
        """Return the days on which a back-test looks: the first of the last twelve months, oldest first.

        They are days that no longer count: the figures are those of the eve, the last of a month.
        """
        first = self.env.company._customer_today().replace(day=1)
        return [first - relativedelta(months=back) for back in range(11, -1, -1)]
