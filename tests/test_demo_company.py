"""The demo company of ./run: it loads into the whole suite and shows what the suite is for."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from servers import suite_copy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo import data, load, plan  # noqa: E402

ORDERS = 633
LOAD = """
import sys
sys.path.insert(0, %r)
from demo.load import load
load(env(context={"lang": "zh_CN"}), print)
env.cr.commit()
"""
FIGURES = """
import json
from collections import Counter
company = env.company
customers = env["res.partner"].search([("ref", "in", %(refs)s)])
env.cr.execute("SELECT sum(balance) FROM account_move_line WHERE parent_state = 'posted'")
balance = env.cr.fetchone()[0]
env.cr.execute(
    "SELECT count(*) FROM account_move m JOIN account_move_line l ON l.move_id = m.id WHERE m.state = 'posted'"
    " GROUP BY m.id HAVING sum(l.balance) <> 0"
)
unbalanced = len(env.cr.fetchall())
invoices = env["account.move"].search([("move_type", "=", "out_invoice"), ("state", "=", "posted")])
orders = env["sale.order"].search([])
figures = {
    "currency": company.currency_id.name,
    "customers": len(customers),
    "branches": env["res.partner"].search_count([("parent_id", "in", customers.ids), ("type", "=", "delivery")]),
    "logins": env["res.users"].search([]).mapped("login"),
    "states": Counter(orders.mapped("state")),
    "oldest": str(min(orders.mapped("date_order")).date()),
    "newest": str(max(orders.mapped("date_order")).date()),
    "currencies": sorted(set(invoices.currency_id.mapped("name"))),
    "payment_states": Counter(invoices.mapped("payment_state")),
    "late": len(invoices.filtered(lambda move: move.invoice_date_due < move.invoice_date)),
    "residual": sum(invoices.mapped("amount_residual_signed")),
    "balance": float(balance),
    "unbalanced": unbalanced,
    "mails": env["mail.mail"].search_count([]),
}
if "stock.picking" in env:
    figures["pickings"] = Counter(orders.picking_ids.mapped("state"))
if "customer.target" in env:
    targets = env["customer.target"].search([])
    figures["targets"] = Counter(target.metric_id.code for target in targets)
    figures["planned"] = len(targets.partner_id)
    figures["expenses"] = Counter(env["customer.expense"].search([]).mapped("state"))
    values = env["customer.metric"]._values(targets.partner_id)
    figures["without"] = [code for code, found in values.items() if set(found.values()) == {None}]
if "credit.account" in env:
    accounts = env["credit.account"].search([])
    figures["accounts"] = Counter(accounts.mapped("mode"))
    figures["status"] = Counter(accounts.mapped("status"))
    figures["temporary"] = len(accounts.filtered("temporary_limit"))
    figures["mode"] = company.credit_mode
    holds = env["sale.order.hold"].search([])
    figures["holds"] = Counter(holds.mapped("state"))
    figures["silent"] = len(holds.filtered(lambda hold: not hold.message))
    quoted = {}
    for ref in ("C03", "D01"):
        order = orders.filtered(lambda order: order.partner_id.ref == ref and order.state == "draft")[:1]
        order.with_user(order.user_id).action_confirm()
        quoted[ref] = (order.state, order.hold_state)
    figures["quoted"] = quoted
    env.cr.rollback()
if "customer.reputation.event" in env:
    cards = env["customer.scorecard"].search([("purpose", "!=", "credit")])
    latest = cards.filtered(lambda card: card.state == "approved")
    today = company._customer_today()
    figures["evaluated"] = len(cards.partner_id)
    figures["evaluations"] = Counter(cards.mapped("state"))
    figures["decisions"] = Counter(latest.mapped("decision"))
    figures["enthusiasm"] = latest.filtered("false_enthusiasm").mapped("partner_id.ref")
    figures["overdue"] = len(latest.filtered(lambda card: card.next_date < today))
    figures["sent_back"] = len(cards.filtered("refusal_reason"))
    figures["asked"] = env["mail.activity"].search_count([("scorecard_id", "!=", False)])
    figures["directions"] = Counter(latest.partner_id.mapped(lambda partner: partner.eval_direction or "none"))
    figures["events"] = env["customer.reputation.event"].search_count([])
    figures["prospects"] = Counter(env["customer.prospect.check"].search([]).mapped(lambda check: check.prospect_class))
    figures["self_approved"] = len(cards.filtered(lambda card: card.approved_by and card.approved_by in card.user_id))
if "dealer.contract" in env:
    contracts = env["dealer.contract"].search([])
    force = contracts.filtered(lambda contract: contract.state == "in_force")
    figures["contracts"] = Counter(contracts.mapped("state"))
    for name in ("missing_count", "deviation_count"):
        figures[name] = {contract.state: contract[name] for contract in contracts if contract[name]}
    figures["intact"] = [file._intact() for file in contracts.file_ids]
    figures["exclusive"] = force.filtered("exclusive").area_ids.mapped("name")
    figures["ends"] = min((contract.date_end - company._customer_today()).days for contract in force)
    figures["rebates"] = [[rebate.settled, rebate.accrued] for rebate in force.rebate_ids]
    figures["harmed"] = env["dealer.area.breach"].search([]).mapped("harmed_id.ref")
    figures["lent"] = env["dealer.contract.loan"].search_count([("date_back", "=", False)])
    figures["reminded"] = len(force.filtered("activity_ids"))
