"""What can stop a compaction, said without a driver's text. No Flask."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from survey.database.engine import DISK_FULL, DatabaseError, code_of

BUSY = "another process kept the database busy; compact it again"
RUNNING = "another compaction of this database runs: wait until it has ended, then run this again where it is needed"
# The last two are PostgreSQL's lock_not_available and deadlock_detected.
LOCK_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, "55P03", "40P01"}


class CompactionError(DatabaseError):
    """A database could not be compacted; the message says what to do and holds no value, path or statement."""


class NoRoomError(CompactionError):
    """There is no room for a second copy of the rows; the database is as it was."""


def compaction_error(error: sqlite3.Error | DBAPIError) -> CompactionError:
    """Return the CompactionError for a driver's error, whose message may hold a path or a statement."""
    cause = getattr(error, "orig", error)
    code = code_of(cause)
    if code in DISK_FULL:
        return no_room()
    if code in LOCK_CODES:
        return CompactionError(BUSY)
    return CompactionError("the database could not be compacted; check its disk and compact it again")


def no_room() -> NoRoomError:
    """Return the error for a disk without room for a second copy."""
    return NoRoomError("compaction needs room for a second copy of the rows: make room and compact again")
