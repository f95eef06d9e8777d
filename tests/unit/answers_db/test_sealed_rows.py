"""The store on SQLite: stored once, durably, admitted only while open; the respond app can do nothing else."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cheap.databases import migrated
from hosts.store_rows import SIZE, row
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from survey.answers_db import insert_only, owner_access, store_errors
from survey.answers_db.compaction import compact
from survey.database import engine as database
from survey.database.compaction.errors import CompactionError, compaction_error
from survey.database.engine import DatabaseSettingsError, NotMigratedError, connect
from survey.settings import Settings

EPOCH = b"\x01" * 8


@pytest.fixture
def url(settings):
    migrated(settings)
    return settings.answers_url


@pytest.fixture
def owner(url):
    engine = owner_access.connect_owner(url)
    owner_access.start_accepting(engine, EPOCH, SIZE)
    yield engine
    engine.dispose()


@pytest.fixture
def respond(owner, url):
    engine = insert_only.connect_respond(url)
    yield engine
    engine.dispose()


def stored(owner) -> list[bytes]:
    return list(owner_access.iter_records(owner, EPOCH))


def test_a_record_is_stored_once(owner, respond):
    """Handing in the same record five times succeeds five times and stores one row."""
    for _ in range(5):
        insert_only.insert_record(respond, EPOCH, *row(1))
    assert [row(1)[1]] == stored(owner)


def test_records_come_in_the_order_of_their_keys(owner, respond):
    """The stream for the box ascends by row key whatever the order of arrival."""
    for number in range(20):
        insert_only.insert_record(respond, EPOCH, *row(number))
    assert [record for _, record in sorted(map(row, range(20)))] == stored(owner)


def test_a_closed_wave_takes_nothing_new(owner, respond):
    """After the close a new record is refused, and a stored one whose answer was lost is still acknowledged."""
    insert_only.insert_record(respond, EPOCH, *row(1))
    owner_access.stop_accepting(owner, EPOCH)
    insert_only.insert_record(respond, EPOCH, *row(1))
    with pytest.raises(store_errors.WaveClosedError):
        insert_only.insert_record(respond, EPOCH, *row(2))
    assert 1 == len([*owner_access.iter_records(owner, EPOCH)])


def test_an_unknown_epoch_takes_nothing(respond):
    """A record for an epoch that nobody opened is refused."""
    with pytest.raises(store_errors.WaveClosedError):
        insert_only.insert_record(respond, b"\x09" * 8, *row(1))


@pytest.mark.parametrize("size", [0, SIZE - 1, SIZE + 1])
def test_a_record_of_another_size_is_refused(respond, size):
    """One byte more or less than the epoch's size is refused by the database itself."""
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(respond, EPOCH, *row(1, size))


def test_a_key_cannot_be_taken_over(owner, respond):
    """Another record under a stored key is refused and the stored one stays."""
    key, record = row(1)
    insert_only.insert_record(respond, EPOCH, key, record)
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(respond, EPOCH, key, row(2)[1])
    assert [record] == stored(owner)


FORBIDDEN = [
    "SELECT * FROM sealed",
    "SELECT count(*) FROM sealed",
    "SELECT max(row_key) FROM sealed",
    "SELECT * FROM epoch",
    "SELECT * FROM sqlite_master",
    "UPDATE sealed SET record = x'00'",
    "DELETE FROM sealed",
    "INSERT INTO sealed SELECT row_key, epoch, record FROM sealed",
    "INSERT INTO sealed VALUES (x'00', x'00', x'00') ON CONFLICT (row_key) DO UPDATE SET record = x'00'",
    "INSERT INTO sealed VALUES (x'00', x'00', x'00') RETURNING record",
    "INSERT INTO epoch VALUES (x'0202020202020202', 5, 1)",
    "UPDATE epoch SET open = 1",
    "DROP TABLE sealed",
    "DROP TRIGGER sealed_admits",
    "CREATE TEMP TRIGGER t BEFORE INSERT ON sealed BEGIN SELECT 1; END",
    "ALTER TABLE sealed ADD COLUMN seen TEXT",
    "ATTACH ':memory:' AS other",
    "PRAGMA synchronous = 0",
    "PRAGMA table_info(sealed)",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_respond_connection_can_only_insert(respond, statement):
    """Every other statement is refused by the authorizer before it runs."""
    with respond.connect() as connection, pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
        connection.exec_driver_sql(statement)


def test_the_same_statements_run_for_the_owner(owner):
    """The control: without the authorizer, reading and counting are possible."""
    with owner.connect() as connection:
        for statement in FORBIDDEN[:5]:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_replacing_is_refused(owner, respond, verb):
    """REPLACE, which deletes without asking a delete trigger, is refused for the respond app and even for the owner."""
    key, record = row(1)
    insert_only.insert_record(respond, EPOCH, key, record)
    for engine in (respond, owner):
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"sotto: taken|not authorized|prohibited"):
            connection.exec_driver_sql(f"{verb} INTO sealed VALUES (?, ?, ?)", (key, EPOCH, row(2)[1]))
    assert [record] == stored(owner)


