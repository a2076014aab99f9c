"""What scoring is measured with: a template whose criteria are all figures, and runs of it over all customers."""

from odoo import Command

import generate

MONTHS = 12
# Figures, and from which value on they give so many points.
CRITERIA = {
    "average_monthly_sales": {0: 0, 1: 100, 2: 300, 3: 600, 4: 1000, 5: 2000},
    "growth": {0: -50, 1: -20, 2: -5, 3: 5, 4: 20, 5: 50},
    "product_breadth": {0: 0, 2: 2, 3: 4, 5: 8},
    "days_since_order": {5: 0, 3: 30, 1: 90, 0: 180},
    "on_time": {0: 0, 2: 50, 4: 80, 5: 95},
    "overdue_days": {5: 0, 3: 1, 1: 30, 0: 90},
}


def template(env):
    """Return a new template with a frozen version that asks for the figures alone; ``env`` is a manager's."""
    metrics = env["customer.metric"].search([]).grouped("code")
    created = env["customer.scorecard.template"].create({"name": "Figures"})
    version = env["customer.scorecard.version"].create({
        "template_id": created.id,
        "band_ids": [
            Command.create({"name": name, "score_from": bound, "decision": decision})
            for name, bound, decision in (("A", 80, "open"), ("B", 60, "open"), ("C", 40, "observe"), ("D", 0, "refuse"))
        ],
        "criterion_ids": [
            Command.create({
                "name": code,
                "kind": "metric",
                "metric_id": metrics[code].id,
                "months": MONTHS,
                "anchor_ids": [
                    Command.create({"points": points, "metric_band": True, "metric_from": bound})
                    for points, bound in steps.items()
                ],
            })
            for code, steps in CRITERIA.items()
        ],
    })
    version.action_freeze()
    return created


def run(env, after):
    """Return a run over the customers of the benchmark that has just been started.

    :param str after: draft or submit
    """
    # Rows of runs that were rolled back are counted as pages without rows, from which PostgreSQL makes bad plans.
    env.cr.execute("TRUNCATE customer_scorecard CASCADE")
    started = env["customer.scorecard.run"].create({
        "name": "All",
        "template_id": template(env).id,
        "domain": f"[('ref', '=like', '{generate.REF}%')]",
        "after": after,
    })
    started.action_start()
    commit(env)
    return started.sudo()


def commit(env):
    """Do what a commit does for the caches; the transaction goes on, since the benchmark rolls it back."""
    env.cr.flush()
    env.cr.clear()
