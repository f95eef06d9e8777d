"""Compaction of PostgreSQL's tables while others write: at no step is a row lost, doubled, or its table more open."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from compacting import proof
from compacting.proof import EPOCH, STORED, CompactionProof, Store, at_step, break_off
from hosts.pganswers import ANSWERS, fresh_answers
from hosts.pgserver import Server
from hosts.store_rows import SIZE
from sqlalchemy.exc import DBAPIError

from survey.answers_db import owner_access
from survey.database.compaction import table_swap
from survey.database.compaction.errors import CompactionError
from survey.office_db.compaction import compact_invitations
from survey.office_db.owner_access import connect_staff_database

STEPS = (
    "begun sealed", "copying sealed", "filled sealed", "copied sealed", "caught up sealed", "exchanging sealed",
    "exchanged sealed", "copied withdrawn", "exchanging withdrawn", "exchanged withdrawn",
)  # fmt: skip
LOCKED = ("exchanging sealed", "exchanging withdrawn")
LEFT_OVER = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ '_(late|next)'
    UNION ALL SELECT tgname FROM pg_trigger WHERE tgname ~ '_late'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ '_late'
"""


@pytest.fixture
def store(pg_server: Server) -> Iterator[Store]:
    """Return a store with STORED rows."""
    with fresh_answers(pg_server, EPOCH, SIZE) as (owner, respond):
        staff = owner_access.connect_owner(pg_server.url(ANSWERS, "sotto_owner"))
        store = Store(owner, respond, staff)
        for number in range(STORED):
            store.hand_in(number)
        yield store
        staff.dispose()


def left_over(store: Store) -> list[str]:
    with store.owner.connect() as connection:
        return list(connection.exec_driver_sql(LEFT_OVER).scalars())


PROOF = CompactionProof()


@pytest.mark.parametrize("step", STEPS)
def test_others_write_at_every_step(store, step):
    """Hand-ins, replays, other records under a key and withdrawals at each step have the result they always have.

    A step at which nobody can write makes them wait.
    """
    PROOF.check_step(store, step, LOCKED)


@pytest.mark.parametrize("step", [step for step in STEPS if step.endswith("sealed")])
def test_a_wave_closes_at_every_step(store, step):
    """A close at each step holds, and takes no answer with it."""
    PROOF.check_close(store, step, ())


@pytest.mark.parametrize("step", STEPS)
def test_broken_off_at_every_step(store, step):
    """Broken off at each step it loses nothing, and the next one leaves no table, trigger or function behind."""
    PROOF.check_broken_off(store, step)
    assert [] == left_over(store)


def test_the_proof_sees_rows_that_are_left_behind(store, monkeypatch):
    """The control: where late rows are not copied, the proof finds that one is lost."""
    monkeypatch.setattr(table_swap, "_catch_up", lambda *_: 0)
    with pytest.raises(AssertionError):
        PROOF.check_step(store, "copied sealed", LOCKED)


def test_a_second_compaction_is_refused(store):
    """While one runs, another says so and changes nothing."""
    PROOF.check_second(store)


DEFINITIONS = """
    SELECT 'option', c.relname, unnest(c.reloptions)::text FROM pg_class c WHERE c.relname = ANY (%(tables)s)
    UNION ALL SELECT 'toast option', c.relname, unnest(t.reloptions)::text FROM pg_class c
      JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relname = ANY (%(tables)s)
    UNION ALL SELECT 'column', a.attrelid::regclass::text, concat_ws(' ', a.attname, a.attnum, format_type(a.atttypid,
      a.atttypmod), a.attnotnull, a.attstattarget, a.attstorage, a.attcompression, a.attacl) FROM pg_attribute a
      WHERE a.attrelid = ANY (%(tables)s::regclass[]) AND a.attnum > 0
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE conrelid = ANY (%(tables)s::regclass[])
    UNION ALL SELECT 'index', indrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
      WHERE indrelid = ANY (%(tables)s::regclass[])
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger
      WHERE tgrelid = ANY (%(tables)s::regclass[]) AND NOT tgisinternal
    UNION ALL SELECT 'grant', c.relname, concat_ws(' ', g.grantee::regrole, g.privilege_type) FROM pg_class c,
      aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) g WHERE c.relname = ANY (%(tables)s)
    UNION ALL SELECT 'owner', relname, concat_ws(' ', relowner::regrole, relpersistence, relrowsecurity, relreplident)
      FROM pg_class WHERE relname = ANY (%(tables)s)
    UNION ALL SELECT 'role', rolname, concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
      ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid))
      FROM pg_roles r WHERE rolname LIKE 'sotto%%'
    ORDER BY 1, 2, 3
"""
TABLES = {ANSWERS: ["sealed", "withdrawn", "spent_key", "refused", "spent_work"], "sotto_office": ["invitation"]}


