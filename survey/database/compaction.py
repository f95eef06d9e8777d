"""Rewrites tables in the order of their keys, so that no file and no log shows when a row was inserted. No Flask."""

import sqlite3

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey.database.engine import DISK_FULL, DatabaseError, DatabaseSettingsError, code_of

# In one transaction, so that every row bears one transaction number: CLUSTER and VACUUM FULL keep the old ones, and
# with them the order of arrival.
REWRITE = (
    "LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE",
    "CREATE TABLE public.{table}_rewritten (LIKE public.{table} INCLUDING ALL)",
    "INSERT INTO public.{table}_rewritten SELECT * FROM public.{table} one WHERE {kept} ORDER BY {key}",
)
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
# LIKE copies neither foreign keys, triggers, grants nor what statistics are kept of a table.
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
    """
    SELECT format('ALTER TABLE public.{table} SET (%s%s)', prefix, one) FROM (
      SELECT '' AS prefix, unnest(reloptions) AS one FROM pg_class WHERE oid = 'public.{table}'::regclass
      UNION ALL
      SELECT 'toast.', unnest(toast.reloptions) FROM pg_class AS main JOIN pg_class AS toast
        ON toast.oid = main.reltoastrelid WHERE main.oid = 'public.{table}'::regclass) AS options
    """,
    """
    SELECT format('ALTER TABLE public.{table} ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget)
    FROM pg_attribute WHERE attrelid = 'public.{table}'::regclass AND attnum > 0 AND attstattarget >= 0
    """,
)


class CompactionError(DatabaseError):
    """A database could not be compacted; the message says what to do and holds no value, path or statement."""


def compact_table(engine: Engine, table: str, key: str, condition: str = "true") -> None:
    """Rewrite a table in the order of `key` with the rows that meet `condition`; all three are constants of ours."""
    try:
        with engine.begin() as connection:
            _rewrite(connection, {"table": table, "key": key, "kept": condition})
    except DBAPIError as error:
        raise compaction_error(error) from None


def release_log(engine: Engine) -> None:
    """Let PostgreSQL's write-ahead log of what was done until now go; raise DatabaseSettingsError without the right."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            for statement in FORGET_LOG:
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            if isinstance(error.orig, InsufficientPrivilege):
                raise DatabaseSettingsError(MISSING_PRIVILEGE) from None
            raise CompactionError(BUSY) from None


def compact_sqlite(engine: Engine, *statements: str) -> None:
    """Run `statements`, write the file anew and empty its log; raise CompactionError where that is not possible."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise CompactionError("the database gave no connection")
        try:
            for statement in (*statements, "VACUUM"):
                raw.execute(statement)
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            # Past SQLAlchemy, which would open a transaction: VACUUM runs outside of one.
            raise compaction_error(error) from None
    if busy:
        raise CompactionError(BUSY)


def compaction_error(error: sqlite3.Error | DBAPIError) -> CompactionError:
    """Return the CompactionError for a driver's error, whose message may hold a path or a statement."""
    cause = getattr(error, "orig", error)
    code = code_of(cause)
    if code in DISK_FULL:
        return CompactionError("compaction needs room for a second copy of the rows: make room and compact again")
    if code in LOCK_CODES:
        return CompactionError(BUSY)
    return CompactionError("the database could not be compacted; check its disk and compact it again")


def _rewrite(connection: Connection, parts: dict[str, str]) -> None:
    for statement in REWRITE:
        connection.execute(text(statement.format(**parts)))
    restore = [line for query in RESTORE for line in connection.execute(text(query.format(**parts))).scalars()]
    for statement in (*(statement_template.format(**parts) for statement_template in RENAME), *restore):
        connection.exec_driver_sql(statement)
