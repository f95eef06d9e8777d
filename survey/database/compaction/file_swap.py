"""Compacts a SQLite database while others write: copies it into a new file, slice by slice in key order. No Flask."""

import fcntl
import hashlib
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import Engine

from crypto.durable import sync_folder
from survey.database.compaction.copied_table import FEW, ROUNDS, CopiedTable, Row
from survey.database.compaction.errors import BUSY, RUNNING, CompactionError, NoRoomError, compaction_error, no_room
from survey.database.compaction.file_retirement import lead_to, remove_copies_after
from survey.database.engine import BUSY_SECONDS, PAGE_SIZE
from survey.database.file_chain import MOVED, MOVED_MESSAGE, file_of, next_of
from survey.database.guards import LATE

SLICE = 500
"""The most rows of one transaction: a sync of so much holds up nobody else's for long."""
LONGEST_REST = 0.5
# The names in these statements are constants of ours.
LAST_KEY = "SELECT max({key}) FROM {table}"
CAME = "{key} IN (SELECT key FROM late WHERE name = '{table}' AND n > {first} AND n <= {last})"
ROWS = "SELECT * FROM {table} AS one WHERE {key} > ? AND {chosen} AND ({kept}) ORDER BY {key} LIMIT {slice}"
EVERY_ROW = "SELECT * FROM {table}"
# OR IGNORE would leave out, without a word, a row that breaks any other rule of its table.
INSERT = "INSERT INTO {table} VALUES ({places}) ON CONFLICT DO NOTHING"
LAST_LATE = "SELECT coalesce(max(n), 0) FROM late"
FORGET_LATE = "DELETE FROM late"
MAKE_LATE = "CREATE TABLE IF NOT EXISTS late (n INTEGER PRIMARY KEY, name TEXT NOT NULL, key BLOB NOT NULL)"
NOTE_LATE = """
    CREATE TRIGGER IF NOT EXISTS {table}_late AFTER INSERT ON {table}
    BEGIN INSERT INTO late (name, key) VALUES ('{table}', NEW.{key}); END
"""
# What notes late rows stays behind.
SCHEMA = """
    SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
    AND name <> 'late' AND name NOT LIKE '%~_late' ESCAPE '~' AND {kind} ORDER BY type DESC, name
"""
REFUSE = "CREATE TRIGGER {table}_{trigger} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
log = logging.getLogger(__name__)


# Decision 133.
def compact_file(engine: Engine, tables: Sequence[CopiedTable], whole: Sequence[str], rules: bytes) -> None:
    """
    Write a SQLite database anew into a file of its own, which then takes the old one's place.

    The new file depends on the rows alone, but for those that came in the meantime, which stand at its end. `tables`
    are copied in slices, `whole` (small ones) at the end; together they are all tables. A copy that broke off on the
    same day is completed where `rules`, which says what was kept of each row, is the same.

    Raises CompactionError where there is no room for a second copy, and where another compaction runs.
    """
    raw = engine.raw_connection()
    try:
        live = raw.driver_connection
        if live is None:
            raise CompactionError("the database gave no connection")
        with _alone(file_of(live).parent):
            _compact(live, tables, whole, rules)
    except sqlite3.Error as error:
        raise compaction_error(error) from None
    finally:
        raw.close()
        engine.dispose()


def _compact(live: sqlite3.Connection, tables: Sequence[CopiedTable], whole: Sequence[str], rules: bytes) -> None:
    file = file_of(live)
    _retire_older(file)
    _note_late_rows(live, tables, whole)
    new = _begin(live, file, rules)
    copy = FileCopy(live, new, tables, whole)
    try:
        copy.fill()
        copy.exchange(next_of(file))
    except sqlite3.Error as error:
        new.close()
        problem = compaction_error(error)
        if isinstance(problem, NoRoomError):
            # Half a copy would keep hand-ins out as well.
            remove_copies_after(file)
        raise problem from None
    finally:
        new.close()
    log.info("moved")
    _retire_older(next_of(file))
    log.info("removed")


