"""Seized files of both databases do not tell whose answer is whose once they are compacted; before that they do.

Each attack guesses for 150 people. By chance alone 10 or more guesses are right once in nine million attacks.
"""

import hashlib
import random
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from adversaries.join_attack import (
    BY_CHANCE,
    ORDER_BY_CHANCE,
    PEOPLE,
    Pairs,
    best,
    by_place,
    fieldwork,
    kept_order,
    latest_before,
    play,
    right,
)
from hosts.pgserver import Server
from sqlalchemy import insert
from sqlalchemy.engine import Engine
from sqlmodel import Session

from crypto.envelope import row_key_of
from survey.answers_db import insert_only, owner_access
from survey.answers_db.compaction import compact
from survey.database.migration import migrate
from survey.office_db import invitations
from survey.office_db.compaction import compact_invitations
from survey.office_db.invitations import BATCH, INVITATION, Claim
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import Study, store_document
from survey.settings import Settings

EPOCH, SIZE = b"\x05" * 8, 1764
BATCH_ID, STUDY = b"\x06" * 8, "q1"


@dataclass
class Host:
    """Both databases with an open wave and a batch of invitations, as owner, issuer and respond app see them."""

    owner: Engine
    respond: Engine
    office: Engine
    issuer: Engine

    def begin(self) -> None:
        """Open the wave, and invite everybody."""
        owner_access.start_accepting(self.owner, EPOCH, SIZE)
        with Session(self.office) as session:
            name = store_document(session, "source", b"{}")
            study = Study(
                slug=STUDY, source=name, questionnaire=name, texts={}, lacking=[], since=datetime.now(UTC).date()
            )
            session.add(study)
            session.commit()
        batch = {"id": BATCH_ID, "study": STUDY, "wave": 1, "name": "may", "stratum": "open", "open": True}
        codes = [{"code_hash": code(person), "batch": BATCH_ID} for person in range(PEOPLE)]
        with self.office.begin() as connection:
            connection.execute(insert(BATCH).values(batch | {"invited": PEOPLE}))
            connection.execute(insert(INVITATION), codes)

    def issue(self, person: int) -> bytes:
        """Mark a person's invitation as used, as the issuer does; return what stands for it in the files."""
        mark = secrets.token_bytes(32)
        invitations.redeem(self.issuer, Claim(STUDY, 1, code(person)), mark, lambda: b"signed")
        return mark

    def hand_in(self, _person: int) -> bytes:
        """Store a person's answer, as the respond app does; return its key."""
        record = secrets.token_bytes(SIZE)
        key = row_key_of(record[:32])
        insert_only.insert_record(self.respond, EPOCH, key, record)
        return key

    def compact(self) -> None:
        """Do what the timer does."""
        compact(self.owner, {})
        compact_invitations(self.office)

    def dispose(self) -> None:
        """Close every connection."""
        for engine in (self.owner, self.respond, self.office, self.issuer):
            engine.dispose()


def code(person: int) -> bytes:
    return hashlib.sha256(b"code %d" % person).digest()


@pytest.fixture
def sqlite_host(tmp_path):
    settings = Settings.from_environ({"SOTTO_HOME": str(tmp_path)})
    migrate(settings)
    host = Host(
        owner_access.connect_owner(settings.answers_url),
        insert_only.connect_respond(settings.answers_url),
        connect_staff_database(settings.office_url),
        invitations.connect_issuer(settings.office_url),
    )
    host.begin()
    yield host
    host.dispose()


def sqlite_attack(folder: Path, truth: Pairs) -> int:
    """Return the most right guesses from where marks and keys lie in both files and their logs."""
    marks = by_place(folder.glob("office.sqlite*"), [*truth.values()])
    keys = by_place(folder.glob("answers.sqlite*"), [*truth])
    return best(truth, [(marks, keys), (marks[::-1], keys)])


def orders_told(folder: Path, truth: Pairs) -> list[float]:
    """Return how far the files of marks, and those of keys, tell the order in which people came."""
    halves = {"office.sqlite*": [*truth.values()], "answers.sqlite*": [*truth]}
    return [kept_order(by_place(folder.glob(files), names), names) for files, names in halves.items()]


def test_sqlite_files_tell_all_before_compaction_and_nothing_after(sqlite_host, tmp_path):
    """The window is real: the logs pair most people with their answers; after compaction only chance is left.

    Neither file alone tells its order then: who noted the other half's arrivals needs no more than one of them.
    """
    truth = play(fieldwork(1), sqlite_host.issue, sqlite_host.hand_in)
    before, told = sqlite_attack(tmp_path, truth), orders_told(tmp_path, truth)
    sqlite_host.compact()
    assert before > PEOPLE / 3
    assert sqlite_attack(tmp_path, truth) <= BY_CHANCE
    assert min(told) > 2 * ORDER_BY_CHANCE
    assert max(orders_told(tmp_path, truth)) <= ORDER_BY_CHANCE


