"""The company itself: name, currency, chart of accounts, exchange rates, payment terms, users and teams."""

import base64

from stdnum.cn import uscc

from odoo import Command

from demo.data import FOLDER, rows

TAX_NUMBER = "91320507MA1HKYY20"  # invented; the check character follows
TIMEZONE = "Asia/Shanghai"
CHART = "cn"
FEATURES = ("uom.group_uom", "product.group_product_pricelist", "account.group_delivery_invoice_address")
ADMIN_GROUPS = (
    "sales_team.group_sale_manager",
    "account.group_account_manager",
    "account.group_account_user",
    "stock.group_stock_manager",
    "sale_order_hold.group_hold_controller",
    "customer_credit.group_credit_manager",
    "customer_scorecard.group_scorecard_manager",
    "dealer_contracts.group_contract_manager",
)


def load_company(demo):
    """Turn the main company into the wholesaler; it must not have journal entries yet."""
    _install_chart(demo.env)
    env, data = demo.env, rows("company")[0]
    company = env.ref("base.main_company")
    china = env.ref("base.cn")
    env.ref("base.CNY").active = True
    env.ref("base.USD").active = True
    company.write({"country_id": china.id, "currency_id": env.ref("base.CNY").id})
    if company.chart_template != CHART:
        env["account.chart.template"].try_loading(CHART, company, install_demo=False)
    company.write(
        {
            "name": data["name"],
            "currency_id": env.ref("base.CNY").id,
            "street": data["street"],
            "city": data["city"],
            "zip": data["zip"],
            "state_id": env.ref(f"base.state_cn_{data['state']}").id,
            "phone": data["phone"],
            "email": data["email"],
            "website": data["website"],
            "vat": TAX_NUMBER + uscc.calc_check_digit(TAX_NUMBER),
            "logo": base64.b64encode((FOLDER / "logo.png").read_bytes()),
        }
    )
    company.partner_id.write({"lang": env.lang, "tz": TIMEZONE})
    company.resource_calendar_id.tz = TIMEZONE
    everybody = env.ref("base.group_user")
    for xmlid in FEATURES:
        group = demo.ref(xmlid)
        if group:
            everybody._apply_group(group)
    if demo.has("res.company.stock_text_confirmation"):
        company.stock_text_confirmation = False  # the telephone numbers are invented
    if demo.has("res.company.iap_enrich_auto_done"):
        company.iap_enrich_auto_done = True  # nor is there a company to look up
    if demo.has("res.company.credit_mode"):
        company.credit_mode = "off"  # nobody held the orders of the past; credit.py switches it on
    _load_rates(demo)
    _load_bank(demo, company, data)


def _install_chart(env):
    """Install the addon with the Chinese chart of accounts; records read before belong to the registry without it."""
    addon = env["ir.module.module"].search([("name", "=", "l10n_cn"), ("state", "=", "uninstalled")])
    if addon:
        addon.button_immediate_install()
        env.transaction.reset()


def _load_rates(demo):
    """Set the price of a US dollar in CNY, month by month."""
    dollar = demo.env.ref("base.USD")
    dollar.rate_ids.filtered(lambda rate: rate.company_id in (False, demo.env.company)).unlink()
    demo.env["res.currency.rate"].create(
        [
            {
                "currency_id": dollar.id,
                "company_id": demo.env.company.id,
                "name": demo.day(age),
                "inverse_company_rate": round(7.18 + 0.09 * ((age // 30 * 7) % 11 - 5) / 5, 4),
            }
            for age in range(0, 780, 30)
        ]
    )


def _load_bank(demo, company, data):
    """Give the bank journal its number, and let receipts land on it directly: no statement is imported here."""
    journal = demo.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
    journal.bank_acc_number = data["bank_account"]
    demo.name(journal, "Bank", "银行")
    receipts = journal.inbound_payment_method_line_ids
    receipts.payment_account_id = journal.default_account_id
    receipts[:1].name = "银行转账" if demo.env.lang == "zh_CN" else "Bank transfer"


def load_users(demo):
    """Create one user per role; the password is the login. Groups of addons that are not installed are left out."""
    env = demo.env
    admin = env.ref("base.user_admin")
    groups = [group.id for xmlid in ADMIN_GROUPS if (group := demo.ref(xmlid))]
    admin.write(
        {
            "lang": env.lang,
            "tz": TIMEZONE,
            "group_ids": [Command.link(group) for group in groups],
        }
    )
    admin.partner_id.name = "系统管理员" if env.lang == "zh_CN" else "Administrator"
    base_group = env.ref("base.group_user")
    for row in rows("users"):
        groups = [group.id for xmlid in row["groups"].split() if (group := demo.ref(xmlid))]
        demo.users[row["login"]] = env["res.users"].create(
            {
                "name": row["name"] if env.lang == "zh_CN" else row["name_en"],
                "login": row["login"],
                "password": row["login"],
                "email": f"{row['login']}@huakang.example.com",
                "function": row["job"],
                "lang": env.lang,
                "tz": TIMEZONE,
                "notification_type": "inbox",
                "group_ids": [Command.set([base_group.id, *groups])],
            }
        )
    for row in rows("teams"):
        default = demo.ref("sales_team.team_sales_department") if row["code"] == "wholesale" else False
        team = default or env["crm.team"].create({"name": row["name_en"], "company_id": env.company.id})
        demo.name(team, row["name_en"], row["name"])
        members = env["res.users"].union(*(demo.users[login] for login in row["members"].split()))
        team.write({"user_id": demo.users[row["leader"]].id, "member_ids": [Command.set(members.ids)]})
        demo.teams[row["code"]] = team


def payment_terms(demo):
    """Return {days: account.payment.term}."""
    terms = {}
    for row in rows("payment_terms"):
        term = row["xmlid"] and demo.ref(row["xmlid"])
        if not term:
            line = {"value": "percent", "value_amount": 100, "nb_days": int(row["days"])}
            term = demo.env["account.payment.term"].create(
                {"name": row["name_en"] or f"{row['days']} Days", "line_ids": [Command.create(line)]}
            )
            if row["name"]:
                demo.name(term, row["name_en"], row["name"])
        terms[row["days"]] = term
    return terms
