"""Odoo processes that do nothing but scheduled actions, and are killed; for the tests that say what goes on then."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

import database
import environment
import odoo_source
import postgres
import test_command

LOG = "test-scheduler.log"


class Scheduler:
    """An Odoo process of its own that does nothing but the scheduled actions of one database."""

    def __init__(self, databases, name):
        self.databases = databases
        self.name = name
        self.log = (environment.LOGS / LOG).open("a")
        command = [
            "-m",
            "odoo",
            "-d",
            name,
            f"--db-filter=^{name}$",
            "--no-http",
            "--max-cron-threads=1",
            "--workers=0",
        ]
        self.process = subprocess.Popen([sys.executable, *command], stdout=self.log, stderr=subprocess.STDOUT)

    def wait(self, reached, what, timeout=120):
        """Wake the scheduler up, as whatever triggers an action does, until ``reached()`` is true."""
        deadline = time.monotonic() + timeout
        woken = 0
        with contextlib.closing(postgres.connect(self.databases.environment.server)) as opened:
            while not reached():
                assert self.process.poll() is None, f"the process ended: {self.log.name}"
                assert time.monotonic() < deadline, f"{what}: waited in vain; {self.log.name}"
                if time.monotonic() > woken + 0.5:
                    opened.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [self.name])
                    woken = time.monotonic()
                time.sleep(0.001)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(30) == -signal.SIGKILL
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.log.close()


@pytest.fixture
def databases():
    return database.Databases(environment.Environment(odoo_source.find(), postgres.connection()))


@pytest.fixture
def name(databases):
    """A copy of the suite's database."""
    name = f"{os.environ.get('DEALER_TEST_RUN', f'dealer_test_{os.getpid()}')}_run"
    databases.drop(name)
    databases.copy(test_command.suite_template(databases), name)
    (environment.LOGS / LOG).write_text("")
    yield name
    databases.drop(name)


@pytest.fixture
def connection(databases, name):
    with contextlib.closing(postgres.connect(databases.environment.server, name)) as opened:
        yield opened


@pytest.fixture
def scheduler(databases, name):
    """A function that starts a scheduler; the last one is stopped before its database is dropped."""
    started = []

    def start():
        started.append(Scheduler(databases, name))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def shell(name, script, timeout=120):
    done = subprocess.run(
        [sys.executable, "-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=warn"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout[-3000:]
    return done.stdout
