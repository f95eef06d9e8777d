"""What the server's own catalogues tell the roles of the web processes: no count, no key, no size."""

from contextlib import closing
from dataclasses import dataclass

import psycopg
import pytest
from hosts.pgserver import Server
from hosts.store_rows import SIZE, row

from survey.answers_db import insert_only, owner_access
from survey.answers_db.compaction import compact
from survey.database.migration import migrate
from survey.settings import Settings

EPOCH = b"\x01" * 8
RELATIONS = """
    SELECT format('pg_catalog.%I', relname) FROM pg_class
    WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege(oid, 'SELECT')
"""
DATABASE_OF = {"sotto_respond": "sotto_answers", "sotto_desk": "sotto_office", "sotto_issuer": "sotto_office"}
# Those without arguments, and those that take a table.
FUNCTIONS = """
    SELECT format('%I(%s)', proname, CASE WHEN pronargs = 1 THEN '''public.{table}''::regclass' ELSE '' END)
    FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'
      AND has_function_privilege(oid, 'EXECUTE')
      AND prorettype <> ALL (ARRAY['trigger', 'event_trigger', 'internal', 'language_handler']::regtype[])
      AND (pronargs = 0 OR (pronargs = 1 AND proargtypes[0] IN ('regclass'::regtype, 'oid'::regtype)))
"""
CHANGES_BY_ITSELF = {
    "now()", "clock_timestamp()", "statement_timestamp()", "transaction_timestamp()", "timeofday()", "random()",
    "gen_random_uuid()", "pg_backend_pid()", "pg_catalog.pg_cursors", "pg_catalog.pg_prepared_statements",
}  # fmt: skip
"""What differs between any two looks of two connections, and says nothing of rows: clocks, chance, the connection."""


@dataclass
class Host:
    """Both databases of a server, the answers with an open epoch."""

    server: Server
    stored: int = 0

    def work(self, number: int) -> None:
        """Hand in so many records, and write as often into the office."""
        engine = insert_only.connect_respond(self.server.url("sotto_answers", "sotto_respond"))
        for _ in range(number):
            insert_only.insert_record(engine, EPOCH, *row(self.stored))
            self.stored += 1
            document = f"INSERT INTO document VALUES ('catalogues {self.stored}', 'source', '')"
            self.server.psql("-d", "sotto_office", "-c", document)
        engine.dispose()
        # Statistics of a session are written when it ends, at most once a second.
        self.server.psql("-d", "sotto_answers", "-c", "SELECT pg_sleep(1.2)")

    def visible(self, role: str) -> dict[str, str]:
        """Return what a role can read of catalogues, views and functions, as text by their names."""
        database = DATABASE_OF.get(role, "sotto_answers")
        table = "sealed" if database == "sotto_answers" else "invitation"
        address = self.server.url(database, role).replace("postgresql+psycopg", "postgresql")
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            connection.execute("SET statement_timeout = 2000")
            names = [name for (name,) in connection.execute(RELATIONS).fetchall()]
            calls = [name for (name,) in connection.execute(FUNCTIONS.format(table=table)).fetchall()]
            seen = {name: _read(connection, f"SELECT * FROM {name}") for name in names}
            return seen | {call: _read(connection, f"SELECT {call}") for call in calls}


def _read(connection: psycopg.Connection, query: str) -> str:
    try:
        return repr(sorted(map(repr, connection.execute(query).fetchall())))
    except psycopg.Error as error:
        return type(error).__name__


@pytest.fixture
def host(pg_server) -> Host:
    """Return databases that are empty but for an open epoch."""
    urls = {"SOTTO_ANSWERS_URL": pg_server.url("sotto_answers", "sotto_owner")}
    migrate(Settings.from_environ(urls | {"SOTTO_OFFICE_URL": pg_server.url("sotto_office", "sotto_owner")}))
    empty = "SET session_replication_role = replica; DELETE FROM sealed; DELETE FROM epoch;"
    pg_server.psql("-d", "sotto_answers", "-c", empty)
    pg_server.psql("-d", "sotto_office", "-c", "SET session_replication_role = replica; DELETE FROM document")
    owner = owner_access.connect_owner(urls["SOTTO_ANSWERS_URL"])
    owner_access.start_accepting(owner, EPOCH, SIZE)
    owner.dispose()
    return Host(pg_server)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.slow
@pytest.mark.parametrize("role", DATABASE_OF)
def test_nothing_that_a_role_can_read_of_the_server_changes_with_hand_ins(host, role):
    """Every catalogue, view and function that the role may read is the same before and after eleven hand-ins."""
    host.work(1)
    first = host.visible(role)
    assert changed(first, host.visible(role)) <= CHANGES_BY_ITSELF
    before = host.visible(role)
    host.work(11)
    assert changed(before, host.visible(role)) <= CHANGES_BY_ITSELF


@pytest.mark.slow
def test_the_control_a_superuser_sees_the_hand_ins(host):
    """The same look as a superuser finds sizes, positions of the log and transactions that moved."""
    host.work(1)
    before = host.visible("postgres")
    host.work(40)
    moved = changed(before, host.visible("postgres"))
    assert {"pg_current_wal_lsn()", "pg_catalog.pg_stat_database"} <= moved


@pytest.mark.slow
def test_no_analysis_writes_a_key_or_a_count(host):
    """ANALYZE, as upgrades of the server run it, keeps no row key, before and after a compaction."""
    host.work(30)
    for _ in range(2):
        host.server.psql("-d", "sotto_answers", "-c", "ANALYZE")
        kept = "SELECT count(*) FROM pg_statistic WHERE starelid IN ('sealed'::regclass, 'withdrawn'::regclass)"
        assert "0" == host.server.psql("-d", "sotto_answers", "-At", "-c", kept).strip()
        owner = owner_access.connect_owner(host.server.url("sotto_answers", "sotto_owner"))
        compact(owner, {})
        owner.dispose()


@pytest.mark.slow
def test_the_server_counts_no_row(host):
    """What a seized server keeps of its statistics has no number of hand-ins: nothing was counted."""
    host.work(5)
    counted = "SELECT coalesce(sum(n_tup_ins + n_live_tup), 0) FROM pg_stat_user_tables"
    for database in ("sotto_answers", "sotto_office"):
        own = host.server.psql("-d", database, "-At", "-c", "SHOW track_counts; " + counted).split()
        assert ["off", "0"] == own


@pytest.mark.parametrize("database", ["postgres", "template1"])
@pytest.mark.parametrize("role", ["sotto_respond", "sotto_desk", "sotto_issuer"])
def test_no_role_looks_from_another_database(pg_server, database, role):
    """From a database where functions are not revoked a role would read the sizes and counts of all."""
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(pg_server.url(database, role).replace("postgresql+psycopg", "postgresql"))