def test_without_the_trigger_replacing_would_destroy(owner, respond, url):
    """The control: on the same file without its triggers, REPLACE takes the stored record away."""
    key, record = row(1)
    insert_only.insert_record(respond, EPOCH, key, record)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
        raw.executescript("DROP TRIGGER sealed_admits; DROP TRIGGER sealed_remains;")
        raw.execute("INSERT OR REPLACE INTO sealed VALUES (?, ?, ?)", (key, EPOCH, b"x"))
    assert [b"x"] == stored(owner)


@pytest.mark.parametrize("statement", ["UPDATE sealed SET epoch = x'00'", "DELETE FROM sealed", "DELETE FROM epoch"])
def test_even_the_owner_changes_nothing_by_accident(owner, respond, statement):
    """Rows and epochs are neither updated nor deleted by any connection."""
    insert_only.insert_record(respond, EPOCH, *row(1))
    with owner.begin() as connection, pytest.raises(DBAPIError, match="sotto: "):
        connection.exec_driver_sql(statement)
    assert 1 == len(stored(owner))


def test_a_closed_epoch_stays_closed(owner):
    """An epoch can not be opened again, by the function or by hand."""
    owner_access.stop_accepting(owner, EPOCH)
    with pytest.raises(store_errors.RecordRefusedError):
        owner_access.start_accepting(owner, EPOCH, SIZE)
    with owner.begin() as connection, pytest.raises(DBAPIError, match="only closes"):
        connection.exec_driver_sql("UPDATE epoch SET open = 1")


@pytest.mark.parametrize(("number", "word"), [(0, "few"), (2, "few"), (3, "enough"), (5, "enough"), (6, "target")])
def test_fieldwork_is_a_word(owner, number, word):
    """The level follows the public thresholds and carries no number."""
    owner_access.insert_records(owner, EPOCH, map(row, range(number)))
    assert word == owner_access.fieldwork_level(owner, EPOCH, 3, 6)


def hand_in_until_refused(engine, acknowledged: list[bytes]) -> None:
    for number in range(500):
        insert_only.insert_record(engine, EPOCH, *row(number))
        acknowledged.append(row(number)[1])


def test_a_full_disk_is_said_and_passes(owner, url):
    """On a full database the record is refused as such; with room again the same record is stored."""
    engine = connect(url, guard=None, begin=None)
    limit = {"pages": 20}
    event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {limit['pages']}"))
    acknowledged: list[bytes] = []
    with pytest.raises(store_errors.StoreFullError, match="full"):
        hand_in_until_refused(engine, acknowledged)
    assert sorted(acknowledged) == sorted(stored(owner))
    engine.dispose()
    limit["pages"] = 2000
    insert_only.insert_record(engine, EPOCH, *row(len(acknowledged)))
    assert len(acknowledged) + 1 == len(stored(owner))
    engine.dispose()