@dataclass
class FileCopy:
    """A copy under way: from `live`, in which others write, to `new`, which nobody else has open."""

    live: sqlite3.Connection
    new: sqlite3.Connection
    tables: Sequence[CopiedTable]
    whole: Sequence[str]
    late_until: int = field(default=0, init=False)

    def fill(self) -> None:
        """Copy every table, then what came in the meantime, until little is left."""
        for table in self.tables:
            last = self.new.execute(LAST_KEY.format(key=table.key, table=table.name)).fetchone()[0]
            self._copy(table, "true", last or b"")
        for _ in range(ROUNDS):
            log.info("catching up")
            if self._catch_up() < FEW:
                return

    def exchange(self, following: Path) -> None:
        """Copy the rest while nobody can write, and say in the old file that its rows are in `following`."""
        # Nothing of the rest is synced by itself: a copy that breaks off from here on is not completed.
        self.new.execute("PRAGMA application_id = 0")
        self.new.execute("PRAGMA synchronous = 0")
        self.live.execute("BEGIN IMMEDIATE")
        try:
            log.info("exchanging")
            self.new.execute("BEGIN")
            while self._catch_up():
                pass  # what a check sets aside comes late too
            self._finish()
            self.new.close()
            _sync(following)
            _say_moved(self.live)
            log.info("moving")
            self.live.execute("COMMIT")
        except BaseException:
            if self.live.in_transaction:
                self.live.execute("ROLLBACK")
            raise

    def _catch_up(self) -> int:
        """Copy the rows that came since the last time; return how many."""
        first, last = self.late_until, self.live.execute(LAST_LATE).fetchone()[0]
        for table in self.tables:
            came = CAME.format(key=table.key, table=table.name, first=first, last=last)
            self._copy(table, came, b"")
        self.late_until = last
        return int(last - first)

    def _copy(self, table: CopiedTable, chosen: str, after: bytes) -> None:
        select = ROWS.format(table=table.name, key=table.key, chosen=chosen, kept=table.kept, slice=SLICE)
        while rows := self.live.execute(select, (after,)).fetchall():
            began = time.monotonic()
            self._store(table, self._without_bad(table, rows))
            log.info("slice of %s", table.name)
            after = rows[-1][0]
            self._rest(time.monotonic() - began)

    def _rest(self, seconds: float) -> None:
        """Leave the disk to hand-ins for as long as a slice took it; not where they wait for the exchange."""
        if not self.live.in_transaction:
            time.sleep(min(seconds, LONGEST_REST))

    def _without_bad(self, table: CopiedTable, rows: list[Row]) -> list[Row]:
        bad = table.aside.check(rows) if table.aside else []
        if not table.aside or not bad:
            return rows
        # Into the old file: its triggers note them as late, and so they are copied.
        self.live.executemany(_insert(table.aside.table, bad[0]), bad)
        gone = {row[1:] for row in bad}
        return [row for row in rows if row not in gone]

    def _store(self, table: CopiedTable, rows: list[Row]) -> None:
        if not rows:
            return
        alone = not self.new.in_transaction
        if alone:
            self.new.execute("BEGIN")
        self.new.executemany(_insert(table.name, rows[0]), rows)
        if alone:
            self.new.execute("COMMIT")

    def _finish(self) -> None:
        """Copy the small tables and everything that acts on a write, which the copying itself was not to set off."""
        for name in self.whole:
            rows = self.live.execute(EVERY_ROW.format(table=name)).fetchall()
            if rows:
                self.new.executemany(_insert(name, rows[0]), rows)
        for statement in _schema(self.live, "type IN ('index', 'trigger')"):
            self.new.execute(statement)
        self.new.execute("COMMIT")
        self.new.execute("PRAGMA journal_mode = wal")


