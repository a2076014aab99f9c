"""D6, D7: two server processes that act at the same moment never give one exclusive right, nor one rebate, twice."""

import contextlib

import pytest

import postgres
from servers import Refusal, at_once, suite_copy, two_servers

ROUNDS = 12


@pytest.fixture(scope="module")
def race():
    """Two servers on one copy of the suite's database, and a connection to it."""
    with suite_copy("contract_race") as name, two_servers(name) as servers:
        with contextlib.closing(postgres.connect(postgres.connection(), name)) as opened:
            opened.autocommit = True
            yield servers, opened


class People:
    """Users by their groups, and a dealer with all that a contract asks for."""

    def __init__(self, servers):
        self.servers = servers
        self.admin = servers[0].login("admin")

    def reference(self, xmlid):
        return self.admin.call("ir.model.data", "check_object_reference", *xmlid.split("."))[1]

    def users(self, *groups):
        """Two users with these groups, each logged in on a server of its own."""
        key = "_".join(group.rpartition("_")[2] for group in groups)
        logins = [f"race_{key}_{number}" for number in range(2)]
        ids = [(4, self.reference(group)) for group in groups]
        for login in logins:
            self.admin.call(
                "res.users", "create", [{"name": login, "login": login, "password": login, "group_ids": ids}]
            )
        return [server.login(login) for server, login in zip(self.servers, logins, strict=True)]

    def firm(self, values, partner=None):
        country = self.reference("base.us")
        values = {
            "street": "1 Main Street",
            "city": "Springfield",
            "country_id": country,
            "phone": "+1 202 555 0143",
            "vat": "12-3456789",
            "legal_representative": "Jo Field",
            "bank_ids": [(0, 0, {"acc_number": f"RACE {values['name']}", "bank_id": self.bank()})],
            "child_ids": [(0, 0, {"name": f"Clerk of {values['name']}"})],
            **values,
        }
        if partner:
            self.admin.call("res.partner", "write", [partner], values)
            return partner
        return self.admin.call("res.partner", "create", [{"is_company": True, **values}])[0]

    def bank(self):
        return self.admin.call("res.bank", "create", [{"name": "First Bank"}])[0]


def test_one_exclusive_right(race):
    people = People(race[0])
    admin = people.admin
    group = "dealer_contracts.group_contract_"
    lawyers, accountants, directors = (people.users(group + name) for name in ("legal", "finance", "director"))
    company = admin.call("res.users", "read", [admin.uid], ["company_id"])[0]["company_id"][0]
    own = admin.call("res.company", "read", [company], ["partner_id"])[0]["partner_id"][0]
    people.firm({"name": "Race Wholesale"}, own)
    dealers = [people.firm({"name": f"Race Dealer {number}"}) for number in range(2)]
    area = admin.call("dealer.area", "create", [{"name": "Race Province"}])[0]
    city = admin.call("dealer.area", "create", [{"name": "Race City", "parent_id": area}])[0]
    product = admin.call("product.product", "create", [{"name": "Race Pills"}])[0]
    line = {"product_id": product, "brand": "Race", "specification": "20", "quantity": 10000, "price_unit": 1000}
    values = {
        "template_id": people.reference("dealer_contracts.template_sale_en"),
        "date_signed": "2030-01-01",
        "date_start": "2030-01-01",
        "date_end": "2031-01-01",
        "sign_place": "Springfield",
        "payment_term_id": people.reference("account.account_payment_term_30days"),
        "no_policy": True,
        "distribution_level": "sole",
        "exclusive": True,
        "line_ids": [(0, 0, line)],
    }
    outcomes = []
    for _round in range(ROUNDS):
        pair = [
            admin.call("dealer.contract", "create", [{**values, "partner_id": dealer, "area_ids": [(4, place)]}])[0]
            for dealer, place in zip(dealers, (area, city), strict=True)
        ]
        admin.call("dealer.contract", "action_submit", pair)
        for approver in (lawyers[0], accountants[0]):
            approver.call("dealer.contract", "action_approve", pair)
        answers = at_once(
            *(
                lambda director=director, contract=contract: director.call(
                    "dealer.contract", "action_approve", [contract]
                )
                for director, contract in zip(directors, pair, strict=True)
            )
        )
        states = [found["state"] for found in admin.call("dealer.contract", "read", pair, ["state"])]
        outcomes.append(sorted(states))
        [refused] = [answer for answer in answers if isinstance(answer, Refusal)]
        assert "in the way" in refused
        assert [answer is not refused for answer in answers] == [state == "approved" for state in states]
        admin.call("dealer.contract", "action_cancel", pair)
    assert outcomes == [["approved", "review"]] * ROUNDS


def test_one_settlement(race):
    servers, connection = race
    people = People(servers)
    admin = people.admin
    settlers = people.users("dealer_contracts.group_contract_finance", "dealer_contracts.group_contract_custodian")
    admin.call(
        "res.users", "write", [admin.uid], {"group_ids": [(4, people.reference("account.group_account_manager"))]}
    )
    dealer = admin.call("res.partner", "create", [{"name": "Race Rebates", "is_company": True}])[0]
    rebate = {
        "name": "Annual",
        "step_ids": [(0, 0, {"lower": 0, "upper": 10000, "rate": 1}), (0, 0, {"lower": 10000, "rate": 2})],
    }
    contract = admin.call(
        "dealer.contract",
        "create",
        [
            {
                "partner_id": dealer,
                "date_start": "2020-01-01",
                "date_end": "2100-01-01",
                "rebate_ids": [(0, 0, {**rebate, "period": "term"})],
            }
        ],
    )[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dealer_contract SET state = 'in_force' WHERE id = %s", [contract])
        cursor.execute("UPDATE dealer_contract_rebate SET state = 'in_force' WHERE contract_id = %s", [contract])
    [rebate] = admin.call("dealer.contract.rebate", "search", [("contract_id", "=", contract)])
    for number in range(ROUNDS):
        line = {"name": "Goods", "quantity": 1, "price_unit": 5000, "tax_ids": []}
        move = {
            "move_type": "out_invoice",
            "partner_id": dealer,
            "invoice_date": "2025-01-01",
            "invoice_line_ids": [(0, 0, line)],
        }
        invoice = admin.call("account.move", "create", [move])
        admin.call("account.move", "action_post", invoice)
        answers = at_once(
            *(
                lambda settler=settler: settler.call("dealer.contract.rebate", "action_settle", [rebate])
                for settler in settlers
            )
        )
        [refused] = [answer for answer in answers if isinstance(answer, Refusal)]
        assert "nothing to settle" in refused
        found = admin.call(
            "dealer.contract.settlement", "search_read", [("rebate_id", "=", rebate)], ["amount"], order="id"
        )
        # 1 % of the first 10,000, 2 % of what is above.
        assert [settlement["amount"] for settlement in found] == [50, 50, *[100] * number][: number + 1]
