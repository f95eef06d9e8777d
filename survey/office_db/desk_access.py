"""Access of the desk to the office database: it reads what it shows, counts failed sign-ins and keeps sessions."""

import sqlite3

from sqlalchemy.engine import Engine

from survey.database.engine import check_settings, connect
from survey.database.guards import decision, is_driver_probe
from survey.database.schema_version import require_migrated

READABLE = frozenset({"staff", "document", "study", "wave", "plan", "release", "staff_session", "alembic_version"})
"""As the role sotto_desk is granted on PostgreSQL (survey/migrations/office)."""
UPDATABLE = frozenset({("staff", "failures"), ("staff", "locked_until")})
SESSIONS = "staff_session"


def authorize_desk(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Authorize (SQLite) reads of READABLE, updates of UPDATABLE and every change of a session; deny the rest."""
    if action == sqlite3.SQLITE_READ:
        allowed = first in READABLE
    elif action == sqlite3.SQLITE_UPDATE:
        allowed = first == SESSIONS or (first, second) in UPDATABLE
    elif action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE}:
        allowed = first == SESSIONS
    else:
        free = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION}
        allowed = is_driver_probe(action, first, second) or action in free
    return decision(allowed=allowed)


def connect_desk(url: str) -> Engine:
    """Return the desk's engine; raise DatabaseError where the database is not migrated or not durable."""
    engine = connect(url, guard=authorize_desk, begin="BEGIN IMMEDIATE")
    require_migrated(engine, "office")
    check_settings(engine)
    return engine
