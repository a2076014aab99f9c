"""W6: a night whose process is killed goes on in the next one; two workers at once open, act and tell nothing twice."""

import contextlib
import json

import pytest

import postgres
from scheduler import Scheduler, shell

CUSTOMERS, BATCH = 40, 10
# The process is killed when so many cases were acted on, and again while they go up the line.
ACTED, ESCALATED = 30, 20
# Two rules on the same customers, a salesperson and the team's leader, and nothing else that is scheduled.
SETUP = """
import json
from datetime import timedelta
from odoo import Command
company = env.ref("base.main_company")
company.customer_sales_basis = "order"
company.partner_id.tz = "UTC"
leader, seller = env["res.users"].create([{
    "name": login, "login": login, "password": login, "email": login + "@example.com",
    "company_id": company.id, "company_ids": [Command.set(company.ids)],
    "group_ids": [Command.link(env.ref("sales_team.group_sale_salesman").id)],
} for login in ("warning_leader", "warning_seller")])
env["crm.team"].create({
    "name": "South", "user_id": leader.id, "crm_team_member_ids": [Command.create({"user_id": seller.id})],
})
product = env["product.product"].create({"name": "Night", "type": "service", "taxes_id": [], "list_price": 100.0})
customers = env["res.partner"].create([
    {"name": f"Night {n}", "ref": f"NIGHT{n:03d}", "is_company": True, "user_id": seller.id}
    for n in range(%(customers)d)
])
env["sale.order"].create([
    {
        "partner_id": customer.id, "company_id": company.id,
        "date_order": company._customer_today() - timedelta(days=40),
        "order_line": [Command.create({"product_id": product.id, "price_unit": 10.0, "tax_ids": []})],
    }
    for customer in customers
]).write({"state": "sale"})
Rule = env["warning.rule"]
Rule.search([("kind", "!=", "incident")]).write({"state": "off"})
metric = env.ref("customer_metrics.customer_metric_days_since_order")
rules = Rule.create([
    {
        "name": name, "metric_id": metric.id, "amber": 10, "red": bound, "company_id": company.id, "state": "on",
        "domain": "[('ref', '=like', 'NIGHT%%')]",
        "action_ids": [Command.create({"kind": "activity"}), Command.create({"kind": "digest"})],
    }
    for name, bound in (("Night red", 30), ("Night amber", 60))
])
cron = env.ref("sales_warning.ir_cron_process")
cron.code = "model._cron_process(batch=%(batch)d)"
(env["ir.cron"].search([]) - cron).active = False
env.cr.commit()
print("SETUP" + json.dumps({"rules": rules.ids, "cron": cron.id, "seller": seller.id, "leader": leader.id}))
"""
# A second job that does the same: what another worker does when two are at it.
SECOND = """
cron = env["ir.cron"].browse(%d)
other = cron.copy({"active": True})
(cron | other).nextcall = "2020-01-01"
env.cr.commit()
"""
ACTIVITIES = """
    SELECT COUNT(*), COUNT(DISTINCT res_id) FROM mail_activity WHERE res_model = 'warning.case' AND user_id = %s
"""
AGAIN = "UPDATE ir_cron SET nextcall = '2020-01-01', failure_count = 0 WHERE active"


@pytest.fixture
def setup(name):
    """The customers, each silent for forty days, and two rules that warn of them."""
    printed = shell(name, SETUP % {"customers": CUSTOMERS, "batch": BATCH})
    return json.loads(printed.partition("SETUP")[2].splitlines()[0])


def _state(rows):
    """What the night has done so far, at one moment."""
    names = ("done", "cases", "acted", "activities", "opened", "escalated", "digests")
    [found] = rows(
        """
        SELECT (SELECT COUNT(*) FROM warning_run WHERE state = 'done'),
               (SELECT COUNT(*) FROM warning_case),
               (SELECT COUNT(*) FROM warning_case WHERE acted_level IS NOT NULL),
               (SELECT COUNT(*) FROM mail_activity WHERE res_model = 'warning.case'),
               (SELECT COUNT(*) FROM warning_case_log WHERE event = 'opened'),
               (SELECT COUNT(*) FROM warning_case_log WHERE event = 'escalated'),
               (SELECT COUNT(*) FROM warning_digest)
        """
    )
    return dict(zip(names, found, strict=True))


