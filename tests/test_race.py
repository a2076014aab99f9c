"""C6: two server processes that confirm at the same moment never both use the same remaining limit."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

import database
import environment
import odoo_source
import postgres
import test_command

ROUNDS, GROUP_ROUNDS = 50, 15
LIMIT, ORDER = 1000.0, 800.0
FIELDS = ["state", "hold_state"]
ONE_OF_TWO = [("draft", "held"), ("sale", "clear")]


class Server:
    """An Odoo server process of its own, on a free port, and RPC to it."""

    def __init__(self, name):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.log = (environment.LOGS / f"test-race-{port}.log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "odoo",
                "-d",
                name,
                f"--db-filter=^{name}$",
                f"--http-port={port}",
                "--http-interface=127.0.0.1",
                "--max-cron-threads=0",
                "--workers=0",
                "--log-level=info",
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def wait(self):
        for _attempt in range(300):
            try:
                requests.get(f"{self.url}/web/health", timeout=5).raise_for_status()
                return
            except OSError:
                assert self.process.poll() is None, f"the server ended: {self.log.name}"
                time.sleep(0.2)
        raise AssertionError(f"the server doesn't answer: {self.log.name}")

    def login(self, login):
        return Session(self, login)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


class Session:
    """A user logged in on a server."""

    def __init__(self, server, login):
        self.url = server.url
        self.http = requests.Session()
        params = {"db": server.name, "login": login, "password": login}
        self.uid = self._post("/web/session/authenticate", params)["uid"]

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        answer = self.http.post(self.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=60).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]


@pytest.fixture(scope="module")
def servers():
    """Two servers on one copy of the suite's database."""
    databases = database.Databases(environment.Environment(odoo_source.find(), postgres.connection()))
    name = f"{os.environ.get('DEALER_TEST_RUN', f'dealer_test_{os.getpid()}')}_race"
    databases.drop(name)
    databases.copy(test_command.suite_template(databases), name)
    started = [Server(name), Server(name)]
    try:
        for server in started:
            server.wait()
        yield started
    finally:
        for server in started:
            server.stop()
        databases.drop(name)


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
        barrier = threading.Barrier(2)
        answers = []

        def confirm(salesman, orders):
            barrier.wait()
            answers.append(salesman.call("sale.order", "action_confirm", orders))

        threads = [
            threading.Thread(target=confirm, args=(salesman, orders))
            for salesman, orders in zip(self.salesmen, shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
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
