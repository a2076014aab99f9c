"""Databases with their filestores: created, copied, dropped; templates that are built once."""

import ast
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import postgres
from console import SetupError, Step, run, say
from environment import ADDONS, DATA, LOGS, PYTHON

PREFIX = "dealer_template_"
_LOADING = re.compile(r"odoo\.modules\.loading: Loading module (\S+) \((\d+)/(\d+)\)")


class Databases:
    """The databases of an Environment's server."""

    def __init__(self, environment):
        self.environment = environment

    # What is there

    def exists(self, name):
        return name in self.names()

    def names(self):
        return {row[0] for row in self._rows("SELECT datname FROM pg_database")}

    def installed(self, name):
        """The names of the installed modules of a database; empty when Odoo isn't in it."""
        with contextlib.closing(postgres.connect(self.environment.server, name)) as opened, opened.cursor() as cursor:
            cursor.execute("SELECT to_regclass('ir_module_module')")
            if cursor.fetchone()[0] is None:
                return set()
            cursor.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
            return {row[0] for row in cursor.fetchall()}

    # Whole databases

    def drop(self, name):
        if name in self.names():
            self._unlock(name)
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(filestore(name), ignore_errors=True)

    def copy(self, template, name):
        """Copy a database that nobody is connected to, with its filestore."""
        for attempt in range(20):
            try:
                self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                break
            except Exception as error:
                if "being accessed" not in str(error) or attempt == 19:
                    raise
                time.sleep(0.5)
        if filestore(template).is_dir():
            copy_files(filestore(template), filestore(name))

    def rename(self, name, new_name):
        self._execute(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
        if filestore(name).is_dir():
            shutil.rmtree(filestore(new_name), ignore_errors=True)
            filestore(name).rename(filestore(new_name))

    # Modules

    def install(self, name, modules, *, title, languages=(), demo=False, update=(), log=None):
        """Install (and ``update``) modules in a database, which Odoo creates if need be, and show how far it is.

        Raises SetupError when Odoo fails or logs an error.
        """
        command = [PYTHON, "-m", "odoo", "-d", name, "--no-http", "--stop-after-init", "--log-level=info"]
        if modules:
            command += ["-i", ",".join(sorted(modules))]
        if update:
            command += ["-u", ",".join(sorted(update))]
        if languages:
            # The first one becomes the language of everybody.
            command += [f"--load-language={','.join(['en_US', *languages])}"]
        if demo:
            command += ["--with-demo"]
        log = log or LOGS / f"install-{name}.log"
        errors = follow(command, title, log)
        if errors:
            raise SetupError("{}: errors in {}:\n{}".format(title, log, "\n".join(errors[:20])))

    def generate_assets(self, name):
        """Let Odoo bundle its scripts and styles now, else the first page of every visitor or test waits for it."""
        with Step("Bundling scripts and styles"):
            run([PYTHON, Path(__file__).resolve().parent / "inside" / "generate_assets.py", name])

    # Templates

    def template(self, modules, *, demo=False, languages=(), of_suite=False):
        """Return the name of a template database with ``modules`` installed, building it when it isn't there.

        A template of the suite's own addons is rebuilt when their files change.
        """
        modules = sorted(closure(self.environment, modules))
        core = [module for module in modules if not (ADDONS / module).is_dir()]
        key = self._key(core, demo, languages)
        if of_suite:
            key = hashlib.sha256(f"{key} {modules} {fingerprint(set(modules) - set(core))}".encode()).hexdigest()[:12]
        kind = f"{PREFIX}{'suite_' if of_suite else ''}{'demo_' if demo else ''}"
        name = f"{kind}{key}"
        names = self.names()
        if name in names:
            return name
        building = f"{name}_building"
        self.drop(building)
        if of_suite:
            start = self.template(core, demo=demo, languages=languages)
            for old in names:
                if re.fullmatch(rf"{kind}[0-9a-f]{{12}}", old):
                    self.drop(old)
        else:
            start = self._closest(core, demo, languages)
        if start:
            self.copy(start, building)
        have = self.installed(building) if start else set()
        new = [module for module in modules if module not in have]
        title = "Template database with {}".format("the suite" if of_suite else f"{len(core)} modules of Odoo")
        self.install(building, new or ["base"], title=title, languages=languages, demo=demo)
        if of_suite:
            self.generate_assets(building)
        self.rename(building, name)
        self._execute(f'ALTER DATABASE "{name}" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false')
        _templates_file().write_text(json.dumps({**_templates(), name: [core, demo, list(languages), of_suite]}))
        return name

    def _closest(self, core, demo, languages):
        """The finished template with most of the modules wanted and none besides."""
        wanted, names = set(core), self.names()
        found = []
        for name, (modules, with_demo, loaded, of_suite) in _templates().items():
            if name not in names or of_suite or with_demo != demo or not set(loaded) <= set(languages):
                continue
            current = f"{PREFIX}{'demo_' if demo else ''}{self._key(modules, demo, loaded)}"
            if set(modules) <= wanted and name == current:
                found.append((len(modules), name))
        return max(found)[1] if found else None

    def _key(self, core, demo, languages):
        parts = [2, self.environment.source.fingerprint(), sorted(core), demo, sorted(languages)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    # Statements

    def _unlock(self, name):
        self._execute(f'ALTER DATABASE "{name}" WITH IS_TEMPLATE false')

    def _rows(self, statement):
        with contextlib.closing(postgres.connect(self.environment.server)) as opened, opened.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def _execute(self, statement):
        with contextlib.closing(postgres.connect(self.environment.server)) as opened, opened.cursor() as cursor:
            cursor.execute(statement)


def filestore(name):
    return DATA / "filestore" / name


def copy_files(source, target):
    """Copy a filestore. Odoo never changes a stored file, so the copy links to them."""
    shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _templates_file():
    return DATA / "templates.json"


def _templates():
    return json.loads(_templates_file().read_text()) if _templates_file().exists() else {}


# Addons on disk


def suite():
    """The names of the suite's installable addons."""
    paths = ADDONS.glob("*/__manifest__.py")
    return sorted(path.parent.name for path in paths if manifest(path).get("installable", True))


def manifest(path):
    return ast.literal_eval(path.read_text())


def closure(environment, modules):
    """The modules with everything they depend on, directly or not."""
    found, waiting = set(), list(modules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for folder in [ADDONS, *environment.source.addons]:
            path = folder / name / "__manifest__.py"
            if path.exists():
                waiting += manifest(path).get("depends", []) or ["base"] * (name != "base")
                break
        else:
            raise SetupError(f"There is no addon {name!r} in addons/ nor in Odoo.")
    return found


def fingerprint(addons):
    """The hash of all files of these addons that matter to a database."""
    digest = hashlib.sha256()
    for addon in sorted(addons):
        for path in sorted((ADDONS / addon).rglob("*")):
            inside = path.relative_to(ADDONS / addon).parts
            if inside[0] == "tests" or path.suffix in (".pyc", ".md", ".rst") or not path.is_file():
                continue
            digest.update(f"{addon}/{'/'.join(inside)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


# Odoo's log as progress


def follow(command, title, log):
    """Run an Odoo command, show its progress, keep its log; return the lines of its log at level ERROR or higher."""
    started = shown = time.monotonic()
    say(f"{title} \N{HORIZONTAL ELLIPSIS}")
    errors, tail = [], []
    terminal = sys.stdout.isatty()
    with (
        log.open("w") as stream,
        subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout:
            stream.write(line)
            tail = [*tail[-24:], line.rstrip()]
            if re.match(r"\S+ \S+ \d+ (ERROR|CRITICAL) ", line):
                errors.append(line.rstrip())
            loading = _LOADING.search(line)
            if loading and time.monotonic() - shown >= (0.2 if terminal else 5):
                shown = time.monotonic()
                module, number, total = loading.groups()
                text = f"  {int(shown - started):3d} s  {number} of {total} modules: {module}"
                print(f"\r\x1b[K{text}" if terminal else text, end="" if terminal else "\n", flush=True)
    if terminal:
        print("\r\x1b[K", end="", flush=True)
    if process.returncode:
        raise SetupError("{} failed; the whole log is {}\n{}".format(title, log, "\n".join(tail)))
    say(f"{title}: done in {time.monotonic() - started:.0f} s")
    return errors
