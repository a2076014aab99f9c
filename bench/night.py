"""A night of sales_warning: all shipped rules over all customers, beside what somebody would write by hand for the figures."""

from contextlib import contextmanager
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

import floor
import generate

DAY = timedelta(days=1)
EXPENSE_MONTHS = 13
"""Months with expenses: those that the rule on rising expenses looks at, and the present one."""


def plan(env):
    """Give every customer a plan and a budget of the month, and an expense a month; all shipped rules are on.

    Few customers are far behind their plan or above their budget, as in any company. All of them are late with an invoice
    (see generate.py), which few are elsewhere; so that rule looks further back.
    """
    if "warning.rule" not in env:
        return
    today = env.company._customer_today()
    customer = env["res.partner"].search([("ref", "=like", "C%"), ("parent_id", "=", False)], limit=1, order="id")
    kind = env["customer.expense.kind"].search([], limit=1)
    for metric, amount in (("sales", "5 + partner.id %% 20"), ("expense", "90 + partner.id %% 50")):
        target = env["customer.target"].create(
            {
                "partner_id": customer.id,
                "metric_id": env.ref(f"customer_metrics.customer_metric_{metric}").id,
                "month": today,
                "amount": 100,
            }
        )
        env.flush_all()
        _multiply(env, target, {"partner_id": "partner.id", "user_id": "partner.user_id", "amount": amount})
    month = today.replace(day=1)
    for back in range(EXPENSE_MONTHS):
        expense = env["customer.expense"].create(
            {"partner_id": customer.id, "date": month - relativedelta(months=back), "kind_id": kind.id, "amount": 60}
        )
        expense.action_post()
        env.flush_all()
        # The number of an expense is its own; the rest may be the same.
        amount = f"60 + (partner.id * 7 + {back} * 13) %% 40"
        _multiply(
            env,
            expense,
            {"partner_id": "partner.id", "amount": amount, "amount_company": amount, "name": f"'B{back}-' || partner.id"},
        )
    # Measured by a scheduled action of its own, once a month.
    shape, r, alpha = env["customer.metric"]._measure_rhythm()
    env.company.write(
        {"customer_rhythm_shape": shape, "customer_rhythm_r": r, "customer_rhythm_alpha": alpha, "customer_rhythm_date": today}
    )
    env.ref("sales_warning.warning_rule_overdue").write({"amber": 1000, "red": 1000})
    env["warning.rule"].search([("kind", "!=", "incident")]).action_switch_on()


def _multiply(env, record, columns):
    """Copy a row for all other customers, with some columns replaced."""
    others = "JOIN res_partner partner ON partner.ref LIKE 'C%%' AND partner.parent_id IS NULL AND partner.id <> proto.partner_id"
    generate.copy_rows(env.cr, record._table, columns, f"{others} WHERE proto.id = %s", [record.id])


@contextmanager
def night(side):
    """Yield (environment as the scheduled action has it, rules, customers)."""
    with side.request() as env:
        metric = env["customer.metric"]._sharing()
        rules = metric.env["warning.rule"].search([("state", "=", "on"), ("kind", "!=", "incident")])
        yield metric.env, rules, rules[0]._customers()


def run(env, rules):
    """One night: every rule looks, and what follows of it is written. Return the cases that opened."""
    Run = env["warning.run"].sudo()
    opened = 0
    for rule in rules:
        found = Run._run_for(rule, env.company, env.company._customer_today())
        found._process()
        opened += found.opened_count
    env.flush_all()
    return opened


# What somebody would write by hand, on the tables of Odoo and of the plans: one statement a rule.