def definitions(server: Server, database: str) -> list[tuple[str, ...]]:
    """Return everything that is defined of the tables that compaction makes anew, and the rights of all roles."""
    address = server.url(database).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        return connection.execute(DEFINITIONS, {"tables": TABLES[database]}).fetchall()


def test_the_new_tables_are_defined_as_the_old_ones(store, pg_server):
    """Columns, constraints, indexes, triggers, grants, statistics, options and owner are the same after it, by name."""
    before = {database: definitions(pg_server, database) for database in TABLES}
    store.compact()
    office = connect_staff_database(pg_server.url("sotto_office", "sotto_owner"))
    compact_invitations(office)
    office.dispose()
    assert before == {database: definitions(pg_server, database) for database in TABLES}
    kinds = {kind for found in before.values() for kind, _, _ in found}
    assert {"column", "constraint", "grant", "index", "option", "owner", "role", "trigger"} <= kinds, "the control"


OTHERS = (
    "SELECT * FROM sealed_next", "INSERT INTO sealed_next VALUES ('', '', '')", "DELETE FROM sealed_next",
    "SELECT * FROM sealed_late", "INSERT INTO sealed_late VALUES ('')", "DELETE FROM sealed_late",
    "SELECT sealed_late()", "SELECT * FROM sealed",
)  # fmt: skip


@pytest.mark.parametrize("step", ["begun sealed", "copied sealed"])
def test_the_respond_role_gains_nothing_while_rows_are_copied(store, step):
    """Neither the table that is made nor the keys of late rows can be read or written by the respond role."""

    def try_them() -> None:
        for statement in OTHERS:
            if step == "copied sealed" or "_next" not in statement:
                with store.respond.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
                    connection.exec_driver_sql(statement)

    with at_step(step, try_them):
        store.compact()


def test_a_reader_keeps_hand_ins_waiting_for_a_moment_only(store, pg_server, monkeypatch):
    """While a backup reads the table, compaction asks for its lock again and again; no hand-in waits as long as it."""
    address = pg_server.url(ANSWERS, "sotto_owner").replace("postgresql+psycopg", "postgresql")
    monkeypatch.setattr(table_swap, "PATIENCE", 2.0)
    faults: list[CompactionError] = []

    def compact() -> None:
        try:
            store.compact()
        except CompactionError as error:
            faults.append(error)

    with psycopg.connect(address) as reader:
        reader.execute("SELECT count(*) FROM sealed")
        compaction = threading.Thread(target=compact)
        compaction.start()
        longest = 0.0
        for number in range(900, 910):
            began = time.monotonic()
            store.hand_in(number)
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.1)
        compaction.join()
        reader.rollback()
    assert ["busy"] == [word for error in faults for word in ("busy",) if word in str(error)], "the control: it waited"
    assert longest < table_swap.PATIENCE
    store.compact()
    assert store.expected() == store.kept()
    assert [] == left_over(store)


def test_an_invitation_that_is_used_during_the_copy_stays_used(pg_server):
    """A code redeemed, one deleted and one added while the table is copied are so afterwards; a trigger still holds."""

    def sql(statement: str) -> str:
        return pg_server.psql("-d", "sotto_office", "-At", "-c", statement)

    sql("INSERT INTO document VALUES ('copied', 'source', '')")
    sql("INSERT INTO study VALUES ('copied', 'copied', 'copied', '{}', '[]', '2026-01-01')")
    sql("INSERT INTO batch VALUES (decode(repeat('01', 8), 'hex'), 'copied', 1, 'b', 's', true, 50)")
    code = "decode(repeat('{:02x}', 32), 'hex')"
    batch = "decode(repeat('01', 8), 'hex')"
    for number in range(50):
        sql(f"INSERT INTO invitation VALUES ({code.format(number)}, {batch})")

    def use() -> None:
        sql(f"UPDATE invitation SET blinded_hash = {code.format(255)} WHERE code_hash = {code.format(3)}")
        sql(f"DELETE FROM invitation WHERE code_hash = {code.format(4)}")
        sql(f"INSERT INTO invitation VALUES ({code.format(60)}, {batch})")

    office = connect_staff_database(pg_server.url("sotto_office", "sotto_owner"))
    try:
        with at_step("copied invitation", use):
            compact_invitations(office)
        assert "50|1" == sql("SELECT count(*), count(blinded_hash) FROM invitation").strip()
        with pytest.raises(Exception, match="returned non-zero"):
            sql(f"UPDATE invitation SET blinded_hash = {code.format(254)} WHERE code_hash = {code.format(3)}")
    finally:
        office.dispose()
        sql("DELETE FROM invitation; SET session_replication_role = replica; DELETE FROM batch; DELETE FROM study")


def test_breaking_off_leaves_what_others_see(store):
    """The control of LEFT_OVER: a compaction that broke off leaves its tables, trigger and function."""
    with at_step("copied sealed", break_off), pytest.raises(proof.BrokenOffError):
        store.compact()
    assert {"sealed_next", "sealed_late"} <= {*left_over(store)}
    store.compact()
    assert [] == left_over(store)
