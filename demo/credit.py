"""Credit: accounts with limits of all kinds, policies, and orders that are held, released and refused.

The limits are set from what each customer uses when the demo company is loaded, so that the same customers are over
their limit, near to it or far below it, whatever the season.
"""

import math

from odoo import Command, fields

from demo import plan
from demo.data import office_hours, rows
from demo.trade import order_values

RELEASE_CAPS = {"accountant": 500_000}  # login -> CNY over the limit that the person may release
RELEASE_DAYS = 7
GUARANTEE = {"ref": "D06", "amount": 800_000, "reference": "不动产登记 2025-0381"}
GROUP = {"refs": ("C01", "C02"), "name": "康健连锁集团"}
SIMULATION = {"name": "逾期 10 天即冻结，额度减少一成", "days": 10, "percent": 90}


def load_credit(demo):
    """Create credit accounts, policies and release caps, and switch credit control on."""
    if not demo.has("credit.account"):
        return
    env, company = demo.env, demo.env.company
    customers = {row["ref"]: row for row in rows("customers")}
    granted = rows("credit")
    partners = env["res.partner"].union(*(demo.customers[row["ref"]] for row in granted))
    exposures = partners._credit_exposure(company)
    values = []
    for row in granted:
        partner = demo.customers[row["ref"]]
        limit = _limit(row, customers[row["ref"]], exposures[partner.id].exposure) if row["mode"] == "amount" else 0
        values.append(
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "mode": row["mode"],
                "credit_limit": limit,
                "limit_payment_days": row["mode"] == "amount",
                "payment_days": int(row["days"]),
                "valid_until": demo.day(-int(row["valid_until"])) if row["valid_until"] else False,
                "temporary_limit_ids": _temporary_limit(demo, row, limit),
            }
        )
    accounts = env["credit.account"].create(values)
    manager = demo.users["creditmgr"]
    for account, row in zip(accounts, granted, strict=True):
        if row["frozen"]:
            account.with_user(manager)._freeze(row["frozen"])
    _load_policies(demo)
    _load_shared(demo, {account.partner_id.ref: account for account in accounts})
    company.credit_mode = "hold"
    demo.say(f"{len(accounts)} credit accounts")


def _limit(row, customer, exposure):
    """Return a limit of two digits, of which about ``row["used"]`` per cent are used."""
    used = int(row["used"])
    limit = exposure * 100 / used
    if used < 75:  # who pays at once uses little of what the trade would ask for
        limit = max(limit, float(customer["monthly"]) * 10_000 * (int(customer["terms"]) / 30 + 1))
    step = 10 ** max(2, math.floor(math.log10(limit)) - 1)
    # Rounded so that who is over the limit stays over it, and who is below it stays below.
    return (math.floor if used > 100 else math.ceil)(limit / step) * step


def _temporary_limit(demo, row, limit):
    if not row["temporary"]:
        return []
    values = {
        "amount": round(limit * int(row["temporary"]) / 100, -3) or 1000,
        "date_from": demo.day(-int(row["from"])),
        "date_to": demo.day(-int(row["until"])),
        "yearly": bool(row["yearly"]),
        "reason": row["reason"],
    }
    return [Command.create(values)]


def _load_shared(demo, accounts):
    """A guarantee, a group of customers far below its limit, and a simulation of stricter policies."""
    if not demo.has("credit.simulation"):
        return
    env = demo.env
    guarantee = env["credit.guarantee"].create(
        {
            "account_id": accounts[GUARANTEE["ref"]].id,
            "kind_id": env.ref("customer_credit.credit_guarantee_kind_mortgage").id,
            "amount": GUARANTEE["amount"],
            "reference": GUARANTEE["reference"],
            "date_from": demo.day(100),
            "date_to": demo.day(-265),
        }
    )
    guarantee.with_user(demo.users["creditmgr"]).action_count()
    members = env["credit.account"].union(*(accounts[ref] for ref in GROUP["refs"]))
    used = sum(members.mapped("exposure"))
    env["credit.group"].create(
        {
            "name": GROUP["name"],
            "credit_limit": math.ceil(2 * used / 100_000) * 100_000,
            "account_ids": members.ids,
        }
    )
    env.flush_all()
    simulation = env["credit.simulation"].with_user(demo.users["creditmgr"]).create({"name": SIMULATION["name"]})
    for rule in simulation.rule_ids.filtered(lambda rule: rule.check == "overdue"):
        rule.days = SIMULATION["days"]
    simulation.limit_percent = SIMULATION["percent"]
    simulation.action_start()
    while simulation.state == "running":
        simulation.sudo()._step()


