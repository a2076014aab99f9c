"""E4: a run of evaluations whose process is killed goes on in the next one: nothing lost, nothing twice."""

import json

from scheduler import shell

CUSTOMERS, BATCH = 200, 10
# The process is killed when evaluations of at least so many customers are committed.
KILLS = (40, 110)
# Figures, and from which value on they give so many points.
STEPS = {
    "orders": {0: 0, 2: 1, 3: 2, 5: 3},
    "average_monthly_sales": {0: 0, 1: 50, 3: 150, 5: 400},
    "product_breadth": {1: 0, 4: 1},
}
SETUP = """
import json
from odoo import Command
company = env.company
company.customer_sales_basis = "order"
company.partner_id.tz = "UTC"
manager = env["res.users"].create({
    "name": "Run Manager", "login": "run_manager", "email": "run@example.com",
    "group_ids": [
        Command.link(env.ref("customer_scorecard.group_scorecard_manager").id),
        Command.link(env.ref("sales_team.group_sale_salesman_all_leads").id),
    ],
})
customers = env["res.partner"].create(
    [{"name": f"Run {n}", "ref": f"RUN{n:04d}", "is_company": True} for n in range(%(customers)d)]
)
product = env["product.product"].create({"name": "Run", "type": "service", "taxes_id": [], "list_price": 100.0})
# The customer of number n has n modulo 4 orders, each of n times 10.
env["sale.order"].create([
    {
        "partner_id": customer.id,
        "order_line": [Command.create({
            "product_id": product.id, "product_uom_qty": 1, "price_unit": 10.0 * n, "tax_ids": [],
        })],
    }
    for n, customer in enumerate(customers) for _order in range(n %% 4)
]).action_confirm()
metric = env["customer.metric"].search([]).grouped("code")

def criterion(code, weight):
    return Command.create({
        "name": code, "code": code, "weight": weight, "kind": "metric", "metric_id": metric[code].id,
        "anchor_ids": [
            Command.create({"points": points, "metric_band": True, "metric_from": bound})
            for points, bound in %(steps)r[code].items()
        ],
    })

template = env["customer.scorecard.template"].create({"name": "Figures"})
version = env["customer.scorecard.version"].create({
    "template_id": template.id,
    "coverage_min": 0,
    "band_ids": [
        Command.create({"name": "A", "score_from": 70, "decision": "open"}),
        Command.create({"name": "B", "score_from": 0, "decision": "refuse"}),
    ],
    "criterion_ids": [
        criterion("orders", 60), criterion("average_monthly_sales", 30), criterion("product_breadth", 10),
    ],
})
version.with_user(manager).action_freeze()
runs = env["customer.scorecard.run"].with_user(manager).create([
    {"name": name, "template_id": template.id, "domain": "[('ref', '=like', 'RUN%%')]", "after": "submit"}
    for name in ("Killed", "Uninterrupted")
])
cron = env.ref("customer_scorecard.ir_cron_runs")
# No other scheduled action disturbs.
(env["ir.cron"].search([]) - cron).active = False
runs[1].action_start()
runs.sudo()._cron_runs()
runs[0].action_start()
cron.code = "model._cron_runs(batch=%(batch)d)"
env.cr.commit()
print("RUNS" + json.dumps(runs.ids))
"""


def test_killed_run_goes_on(name, rows, scheduler):
    killed, uninterrupted = json.loads(
        shell(name, SETUP % {"customers": CUSTOMERS, "batch": BATCH, "steps": STEPS})
        .partition("RUNS")[2]
        .splitlines()[0]
    )

    def progress():
        """Where the run says it is, and the number of evaluations that there are, at one moment."""
        return rows(
            "SELECT state, done, (SELECT COUNT(*) FROM customer_scorecard card WHERE card.run_id = run.id)"
            " FROM customer_scorecard_run run WHERE id = %s",
            killed,
        )[0]

    before = 0
    for count in KILLS:
        process = scheduler()
        # At the moment when evaluations appear, so that the place where it was has to come with them.
        process.wait(lambda count=count: progress()[2] >= count, f"{count} customers done")
        process.kill()
        state, done, cards = progress()
        assert state == "running"
        assert before < done < CUSTOMERS, "it was in the middle"
        assert done == cards, "a batch is committed with the place where it ended"
        assert done % BATCH == 0
        before = done
    process = scheduler()
    process.wait(lambda: progress()[0] != "running", "the end")
    process.stop()
    assert progress() == ("done", CUSTOMERS, CUSTOMERS)

    cards = """
        SELECT partner.ref, card.state, card.score, card.score_known, card.coverage, card.grade, card.decision, (
            SELECT array_agg(
                ARRAY[criterion.code, answer.metric_known::text, answer.metric_value::text, answer.points::text]
                ORDER BY answer.sequence
            )
            FROM customer_scorecard_answer answer JOIN customer_scorecard_criterion criterion
                ON criterion.id = answer.criterion_id
            WHERE answer.scorecard_id = card.id
        )
        FROM customer_scorecard card JOIN res_partner partner ON partner.id = card.partner_id
        WHERE card.run_id = %s ORDER BY partner.ref, card.id
    """
    made = rows(cards, killed)
    assert [row[0] for row in made] == [f"RUN{number:04d}" for number in range(CUSTOMERS)], "one for each customer"
    assert made == rows(cards, uninterrupted)
    for number, (_ref, state, score, known, coverage, grade, _decision, answers) in enumerate(made):
        assert (state, score, coverage, grade) == expected(number), f"customer {number}: {answers}"
        assert known == (state == "submitted"), "who never ordered has no score, and it is no zero"
    assert len({row[2] for row in made}) > 5, "the customers differ"
    names = rows("SELECT name FROM customer_scorecard")
    assert len(set(names)) == len(names) == 2 * CUSTOMERS


def points(steps, figure):
    return max(given for given, bound in steps.items() if figure >= bound)


def expected(number):
    """Return state, score, coverage and grade of a customer."""
    orders = number % 4
    if not orders:
        return "draft", 0, 0, None
    score = (
        60 * points(STEPS["orders"], orders)
        + 30 * points(STEPS["average_monthly_sales"], orders * 10 * number / 12)
        + 10 * points(STEPS["product_breadth"], 1)
    ) / 5
    return "submitted", score, 100, "A" if score >= 70 else "B"