def test_the_same_attack_breaks_a_store_with_numbers_and_times(tmp_path):
    """Control: with a running number and a time in each table, compacted or not, the attack finds most people."""
    with closing(sqlite3.connect(tmp_path / "usual.sqlite", isolation_level=None)) as usual:
        for table in ("token", "answer"):
            usual.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB, at INTEGER)")
        truth = play(fieldwork(1), _writer(usual, "token"), _writer(usual, "answer"))
        usual.execute("VACUUM")
        numbers = [
            [name for (name,) in usual.execute(f"SELECT name FROM {t} ORDER BY id")] for t in ("token", "answer")
        ]
        rows = usual.execute("SELECT 1, name, at FROM token UNION ALL SELECT 0, name, at FROM answer ORDER BY at")
        times = [(bool(issued), name) for issued, name, _ in rows]
    assert best(truth, [(numbers[0], numbers[1])]) > PEOPLE / 3
    assert right(latest_before(times), truth) > PEOPLE / 2


def _writer(usual: sqlite3.Connection, table: str) -> Callable[[int], bytes]:
    def write(_person: int) -> bytes:
        name = secrets.token_bytes(32)
        usual.execute(f"INSERT INTO {table} (name, at) VALUES (?, ?)", (name, time.monotonic_ns()))
        return name

    return write


@pytest.fixture
def pg_host(pg_server: Server):
    """Return a host on a server of its own whose tables are empty; only the superuser can force that."""
    answers, office = (pg_server.url(f"sotto_{name}", "sotto_owner") for name in ("answers", "office"))
    migrate(Settings.from_environ({"SOTTO_ANSWERS_URL": answers, "SOTTO_OFFICE_URL": office}))
    forced = "SET session_replication_role = replica;"
    pg_server.psql("-d", "sotto_answers", "-c", f"{forced} DELETE FROM sealed; DELETE FROM epoch;")
    pg_server.psql(
        "-d", "sotto_office", "-c", f"{forced} DELETE FROM invitation; DELETE FROM batch; DELETE FROM study;"
    )
    host = Host(
        owner_access.connect_owner(answers),
        insert_only.connect_respond(pg_server.url("sotto_answers", "sotto_respond")),
        connect_staff_database(office),
        invitations.connect_issuer(pg_server.url("sotto_office", "sotto_issuer")),
    )
    host.begin()
    yield host
    host.dispose()


def pg_orders(server: Server, database: str, table: str, column: str, known: list[bytes]) -> list[list[bytes]]:
    """Return the orders that PostgreSQL gives away: transaction numbers, places in the table, a dump, the log."""
    # The log first: reading a table marks its rows as seen, and their pages are logged once more, in today's order.
    log = by_place(sorted((server.data / "pg_wal").glob("0*")), known)
    address = server.url(database).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            f"SELECT {column}, xmin::text::bigint, (ctid::text::point)[0] * 10000 + (ctid::text::point)[1] "
            f"FROM {table} WHERE {column} IS NOT NULL"
        ).fetchall()
        with connection.cursor().copy(f"COPY (SELECT {column} FROM {table}) TO STDOUT") as copy:
            dumped = b"".join(copy).decode().replace("\\\\x", "").split()
    numbers, places = (sorted(rows, key=lambda row, by=by: (row[by], random.random())) for by in (1, 2))
    dump = [bytes.fromhex(line) for line in dumped if line != "\\N"]
    return [*([bytes(row[0]) for row in order] for order in (numbers, places)), dump, log]


def without_page_headers(segment: Path) -> bytes:
    """Return a segment of the log in one piece: a page's header stands in the middle of what goes over two pages.

    PostgreSQL's access/xlog_internal.h: pages of 8 KiB, 24 bytes of header, 40 where the second flag is set.
    """
    data = segment.read_bytes()
    pages = (data[at : at + 8192] for at in range(0, len(data), 8192))
    return b"".join(page[40 if page[2] & 2 else 24 :] for page in pages)


def pg_attack(server: Server, truth: Pairs) -> tuple[int, int]:
    """Return the most right guesses from any of the orders, and how many marks and keys still stand in the log."""
    log = b"".join(without_page_headers(path) for path in sorted((server.data / "pg_wal").glob("0*")))
    logged = sum(one in log for one in (*truth, *truth.values()))
    marks = pg_orders(server, "sotto_office", "invitation", "blinded_hash", [*truth.values()])
    keys = pg_orders(server, "sotto_answers", "sealed", "row_key", [*truth])
    return best(truth, list(zip(marks, keys, strict=True))), logged


def test_postgresql_tells_all_before_compaction_and_nothing_after(pg_host, pg_server):
    """Transaction numbers, places, a dump and the log pair people with answers before, and are chance afterwards."""
    truth = play(fieldwork(2), pg_host.issue, pg_host.hand_in)
    before, logged = pg_attack(pg_server, truth)
    pg_host.compact()
    after, left = pg_attack(pg_server, truth)
    assert before > PEOPLE / 3
    assert after <= BY_CHANCE
    # With the settings that we ship nothing of marks or keys is left in the log's files.
    assert (2 * PEOPLE, 0) == (logged, left)
