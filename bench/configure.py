"""What an administrator would set after installing: every customer has a limit, every check is on."""

from odoo import Command
from odoo.tools import SQL

import generate


def suite(env):
    """Credit accounts with the limits that the customers have, orders over the limit are held."""
    company = env.company
    company.credit_mode = "hold"
    env.cr.execute(SQL(
        """
        INSERT INTO credit_account (company_id, partner_id, currency_id, mode, credit_limit, active, create_date, create_uid)
        SELECT %(company)s, id, %(currency)s, 'amount', (credit_limit ->> %(company)s::text)::numeric, true, now(), 1
          FROM res_partner
         WHERE credit_limit ? %(company)s::text AND ref LIKE 'C%%' AND parent_id IS NULL
        ON CONFLICT DO NOTHING
        """,
        company=company.id, currency=company.currency_id.id,
    ))
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


def _grant(env, login, groups):
    env["res.users"].search([("login", "=", login)]).group_ids = [Command.link(env.ref(name).id) for name in groups]


SIDES = {"suite": suite, "oca": oca}
