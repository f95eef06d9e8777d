"""Engines of both databases, with settings that keep acknowledged rows and overwrite deleted ones. No Flask."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, text  # noqa: TID251 - here alone, behind a guard
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.pool import QueuePool

from crypto.errors import RefusedError
from survey.database.file_chain import FileConnection, follow_file, open_newest, where_led
from survey.database.guards import Guard, deny_all

BUSY_SECONDS = 5.0
DISK_FULL = {"53100", sqlite3.SQLITE_FULL}
"""The codes of a full disk: PostgreSQL's SQLSTATE and SQLite's."""
# 1.8 kB records in a WITHOUT ROWID table overflow a 4 KiB page; a page of 8 KiB holds each whole.
PAGE_SIZE = 8192
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: in WAL mode NORMAL does not sync at commit, and a power cut loses acknowledged rows
    "secure_delete": 1,
    "trusted_schema": 0,
    "foreign_keys": 1,
    "recursive_triggers": 1,  # otherwise INSERT OR REPLACE deletes without firing delete triggers
}
POSTGRES_SETTINGS = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    "track_commit_timestamp": {"off"},  # on, it keeps the moment of every hand-in
}


class DatabaseError(RefusedError):
    """A database cannot be used; the message says what to do and holds no address or password."""


class DatabaseSettingsError(DatabaseError):
    """The database's settings could lose acknowledged rows, or keep data that must be deleted."""


class NotMigratedError(DatabaseError):
    """The database does not have the schema of this version."""


class DatabaseAwayError(DatabaseError):
    """The database gives no answer now; a process that serves waits for it."""


class DatabaseFullError(DatabaseError):
    """There is no room left on the database's disk."""


def connect(url: str, *, guard: Guard | None = deny_all, begin: str | None = "BEGIN", create: bool = False) -> Engine:
    """
    Return an engine for `url`.

    `guard` is a SQLite authorizer for every connection: without one nothing can be read or written; with None, which
    is for staff commands and migrations, everything. On PostgreSQL roles stand in its place. `begin` is the statement
    that opens a transaction, None to commit every statement by itself; `create` makes a missing SQLite file, readable
    by its owner only.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(address, guard, begin, create=create)
    return _postgres_engine(address, begin)


def code_of(cause: BaseException | None) -> str | int | None:
    """Return the code of a driver's own error: PostgreSQL's SQLSTATE, SQLite's primary result code, or nothing."""
    state: str | None = getattr(cause, "sqlstate", None)
    extended: int | None = getattr(cause, "sqlite_errorcode", None)
    # SQLite's extended codes hold the primary one in their lowest byte (https://www.sqlite.org/rescode.html).
    return state if extended is None else extended & 0xFF


def is_sqlite(connection: Connection | Engine) -> bool:
    """Say whether the database is SQLite; else it is PostgreSQL."""
    return connection.dialect.name == "sqlite"


def check_settings(engine: Engine) -> None:
    """Raise DatabaseSettingsError unless PostgreSQL has POSTGRES_SETTINGS; SQLite is checked at each connection."""
    if is_sqlite(engine):
        return
    with engine.connect() as connection:
        require_settings(connection)


def require_settings(connection: Connection) -> None:
    """Raise DatabaseSettingsError unless a connection to PostgreSQL has POSTGRES_SETTINGS."""
    for name, allowed in POSTGRES_SETTINGS.items():
        if connection.execute(text(f"SHOW {name}")).scalar_one() not in allowed:
            raise DatabaseSettingsError(f"PostgreSQL: set {name} to {' or '.join(sorted(allowed))}")


def _sqlite_engine(address: URL, guard: Guard | None, begin: str | None, *, create: bool) -> Engine:
    path = Path(address.database or "")
    if create:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)

    def open_file() -> FileConnection:
        led_to = where_led(path)
        connection = open_newest(path, _open_file)
        connection.led_to = led_to
        connection.set_authorizer(guard)
        return connection

    # Where every statement commits by itself there is nothing to roll back when a connection returns to the pool.
    on_return = "rollback" if begin else None
    engine = create_engine(
        address, creator=open_file, poolclass=QueuePool, hide_parameters=True, pool_reset_on_return=on_return
    )
    follow_file(engine, path)
    if begin:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _open_file(path: Path) -> FileConnection:
    connection: FileConnection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        isolation_level=None,
        factory=FileConnection,
    )
    _set_pragmas(connection)
    return connection


def _set_pragmas(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        # Read back: on file systems that cannot do WAL, SQLite ignores the PRAGMA without an error.
        if connection.execute(f"PRAGMA {name}").fetchone() != (value,):
            raise DatabaseSettingsError(f"SQLite: PRAGMA {name} could not be set to {value} here; use a local disk")


def _postgres_engine(address: URL, begin: str | None) -> Engine:
    # Respondents' requests have a time limit, staff commands none.
    options = {} if begin else {"options": f"-c statement_timeout={int(BUSY_SECONDS * 1000)}"}
    return create_engine(
        address,
        hide_parameters=True,
        pool_timeout=BUSY_SECONDS,
        # A connection from before the server restarted is replaced unseen; a hand-in is tried again instead, which
        # spares each of them a question.
        pool_pre_ping=bool(begin),
        connect_args={"connect_timeout": 3, **options},
        **({} if begin else {"isolation_level": "AUTOCOMMIT"}),
    )
