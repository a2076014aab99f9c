"""What ./run, ./test and ./odoo stand on: Odoo's source, a database server, and the variables that name them."""

import contextlib
import fcntl
import os
import sysconfig
from pathlib import Path

import odoo_source
import postgres
import system
from console import ROOT, WORK, say

ADDONS = ROOT / "addons"
DATA = WORK / "data"
LOGS = WORK / "logs"
PYTHON = WORK / "venv" / "bin" / "python"


class Environment:
    """A prepared machine: ``source`` of Odoo, ``server`` settings, ``variables`` for Odoo and PostgreSQL's programs."""

    def __init__(self, source, server):
        self.source = source
        self.server = server
        self.variables = {
            **postgres.environment(server),
            # Odoo reads its options from variables too; they win over odoo.conf and lose against the command line.
            "ODOO_RC": str(ROOT / "odoo.conf"),
            "ODOO_DATA_DIR": str(DATA),
            "ODOO_ADDONS_PATH": ",".join(self.addons_path()),
            "PYTHONUNBUFFERED": "1",
        }

    def addons_path(self):
        """The folders of addons, ours first. Odoo warns about an empty folder, so ours is left out while it is."""
        paths = [ADDONS, *self.source.addons]
        return [str(path) for path in paths if any(path.glob("*/__manifest__.py"))]

    def apply(self):
        """Put the variables into this process, so that everything it starts inherits them."""
        for name in ("PGDATABASE", "PGSERVICE", "OPENERP_SERVER"):
            os.environ.pop(name, None)
        os.environ.update(self.variables)


@contextlib.contextmanager
def alone():
    """Hold the work folder's lock: two commands started together prepare one after the other."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Waiting for another command that prepares this folder")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(browser=False):
    """Make everything ready that an Odoo process needs and return the Environment. Runs in the virtual environment."""
    for folder in (DATA, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    system.require(system.RUNTIME, needed=False)
    if browser:
        system.require(system.BROWSER)
    source = odoo_source.find()
    _point_to(source)
    environment = Environment(source, postgres.connection())
    environment.apply()
    return environment


def _point_to(source):
    """Put Odoo's source on the path of the virtual environment."""
    pointer = Path(sysconfig.get_paths()["purelib"]) / "odoo-source.pth"
    line = f"{source.python_path}\n"
    if not pointer.exists() or pointer.read_text() != line:
        pointer.write_text(line)
