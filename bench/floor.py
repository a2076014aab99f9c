"""What somebody would write by hand, on Odoo's own tables and for exactly this company: the floor of every comparison."""

from dateutil.relativedelta import relativedelta


def exposure(env, customer_ids):
    """Return {customer id: (receivable, overdue, unapplied, draft invoices, orders)}, one grouped statement."""
    env.cr.execute(
        f"SELECT partner_id, receivable, overdue, unapplied, drafts, orders FROM ({_EXPOSURE}) e WHERE partner_id = ANY (%(ids)s)",
        {"company": env.company.id, "ids": list(customer_ids)},
    )
    return {row[0]: row[1:] for row in env.cr.fetchall()}


def over_limit(env):
    """Return the set of the ids of the customers whose exposure is above Odoo's own limit."""
    env.cr.execute(
        f"""
        SELECT e.partner_id FROM ({_EXPOSURE}) e JOIN res_partner p ON p.id = e.partner_id
         WHERE receivable + drafts + orders - unapplied > (p.credit_limit ->> %(company)s::text)::numeric AND p.active
        """,
        {"company": env.company.id},
    )
    return {row[0] for row in env.cr.fetchall()}


def tiering(env, customer_ids, date_to, months=12, leading=3):
    """Return {customer id: (sales a month, margin per cent, leading sales a month, leading margin per cent, months since the first
    order, orders, days since the last order)}, one grouped statement.

    For one time zone (UTC), with credit notes that stand alone: as generate.py makes them.
    """
    env.cr.execute(
        _TIERING.replace("-- documents", sold(env)),
        {
            "company": env.company.id, "ids": list(customer_ids), "to": date_to, "months": months, "leading": leading,
            "from": date_to - relativedelta(months=months), "leading_from": date_to - relativedelta(months=leading),
        },
    )
    return {row[0]: row[1:] for row in env.cr.fetchall()}


def sold(env):
    """Return the query of the documents that count as sales in this company."""
    return _SOLD_BY_ORDER if env.company.customer_sales_basis == "order" else _SOLD_BY_INVOICE


_TIERING = """
    SELECT partner_id,
           ROUND(sales / LEAST(history, %(months)s), 2), 100 * margin / NULLIF(sales, 0),
           ROUND(leading_sales / LEAST(history, %(leading)s), 2), 100 * leading_margin / NULLIF(leading_sales, 0),
           history, orders, days
      FROM (
        SELECT partner_id,
               SUM(sales) FILTER (WHERE day >= %(from)s) AS sales,
               SUM(margin) FILTER (WHERE day >= %(from)s) AS margin,
               SUM(sales) FILTER (WHERE day >= %(leading_from)s) AS leading_sales,
               SUM(margin) FILTER (WHERE day >= %(leading_from)s) AS leading_margin,
               SUM(orders) FILTER (WHERE day >= %(from)s) AS orders,
               %(to)s::date - MAX(day) FILTER (WHERE orders = 1) - 1 AS days,
               12 * EXTRACT(year FROM AGE(%(to)s, MIN(month) FILTER (WHERE orders = 1)))
                   + EXTRACT(month FROM AGE(%(to)s, MIN(month) FILTER (WHERE orders = 1))) AS history
          FROM (
            -- documents
          ) document
         GROUP BY partner_id
      ) figures
     WHERE partner_id = ANY (%(ids)s)
"""


_SOLD_BY_ORDER = """
            SELECT p.commercial_partner_id AS partner_id, o.date_order::date AS day,
                   DATE_TRUNC('month', o.date_order)::timestamp AS month, 1 AS orders,
                   ROUND(o.amount_untaxed / o.currency_rate, 2) AS sales, ROUND(o.margin / o.currency_rate, 2) AS margin
              FROM sale_order o
              JOIN res_partner p ON p.id = o.partner_id
             WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.date_order < %(to)s
            UNION ALL
            SELECT p.commercial_partner_id, m.invoice_date, NULL, 0,
                   -l.balance, -l.balance + l.quantity * (d.standard_price ->> m.company_id::text)::numeric
              FROM account_move m
              JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
              JOIN res_partner p ON p.id = m.partner_id
              JOIN product_product d ON d.id = l.product_id
             WHERE m.state = 'posted' AND m.move_type = 'out_refund' AND m.company_id = %(company)s
               AND m.invoice_date >= %(from)s AND m.invoice_date < %(to)s
"""

