"""Rows of whoever took the desk on PostgreSQL: no command is stopped by one, and none takes one twice."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from secrets import token_bytes, token_hex

import pytest
from hosts.collection import QUESTIONNAIRE
from hosts.pgserver import Server
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from crypto.canonical import canonical, digest
from crypto.errors import SottoError
from survey.database.migration import migrate
from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.desk_access import connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.people import passkeys
from survey.office_db.people.desk_acts import take_into_chain
from survey.office_db.people.passkeys import PasskeyError
from survey.office_db.people.tables import Staff, StaffRole
from survey.office_db.request_days import give_out, newest_value
from survey.office_db.request_document import FORMAT, RequestDocument
from survey.office_db.requests import DeskRequest, RequestState, add_request, next_number, request
from survey.office_db.tables import AuditEntry, check_audit
from survey.office_db.wave_record import wave_file, wave_record
from survey.operations.requests.acceptance import Rules
from survey.operations.requests.operator import Operator
from survey.operations.studies import new_study
from survey.operations.transaction import note_act
from survey.settings import Settings

OFFICE = "sotto_office"
DAY = date(2026, 11, 30)


@pytest.fixture
def settings(pg_server: Server) -> Settings:
    """Return the settings of an office with one person, mei."""
    urls = {"SOTTO_ANSWERS_URL": pg_server.url("sotto_answers", "sotto_owner")}
    settings = Settings.from_environ(urls | {"SOTTO_OFFICE_URL": pg_server.url(OFFICE, "sotto_owner")})
    migrate(settings)
    engine = connect_staff_database(settings.office_url)
    with Session(engine) as session:
        session.merge(Staff(name="mei", active=True, since=DAY))
        session.commit()
    engine.dispose()
    return settings


@pytest.fixture
def engines(settings: Settings, pg_server: Server) -> Iterator[tuple[Engine, Engine]]:
    """Yield the desk's engine and the owner's."""
    desk, owner = connect_desk(pg_server.url(OFFICE, "sotto_desk")), connect_staff_database(settings.office_url)
    yield desk, owner
    desk.dispose()
    owner.dispose()


def tells(desk: Engine, made: int) -> None:
    """Tell one act with the rights of the desk's role alone."""
    with desk.begin() as connection:
        row = {"id": b"\x00", "made": made}
        connection.execute(text("INSERT INTO desk_act VALUES (:id, :made, 'mei', 'signed in')"), row)


def beside(server: Server, engine: Engine, act: Callable[[Session], None]) -> list[Exception]:
    """Do an act in two sessions at once, of which the second waits for the first; return what the second raised."""
    raised: list[Exception] = []

    def second() -> None:
        with Session(engine) as session:
            try:
                act(session)
                session.commit()
            except SottoError as error:
                raised.append(error)

    thread = threading.Thread(target=second)
    with Session(engine) as session:
        act(session)
        thread.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename ~ '^sotto' AND wait_event_type = 'Lock'"
        patience = time.monotonic() + 60
        while "1" != server.psql("-d", OFFICE, "-At", "-c", waiting).strip():
            assert time.monotonic() < patience, "the second session waits for nothing"
            time.sleep(0.02)
        session.commit()
    thread.join(60)
    return raised


def in_chain(owner: Engine) -> int:
    with Session(owner) as session:
        check_audit(session)
        return len(session.exec(select(AuditEntry)).all())


@pytest.mark.parametrize("made", [10**18, 10**12, -(10**15)])
def test_the_desk_tells_no_act_without_a_day(engines, made):
    """The database takes no such row; the control is the test below."""
    with pytest.raises(DBAPIError, match="violates check constraint"):
        tells(engines[0], made)


def test_two_commands_at_once_take_an_act_into_the_chain_once(engines, pg_server):
    """The second waits for the first and finds what that has left: nothing."""
    desk, owner = engines
    before = in_chain(owner)
    tells(desk, 1_780_000_000)

    def take(session: Session) -> None:
        take_into_chain(session, DAY)

    beside(pg_server, owner, take)
    assert before + 1 == in_chain(owner)


def test_of_two_answers_over_one_challenge_at_once_one_counts(engines, pg_server):
    """The second is told to load the page again, as by an answer that came later."""
    challenge = token_hex(16).encode()
    (error,) = beside(pg_server, engines[0], lambda session: passkeys._use_up(session, challenge, 1_780_000_000))
    assert isinstance(error, PasskeyError)
    assert "load the page again" in str(error)


