"""The night of sales_warning over all customers, beside what somebody would write by hand for the same figures.

One statement of the floor may serve two rules, as it would by hand: what is owed and how long it is overdue, what was spent and how
fast. Everything is written for exactly this company: one currency's orders, UTC, a week of five working days without holidays, the
credit notes that generate.py makes.
"""

from dateutil.relativedelta import relativedelta

EXPENSE_MONTHS = 13
# Working days from Monday, 3 January 2000, until a day.
_WORKED = "(({day} - DATE '2000-01-03') / 7 * 5 + LEAST(({day} - DATE '2000-01-03') %% 7, 5))"


def plan(env):
    """Give every customer a plan and a budget for this month, and every third one expenses in the months before.

    Makes the rhythm of the customers known, too, as a scheduled action does once a month.
    """
    company = env.company
    month = company._customer_today().replace(day=1)
    for code, amount in (("sales", 500), ("expense", 100)):
        env.cr.execute(
            """
            INSERT INTO customer_target (company_id, partner_id, user_id, metric_id, month, currency_id, amount, create_date, write_date)
                 SELECT %s, id, user_id, %s, %s, %s, %s + id %% 7 * 100, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                   FROM res_partner WHERE ref LIKE 'C%%' AND parent_id IS NULL
            """,
            [company.id, env.ref(f"customer_metrics.customer_metric_{code}").id, month, company.currency_id.id, amount],
        )
    env.cr.execute(
        """
        INSERT INTO customer_expense (name, company_id, partner_id, date, kind_id, amount, currency_id, company_currency_id, amount_company,
                                      user_id, state, create_date, write_date)
             SELECT 'BENCH', %(company)s, id, %(month)s - MAKE_INTERVAL(months => back), %(kind)s, amount, %(currency)s, %(currency)s, amount,
                    %(user)s, 'posted', NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
               FROM (SELECT id, back, 50 + (id * 13 + back * 29) %% 60 AS amount
                       FROM res_partner, GENERATE_SERIES(0, %(months)s - 1) back
                      WHERE ref LIKE 'C%%' AND parent_id IS NULL AND id %% 3 = 0) spent
        """,
        {
            "company": company.id, "month": month, "currency": company.currency_id.id, "user": env.uid, "months": EXPENSE_MONTHS,
            "kind": env["customer.expense.kind"].search([], limit=1).id,
        },
    )
    shape, r, alpha = env["customer.metric"]._measure_rhythm()
    company.write({
        "customer_rhythm_shape": shape, "customer_rhythm_r": r, "customer_rhythm_alpha": alpha,
        "customer_rhythm_date": company._customer_today(),
    })
    env.flush_all()


def floor(env, ids, date_to):
    """Return {rule: {customer id: figures}} of all rules, by one statement for each kind of figure."""
    found = {}
    for name, statement in STATEMENTS.items():
        env.cr.execute(statement, parameters(env, ids, date_to))
        found[name] = {row[0]: row[1:] for row in env.cr.fetchall()}
    return found


def parameters(env, ids, date_to):
    company = env.company
    month = (date_to - relativedelta(days=1)).replace(day=1)
    start = date_to - relativedelta(months=3)
    return {
        "company": company.id, "key": str(company.id), "ids": list(ids), "to": date_to, "month": month,
        "sales": env.ref("customer_metrics.customer_metric_sales").id, "expense": env.ref("customer_metrics.customer_metric_expense").id,
        "quarter": start, "quarter_before": start - relativedelta(years=1), "to_before": date_to - relativedelta(years=1),
        "year": date_to - relativedelta(years=1), "base": start - relativedelta(years=1),
        "months_end": date_to.replace(day=1), "months": date_to.replace(day=1) - relativedelta(months=EXPENSE_MONTHS),
        "shape": company.customer_rhythm_shape, "r": company.customer_rhythm_r, "alpha": company.customer_rhythm_alpha,
    }


_SALES = """
    SELECT p.commercial_partner_id AS partner_id, o.date_order::date AS day, ROUND(o.amount_untaxed / o.currency_rate, 2) AS sales
      FROM sale_order o
      JOIN res_partner p ON p.id = o.partner_id
     WHERE o.state = 'sale' AND o.company_id = %(company)s AND {orders}
    UNION ALL
    SELECT p.commercial_partner_id, m.invoice_date, -l.balance
      FROM account_move m
      JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
      JOIN res_partner p ON p.id = m.partner_id
     WHERE m.state = 'posted' AND m.move_type = 'out_refund' AND m.company_id = %(company)s AND {moves}
"""


