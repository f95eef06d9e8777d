"""Withdrawal on PostgreSQL: the same refusals, tombstones without an order, and a compaction that never deadlocks."""

import hashlib
import threading
from collections.abc import Iterator

import pytest
from hosts.pganswers import fresh_answers
from hosts.pgserver import Server
from hosts.store_rows import SIZE, record, row, row_key, secret
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.answers_db import insert_only, owner_access, store_errors
from survey.answers_db.compaction import compact

EPOCH = b"\x02" * 8


@pytest.fixture
def engines(pg_server: Server) -> Iterator[tuple[Engine, Engine]]:
    """Return the engines of the owner and of the respond app, with an epoch open and nothing stored."""
    with fresh_answers(pg_server, EPOCH, SIZE) as both:
        yield both


def number_of(owner: Engine, what: str) -> int:
    with owner.connect() as connection:
        return connection.exec_driver_sql(what).scalar_one()


def test_a_withdrawn_row_goes_and_its_key_stays_spent(engines):
    """Compaction takes the row away, its key is refused from then on, and the others stay."""
    owner, respond = engines
    for number in range(5):
        insert_only.insert_record(respond, EPOCH, *row(number))
    for _ in range(2):
        insert_only.insert_withdrawal(respond, EPOCH, secret(3))
    insert_only.insert_withdrawal(respond, EPOCH, bytes(32))
    insert_only.insert_record(respond, EPOCH, *row(3))
    compact(owner, {})
    assert sorted(row(number)[1] for number in (0, 1, 2, 4)) == sorted(owner_access.iter_records(owner, EPOCH))
    assert (0, 1) == tuple(number_of(owner, f"SELECT count(*) FROM {table}") for table in ("withdrawn", "spent_key"))
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(respond, EPOCH, *row(3))
    compact(owner, {})
    assert 4 == len(list(owner_access.iter_records(owner, EPOCH)))


def test_a_closed_wave_keeps_its_answers(engines):
    """After the close nothing new is withdrawn, and what was withdrawn before may be asked again."""
    owner, respond = engines
    for number in range(2):
        insert_only.insert_record(respond, EPOCH, *row(number))
    insert_only.insert_withdrawal(respond, EPOCH, secret(0))
    owner_access.stop_accepting(owner, EPOCH)
    insert_only.insert_withdrawal(respond, EPOCH, secret(0))
    for epoch in (EPOCH, b"\x09" * 8):
        with pytest.raises(store_errors.WaveClosedError):
            insert_only.insert_withdrawal(respond, epoch, secret(1))
    compact(owner, {})
    assert [row(1)[1]] == list(owner_access.iter_records(owner, EPOCH))


def test_a_row_under_another_key_is_refused(engines):
    """The database computes the key of each record and of each secret: another is refused, and nothing is stored."""
    owner, respond = engines
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(respond, EPOCH, row_key(2), record(1))
    open_link = bytes(352) + record(3)[352:]
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(respond, EPOCH, row_key(3), open_link)
    insert_only.insert_record(respond, EPOCH, *row(1))
    insert_only.insert_record(respond, EPOCH, hashlib.sha256(open_link[352:]).digest(), open_link)
    forged = "INSERT INTO withdrawn VALUES (%s, %s, %s)"
    with respond.connect() as connection, pytest.raises(DBAPIError, match="sotto: row key"):
        connection.exec_driver_sql(forged, (secret(2), row_key(1), EPOCH))
    assert 2 == len(list(owner_access.iter_records(owner, EPOCH))), "the control: both are stored under their own keys"
    assert 0 == number_of(owner, "SELECT count(*) FROM withdrawn")