@pytest.mark.parametrize(
    ("ahead", "size", "signed"),
    [(2**31 - 1, 1, 0), (1, 4097, 0), (1, 1, 16385)],
    ids=["number", "content", "signature"],
)
def test_the_desk_takes_no_room_from_others(engines, ahead, size, signed):
    """No number but the next and nothing larger than a request is; what is asked afterwards has its number."""
    with Session(engines[0]) as session:
        number = next_number(session)
        row = DeskRequest(
            number=min(number - 1 + ahead, 2**31 - 1), hash="x", content=bytes(size), assertion="x" * signed
        )
        session.add(row)
        with pytest.raises(DBAPIError, match=r"violates check constraint|follow each other"):
            session.flush()
        session.rollback()
        assert number == add_request(session, asked({"kind": "cancel", "request": "0" * 64}), {})
        session.rollback()


def test_two_commands_at_once_give_out_one_value_for_a_day(engines, pg_server):
    """The second waits for the first and takes the value that it finds; nobody changes it, and the desk writes none."""
    desk, owner = engines
    pg_server.psql("-d", OFFICE, "-c", "DELETE FROM request_day")
    assert [] == beside(pg_server, owner, lambda session: give_out(session, DAY, token_bytes(16)))
    with Session(desk) as session:
        assert newest_value(session, DAY)
    for engine, statement in (
        (owner, "UPDATE request_day SET value = repeat('0', 32)"),
        (desk, "UPDATE request_day SET value = repeat('0', 32)"),
        (desk, "DELETE FROM request_day"),
        (desk, "INSERT INTO request_day VALUES ('2026-12-24', repeat('0', 32))"),
    ):
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"stays|permission denied"):
            connection.execute(text(statement))


@pytest.mark.parametrize("number", [2**31, 10**20])
def test_a_number_that_the_column_cannot_hold_is_no_request(engines, number):
    """What somebody types into the address bar is looked for nowhere."""
    with Session(engines[0]) as session:
        assert request(session, number) is None


def asked(asks: dict[str, object], fresh: str = "0" * 32) -> RequestDocument:
    request = {
        "format": FORMAT, "fresh": fresh, "study": "q26", "wave": 1, "asks": asks, "asked_by": "mei",
        "day": today().isoformat(), "nonce": token_hex(16),
    }  # fmt: skip
    return RequestDocument.from_bytes(canonical(request))


def test_a_document_with_a_zero_byte_in_a_name_ends_no_operator(settings, engines, pg_server):
    """PostgreSQL takes no such text: the operator's words are written without it, and the next request is judged."""
    row = "'q26', '', '', '{}', '[]', '2026-11-22'"
    pg_server.psql(
        "-d", OFFICE, "-c", f"SET session_replication_role = replica; INSERT INTO study VALUES ({row})"
    )  # fmt: skip
    with Session(engines[1]) as session:
        session.merge(StaffRole(staff="mei", study="", role="owner"))
        give_out(session, today(), token_bytes(16))
        session.commit()
        fresh = newest_value(session, today())
    whole = {
        "format": "sotto-destruction-1", "study": "q26", "wave": 1, "manifest": "0" * 64, "day": "2026-11-30",
        "releases": [], "head": "0" * 64, "splits": [], "signer": "", "signature": "",
    }  # fmt: skip
    uploaded = canonical(whole | {"\0": 1})
    publication = asked({"kind": "publish", "typed": "q26", "document": digest(uploaded)}, fresh)
    with Session(engines[0]) as session:
        bad = add_request(session, publication, {"document": uploaded})
        good = add_request(session, asked({"kind": "cancel", "request": "0" * 64}, fresh), {})
        session.commit()
    assert Operator(settings, Rules(unsigned=True)).work()
    with Session(engines[1]) as session:
        first, second = request(session, bad), request(session, good)
    assert (RequestState.REFUSED, True) == (first.state, "\N{REPLACEMENT CHARACTER}" in first.words), first.words
    assert (RequestState.REFUSED, "there is no such request about this wave") == (second.state, second.words)


def test_the_desk_reads_a_waves_life_with_the_rights_that_it_has(settings, engines, tmp_path):
    """Steps, batches and documents come from the audit and the office's documents; of batches it reads no row."""
    desk, owner = engines
    file = tmp_path / "questionnaire.yaml"
    file.write_text(
        QUESTIONNAIRE.read_text(encoding="utf-8").replace("\nstudy: q26 ", "\nstudy: q27 "), encoding="utf-8"
    )
    assert "q27" == new_study(settings, file)
    with Session(owner) as session:
        note_act(session, Act.BATCH_MADE, "q27 1 library 50")
        note_act(session, Act.BATCH_MADE, "q27 10 other 50")
        session.commit()
    with Session(desk) as session:
        record = wave_record(session, "q27", 1)
        assert file.read_bytes() == wave_file(session, record, "questionnaire.yaml")
    assert [("library", 50, True)] == [(one.name, one.codes, one.open) for one in record.batches]
    assert 1 == len(record.compiled)
    for statement in ("SELECT name FROM batch", "SELECT * FROM invitation"):
        with pytest.raises(DBAPIError, match="permission denied"), desk.connect() as connection:
            connection.execute(text(statement))
