"""./test: pytest over the addons and tests/, on a copy of a template database with the whole suite installed."""

import os
import re
import subprocess
import sys

import database
import environment
from console import ROOT, WORK, SetupError, say

HELP = """usage: ./test [--odoo] [ARGS OF PYTEST]

Without arguments, every test of addons/ and tests/ runs, on as many processes as there are cores (up to four).
Examples:
  ./test addons/customer_credit            the tests of one addon
  ./test -k exposure -x                    the tests with this word in their name, up to the first failure
  ./test tests/test_install.py             install, uninstall and reinstall each addon
  ./test --odoo                            Odoo's own tests with the suite and without it (docs/operations.md)
"""
# Odoo's own addons that the suite is tested beside: the sales order with its stock and margin.
BESIDE = ("sale_management", "sale_margin", "sale_stock", "account")
LOG = WORK / "logs" / "test.log"
WORKERS = min(4, os.cpu_count() or 1)
_RUN = re.compile(r"dealer_test_(\d+)([-_].*)?")


def main(arguments):
    if arguments and arguments[0] in ("-h", "--help"):
        print(HELP)
        return 0
    if "--odoo" in arguments:
        import core_tests

        return core_tests.main([argument for argument in arguments if argument != "--odoo"])
    with environment.alone():
        ready = environment.prepare(browser=True)
        databases = database.Databases(ready)
        template = suite_template(databases)
    drop_left_behind(databases)
    name = f"dealer_test_{os.getpid()}"
    databases.copy(template, name)
    failed = pytest(name, arguments or [*side_by_side(), *default_paths()], LOG)
    if failed:
        say(f"Odoo's log: {LOG}. The database {name} is kept until the next ./test (./odoo shell -d {name}).")
        return failed
    databases.drop(name)
    return 0


def suite_template(databases):
    """The template with all addons of the suite, and Chinese loaded, beside Odoo's sales, stock and accounting."""
    return databases.template([*BESIDE, *database.suite()], languages=["zh_CN"], of_suite=True)


def database_of_run(suffix):
    """The name for a further database of this run; whatever is left of it is dropped by the next ./test."""
    run = os.environ.get("DEALER_TEST_RUN", f"dealer_test_{os.getpid()}")
    return "_".join(filter(None, [run, os.environ.get("PYTEST_XDIST_WORKER"), str(suffix)]))


def side_by_side():
    """Options of pytest-xdist: each process takes whole files (conftest.py) and has a copy of the database."""
    return [f"--numprocesses={WORKERS}", "--dist=loadgroup"] if WORKERS > 1 else []


def default_paths():
    paths = [path for path in ("addons", "tests") if any((ROOT / path).rglob("test_*.py"))]
    if not paths:
        raise SetupError("There are no tests in addons/ and tests/.")
    return paths


def drop_left_behind(databases):
    """Drop the databases of test runs that have ended."""
    for name in databases.names():
        run = _RUN.fullmatch(name)
        if run and not os.path.exists(f"/proc/{run[1]}"):
            databases.drop(name)


def pytest(name, arguments, log, variables=None):
    """Run pytest-odoo on a database with its output shown; return pytest's exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    command = [
        sys.executable,
        "-m",
        "pytest",
        f"--odoo-database={name}",
        "--odoo-http",
        "--odoo-log-level=info",
        "--odoo-extra",
        f"logfile={log}",
        "--odoo-extra",
        f"db-filter=^{name}$",
        "--odoo-extra",
        "max-cron-threads=0",
        *arguments,
    ]
    sys.stdout.flush()
    variables = {"DEALER_TEST_RUN": name, **(variables or {})}
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode
