"""Requests on PostgreSQL: two people who ask at the same instant both get a number, and nothing is asked twice."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from secrets import token_hex

import pytest
from hosts.pgserver import Server
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import Engine
from sqlmodel import Session

from crypto.canonical import canonical
from survey.database.migration import migrate
from survey.office_db.desk_access import connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.request_document import FORMAT, RequestDocument
from survey.office_db.requests import (
    TRIES,
    DeskRequest,
    RequestExistsError,
    RequestsBusyError,
    add_request,
    files_of,
    requests,
)
from survey.settings import Settings

OFFICE = "sotto_office"
DRILL = b"{}"


@pytest.fixture
def desk(pg_server: Server) -> Iterator[Engine]:
    """Return the desk's engine over an office without requests, which only the superuser can empty."""
    urls = {"SOTTO_ANSWERS_URL": pg_server.url("sotto_answers", "sotto_owner")}
    migrate(Settings.from_environ(urls | {"SOTTO_OFFICE_URL": pg_server.url(OFFICE, "sotto_owner")}))
    empty = "DELETE FROM request_file; DELETE FROM request;"
    pg_server.psql("-d", OFFICE, "-c", f"SET session_replication_role = replica; {empty}")
    engine = connect_desk(pg_server.url(OFFICE, "sotto_desk"))
    yield engine
    engine.dispose()


def asked(by: str) -> RequestDocument:
    request = {
        "format": FORMAT, "fresh": "0" * 32, "study": "q26", "wave": 1, "asks": {"kind": "close-wave", "typed": "q26"},
        "asked_by": by, "day": "2026-11-30", "nonce": token_hex(16),
    }  # fmt: skip
    return RequestDocument.from_bytes(canonical(request | {"asks": request["asks"] | {"on": None}}))


def let_wait(server: Server) -> None:
    """Return once a session of the desk waits for what another one has not committed."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'sotto_desk' AND wait_event_type = 'Lock'"
    patience = time.monotonic() + 60
    while "1" != server.psql("-d", OFFICE, "-At", "-c", query).strip():
        assert time.monotonic() < patience, "it was given a number that somebody else holds"
        time.sleep(0.02)


def beside(server: Server, desk: Engine, second: RequestDocument, firsts: list[DeskRequest]) -> object:
    """
    Ask for `second` while each of `firsts` stands in a session of its own, which commits once it is waited for.

    Returns the number, or the error.
    """
    outcome: list[object] = []

    def late() -> None:
        with Session(desk) as session:
            try:
                outcome.append(add_request(session, second, {"drill": DRILL}))
            except (RequestExistsError, RequestsBusyError) as error:
                outcome.append(error)
            session.commit()

    thread = threading.Thread(target=late)
    with ExitStack() as sessions:
        superuser = create_engine(server.url(OFFICE), poolclass=NullPool)
        opened = [sessions.enter_context(Session(superuser)) for _ in firsts]
        for session, row in zip(opened, firsts, strict=True):
            # Without the trigger that lets numbers follow each other: those before it are not committed.
            session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
            session.add(row)
            session.flush()
        thread.start()
        for session in opened:
            let_wait(server)
            session.commit()
    thread.join(60)
    (became,) = outcome
    return became


def held(number: int, request: RequestDocument) -> DeskRequest:
    return DeskRequest(number=number, hash=request.digest, content=request.to_bytes())


def test_two_people_who_ask_at_the_same_instant_get_two_numbers(pg_server, desk):
    """The second is given the number that the first has not committed yet, waits, and gets the next one."""
    first, second = asked("li"), asked("mei")
    assert 2 == beside(pg_server, desk, second, [held(1, first)])
    with Session(desk) as session:
        assert [(2, "mei"), (1, "li")] == [(one.number, one.asked.asked_by) for one in requests(session)]
    assert {"drill": DRILL} == written(pg_server, 2)


def test_one_request_that_is_sent_twice_at_the_same_instant_is_there_once(pg_server, desk):
    """A form that was sent twice is one request: the second sending is told the number of the first."""
    only = asked("li")
    error = beside(pg_server, desk, only, [held(1, only)])
    assert isinstance(error, RequestExistsError)
    assert (1, True) == (error.number, "as request 1" in str(error))
    with Session(desk) as session:
        assert [1] == [one.number for one in requests(session)]


def test_who_finds_no_number_asked_for_nothing(pg_server, desk):
    """After as many tries as there are it is said that nothing was asked; with one neighbour less there is a number."""
    for neighbours in (TRIES, TRIES - 1):
        last = top(desk)
        rows = [held(last + number, asked("li")) for number in range(1, neighbours + 1)]
        became = beside(pg_server, desk, asked("mei"), rows)
        assert became == last + TRIES if neighbours < TRIES else isinstance(became, RequestsBusyError)
        assert top(desk) == last + TRIES


def top(desk: Engine) -> int:
    with Session(desk) as session:
        return max((one.number for one in requests(session)), default=0)


def written(server: Server, number: int) -> dict[str, bytes]:
    """Return the files of a request; the desk adds them and does not read them."""
    owner = connect_staff_database(server.url(OFFICE, "sotto_owner"))
    with Session(owner) as session:
        found = files_of(session, number)
    owner.dispose()
    return found
