"""Write FOLDER/<addon>.pot for each of the addons named; runs in a process with Odoo."""

import argparse
import sys
from pathlib import Path

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry
from odoo.tools.translate import trans_export


def main():
    options = argparse.ArgumentParser()
    options.add_argument("database")
    options.add_argument("folder", type=Path)
    options.add_argument("addons", nargs="+")
    options = options.parse_args()
    odoo.tools.config.parse_config(["-d", options.database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(options.database).cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        for addon in options.addons:
            with (options.folder / f"{addon}.pot").open("wb") as stream:
                trans_export(False, [addon], stream, "po", env)


if __name__ == "__main__":
    sys.exit(main())