_SOLD_BY_INVOICE = """
            SELECT p.commercial_partner_id AS partner_id, m.invoice_date AS day,
                   DATE_TRUNC('month', m.invoice_date)::timestamp AS month,
                   CASE WHEN m.move_type = 'out_refund' THEN 0 ELSE 1 END AS orders,
                   SUM(-l.balance) AS sales,
                   SUM(-l.balance - CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END * l.quantity * COALESCE(
                       s.purchase_price / o.currency_rate, (d.standard_price ->> m.company_id::text)::numeric)) AS margin
              FROM account_move m
              JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
              JOIN res_partner p ON p.id = m.partner_id
              JOIN product_product d ON d.id = l.product_id
              LEFT JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
              LEFT JOIN sale_order_line s ON s.id = r.order_line_id
              LEFT JOIN sale_order o ON o.id = s.order_id
             WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund') AND m.company_id = %(company)s
               AND m.invoice_date < %(to)s
             GROUP BY m.id, p.commercial_partner_id
"""




def simulated(env, date_from, date_to, tolerated_days):
    """Return {order id: (used, overdue, days overdue, days late afterwards)} of the orders that were confirmed in a period.

    One statement on the orders and invoices of this company, as they stood then; of those alone that were over
    Odoo's own limit of today, or overdue for more than the tolerated days.
    """
    env.cr.execute(_SIMULATED, {"company": env.company.id, "from": date_from, "to": date_to, "days": tolerated_days})
    return {row[0]: row[1:] for row in env.cr.fetchall()}


