"""Classes: the kind of every customer, monthly runs of the last months that are in effect, and one that waits.

And what a few customers are besides: key accounts, a special support unit with its plaque, customers of special care.
"""

from dateutil.relativedelta import relativedelta

from odoo import Command

from demo.data import rows

MONTHS = 9
NATURE = {"dealer": "distributor", "chain": "second", "hospital": "first", "clinic": "third", "shop": "third"}
LOYALTY = {"steady": "loyal", "grow": "loyal", "seasonal": "half", "new": "half", "sporadic": "half"}
GROUPS = {
    "salesmgr": "customer_tiering.group_tier_officer",
    "director": "customer_tiering.group_tier_director",
    "creditmgr": "customer_tiering.group_tier_reader",
}
STATE_OWNED = ("D01", "C01")
KEY_ACCOUNTS = 3  # so many of the proposals are decided, the others wait
SHOPS = {
    "C01": (860, "busy"),
    "C02": (420, "busy"),
    "S01": (240, "busy"),
    "S02": (90, "ordinary"),
    "K01": (120, "busy"),
}
PLAQUE = ("S01", "质量信誉好，地处商圈，同意作为特供支持单位。", "优先供应短缺品种；每季一次店员培训。")
CARE = (
    (
        "domineering",
        "D04",
        "销量大，屡次压价，账款一拖再拖。",
        "供货不断，但不再让价；逐步降低对其的依赖。",
        "价格统一由销售经理答复；逾期三十天以上暂停新单；年内在当地再开发两家客户。",
        "影响较大，按此策略执行。",
    ),
    (
        "worth",
        "S02",
        "规模小，付款准时，销售逐年增长。",
        "帮助其扩大品种，随增长逐步提高信用额度。",
        "每月拜访一次；提供陈列和促销支持；半年后评估。",
        "有潜力，同意扶持。",
    ),
)
FIXED = ("D05", "C", "大股东变更，观察半年。")


def load_tiering(demo):
    """Classify the customers month by month, as the scheduled action would have done."""
    if not demo.has("customer.tier.run"):
        return
    env, company = demo.env, demo.env.company
    for login, group in GROUPS.items():
        demo.users[login].group_ids = [Command.link(demo.ref(group).id)]
    for row in rows("customers"):
        demo.customers[row["ref"]].write(
            {
                "customer_nature": NATURE[row["kind"]],
                "customer_ownership": "state" if row["kind"] == "hospital" or row["ref"] in STATE_OWNED else "private",
                "customer_loyalty": LOYALTY.get(row["trend"], "disloyal"),
            }
        )
    schemes = env["customer.tier.scheme"].search([("auto_run", "=", True), ("tier_ids", "!=", False)])
    first = demo.today.replace(day=1) - relativedelta(months=MONTHS)
    officer, director = demo.users["salesmgr"], demo.users["director"]
    Run = env["customer.tier.run"]
    for number in range(MONTHS):
        month = first + relativedelta(months=number)
        for scheme in schemes:
            run = Run.with_user(officer).create({"scheme_id": scheme.id, "company_id": company.id, "month": month})
            run.action_compute()
            if number == MONTHS - 1:
                continue  # it waits for somebody to look at it
            if run.needs_approval:
                run.with_user(director)._approve("首次分类，已逐一核对。" if not number else "已与各销售经理核对。")
            run.with_user(officer).action_apply()
            _backdate(env, run, month + relativedelta(months=1, days=1))
    ref, name, reason = FIXED
    customer = demo.customers[ref]
    membership = customer.tier_membership_ids.filtered(lambda row: row.scheme_id in schemes)[:1]
    env["customer.tier.override"].with_user(director).create(
        {
            "partner_id": customer.id,
            "scheme_id": membership.scheme_id.id,
            "company_id": company.id,
            "tier_id": membership.scheme_id.tier_ids.filtered(lambda tier: tier.name == name).id,
            "reason": reason,
            "date_to": demo.day(-180),
        }
    )
    # The preview of that scheme is computed anew after what was fixed by hand.
    Run.search([("state", "=", "draft")]).with_user(officer).action_compute()
    demo.say(f"{env['customer.tier.history'].search_count([])} changes of classes in {MONTHS - 1} months")
    _load_standings(demo, officer, director)


def _load_standings(demo, officer, director):
    """Propose and decide what a few customers are besides their class."""
    env, company = demo.env, demo.env.company
    for ref, (area, location) in SHOPS.items():
        demo.customers[ref].write({"shop_area": area, "shop_location": location})
    accounts = env["customer.key.account"].with_user(officer)._propose_by_rule(company)
    confirmed = accounts.sorted("rank")[:KEY_ACCOUNTS]
    confirmed.review_date = demo.day(-90)
    confirmed.with_user(director)._decide(True, "毛利贡献居前，列为大客户，由销售经理负责。")
    ref, reason, benefits = PLAQUE
    values = {"company_id": company.id, "user_id": officer.id, "review_date": demo.day(-180)}
    unit = (
        env["customer.support.unit"]
        .with_user(officer)
        .create({**values, "partner_id": demo.customers[ref].id, "benefits": benefits})
    )
    unit.with_user(director)._decide(True, reason, demo.day(-365))
    unit.action_issue()
    for kind, ref, why, strategy, measures, reason in CARE:
        care = (
            env["customer.special.care"]
            .with_user(officer)
            .create(
                {
                    **values,
                    "partner_id": demo.customers[ref].id,
                    "kind": kind,
                    "proposal_reason": why,
                    "strategy": strategy,
                    "measures": measures,
                }
            )
        )
        care.with_user(director)._decide(True, reason)
    demo.say(f"{len(accounts)} key accounts proposed, {len(confirmed)} confirmed")


def _backdate(env, run, day):
    """Let what a run did have happened on the day on which it would have been."""
    env.flush_all()
    env.cr.execute("UPDATE customer_tier_history SET date = %s WHERE run_id = %s", [day, run.id])
    env.cr.execute("UPDATE customer_tier_run SET computed_on = %s, applied_on = %s WHERE id = %s", [day, day, run.id])
    env.cr.execute(
        "UPDATE customer_tier_run SET approved_on = %s WHERE id = %s AND approved_by IS NOT NULL", [day, run.id]
    )
    env.cr.execute(
        "UPDATE customer_tier_membership m SET since = %s FROM customer_tier_history h"
        " WHERE h.run_id = %s AND m.partner_id = h.partner_id AND m.scheme_id = h.scheme_id",
        [day, run.id],
    )
    env.invalidate_all()
