"""Why a row was not stored: our errors for a driver's, whose own words may hold a value."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from crypto.errors import RefusedError

# What the triggers say: the SQLSTATE on PostgreSQL, the message on SQLite.
CLOSED = ("SO001", "sotto: closed")
SIZE = ("SO002", "sotto: size")
TAKEN = ("SO003", "sotto: taken")
SPENT = ("SO005", "sotto: spent")
FULL = {"53100", sqlite3.SQLITE_FULL}


class StoreError(RefusedError):
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
