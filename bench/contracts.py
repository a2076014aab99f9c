"""Ten thousand contracts for the customers of the benchmark, and what is measured with them.

A contract is made by Odoo itself; the others are copies of its rows, as generate.py makes documents. The first
contract of a customer is in force, those before it have expired, a year each. All name an area, a product range, and
a price for each of the five products that the measured orders are for, so that the gate has everything to check.
"""

from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

import generate

CONTRACTS = 10_000
# What the measured orders cost a piece, with taxes.
PRICE = 115.0
PARTS = {
    "dealer_contract_line": "contract_id",
    "dealer_contract_article": "contract_id",
    "dealer_contract_party": "contract_id",
    "dealer_area_dealer_contract_rel": "dealer_contract_id",
    "dealer_contract_product_category_rel": "dealer_contract_id",
}


def fill(env):
    """Write the contracts, and hold all orders that aren't covered by them."""
    company = env.company
    if env["dealer.contract"].search_count([], limit=1):
        return
    today = fields.Date.today()
    area = env["dealer.area"].create({"name": "Bench"})
    products = generate.quotation(env, generate.FEW).order_line.product_id
    prototype = env["dealer.contract"].create({
        "partner_id": generate.customer(env, generate.FEW).id,
        "template_id": env.ref("dealer_contracts.template_sale_en").id,
        "date_start": today - timedelta(days=30),
        "date_end": today + timedelta(days=335),
        "area_ids": [Command.set(area.ids)],
        "category_ids": [Command.set(products.categ_id.ids)],
        "line_ids": [
            Command.create({"product_id": product.id, "quantity": 1000, "price_unit": PRICE, "brand": "B", "specification": "S"})
            for product in products
        ],
    })
    prototype._give_number()
    prototype.sudo().state = "in_force"
    env.flush_all()
    env.cr.execute("UPDATE res_partner SET dealer_area_id = %s WHERE ref LIKE 'C%%'", [area.id])
    _copy(env, prototype)
    env.invalidate_all()
    company.write({"contract_hold_mode": "hold", "contract_range_mode": "hold", "contract_price_mode": "hold"})


def _copy(env, prototype):
    env.cr.execute(
        """
        CREATE TEMP TABLE bench_contract AS
        SELECT number, %(first)s + row_number() OVER (ORDER BY number, partner_id) AS id, partner_id
          FROM (
            SELECT partner.id AS partner_id, number
              FROM res_partner partner, generate_series(0, %(years)s) AS number
             WHERE partner.ref LIKE 'C%%' AND partner.parent_id IS NULL
          ) wanted
         WHERE NOT (number = 0 AND partner_id = %(done)s)
      ORDER BY number, partner_id
         LIMIT %(count)s
        """,
        {"first": prototype.id, "done": prototype.partner_id.id, "count": CONTRACTS - 1, "years": CONTRACTS - 1},
    )
    generate.copy_rows(env.cr, "dealer_contract", {
        "id": "copy.id",
        "partner_id": "copy.partner_id",
        "name": "'B' || copy.id",
        "access_token": "NULL",
        "state": "CASE WHEN copy.number = 0 THEN 'in_force' ELSE 'expired' END",
        "date_start": "proto.date_start - 365 * copy.number",
        # One in twenty of those in force is reminded of.
        "date_end": "CASE WHEN copy.number = 0 AND copy.id %% 20 = 0 THEN proto.date_start + 60"
        " ELSE proto.date_end - 365 * copy.number END",
    }, "CROSS JOIN bench_contract copy WHERE proto.id = %s", [prototype.id])
    for table, column in PARTS.items():
        rest = f"CROSS JOIN bench_contract copy WHERE proto.{column} = %s"
        generate.copy_rows(env.cr, table, {column: "copy.id"}, rest, [prototype.id])
    env.cr.execute("DROP TABLE bench_contract")


def due(env, count):
    """Let so many contracts in force end today."""
    env.cr.execute(
        "UPDATE dealer_contract SET date_end = %s, auto_renew = FALSE WHERE id IN"
        " (SELECT id FROM dealer_contract WHERE state = 'in_force' ORDER BY id LIMIT %s)",
        [fields.Date.today(), count],
    )
    env.invalidate_all()


def standing_floor(env, customer_ids):
    """What the gate has to know at least, by a statement written by hand."""
    return env.execute_query(SQL(
        """
        SELECT contract.partner_id, contract.id, line.product_id, line.price_unit, area.parent_path
          FROM dealer_contract contract
     LEFT JOIN dealer_contract_line line ON line.contract_id = contract.id
     LEFT JOIN dealer_area_dealer_contract_rel rel ON rel.dealer_contract_id = contract.id
     LEFT JOIN dealer_area area ON area.id = rel.dealer_area_id
         WHERE contract.partner_id = ANY(%s) AND contract.company_id = %s AND contract.state IN ('filed', 'in_force')
           AND contract.date_start <= %s AND contract.date_end > %s
        """,
        list(customer_ids), env.company.id, fields.Date.today(), fields.Date.today(),
    ))
