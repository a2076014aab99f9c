"""Odoo processes that do nothing but scheduled actions, and are killed; for the tests that say what goes on then."""

import contextlib
import signal
import subprocess
import sys
import time

import environment
import postgres


class Scheduler:
    """An Odoo process of its own that does nothing but the scheduled actions of one database."""

    def __init__(self, databases, name):
        self.databases = databases
        self.name = name
        self.log = (environment.LOGS / f"test-scheduler-{name}.log").open("a")
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
