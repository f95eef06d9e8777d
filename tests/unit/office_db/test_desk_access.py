"""On SQLite the desk's connection may do what its role may on PostgreSQL, and nothing else."""

import re

import pytest
from cheap.databases import migrated
from paths import ROOT
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey.database.engine import connect
from survey.office_db.desk_access import ADDED, KEPT, READABLE, connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import AUDIT

MIGRATIONS = sorted((ROOT / "survey" / "migrations" / "office" / "versions").glob("*.py"))
GRANTS = "\n".join(path.read_text(encoding="utf-8") for path in MIGRATIONS)
OTHERS = sorted({*AUDIT.metadata.tables} - READABLE)
DENIED = r"not authorized|prohibited"
STAFF = "INSERT INTO staff VALUES ('li', true, '2026-11-22')"
SESSION = "INSERT INTO staff_session VALUES (x'00', 'li', 1, 1, 'code', 0)"
SECRET = "INSERT INTO sign_in_secret VALUES ('li', 'x', NULL, 0, 0, 0, 0, 0)"
ACT = "INSERT INTO desk_act VALUES (x'00', 1, 'li', 'signed in')"
CONFIRMED = "INSERT INTO confirmed_passkey VALUES (x'00', 'li', x'00', 'https://desk', '2026-11-22')"


@pytest.fixture
def engines(settings):
    """The desk's engine and the owner's, over an office with one account."""
    migrated(settings)
    desk, owner = connect_desk(settings.office_url), connect_staff_database(settings.office_url)
    with owner.begin() as connection:
        connection.execute(text(STAFF))
    yield desk, owner
    desk.dispose()
    owner.dispose()


def test_the_authorizer_lets_through_what_the_role_is_granted():
    """The tables and columns of the two kinds of database are the same: they are read from the migration's grants."""
    granted = {
        verbs: set(re.split(r",\s*", ", ".join(re.findall(rf"GRANT {verbs} ON ([^;(]*?)\s+TO sotto_desk", GRANTS))))
        for verbs in ("SELECT", "INSERT", "SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE")
    }
    read, added, both, every = granted.values()
    assert (READABLE, ADDED, KEPT) == (read | both | every, added | both, every)
    # That of columns is of the first schema, and the sixth drops those columns.
    assert {"failures, locked_until"} == set(re.findall(r"GRANT UPDATE \(([^)]*)\) ON staff TO", GRANTS))
    assert 12 == GRANTS.count("TO sotto_desk"), "a grant that is not read above"


@pytest.mark.parametrize("table", sorted(READABLE))
def test_the_desk_reads_what_it_shows(engines, table):
    """Each table that the desk shows can be read."""
    with engines[0].connect() as connection:
        connection.execute(text(f"SELECT * FROM {table}")).all()


def test_the_desk_keeps_sessions_and_means_of_signing_in(engines):
    """The control: what signing in and out writes is let through, and a new act to tell."""
    with engines[0].begin() as connection:
        for statement in (
            SESSION,
            SECRET,
            ACT,
            "UPDATE staff_session SET seen = 2",
            "UPDATE sign_in_secret SET failures = 1",
        ):
            connection.execute(text(statement))
        rows = connection.execute(text("SELECT staff, seen FROM staff_session"))
        assert [("li", 2)] == [tuple(row) for row in rows]
        for table in sorted(KEPT):
            connection.execute(text(f"DELETE FROM {table}"))


def test_the_desk_adds_requests(engines):
    """The control of requests: a row and its file are added, and the row is read with what came of it."""
    with engines[0].begin() as connection:
        connection.execute(text("INSERT INTO request VALUES (1, 'a', x'00', NULL)"))
        connection.execute(text("INSERT INTO request_file VALUES (1, 'drill', x'00')"))
        joined = "SELECT hash, state FROM request LEFT JOIN request_result ON request = number"
        assert [("a", None)] == [tuple(row) for row in connection.execute(text(joined))]


