"""./odoo: Odoo's own command line, on the suite, our data folder and our PostgreSQL."""

import os

import environment


def main(arguments):
    """Replace this process by Odoo's. The settings travel in variables, so every subcommand takes them as they are."""
    with environment.alone():
        environment.prepare()
    os.environ.setdefault("ODOO_WORKERS", "0")
    python = str(environment.PYTHON)
    os.execv(python, [python, "-m", "odoo", *arguments])
