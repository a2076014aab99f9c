"""What an administrator would set after installing: every customer has a limit, every check is on."""

from odoo import Command

import generate
import night


def suite(env):
    """Orders over the limit are held; the suite takes the limits over from Odoo's own field."""
    _classify(env)
    if "warning.rule" in env:
        night.plan(env)
    if "sale.order.hold.lock" not in env:
        return
    # The customers that are measured aren't new: they have had an order confirmed before.
    for number in (generate.FEW, generate.INVOICES, generate.ORDERS):
        env["sale.order.hold.lock"]._take(generate.quotation(env, number)._hold_lock_keys())
    if "customer.scorecard" in env:
        _grant(env, generate.ACCOUNTANT, ["customer_scorecard.group_scorecard_manager"])
    if "credit.account" not in env:
        return
    env.company.credit_mode = "hold"
    count = env["credit.account"].search_count([])
    if count < 10:
        raise ValueError(f"The limits were not taken over: {count} credit accounts.")
    _grant(env, generate.ACCOUNTANT, ["customer_credit.group_credit_controller"])
    env.cr.execute("ANALYZE")


def oca(env):
    """Open, overdue and ordered amounts count, as the OCA's documentation proposes; the limits are Odoo's."""
    env.cr.execute(
        "UPDATE res_partner SET risk_sale_order_include = true, risk_invoice_open_include = true, risk_invoice_unpaid_include = true"
    )
    _grant(env, generate.ACCOUNTANT, ["account_financial_risk.group_account_financial_risk_user"])
    _grant(env, generate.SALESPERSON, ["account_financial_risk.group_account_financial_risk_user"])
    env.cr.execute("ANALYZE")


def _classify(env):
    """Half of the customers are shops, half of them distributors; one scheme covers all, as one run is measured."""
    scheme = env.ref("customer_tiering.customer_tier_scheme_retail", raise_if_not_found=False)
    if not scheme:
        return
    env.cr.execute(
        "UPDATE res_partner SET customer_nature = CASE WHEN id %% 2 = 0 THEN 'third' ELSE 'distributor' END"
        " WHERE ref LIKE 'C%%' AND parent_id IS NULL", []
    )
    env.invalidate_all()
    scheme.write({"domain": "[('customer_nature', '!=', False)]", "unit_amount": 100, "approval_share": 100})


def _grant(env, login, groups):
    env["res.users"].search([("login", "=", login)]).group_ids = [Command.link(env.ref(name).id) for name in groups]


SIDES = {"suite": suite, "oca": oca}
