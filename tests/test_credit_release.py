"""C6: held orders are released oldest first, never past any limit, and a killed run goes on where it was."""

import json
from collections import Counter

from scheduler import shell

CUSTOMERS, ORDERS, BATCH = 40, 1000, 20
GROUP_OF = 4
LIMIT, GROUP_LIMIT, CEILING = 1400, 4700, 46000
# The process is killed when so many orders are released.
KILLS = (30, 90)
SETUP = """
import json
from odoo import Command
company = env.company
company.partner_id.tz = "UTC"
if not env["account.journal"].search_count([("company_id", "=", company.id)], limit=1):
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.write({"credit_mode": "hold", "credit_has_ceiling": True, "credit_ceiling": %(ceiling)d})
product = env["product.product"].create({"name": "Vaccine", "type": "service", "taxes_id": [], "list_price": 1.0})
customers = env["res.partner"].create([{"name": f"Dealer {n}", "is_company": True} for n in range(%(customers)d)])
accounts = env["credit.account"].create(
    [{"partner_id": customer.id, "mode": "amount", "credit_limit": %(limit)d} for customer in customers]
)
for start in range(0, len(accounts), %(group_of)d):
    env["credit.group"].create({
        "name": f"Group {start}", "credit_limit": %(group_limit)d,
        "account_ids": accounts[start:start + %(group_of)d].ids,
    })
# Everybody has used up the limit.
invoices = env["account.move"].create([
    {
        "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-01-01",
        "invoice_date_due": "2099-01-01", "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"product_id": product.id, "price_unit": %(limit)d, "tax_ids": []})],
    }
    for customer in customers
])
invoices.action_post()
orders = env["sale.order"].create([
    {
        "partner_id": customers[n %% %(customers)d].id,
        "order_line": [Command.create({
            "product_id": product.id, "product_uom_qty": 1, "price_unit": 50 + n * 37 %% 200, "tax_ids": [],
        })],
    }
    for n in range(%(orders)d)
])
orders.action_confirm()
holds = env["sale.order.hold"].search([("order_id", "in", orders.ids)])
assert len(holds) == len(orders) and set(holds.mapped("state")) == {"held"}
# They were held in another order than they were made.
env.flush_all()
env.cr.execute(
    "UPDATE sale_order_hold SET create_date = create_date - make_interval(mins => id * 7919 %%%% 1009)"
    " WHERE id = ANY (%%s)",
    [holds.ids],
)
# All but every tenth customer pay.
for n, customer in enumerate(customers):
    if n %% 10:
        env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": customer.id, "amount": %(limit)d,
        }).action_post()
cron = env.ref("customer_credit.ir_cron_credit_release")
# No other scheduled action disturbs.
(env["ir.cron"].search([]) - cron).active = False
cron.code = "model._cron_credit_release(batch=%(batch)d)"
env.cr.commit()
print("DONE" + json.dumps({"orders": orders.ids, "company": company.id}))
"""
MORE = """
company = env["res.company"].browse(%(company)d)
company.credit_ceiling = %(ceiling)d
env.cr.commit()
"""


class Book:
    """The limits and what is used of them, kept outside of Odoo."""

    def __init__(self, ceiling):
        self.ceiling = ceiling
        self.used = Counter()
        # What only one limit stood against, by the kind of that limit.
        self.stopped = Counter()

    def limits(self, customer):
        return {
            ("customer", customer): LIMIT,
            ("group", customer // GROUP_OF): GROUP_LIMIT,
            ("ceiling", 0): self.ceiling,
        }

    def use(self, customer, amount):
        for key in self.limits(customer):
            self.used[key] += amount

    def release(self, waiting):
        """Return the orders that fit one after the other; a later one may fit where an earlier one doesn't."""
        released = []
        for order, customer, amount in waiting:
            against = [key for key, limit in self.limits(customer).items() if self.used[key] + amount > limit]
            if len(against) == 1:
                self.stopped[against[0][0]] += 1
            if not against:
                self.use(customer, amount)
                released.append(order)
        return released


def test_released_oldest_first_and_resumed(name, rows, scheduler):
    values = {
        "customers": CUSTOMERS,
        "orders": ORDERS,
        "batch": BATCH,
        "group_of": GROUP_OF,
        "limit": LIMIT,
        "group_limit": GROUP_LIMIT,
        "ceiling": CEILING,
    }
    made = json.loads(shell(name, SETUP % values, timeout=400).partition("DONE")[2].splitlines()[0])
    orders = made["orders"]
    customer_of = {order: number % CUSTOMERS for number, order in enumerate(orders)}
    amount_of = {order: 50 + number * 37 % 200 for number, order in enumerate(orders)}

    def released():
        """Orders that are confirmed, as one moment has them."""
        return {order for (order,) in rows("SELECT id FROM sale_order WHERE state = 'sale' AND id = ANY (%s)", orders)}

    def decisions():
        return rows(
            "SELECT order_id, decision_date, automatic FROM sale_order_hold"
            " WHERE order_id = ANY (%s) AND state = 'released' ORDER BY order_id",
            orders,
        )

    def idle():
        """The run that was begun last has gone through all holds."""
        return rows("SELECT remaining = 0 AND done > 0 FROM ir_cron_progress ORDER BY id DESC LIMIT 1") == [(True,)]

    in_order = [
        order
        for (order,) in rows(
            "SELECT order_id FROM sale_order_hold WHERE order_id = ANY (%s) ORDER BY create_date, id", orders
        )
    ]
    assert len(in_order) == ORDERS and in_order != sorted(in_order)

    def fresh_book(ceiling=CEILING):
        book = Book(ceiling)
        for customer in range(CUSTOMERS):
            if customer % 10 == 0:
                book.use(customer, LIMIT)
        return book

    def waiting(without=()):
        return [(order, customer_of[order], amount_of[order]) for order in in_order if order not in without]

    book = fresh_book()
    expected = book.release(waiting())
    assert all(book.stopped[kind] > 10 for kind in ("customer", "group", "ceiling")), "each limit stops some by itself"
    assert KILLS[-1] < len(expected) < ORDERS

    before = 0
    for count in KILLS:
        process = scheduler()
        process.wait(lambda count=count: len(released()) >= count, f"{count} orders released")
        process.kill()
        found = released()
        assert before < len(found) < len(expected), "it was in the middle"
        assert found == set(expected[: len(found)]), "the oldest ones that fit"
        before = len(found)
    process = scheduler()
    process.wait(lambda: len(released()) >= len(expected), "the end")
    process.wait(idle, "quiet")
    process.stop()
    assert released() == set(expected)
    assert all(automatic for _order, _date, automatic in decisions())
    assert len(decisions()) == len(expected), "each was released once"

    # Once more without anything new: nothing happens.
    standing = decisions()
    shell(name, "env.ref('customer_credit.ir_cron_credit_release').method_direct_trigger()\nenv.cr.commit()\n")
    assert (decisions(), released()) == (standing, set(expected))

    # A higher ceiling lets the next ones go, again the oldest first.
    ceiling = CEILING + 3000
    process = scheduler()
    shell(name, MORE % {"company": made["company"], "ceiling": ceiling})
    book = fresh_book(ceiling)
    for order in expected:
        book.use(customer_of[order], amount_of[order])
    more = book.release(waiting(without=set(expected)))
    assert more
    process.wait(lambda: len(released()) >= len(expected) + len(more), "what the ceiling left")
    process.wait(idle, "quiet")
    process.stop()
    assert released() == {*expected, *more}