print("FIGURES" + json.dumps(figures))
"""


@pytest.fixture(scope="module")
def figures():
    """What the demo company holds, after loading it into a copy of the suite's template."""
    with suite_copy("demo") as name:
        loaded = _run(["-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=warn"], LOAD % str(ROOT))
        assert f"orders: {ORDERS} of {ORDERS}" in loaded
        script = FIGURES % {"refs": [row["ref"] for row in data.rows("customers")]}
        shown = _run(["-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=error"], script)
        yield json.loads(shown.partition("FIGURES")[2].splitlines()[0])


def _run(arguments, given=None):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_company_and_people(figures):
    assert figures["currency"] == "CNY"
    assert figures["customers"] == 40
    assert figures["branches"] == len(data.rows("branches"))
    assert {login for login, _password, _role in load.LOGINS} <= set(figures["logins"])


def test_two_years_of_orders(figures):
    quotations = data.rows("quotations")
    cancelled = figures["states"]["cancel"]
    assert 0 < cancelled < 20
    assert sum(figures["states"].values()) == ORDERS + len(quotations)
    today = date.today()
    assert date.fromisoformat(figures["oldest"]) <= today - timedelta(days=700)
    assert date.fromisoformat(figures["newest"]) <= today


def test_ledger(figures):
    assert figures["balance"] == 0
    assert figures["unbalanced"] == 0
    assert figures["currencies"] == ["CNY", "USD"]
    assert figures["residual"] > 0
    assert {"paid", "partial", "not_paid"} <= set(figures["payment_states"])
    assert figures["late"] == 0


def test_deliveries(figures):
    assert figures["pickings"]["done"] > 600


def test_plans_and_expenses(figures):
    assert figures["planned"] >= 15
    assert figures["targets"] == {"sales": 12 * figures["planned"], "expense": 12 * figures["planned"]}
    assert figures["expenses"]["draft"] == 6
    assert figures["expenses"]["posted"] > 100
    assert figures["without"] == []


def test_credit(figures):
    assert figures["mode"] == "hold"
    assert {"amount", "none", "unlimited"} == set(figures["accounts"])
    assert {"ok", "over", "expired", "frozen"} <= set(figures["status"])
    assert figures["status"]["over"] >= 5
    assert figures["temporary"] >= 2


def test_held_orders(figures):
    assert figures["holds"]["held"] >= 5
    assert figures["holds"]["released"] == 2
    assert figures["holds"]["refused"] == 2
    assert figures["silent"] == 0


def test_quotations_ready_to_confirm(figures):
    assert figures["quoted"]["C03"] == ["draft", "held"]
    assert figures["quoted"]["D01"] == ["sale", "clear"]


def test_evaluations(figures):
    """About 25 customers with one to three evaluations over two years, and something of everything among them."""
    assert figures["evaluated"] == 25
    assert sum(figures["evaluations"].values()) == len(data.rows("evaluations"))
    assert {"approved", "superseded", "submitted", "draft"} == set(figures["evaluations"])
    assert {"open", "observe", "refuse"} == set(figures["decisions"])
    assert figures["enthusiasm"] == ["C06"]
    assert figures["overdue"] == figures["asked"] >= 5
    assert figures["sent_back"] == 1
    assert {"up", "down", "flat", "none"} == set(figures["directions"])
    assert figures["self_approved"] == 0


def test_reputation_and_prospects(figures):
    assert figures["events"] == len(data.rows("reputation"))
    assert sum(figures["prospects"].values()) == len(data.rows("prospects"))
    assert {"a", "b", "c", "false"} <= set(figures["prospects"])


def test_contracts(figures):
    """One contract of every kind that people meet, and what it does."""
    assert figures["contracts"] == {"draft": 1, "review": 1, "sent": 1, "in_force": 2}
    assert set(figures["missing_count"]) == {"draft"}
    assert figures["missing_count"]["draft"] >= 5
    assert figures["deviation_count"] == {"review": 1}
    assert len(figures["intact"]) == 5
    assert all(figures["intact"])
    assert figures["exclusive"] == ["Jiangsu"]
    assert 15 <= figures["ends"] <= 25
    assert figures["reminded"] >= 1
    settled, earned = zip(*figures["rebates"], strict=True)
    assert sum(settled) > 0
    assert sum(earned) >= sum(settled)
    assert figures["harmed"] == ["D01"]
    assert figures["lent"] == 1


def test_nothing_is_sent(figures):
    assert figures["mails"] == 0


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 2, 28), date(2027, 7, 31), date(2028, 2, 29)])
def test_same_documents_on_every_day(today):
    """Amounts follow the season; which documents there are does not."""
    customers, products = data.rows("customers"), data.rows("products")
    orders = plan.orders(customers, products, today)
    assert len(orders) == ORDERS
    assert Counter(order.cancelled for order in orders)[True] == 9
    assert sum(len(order.lines) for order in orders) == 1817
    assert orders == plan.orders(customers, products, today)
    assert all(order.day <= today for order in orders)
