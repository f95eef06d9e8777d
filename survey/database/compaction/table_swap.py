"""Compacts a table of PostgreSQL while others write: a new one is made beside it, and takes its place. No Flask."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey.database.compaction.copied_table import FEW, ROUNDS, CopiedTable, Row
from survey.database.compaction.errors import LOCK_CODES, RUNNING, CompactionError, compaction_error
from survey.database.engine import code_of

LOCK_WAIT = "250ms"
"""How long hand-ins may wait behind a lock that is asked for; then it is asked for again."""
PATIENCE = 600.0
PAUSE = 0.5
"""Seconds for which a lock is asked for at all, and between two times."""
SLICE = 2000
# Two numbers, so that it is none of the locks on proofs of work.
MUTEX = "SELECT pg_try_advisory_lock(1936684143, 1)"
UNLOCK = "SELECT pg_advisory_unlock(1936684143, 1)"
# The trigger fires for whoever writes and so runs as the owner, whose table the keys go into.
NOTE_LATE_ROWS = (
    "LOCK TABLE public.{table} IN SHARE ROW EXCLUSIVE MODE",
    "DROP TABLE IF EXISTS public.{table}_next",
    "CREATE TABLE IF NOT EXISTS public.{table}_late (key bytea NOT NULL) WITH (autovacuum_enabled = false)",
    "ALTER TABLE public.{table}_late ALTER COLUMN key SET STATISTICS 0",
    "TRUNCATE public.{table}_late",
    "REVOKE ALL ON public.{table}_late FROM PUBLIC",
    """
    CREATE OR REPLACE FUNCTION public.{table}_late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      INSERT INTO public.{table}_late VALUES (coalesce(NEW.{key}, OLD.{key}));
      RETURN NULL;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION public.{table}_late() FROM PUBLIC",
    """
    CREATE OR REPLACE TRIGGER {table}_late AFTER INSERT OR UPDATE OR DELETE ON public.{table}
    FOR EACH ROW EXECUTE FUNCTION public.{table}_late()
    """,
)
# In one transaction, so that every row bears one transaction number: CLUSTER and VACUUM FULL keep the old ones, and
# with them the order of arrival. It keeps nobody from writing; a server notices within seconds that it was killed.
BEGIN_COPY = (
    "SET LOCAL client_connection_check_interval = '2s'",
    "CREATE TABLE public.{table}_next (LIKE public.{table} INCLUDING ALL)",
)
FILL = "INSERT INTO public.{table}_next SELECT * FROM public.{table} one WHERE {kept} ORDER BY {key}"
EVERY_ROW = "SELECT * FROM public.{table}"
INSERT_ASIDE = "INSERT INTO public.{aside} VALUES ({places}) ON CONFLICT DO NOTHING"
TAKE_LATE = "WITH taken AS (DELETE FROM public.{table}_late RETURNING key) SELECT DISTINCT key FROM taken"
LATE_ROWS = "SELECT * FROM public.{table} one WHERE {key} = ANY (:keys)"
FORGET_CHANGED = """
    DELETE FROM public.{table}_next new WHERE {key} = ANY (:keys)
    AND NOT EXISTS (SELECT new.* INTERSECT SELECT one.* FROM public.{table} one WHERE one.{key} = new.{key})
"""
FILL_LATE = """
    INSERT INTO public.{table}_next SELECT * FROM public.{table} one WHERE {key} = ANY (:keys) AND {kept}
    AND NOT EXISTS (SELECT FROM public.{table}_next new WHERE new.{key} = one.{key}) ORDER BY {key}
"""
EXCHANGE = (
    "DROP TABLE public.{table}",
    "DROP FUNCTION public.{table}_late()",
    "DROP TABLE public.{table}_late",
    "ALTER TABLE public.{table}_next RENAME TO {table}",
    "ALTER INDEX public.{table}_next_pkey RENAME TO {table}_pkey",
)
# LIKE copies neither what statistics are kept of a table, nor foreign keys, triggers and grants.
COPY_SETTINGS = (
    """
    SELECT format('ALTER TABLE public.{table}_next SET (%s%s)', prefix, one) FROM (
      SELECT '' AS prefix, unnest(reloptions) AS one FROM pg_class WHERE oid = 'public.{table}'::regclass
      UNION ALL
      SELECT 'toast.', unnest(toast.reloptions) FROM pg_class AS main JOIN pg_class AS toast
        ON toast.oid = main.reltoastrelid WHERE main.oid = 'public.{table}'::regclass) AS options
    """,
    """
    SELECT format('ALTER TABLE public.{table}_next ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget)
    FROM pg_attribute WHERE attrelid = 'public.{table}'::regclass AND attnum > 0 AND attstattarget >= 0
    """,
)
COPY_FOREIGN_KEYS = (
    """
    SELECT format('ALTER TABLE public.{table}_next ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = 'public.{table}'::regclass AND contype = 'f'
    """,
)
RESTORE = (
    """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgrelid = 'public.{table}'::regclass AND NOT tgisinternal AND tgname <> '{table}_late'
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
log = logging.getLogger(__name__)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Hold the lock of compactions of a database of PostgreSQL; raise CompactionError where another one runs."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.exec_driver_sql(MUTEX).scalar_one():
            raise CompactionError(RUNNING)
        try:
            yield
        finally:
            connection.exec_driver_sql(UNLOCK)


# Decision 133.
def compact_table(engine: Engine, table: CopiedTable) -> None:
    """
    Rewrite a table of PostgreSQL in the order of its key, under `alone`; others go on writing meanwhile.

    The new table has the old one's triggers, grants and settings. Rows that came or changed while it was made stand at
    its end, in the order of their keys. One that broke off is begun again. Raises CompactionError where others never
    leave the table for a moment, and where there is no room.
    """
    try:
        _patiently(engine, lambda connection: _run(connection, table, NOTE_LATE_ROWS))
        log.info("begun %s", table.name)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            _copy(connection, table)
        log.info("copied %s", table.name)
        for _ in range(ROUNDS):
            with engine.begin() as connection:
                came = _catch_up(connection, table)
            log.info("caught up %s", table.name)
            if came < FEW:
                break
        _patiently(engine, lambda connection: _exchange(connection, table))
        log.info("exchanged %s", table.name)
    except DBAPIError as error:
        raise compaction_error(error) from None


def _patiently(engine: Engine, work: Callable[[Connection], None]) -> None:
    """Do `work` in a transaction that never waits long for a lock, again and again until it was given."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                work(connection)
        except DBAPIError as error:
            if code_of(error.orig) not in LOCK_CODES or time.monotonic() > until:
                raise
            time.sleep(PAUSE)
        else:
            return


def _copy(connection: Connection, table: CopiedTable) -> None:
    _run(connection, table, BEGIN_COPY)
    _run(connection, table, _made(connection, table, COPY_SETTINGS))
    log.info("copying %s", table.name)
    if table.aside:
        rows = connection.exec_driver_sql(_filled(EVERY_ROW, table), execution_options={"yield_per": SLICE})
        _set_aside(connection, table, rows.partitions())
    _run(connection, table, (FILL,))
    _run(connection, table, _made(connection, table, COPY_FOREIGN_KEYS))
    log.info("filled %s", table.name)


def _catch_up(connection: Connection, table: CopiedTable) -> int:
    """Bring into the new table what became of rows that were written in the meantime; return how many keys."""
    keys = list(connection.exec_driver_sql(_filled(TAKE_LATE, table)).scalars())
    if keys:
        if table.aside:
            rows = connection.execute(text(_filled(LATE_ROWS, table)), {"keys": keys}).all()
            _set_aside(connection, table, (rows,))
        for statement in (FORGET_CHANGED, FILL_LATE):
            connection.execute(text(_filled(statement, table)), {"keys": keys})
    return len(keys)


def _set_aside(connection: Connection, table: CopiedTable, parts: Iterable[Sequence[Any]]) -> None:
    """Put into the other table what its check finds, in the order of its identifiers, which are hashes."""
    if not table.aside:
        return
    bad: list[Row] = sorted(row for part in parts for row in table.aside.check([tuple(row) for row in part]))
    for row in bad:
        insert = INSERT_ASIDE.format(aside=table.aside.table, places=", ".join(["%s"] * len(row)))
        connection.exec_driver_sql(insert, row)


def _exchange(connection: Connection, table: CopiedTable) -> None:
    connection.exec_driver_sql(f"LOCK TABLE public.{table.name} IN ACCESS EXCLUSIVE MODE")
    log.info("exchanging %s", table.name)
    _catch_up(connection, table)
    restore = _made(connection, table, RESTORE)
    _run(connection, table, (*EXCHANGE, *restore))


def _made(connection: Connection, table: CopiedTable, queries: Sequence[str]) -> list[str]:
    """Return the statements that queries of the catalogues make."""
    return [line for query in queries for line in connection.execute(text(_filled(query, table))).scalars()]


def _run(connection: Connection, table: CopiedTable, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(_filled(statement, table))


def _filled(statement: str, table: CopiedTable) -> str:
    for name, value in (("{table}", table.name), ("{key}", table.key), ("{kept}", table.kept)):
        statement = statement.replace(name, value)
    return statement
