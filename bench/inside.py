"""The steps of the benchmark that need Odoo: fill a database, set it up, measure. Started by __main__.py."""

import argparse
import sys
import time

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry

import check
import complaints
import configure
import generate
import measure

STARTED = time.monotonic()


def say(text):
    print(f"  {time.monotonic() - STARTED:5.0f} s  {text}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    fill = commands.add_parser("generate")
    fill.add_argument("database")
    fill.add_argument("customers", type=int)
    for command in ("fill-complaints", "measure-complaints"):
        own = commands.add_parser(command)
        own.add_argument("database")
        own.add_argument("number", type=int, help="of complaints, or of rounds")
    setup = commands.add_parser("configure")
    setup.add_argument("side", choices=configure.SIDES)
    setup.add_argument("database")
    measurement = commands.add_parser("measure")
    measurement.add_argument("sides", nargs="+", help="side=database")
    measurement.add_argument("--customers", type=int)
    measurement.add_argument("--rounds", type=int)
    measurement.add_argument("--bulk-rounds", type=int)
    measurement.add_argument("--only")
    measurement.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    # Autovacuum and statistics are left to PostgreSQL; Odoo's own jobs don't run here.
    odoo.tools.config.parse_config(["--no-http", "--max-cron-threads=0", "--log-level=warn"], setup_logging=True)
    if options.command == "measure":
        sides = dict(side.split("=", 1) for side in options.sides)
        return measure.main(sides, options)
    if options.command == "measure-complaints":
        complaints.measure(options.database, options.number)
        return 0
    with Registry(options.database).cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        if options.command == "fill-complaints":
            complaints.fill(env, options.number, say)
            return 0
        if options.command == "configure":
            configure.SIDES[options.side](env)
            return 0
        generate.generate(env, options.customers, say)
        cursor.commit()
        problems = check.check(env, options.customers, say)
    for problem in problems[:40]:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