def test_a_busy_database_is_said(owner, url, monkeypatch):
    """While another process holds the database, the record is refused as not stored just now, and nothing is stored."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    engine = insert_only.connect_respond(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(store_errors.StoreUnavailableError):
            insert_only.insert_record(engine, EPOCH, *row(1))
    assert [] == stored(owner)
    engine.dispose()


def test_errors_hold_nothing_of_the_record(respond):
    """Neither our error nor anything it came from holds the key or the record."""
    key, record = row(1)
    with pytest.raises(store_errors.StoreError) as caught:
        insert_only.insert_record(respond, b"\x09" * 8, key, record)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert not any(part in f"{caught.value!r}" for part in (repr(key), key.hex(), repr(record)))


def test_every_connection_is_durable_and_forgetful(owner):
    """The pragmas that the promises rest on hold on a live connection."""
    with owner.connect() as connection:
        held = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in database.PRAGMAS}
    expected = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "trusted_schema": 0}
    assert expected | {"foreign_keys": 1, "recursive_triggers": 1} == held


def test_a_pragma_that_does_not_hold_stops_the_start(url, monkeypatch):
    """Where a file system cannot do what we promise, the start is refused."""
    monkeypatch.setitem(database.PRAGMAS, "journal_mode", "bogus")
    with pytest.raises(DatabaseSettingsError, match="journal_mode"):
        insert_only.connect_respond(url)


def test_a_database_that_is_not_migrated_is_refused(tmp_path):
    """A missing, an empty and a foreign database are refused with the command that helps."""
    for name, make in (("missing", False), ("empty", True)):
        if make:
            sqlite3.connect(tmp_path / name).close()
        with pytest.raises(NotMigratedError, match="sotto migrate"):
            insert_only.connect_respond(f"sqlite:///{tmp_path / name}")


def test_a_database_of_another_version_is_refused(url):
    """A schema that this version does not know is refused."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'zz'")
    with pytest.raises(NotMigratedError, match="newer version"):
        insert_only.connect_respond(url)


def filled(home: Path, order: list[int]) -> bytes:
    """Return the bytes of a compacted file that received the same rows in an order of its own, one commit each."""
    settings = Settings.from_environ({"SOTTO_HOME": str(home)})
    migrated(settings)
    owner = owner_access.connect_owner(settings.answers_url)
    owner_access.start_accepting(owner, EPOCH, SIZE)
    for number in order:
        owner_access.insert_records(owner, EPOCH, [row(number)])
    compact(owner, {})
    owner.dispose()
    return (home / "answers.sqlite").read_bytes()


def test_compaction_forgets_the_order_of_arrival(tmp_path):
    """Two files with the same 300 rows, filled in different orders, have the same bytes once compacted."""
    order = list(range(300))
    first = filled(tmp_path / "a", order)
    random.Random(7).shuffle(order)
    assert first == filled(tmp_path / "b", order)
    assert not any(path.stat().st_size for path in tmp_path.glob("*/answers.sqlite-wal"))


def test_a_busy_database_is_not_compacted(owner, url, monkeypatch):
    """While another process writes, compaction is refused by name; afterwards the same call compacts."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    hurried = owner_access.connect_owner(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CompactionError, match="busy"):
            compact(hurried, {})
        other.execute("ROLLBACK")
    compact(hurried, {})
    hurried.dispose()


@pytest.mark.parametrize(
    ("limit", "statement", "message"),
    [
        (1, "INSERT INTO t VALUES (zeroblob(100000))", "make room"),
        (100, "SELECT 'canary' FROM nowhere", "check its disk"),
    ],
)
def test_what_stops_compaction_is_named(limit, statement, message):
    """A full disk and any other error of SQLite become our error with what to do, without SQLite's words."""
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.execute("CREATE TABLE t (a)")
        raw.execute(f"PRAGMA max_page_count = {limit}")
        with pytest.raises(sqlite3.Error) as caught:
            raw.execute(statement)
    error = compaction_error(caught.value)
    assert message in str(error)
    assert "nowhere" not in str(error)


def test_without_compaction_the_order_shows(tmp_path, monkeypatch):
    """The control: the same two files differ before compaction."""
    monkeypatch.setattr("test_sealed_rows.compact", lambda *_: None)
    order = list(range(300))
    first = filled(tmp_path / "a", order)
    random.Random(7).shuffle(order)
    assert first != filled(tmp_path / "b", order)
