"""./test --odoo: Odoo's own tests with the suite; what fails is run again without it, and counts if it passes then."""

import os
import xml.etree.ElementTree as ElementTree

import database
import environment
import test_command
from console import ROOT, WORK, SetupError, say

# Whole addons, and of accounting what has to do with customers, invoices, payments and their terms.
SELECTION = (
    "sale",
    "portal",
    "payment",
    "account_payment",
    "account/test_account_partner.py",
    "account/test_res_partner_merge.py",
    "account/test_payment_term.py",
    "account/test_account_payment.py",
    "account/test_account_payment_register.py",
    "account/test_account_move_out_invoice.py",
    "account/test_account_move_out_refund.py",
    "account/test_account_move_entry.py",
    "account/test_portal_invoice.py",
)
RESULTS = WORK / "core-tests"


def main(arguments):
    """Run ``arguments`` (addons of Odoo or files such as sale/test_credit_limit.py, then options of pytest).

    Returns 1 when a test fails with the suite that passes on a database with the same modules of Odoo alone.
    """
    split = next((number for number, argument in enumerate(arguments) if argument.startswith("-")), len(arguments))
    selection, options = arguments[:split] or list(SELECTION), arguments[split:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    with environment.alone():
        ready = environment.prepare(browser=True)
        databases = database.Databases(ready)
        with_suite = test_command.suite_template(databases)
        ours = set(database.suite())
        core = sorted(database.closure(ready, [*test_command.BESIDE, *ours]) - ours)
        without = databases.template(core, languages=["zh_CN"])
    test_command.drop_left_behind(databases)
    folder, paths = _paths(ready, selection)
    say("Odoo's own tests with the suite")
    report = RESULTS / "with.xml"
    _run(databases, with_suite, folder, paths, options, report)
    outcomes = _outcomes(report)
    failed = [name for name, outcome in outcomes.items() if outcome == "failed"]
    without_suite = {}
    if failed:
        say(f"{len(failed)} of them failed; the same without the suite")
        report = RESULTS / "without.xml"
        _run(databases, without, folder, [_node(folder, name) for name in failed], [], report)
        without_suite = _outcomes(report)
    return _compare(outcomes, failed, without_suite)


def _paths(ready, selection):
    """The folder of Odoo's addons and the paths of the tests selected."""
    folder = next(path for path in ready.source.addons if (path / "sale").is_dir())
    paths = []
    for name in selection:
        addon, _slash, file = name.partition("/")
        path = folder / addon / "tests" / file
        if not path.exists():
            raise SetupError(f"Odoo has no tests {path}")
        paths.append(path)
    return folder, paths


def _node(folder, name):
    """The path of a test as pytest takes it, of its name in a report: addon.tests.file.Class.method."""
    *modules, case, method = name.split(".")
    return f"{folder.joinpath(*modules)}.py::{case}::{method}"


def _run(databases, template, folder, paths, options, report):
    name = f"dealer_test_{os.getpid()}_core"
    databases.drop(name)
    databases.copy(template, name)
    unfinished = report.with_suffix(".part")
    log = environment.LOGS / f"core-tests-{report.stem.partition('-')[0]}.log"
    try:
        code = test_command.pytest(
            name,
            [
                "-q",
                "--tb=line",
                "--no-header",
                "-p",
                "conftest",
                f"--confcutdir={folder}",
                f"--junitxml={unfinished}",
                *options,
                *paths,
            ],
            log,
            {"PYTHONPATH": str(ROOT)},
        )
    finally:
        databases.drop(name)
    if code not in (0, 1) or not unfinished.exists():
        raise SetupError(f"pytest was interrupted or did not come to its end; Odoo's log is {log}")
    unfinished.rename(report)


def _outcomes(report):
    """{name of the test: passed, failed or skipped} of a JUnit report."""
    outcomes = {}
    for case in ElementTree.parse(str(report)).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        name = f"{case.get('classname').rpartition('addons.')[2]}.{case.get('name')}"
        # A test that passes and whose teardown fails is reported twice.
        outcomes[name] = "failed" if "failed" in (outcome, outcomes.get(name)) else outcome
    return outcomes


def _compare(outcomes, failed, without_suite):
    both = sorted(name for name in failed if without_suite.get(name) == "failed")
    worse = sorted(set(failed) - set(both))
    print()
    for title, names in (("These fail without the suite too", both), ("These fail only with the suite", worse)):
        if names:
            print(f"{title}:\n" + "\n".join(f"  {name}" for name in names))
    passed = sum(1 for outcome in outcomes.values() if outcome == "passed")
    say(
        f"Odoo's own tests with the suite: {passed} of {len(outcomes)} passed, {len(both)} fail without it too, "
        f"{len(worse)} fail because of it"
    )
    return 1 if worse or not passed else 0
