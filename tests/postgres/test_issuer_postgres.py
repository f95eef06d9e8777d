"""The issuer on PostgreSQL: of racing messages one wins, and its role is able to do no more than to mark a code."""

import threading

import psycopg
import pytest
from hosts.invited import STUDY
from sqlalchemy.exc import DBAPIError

from crypto.invitation_codes import code_hash
from survey.database.engine import DatabaseSettingsError, connect
from survey.database.migration import migrate
from survey.office_db import invitations
from survey.office_db.invitations import BATCH, INVITATION, Claim
from survey.settings import Settings


@pytest.fixture(scope="module")
def postgres(pg_server):
    """Return the server with both schemas, a study and a batch of one code in the office."""
    urls = {"SOTTO_ANSWERS_URL": pg_server.url("sotto_answers", "sotto_owner")}
    migrate(Settings.from_environ(urls | {"SOTTO_OFFICE_URL": pg_server.url("sotto_office", "sotto_owner")}))
    return pg_server


CODES = ["".join(pair) for pair in zip("ABCDEFGH", "0" * 8, strict=True)]


@pytest.fixture
def tickets(postgres):
    """Fill the office with one open batch of eight codes; take it away afterwards, which only the superuser can."""
    owner = connect(postgres.url("sotto_office", "sotto_owner"))
    with owner.begin() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES ('d', 'source', '')")
        connection.exec_driver_sql("INSERT INTO study VALUES ('q26', 'd', 'd', '{}', '[]', '2026-11-22')")
        row = {"id": b"\x01" * 8, "study": STUDY, "wave": 1, "name": "may", "stratum": "city"}
        row |= {"open": True, "invited": 8}
        connection.execute(BATCH.insert().values(row))
        rows = [{"code_hash": code_hash(code), "batch": b"\x01" * 8} for code in CODES]
        connection.execute(INVITATION.insert(), rows)
    yield [Claim(STUDY, 1, code_hash(code)) for code in CODES]
    owner.dispose()
    empty = "; ".join(f"DELETE FROM {table}" for table in ("invitation", "batch", "study", "document"))
    postgres.psql("-d", "sotto_office", "-c", f"SET session_replication_role = replica; {empty};")


@pytest.fixture
def engine(postgres):
    """Return the issuer's engine."""
    engine = invitations.connect_issuer(postgres.url("sotto_office", "sotto_issuer"))
    yield engine
    engine.dispose()


def test_of_racing_messages_one_wins_on_postgresql(engine, tickets):
    """Eight threads with eight messages for each of eight codes: one is signed a code, the others are refused."""
    for claim in tickets:
        got: list[bytes | None] = []
        start = threading.Barrier(8)

        def run(number: int, claim=claim, got=got, start=start) -> None:
            start.wait()
            try:
                got.append(invitations.redeem(engine, claim, bytes([number]) * 32, lambda: bytes([number])))
            except invitations.CodeUsedError:
                got.append(None)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        (won,) = [one for one in got if one]
        assert (8, b"again") == (len(got), invitations.redeem(engine, claim, won * 32, lambda: b"again"))


def test_a_token_waits_for_a_close_and_is_refused_after_it(postgres, engine, tickets):
    """While a close counts and drops, a token neither slips past the count nor is issued for a dropped code."""
    outcome: list[type[Exception]] = []

    def late() -> None:
        try:
            invitations.redeem(engine, tickets[0], b"h" * 32, lambda: b"signed")
        except invitations.InvitationError as error:
            outcome.append(type(error))

    with psycopg.connect(postgres.url("sotto_office", "sotto_owner").replace("+psycopg", "")) as close:
        close.execute("LOCK TABLE invitation IN SHARE ROW EXCLUSIVE MODE")
        thread = threading.Thread(target=late)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        close.execute("DELETE FROM invitation")
    thread.join(10)
    assert [invitations.BatchClosedError] == outcome


FORBIDDEN = [
    "SELECT * FROM staff", "SELECT * FROM wave", "SELECT * FROM document", "SELECT * FROM audit",
    "INSERT INTO invitation VALUES ('', '', NULL)", "DELETE FROM invitation", "TRUNCATE invitation",
    "UPDATE invitation SET code_hash = ''", "UPDATE invitation SET batch = ''", "UPDATE batch SET open = true",
    "DELETE FROM batch", "CREATE TABLE mine (a int)", "ALTER TABLE invitation DISABLE TRIGGER ALL",
    "SET ROLE sotto_owner", "LOCK TABLE audit",
]  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_issuers_role_can_do_nothing_else(engine, tickets, statement):
    """Every other statement of the role is refused by PostgreSQL itself; marking is not."""
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.exec_driver_sql(statement)
    assert b"signed" == invitations.redeem(engine, tickets[0], b"h" * 32, lambda: b"signed")


def test_a_mark_is_never_changed_and_the_role_reaches_no_answers(postgres, engine, tickets):
    """A second mark is refused by a trigger, the answers by the database, the owner's role by the issuer's start."""
    invitations.redeem(engine, tickets[0], b"h" * 32, lambda: b"")
    with engine.begin() as connection, pytest.raises(DBAPIError, match="used once"):
        connection.execute(INVITATION.update().values(blinded_hash=None))
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(postgres.url("sotto_answers", "sotto_issuer").replace("+psycopg", ""))
    with pytest.raises(DatabaseSettingsError, match="sotto_issuer"):
        invitations.connect_issuer(postgres.url("sotto_office", "sotto_owner"))
