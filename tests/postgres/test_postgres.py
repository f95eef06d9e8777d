"""The same promises on PostgreSQL: exact grants, a close that waits, no order of arrival, restarts lose nothing."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from hosts.pgserver import Server
from hosts.store_rows import SIZE, row
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.answers_db import insert_only, owner_access, store_errors
from survey.answers_db.compaction import compact
from survey.database.compaction.errors import compaction_error
from survey.database.engine import DatabaseSettingsError, check_settings, connect
from survey.database.migration import migrate
from survey.office_db import tables as office
from survey.office_db.desk_access import connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.settings import Settings

EPOCH = b"\x01" * 8
ANSWERS, OFFICE = "sotto_answers", "sotto_office"


@dataclass
class Host:
    """The engines of the owner and of the respond app, with a new epoch open."""

    server: Server
    owner: Engine
    respond: Engine
    epoch: bytes

    def stored(self) -> list[bytes]:
        """Return what the epoch holds."""
        return list(owner_access.iter_records(self.owner, self.epoch))

    def hand_in(self, number: int) -> bytes:
        """Hand in record `number` and return it."""
        key, record = row(number)
        insert_only.insert_record(self.respond, self.epoch, key, record)
        return record


@pytest.fixture(scope="module")
def migrated(pg_server: Server) -> Server:
    """Return the server with both schemas."""
    urls = {"SOTTO_ANSWERS_URL": pg_server.url(ANSWERS, "sotto_owner")}
    migrate(Settings.from_environ(urls | {"SOTTO_OFFICE_URL": pg_server.url(OFFICE, "sotto_owner")}))
    return pg_server


@pytest.fixture
def host(migrated: Server) -> Iterator[Host]:
    """Return a host with an epoch of its own; the table is emptied first, which only the superuser can force."""
    migrated.psql("-d", ANSWERS, "-c", "SET session_replication_role = replica; DELETE FROM sealed; DELETE FROM epoch;")
    owner = owner_access.connect_owner(migrated.url(ANSWERS, "sotto_owner"))
    respond = insert_only.connect_respond(migrated.url(ANSWERS, "sotto_respond"))
    owner_access.start_accepting(owner, EPOCH, SIZE)
    yield Host(migrated, owner, respond, EPOCH)
    owner.dispose()
    respond.dispose()


def test_stored_once_and_read_in_order(host):
    """Twenty records handed in three times each are twenty rows in the order of their keys."""
    for number in [*range(20)] * 3:
        host.hand_in(number)
    assert [record for _, record in sorted(map(row, range(20)))] == host.stored()


def test_refusals(host):
    """A closed or unknown wave, another size and a taken key are each refused by name."""
    host.hand_in(1)
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(host.respond, EPOCH, *row(2, SIZE + 1))
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(host.respond, EPOCH, row(1)[0], row(2)[1])
    with pytest.raises(store_errors.WaveClosedError):
        insert_only.insert_record(host.respond, b"\x09" * 8, *row(2))
    owner_access.stop_accepting(host.owner, EPOCH)
    host.hand_in(1)
    with pytest.raises(store_errors.WaveClosedError):
        host.hand_in(2)
    assert [row(1)[1]] == host.stored()


PRIVILEGES = """
    SELECT c.relname, p FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
           unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'p') AND has_table_privilege(%(role)s, c.oid, p)
"""
COLUMNS = """
    SELECT c.relname, a.attname, g.privilege_type FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid,
           aclexplode(a.attacl) g
    WHERE c.relnamespace = 'public'::regnamespace AND g.grantee = %(role)s::regrole