@pytest.mark.parametrize(
    "statement",
    [
        *(f"SELECT * FROM {table}" for table in OTHERS),
        "UPDATE staff SET active = true",
        "INSERT INTO staff_role VALUES ('li', '', 'owner')",
        "UPDATE staff_role SET role = 'owner'",
        "DELETE FROM staff_role",
        CONFIRMED,
        "UPDATE confirmed_passkey SET public_key = x'01'",
        "DELETE FROM confirmed_passkey",
        "UPDATE desk_act SET actor = 'li'",
        "DELETE FROM desk_act",
        STAFF.replace("li", "thief"),
        "DELETE FROM staff",
        "DELETE FROM study",
        "INSERT INTO document VALUES ('a', 'health', x'00')",
        "UPDATE document SET content = x'00'",
        "DELETE FROM document",
        "UPDATE wave SET state = 'open'",
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "INSERT INTO audit VALUES (1, '2026-11-22', 'a', 'b', 'c', 'd', 'e')",
        "INSERT INTO last_compaction VALUES ('2026-11-30')",
        "DELETE FROM last_compaction",
        "UPDATE request SET content = x'00'",
        "DELETE FROM request",
        "UPDATE request_file SET content = x'00'",
        "DELETE FROM request_file",
        "INSERT INTO request_result VALUES (1, 'done', '', '2026-11-22')",
        "UPDATE request_result SET state = 'done'",
        "DELETE FROM request_result",
        "INSERT INTO request_day VALUES ('2026-12-24', '00000000000000000000000000000000')",
        "UPDATE request_day SET value = 'x'",
        "DELETE FROM request_day",
        "INSERT INTO wave (study) VALUES ('x')",
        "DROP TABLE staff",
        "CREATE TABLE loot (a)",
        "ATTACH DATABASE 'answers.sqlite' AS answers",
        "PRAGMA writable_schema = 1",
    ],
)
def test_the_desk_can_do_nothing_else(engines, statement):
    """Codes, changes of the audit chain, other columns, another file and the schema are out of reach."""
    with engines[0].connect() as connection, pytest.raises(DBAPIError, match=DENIED):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("values", ["x'00', 1000000000000000000", "x'00', -1", "x'00', 'x'", "x'00', 1.5", "'a', 1"])
def test_the_desk_tells_no_act_without_a_day(engines, values):
    """Every command of the owner reads these rows, so that one of them that cannot be read would stop all."""
    with engines[0].connect() as connection, pytest.raises(DBAPIError, match="CHECK"):
        connection.exec_driver_sql(f"INSERT INTO desk_act VALUES ({values}, 'li', 'signed in')")


@pytest.mark.parametrize(
    "values",
    [
        "(2147483647, 'b', x'00', NULL)",
        "(3, 'b', x'00', NULL)",
        "(0, 'b', x'00', NULL)",
        f"(2, 'b', x'{'00' * 4097}', NULL)",
        f"(2, 'b', x'00', '{'x' * 16385}')",
        "(2, 'b', 'text', NULL)",
        "(2, 'b', x'00', x'00')",
    ],
)
def test_the_desk_takes_no_room_from_others(engines, values):
    """No number but the next, nothing larger than a request is, and nothing of another type; the control is beside."""
    with engines[0].begin() as connection:
        connection.exec_driver_sql("INSERT INTO request VALUES (1, 'a', x'00', NULL)")
    with engines[0].connect() as connection, pytest.raises(DBAPIError, match=r"CHECK|follow each other"):
        connection.exec_driver_sql(f"INSERT INTO request VALUES {values}")
    with engines[0].begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO request VALUES (2, 'b', x'{'00' * 4096}', '{'x' * 16384}')")


def test_the_desk_adds_no_file_larger_than_it_takes(engines):
    """Four megabytes are a file of a request, one byte more is none."""
    add = text("INSERT INTO request_file VALUES (1, :name, :content)")
    with engines[0].begin() as connection:
        connection.exec_driver_sql("INSERT INTO request VALUES (1, 'a', x'00', NULL)")
        connection.execute(add, {"name": "a", "content": bytes(4 * 1024 * 1024)})
    with engines[0].connect() as connection, pytest.raises(DBAPIError, match="CHECK"):
        connection.execute(add, {"name": "b", "content": bytes(4 * 1024 * 1024 + 1)})


@pytest.mark.parametrize("statement", ["SELECT * FROM staff", SESSION, "DELETE FROM study", "SELECT 1"])
def test_an_engine_without_a_guard_reads_and_writes_nothing(engines, settings, statement):
    """Whoever opens a SQLite file and names no authorizer is refused every statement; the owner is not."""
    closed = connect(settings.office_url)
    with closed.connect() as connection, pytest.raises(DBAPIError, match=DENIED):
        connection.exec_driver_sql(statement)
    closed.dispose()
    with engines[1].connect() as connection:
        connection.exec_driver_sql(statement)
