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
        _TIERING.replace("-- documents", _SOLD_BY_ORDER if env.company.customer_sales_basis == "order" else _SOLD_BY_INVOICE),
        {
            "company": env.company.id, "ids": list(customer_ids), "to": date_to, "months": months, "leading": leading,
            "from": date_to - relativedelta(months=months), "leading_from": date_to - relativedelta(months=leading),
        },
    )
    return {row[0]: row[1:] for row in env.cr.fetchall()}


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
