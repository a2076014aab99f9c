"""Odoo servers on a copy of the suite's database, and people who do things there at the same moment."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

import database
import environment
import odoo_source
import postgres
import test_command


@contextlib.contextmanager
def suite_copy(suffix):
    """A copy of the suite's database, by its name, that is dropped afterwards."""
    databases = database.Databases(environment.Environment(odoo_source.find(), postgres.connection()))
    name = test_command.database_of_run(suffix)
    databases.drop(name)
    databases.copy(test_command.suite_template(databases), name)
    try:
        yield name
    finally:
        databases.drop(name)


@contextlib.contextmanager
def two_servers(name):
    """Two servers on one database, from when both answer."""
    servers = [Server(name), Server(name)]
    try:
        for server in servers:
            server.wait()
        yield servers
    finally:
        for server in servers:
            server.stop()


class Refusal(str):
    """What a server said instead of doing what it was asked for."""


def at_once(*calls):
    """Make calls at the same moment; return in order what each returned, or its Refusal."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except AssertionError as refused:
            return Refusal(refused)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


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
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            # The second signal ends it at once, whatever it is still waiting for.
            self.process.terminate()
            self.process.wait(30)
        finally:
            self.log.close()


class Session:
    """A user logged in on a server."""

    timeout = 60

    def __init__(self, server, login):
        self.url = server.url
        self.http = requests.Session()
        params = {"db": server.name, "login": login, "password": login}
        self.uid = self._post("/web/session/authenticate", params)["uid"]

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        answer = self.http.post(self.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=self.timeout).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]
