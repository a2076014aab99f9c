"""The customers: dealers, chains with branches, hospitals, clinics, shops and two abroad."""

from stdnum.cn import uscc

from odoo import Command

from demo.company import TIMEZONE, payment_terms
from demo.data import rows

REGIONS = {
    "JS": "3205",
    "ZJ": "3301",
    "AH": "3401",
    "SD": "3701",
    "HB": "4201",
    "HA": "4101",
    "SC": "5101",
    "FJ": "3501",
}


def load_customers(demo):
    """Create the customers of customers.csv with contacts, branches, tags, price lists and payment terms."""
    env = demo.env
    tags = _load_tags(demo)
    terms = payment_terms(demo)
    pricelists = _load_pricelists(demo)
    values = []
    for number, row in enumerate(rows("customers")):
        china = row["country"] == "cn"
        domain = f"{row['ref'].lower()}.example.com"
        values.append(
            {
                "name": row["name"],
                "ref": row["ref"],
                "is_company": True,
                "lang": "zh_CN" if china else "en_US",
                "tz": TIMEZONE,
                "country_id": env.ref(f"base.{row['country']}").id,
                "state_id": env.ref(f"base.state_cn_{row['state']}").id if row["state"] else False,
                "city": row["city"],
                "zip": row["zip"],
                "street": row["street"],
                "phone": f"{row['area']}-{6000 + number * 137 % 3999:04d} {1000 + number * 311 % 8999:04d}"
                if china
                else f"{row['area']} {3800 + number} {1200 + number * 31}",
                "email": f"purchase@{domain}",
                "vat": _tax_number(row, number) if china else False,
                "category_id": [Command.link(tags[row["kind"]].id)],
                "user_id": demo.users[row["user"]].id,
                "customer_rank": 1,
                "property_payment_term_id": terms[row["terms"]].id,
                "specific_property_product_pricelist": pricelists[_pricelist_key(row)].id,
                "child_ids": [
                    Command.create(
                        {
                            "name": row["contact"],
                            "function": row["job"],
                            "type": "contact",
                            "lang": "zh_CN" if china else "en_US",
                            "phone": _mobile(number) if china else False,
                            "email": f"contact@{domain}",
                        }
                    )
                ],
            }
        )
    partners = env["res.partner"].create(values)
    demo.customers = {partner.ref: partner for partner in partners}
    _load_branches(demo)
    _load_portal_user(demo)
    demo.say(f"{len(partners)} customers with contacts and branches")


def _tax_number(row, number):
    """Return a unified social credit code with a right check character; the number itself is invented."""
    region = REGIONS.get(row["state"], "3101")
    stem = f"91{region}{10 + number % 80:02d}MA1D{number * 7919 % 99999:05d}"
    return stem + uscc.calc_check_digit(stem)


def _mobile(number):
    return f"13{number % 9} {5000 + number * 71 % 4999:04d} {2000 + number * 173 % 7999:04d}"


def _load_tags(demo):
    tags = {}
    for row in rows("tags"):
        values = {"name": row["name_en"], "color": int(row["color"])}
        tags[row["kind"]] = demo.env["res.partner.category"].create(values)
        demo.name(tags[row["kind"]], row["name_en"], row["name"])
    return tags


def _pricelist_key(row):
    return ("CNY" if row["country"] == "cn" else "USD", float(row["discount"]))


def _load_pricelists(demo):
    """Create one price list per discount and currency that the customers have agreed."""
    env, pricelists = demo.env, {}
    for currency, discount in sorted({_pricelist_key(row) for row in rows("customers")}):
        pricelist = env["product.pricelist"].create(
            {
                "name": "List price",
                "currency_id": env.ref(f"base.{currency}").id,
                "company_id": env.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "formula",
                            "base": "list_price",
                            "price_discount": discount,
                        }
                    )
                ]
                if discount
                else [],
            }
        )
        rebate = f"{discount:g} %"
        english = f"Agreed price -{rebate}" if discount else "List price"
        chinese = f"协议价 -{rebate}" if discount else "标准价"
        suffix = "" if currency == "CNY" else f" {currency}"
        demo.name(pricelist, english + suffix, chinese + suffix)
        pricelists[currency, discount] = pricelist
    return pricelists


def _load_branches(demo):
    """Create the branches of the chains: addresses that goods are delivered to, one account with the chain."""
    values = []
    for number, row in enumerate(rows("branches")):
        chain = demo.customers[row["customer"]]
        values.append(
            {
                "parent_id": chain.id,
                "type": "delivery",
                "name": row["name"],
                "lang": "zh_CN",
                "country_id": chain.country_id.id,
                "state_id": chain.state_id.id,
                "city": row["city"],
                "zip": row["zip"],
                "street": row["street"],
                "phone": _mobile(50 + number),
            }
        )
    branches = demo.env["res.partner"].create(values)
    for branch in branches:
        demo.branches.setdefault(branch.parent_id.ref, []).append(branch)


def _load_portal_user(demo):
    """Let the contact of the first dealer log in on the portal as dealer/dealer."""
    portal = demo.ref("base.group_portal")
    contact = demo.customers["D01"].child_ids.filtered(lambda child: child.type == "contact")[:1]
    demo.env["res.users"].with_context(no_reset_password=True).create(
        {
            "partner_id": contact.id,
            "name": contact.name,
            "login": "dealer",
            "password": "dealer",
            "email": contact.email,
            "lang": demo.env.lang,
            "tz": TIMEZONE,
            "group_ids": [Command.set([portal.id])],
        }
    )
