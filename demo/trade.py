"""The orders of the last 24 months and their deliveries."""

from odoo import Command
from odoo.tools import SQL

from demo import plan
from demo.data import batches, office_hours, rows

BATCH = 100
DATED = {
    "sale.order": "date_order",
    "stock.picking": "date_done",
    "account.move": "date",
    "account.payment": "date",
}
TEAM_OF_KIND = {row["kind"]: row["team"] for row in rows("tags")}


def load_orders(demo):
    """Create the planned orders and confirm them, oldest first, each on its own day."""
    env = demo.env
    customers = {row["ref"]: row for row in rows("customers")}
    planned = plan.orders(list(customers.values()), rows("products"), demo.today)
    done = 0
    for part in batches(planned, BATCH):
        values = [order_values(demo, order, customers[order.customer], done + i) for i, order in enumerate(part)]
        orders = env["sale.order"].create(values)
        dates = {order.id: vals["date_order"] for order, vals in zip(orders, values, strict=True)}
        cancelled = orders.browse(
            [order.id for order, order_plan in zip(orders, part, strict=True) if order_plan.cancelled]
        )
        cancelled._action_cancel()
        # Transfers are made in load_deliveries, without reserving goods that have long left.
        (orders - cancelled).with_context(skip_procurement=True).action_confirm()
        for order in orders - cancelled:
            order.date_order = dates[order.id]
        demo.orders.extend(zip(part, orders, strict=True))
        done += len(part)
        demo.say(f"orders: {done} of {len(planned)}")


def order_values(demo, order, customer, number):
    """Return the values of a planned order, at the customer's agreed prices."""
    company = demo.env.company
    partner = demo.customers[order.customer]
    branches = demo.branches.get(order.customer)
    pricelist = partner.specific_property_product_pricelist
    factor = 1 - float(customer["discount"]) / 100
    if pricelist.currency_id != company.currency_id:
        factor *= company.currency_id._convert(1.0, pricelist.currency_id, company, order.day, round=False)
    values = {
        "partner_id": partner.id,
        "pricelist_id": pricelist.id,
        "user_id": partner.user_id.id,
        "team_id": demo.teams[TEAM_OF_KIND[customer["kind"]]].id,
        "date_order": office_hours(order.day, number),
        "client_order_ref": f"PO-{order.day:%y%m%d}-{number % 97:02d}" if customer["kind"] != "shop" else False,
        "order_line": [
            Command.create(
                {
                    "product_id": demo.products[code].id,
                    "product_uom_qty": quantity,
                    "price_unit": round(demo.products[code].list_price * factor, 2),
                }
            )
            for code, quantity in order.lines
        ],
    }
    if branches:
        values["partner_shipping_id"] = branches[number % len(branches)].id
    return values


def load_deliveries(demo):
    """Deliver what the plan says was delivered; without the stock addon, note the quantities on the order lines."""
    delivered = [(order_plan, order) for order_plan, order in demo.orders if order_plan.delivery_age is not None]
    if not demo.has("sale.order.picking_ids"):
        for order_plan, order in delivered:
            for line in order.order_line:
                line.qty_delivered = round(line.product_uom_qty * order_plan.delivered)
        demo.say(f"{len(delivered)} deliveries")
        return
    warehouse = demo.env["stock.warehouse"].search([("company_id", "=", demo.env.company.id)], limit=1)
    done = 0
    for part in batches(delivered, BATCH):
        moments = [
            office_hours(plan.working_day(demo.today, order_plan.delivery_age), order.id) for order_plan, order in part
        ]
        references = demo.env["stock.reference"].create(
            [{"name": order.name, "sale_ids": [Command.link(order.id)]} for _plan, order in part]
        )
        pickings = demo.env["stock.picking"].create(
            [
                _picking_values(warehouse, order, order_plan.delivered, reference, moment)
                for (order_plan, order), reference, moment in zip(part, references, moments, strict=True)
            ]
        )
        pickings.move_ids.picked = True
        pickings._action_done()
        for picking, moment in zip(pickings, moments, strict=True):
            picking.write({"date_done": moment, "scheduled_date": moment})
            picking.move_ids.write({"date": moment})
            picking.move_line_ids.write({"date": moment})
        done += len(part)
        demo.say(f"deliveries: {done} of {len(delivered)}")
    waiting = [order for order_plan, order in demo.orders if order_plan.delivery_age is None and order.state == "sale"]
    demo.env["sale.order"].union(*waiting).order_line._action_launch_stock_rule()


def _picking_values(warehouse, order, share, reference, moment):
    """Return the values of a delivery with ``share`` of the quantities; the rest becomes a backorder."""
    places = {
        "location_id": warehouse.lot_stock_id.id,
        "location_dest_id": order.partner_shipping_id.property_stock_customer.id,
    }
    return {
        **places,
        "picking_type_id": warehouse.out_type_id.id,
        "partner_id": order.partner_shipping_id.id,
        "origin": order.name,
        "scheduled_date": moment,
        "reference_ids": [Command.link(reference.id)],
        "move_ids": [
            Command.create(
                {
                    **places,
                    "product_id": line.product_id.id,
                    "product_uom": line.product_uom_id.id,
                    "product_uom_qty": line.product_uom_qty,
                    "sale_line_id": line.id,
                    "reference_ids": [Command.link(reference.id)],
                    "move_line_ids": [
                        Command.create(
                            {
                                **places,
                                "product_id": line.product_id.id,
                                "product_uom_id": line.product_uom_id.id,
                                "quantity": round(line.product_uom_qty * share),
                            }
                        )
                    ],
                }
            )
            for line in order.order_line
        ],
    }


def load_stock(demo):
    """Put into the warehouse what the orders will need, and about one month more."""
    if not demo.has("stock.quant"):
        return
    env = demo.env
    needed = {}
    for order in plan.orders(rows("customers"), rows("products"), demo.today):
        for code, quantity in order.lines:
            needed[code] = needed.get(code, 0) + quantity
    location = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    quants = (
        env["stock.quant"]
        .with_context(inventory_mode=True)
        .create(
            [
                {
                    "product_id": product.id,
                    "location_id": location.id,
                    "inventory_quantity": round(needed.get(code, 100) * 1.06 + 200, -1),
                }
                for code, product in demo.products.items()
            ]
        )
    )
    quants.action_apply_inventory()
    first = demo.day(plan.HISTORY_DAYS + 10)
    moves = env["stock.move"].search([("product_id", "in", quants.product_id.ids), ("is_inventory", "=", True)])
    moves.write({"date": office_hours(first, 0)})
    moves.move_line_ids.write({"date": office_hours(first, 0)})
    demo.say(f"stock of {len(quants)} products")


def backdate(env):
    """Give the documents and the messages on them the dates of what they record, instead of the hour of loading."""
    env.flush_all()
    for model, column in DATED.items():
        if model not in env:
            continue
        table = SQL.identifier(env[model]._table)
        date = SQL.identifier(column)
        env.cr.execute(SQL("UPDATE %s SET create_date = %s WHERE %s IS NOT NULL", table, date, date))
        env.cr.execute(
            SQL(
                """UPDATE mail_message SET date = document.%s FROM %s document
                    WHERE mail_message.model = %s AND mail_message.res_id = document.id AND document.%s IS NOT NULL""",
                date,
                table,
                model,
                date,
            )
        )
    env.invalidate_all()