def _sales(condition):
    return _SALES.format(orders=condition.format(day="o.date_order"), moves=condition.format(day="m.invoice_date"))


STATEMENTS = {
    "receivable": """
        SELECT p.commercial_partner_id, SUM(l.amount_residual),
               %(to)s - 1 - MIN(l.date_maturity) FILTER (WHERE l.amount_residual > 0 AND l.date_maturity < %(to)s - 1),
               MIN((c.credit_limit ->> %(key)s)::numeric)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
          JOIN res_partner p ON p.id = l.partner_id
          JOIN res_partner c ON c.id = p.commercial_partner_id
         WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted' AND l.company_id = %(company)s
           AND p.commercial_partner_id = ANY (%(ids)s)
         GROUP BY p.commercial_partner_id
    """,
    "pace": f"""
        SELECT t.partner_id, t.amount, COALESCE(s.sales, 0)
          FROM customer_target t
          LEFT JOIN (SELECT partner_id, SUM(sales) AS sales FROM ({_sales("{day} >= %(month)s AND {day} < %(to)s")}) document GROUP BY 1) s
            ON s.partner_id = t.partner_id
         WHERE t.metric_id = %(sales)s AND t.month = %(month)s AND t.company_id = %(company)s AND t.partner_id = ANY (%(ids)s)
    """,
    "same_period": f"""
        SELECT partner_id, COALESCE(SUM(sales) FILTER (WHERE day >= %(quarter)s), 0), SUM(sales) FILTER (WHERE day < %(quarter)s)
          FROM ({_sales("({day} >= %(quarter)s AND {day} < %(to)s OR {day} >= %(quarter_before)s AND {day} < %(to_before)s)")}) document
         WHERE partner_id = ANY (%(ids)s)
         GROUP BY partner_id
        HAVING SUM(sales) FILTER (WHERE day < %(quarter)s) > 0
    """,
    "frequency": """
        SELECT p.commercial_partner_id, COUNT(DISTINCT o.date_order::date) FILTER (WHERE o.date_order >= %(quarter)s),
               COUNT(DISTINCT o.date_order::date) FILTER (WHERE o.date_order < %(quarter)s)
          FROM sale_order o
          JOIN res_partner p ON p.id = o.partner_id
         WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.date_order >= %(base)s AND o.date_order < %(to)s
           AND p.commercial_partner_id = ANY (%(ids)s)
         GROUP BY p.commercial_partner_id
    """,
    "churn": f"""
        WITH bought AS (
            SELECT partner_id, day, ROW_NUMBER() OVER recent AS number, LAG(day) OVER (PARTITION BY partner_id ORDER BY day) AS before
              FROM (
                SELECT DISTINCT p.commercial_partner_id AS partner_id, o.date_order::date AS day
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_id
                 WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.date_order < %(to)s
                   AND p.commercial_partner_id = ANY (%(ids)s)
              ) purchase
            WINDOW recent AS (PARTITION BY partner_id ORDER BY day DESC)
        ), rhythm AS (
            SELECT partner_id, COUNT(before) AS gaps, MAX(day) AS last,
                   SUM({_WORKED.format(day="day")} - {_WORKED.format(day="(before + 1)")} + 1) AS total,
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY day - before) AS interval
              FROM bought WHERE number <= 24
             GROUP BY partner_id
            HAVING COUNT(before) >= 3
        ), silence AS (
            SELECT *, %(to)s - 1 - last AS days, {_WORKED.format(day="%(to)s::date")} - {_WORKED.format(day="(last + 1)")} AS silence,
                   %(r)s::float8 + %(shape)s * gaps AS a, %(alpha)s::float8 + total AS b
              FROM rhythm
        ), sold AS (
            SELECT partner_id, SUM(sales) / 12 AS monthly FROM ({_sales("{day} >= %(year)s AND {day} < %(to)s")}) document GROUP BY 1
        )
        SELECT s.partner_id, days, interval,
               100 * EXP(-a * LN(1 + silence / b)) * (
                   1 + CASE WHEN %(shape)s > 1 THEN a * q ELSE 0 END
                     + CASE WHEN %(shape)s > 2 THEN a * (a + 1) / 2 * q ^ 2 ELSE 0 END
                     + CASE WHEN %(shape)s > 3 THEN a * (a + 1) * (a + 2) / 6 * q ^ 3 ELSE 0 END
                     + CASE WHEN %(shape)s > 4 THEN a * (a + 1) * (a + 2) * (a + 3) / 24 * q ^ 4 ELSE 0 END
                     + CASE WHEN %(shape)s > 5 THEN a * (a + 1) * (a + 2) * (a + 3) * (a + 4) / 120 * q ^ 5 ELSE 0 END),
               monthly
          FROM (SELECT *, silence / (b + silence) AS q FROM silence) s
          LEFT JOIN sold ON sold.partner_id = s.partner_id
    """,
    "budget": """
        SELECT t.partner_id, t.amount, COALESCE(e.amount, 0)
          FROM customer_target t
          LEFT JOIN (
            SELECT p.commercial_partner_id AS partner_id, SUM(e.amount_company) AS amount
              FROM customer_expense e
              JOIN res_partner p ON p.id = e.partner_id
             WHERE e.state = 'posted' AND e.company_id = %(company)s AND e.date >= %(month)s AND e.date < %(to)s
             GROUP BY p.commercial_partner_id
          ) e ON e.partner_id = t.partner_id
         WHERE t.metric_id = %(expense)s AND t.month = %(month)s AND t.company_id = %(company)s AND t.partner_id = ANY (%(ids)s)
    """,
    "expense_rising": """
        SELECT partner_id, ARRAY_AGG(amount ORDER BY month)
          FROM (
            SELECT p.commercial_partner_id AS partner_id, DATE_TRUNC('month', e.date) AS month, SUM(e.amount_company)::float8 AS amount
              FROM customer_expense e
              JOIN res_partner p ON p.id = e.partner_id
             WHERE e.state = 'posted' AND e.company_id = %(company)s AND e.date >= %(months)s AND e.date < %(months_end)s
               AND p.commercial_partner_id = ANY (%(ids)s)
             GROUP BY 1, 2
          ) spent
         GROUP BY partner_id
    """,
}


