"""Warnings: the rules are on, the night has run, and people have taken some of what it found in hand.

What is warned of follows from the trade of the demo company: a case that the season does not bring is left out.
"""

from odoo import Command

from demo.data import rows

GROUPS = {
    "salesmgr": "sales_warning.group_warning_manager",
    "creditmgr": "sales_warning.group_warning_handler",
    "accountant": "sales_warning.group_warning_reader",
    "director": "sales_warning.group_warning_director",
}
# Rule, days since it warned and was closed, outcome (None: it recovered, nobody has said yet), cause, measures, result
CLOSED = (
    (
        "overdue",
        80,
        62,
        "confirmed",
        "对方更换财务人员，付款流程中断。",
        "会计上门对账，约定付款日。",
        "货款已全部收回。",
    ),
    ("overdue", 80, 71, "false", "对方已付款，银行入账延迟。", "已核对银行回单。", "并未逾期。"),
    ("overdue", 80, 55, None, "", "", ""),
)
INCIDENTS = (
    # customer, kind, severity, by, days ago, what, source
    ("D05", "breakup", "red", "sales", 1, "两位股东分家，新公司接手部分客户，原公司账户被冻结。", "其采购经理电话告知"),
    ("S03", "theft", "amber", "sales3", 3, "门店夜间被盗，损失约三万元药品，已报警。", "店主本人"),
)


def load_warnings(demo):
    """Switch the rules on, let the night look at the customers, and handle a few of the warnings."""
    if not demo.has("warning.rule"):
        return
    env, company = demo.env, demo.env.company
    for login, group in GROUPS.items():
        demo.users[login].group_ids = [Command.link(demo.ref(group).id)]
    rules = env["warning.rule"].search([])
    rules.write({"owner_id": demo.users["salesmgr"].id, "state": "on"})
    if demo.has("warning.case.holds_orders"):
        incident = demo.ref("sales_warning.warning_rule_incident")
        incident.action_ids = [Command.create({"kind": "hold_orders", "level": "red"})]
    _load_closed(demo)
    Run = env["warning.run"]
    shared = env["customer.metric"]._sharing().env
    for run in Run._make_due():
        run.with_env(shared)._process()
    _load_incidents(demo)
    _handle(demo)
    while Run._carry_out():
        pass
    env["warning.case"]._escalate_due()
    cases = env["warning.case"].search([("company_id", "=", company.id)])
    demo.say(f"{len(cases)} warnings, {len(cases.filtered(lambda case: case.level == 'red'))} of them red")


def _load_closed(demo):
    """Create warnings of the past, from what the rules would have found then, on customers who are in order now."""
    env, company = demo.env, demo.env.company
    used = env["res.partner"]
    for code, opened, closed, outcome, cause, measures, result in CLOSED:
        rule = demo.ref(f"sales_warning.warning_rule_{code}")
        customers = rule._customers()
        then, now = (rule._evaluate(customers, demo.day(age - 1)) for age in (opened, 0))
        found = [
            customer
            for customer in customers - used
            if then.get(customer.id, (None,))[0] and not now.get(customer.id, (None,))[0]
        ]
        if not found:
            continue
        customer, day = found[0], demo.day(opened)
        used |= customer
        level, reason, figures = then[customer.id]
        owner = env["res.users"].browse(rule._owners(customer)[customer.id])
        case = env["warning.case"].create(
            {
                "rule_id": rule.id,
                "company_id": company.id,
                "partner_id": customer.id,
                "user_id": owner.id,
                "level": level,
                "worst_level": level,
                "acted_level": level,
                "reason": reason,
                "figures": figures,
                "last_reason": reason,
                "last_figures": figures,
                "opened_on": day,
                "last_day": demo.day(closed),
                "deadline": rule._deadlines(day)[level],
                "state": "closed",
                "closed_on": demo.day(closed),
                "closed_by": owner.id if outcome else False,
                "closed_auto": not outcome,
                "outcome": outcome,
                "cause": cause,
                "measures": measures,
                "result": result,
                "money_at_risk": rule._at_risk(customer, demo.day(opened - 1))[customer.id] or 0.0,
            }
        )
        env["warning.case.log"].create(
            [
                {
                    "case_id": case.id,
                    "day": demo.day(age),
                    "event": event,
                    "level": level,
                    "reason": reason,
                    "figures": figures,
                    "user_id": user.id,
                    "note": note,
                }
                for event, age, user, note in (
                    ("opened", opened, env.user, False),
                    ("closed", closed, owner if outcome else env.user, result),
                )
            ]
        )


def _load_incidents(demo):
    for ref, kind, severity, login, age, what, source in INCIDENTS:
        demo.env["warning.incident"].with_user(demo.users[login]).create(
            {
                "company_id": demo.env.company.id,
                "partner_id": demo.customers[ref].id,
                "kind_id": demo.ref(f"sales_warning.warning_incident_kind_{kind}").id,
                "severity": severity,
                "what": what,
                "source": source,
                "date": demo.day(age),
            }
        )


def _handle(demo):
    """Let some warnings be older than today, and let their owners have begun with them."""
    env = demo.env
    for row in rows("warnings"):
        rule = demo.ref(f"sales_warning.warning_rule_{row['rule']}")
        case = env["warning.case"].search(
            [("rule_id", "=", rule.id), ("partner_id.ref", "=", row["customer"]), ("state", "=", "open")]
        )
        if not case:
            continue
        day = demo.day(int(row["age"]))
        deadline = rule._deadlines(day)[case.level]
        case.write({"opened_on": day, "deadline": deadline, "escalate_on": deadline})
        env.flush_all()
        env.cr.execute("UPDATE warning_case_log SET day = %s WHERE case_id = %s", [day, case.id])
        if row["state"] == "open":
            continue
        case = case.with_user(demo.users[row["by"]])
        if row["state"] == "snoozed":
            case._snooze(demo.day(-14), row["reason"])
            continue
        case.action_investigate()
        if row["state"] == "measures":
            case.write({"cause": row["cause"], "measures": row["measures"]})
            case.action_plan()
