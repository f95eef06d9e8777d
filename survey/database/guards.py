"""SQLite authorizers: what a connection may do, however it was reached; decided when a statement is prepared."""

import sqlite3
from collections.abc import Callable

Guard = Callable[[int, str | None, str | None, str | None, str | None], int]
"""(action, two arguments of it, database, trigger or view) to SQLITE_OK or SQLITE_DENY, as SQLite documents them."""

LATE = "late"
"""The table of keys of rows that came, in a file that is being compacted (survey.database.compaction.file_swap)."""


def decision(*, allowed: bool) -> int:
    """Return what an authorizer answers."""
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def is_driver_probe(action: int, first: str | None, second: str | None) -> bool:
    """Say whether this is the pragma that SQLAlchemy asks of a new connection, by which it sets nothing."""
    return (action, first, second) == (sqlite3.SQLITE_PRAGMA, "read_uncommitted", None)


def deny_all(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Authorize transactions and nothing in them: what an engine may do that was given no guard."""
    return decision(allowed=is_driver_probe(action, first, second) or action == sqlite3.SQLITE_TRANSACTION)


def authorize_version(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Authorize the read of the schema's version, for which each process asks before it serves."""
    if action == sqlite3.SQLITE_READ:
        return decision(allowed=first == "alembic_version")
    return decision(
        allowed=is_driver_probe(action, first, second) or action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION}
    )