def differences(rows, found, share, expected_days):
    """Yield (rule, customer id, figure of the rule, figure by hand) where the two don't agree.

    :param rows: what :func:`floor` returned
    :param found: {rule: what its evaluation returned}
    :param float share: of the month's working days that have passed
    :param expected_days: (working days of the quarter, of the same one a year before, of the year before the quarter)
    """
    days, before_days, base_days = expected_days
    hand = {
        "limit": {key: (row[0],) for key, row in rows["receivable"].items() if (row[2] or 0) > 0},
        "overdue": {key: (row[1] or 0,) for key, row in rows["receivable"].items()},
        "pace": {key: (100 * row[1] / (row[0] * share),) for key, row in _floats(rows["pace"]) if share},
        "same_period": {key: (row[0], row[1] * days / before_days) for key, row in _floats(rows["same_period"])},
        "frequency": {
            key: (row[0], row[1] * days / base_days) for key, row in _floats(rows["frequency"]) if row[1] * days / base_days >= 3
        },
        "churn": {key: row for key, row in _floats(rows["churn"]) if row[0] < 365},
        "budget": {key: (100 * row[1] / row[0],) for key, row in _floats(rows["budget"])},
        "budget_pace": {key: (100 * row[1] / (row[0] * share),) for key, row in _floats(rows["budget"]) if share},
        "expense_rising": {key: tuple(row[0][-4:]) for key, row in rows["expense_rising"].items()},
    }
    figures = {
        "same_period": ("sales", "expected"), "frequency": ("count", "expected"),
        "churn": ("days", "interval", "probability", "monthly"),
    }
    for name, findings in found.items():
        for key in findings.keys() | hand[name].keys():
            want = hand[name].get(key)
            have = findings.get(key)
            if have:
                have = have[2]["series"] if name == "expense_rising" else [have[2][figure] for figure in figures.get(name, ("value",))]
            if not have or not want or len(have) != len(want) or any(
                abs(float(one or 0) - float(other or 0)) > 0.0101 for one, other in zip(have, want)
            ):
                yield name, key, have, want


def _floats(rows):
    return [(key, tuple(float(value or 0) for value in row)) for key, row in rows.items()]
