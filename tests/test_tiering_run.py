"""T7: a run whose process is killed goes on in the next one; two servers at once mix nothing, do nothing twice."""

import contextlib
import json

import pytest

import postgres
from scheduler import shell
from servers import at_once, two_servers

CUSTOMERS, BATCH = 200, 10
# The process is killed when the classes of at least so many customers are committed.
KILLS = (40, 110)
ROUNDS = 8
# Customers of the wholesale scheme, and of the retail scheme.
SETUP = """
import json
from odoo import Command
company = env.ref("base.main_company")
company.customer_sales_basis = "order"
company.partner_id.tz = "UTC"
other = env["res.company"].create({"name": "Other Company", "currency_id": company.currency_id.id})
product = env["product.product"].create({"name": "Run", "type": "service", "taxes_id": [], "list_price": 100.0})
month = company._customer_today().replace(day=1)
from dateutil.relativedelta import relativedelta
customers = env["res.partner"].create([
    {
        "name": f"Run {n}", "ref": f"RUN{n:04d}", "is_company": True,
        "customer_nature": "distributor" if n %% 2 else "third",
    }
    for n in range(%(customers)d)
])
def sell(company, customers):
    env["sale.order"].with_company(company).create([
        {
            "partner_id": customer.id,
            "company_id": company.id,
            "date_order": month - relativedelta(months=back) + relativedelta(days=9),
            # The customer of number n buys for n thousands a month.
            "order_line": [Command.create({
                "product_id": product.id, "product_uom_qty": 1, "price_unit": 1000.0 * n, "tax_ids": [],
            })],
        }
        for n, customer in enumerate(customers) for back in (1, 2)
    ]).write({"state": "sale"})
sell(company, customers)
sell(other, customers[:20])
schemes = {code: env.ref(f"customer_tiering.customer_tier_scheme_{code}") for code in ("retail", "wholesale")}
for scheme in schemes.values():
    scheme.write({"approval_share": 100, "unit_amount": 1000})
cron = env.ref("customer_tiering.ir_cron_process")
cron.code = "model._cron_process(batch=%(batch)d)"
# No other scheduled action disturbs, and no month makes a run of its own.
(env["ir.cron"].search([]) - cron).active = False
env["customer.tier.scheme"].search([]).auto_run = False
for login in ("tier_one", "tier_two"):
    env["res.users"].create({
        "name": login, "login": login, "password": login, "company_id": company.id,
        "company_ids": [Command.set([company.id, other.id])],
        "group_ids": [Command.link(env.ref("customer_tiering.group_tier_director").id)],
    })
env.cr.commit()
print("SETUP" + json.dumps({
    "company": company.id, "other": other.id, **{code: scheme.id for code, scheme in schemes.items()},
}))
"""
MAKE_RUN = """
run = env["customer.tier.run"].create({"scheme_id": %d, "company_id": %d})
run.requested_by = env.uid
run.state = "computing"
env.cr.commit()
print("RUN" + str(run.id))
"""
START = """
env["customer.tier.run"].browse(%d)._start_applying()
env.cr.commit()
"""


@pytest.fixture
def setup(name):
    """The customers with their orders, and the ids of what the tests name."""
    return _printed(name, SETUP % {"customers": CUSTOMERS, "batch": BATCH}, "SETUP")


def _printed(name, script, mark):
    return json.loads(shell(name, script).partition(mark)[2].splitlines()[0])


def test_killed_run_goes_on(databases, name, setup, rows, scheduler):
    run = _printed(name, MAKE_RUN % (setup["retail"], setup["company"]), "RUN")

    def state():
        return rows("SELECT state FROM customer_tier_run WHERE id = %s", run)[0][0]

    def lines():
        return rows("SELECT COUNT(*) FROM customer_tier_run_line WHERE run_id = %s", run)[0][0]

    # Killed while the preview is written: nothing of it stays.
    with (
        contextlib.closing(postgres.connect(databases.environment.server, name)) as blocking,
        blocking.cursor() as cursor,
    ):
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE customer_tier_run_line IN SHARE MODE")
        process = scheduler()
        waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'customer_tier_run_line'::regclass"
        process.wait(lambda: rows(waiting)[0][0], "the run writes its lines")
        process.kill()
        cursor.execute("ROLLBACK")
    assert (state(), lines()) == ("computing", 0)
    process = scheduler()
    process.wait(lambda: state() == "computed", "the preview")
    process.stop()
    assert lines() == CUSTOMERS // 2

    # Killed while it takes effect.
    preview = rows("SELECT partner_id, to_tier_id FROM customer_tier_run_line WHERE run_id = %s ORDER BY 1", run)
    shell(name, START % run)

    def progress():
        """Where the run says it is, and the number of classes that there are, at one moment."""
        return rows(
            """
            SELECT (SELECT COUNT(*) FROM customer_tier_run_line line
                     WHERE line.run_id = run.id AND line.id <= run.applied_line_id),
                   (SELECT COUNT(*) FROM customer_tier_membership WHERE run_id = run.id)
              FROM customer_tier_run run WHERE id = %s
            """,
            run,
        )[0]

    before = 0
    for count in KILLS:
        count //= 2
        process = scheduler()
        process.wait(lambda count=count: progress()[1] >= count, f"{count} customers done")
        process.kill()
        done, classes = progress()
        assert state() == "applying"
        assert before < done < CUSTOMERS // 2, "it was in the middle"
        assert done == classes, "a batch is committed with the place where it ended"
        assert done % BATCH == 0
        before = done
    process = scheduler()
    process.wait(lambda: state() == "applied", "the end")
    process.stop()

    membership = "SELECT partner_id, tier_id FROM customer_tier_membership WHERE run_id = %s ORDER BY 1"
    assert rows(membership, run) == preview, "the result is the preview"
    moved = [(partner, None, tier) for partner, tier in preview if tier]
    history = "SELECT partner_id, from_tier_id, to_tier_id FROM customer_tier_history ORDER BY 1"
    assert rows(history) == moved, "every move once"
    assert 20 < len(moved) < len(preview)
    assert len({tier for _partner, tier in preview}) > 4, "the customers differ"


