"""Compacts a small SQLite file in its place, while nobody can write. No Flask."""

import sqlite3

from sqlalchemy.engine import Engine

from survey.database.compaction.errors import BUSY, CompactionError, compaction_error


def compact_small_file(engine: Engine) -> None:
    """Write a small SQLite file anew in place and empty its log, while nobody can write; raise CompactionError."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise CompactionError("the database gave no connection")
        try:
            raw.execute("VACUUM")
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            # Past SQLAlchemy, which would open a transaction: VACUUM runs outside of one.
            raise compaction_error(error) from None
    if busy:
        raise CompactionError(BUSY)
