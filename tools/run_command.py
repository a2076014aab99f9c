"""./run: a database with the suite and its demo company, and the server on it."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import database
import environment
from console import ROOT, SetupError, say

LANGUAGES = ("zh_CN", "en_US")
DEMO = ROOT / "demo" / "load.py"
LOAD = Path(__file__).resolve().parent / "inside" / "load_demo.py"


def parser():
    """The command line of ./run; kept free of anything that is not on every machine."""
    options = argparse.ArgumentParser(
        prog="./run",
        description="Start Odoo 19 with the suite, on a database with a demo company.",
        epilog="The first start prepares what is missing in .odoo/; later ones take seconds.",
    )
    options.add_argument("--init-only", action="store_true", help="prepare everything, do not start the server")
    options.add_argument("--db", default="dealer", metavar="NAME", help="database (default: dealer)")
    options.add_argument("--port", type=int, default=8069, metavar="N", help="port of the server (default: 8069)")
    options.add_argument("--addons", metavar="A,B", help="install only these addons and what they need (default: all)")
    options.add_argument("--lang", choices=LANGUAGES, help="language of the users (default: the system's)")
    options.add_argument("--no-demo", action="store_true", help="no demo company: an empty database, login admin/admin")
    return options


def check(options):
    """Refuse what can't work before anything is downloaded."""
    if not options.db.replace("_", "").replace("-", "").isalnum() or options.db.startswith("-"):
        raise SetupError(f"{options.db!r} is no good name for a database: letters, digits, _ and - only.")
    if not options.init_only:
        _check_port(options.port)
    for addon in _names(options.addons):
        if not (database.ADDONS / addon / "__manifest__.py").exists():
            raise SetupError(f"There is no addon {addon!r} in addons/. There are: {', '.join(database.suite())}")


def main(options):
    started = time.monotonic()
    with environment.alone():
        ready = environment.prepare()
        databases = database.Databases(ready)
        if databases.exists(options.db):
            _bring_up_to_date(databases, options)
        else:
            _create(databases, options)
    say(f"Database {options.db} is ready ({time.monotonic() - started:.0f} s)")
    if options.init_only:
        return 0
    return _serve(options)


# The database


def _create(databases, options):
    """Build the database under another name, so that an interrupted start leaves no half of it."""
    addons = _names(options.addons) or database.suite()
    building = f"{options.db}_building"
    databases.drop(building)
    databases.install(
        building,
        addons or ["base"],
        languages=["zh_CN"],
        title="Installing Odoo and the suite",
        log=environment.LOGS / f"install-{options.db}.log",
    )
    with_demo = not options.no_demo and DEMO.exists()
    logins = _inside(building, load=with_demo, lang=options.lang or _system_language())
    databases.generate_assets(building)
    databases.rename(building, options.db)
    _remember(options.db, {"addons": {name: database.fingerprint([name]) for name in addons}, "logins": logins})


def _bring_up_to_date(databases, options):
    """Install addons that are missing in an existing database and update those whose files changed."""
    state = _recall(options.db)
    installed = databases.installed(options.db)
    if not installed:
        raise SetupError(f"The database {options.db} exists but Odoo is not in it. Name another one with --db.")
    suite = set(database.suite())
    wanted = set(_names(options.addons)) or (suite if state else set())
    missing = wanted - installed
    prints = {name: database.fingerprint([name]) for name in (wanted | installed) & suite}
    changed = {name for name in installed & suite if state and state["addons"].get(name) != prints[name]}
    if missing or changed:
        databases.install(
            options.db,
            missing,
            update=changed,
            title=f"Updating {', '.join(sorted(missing | changed))}",
            log=environment.LOGS / f"install-{options.db}.log",
        )
    if options.lang:
        _inside(options.db, load=False, lang=options.lang)
    if state:
        _remember(options.db, {**state, "addons": prints})


def _inside(name, load, lang):
    """Set the users' language and, if asked, load the demo company, in a process with Odoo; return the logins."""
    log = environment.LOGS / f"demo-{name}.log"
    answer = environment.DATA / f"{name}.logins.json"
    command = [environment.PYTHON, LOAD, name, answer, "--lang", lang, *(["--demo", DEMO] if load else [])]
    done = subprocess.run([str(part) for part in command], env={**os.environ, "ODOO_LOGFILE": str(log)})
    if done.returncode:
        raise SetupError(f"The demo company could not be loaded; the log is {log}")
    logins = json.loads(answer.read_text())
    answer.unlink()
    return logins


def _system_language():
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh_CN" if named.startswith("zh") else "en_US"


def _state_file(name):
    return environment.DATA / f"{name}.json"


def _remember(name, state):
    _state_file(name).write_text(json.dumps(state, indent=1))


def _recall(name):
    """What ./run knows of a database that it made, else None."""
    return json.loads(_state_file(name).read_text()) if _state_file(name).exists() else None


def _names(text):
    return [name.strip() for name in (text or "").split(",") if name.strip()]


# The server


def _check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except (OSError, OverflowError) as error:
            raise SetupError(f"Port {port} is not to be had ({error}). Name another one: ./run --port 8070") from error


def _serve(options):
    log = environment.LOGS / f"server-{options.db}.log"
    command = [
        environment.PYTHON,
        "-m",
        "odoo",
        "-d",
        options.db,
        f"--db-filter=^{options.db}$",
        f"--http-port={options.port}",
        "--workers=0",
        "--max-cron-threads=1",
        f"--logfile={log}",
    ]
    log.write_text("")
    server = subprocess.Popen([str(part) for part in command], cwd=str(ROOT))
    # Both signals reach the server, which then ends in an orderly way, and we end with it.
    signal.signal(signal.SIGTERM, lambda *_arguments: server.terminate())
    address = f"http://localhost:{options.port}"
    try:
        _wait_until_it_answers(server, address, log)
        _greet(options, address, log)
        return server.wait()
    except KeyboardInterrupt:
        server.send_signal(signal.SIGINT)
        server.wait()
        return 0
    finally:
        if server.poll() is None:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)


def _wait_until_it_answers(server, address, log, seconds=180):
    say("Starting the server \N{HORIZONTAL ELLIPSIS}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/web/login", timeout=60) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise SetupError(f"The server does not answer; its log is {log}\n{tail}")


def _greet(options, address, log):
    state = _recall(options.db)
    print(f"\n  {address}    (log: {log.relative_to(ROOT)}; stop with Ctrl+C)\n", flush=True)
    if state is None:
        return
    rows = [("Login", "Password", ""), *state["logins"]]
    widths = [max(len(str(row[column])) for row in rows) for column in (0, 1)]
    for login, password, role in rows:
        print(f"  {login:{widths[0]}}  {password:{widths[1]}}  {role}", flush=True)
    print(flush=True)