def test_two_servers(name, setup, rows):
    """Two directors on two servers make, compute and apply at the same moment, and fix a class meanwhile."""
    with two_servers(name) as servers:
        _two_servers(
            [server.login(login) for server, login in zip(servers, ("tier_one", "tier_two"), strict=True)], setup, rows
        )


def _two_servers(people, setup, rows):
    Run, Override = "customer.tier.run", "customer.tier.override"
    one, two = people
    company, other = setup["company"], setup["other"]

    def make(person, scheme, in_company=company):
        values = {"scheme_id": setup[scheme], "company_id": in_company}
        context = {"allowed_company_ids": [in_company, company + other - in_company]}
        return person.call(Run, "create", [values], context=context)[0]

    def act(person, method, run, in_company=company):
        context = {"allowed_company_ids": [in_company, company + other - in_company]}
        return person.call(Run, method, [run], context=context)

    def act_or_refuse(person, method, run):
        return at_once(lambda: act(person, method, run))[0]

    def check(run, scheme, in_company):
        """The run has a line per customer, its classes are in force, and its moves are in the history once."""
        lines = rows(
            "SELECT partner_id, from_tier_id, to_tier_id FROM customer_tier_run_line WHERE run_id = %s ORDER BY 1", run
        )
        assert len(lines) == (CUSTOMERS if in_company == company else 20) // 2
        classes = rows(
            "SELECT partner_id, tier_id FROM customer_tier_membership"
            " WHERE scheme_id = %s AND company_id = %s ORDER BY 1",
            setup[scheme],
            in_company,
        )
        assert classes == [(partner, tier) for partner, _before, tier in lines]
        history = rows(
            "SELECT partner_id, from_tier_id, to_tier_id, scheme_id, company_id FROM customer_tier_history"
            " WHERE run_id = %s ORDER BY 1",
            run,
        )
        moves = [(*line, setup[scheme], in_company) for line in lines if line[1] != line[2]]
        assert history == moves and moves

    retail = rows("SELECT id FROM res_partner WHERE customer_nature = 'third' AND ref LIKE 'RUN%%' ORDER BY id DESC")
    previous = None
    for number in range(ROUNDS):
        # Everybody moves: next to nobody stays in the class when the bands are five times as wide.
        one.call(
            "customer.tier.scheme",
            "write",
            [setup["retail"], setup["wholesale"]],
            {"unit_amount": 5000 if number % 2 else 1000},
        )
        made = at_once(lambda: make(one, "retail"), lambda: make(two, "retail"))
        [run] = [answer for answer in made if isinstance(answer, int)]
        [refused] = [answer for answer in made if not isinstance(answer, int)]
        assert "unfinished run" in refused
        wholesale = make(two, "wholesale")
        elsewhere = make(one, "retail", other)
        # The same run twice, and others beside it.
        answers = at_once(
            lambda run=run: act(one, "action_compute", run),
            lambda run=run: act(two, "action_compute", run),
            lambda wholesale=wholesale: act(one, "action_compute", wholesale),
            lambda elsewhere=elsewhere: act(two, "action_compute", elsewhere, other),
        )
        assert answers == [True] * 4
        answers = at_once(
            lambda run=run: act(one, "action_apply", run),
            lambda run=run: act(two, "action_apply", run),
            lambda wholesale=wholesale: act(one, "action_apply", wholesale),
            lambda elsewhere=elsewhere: act(two, "action_apply", elsewhere, other),
        )
        # Whoever comes second finds the run in effect already.
        assert answers.count(True) >= 3 and all(answer is True or "is already" in answer for answer in answers), answers
        check(run, "retail", company)
        check(wholesale, "wholesale", company)
        check(elsewhere, "retail", other)
        assert run != previous
        previous = run

    # A class is fixed by hand at the moment when a preview is computed, or takes effect: it is never lost.
    for number in range(ROUNDS):
        customer = retail[number][0]
        run = make(one, "retail")
        fix = {
            "partner_id": customer,
            "scheme_id": setup["retail"],
            "company_id": company,
            "tier_id": False,
            "reason": "Race",
            "date_to": "2100-01-01",
        }
        method = "action_compute" if number % 2 else "action_apply"
        if method == "action_apply":
            act(one, "action_compute", run)
        answers = at_once(
            lambda run=run, method=method: act(one, method, run), lambda fix=fix: two.call(Override, "create", [fix])
        )
        assert isinstance(answers[1], list), answers
        # A preview that was made without it doesn't take effect.
        if act_or_refuse(one, "action_apply", run) is not True:
            act(one, "action_compute", run)
            act(one, "action_apply", run)
        found = rows(
            "SELECT tier_id, override_id FROM customer_tier_membership"
            " WHERE partner_id = %s AND scheme_id = %s AND company_id = %s",
            customer,
            setup["retail"],
            company,
        )
        assert found == [(None, answers[1][0])], f"{method}: {answers}"
