"""Sealed rows at rest: the respond app adds rows and tombstones and can do no more; staff commands read for a box."""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table, case, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from survey.answers_db.spent_work import Spent
from survey.database.engine import DatabaseSettingsError, check_settings, connect, is_sqlite
from survey.database.migration import require_migrated

ROW_KEY_SIZE = 32
EPOCH_SIZE = 8
CHUNK = 1000

# What the triggers say: the SQLSTATE on PostgreSQL, the message on SQLite.
CLOSED = ("SO001", "sotto: closed")
SIZE = ("SO002", "sotto: size")
TAKEN = ("SO003", "sotto: taken")
SPENT = ("SO005", "sotto: spent")
FULL = {"53100", sqlite3.SQLITE_FULL}


class StoreError(Exception):
    """A row was not stored; the message never holds a value."""


class WaveClosedError(StoreError):
    """The epoch is not open, or there is none of this name."""


class RecordRefusedError(StoreError):
    """The record does not have the size of its epoch, or its key is taken by another record."""


class WorkSpentError(StoreError):
    """The proof of work was used for another answer already."""


class StoreFullError(StoreError):
    """There is no room left on the disk; the row was not stored."""


class StoreUnavailableError(StoreError):
    """The database is busy, away or broken; the row may not have been stored. Sending it again is safe."""


class Answers(SQLModel, registry=registry()):
    """The tables of the answers database."""


class Epoch(Answers, table=True):
    """One wave as the store knows it: a name without meaning, one record size, open or not. Never reopened."""

    __tablename__ = "epoch"
    __table_args__ = (CheckConstraint(f"length(id) = {EPOCH_SIZE}", "epoch_id_size"), {"sqlite_with_rowid": False})

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    record_size: int
    open: bool