def _check_cases(rows, setup, told):
    """Each rule has one case per customer, opened once, with one activity of the owner; each person was told once."""
    assert rows("SELECT rule_id, COUNT(*), COUNT(DISTINCT partner_id) FROM warning_case GROUP BY 1 ORDER BY 1") == [
        (rule, CUSTOMERS, CUSTOMERS) for rule in setup["rules"]
    ]
    assert rows("SELECT level, COUNT(*) FROM warning_case GROUP BY 1 ORDER BY 1") == [
        ("amber", CUSTOMERS),
        ("red", CUSTOMERS),
    ]
    once = [(2 * CUSTOMERS, 2 * CUSTOMERS)]
    assert rows("SELECT COUNT(*), COUNT(DISTINCT case_id) FROM warning_case_log WHERE event = 'opened'") == once
    assert rows(ACTIVITIES, setup["seller"]) == once
    digests = rows("SELECT user_id, case_count FROM warning_digest ORDER BY 1")
    assert digests == sorted((setup[name], 2 * CUSTOMERS) for name in told)


def test_killed_night_goes_on(databases, name, setup, rows, scheduler):
    # Killed while it writes the cases of a rule: nothing of them stays.
    with (
        contextlib.closing(postgres.connect(databases.environment.server, name)) as blocking,
        blocking.cursor() as cursor,
    ):
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE warning_case IN SHARE MODE")
        process = scheduler()
        waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'warning_case'::regclass"
        process.wait(lambda: rows(waiting)[0][0], "the run writes its cases")
        process.kill()
        cursor.execute("ROLLBACK")
    found = _state(rows)
    assert (found["done"], found["cases"]) == (0, 0)
    assert rows("SELECT COUNT(*) FROM warning_run") == [(2,)], "what was to be done is known"

    # Killed while it acts: whole batches are done, with what they bring.
    rows(AGAIN)
    process = scheduler()
    process.wait(lambda: _state(rows)["acted"] >= ACTED, f"{ACTED} cases acted on")
    process.kill()
    found = _state(rows)
    assert found["done"] == 2 and found["cases"] == found["opened"] == 2 * CUSTOMERS
    assert ACTED <= found["acted"] < 2 * CUSTOMERS and found["acted"] % BATCH == 0
    assert found["activities"] == found["acted"]
    assert found["digests"] == 0

    # Killed while cases go up the line, whose deadline nobody kept.
    rows("UPDATE warning_case SET escalate_on = CURRENT_DATE - 1")
    rows(AGAIN)
    process = scheduler()
    process.wait(lambda: _state(rows)["escalated"] >= ESCALATED, f"{ESCALATED} cases escalated")
    process.kill()
    found = _state(rows)
    assert ESCALATED <= found["escalated"] < 2 * CUSTOMERS and found["escalated"] % BATCH == 0
    assert found["activities"] == 2 * CUSTOMERS + found["escalated"]

    rows(AGAIN)
    process = scheduler()
    process.wait(lambda: _state(rows)["digests"] == 2, "the end")
    process.stop()
    _check_cases(rows, setup, ("seller", "leader"))
    escalated = """
        SELECT COUNT(*), COUNT(DISTINCT case_id), MIN(c.escalation), MAX(c.escalation)
          FROM warning_case_log l JOIN warning_case c ON c.id = l.case_id WHERE event = 'escalated'
    """
    assert rows(escalated) == [(2 * CUSTOMERS, 2 * CUSTOMERS, "1", "1")], "one step, once"
    assert rows(ACTIVITIES, setup["leader"]) == [(2 * CUSTOMERS, 2 * CUSTOMERS)]


def test_two_workers(databases, name, setup, rows, scheduler):
    """Two jobs of two processes do the same night at the same moment."""
    shell(name, SECOND % setup["cron"])
    # Both wait for the table in which the runs are written, and go on together.
    with (
        contextlib.closing(postgres.connect(databases.environment.server, name)) as blocking,
        blocking.cursor() as cursor,
    ):
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE warning_run IN SHARE MODE")
        first, second = scheduler(), Scheduler(databases, name)
        try:
            waiting = """
                SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE NOT granted AND relation = 'warning_run'::regclass
            """
            first.wait(lambda: rows(waiting)[0][0] == 2, "both make the runs")
            cursor.execute("ROLLBACK")
            ended = "SELECT COUNT(*) FROM ir_cron WHERE active AND nextcall > NOW() AT TIME ZONE 'UTC'"
            first.wait(lambda: rows(ended)[0][0] == 2, "both end")
        finally:
            second.stop()
    first.stop()
    _check_cases(rows, setup, ("seller",))
    assert rows("SELECT COUNT(*), MAX(turn) FROM warning_run WHERE state = 'done'")[0][0] == 2
    assert rows("SELECT MAX(failure_count) FROM ir_cron WHERE active") == [(0,)], "neither failed"