def _begin(live: sqlite3.Connection, file: Path, rules: bytes) -> sqlite3.Connection:
    """Return a connection to the file that follows: the one that broke off, if it can be completed, or a new one."""
    mark = _mark(live, rules)
    if next_of(file).exists():
        former = _connect(next_of(file))
        if former.execute("PRAGMA application_id").fetchone() == (mark,):
            log.info("resuming")
            return former
        former.close()
        remove_copies_after(file)
    _require_room(file)
    _make_as(file, next_of(file))
    live.execute(FORGET_LATE)
    new = _connect(next_of(file))
    new.execute("BEGIN")
    for statement in _schema(live, "type = 'table'"):
        new.execute(statement)
    new.execute(f"PRAGMA application_id = {mark}")
    new.execute("COMMIT")
    log.info("begun")
    return new


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    for name, value in (("page_size", PAGE_SIZE), ("journal_mode", "truncate"), ("synchronous", 2)):
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
    return connection


def _mark(live: sqlite3.Connection, rules: bytes) -> int:
    """Return what stands for the conditions of a copy: one that was begun under others is not completed."""
    conditions = hashlib.sha256(rules)
    for statement in _schema(live, "true"):
        conditions.update(hashlib.sha256(statement.encode()).digest())
    # SQLite keeps 31 bits and a sign; 0 is what a file has that is complete.
    return int.from_bytes(conditions.digest()[:4]) >> 1 or 1


def _schema(live: sqlite3.Connection, kind: str) -> list[str]:
    """Return the statements that make a schema, in an order that does not depend on its history."""
    found = live.execute(SCHEMA.format(kind=kind))
    return [statement for (statement,) in found]


def _note_late_rows(live: sqlite3.Connection, tables: Sequence[CopiedTable], whole: Sequence[str]) -> None:
    """Have the old file note the keys of all rows that come from now on, until it goes."""
    found = {name for (name,) in live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} - {LATE}
    if found != {table.name for table in tables} | set(whole):
        raise CompactionError("the database has a table that this version does not know, and would lose it")
    live.execute("BEGIN IMMEDIATE")
    live.execute(MAKE_LATE)
    for table in tables:
        live.execute(NOTE_LATE.format(table=table.name, key=table.key))
    live.execute("COMMIT")


def _say_moved(live: sqlite3.Connection) -> None:
    """Refuse every further write to the old file, whatever the connection, and say why."""
    names = live.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'trigger')").fetchall()
    for kind, name in names:
        if kind == "trigger":
            live.execute(f"DROP TRIGGER {name}")
    for kind, name in names:
        # The first has the name that the authorizer of web processes knows.
        for verb, trigger in (("INSERT", "admits"), ("UPDATE", "stays"), ("DELETE", "remains")):
            if kind == "table":
                live.execute(REFUSE.format(table=name, trigger=trigger, verb=verb, message=MOVED_MESSAGE))
    live.execute(f"PRAGMA user_version = {MOVED}")


def _retire_older(file: Path) -> None:
    if not lead_to(file, BUSY_SECONDS):
        raise CompactionError(BUSY)


def _insert(table: str, row: Row) -> str:
    return INSERT.format(table=table, places=", ".join("?" * len(row)))


def _require_room(file: Path) -> None:
    if shutil.disk_usage(file.parent).free < file.stat().st_size:
        raise no_room()


def _make_as(model: Path, file: Path) -> None:
    """Make an empty file that the same accounts may use as `model`, before anything is in it."""
    owner = model.stat()
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, owner.st_uid, owner.st_gid)
        os.fchmod(handle, owner.st_mode & 0o777)
    except PermissionError:
        file.unlink()
        raise CompactionError("run compaction as the account that owns the database's file") from None
    finally:
        os.close(handle)
    sync_folder(file.parent)


def _sync(file: Path) -> None:
    with file.open("rb") as content:
        os.fsync(content.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of compactions; raise CompactionError where another one runs."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CompactionError(RUNNING) from None
    finally:
        os.close(handle)
