"""Contracts with dealers: a draft with gaps, one in approval, two in force, and the renewal of one to be signed.

They are made as people make them; what lies in the past is then dated back to the day on which it happened.
"""

from dateutil.relativedelta import relativedelta

from odoo import Command

from demo.data import office_hours, rows

LEGAL_REPRESENTATIVE = "周建国"
CONTACT = "孙晓梅"  # of the company
BANK = "中国工商银行苏州相城支行"
CUSTODIAN = "accountant"
APPROVERS = ("creditmgr", "accountant", "director")  # legal, finance, director
PLACE = "财务室铁皮柜 {}"
# Wholesale turnover of the dealer with the exclusive rights, in CNY: bands from, rate in per cent.
REBATES = (
    {
        "name": "季度返利",
        "period": "quarter",
        "mode": "marginal",
        "bands": ((0, 0.5), (3_000_000, 0.8), (4_500_000, 1.0)),
        # Days from the invoice to the payment, per cent of the rebate.
        "factors": ((0, 100), (75, 60), (100, 0)),
    },
    {
        "name": "年度奖励",
        "period": "year",
        "pay": "fixed",
        "bands": ((0, 0), (12_000_000, 60_000), (18_000_000, 120_000)),
    },
)
COMMITMENT = {"name": "年度采购承诺", "period": "year", "target": 16_000_000}
SETTLED_MONTHS = 9  # of the contract; its first three quarters have passed on every day
# Part of the article about payment, as the dealer negotiated it.
NEGOTIATED = (
    "乙方逾期付款的，甲方有权暂停发货，直至全部逾期款项结清。",
    "乙方逾期付款超过十日的，甲方书面通知后有权暂停发货，直至全部逾期款项结清。",
)
POLICY = "甲方每季度为乙方提供一次产品培训；促销方案由双方另行书面确认。"
LENT = {"ref": "D06", "to": "sales2", "purpose": "与经销商面谈续签", "days": 6}
BREACH = {
    "ref": "D06",
    "by": "sales",
    "area": "NJ",
    "place": "南京市江宁区天元路药房",
    "summary": "南京市场发现豫民药业的板蓝根颗粒",
    "code": "HK1502",
    "lots": "HK1502-240318",
    "quantity": 200,
    "amount": 2_850,
    "evidence": "<p>巡店照片、购货小票，批号与发货记录一致。</p>",
}


def load_contracts(demo):
    """Create contracts in all states, areas, a sale outside them, and let orders without contract be warned about."""
    if not demo.has("dealer.contract"):
        return
    _load_company(demo)
    areas = _load_areas(demo)
    contracts = {row["ref"]: _draft(demo, row, areas) for row in rows("contracts")}
    contracts["D01"].write(
        {
            "rebate_ids": [Command.create(_rebate(values)) for values in REBATES],
            "commitment_ids": [Command.create(COMMITMENT)],
        }
    )
    for row in rows("contracts"):
        contract = contracts[row["ref"]]
        if row["stage"] == "in_force":
            _put_in_force(demo, contract, row)
    _negotiate(demo, contracts["D02"])
    _renew(demo, contracts["D01"])
    _settle(demo, contracts["D01"])
    _lend(demo, contracts[LENT["ref"]])
    _report_breach(demo, contracts[BREACH["ref"]], areas)
    demo.env["dealer.contract"]._cron_reminders()
    demo.env.company.contract_hold_mode = "warn"
    demo.say(f"{len(contracts) + 1} contracts")


def _load_company(demo):
    """Complete what contracts say about the company itself."""
    partner = demo.env.company.partner_id
    bank = demo.env["res.bank"].create({"name": BANK})
    partner.bank_ids[:1].bank_id = bank
    partner.write(
        {
            "legal_representative": LEGAL_REPRESENTATIVE,
            "child_ids": [Command.create({"name": CONTACT, "type": "contact", "lang": demo.env.lang})],
        }
    )


def _load_areas(demo):
    """Return {key: dealer.area}."""
    areas, china = {}, demo.env.ref("base.cn")
    for row in rows("areas"):
        areas[row["key"]] = area = demo.env["dealer.area"].create(
            {
                "name": row["name_en"],
                "parent_id": areas[row["parent"]].id if row["parent"] else False,
                "country_id": china.id,
                "state_id": demo.env.ref(f"base.state_cn_{row['state']}").id if row["state"] else False,
                "city": row["city"],
            }
        )
        demo.name(area, row["name_en"], row["name"])
    return areas


def _draft(demo, row, areas):
    """Return the draft of a row of contracts.csv, as its author writes it."""
    env, dealer = demo.env, demo.customers[row["ref"]]
    if row["legal"]:
        bank = env["res.bank"].create({"name": row["bank"]})
        dealer.write(
            {
                "legal_representative": row["legal"],
                "bank_ids": [Command.create({"acc_number": row["account"], "bank_id": bank.id})],
            }
        )
    values = {
        "partner_id": dealer.id,
        "template_id": env.ref(f"dealer_contracts.template_{row['template']}").id,
        "pricelist_id": dealer.specific_property_product_pricelist.id,
        "payment_term_id": dealer.property_payment_term_id.id,
        "line_ids": [Command.create(values) for values in _lines(demo, row["ref"])],
    }
    if row["start"]:
        start = demo.day(int(row["start"]))
        categories = {product["category"]: demo.products[product["code"]].categ_id for product in rows("products")}
        values.update(
            {
                "date_signed": demo.day(int(row["signed"])),
                "date_start": start,
                "date_end": start + relativedelta(months=int(row["months"])),
                "sign_place": row["place"],
                "distribution_level": row["level"],
                "exclusive": bool(row["exclusive"]),
                "area_ids": [Command.link(areas[key].id) for key in row["areas"].split()],
                "category_ids": [Command.link(categories[name].id) for name in row["categories"].split()],
                "policy_promotion": POLICY,
            }
        )
    return env["dealer.contract"].with_user(demo.users[row["by"]]).create(values).with_env(env)


