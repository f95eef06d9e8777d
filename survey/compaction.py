"""Rewrites the sealed rows in the order of their random keys, so that nothing on disk tells who came when. No Flask."""

import sqlite3

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from survey.database import is_sqlite
from survey.store import FULL, StoreError, StoreFullError, StoreUnavailableError

# In one transaction, so that every row bears one transaction number: CLUSTER and VACUUM FULL keep the old ones, and
# with them the order of arrival.
REWRITE = (
    "LOCK TABLE public.sealed IN ACCESS EXCLUSIVE MODE",
    "CREATE TABLE public.sealed_rewritten (LIKE public.sealed INCLUDING ALL)",
    "INSERT INTO public.sealed_rewritten SELECT * FROM public.sealed ORDER BY row_key",
)
RENAME = (
    "DROP TABLE public.sealed",
    "ALTER TABLE public.sealed_rewritten RENAME TO sealed",
    "ALTER INDEX public.sealed_rewritten_pkey RENAME TO sealed_pkey",
)
BUSY = "another process kept the answers database busy; compact it again"
# LIKE copies neither triggers nor grants.
TRIGGERS = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'public.sealed'::regclass AND NOT tgisinternal
"""
GRANTS = """
    SELECT format('GRANT %s ON public.sealed TO %s', privilege_type,
                  CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(grantee::regrole::text) END)
    FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = 'public.sealed'::regclass AND grantee <> relowner
"""


def compact(engine: Engine) -> None:
    """
    Rewrite the answers database so that it is a function of the set of its rows alone.

    SQLite: the file becomes the same bytes whatever the order of arrival, and the write-ahead log is emptied.
    PostgreSQL: table, index and transaction numbers lose the order; its own write-ahead log does not until it is
    recycled (deploy/postgres/sotto.conf). Raises StoreUnavailableError where another process is in the way, and
    StoreFullError where the disk has no room for the second copy; the rows are then as they were.
    """
    if is_sqlite(engine):
        _compact_sqlite(engine)
    else:
        with engine.begin() as connection:
            _rewrite(connection)


def _compact_sqlite(engine: Engine) -> None:
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise StoreUnavailableError("the database gave no connection")
        try:
            raw.execute("VACUUM")
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            # Past SQLAlchemy, which would open a transaction: VACUUM runs outside of one.
            raise compaction_error(error) from None
    if busy:
        raise StoreUnavailableError(BUSY)


def compaction_error(error: sqlite3.Error) -> StoreError:
    """Return our named error for one of SQLite, whose own words may hold a path."""
    code = getattr(error, "sqlite_errorcode", None)
    if code in FULL:
        return StoreFullError("compaction needs room for a second copy of the answers: make room and compact again")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreUnavailableError(BUSY)
    return StoreUnavailableError("the answers database could not be compacted; check its disk and compact it again")


def _rewrite(connection: Connection) -> None:
    for statement in REWRITE:
        connection.execute(text(statement))
    restore = [*connection.execute(text(TRIGGERS)).scalars(), *connection.execute(text(GRANTS)).scalars()]
    for statement in (*RENAME, *restore):
        connection.exec_driver_sql(statement)
