"""On SQLite the desk's connection may do what its role may on PostgreSQL, and nothing else."""

import re

import pytest
from paths import ROOT
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey.database.engine import connect
from survey.database.migration import migrate
from survey.office_db.desk_access import READABLE, SESSIONS, UPDATABLE, connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import AUDIT

GRANTS = (ROOT / "survey" / "migrations" / "office" / "versions" / "first.py").read_text(encoding="utf-8")
OTHERS = sorted({*AUDIT.metadata.tables} - READABLE)
DENIED = r"not authorized|prohibited"
STAFF = "INSERT INTO staff VALUES ('li', 'x', true, 0, 0, '2026-11-22')"
SESSION = f"INSERT INTO {SESSIONS} VALUES (x'00', 'li', 1, 1)"


@pytest.fixture
def engines(settings):
    """The desk's engine and the owner's, over an office with one account."""
    migrate(settings)
    desk, owner = connect_desk(settings.office_url), connect_staff_database(settings.office_url)
    with owner.begin() as connection:
        connection.execute(text(STAFF))
    yield desk, owner
    desk.dispose()
    owner.dispose()


def test_the_authorizer_lets_through_what_the_role_is_granted():
    """The tables and columns of the two kinds of database are the same: they are read from the migration's grants."""
    selected = re.search(r"GRANT SELECT ON ([^;]*?) TO sotto_desk", GRANTS)[1].split(", ")
    columns = re.search(r"GRANT UPDATE \(([^)]*)\) ON staff TO sotto_desk", GRANTS)[1].split(", ")
    every = re.search(r"GRANT SELECT, INSERT, UPDATE, DELETE ON (\S+) TO sotto_desk", GRANTS)[1]
    assert ({*selected, every}, {("staff", column) for column in columns}, every) == (READABLE, UPDATABLE, SESSIONS)
    assert 3 == GRANTS.count("TO sotto_desk"), "a grant that is not read above"


@pytest.mark.parametrize("table", sorted(READABLE))
def test_the_desk_reads_what_it_shows(engines, table):
    """Each table that the desk shows can be read."""
    with engines[0].connect() as connection:
        connection.execute(text(f"SELECT * FROM {table}")).all()


def test_the_desk_keeps_sessions_and_counts_failures(engines):
    """The control: what signing in and out writes is let through."""
    with engines[0].begin() as connection:
        connection.execute(text(SESSION))
        connection.execute(text(f"UPDATE {SESSIONS} SET seen = 2"))
        connection.execute(text("UPDATE staff SET failures = 1, locked_until = 2"))
        assert [("li", 2)] == [tuple(row) for row in connection.execute(text(f"SELECT staff, seen FROM {SESSIONS}"))]
        connection.execute(text(f"DELETE FROM {SESSIONS}"))


@pytest.mark.parametrize(
    "statement",
    [
        *(f"SELECT * FROM {table}" for table in OTHERS),
        "UPDATE staff SET password_hash = 'y'",
        STAFF.replace("li", "thief"),
        "DELETE FROM staff",
        "DELETE FROM study",
        "UPDATE wave SET state = 'open'",
        "INSERT INTO audit VALUES (1, '2026-11-22', 'a', 'b', 'c', 'd', 'e')",
        "DROP TABLE staff",
        "CREATE TABLE loot (a)",
        "ATTACH DATABASE 'answers.sqlite' AS answers",
        "PRAGMA writable_schema = 1",
    ],
)
def test_the_desk_can_do_nothing_else(engines, statement):
    """Codes, audit chain, other columns, another file and the schema are out of reach."""
    with engines[0].connect() as connection, pytest.raises(DBAPIError, match=DENIED):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", ["SELECT * FROM staff", SESSION, "DELETE FROM study", "SELECT 1"])
def test_an_engine_without_a_guard_reads_and_writes_nothing(engines, settings, statement):
    """Whoever opens a SQLite file and names no authorizer is refused every statement; the owner is not."""
    closed = connect(settings.office_url)
    with closed.connect() as connection, pytest.raises(DBAPIError, match=DENIED):
        connection.exec_driver_sql(statement)
    closed.dispose()
    with engines[1].connect() as connection:
        connection.exec_driver_sql(statement)
