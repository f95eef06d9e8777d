"""Deletes withdrawn answers and rewrites the rest in key order, so that no order of arrival is left. No Flask."""

import sqlite3
import time

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey.answers_db.spent_work import DAY
from survey.answers_db.store_errors import FULL, StoreError, StoreFullError, StoreUnavailableError
from survey.database.engine import DatabaseSettingsError, is_sqlite

# In one transaction, so that every row bears one transaction number: CLUSTER and VACUUM FULL keep the old ones, and
# with them the order of arrival.
REWRITE = (
    "LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE",
    "CREATE TABLE public.{table}_rewritten (LIKE public.{table} INCLUDING ALL)",
    "INSERT INTO public.{table}_rewritten SELECT * FROM public.{table} one WHERE {kept} ORDER BY {key}",
)
NOT_WITHDRAWN = "NOT EXISTS (SELECT FROM public.withdrawn w WHERE w.row_key = one.row_key AND w.epoch = one.epoch)"
WITHDRAW = """
    DELETE FROM sealed WHERE EXISTS (
      SELECT 1 FROM withdrawn WHERE withdrawn.row_key = sealed.row_key AND withdrawn.epoch = sealed.epoch)
"""
# Challenges end within the hour: what could be used until yesterday can be used no more.
ENDED = "DELETE FROM spent_work WHERE day < {today}"
NOT_ENDED = "one.day >= {today}"
RENAME = (
    "DROP TABLE public.{table}",
    "ALTER TABLE public.{table}_rewritten RENAME TO {table}",
    "ALTER INDEX public.{table}_rewritten_pkey RENAME TO {table}_pkey",
)
# Beside their records the log holds the moment of every commit; a checkpoint lets the segments before it go.
FORGET_LOG = ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")
BUSY = "another process kept the database busy; compact it again"
# The last two are PostgreSQL's lock_not_available and deadlock_detected.
LOCK_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, "55P03", "40P01"}
MISSING_PRIVILEGE = (
    "PostgreSQL: the rows are compacted, but the log still tells their order: GRANT pg_checkpoint and EXECUTE on "
    "pg_switch_wal() to the role of staff commands (deploy/postgres/roles.sql), and compact again"
)
# LIKE copies neither foreign keys, triggers nor grants.
RESTORE = (
    """
    SELECT format('ALTER TABLE public.{table} ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = 'public.{table}'::regclass AND contype = 'f'
    """,
    """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'public.{table}'::regclass AND NOT tgisinternal
    """,
    """
    SELECT format('GRANT %s ON public.{table} TO %s', privilege_type,
                  CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(grantee::regrole::text) END)
    FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = 'public.{table}'::regclass AND grantee <> relowner
    """,
    """
    SELECT format('GRANT %s (%I) ON public.{table} TO %s', privilege_type, attname,
                  CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(grantee::regrole::text) END)
    FROM pg_attribute, aclexplode(attacl) WHERE attrelid = 'public.{table}'::regclass
    """,
)


# Decision 52.
def compact(engine: Engine) -> None:
    """
    Delete withdrawn answers, and make the files of the answers database depend on its set of rows alone.

    SQLite: the file becomes the same bytes whatever the order of arrival, and the write-ahead log is emptied.
    PostgreSQL: table, index and transaction numbers lose the order, and the write-ahead log's old segments are
    released (with the settings of deploy/postgres/sotto.conf they are removed, not reused). Raises
    StoreUnavailableError where another process holds a lock, and StoreFullError where the disk has no room for the
    second copy: the rows are then unchanged. Raises DatabaseSettingsError where the role may not release the log.
    """
    today = int(time.time() // DAY)
    if is_sqlite(engine):
        _compact_sqlite(engine, WITHDRAW, ENDED.format(today=today))
        return
    # One after the other, never a lock on both: a hand-in holds the first and asks for the second, a withdrawal the
    # reverse. One that commits in between is applied the next time; after a close none does.
    _compact_table(engine, "sealed", "row_key", NOT_WITHDRAWN)
    _compact_table(engine, "withdrawn", "row_key")
    _compact_table(engine, "spent_work", "id", NOT_ENDED.format(today=today))
    _forget_log(engine)


def compact_invitations(engine: Engine) -> None:
    """Rewrite the table of invitations in the staff database as `compact` does the answers; raises the same errors."""
    if is_sqlite(engine):
        _compact_sqlite(engine)
        return
    _compact_table(engine, "invitation", "code_hash")
    _forget_log(engine)


def _compact_table(engine: Engine, table: str, key: str, condition: str = "true") -> None:
    """Rewrite a table in the order of `key` with the rows that meet `condition`; all three are constants of ours."""
    try:
        with engine.begin() as connection:
            _rewrite(connection, {"table": table, "key": key, "kept": condition})
    except DBAPIError as error:
        raise compaction_error(error) from None


def _forget_log(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            for statement in FORGET_LOG:
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            if isinstance(error.orig, InsufficientPrivilege):
                raise DatabaseSettingsError(MISSING_PRIVILEGE) from None
            raise StoreUnavailableError(BUSY) from None


def _compact_sqlite(engine: Engine, *statements: str) -> None:
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise StoreUnavailableError("the database gave no connection")
        try:
            for statement in (*statements, "VACUUM"):
                raw.execute(statement)
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            # Past SQLAlchemy, which would open a transaction: VACUUM runs outside of one.
            raise compaction_error(error) from None
    if busy:
        raise StoreUnavailableError(BUSY)


def compaction_error(error: sqlite3.Error | DBAPIError) -> StoreError:
    """Return the StoreError for a driver's error, whose message may hold a path or a statement."""
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorcode", None)
    if code in FULL:
        return StoreFullError("compaction needs room for a second copy of the answers: make room and compact again")
    if code in LOCK_CODES:
        return StoreUnavailableError(BUSY)
    return StoreUnavailableError("the answers database could not be compacted; check its disk and compact it again")


def _rewrite(connection: Connection, parts: dict[str, str]) -> None:
    for statement in REWRITE:
        connection.execute(text(statement.format(**parts)))
    restore = [line for query in RESTORE for line in connection.execute(text(query.format(**parts))).scalars()]
    for statement in (*(statement_template.format(**parts) for statement_template in RENAME), *restore):
        connection.exec_driver_sql(statement)