"""
READ = {"staff", "staff_role", "confirmed_passkey", "document", "study", "wave", "plan", "release", "audit"} | {
    "last_compaction",
    "request_day",
    "alembic_version",
}
KEPT = {"staff_session", "sign_in_secret", "recovery_code", "sign_in_link", "passkey", "used_challenge"}


def allowed(server: Server, database: str, role: str, query: str) -> set[tuple[str, ...]]:
    address = server.url(database).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        return set(connection.execute(query, {"role": role}).fetchall())


def test_the_grant_matrix_is_exact(migrated):
    """Each web role may do on each table exactly what is listed here, and nothing on any other table."""
    adds = {("sealed", "INSERT"), ("withdrawn", "INSERT"), ("spent_work", "INSERT"), ("alembic_version", "SELECT")}
    assert adds == allowed(migrated, ANSWERS, "sotto_respond", PRIVILEGES)
    assert set() == allowed(migrated, ANSWERS, "sotto_desk", PRIVILEGES)
    assert set() == allowed(migrated, OFFICE, "sotto_respond", PRIVILEGES)
    kept = {(table, verb) for table in KEPT for verb in ("SELECT", "INSERT", "UPDATE", "DELETE")}
    added = {(table, verb) for table in ("desk_act", "request") for verb in ("SELECT", "INSERT")}
    read = {(table, "SELECT") for table in READ} | {("request_file", "INSERT"), ("request_result", "SELECT")}
    assert read | kept | added == allowed(migrated, OFFICE, "sotto_desk", PRIVILEGES)
    assert set() == allowed(migrated, OFFICE, "sotto_desk", COLUMNS)
    assert set() == allowed(migrated, ANSWERS, "sotto_respond", COLUMNS)
    tables = {(table, "SELECT") for table in ("batch", "invitation", "alembic_version")}
    assert tables == allowed(migrated, OFFICE, "sotto_issuer", PRIVILEGES)
    assert {("invitation", "blinded_hash", "UPDATE")} == allowed(migrated, OFFICE, "sotto_issuer", COLUMNS)
    # The control: the same query sees what the owner has.
    assert ("sealed", "SELECT") in allowed(migrated, ANSWERS, "sotto_owner", PRIVILEGES)


@pytest.mark.parametrize(("database", "role"), [(ANSWERS, "sotto_desk"), (OFFICE, "sotto_respond")])
def test_no_role_reaches_the_other_database(migrated, database, role):
    """The desk can not even connect to the answers, nor the respond app to the office."""
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(migrated.url(database, role).replace("postgresql+psycopg", "postgresql"))


FORBIDDEN = [
    "SELECT * FROM sealed",
    "SELECT count(*) FROM sealed",
    "SELECT * FROM epoch",
    "UPDATE sealed SET record = ''",
    "DELETE FROM sealed",
    "TRUNCATE sealed",
    "COPY sealed TO STDOUT",
    "INSERT INTO sealed VALUES ('', '', '') RETURNING record",
    "INSERT INTO sealed VALUES ('', '', '') ON CONFLICT (row_key) DO UPDATE SET record = ''",
    "INSERT INTO epoch VALUES ('', 1, true)",
    "UPDATE epoch SET open = true",
    "CREATE TABLE mine (a int)",
    "ALTER TABLE sealed DISABLE TRIGGER ALL",
    "SELECT sealed_admits()",
    "SET ROLE sotto_owner",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_respond_role_can_only_insert(host, statement):
    """Every other statement of the respond role is refused by PostgreSQL itself."""
    host.hand_in(1)
    with host.respond.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.exec_driver_sql(statement)
    assert 1 == len(host.stored())


def test_the_owner_can_read_but_not_change(host):
    """The control reads and counts; even the owner's UPDATE, DELETE and TRUNCATE are refused by a trigger."""
    host.hand_in(1)
    with host.owner.connect() as connection:
        assert 1 == connection.exec_driver_sql("SELECT count(*) FROM sealed").scalar_one()
    for statement in ("UPDATE sealed SET record = ''", "DELETE FROM sealed", "TRUNCATE sealed", "DELETE FROM epoch"):
        with host.owner.connect() as connection, pytest.raises(DBAPIError, match="sotto: "):
            connection.exec_driver_sql(statement)


def test_the_respond_app_refuses_a_role_that_can_read(migrated):
    """Given the owner's address by mistake, the respond app does not start."""
    with pytest.raises(DatabaseSettingsError, match="sotto_respond"):
        insert_only.connect_respond(migrated.url(ANSWERS, "sotto_owner"))


