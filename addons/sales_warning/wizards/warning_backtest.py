from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..models.warning_rule import LEVELS, MANAGER, RANK

TRUTH_MONTHS = 3
# Reasons whose truth is that the customer bought no more; and figures whose truth is that the money still was missing.
LOST = ("churn", "frequency", "same_period")
UNPAID = ("receivable", "overdue", "overdue_days", "days_late")


class WarningBacktest(models.TransientModel):
    """A rule as it would have run at the end of each of the last twelve months (W7).

    An alarm is a level that was not reached the month before. What is said of the past are the documents of the past;
    targets and credit limits are those that are known today.
    """

    _name = "warning.backtest"
    _description = "Back-Test of a Warning Rule"

    rule_id = fields.Many2one("warning.rule", required=True, readonly=True, ondelete="cascade")
    rule_state = fields.Selection(related="rule_id.state")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    month_ids = fields.One2many("warning.backtest.month", "backtest_id", string="Months", readonly=True)
    alarm_ids = fields.One2many("warning.backtest.alarm", "backtest_id", string="Alarms", readonly=True)
    alarm_count = fields.Integer("Alarms Raised", readonly=True)
    red_count = fields.Integer("Red Alarms", readonly=True)
    customer_count = fields.Integer("Customers Warned Of", readonly=True)
    known_count = fields.Integer("Truth Known", readonly=True)
    true_count = fields.Integer("Turned Out True", readonly=True)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("alarm_count", "customer_count", "known_count", "true_count")
    @api.depends_context("lang")
    def _compute_summary(self):
        for test in self:
            summary = self.env._(
                "%(alarms)s alarms in twelve months, %(month)s a month, on %(customers)s customers.",
                alarms=test.alarm_count,
                month=f"{test.alarm_count / 12:.1f}",
                customers=test.customer_count,
            )
            if test.known_count:
                summary += " " + self.env._(
                    "Of %(known)s whose outcome is known, %(true)s turned out true (%(share)s %%).",
                    known=test.known_count,
                    true=test.true_count,
                    share=f"{100 * test.true_count / test.known_count:.0f}",
                )
            test.summary = summary

    @api.depends("rule_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for test in self:
            test.display_name = self.env._("%s over the Last Twelve Months", test.rule_id.name)

    def _run(self):
        """Judge the customers at the end of each month, write months and alarms, and show them."""
        self.ensure_one()
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Rules are tried out by those who set them."))
        rule = self.rule_id.sudo().with_company(self.company_id)
        customers = rule._customers()
        before, months, alarms = {}, [], []
        for date_to in rule._past_days():
            findings = rule._evaluate(customers, date_to)
            # Of whom nothing is known the level of the month before stands.
            now = before | {customer_id: level for customer_id, (level, *_rest) in findings.items()}
            raised = [
                (customer_id, *findings[customer_id])
                for customer_id in findings
                if RANK[now[customer_id]] > RANK[before.get(customer_id)]
            ]
            day = date_to - timedelta(days=1)
            truth = self._truth(rule, raised, date_to)
            months.append(
                {
                    "backtest_id": self.id,
                    "day": day,
                    "amber_count": sum(row[1] == "amber" for row in raised),
                    "red_count": sum(row[1] == "red" for row in raised),
                    "open_count": sum(1 for level in now.values() if level),
                }
            )
            alarms += [
                {
                    "backtest_id": self.id,
                    "day": day,
                    "partner_id": customer_id,
                    "level": level,
                    "reason": reason,
                    "figures": figures,
                    "truth": truth.get(customer_id, "unknown"),
                }
                for customer_id, level, reason, figures in raised
            ]
            before = now
        self.env["warning.backtest.month"].sudo().create(months)
        self.env["warning.backtest.alarm"].sudo().create(alarms)
        self.sudo().write(
            {
                "alarm_count": len(alarms),
                "red_count": sum(alarm["level"] == "red" for alarm in alarms),
                "customer_count": len({alarm["partner_id"] for alarm in alarms}),
                "known_count": sum(alarm["truth"] != "unknown" for alarm in alarms),
                "true_count": sum(alarm["truth"] == "true" for alarm in alarms),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    @api.model
    def _truth(self, rule, raised, date_to):
        """Return {customer id: "true" or "false"} of alarms whose outcome is known: three months later.

        A warning of loss was true when the customer bought nothing in those months; one of money owed when something
        was overdue at their end.
        """
        end = date_to + relativedelta(months=TRUTH_MONTHS)
        if not raised or end > self.env.company._customer_today() + timedelta(days=1):
            return {}
        customers = self.env["res.partner"].browse(sorted({row[0] for row in raised}))
        Metric = self.env["customer.metric"]
        if rule.kind == "evaluator" and rule.evaluator in LOST:
            days = Metric._values(customers, ["days_since_order"], end)["days_since_order"]
            silent = (end - date_to).days
            return {key: "true" if value >= silent else "false" for key, value in days.items() if value is not None}
        if rule.kind == "metric" and rule.metric_id.code in UNPAID:
            overdue = Metric._values(customers, ["overdue_days"], end)["overdue_days"]
            return {key: "true" if value > 0 else "false" for key, value in overdue.items() if value is not None}
        return {}

    def action_alarms(self):
        """Open the alarms as a list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Alarms"),
            "res_model": "warning.backtest.alarm",
            "views": [(False, "list"), (False, "pivot")],
            "domain": [("backtest_id", "=", self.id)],
        }

    def action_switch_on(self):
        """Switch the rule on as it was tried."""
        self.ensure_one()
        self.rule_id.action_switch_on()
        return {
            "type": "ir.actions.act_window",
            "res_model": "warning.rule",
            "res_id": self.rule_id.id,
            "views": [(False, "form")],
        }


class WarningBacktestMonth(models.TransientModel):
    """How many alarms a rule would have raised at the end of a month."""

    _name = "warning.backtest.month"
    _description = "Month of a Back-Test"
    _order = "day"

    backtest_id = fields.Many2one("warning.backtest", required=True, index=True, ondelete="cascade")
    day = fields.Date(required=True)
    month = fields.Char(compute="_compute_month")
    amber_count = fields.Integer("Amber")
    red_count = fields.Integer("Red")
    open_count = fields.Integer("Customers in Alarm")

    @api.depends("day")
    def _compute_month(self):
        for row in self:
            row.month = format_date(self.env, row.day, date_format="yyyy-MM")


class WarningBacktestAlarm(models.TransientModel):
    """An alarm that a rule would have raised, and whether it turned out true."""

    _name = "warning.backtest.alarm"
    _description = "Alarm of a Back-Test"
    _order = "day desc, level desc, id"

    backtest_id = fields.Many2one("warning.backtest", required=True, index=True, ondelete="cascade")
    day = fields.Date(required=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    level = fields.Selection(LEVELS, required=True)
    reason = fields.Char()
    figures = fields.Json()
    sentence = fields.Char("Why", compute="_compute_sentence")
    truth = fields.Selection(
        [("true", "True"), ("false", "False"), ("unknown", "Not known")], string="Turned Out", required=True
    )

    @api.depends("reason", "figures")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for alarm in self:
            alarm.sentence = self.env["warning.rule"]._sentence(
                alarm.reason, alarm.figures, alarm.backtest_id.company_id.sudo()
            )
