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

ROUNDS = 50
LIMIT, ORDER = 1000.0, 800.0


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


def test_one_remaining_limit(servers):
    admin = servers[0].login("admin")

    def group(xmlid):
        return admin.call("ir.model.data", "check_object_reference", *xmlid.split("."))[1]

    for login in ("race_one", "race_two"):
        groups = [(4, group("sales_team.group_sale_salesman_all_leads"))]
        admin.call("res.users", "create", [{"name": login, "login": login, "password": login, "group_ids": groups}])
    salesmen = [server.login(login) for server, login in zip(servers, ("race_one", "race_two"), strict=True)]
    admin.call("res.users", "write", [admin.uid], {"group_ids": [(4, group("customer_credit.group_credit_manager"))]})
    company = admin.call("res.users", "read", [admin.uid], ["company_id"])[0]["company_id"]
    admin.call("res.company", "write", company[:1], {"credit_mode": "hold"})
    product = admin.call("product.product", "create", [{"name": "Race", "type": "service", "taxes_id": []}])[0]
    customers = admin.call(
        "res.partner", "create", [{"name": f"Dealer {number}", "is_company": True} for number in range(ROUNDS)]
    )
    admin.call(
        "credit.account",
        "create",
        [{"partner_id": customer, "mode": "amount", "credit_limit": LIMIT} for customer in customers],
    )
    line = {"product_id": product, "product_uom_qty": 1, "price_unit": ORDER, "tax_ids": []}
    orders = admin.call(
        "sale.order",
        "create",
        [{"partner_id": customer, "order_line": [(0, 0, line)]} for customer in customers for _salesman in salesmen],
    )

    outcomes = []
    for number in range(ROUNDS):
        pair = orders[2 * number : 2 * number + 2]
        barrier = threading.Barrier(2)
        answers = []

        def confirm(salesman, order, barrier=barrier, answers=answers):
            barrier.wait()
            answers.append(salesman.call("sale.order", "action_confirm", [order]))

        threads = [
            threading.Thread(target=confirm, args=(salesman, order))
            for salesman, order in zip(salesmen, pair, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
        found = admin.call("sale.order", "read", pair, ["state", "hold_state"])
        outcomes.append(sorted((order["state"], order["hold_state"]) for order in found))
    assert outcomes == [[("draft", "held"), ("sale", "clear")]] * ROUNDS
    exposures = admin.call("res.partner", "read", customers, ["credit_exposure"])
    assert {partner["credit_exposure"] for partner in exposures} == {ORDER}