class Floor:
    """The hand-written statements, {external id of the rule: method that returns rows}."""

    def __init__(self, env, customer_ids):
        self.env = env
        to = env.company._customer_today() + DAY
        month = (to - DAY).replace(day=1)
        shift = self._shift(to)
        self.values = {
            "company": env.company.id,
            "ids": list(customer_ids),
            "to": to,
            "month": month,
            "share": env.company._customer_working_days(month, month + relativedelta(months=1)).share(
                month, to, month + relativedelta(months=1)
            ),
            "sales": env.ref("customer_metrics.customer_metric_sales").id,
            "expense": env.ref("customer_metrics.customer_metric_expense").id,
            "three": to - relativedelta(months=3),
            "fifteen": to - relativedelta(months=15),
            "year": to - relativedelta(months=12),
            "before_from": to - relativedelta(months=3) - shift,
            "before_to": to - shift,
            "longest": date(2000, 1, 1),
            "rising": month - relativedelta(months=EXPENSE_MONTHS),
        }
        self.sold = floor.sold(env)

    def _shift(self, to):
        from odoo.addons.sales_warning.models import judging

        days = judging.lunar_shift(to - relativedelta(months=3), to)
        return timedelta(days=days) if days else relativedelta(years=1)

    def _rows(self, statement, start="month"):
        sold = self.sold.replace("o.date_order < %(to)s", "o.date_order >= %(from)s AND o.date_order < %(to)s")
        sold = sold.replace("AND m.invoice_date < %(to)s", "AND m.invoice_date >= %(from)s AND m.invoice_date < %(to)s")
        self.env.cr.execute(
            statement.replace("-- sold", sold), {**self.values, "from": self.values[start]}
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def limit(self):
        return self._rows(
            """
            SELECT p.id, owed.amount, (p.credit_limit ->> %(company)s::text)::float8
              FROM res_partner p
              JOIN (
                SELECT l.partner_id, SUM(l.amount_residual)::float8 AS amount
                  FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                 WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted' AND l.amount_residual <> 0
                   AND l.company_id = %(company)s
                 GROUP BY l.partner_id
              ) owed ON owed.partner_id = p.id
             WHERE p.id = ANY (%(ids)s) AND (p.credit_limit ->> %(company)s::text)::float8 > 0
            """
        )

    def overdue(self):
        return self._rows(
            """
            SELECT l.partner_id, %(to)s::date - 1 - MIN(l.date_maturity)
              FROM account_move_line l JOIN account_account a ON a.id = l.account_id
             WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted' AND l.amount_residual > 0
               AND l.company_id = %(company)s AND l.date_maturity < %(to)s::date - 1 AND l.partner_id = ANY (%(ids)s)
             GROUP BY l.partner_id
            """
        )

    def pace(self):
        return self._rows(
            """
            SELECT t.partner_id, 100 * COALESCE(s.sales, 0)::float8 / NULLIF(t.amount * %(share)s, 0)::float8
              FROM customer_target t
              LEFT JOIN (SELECT partner_id, SUM(sales) AS sales FROM (-- sold
                         ) d GROUP BY partner_id) s ON s.partner_id = t.partner_id
             WHERE t.metric_id = %(sales)s AND t.month = %(month)s AND t.company_id = %(company)s AND t.partner_id = ANY (%(ids)s)
            """
        )

    def same_period(self):
        return self._rows(
            """
            SELECT partner_id, SUM(sales) FILTER (WHERE day >= %(three)s)::float8,
                   SUM(sales) FILTER (WHERE day >= %(before_from)s AND day < %(before_to)s)::float8
              FROM (-- sold
                   ) d
             WHERE partner_id = ANY (%(ids)s)
             GROUP BY partner_id
            """,
            "before_from",
        )

    def frequency(self):
        return self._rows(
            """
            SELECT partner_id, COUNT(DISTINCT day) FILTER (WHERE day >= %(three)s),
                   COUNT(DISTINCT day) FILTER (WHERE day < %(three)s)
              FROM (-- sold
                   ) d
             WHERE orders = 1 AND partner_id = ANY (%(ids)s)
             GROUP BY partner_id
            """,
            "fifteen",
        )

    def churn(self):
        # The days of the purchases; the probability is no matter of SQL.
        days = self._rows(
            """
            SELECT partner_id, ARRAY_AGG(DISTINCT day ORDER BY day) FILTER (WHERE orders = 1),
                   SUM(sales) FILTER (WHERE day >= %(year)s)::float8
              FROM (-- sold
                   ) d
             WHERE partner_id = ANY (%(ids)s)
             GROUP BY partner_id
            """,
            "longest",
        )
        return {customer_id: ((self.values["to"] - row[0][-1]).days - 1, row[1]) for customer_id, row in days.items() if row[0]}

    def budget(self):
        return self._of_budget("1.0")

    def budget_pace(self):
        return self._of_budget("%(share)s")

    def _of_budget(self, share):
        return self._rows(
            f"""
            SELECT t.partner_id, 100 * COALESCE(e.amount, 0)::float8 / NULLIF(t.amount * {share}, 0)::float8
              FROM customer_target t
              LEFT JOIN (SELECT partner_id, SUM(amount_company) AS amount FROM customer_expense
                          WHERE state = 'posted' AND company_id = %(company)s AND date >= %(month)s AND date < %(to)s
                          GROUP BY partner_id) e ON e.partner_id = t.partner_id
             WHERE t.metric_id = %(expense)s AND t.month = %(month)s AND t.company_id = %(company)s AND t.partner_id = ANY (%(ids)s)
            """
        )

    def expense_rising(self):
        self.env.cr.execute(
            """
            SELECT partner_id, date_trunc('month', date)::date, SUM(amount_company)::float8
              FROM customer_expense
             WHERE state = 'posted' AND company_id = %(company)s AND date >= %(rising)s AND date < %(month)s
               AND partner_id = ANY (%(ids)s)
             GROUP BY 1, 2
            """,
            self.values,
        )
        found = {}
        for customer_id, month, amount in self.env.cr.fetchall():
            found.setdefault(customer_id, {})[month] = amount
        return found


RULES = ("limit", "overdue", "pace", "same_period", "frequency", "churn", "budget", "budget_pace", "expense_rising")


def rule_name(rule):
    """The name of a shipped rule's external id, without its beginning."""
    return rule.get_external_id()[rule.id].rpartition("warning_rule_")[2]


def differences(name, findings, rows):
    """Return the customers on whom a rule and the hand-written statement don't agree: {id: (figures, row)}."""
    wrong = {}
    for customer_id, (_level, _reason, figures) in findings.items():
        row = rows.get(customer_id)
        if name == "limit":
            have, want = (figures["value"], figures["base"]), row or (0.0, figures["base"])
        elif name in ("pace", "budget", "budget_pace"):
            have, want = (figures["value"],), row
        elif name == "overdue":
            have, want = (figures["value"],), row or (0,)
        elif name == "same_period":
            have, want = (figures["sales"], figures["before"]), row and (row[0] or 0, row[1] or 0)
        elif name == "frequency":
            have, want = (figures["count"],), row and (row[0],)
        elif name == "churn":
            have, want = (figures["days"],), row and (row[0],)
        else:
            have, want = (figures["last"],), row and (row[max(row)],)
        if not want or any(abs(float(one) - float(other)) > 0.011 for one, other in zip(have, want, strict=True)):
            wrong[customer_id] = (have, want)
    return wrong
