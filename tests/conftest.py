"""What the tests of killed processes start from."""

import contextlib

import pytest

import database
import environment
import odoo_source
import postgres
from scheduler import Scheduler
from servers import suite_copy


@pytest.fixture
def databases():
    return database.Databases(environment.Environment(odoo_source.find(), postgres.connection()))


@pytest.fixture
def name():
    """A copy of the suite's database."""
    with suite_copy("run") as name:
        yield name


@pytest.fixture
def connection(databases, name):
    with contextlib.closing(postgres.connect(databases.environment.server, name)) as opened:
        yield opened


@pytest.fixture
def rows(connection):
    """A function that returns the rows of a statement, as they are committed now; None where it has none."""

    def query(statement, *parameters):
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    return query


@pytest.fixture
def scheduler(databases, name):
    """A function that starts a scheduler; the last one is stopped before its database is dropped."""
    started = []

    def start():
        started.append(Scheduler(databases, name))
        return started[-1]

    yield start
    for process in started:
        process.stop()
