"""Compare what generate.py wrote with what Odoo computes: nothing is kept."""

import math

from odoo.tools import SQL

import generate

SAMPLE = 150
MODELS = ("res.partner", "account.move", "account.move.line", "account.payment", "sale.order", "sale.order.line")
IGNORED = {
    # Nothing is delivered through a warehouse.
    "sale.order": {"delivery_status"},
    # Odoo forces it where a journal names no account, and drops it when it computes it again.
    "account.payment": {"outstanding_account_id"},
}


def check(env, customers, say):
    """Return the list of differences, as sentences; empty when the data are as Odoo's own."""
    problems = []
    for number in (generate.INVOICES, generate.ORDERS, generate.FEW):
        problems += _check_measured(env, number)
    problems += _check_balance(env)
    for name in MODELS:
        records = _sample(env, name)
        found = _check_stored(env, name, records)
        say(f"{name}: {len(records)} records computed again, {len(found)} differences")
        problems += found
    problems += _check_credit(env, say)
    count = env["res.partner"].search_count([("ref", "=like", "C%"), ("parent_id", "=", False)])
    if count != customers + 1:
        problems.append(f"{count - 1} customers instead of {customers}")
    return problems


def _sample(env, name):
    """Records spread over the table, and of every kind of document."""
    table = env[name]._table
    kinds = {
        "account.move": "move_type || state || payment_state || currency_id",
        "account.move.line": "display_type || parent_state || reconciled || currency_id || (amount_residual = 0)",
        "sale.order": "state || invoice_status || currency_id",
        "sale.order.line": "state || invoice_status || currency_id",
        "account.payment": "state || currency_id || is_reconciled",
        "res.partner": "(parent_id IS NULL)::text",
    }[name]
    env.cr.execute(SQL(
        f"""
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY {kinds} ORDER BY md5(id::text)) AS position FROM {table}
             WHERE id > 10
        ) AS numbered WHERE position <= %s
        """,
        max(SAMPLE // 6, 10),
    ))
    return env[name].browse(row[0] for row in env.cr.fetchall())


def _check_stored(env, name, records):
    """Compute the stored, computed fields of ``records`` again and compare."""
    problems = []
    ignored = IGNORED.get(name, set())
    checked = [
        field for field in env[name]._fields.values()
        if field.store and field.compute and field.column_type and field.readonly and field.name not in ignored
    ]
    before = {field: {record.id: _value(record, field) for record in records} for field in checked}
    for field in checked:
        env.add_to_compute(field, records)
    for field in checked:
        for record in records:
            old, new = before[field][record.id], _value(record, field)
            if not _same(old, new):
                problems.append(f"{record} {field.name}: {old!r} is stored, Odoo computes {new!r}")
    env.cr.rollback()
    env.invalidate_all()
    return problems


def _value(record, field):
    value = record[field.name]
    return value.ids if field.relational else value


def _same(old, new):
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, abs_tol=0.005)
    return (old or False) == (new or False)


def _check_balance(env):
    """Every entry balances, and so does the whole trial balance."""
    env.cr.execute("SELECT move_id, sum(balance) FROM account_move_line GROUP BY move_id HAVING sum(balance) <> 0 LIMIT 5")
    problems = [f"account.move {move} is out of balance by {balance}" for move, balance in env.cr.fetchall()]
    env.cr.execute("SELECT sum(balance), sum(debit) - sum(credit) FROM account_move_line")
    if any(env.cr.fetchone()):
        problems.append("The trial balance isn't 0.")
    return problems


def _check_credit(env, say):
    """Odoo's ``credit`` of a sample of customers against the sum of the plan's open amounts, read from the invoices."""
    partners = _sample(env, "res.partner").filtered(lambda partner: not partner.parent_id)
    partners |= generate.customer(env, generate.INVOICES)
    env.cr.execute(SQL(
        """
        SELECT commercial_partner_id, sum(amount_residual_signed) FROM account_move
         WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund') AND commercial_partner_id = ANY (%s)
         GROUP BY 1
        """,
        partners.ids,
    ))
    open_amounts = dict(env.cr.fetchall())
    env.cr.execute(SQL(
        """
        SELECT partner_id, sum(amount_company_currency_signed) FROM account_payment
         WHERE NOT is_reconciled AND partner_id = ANY (%s) GROUP BY 1
        """,
        partners.ids,
    ))
    unapplied = dict(env.cr.fetchall())
    problems = []
    for partner in partners:
        expected = float(open_amounts.get(partner.id, 0)) - float(unapplied.get(partner.id, 0))
        if not math.isclose(partner.credit, expected, abs_tol=0.005):
            problems.append(f"{partner.name}: credit {partner.credit}, documents {expected}")
    say(f"Receivable of {len(partners)} customers compared, {len(problems)} differences")
    return problems


def _check_measured(env, number):
    """The customers that are measured have what they are measured for."""
    partner = generate.customer(env, number)
    invoices = env["account.move"].search_count([
        ("commercial_partner_id", "=", partner.id), ("payment_state", "=", "not_paid"), ("state", "=", "posted"),
        ("move_type", "=", "out_invoice"),
    ])
    orders = env["sale.order"].search_count([("partner_id", "=", partner.id), ("state", "=", "sale"), ("invoice_status", "!=", "invoiced")])
    few_invoices, few_orders = 4, 3
    problems = []
    if number == generate.INVOICES and invoices < generate.MANY_INVOICES:
        problems.append(f"{partner.name} has {invoices} open invoices only.")
    if number == generate.ORDERS and orders < generate.MANY_ORDERS:
        problems.append(f"{partner.name} has {orders} open orders only.")
    if number == generate.FEW and (invoices > few_invoices or orders > few_orders):
        problems.append(f"{partner.name} has {invoices} open invoices and {orders} open orders.")
    if generate.quotation(env, number).state != "draft" or len(generate.quotation(env, number).order_line) != 5:
        problems.append(f"{partner.name} has no quotation to confirm.")
    return problems
