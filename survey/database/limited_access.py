"""Connections of processes that may do little: a guard on SQLite, a role on PostgreSQL, and one more try."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.database.engine import check_settings, connect, is_sqlite
from survey.database.guards import Guard, authorize_version
from survey.database.schema_version import Branch, require_migrated

Result = TypeVar("Result")


def connect_limited(
    url: str, branch: Branch, guard: Guard, check_role: Callable[[Engine], None], *, transactions: bool
) -> Engine:
    """
    Return an engine with the SQLite authorizer `guard`, after the schema, the settings and the role were checked.

    `check_role` raises an error for a PostgreSQL role that may do more. Without `transactions` each statement commits
    by itself; with them SQLite takes its lock at once.
    """
    probe = connect(url, guard=authorize_version, begin=None)
    try:
        require_migrated(probe, branch)
        check_settings(probe)
        if not is_sqlite(probe):
            check_role(probe)
    finally:
        probe.dispose()
    begin = ("BEGIN IMMEDIATE" if is_sqlite(probe) else "BEGIN") if transactions else None
    return connect(url, guard=guard, begin=begin)


def once_more(work: Callable[[], Result]) -> Result:
    """
    Return what `work`, which is idempotent, returns; run it again where the database had closed the connection.

    A pool may hold a connection from before the database restarted.
    """
    try:
        return work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return work()
