"""Access of the desk to the office database: it reads what it shows, counts failed sign-ins and keeps sessions."""

import sqlite3

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from survey.database.engine import DatabaseSettingsError
from survey.database.guards import decision, is_driver_probe
from survey.database.limited_access import connect_limited

READABLE = frozenset({"staff", "document", "study", "wave", "plan", "release", "staff_session", "alembic_version"})
"""As the role sotto_desk is granted on PostgreSQL (survey/migrations/office)."""
UPDATABLE = frozenset({("staff", "failures"), ("staff", "locked_until")})
SESSIONS = "staff_session"
OTHER_PRIVILEGES = """
    SELECT has_table_privilege('public.staff', 'INSERT, DELETE, TRUNCATE')
        OR has_column_privilege('public.staff', 'password_hash', 'UPDATE')
        OR has_table_privilege('public.study', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.audit', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.invitation', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
"""
"""Whether a PostgreSQL role may do what only the owner's or the issuer's may."""


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
    """Return the desk's engine; raise DatabaseError where the database is not migrated, not durable, or another's."""
    return connect_limited(url, "office", authorize_desk, _require_desk_role, transactions=True)


def _require_desk_role(connection: Connection) -> None:
    """Refuse a PostgreSQL role with OTHER_PRIVILEGES; on SQLite `authorize_desk` denies the rest."""
    if connection.execute(text(OTHER_PRIVILEGES)).scalar_one():
        raise DatabaseSettingsError(
            "PostgreSQL: SOTTO_OFFICE_URL of the desk must use the role sotto_desk, which reads what the desk "
            "shows and changes sessions alone (deploy/postgres/roles.sql)"
        )