FORBIDDEN = [
    "SELECT * FROM withdrawn",
    "DELETE FROM withdrawn",
    "UPDATE withdrawn SET epoch = ''",
    "TRUNCATE withdrawn",
    "INSERT INTO withdrawn VALUES ('', '', '') RETURNING row_key",
    "SELECT withdrawn_admits()",
    "SELECT row_key_of('')",
    "SELECT * FROM spent_key",
    "INSERT INTO spent_key VALUES ('', '')",
    "SELECT * FROM refused",
    "INSERT INTO refused VALUES ('', '', '', '')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_respond_role_only_adds_tombstones(engines, statement):
    """Every other statement about tombstones is refused, before and after compaction."""
    owner, respond = engines
    for _ in range(2):
        with respond.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement)
        compact(owner, {})


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET epoch = ''"])
@pytest.mark.parametrize("table", ["spent_key", "refused"])
def test_even_the_owner_keeps_spent_keys_and_refused_rows(engines, statement, table):
    """A spent key and a row that was set aside are neither changed nor removed, before and after compaction."""
    owner, respond = engines
    insert_only.insert_record(respond, EPOCH, *row(1))
    insert_only.insert_withdrawal(respond, EPOCH, secret(1))
    for _ in range(2):
        with owner.connect() as connection, pytest.raises(DBAPIError, match="sotto: "):
            connection.exec_driver_sql(statement.format(table))
        compact(owner, {})


def test_tombstones_have_no_order(engines):
    """Before compaction each tombstone bears its transaction's number; spent keys have one number, and key order."""
    owner, respond = engines
    for number in range(60):
        insert_only.insert_record(respond, EPOCH, *row(number))
        insert_only.insert_withdrawal(respond, EPOCH, secret(number))
    distinct = "SELECT count(DISTINCT xmin::text) FROM {}"
    assert 60 == number_of(owner, distinct.format("withdrawn"))
    compact(owner, {})
    assert (0, 1) == tuple(number_of(owner, distinct.format(table)) for table in ("withdrawn", "spent_key"))
    with owner.connect() as connection:
        keys = [
            bytes(key) for key in connection.exec_driver_sql("SELECT row_key FROM spent_key ORDER BY ctid").scalars()
        ]
    assert sorted(keys) == keys


def test_compaction_under_traffic_neither_deadlocks_nor_loses(engines):
    """While phones hand in and withdraw, compaction runs ten times: nobody is refused and what is left is exact."""
    owner, respond = engines
    faults: list[Exception] = []

    def phones(first: int) -> None:
        try:
            for number in range(first, first + 40):
                insert_only.insert_record(respond, EPOCH, *row(number))
                if number % 4 == 0:
                    insert_only.insert_withdrawal(respond, EPOCH, secret(number))
        except store_errors.StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=phones, args=(1000 * thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        compact(owner, {})
    for thread in threads:
        thread.join()
    compact(owner, {})
    assert [] == faults
    expected = [row(1000 * thread + number)[1] for thread in range(4) for number in range(40) if number % 4]
    assert sorted(expected) == sorted(owner_access.iter_records(owner, EPOCH))


@pytest.mark.parametrize("size", [SIZE, 9000], ids=["in its row", "beside its row"])
def test_after_compaction_no_file_of_the_server_has_a_withdrawn_answer(pg_server, engines, size):
    """Its bytes stand in a table's file and in the log before, and in no file of the server's folder afterwards.

    Blocks that the file system has freed are not looked at: they are the disk's, and its encryption's.
    """
    owner, respond = engines
    epoch = b"\x04" * 8
    owner_access.start_accepting(owner, epoch, size)
    for number in range(30):
        insert_only.insert_record(respond, epoch, *row(number, size))
    gone = record(7, size)
    insert_only.insert_withdrawal(respond, epoch, secret(7))
    pg_server.psql("-c", "CHECKPOINT")
    assert {"base", "pg_wal"} <= holding(pg_server, gone)
    compact(owner, {})
    assert set() == holding(pg_server, gone)
    assert "base" in holding(pg_server, record(8, size)), "the control: who did not withdraw is still there"


def holding(server: Server, record: bytes) -> set[str]:
    """Return the parts of the server's folder in whose files any of twenty pieces of a record stands."""
    pieces = [record[at : at + 24] for at in range(0, len(record) - 24, len(record) // 20)]
    places = set()
    for path in server.data.rglob("*"):
        if path.is_file() and any(piece in content for content in [path.read_bytes()] for piece in pieces):
            places.add(path.relative_to(server.data).parts[0])
    return places
