"""Each addon installs alone, updates, uninstalls without a trace and installs again; so does the suite as a whole.

"Alone" means: with the addons it depends on, and with nothing of Odoo that it doesn't depend on.
"""

import contextlib
import re
import subprocess
import sys

import pytest

import database
import environment
import odoo_source
import postgres
import test_command

# What a database consists of, as sorted names. The columns of a table come with its name.
SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'index ' || tablename || '.' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'constraint ' || conrelid::regclass || '.' || conname
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION SELECT 'relation ' || relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
          AND relname !~ '^ir_sequence_\\d+$'
    -- Odoo names these by the number of a record, so they are counted.
    UNION SELECT 'numbering ' || ROW_NUMBER() OVER () FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname ~ '^ir_sequence_\\d+$'
    UNION SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT 'trigger ' || tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT 'external id ' || module || '.' || name FROM ir_model_data
        WHERE module = ANY(%s) AND NOT (module = 'base' OR model = 'ir.module.module')
    UNION SELECT 'model ' || model FROM ir_model
    UNION SELECT 'field ' || model || '.' || name FROM ir_model_fields
    UNION SELECT 'parameter ' || key FROM ir_config_parameter
        WHERE key NOT LIKE 'database.%%' AND key NOT LIKE 'base.%%'
    UNION SELECT 'scheduled action ' || cron_name FROM ir_cron
"""
_PROBLEM = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


@pytest.fixture(scope="module")
def databases(request):
    """The databases of the server, with the templates that the selected tests need: small ones first, as larger ones
    start from them."""
    ready = environment.Environment(odoo_source.find(), postgres.connection())
    databases = database.Databases(ready)
    ours = [item for item in request.session.items if item.path == request.path]
    addons = {item.callspec.params["addon"] for item in ours if hasattr(item, "callspec")}
    with environment.alone():
        for core in sorted((needs(databases, addon)[0] for addon in addons), key=len):
            databases.template(core)
    return databases


@pytest.fixture
def fresh(databases, request):
    """A function that copies a template to a database of this test and returns its name."""
    names = []

    def copy(template):
        name = test_command.database_of_run(len(names))
        databases.drop(name)
        databases.copy(template, name)
        names.append(name)
        return name

    yield copy
    for name in names:
        databases.drop(name)


def odoo(*arguments):
    """Run Odoo's command line; return its log, after making sure that it ended well and logged no problem."""
    done = subprocess.run(
        [sys.executable, "-m", "odoo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    with (environment.LOGS / "test-install.log").open("a") as log:
        log.write(done.stdout)
    problems, shown = [], False
    for line in done.stdout.splitlines():
        if re.match(r"^\S+ \S+ \d+ [A-Z]+ ", line):
            shown = bool(_PROBLEM.match(line))
        if shown:
            problems.append(line)
    assert not problems, f"odoo {' '.join(arguments)} logged:\n" + "\n".join(problems)
    assert done.returncode == 0, f"odoo {' '.join(arguments)} failed:\n{done.stdout[-3000:]}"
    return done.stdout


def install(name, *addons, demo=False, bridges=False):
    options = ["--with-demo"] if demo else []
    options += [] if bridges else ["--skip-auto-install"]
    odoo("-d", name, "-i", ",".join(addons), "--no-http", "--stop-after-init", "--log-level=info", *options)


def update(name, *addons):
    odoo("-d", name, "-u", ",".join(addons), "--no-http", "--stop-after-init", "--log-level=info")


def uninstall(name, *addons):
    odoo("module", "uninstall", "-d", name, *addons)


def schema(databases, name):
    with contextlib.closing(postgres.connect(databases.environment.server, name)) as opened, opened.cursor() as cursor:
        cursor.execute(SCHEMA, [database.suite()])
        return {row[0] for row in cursor.fetchall()}


def needs(databases, *addons):
    """What the addons depend on: (of Odoo, of the suite)."""
    found = database.closure(databases.environment, addons)
    ours = set(database.suite())
    return sorted(found - ours), sorted(found & ours - set(addons))


@pytest.mark.parametrize("addon", database.suite())
def test_addon_alone(databases, fresh, addon):
    core, siblings = needs(databases, addon)
    name = fresh(databases.template(core))
    if siblings:
        install(name, *siblings)
    before = schema(databases, name)
    installed_before = databases.installed(name)

    install(name, addon)
    assert addon in databases.installed(name)
    with_addon = schema(databases, name)
    assert with_addon >= before

    update(name, addon)
    assert schema(databases, name) == with_addon, "an update changes the schema"

    uninstall(name, addon)
    assert databases.installed(name) == installed_before
    after = schema(databases, name)
    assert sorted(after - before) == [], "left behind"
    assert sorted(before - after) == [], "torn out"

    install(name, addon)
    assert schema(databases, name) == with_addon, "the second installation differs from the first"


def test_suite_together_with_demo_data(databases, fresh):
    """With every addon's demo data; then the addons that nothing of ours stands under take all others with them."""
    suite = database.suite()
    core, _siblings = needs(databases, *suite)
    name = fresh(databases.template(core, demo=True))
    before = schema(databases, name)

    install(name, *suite, demo=True, bridges=True)
    assert set(suite) <= databases.installed(name)

    bases = [addon for addon in suite if not needs(databases, addon)[1]]
    uninstall(name, *bases)
    assert not set(suite) & databases.installed(name)
    assert sorted(schema(databases, name) - before) == [], "left behind"