class Sealed(Answers, table=True):
    """One sealed record: no number, no time, no owner; the key is the token's tag or the hash of the envelope."""

    __tablename__ = "sealed"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "sealed_row_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    record: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Withdrawn(Answers, table=True):
    """One tombstone: the answer with this key was taken back; compaction deletes it, and the key stays spent."""

    __tablename__ = "withdrawn"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "withdrawn_row_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SpentWork(Answers, table=True):
    """One proof of work that was used: which challenge, on which row without telling, and the last day it could be."""

    __tablename__ = "spent_work"
    __table_args__ = (
        CheckConstraint("length(id) = 32 AND length(proof) = 32", "spent_work_sizes"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    proof: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    day: int


EPOCH: Table = Answers.metadata.tables["epoch"]
SEALED: Table = Answers.metadata.tables["sealed"]
WITHDRAWN: Table = Answers.metadata.tables["withdrawn"]
SPENT_WORK: Table = Answers.metadata.tables["spent_work"]
ADMITTING = {"sealed": "sealed_admits", "withdrawn": "withdrawn_admits", "spent_work": "spent_work_admits"}
"""The tables that the respond app adds to, and the trigger of each that decides."""


_COUNTED = {"preserve_rowcount": True}


def _adding(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    # No conflict target: naming one needs SELECT, which the respond role does not have.
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


@cache
def _insert_text(table: Table, dialect: str) -> str:
    """Return the insert with named parameters, as the driver of `dialect` takes it."""
    named: Dialect = (
        sqlite.dialect(paramstyle="named") if dialect == "sqlite" else PGDialect_psycopg()  # type: ignore[no-untyped-call]
    )
    return str(_adding(table, dialect).compile(dialect=named))


def insert_only(action: int, first: str | None, second: str | None, _database: str | None, trigger: str | None) -> int:
    """Authorize (SQLite) the insert of a row or tombstone and what its trigger reads; deny everything else."""
    if action == sqlite3.SQLITE_INSERT:
        allowed = first in ADMITTING and trigger is None
    elif action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}:
        allowed = trigger in ADMITTING.values()
    else:
        # SQLAlchemy asks a new connection for this pragma, and sets nothing by it.
        asks = (action, first, second) == (sqlite3.SQLITE_PRAGMA, "read_uncommitted", None)
        allowed = asks or action == sqlite3.SQLITE_TRANSACTION
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def connect_respond(url: str) -> Engine:
    """Return the respond app's engine: it can insert sealed rows, one commit each, and nothing else."""
    probe = connect(url, begin=None)
    try:
        require_migrated(probe, "answers")
        check_settings(probe)
        _require_write_only(probe)
    finally:
        probe.dispose()
    return connect(url, guard=insert_only, begin=None)


def connect_owner(url: str) -> Engine:
    """Return the engine of staff commands, which opens and closes epochs and reads the sealed rows for a box."""
    engine = connect(url)
    require_migrated(engine, "answers")
    check_settings(engine)
    return engine


def hand_in(engine: Engine, epoch: bytes, row_key: bytes, record: bytes) -> None:
    """
    Store one record durably; storing it again changes nothing and succeeds.

    Raise WaveClosedError, RecordRefusedError, StoreFullError or StoreUnavailableError: the record was not stored.
    """
    _add(engine, SEALED, {"row_key": row_key, "epoch": epoch, "record": record})


def withdraw(engine: Engine, epoch: bytes, row_key: bytes) -> None:
    """
    Have compaction delete the answer with this key; doing it again changes nothing, nor does it where there is none.

    Raise WaveClosedError, StoreFullError or StoreUnavailableError: nothing was taken back.
    """
    _add(engine, WITHDRAWN, {"row_key": row_key, "epoch": epoch})


def spend(engine: Engine, spent: Spent) -> None:
    """
    Keep that a proof of work was used; using it again for the same row changes nothing and succeeds.

    Raise WorkSpentError where it was used for another row, StoreFullError or StoreUnavailableError.
    """
    _add(engine, SPENT_WORK, {"id": spent.id, "proof": spent.proof, "day": spent.day})


def _add(engine: Engine, table: Table, row: Any) -> None:  # noqa: ANN401 - what a driver takes
    for last in (False, True):
        try:
            with engine.connect() as connection:
                # The text is made once: SQLAlchemy's way to it would cost a third of what the insert does.
                statement = _insert_text(table, engine.dialect.name)
                added = connection.exec_driver_sql(statement, row, execution_options=_COUNTED).rowcount
                if not added:
                    # Of two rows under one key at the same moment PostgreSQL drops the second without a word, after
                    # its trigger has seen no first: asked again, the trigger tells a replay from another row.
                    connection.exec_driver_sql(statement, row)
                # Nothing to do where each statement commits by itself; without it any other engine would lose the row.
                connection.commit()
        except DBAPIError as error:
            # A pool may hold a connection from before the database restarted: once more, on a new one. A second
            # insert is harmless whatever became of the first.
            if last or not error.connection_invalidated:
                raise translate(error) from None
        except SQLAlchemyError:
            raise StoreUnavailableError("the database gave no connection") from None
        else:
            return


def open_epoch(engine: Engine, epoch: bytes, record_size: int) -> None:
    """Open an epoch for records of `record_size` bytes; raise RecordRefusedError where it exists otherwise."""
    with engine.begin() as connection:
        known = connection.execute(select(EPOCH.c.record_size, EPOCH.c.open).where(EPOCH.c.id == epoch)).one_or_none()
        if known is None:
            connection.execute(insert(EPOCH).values(id=epoch, record_size=record_size, open=True))
        elif known != (record_size, True):
            raise RecordRefusedError("this epoch was closed, or was opened for records of another size")


def close_epoch(engine: Engine, epoch: bytes) -> None:
    """Close an epoch for ever; waits for hand-ins in flight, which are stored before this returns or refused."""
    with engine.begin() as connection:
        connection.execute(update(EPOCH).where(EPOCH.c.id == epoch).values(open=False))


def count(engine: Engine, epoch: bytes) -> int:
    """Return the number of records of an epoch. Only staff commands can ask, and only once the epoch is closed."""
    with engine.connect() as connection:
        is_open = connection.execute(select(EPOCH.c.open).where(EPOCH.c.id == epoch)).scalar_one_or_none()
        if is_open is not False:
            raise WaveClosedError("only a closed epoch is counted")
        return connection.execute(select(func.count()).select_from(SEALED).where(SEALED.c.epoch == epoch)).scalar_one()


def fieldwork(engine: Engine, epoch: bytes, enough: int, target: int) -> str:
    """Return how far an epoch has come: `few`, `enough` or `target`. The number itself never leaves the database."""
    number = func.count()
    word = case((number >= target, "target"), (number >= enough, "enough"), else_="few")
    with engine.connect() as connection:
        return str(connection.execute(select(word).select_from(SEALED).where(SEALED.c.epoch == epoch)).scalar_one())


def records(engine: Engine, epoch: bytes) -> Iterator[bytes]:
    """Yield the records of an epoch in the order of their row keys, a chunk in memory at a time."""
    statement = select(SEALED.c.record).where(SEALED.c.epoch == epoch).order_by(SEALED.c.row_key)
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=CHUNK).execute(statement).scalars()


def add_many(engine: Engine, epoch: bytes, rows: Iterable[tuple[bytes, bytes]]) -> int:
    """Store (row key, record) pairs in bulk, a commit a chunk, for simulations; return how many were given."""
    given, source = 0, iter(rows)
    while chunk := [{"row_key": key, "epoch": epoch, "record": record} for key, record in islice(source, CHUNK)]:
        try:
            with engine.begin() as connection:
                if connection.execute(_adding(SEALED, engine.dialect.name), chunk).rowcount != len(chunk):
                    # As in _add: asked again, the trigger tells a replay from another row that came in meanwhile.
                    connection.execute(_adding(SEALED, engine.dialect.name), chunk)
        except DBAPIError as error:
            raise translate(error) from None
        given += len(chunk)
    return given


def translate(error: DBAPIError) -> StoreError:
    """Return our named error for a driver's: the driver's text and its bound values stay behind."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorcode", None)
    # SQLite gives a trigger's refusal one code and our word; any other driver message may hold values.
    said = {code, str(error.orig)}
    if said & set(CLOSED):
        return WaveClosedError("the wave is not open")
    if said & set(SPENT):
        return WorkSpentError("the work was used for another answer")
    if said & {*SIZE, *TAKEN}:
        return RecordRefusedError("the record does not fit its wave")
    if code in FULL:
        return StoreFullError("the disk is full")
    return StoreUnavailableError("the database could not store the record")


def _require_write_only(engine: Engine) -> None:
    """Refuse a PostgreSQL role that could read or change answers; on SQLite the authorizer sees to it."""
    if is_sqlite(engine):
        return
    with engine.connect() as connection:
        more = " OR ".join(
            f"has_table_privilege('public.{table}', 'SELECT, UPDATE, DELETE, TRUNCATE')" for table in ADMITTING
        )
        if connection.execute(text(f"SELECT {more}")).scalar_one():
            raise DatabaseSettingsError(
                "PostgreSQL: SOTTO_ANSWERS_URL of the respond app must use the role sotto_respond, which can only "
                "insert (deploy/postgres/roles.sql)"
            )