_SIMULATED = """
    WITH billed AS MATERIALIZED (
        SELECT o.id, o.hold_customer, m.id AS move, m.date, ROUND(SUM(l.price_total) / o.currency_rate, 2) AS amount
          FROM (SELECT o.*, p.commercial_partner_id AS hold_customer FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id) o
          JOIN sale_order_line s ON s.order_id = o.id
          JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
          JOIN account_move_line l ON l.id = r.invoice_line_id
          JOIN account_move m ON m.id = l.move_id
         WHERE m.state = 'posted' AND o.state = 'sale' AND o.company_id = %(company)s
         GROUP BY o.id, o.hold_customer, m.id, m.date, o.currency_rate
    ), ordered AS MATERIALIZED (
        SELECT o.id, p.commercial_partner_id AS customer, o.date_order, o.date_order::date AS day,
               ROUND(o.amount_total / o.currency_rate, 2) AS amount
          FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id
         WHERE o.state = 'sale' AND o.company_id = %(company)s
    ), item AS MATERIALIZED (
        SELECT p.commercial_partner_id AS customer, l.id, l.move_id, l.date, l.date_maturity AS due, l.balance, l.amount_residual,
               paid.day AS paid
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
          JOIN res_partner p ON p.id = l.partner_id
          LEFT JOIN (SELECT debit_move_id, MAX(max_date) AS day FROM account_partial_reconcile GROUP BY 1) paid
            ON paid.debit_move_id = l.id AND l.amount_residual = 0
         WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
    ), event AS (
        SELECT customer, date + 1 AS day, NULL::timestamp AS moment, balance AS used,
               GREATEST(-balance, 0) AS prepaid, 0 AS overdue, NULL::int AS id
          FROM item
        UNION ALL SELECT customer, GREATEST(date, due) + 1, NULL, 0, 0, balance, NULL FROM item WHERE balance > 0
        UNION ALL SELECT i.customer, GREATEST(r.max_date, i.due) + 1, NULL, 0, 0, -r.amount, NULL
          FROM item i JOIN account_partial_reconcile r ON r.debit_move_id = i.id
        UNION ALL SELECT i.customer, r.max_date + 1, NULL, 0, -r.amount, 0, NULL
          FROM item i JOIN account_partial_reconcile r ON r.credit_move_id = i.id
        UNION ALL SELECT hold_customer, date + 1, NULL, -amount, 0, 0, NULL FROM billed
        UNION ALL SELECT customer, day, date_order, amount, 0, 0, id FROM ordered
    ), running AS (
        SELECT id, customer, day, moment, used AS amount,
               SUM(used) OVER before AS used, SUM(overdue) OVER before - SUM(prepaid) OVER before AS overdue
          FROM event
        WINDOW before AS (PARTITION BY customer ORDER BY day, moment NULLS FIRST, id
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), wanted AS MATERIALIZED (
        SELECT * FROM running WHERE id IS NOT NULL AND moment >= %(from)s AND moment < %(to)s
    ), late AS (
        SELECT w.id, MAX(w.day - i.due) AS days
          FROM wanted w
          JOIN item i ON i.customer = w.customer AND i.balance > 0 AND i.date < w.day AND i.due < w.day
         WHERE i.paid IS NULL OR i.paid >= w.day
         GROUP BY w.id
    ), outcome AS (
        SELECT b.id, MAX(COALESCE(i.paid, current_date) - i.due) AS days
          FROM billed b JOIN item i ON i.move_id = b.move AND i.balance > 0
         GROUP BY b.id
    )
    SELECT w.id, w.used, w.overdue, late.days, outcome.days
      FROM wanted w
      JOIN res_partner p ON p.id = w.customer
      LEFT JOIN late ON late.id = w.id
      LEFT JOIN outcome ON outcome.id = w.id
     WHERE COALESCE(w.used, 0) + w.amount > (p.credit_limit ->> %(company)s::text)::numeric
        OR w.overdue > 0 AND late.days > %(days)s
"""

_EXPOSURE = """
    SELECT partner_id, SUM(receivable) AS receivable, SUM(overdue) AS overdue, SUM(unapplied) AS unapplied,
           SUM(drafts) AS drafts, SUM(orders) AS orders
      FROM (
        SELECT l.partner_id,
               SUM(l.amount_residual) FILTER (WHERE l.amount_residual > 0) AS receivable,
               COALESCE(SUM(l.amount_residual) FILTER (WHERE l.amount_residual > 0 AND l.date_maturity < current_date), 0) AS overdue,
               COALESCE(-SUM(l.amount_residual) FILTER (WHERE l.amount_residual < 0), 0) AS unapplied,
               0 AS drafts, 0 AS orders
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
         WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted' AND l.amount_residual <> 0
           AND l.company_id = %(company)s
         GROUP BY l.partner_id
        UNION ALL
        SELECT m.commercial_partner_id, 0, 0, 0, SUM(m.amount_total_signed), 0
          FROM account_move m
         WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_refund') AND m.company_id = %(company)s
         GROUP BY m.commercial_partner_id
        UNION ALL
        SELECT p.commercial_partner_id, 0, 0, 0, 0,
               SUM(l.price_total * (GREATEST(l.product_uom_qty, l.qty_delivered) - l.qty_invoiced) / l.product_uom_qty / o.currency_rate)
          FROM sale_order o
          JOIN sale_order_line l ON l.order_id = o.id
          JOIN res_partner p ON p.id = o.partner_invoice_id
         WHERE o.state = 'sale' AND l.display_type IS NULL AND l.product_uom_qty > l.qty_invoiced AND o.company_id = %(company)s
         GROUP BY p.commercial_partner_id
      ) AS parts
     GROUP BY partner_id
"""