def _lines(demo, ref):
    """Return the values of the products of a contract: agreed prices with tax, quantities for a year."""
    products = {row["code"]: row for row in rows("products")}
    customer = next(row for row in rows("customers") if row["ref"] == ref)
    factor = (1 - float(customer["discount"]) / 100) * 1.13
    return [
        {
            "product_id": demo.products[row["code"]].id,
            "brand": products[row["code"]]["brand"],
            "specification": products[row["code"]]["spec"],
            "quantity": float(row["quantity"] or 0),
            "price_unit": round(float(products[row["code"]]["price"]) * factor, 2),
        }
        for row in rows("contract_lines")
        if row["ref"] == ref
    ]


def _rebate(rebate):
    """Return the values of a rebate; its bands reach to where the next begins."""
    values = {name: value for name, value in rebate.items() if name not in ("bands", "factors")}
    steps = []
    for kind in ("band", "factor"):
        table = rebate.get(f"{kind}s", ())
        for place, (lower, rate) in enumerate(table, 1):
            upper = table[place][0] if place < len(table) else 0
            steps.append(Command.create({"kind": kind, "lower": lower, "upper": upper, "rate": rate}))
    return {**values, "step_ids": steps}


def _as(demo, contract, login):
    return contract.with_user(demo.users[login])


def _approve(demo, contract, *logins):
    for login in logins:
        _as(demo, contract, login).action_approve()


def _send(demo, contract):
    owner = contract.user_id
    contract.with_user(owner).action_submit()
    _approve(demo, contract, *APPROVERS)
    contract.with_user(owner).action_send()


def _put_in_force(demo, contract, row):
    """Take a contract through its route, signed on paper and filed, each on a day of the past."""
    signed = demo.day(int(row["signed"]))
    _send(demo, contract)
    contract.sudo()._take_scan(
        f"{contract.name}.pdf", contract._file("issued")._content(), contract.party_b_id.signatory, signed
    )
    keeper = _as(demo, contract, CUSTODIAN)
    keeper.write(
        {
            "custodian_id": demo.users[CUSTODIAN].id,
            "paper_place": PLACE.format(row["ref"]),
            "copies_kept": 1,
        }
    )
    keeper.action_file()
    past = [
        office_hours(demo.day(int(row["signed"]) + before), number) for number, before in enumerate((9, 8, 7, 6, 4))
    ]
    contract.sudo().write(
        {
            "submitted_on": past[0],
            "sent_on": past[4],
            "signed_on": office_hours(signed, 5),
            "filed_on": office_hours(signed, 9),
        }
    )
    for approval, moment in zip(contract.approval_ids.sorted("sequence"), past[1:4], strict=True):
        approval.sudo().date = moment


def _negotiate(demo, contract):
    """Hand in a contract of which one article departs from the standard; legal has approved it, finance is next."""
    article = contract.article_ids.filtered(lambda article: article.part == "settlement")
    standard, agreed = NEGOTIATED
    article.with_user(contract.user_id).body = article.body.replace(standard, agreed)
    contract.with_user(contract.user_id).action_submit()
    _approve(demo, contract, APPROVERS[0])


def _renew(demo, contract):
    """Send the dealer of the portal the contract for the next year, to be signed."""
    action = contract.with_user(contract.user_id).action_renew()
    renewal = demo.env["dealer.contract"].browse(action["res_id"])
    renewal.with_user(contract.user_id).date_signed = demo.today
    _send(demo, renewal)


def _settle(demo, contract):
    """Pay what the rebates of the first quarters earned."""
    rebate = contract.rebate_ids.filtered(lambda rebate: rebate.period == "quarter")
    rebate.with_user(demo.users[CUSTODIAN])._settle(contract.date_start + relativedelta(months=SETTLED_MONTHS))


def _lend(demo, contract):
    demo.env["dealer.contract.loan"].with_user(demo.users[CUSTODIAN]).create(
        {
            "contract_id": contract.id,
            "borrower_id": demo.users[LENT["to"]].id,
            "purpose": LENT["purpose"],
            "date_out": demo.day(2),
            "date_due": demo.day(-LENT["days"]),
        }
    )


def _report_breach(demo, contract, areas):
    demo.env["dealer.area.breach"].with_user(demo.users["salesmgr"]).create(
        {
            "summary": BREACH["summary"],
            "contract_id": contract.id,
            "date": demo.day(3),
            "area_id": areas[BREACH["area"]].id,
            "place": BREACH["place"],
            "product_ids": [Command.link(demo.products[BREACH["code"]].id)],
            "lots": BREACH["lots"],
            "quantity": BREACH["quantity"],
            "amount": BREACH["amount"],
            "evidence": BREACH["evidence"],
        }
    )
