"""Access of the desk to the office database: it reads what it shows, adds requests, keeps sessions and secrets."""

import sqlite3

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from survey.database.engine import DatabaseSettingsError
from survey.database.guards import decision, is_driver_probe
from survey.database.limited_access import connect_limited

# Decision 148.
KEPT = frozenset({"staff_session", "sign_in_secret", "recovery_code", "sign_in_link", "passkey", "used_challenge"})
"""Sessions and means of signing in: what only opens the desk, to whoever holds the desk already."""
ADDED = frozenset({"desk_act", "request", "request_file"})
"""What the desk adds rows to and changes nothing of: what it tells the audit, and what staff ask of the operator."""
# Decision 136.
READABLE = KEPT | {
    "desk_act", "request", "request_result", "request_day", "staff", "staff_role", "confirmed_passkey", "document",
    "study", "wave", "plan", "release", "last_compaction", "audit", "alembic_version",
}  # fmt: skip
"""As the role sotto_desk is granted on PostgreSQL (survey/migrations/office)."""
OTHER_PRIVILEGES = """
    SELECT has_table_privilege('public.staff', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege('public.staff', 'UPDATE')
        OR has_table_privilege('public.staff_role', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.confirmed_passkey', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.desk_act', 'UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.study', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.last_compaction', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.audit', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.request', 'UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.request_result', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.request_day', 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('public.invitation', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
"""
"""Whether a PostgreSQL role may do what only the owner's or the issuer's may."""


def authorize_desk(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Authorize (SQLite) reads of READABLE, every change of KEPT and new rows of ADDED; deny the rest."""
    if action == sqlite3.SQLITE_READ:
        # SQLite looks at a file's request itself, for the reference, as soon as a trigger stands on what it names.
        allowed = first in READABLE or (first, second) == ("request_file", "request")
    elif action == sqlite3.SQLITE_INSERT:
        allowed = first in KEPT | ADDED
    elif action in {sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}:
        allowed = first in KEPT
    else:
        free = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT}
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
            "shows, adds requests and changes sessions alone (deploy/postgres/roles.sql)"
        )