def load_applications(demo):
    """Create applications for credit that wait at each of the steps, and a refused one; no limit changes."""
    if not demo.has("credit.application"):
        return
    env = demo.env
    asked = rows("applications")
    customers = {row["ref"]: row for row in rows("customers")}
    for row in asked:
        partner = demo.customers[row["ref"]]
        account = env["credit.account"].search([("partner_id", "=", partner.id)])
        application = (
            env["credit.application"]
            .with_user(demo.users[customers[row["ref"]]["user"]])
            .create(
                {
                    "partner_id": partner.id,
                    "kind": row["kind"],
                    "requested_limit": round(account.credit_limit * int(row["share"]) / 100, -3),
                    "requested_days": int(row["days"]),
                    "reason": row["reason"],
                    "guarantees": row["guarantees"],
                }
            )
        )
        application.action_submit()
        if row["stage"] != "submitted":
            _investigate(application.with_user(demo.users["salesmgr"]))
        if row["stage"] in ("assessed", "refused"):
            _assess(application.with_user(demo.users["accountant"]))
        if row["stage"] == "refused":
            application = application.with_user(demo.users["director"])
            application._decide("refused", "回款放慢，先清欠后再议。", application.sudo()._fingerprint())
    demo.say(f"{len(asked)} credit applications")


def _investigate(application):
    application.action_investigate()
    investigation = application.investigation_id
    investigation.write(
        {
            "registered_capital": 5_000_000,
            "owner": application.partner_id.child_ids[:1].name,
            "file_complete": True,
            "conclusion": "经营正常，证照齐全。",
            "finding_ids": [
                Command.create({"kind": "visit", "source": "仓库", "text": "分区存放，先进先出", "verdict": "good"}),
                Command.create({"kind": "bank", "source": "开户银行", "text": "往来正常", "verdict": "good"}),
            ],
        }
    )
    investigation.action_done()


def _assess(application):
    application.action_assess()
    card = application.scorecard_id
    by_hand = card.answer_ids.filtered(lambda answer: answer.kind == "manual" and not answer.first_points)
    by_hand.write({"first_points": "4"})
    card.action_submit()


def _load_policies(demo):
    env = demo.env
    tags = {row["kind"]: row for row in rows("tags")}
    for row in rows("policies"):
        name = tags[row["kind"]]["name_en"]
        tag = env["res.partner.category"].with_context(lang="en_US").search([("name", "=", name)], limit=1)
        policy = env["credit.policy"].create(
            {
                "name": row["name_en"],
                "check": row["check"],
                "level": row["level"],
                "days": int(row["days"] or 0),
                "tolerance_percent": float(row["percent"] or 0),
                "amount": float(row["amount"] or 0),
                "category_id": tag.id,
                "company_id": env.company.id,
            }
        )
        demo.name(policy, row["name_en"], row["name"])
    env["credit.release.cap"].create(
        [
            {"company_id": env.company.id, "user_id": demo.users[login].id, "amount": amount}
            for login, amount in RELEASE_CAPS.items()
        ]
    )


def load_quotations(demo):
    """Create the quotations of the last days; where orders can be held, some are confirmed and decided about."""
    customers = {row["ref"]: row for row in rows("customers")}
    gate = demo.has("sale.order.hold_state") and demo.has("credit.account")
    # From here on people act: they follow, are notified and get activities as in daily work.
    env = demo.env(context={"lang": demo.env.lang, "allowed_company_ids": demo.env.company.ids})
    quoted = rows("quotations")
    for number, row in enumerate(quoted):
        customer = customers[row["customer"]]
        planned = plan.quotation(customer, rows("products"), demo.today, int(row["age"]), float(row["size"]), number)
        salesperson = demo.users[customer["user"]]
        values = order_values(demo, planned, customer, number)
        values["date_order"] = office_hours(planned.day, number)
        order = demo.env["sale.order"].with_user(salesperson).create(values).with_env(env(user=salesperson))
        if row["action"] != "draft":
            order.action_quotation_sent()
        if gate and row["action"] in ("confirm", "release", "refuse"):
            order.action_confirm()
            _decide(env, demo, order, row)
    demo.say(f"{len(quoted)} quotations")


def _decide(env, demo, order, row):
    """Let the person named in the data file release or refuse a held order."""
    if row["action"] == "confirm":
        return
    holds = order.hold_ids.filtered(lambda hold: hold.state == "held").with_env(env(user=demo.users[row["by"]]))
    if row["action"] == "release":
        holds._release(row["note"], valid_until=fields.Date.add(demo.today, days=RELEASE_DAYS))
    else:
        holds._refuse(row["note"])
