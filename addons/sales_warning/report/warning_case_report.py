from odoo import fields, models
from odoo.tools import SQL

from ..models.warning_case import STATES
from ..models.warning_rule import LEVELS


class WarningCaseReport(models.Model):
    """Every warning with its age today, for the dashboard: how many of which level, how old, whose, how much money."""

    _name = "warning.case.report"
    _description = "Dashboard of Warnings"
    _auto = False
    _order = "level desc, age desc, id"
    _rec_name = "case_id"

    case_id = fields.Many2one("warning.case", string="Warning", readonly=True)
    rule_id = fields.Many2one("warning.rule", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    escalated_user_id = fields.Many2one("res.users", string="Escalated To", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        readonly=True,
        help="Team of the customer's salesperson; of the owner where the customer has none.",
    )
    level = fields.Selection(LEVELS, readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    outcome = fields.Selection([("confirmed", "Confirmed"), ("false", "False Alarm")], readonly=True)
    opened_on = fields.Date(readonly=True)
    closed_on = fields.Date(readonly=True)
    deadline = fields.Date(readonly=True)
    late = fields.Boolean(readonly=True, help="Open, and past its deadline.")
    age = fields.Integer(
        "Age (Days)", readonly=True, aggregator="avg", help="Days since it opened; until it closed, where it has."
    )
    age_band = fields.Selection(
        [("0", "Up to 7 days"), ("1", "8 to 30 days"), ("2", "31 to 90 days"), ("3", "More than 90 days")],
        string="Age",
        readonly=True,
    )
    money_at_risk = fields.Monetary(
        "Money at Risk",
        readonly=True,
        aggregator="sum",
        help="What was at stake when the warning opened: what the customer owed, for rules on receivables; else the "
        "sales of the customer in the twelve months before. A customer with several warnings counts with each.",
    )

    _depends = {
        "res.company": ["currency_id"],
        "res.partner": ["user_id"],
        "res.users": ["sale_team_id"],
        "warning.case": [
            "closed_on",
            "company_id",
            "deadline",
            "escalated_user_id",
            "level",
            "money_at_risk",
            "opened_on",
            "outcome",
            "partner_id",
            "rule_id",
            "state",
            "user_id",
        ],
    }

    @property
    def _table_query(self):
        today = self.env.company._customer_today()
        age = SQL("(COALESCE(c.closed_on, %s) - c.opened_on)", today)
        return SQL(
            """
            SELECT c.id, c.id AS case_id, c.rule_id, c.company_id, company.currency_id, c.partner_id, c.user_id,
                   c.escalated_user_id, customer.user_id AS salesperson_id,
                   COALESCE(seller.sale_team_id, owner.sale_team_id) AS team_id,
                   c.level, c.state, c.outcome, c.opened_on, c.closed_on, c.deadline,
                   c.state <> 'closed' AND c.deadline < %(today)s AS late,
                   %(age)s AS age,
                   CASE WHEN %(age)s <= 7 THEN '0' WHEN %(age)s <= 30 THEN '1' WHEN %(age)s <= 90 THEN '2' ELSE '3'
                   END AS age_band,
                   c.money_at_risk
              FROM warning_case c
              JOIN res_company company ON company.id = c.company_id
              JOIN res_partner customer ON customer.id = c.partner_id
              JOIN res_users owner ON owner.id = c.user_id
         LEFT JOIN res_users seller ON seller.id = customer.user_id
            """,
            today=today,
            age=age,
        )

    def action_case(self):
        """Open the warning."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "warning.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }
