"""Connections of processes that may do little: a guard on SQLite, a role on PostgreSQL, and one more try."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey.database.engine import DatabaseAwayError, DatabaseFullError, connect, is_sqlite, require_settings
from survey.database.guards import Guard, authorize_version
from survey.database.schema_version import Branch, require_migrated, require_version

Result = TypeVar("Result")
Check = Callable[[Connection], None]
CHECKED = "sotto checked"
"""What the notes of a connection hold once it was checked."""


# Decision 119.
def connect_limited(url: str, branch: Branch, guard: Guard, check_role: Check, *, transactions: bool) -> Engine:
    """
    Return an engine with the SQLite authorizer `guard`, or on PostgreSQL one that checks each connection it makes.

    Schema, settings and role are checked before anything is done; `check_role` raises an error for a PostgreSQL role
    that may do more. A database that is away, or whose disk is full, is waited for: the engine is returned, and its
    work raises errors until that is over. Without `transactions` each statement commits by itself; with them SQLite
    takes its lock at once.
    """
    begin = "BEGIN" if transactions else None
    engine = connect(url, guard=guard, begin=begin and "BEGIN IMMEDIATE")
    if not is_sqlite(engine):
        engine = connect(url, begin=begin)
        _check_each_connection(engine, branch, check_role)
    _try(engine, branch)
    return engine


def require_answering(engine: Engine, branch: Branch) -> None:
    """Raise DatabaseError unless a database answers now and has the schema of this version."""
    if not is_sqlite(engine):
        require_migrated(engine, branch)
        return
    # The guard of a SQLite engine lets nothing be read: the version is asked for on a connection of its own.
    probe = connect(engine.url.render_as_string(hide_password=False), guard=authorize_version, begin=None)
    try:
        require_migrated(probe, branch)
    finally:
        probe.dispose()


def once_more(work: Callable[[], Result]) -> Result:
    """
    Return what `work`, which is idempotent, returns; run it again where the database had closed the connection.

    A pool may hold a connection from before the database restarted, or to a SQLite file that compaction has replaced.
    """
    try:
        return work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return work()


def _check_each_connection(engine: Engine, branch: Branch, check_role: Check) -> None:
    """Check schema, settings and role of each connection to PostgreSQL before its first use."""

    def check(connection: Connection) -> None:
        require_version(connection, branch)
        require_settings(connection)
        check_role(connection)

    event.listen(engine, "engine_connect", lambda connection: _check_once(connection, check))


def _check_once(connection: Connection, check: Check) -> None:
    """Check a connection of the driver's the first time it is used; one that fails is not used at all."""
    if CHECKED in connection.info:
        return
    try:
        check(connection)
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    connection.info[CHECKED] = True


def _try(engine: Engine, branch: Branch) -> None:
    """Connect once, so that a wrong schema, setting or role stops the start; say so where nothing answers."""
    try:
        require_answering(engine, branch)
    except (DatabaseAwayError, DatabaseFullError) as error:
        # gunicorn gives up for good where a worker cannot start: a restart of the database must not end the service.
        logging.getLogger(__name__).warning("%s. Serving begins without it, and uses it once it is there", error)
    except BaseException:
        engine.dispose()
        raise
