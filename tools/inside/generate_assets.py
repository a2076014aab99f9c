"""Generate the bundles of scripts and styles of a database, so that no page has to wait for them."""

import sys

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry


def main(database):
    odoo.tools.config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(database).cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        env["ir.qweb"]._pregenerate_assets_bundles()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