def test_a_close_waits_for_a_hand_in_in_flight(host):
    """While an insert has not committed, the close waits; the record is stored and nothing comes after."""
    key, record = row(1)
    closed = threading.Event()

    def close() -> None:
        owner_access.stop_accepting(host.owner, EPOCH)
        closed.set()

    address = host.server.url(ANSWERS, "sotto_respond").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as flight:
        flight.execute("INSERT INTO sealed VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (key, EPOCH, record))
        closing = threading.Thread(target=close)
        closing.start()
        assert not closed.wait(0.3)
    closing.join(5)
    assert closed.is_set()
    with pytest.raises(store_errors.WaveClosedError):
        host.hand_in(2)
    assert [record] == host.stored()


def test_a_close_in_a_storm_loses_nothing(host):
    """Eight threads hand in while the wave closes: exactly the acknowledged records are stored."""
    acknowledged: list[bytes] = []

    def phones(first: int) -> None:
        for number in range(first, first + 200):
            try:
                acknowledged.append(host.hand_in(number))
            except store_errors.WaveClosedError:
                return

    threads = [threading.Thread(target=phones, args=(1000 * thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    patience = time.monotonic() + 60
    while len(acknowledged) < 40 and time.monotonic() < patience:
        time.sleep(0.01)
    owner_access.stop_accepting(host.owner, EPOCH)
    after = host.stored()
    for thread in threads:
        thread.join()
    assert sorted(acknowledged) == sorted(after) == sorted(host.stored())
    assert 0 < len(after) < 1600


def ranks(host: Host, order: list[bytes]) -> tuple[float, int]:
    """Return the rank correlation of arrival with the transaction number and place of rows, and how many numbers."""
    with host.owner.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT record, xmin::text::bigint, (ctid::text::point)[0] * 10000 + (ctid::text::point)[1] FROM sealed"
        ).all()
    place = {record: number for number, record in enumerate(order)}
    by_disk = sorted(rows, key=lambda r: (r[1], r[2]))
    n = len(rows)
    squares = sum((place[bytes(r[0])] - number) ** 2 for number, r in enumerate(by_disk))
    return 1 - 6 * squares / (n * (n * n - 1)), len({r[1] for r in rows})


def test_compaction_forgets_the_order_of_arrival(host):
    """Before compaction the disk gives the order away; after it the correlation is chance and one transaction is left.

    With n = 2000 random keys the rank correlation has standard deviation 0.022; 0.12 is beyond 5.3 of them: a false
    alarm comes once in ten million runs. (Here the records are fixed, so it never does.)
    """
    order = [host.hand_in(number) for number in range(2000)]
    assert 0.999 < ranks(host, order)[0]
    compact(host.owner, {})
    correlation, transactions = ranks(host, order)
    assert abs(correlation) < 0.12
    assert 1 == transactions
    assert sorted(order) == sorted(host.stored())


def test_after_compaction_everything_still_holds(host):
    """Grants, triggers and constraints come back with the rewritten table, and open connections go on working."""
    host.hand_in(1)
    compact(host.owner, {})
    host.hand_in(2)
    host.hand_in(2)
    assert 2 == len(host.stored())
    test_the_grant_matrix_is_exact(host.server)
    with host.owner.connect() as connection, pytest.raises(DBAPIError, match="sotto: "):
        connection.exec_driver_sql("DELETE FROM sealed")
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(host.respond, EPOCH, *row(3, 5))


def test_a_restart_costs_no_answer(host):
    """After the server restarts, the next hand-in over the old pool succeeds at once, and nothing is lost."""
    kept = host.hand_in(1)
    host.server.control("-m", "immediate", "restart")
    kept_too = host.hand_in(2)
    host.owner.dispose()
    assert sorted([kept, kept_too]) == sorted(host.stored())


def test_a_server_that_is_away_is_said(host):
    """With no server the record is refused as not stored just now; when it is back it is stored."""
    host.hand_in(1)
    host.server.control("-m", "immediate", "stop")
    try:
        with pytest.raises(store_errors.StoreUnavailableError):
            host.hand_in(2)
    finally:
        host.server.control("start")
    host.hand_in(2)
    host.owner.dispose()
    assert 2 == len(host.stored())


@pytest.mark.parametrize(("setting", "value"), [("synchronous_commit", "off"), ("synchronous_commit", "local")])
def test_a_server_that_could_lose_answers_is_refused(migrated, setting, value):
    """synchronous_commit=off stops the start; a setting that is durable does not."""
    url = f"{migrated.url(ANSWERS, 'sotto_owner')}&options=-c%20{setting}%3D{value}"
    engine = connect(url)
    if value == "off":
        with pytest.raises(DatabaseSettingsError, match=setting):
            check_settings(engine)
    else:
        check_settings(engine)
    engine.dispose()


def test_a_full_disk_has_its_own_name():
    """PostgreSQL's disk_full becomes StoreFullError, any other failure StoreUnavailableError, with no driver text."""
    full = DBAPIError("INSERT", None, psycopg.errors.DiskFull("could not extend file: canary"))
    other = DBAPIError("INSERT", None, psycopg.errors.ReadOnlySqlTransaction("canary"))
    assert store_errors.StoreFullError is type(store_errors.translate(full))
    assert store_errors.StoreUnavailableError is type(store_errors.translate(other))
    assert "canary" not in f"{store_errors.translate(full)}{store_errors.translate(other)}"
    assert "make room" in str(compaction_error(full))
    assert "canary" not in f"{compaction_error(full)}{compaction_error(other)}"


def test_the_desk_works_with_its_role(migrated):
    """The desk's role can open the office database, and can not write a study."""
    engine = connect_desk(migrated.url(OFFICE, "sotto_desk"))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.exec_driver_sql("DELETE FROM study")
    engine.dispose()


@pytest.mark.parametrize("role", ["sotto_owner", "sotto_issuer"])
def test_the_desk_refuses_a_role_that_can_do_more(migrated, role):
    """Given the owner's or the issuer's address by mistake, the desk does not start; the test above is the control."""
    with pytest.raises(DatabaseSettingsError, match="sotto_desk"):
        connect_desk(migrated.url(OFFICE, role)).dispose()


def test_staff_commands_run_on_postgresql(migrated, settings, tmp_path):
    """The whole way from a study to a published release works with the owner's role, and the audit chain holds."""
    from hosts.collection import STUDY, Collection, published
    from sqlmodel import Session

    urls = {"answers_url": migrated.url(ANSWERS, "sotto_owner"), "office_url": migrated.url(OFFICE, "sotto_owner")}
    host = Collection(replace(settings, **urls))
    host.begin()
    name = published(host, tmp_path / "wave.box")
    assert (settings.public / "results" / STUDY / f"{name}.json").exists()
    engine = connect_staff_database(urls["office_url"])
    with Session(engine) as session:
        assert office.FIRST_PREVIOUS != office.check_audit(session)
    engine.dispose()
