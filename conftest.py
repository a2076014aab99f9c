"""What pytest-odoo leaves open: a logged error fails the test, and a browser test that can't run fails too."""

import logging
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))


class _Errors(logging.Handler):
    """Collects what Odoo logs at level ERROR or higher, in tests and in the server's threads that serve them."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.records = []

    def emit(self, record):
        self.records.append(self.format(record))

    def take(self):
        records, self.records = self.records, []
        return records


_errors = _Errors()


@pytest.fixture(scope="session", autouse=True)
def _patience(load_registry):
    """Give Chromium a minute to start: a busy machine takes longer than the ten seconds that Odoo waits."""
    from odoo.tests import common

    common.CHECK_BROWSER_ITERATIONS = 600
    common.BROWSER_WAIT = common.CHECK_BROWSER_SLEEP * common.CHECK_BROWSER_ITERATIONS


@pytest.fixture(scope="session", autouse=True)
def _collect_logged_errors(load_registry):
    """Listen once Odoo has set up its logging."""
    logging.getLogger().addHandler(_errors)
    yield
    logging.getLogger().removeHandler(_errors)


@pytest.fixture(scope="session", autouse=True)
def _own_files(load_registry):
    """Give each process of pytest-xdist a filestore of its own; pytest-odoo has them share one with their databases.

    Contents of files name them, so a test that spoils a stored file would spoil it for a test of another process.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    from odoo.tests.common import get_db_name
    from odoo.tools import config

    import database

    name = get_db_name()
    own = database.filestore(name)
    database.copy_files(config.filestore(name), own)
    config.filestore.return_value = str(own)
    yield
    shutil.rmtree(own, ignore_errors=True)


def pytest_itemcollected(item):
    """Keep the tests of a file together on one process of pytest-xdist, but for the long ones that share nothing."""
    together = item.nodeid if item.path.name == "test_install.py" else item.location[0]
    item.add_marker(pytest.mark.xdist_group(together))


def pytest_pycollect_makeitem(collector, name, obj):
    """Give test cases outside of addons the tags that Odoo gives to those inside.

    Odoo's own classes, which tests import by name, are left alone: what inherits from them would inherit the tags.
    """
    if not isinstance(obj, type) or obj.__module__.startswith("odoo."):
        return
    if hasattr(obj, "get_method_additional_tags") and not hasattr(obj, "test_tags"):
        obj.test_tags = {"standard", "post_install"}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    logged = _errors.take()
    if report.passed and logged:
        report.outcome = "failed"
        report.longrepr = "Logged during this test ({}):\n{}".format(report.when, "\n".join(logged))
    elif report.skipped and _needs_browser(item) and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"A browser test may not be skipped: {report.longrepr[-1]}"


def _needs_browser(item):
    from odoo.tests import HttpCase

    return issubclass(getattr(item, "cls", None) or object, HttpCase)
