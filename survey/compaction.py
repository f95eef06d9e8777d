"""Rewrites the sealed rows in the order of their random keys, so that nothing on disk tells who came when. No Flask."""

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from survey.database import is_sqlite
from survey.store import StoreUnavailableError

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
    recycled (deploy/postgres/sotto.conf). Raises StoreUnavailableError where another process is in the way.
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
        raw.execute("VACUUM")
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreUnavailableError("another process kept the answers database busy; compact it again")


def _rewrite(connection: Connection) -> None:
    for statement in REWRITE:
        connection.execute(text(statement))
    restore = [*connection.execute(text(TRIGGERS)).scalars(), *connection.execute(text(GRANTS)).scalars()]
    for statement in (*RENAME, *restore):
        connection.exec_driver_sql(statement)
