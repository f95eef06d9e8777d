"""Which schema this version knows. No Alembic: a process that serves loads nothing that could change a schema."""

import sqlite3
from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from survey.database.engine import (
    DISK_FULL,
    DatabaseAwayError,
    DatabaseError,
    DatabaseFullError,
    DatabaseSettingsError,
    NotMigratedError,
    code_of,
)

Branch = Literal["answers", "office"]
REVISIONS: Mapping[Branch, tuple[str, ...]] = {
    "answers": ("a1", "a2", "a3", "a4", "a5"),
    "office": ("o1", "o2", "o3", "o4", "o5", "o6", "o7"),
}
"""The migrations of each database (survey/migrations), oldest first, by Alembic's names for them."""
NO_RIGHT = "42501"
"""PostgreSQL's insufficient_privilege."""
NO_SCHEMA = {"42P01", sqlite3.SQLITE_CANTOPEN}
"""What drivers say where there is no such table (PostgreSQL), or no file (SQLite)."""


def require_migrated(engine: Engine, branch: Branch) -> None:
    """
    Raise NotMigratedError unless the database has exactly the schema that this version knows.

    Raises DatabaseAwayError where it gives no answer, and DatabaseFullError where its disk is full.
    """
    try:
        with engine.connect() as connection:
            require_version(connection, branch)
    except DBAPIError as error:
        raise unusable(error, branch) from None


def require_version(connection: Connection, branch: Branch) -> None:
    """Raise NotMigratedError as `require_migrated` does; the driver's errors pass."""
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    known = REVISIONS[branch]
    if revision is None or revision in known[:-1]:
        raise NotMigratedError(f"the {branch} database has an older schema than this version: {_remedy(branch)}")
    if revision != known[-1]:
        raise newer_schema(branch)


def newer_schema(branch: Branch) -> NotMigratedError:
    """Return the error for a schema that this version does not know."""
    return NotMigratedError(
        f"the {branch} database was migrated by a newer version of Sotto, or by another program: this version changes "
        "nothing in it. Install the newer version again, or see that the address is the right one"
    )


def unusable(error: DBAPIError, branch: Branch) -> DatabaseError:
    """Return what a driver's error means for whoever runs the host, without the driver's text."""
    code = code_of(error.orig)
    if code in DISK_FULL:
        return DatabaseFullError(f"the disk of the {branch} database is full: make room there, then run this again")
    if code in NO_SCHEMA or "no such table" in str(error.orig):
        return NotMigratedError(f"the {branch} database is not there, or not migrated: {_remedy(branch)}")
    if code == NO_RIGHT:
        return DatabaseSettingsError(
            f"PostgreSQL: the role of SOTTO_{branch.upper()}_URL may not read the schema's version: use the role that "
            "deploy/postgres/roles.sql makes for this process"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return NotMigratedError(f"the file of the {branch} database is no SQLite database: put its copy back")
    return DatabaseAwayError(
        f"the {branch} database gives no answer ({type(error.orig).__name__}): see that it runs, and that this account "
        "may connect to it; nothing was changed"
    )


def _remedy(branch: Branch) -> str:
    return f"run `sotto migrate` with SOTTO_{branch.upper()}_URL set to its owner"
