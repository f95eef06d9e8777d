"""Errors of the answers database, in place of the driver's, whose messages may hold stored values."""

from sqlalchemy.exc import DBAPIError

from crypto.errors import RefusedError
from survey.database.engine import DISK_FULL, code_of

# What the triggers say: the SQLSTATE on PostgreSQL, the message on SQLite.
CLOSED = ("SO001", "sotto: closed")
SIZE = ("SO002", "sotto: size")
KEY_IN_USE = ("SO003", "sotto: taken")
ROW_KEY = ("SO006", "sotto: row key")
SPENT = ("SO005", "sotto: spent")


class StoreError(RefusedError):
    """A row was not stored; the message never holds a value."""


class WaveClosedError(StoreError):
    """The wave is not open, or there is none with this key id."""


class RecordRefusedError(StoreError):
    """The record does not have the size of its wave's records or its own key, or another record has its key."""


class WorkSpentError(StoreError):
    """The proof of work was used for another answer already."""


class StoreFullError(StoreError):
    """There is no room left on the disk; the row was not stored."""


class StoreUnavailableError(StoreError):
    """The database is busy, away or broken; the row may not have been stored. Sending it again is safe."""


def translate(error: DBAPIError) -> StoreError:
    """Return the StoreError for a driver's error, without the driver's text and its bound values."""
    code = code_of(error.orig)
    # SQLite reports every trigger's refusal under one code, so the trigger's message distinguishes them.
    codes = {code, str(error.orig)}
    if codes & set(CLOSED):
        return WaveClosedError("the wave is not open")
    if codes & set(SPENT):
        return WorkSpentError("the work was used for another answer")
    if codes & {*SIZE, *KEY_IN_USE, *ROW_KEY}:
        return RecordRefusedError("the record does not fit its wave")
    if code in DISK_FULL:
        return StoreFullError("the disk is full")
    return StoreUnavailableError("the database could not store the record")
