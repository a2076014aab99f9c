"""Benchmarks beside Odoo core and the OCA: prepare the databases, then measure. See README.md."""

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import bootstrap  # noqa: E402
import environment  # noqa: E402
import postgres  # noqa: E402
from console import ROOT, WORK, SetupError, Step, run, say  # noqa: E402

OCA = {"odoo-addon-account-financial-risk": "19.0.1.0.0.6", "odoo-addon-sale-financial-risk": "19.0.1.0.1"}
OCA_FOLDER = WORK / "bench" / "oca"
# What is measured, as far as it is in this checkout.
ADDONS = [
    name for name in ("customer_credit", "customer_scorecard", "customer_tiering", "sales_warning")
    if (ROOT / "addons" / name / "__manifest__.py").exists()
]
# What every database has, so that the same screens are compared; the OCA's addons need contacts.
CORE = ("sale_management", "sale_margin", "account", "contacts")


def parser():
    options = argparse.ArgumentParser(prog="python3 bench", description=__doc__)
    commands = options.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="create the databases: Odoo alone, with the suite, with the OCA's addons")
    measure = commands.add_parser("run", help="measure on the databases that prepare made, and print a table")
    remove = commands.add_parser("drop", help="drop the databases")
    for command in (prepare, measure, remove):
        command.add_argument("--customers", type=int, default=2000, metavar="N", help="2000 (default), 20000 or 100000")
        command.add_argument("--prefix", default="bench", help="how the names of the databases begin (default: bench)")
    for command in (prepare, measure):
        command.add_argument("--without-oca", action="store_true", help="leave the OCA's addons out")
    prepare.add_argument("--addons", default=",".join(ADDONS), help=f"what is measured (default: {', '.join(ADDONS)}, and what they need)")
    prepare.add_argument("--again", metavar="SIDE", choices=("suite", "oca"), help="make only this database again, as a copy of Odoo alone")
    measure.add_argument("--rounds", type=int, default=100, help="paired rounds of what takes milliseconds (default: 100)")
    measure.add_argument("--bulk-rounds", type=int, default=15, help="paired rounds over all customers (default: 15)")
    measure.add_argument("--only", default="", metavar="A,B", help="confirm, exposure, search, list, scoring, tiering, simulation, night")
    measure.add_argument("--profile", action="store_true", help="show where the time of confirming goes, instead of measuring")
    return options


def main(options):
    if not bootstrap.inside():
        with environment.alone():
            bootstrap.prepare("requirements.txt")
        python = str(bootstrap.VENV / "bin" / "python")
        sys.stdout.flush()
        os.execv(python, [python, str(HERE), *sys.argv[1:]])
    with environment.alone():
        ready = environment.prepare()
    import database
    databases = database.Databases(ready)
    names = {side: f"{options.prefix}_{side}_{options.customers}" for side in ("plain", "suite", "oca")}
    if options.command == "drop":
        for name in names.values():
            databases.drop(name)
        return 0
    if options.without_oca:
        del names["oca"]
    if options.command == "prepare":
        return _prepare(databases, options, names)
    missing = [name for name in names.values() if not databases.exists(name)]
    if missing:
        raise SetupError(f"Run first: python3 bench prepare --customers {options.customers} (missing: {', '.join(missing)})")
    return _inside(ready, [
        "measure", *(f"{side}={name}" for side, name in names.items()), "--customers", options.customers, "--rounds", options.rounds,
        "--bulk-rounds", options.bulk_rounds, "--only", options.only, *(["--profile"] if options.profile else []),
    ])


def _prepare(databases, options, names):
    import database
    addons = [name.strip() for name in options.addons.split(",")]
    core = [name for name in database.closure(databases.environment, [*addons, *CORE]) if not (environment.ADDONS / name).is_dir()]
    if not options.again:
        template = databases.template(core)
        with Step(f"Filling {names['plain']}"):
            databases.drop(names["plain"])
            databases.copy(template, names["plain"])
            _inside(databases.environment, ["generate", names["plain"], options.customers])
    if options.again in (None, "suite"):
        databases.drop(names["suite"])
        databases.copy(names["plain"], names["suite"])
        databases.install(names["suite"], addons, title=f"Installing {', '.join(addons)}")
        _inside(databases.environment, ["configure", "suite", names["suite"]])
    if options.again in (None, "oca") and "oca" in names:
        _fetch_oca()
        databases.drop(names["oca"])
        databases.copy(names["plain"], names["oca"])
        _add_oca(databases.environment)
        databases.install(names["oca"], ["sale_financial_risk"], title="Installing the OCA's addons")
        _inside(databases.environment, ["configure", "oca", names["oca"]])
    for side, name in names.items():
        if (not options.again or side == options.again) and databases.exists(name):
            with Step(f"Vacuuming {name}"):
                _vacuum(databases.environment.server, name)
    say("Ready; the databases are " + ", ".join(name for name in names.values() if databases.exists(name)))
    return 0


def _vacuum(server, name):
    """What autovacuum would have done by the time a database has got so large."""
    with contextlib.closing(postgres.connect(server, name)) as opened, opened.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fetch_oca():
    """The OCA's addons (AGPL) live in a folder of their own; only the databases of the benchmark see them."""
    marker = OCA_FOLDER / ("_".join(OCA.values()) + ".complete")
    if not marker.exists():
        with Step("Fetching the OCA's addons from PyPI"):
            pip = bootstrap.VENV / "bin" / "pip"
            packages = [f"{name}=={version}" for name, version in OCA.items()]
            run([pip, "install", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target", OCA_FOLDER, *packages])
        marker.touch()


def _add_oca(ready):
    path = str(OCA_FOLDER / "odoo" / "addons")
    if path not in ready.variables["ODOO_ADDONS_PATH"].split(","):
        ready.variables["ODOO_ADDONS_PATH"] += f",{path}"
        ready.apply()


def _inside(ready, arguments):
    """Run one step in a process with Odoo."""
    if any(str(argument).startswith("oca") for argument in arguments):
        _add_oca(ready)
    done = subprocess.run([str(environment.PYTHON), str(HERE / "inside.py"), *map(str, arguments)], cwd=ROOT)
    if done.returncode:
        raise SetupError("This step failed: " + " ".join(map(str, arguments)))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(parser().parse_args()))
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
