"""C6: two server processes that confirm at the same moment never both use the same remaining limit."""

from functools import partial

import pytest

from servers import Refusal, at_once, suite_copy, two_servers

ROUNDS, GROUP_ROUNDS = 50, 15
LIMIT, ORDER = 1000.0, 800.0
FIELDS = ["state", "hold_state"]
ONE_OF_TWO = [("draft", "held"), ("sale", "clear")]


@pytest.fixture(scope="module")
def servers():
    with suite_copy("race") as name, two_servers(name) as started:
        yield started


@pytest.fixture(scope="module")
def race(servers):
    return Race(servers)


class Race:
    """Two salespeople, each on a server of their own, in a company that holds orders."""

    def __init__(self, servers):
        self.admin = servers[0].login("admin")
        for login in ("race_one", "race_two"):
            groups = [(4, self._group("sales_team.group_sale_salesman_all_leads"))]
            values = {"name": login, "login": login, "password": login, "group_ids": groups}
            self.admin.call("res.users", "create", [values])
        self.salesmen = [server.login(login) for server, login in zip(servers, ("race_one", "race_two"), strict=True)]
        manager = [(4, self._group("customer_credit.group_credit_manager"))]
        self.admin.call("res.users", "write", [self.admin.uid], {"group_ids": manager})
        self.company = self.admin.call("res.users", "read", [self.admin.uid], ["company_id"])[0]["company_id"][0]
        self.admin.call("res.company", "write", [self.company], {"credit_mode": "hold"})
        product = {"name": "Race", "type": "service", "taxes_id": []}
        self.product = self.admin.call("product.product", "create", [product])[0]

    def _group(self, xmlid):
        return self.admin.call("ir.model.data", "check_object_reference", *xmlid.split("."))[1]

    def customers(self, count, **account):
        """Make customers that have a credit account of these values."""
        values = [{"name": f"Dealer {number}", "is_company": True} for number in range(count)]
        customers = self.admin.call("res.partner", "create", values)
        self.admin.call("credit.account", "create", [{"partner_id": customer, **account} for customer in customers])
        return customers

    def orders(self, customers):
        """Make one order for each customer."""
        line = {"product_id": self.product, "product_uom_qty": 1, "price_unit": ORDER, "tax_ids": []}
        values = [{"partner_id": customer, "order_line": [(0, 0, line)]} for customer in customers]
        return self.admin.call("sale.order", "create", values)

    def confirm(self, *shares):
        """Have each salesperson confirm a share of the orders at the same moment; return what became of each order."""
        answers = at_once(
            *(
                partial(salesman.call, "sale.order", "action_confirm", orders)
                for salesman, orders in zip(self.salesmen, shares, strict=True)
            )
        )
        assert not any(isinstance(answer, Refusal) for answer in answers), answers
        return [
            [(order["state"], order["hold_state"]) for order in self.admin.call("sale.order", "read", orders, FIELDS)]
            for orders in shares
        ]


def test_one_remaining_limit(race):
    customers = race.customers(ROUNDS, mode="amount", credit_limit=LIMIT)
    orders = race.orders(customer for customer in customers for _salesman in race.salesmen)
    outcomes = []
    for number in range(ROUNDS):
        first, second = race.confirm([orders[2 * number]], [orders[2 * number + 1]])
        outcomes.append(sorted(first + second))
    assert outcomes == [ONE_OF_TWO] * ROUNDS
    exposures = race.admin.call("res.partner", "read", customers, ["credit_exposure"])
    assert {partner["credit_exposure"] for partner in exposures} == {ORDER}


def test_one_remaining_limit_of_a_group(race):
    """Different customers of two groups, in opposite order: neither limit is used twice, and nobody waits for ever."""
    customers = race.customers(4 * GROUP_ROUNDS, mode="unlimited")
    orders = race.orders(customers)
    accounts = race.admin.call("credit.account", "search", [("partner_id", "in", customers)], order="id")
    outcomes, groups = [], []
    for number in range(GROUP_ROUNDS):
        start = 4 * number
        groups += race.admin.call(
            "credit.group",
            "create",
            [
                {
                    "name": f"Group {name}",
                    "credit_limit": LIMIT,
                    "account_ids": [(6, 0, accounts[start + at : start + at + 2])],
                }
                for name, at in (("one", 0), ("two", 2))
            ],
        )
        one, two, three, four = orders[start : start + 4]
        first, second = race.confirm([one, three], [four, two])
        outcomes.append((sorted([first[0], second[1]]), sorted([first[1], second[0]])))
    assert outcomes == [(ONE_OF_TWO, ONE_OF_TWO)] * GROUP_ROUNDS
    used = race.admin.call("credit.group", "read", groups, ["exposure"])
    assert {group["exposure"] for group in used} == {ORDER}


def test_one_remaining_ceiling(race):
    """Customers that have nothing in common but the company."""
    customers = race.customers(2 * GROUP_ROUNDS, mode="unlimited")
    orders = race.orders(customers)
    account = race.admin.call("credit.account", "search", [("partner_id", "=", customers[0])])
    ceiling = {"credit_has_ceiling": True, "credit_ceiling": 1}
    race.admin.call("res.company", "write", [race.company], ceiling)
    try:
        outcomes = []
        for number in range(GROUP_ROUNDS):
            picture = race.admin.call("credit.account", "read", account, ["picture"])[0]["picture"]
            used = picture["collectives"][0]["used"]
            race.admin.call("res.company", "write", [race.company], {"credit_ceiling": used + LIMIT})
            first, second = race.confirm([orders[2 * number]], [orders[2 * number + 1]])
            outcomes.append(sorted(first + second))
    finally:
        race.admin.call("res.company", "write", [race.company], {"credit_has_ceiling": False})
    assert outcomes == [ONE_OF_TWO] * GROUP_ROUNDS
