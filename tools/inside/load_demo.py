"""Load the demo company into a database and set the language of its users; runs in a process with Odoo."""

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry


def main():
    options = argparse.ArgumentParser()
    options.add_argument("database")
    options.add_argument("logins", type=Path, help="the file to write the logins to")
    options.add_argument("--lang", required=True)
    options.add_argument("--demo", help="the file with the function load(env, say)")
    options = options.parse_args()
    odoo.tools.config.parse_config(["-d", options.database, "--no-http", "--log-level=warn"], setup_logging=True)
    registry = Registry(options.database)
    with registry.cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {"lang": options.lang})
        logins = [("admin", "admin", "Administrator")]
        if options.demo:
            started = time.monotonic()
            say("Loading the demo company \N{HORIZONTAL ELLIPSIS}")
            demo = module_of(options.demo)
            demo.load(env, say)
            logins = demo.LOGINS
            say(f"Loading the demo company: done in {time.monotonic() - started:.0f} s")
        users = env["res.users"].with_context(active_test=False).search([])
        users.partner_id.lang = options.lang
        env["ir.default"].set("res.partner", "lang", options.lang)
    options.logins.write_text(json.dumps(logins))


def module_of(path):
    """Import a program by its path, with its folder on the path so that it may have parts."""
    folder, _slash, name = path.rpartition("/")
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name.removesuffix(".py"), path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def say(text):
    print(f"\N{BULLET} {text}", flush=True)


if __name__ == "__main__":
    main()
