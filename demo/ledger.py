"""Invoices, credit notes and payments of the orders."""

from odoo import Command

from demo import plan
from demo.data import batches, office_hours, rows

BATCH = 100


def load_invoices(demo):
    """Invoice what was delivered, each order on its day, and post all but the newest drafts."""
    billed = [(order_plan, order) for order_plan, order in demo.orders if order_plan.invoice_age is not None]
    billed.sort(key=lambda pair: -pair[0].invoice_age)
    invoices, done = {}, 0
    for part in batches(billed, BATCH):
        values = []
        for order_plan, order in part:
            vals = order._prepare_invoice()
            lines = [
                line._prepare_invoice_line(quantity=line.qty_delivered)
                for line in order.order_line
                if line.qty_delivered
            ]
            day = plan.working_day(demo.today, order_plan.invoice_age)
            vals["invoice_line_ids"] = [Command.create(line) for line in lines]
            if not order_plan.draft_invoice:
                vals["invoice_date"] = day
            values.append(vals)
        moves = demo.env["account.move"].create(values)
        posted = demo.env["account.move"]
        for (order_plan, order), move in zip(part, moves, strict=True):
            invoices[order.id] = move
            if not order_plan.draft_invoice:
                posted |= move
        posted.action_post()
        done += len(part)
        demo.say(f"invoices: {done} of {len(billed)}")
    return invoices


def load_credit_notes(demo, invoices):
    """Credit goods that came back and allowances on the price; return what each invoice has left to pay."""
    left = {move.id: move.amount_total for move in invoices.values() if move.state == "posted"}
    values, applied = [], []
    for order_plan, order in demo.orders:
        move = invoices.get(order.id)
        if not move or move.state != "posted" or not (order_plan.returned or order_plan.allowance):
            continue
        line = move.invoice_line_ids[:1]
        quantity = max(1, round(line.quantity * (0.25 if order_plan.returned else 0.05)))
        if order_plan.returned:
            _return_goods(demo, order, line.product_id, quantity, order_plan.invoice_age - 8)
        day = plan.working_day(demo.today, max(0, order_plan.invoice_age - 10))
        values.append(
            {
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "currency_id": move.currency_id.id,
                "invoice_date": day,
                "date": day,
                "invoice_user_id": move.invoice_user_id.id,
                "team_id": move.team_id.id,
                "ref": f"{'退货' if order_plan.returned else '价格折让'} {move.name}",
                "invoice_origin": order.name,
                "reversed_entry_id": move.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": line.product_id.id,
                            "product_uom_id": line.product_uom_id.id,
                            "name": line.name,
                            "quantity": quantity if order_plan.returned else 1,
                            "price_unit": line.price_unit * (1 if order_plan.returned else quantity),
                            "tax_ids": [Command.set(line.tax_ids.ids)],
                            # Goods that came back are no longer invoiced on the order; an allowance leaves them there.
                            "sale_line_ids": [Command.set(line.sale_line_ids.ids)] if order_plan.returned else [],
                        }
                    )
                ],
            }
        )
        applied.append(move if order_plan.returned else None)
    refunds = demo.env["account.move"].create(values)
    refunds.action_post()
    pairs = []
    for refund, move in zip(refunds, applied, strict=True):
        if move:
            left[move.id] -= refund.amount_total
            pairs.append(_receivable(refund) + _receivable(move))
    demo.env["account.move.line"]._reconcile_plan(pairs)
    demo.say(f"{len(refunds)} credit notes")
    return left


def _return_goods(demo, order, product, quantity, age):
    """Take goods back into the warehouse (or off the order lines, without the stock addon)."""
    if not demo.has("sale.order.picking_ids"):
        line = order.order_line.filtered(lambda line: line.product_id == product)[:1]
        line.qty_delivered -= quantity
        return
    picking = order.picking_ids.filtered(lambda picking: picking.state == "done")[:1]
    context = {"active_id": picking.id, "active_model": "stock.picking"}
    wizard = demo.env["stock.return.picking"].with_context(**context).create({})
    for line in wizard.product_return_moves:
        line.quantity = quantity if line.product_id == product else 0
    back = wizard._create_return()
    back.move_ids.picked = True
    back._action_done()
    moment = office_hours(plan.working_day(demo.today, max(0, age)), order.id)
    back.write({"date_done": moment, "scheduled_date": moment})
    back.move_ids.write({"date": moment})
    back.move_line_ids.write({"date": moment})


def load_payments(demo, invoices, left):
    """Register the payments of the plan on their days and settle the invoices with them.

    :param left: {invoice id: what is left to pay, in the invoice's currency}
    """
    monthly = {row["ref"] for row in rows("customers") if row["payer"] == "monthly"}
    transfers = {}  # key -> [age, partner, currency, [(invoice, amount)]]
    for order_plan, order in demo.orders:
        move = invoices.get(order.id)
        if not move or move.id not in left:
            continue
        for number, payment in enumerate(order_plan.payments):
            amount = move.currency_id.round(left[move.id] * payment.share)
            left[move.id] -= amount
            # One transfer settles all that is due of a customer who pays once a month.
            key = (payment.age, order_plan.customer)
            if order_plan.customer not in monthly:
                key += (move.id, number)
            transfers.setdefault(key, [payment.age, move, []])[2].append((move, amount))
    ordered = sorted(transfers.values(), key=lambda transfer: (-transfer[0], transfer[1].id))
    journal = demo.env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", demo.env.company.id)], limit=1
    )
    done = 0
    for part in batches(ordered, BATCH):
        payments = demo.env["account.payment"].create(
            [
                _payment_values(
                    journal,
                    move.commercial_partner_id,
                    sum(amount for _move, amount in items),
                    move.currency_id,
                    plan.working_day(demo.today, age),
                    " ".join(settled.name for settled, _amount in items),
                )
                for age, move, items in part
            ]
        )
        payments.action_post()
        pairs = [
            _receivable(payment.move_id.union(*(move for move, _amount in items)))
            for payment, (_age, _move, items) in zip(payments, part, strict=True)
        ]
        demo.env["account.move.line"]._reconcile_plan(pairs)
        done += len(part)
        demo.say(f"payments: {done} of {len(ordered)}")
    _load_prepayments(demo, journal)


def _payment_values(journal, partner, amount, currency, day, memo):
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": partner.id,
        "amount": amount,
        "currency_id": currency.id,
        "date": day,
        "journal_id": journal.id,
        "memo": memo,
    }


def _load_prepayments(demo, journal):
    """Register money received that belongs to no invoice yet."""
    values = []
    for row in rows("prepayments"):
        partner = demo.customers[row["customer"]]
        currency = partner.specific_property_product_pricelist.currency_id
        day = plan.working_day(demo.today, int(row["age"]))
        values.append(_payment_values(journal, partner, float(row["amount"]), currency, day, row["memo"]))
    demo.env["account.payment"].create(values).action_post()


def _receivable(moves):
    """Return the open receivable lines of journal entries."""
    return moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
