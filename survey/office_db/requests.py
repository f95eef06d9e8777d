"""The requests of staff to the operator: rows that the desk adds and nobody changes, and what came of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Column, LargeBinary
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, select

from survey.document import DocumentError
from survey.errors import OfficeError
from survey.names import CONTROL
from survey.office_db.base import StaffDatabase
from survey.office_db.request_document import Approval, RequestDocument

TRIES = 8
"""How often a request is given a number, where others are given the same one at that moment."""

LAST_NUMBER = 2**31 - 1
"""The last number that a column of numbers holds (PostgreSQL)."""
LONGEST_WORDS = 2000
"""Characters of what the operator says of a request."""


class RequestExistsError(OfficeError):
    """This very request was added before; the message says under which number."""

    def __init__(self, number: int) -> None:
        """Take the number under which the request stands."""
        super().__init__(f"this was asked before, as request {number}: look there, or fill in the form once more")
        self.number = number


class RequestsBusyError(OfficeError):
    """Others were given each number that was tried; the message says what to do."""


class RequestState(StrEnum):
    """How far a request has come; one without a result waits."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class DeskRequest(StaffDatabase, table=True):
    """One request: the bytes of its RequestDocument, their hash, and the passkey's assertion over that, if any."""

    __tablename__ = "request"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(unique=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    assertion: str | None = None


class DeskRequestFile(StaffDatabase, table=True):
    """A file that was uploaded with a request, under one of the names of request_document.FILES."""

    __tablename__ = "request_file"

    request: int = Field(foreign_key="request.number", primary_key=True)
    name: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RequestResult(StaffDatabase, table=True):
    """What the operator did: a state, why (in English) where it refused or waits, and the day."""

    __tablename__ = "request_result"

    request: int = Field(foreign_key="request.number", primary_key=True)
    state: str
    words: str
    day: date


@dataclass(frozen=True)
class RequestStatus:
    """
    A request as it stands; `asked` is None for a row that no desk of ours wrote, `day` that of the result.

    `signed`: the row has a signature; whether it is one the operator says.
    """

    number: int
    hash: str
    asked: RequestDocument | None
    state: RequestState
    words: str
    day: date | None
    signed: bool


def add_request(
    session: Session, asked: RequestDocument, files: Mapping[str, bytes], assertion: str | None = None
) -> int:
    """
    Add a request with its files, in the caller's transaction; return its number.

    On PostgreSQL two people may be given one number; who comes second is given the next, within TRIES. Raises
    RequestExistsError for a request that was added before, RequestsBusyError where every try met another's.
    """
    for _ in range(TRIES):
        try:
            # In a savepoint: what else the caller's transaction has stays, and on PostgreSQL it can go on at all.
            with session.begin_nested():
                return _add(session, asked, files, assertion)
        except IntegrityError:
            before = session.exec(select(DeskRequest.number).where(DeskRequest.hash == asked.digest)).first()
            if before is not None:
                raise RequestExistsError(before) from None
    raise RequestsBusyError("too many people ask at this moment, and nothing was asked: send the form once more")


def _add(session: Session, asked: RequestDocument, files: Mapping[str, bytes], assertion: str | None) -> int:
    number = next_number(session)
    session.add(DeskRequest(number=number, hash=asked.digest, content=asked.to_bytes(), assertion=assertion))
    session.flush()
    session.add_all(DeskRequestFile(request=number, name=name, content=data) for name, data in files.items())
    session.flush()
    return number


def next_number(session: Session) -> int:
    """Return the number that no request has yet."""
    # Not by max(): on SQLite the desk may call no function.
    last = session.exec(select(DeskRequest.number).order_by(col(DeskRequest.number).desc()).limit(1)).first()
    return (last or 0) + 1


def parsed(row: DeskRequest) -> RequestDocument | None:
    """Return what a row asks, None where its bytes are no request or its hash is another's."""
    try:
        asked = RequestDocument.from_bytes(row.content)
    except DocumentError:
        return None
    return asked if asked.digest == row.hash else None


def request(session: Session, number: int) -> RequestStatus | None:
    """Return a request as it stands, None where there is none of that number."""
    row = session.get(DeskRequest, number) if number <= LAST_NUMBER else None
    return _status(row, session.get(RequestResult, number)) if row else None


def requests(session: Session) -> list[RequestStatus]:
    """Return every request as it stands, the newest first."""
    both = select(DeskRequest, RequestResult).outerjoin(
        RequestResult, col(RequestResult.request) == col(DeskRequest.number)
    )
    return [_status(row, result) for row, result in session.exec(both.order_by(col(DeskRequest.number).desc()))]


def by_hash(session: Session, name: str) -> RequestStatus | None:
    """Return the request of a hash as it stands, None where there is none."""
    number = session.exec(select(DeskRequest.number).where(DeskRequest.hash == name)).one_or_none()
    return None if number is None else request(session, number)


def approvals(session: Session) -> list[tuple[str, str]]:
    """Return who approved which request (its hash), of every approval that the operator took."""
    done = [one.asked for one in requests(session) if one.asked and one.state == RequestState.DONE]
    return [(one.asked_by, one.asks.request) for one in done if isinstance(one.asks, Approval)]


def of_study(every: list[RequestStatus], study: str) -> list[RequestStatus]:
    """Return the requests about a study."""
    return [one for one in every if one.asked and one.asked.study == study]


def unsettled(session: Session) -> list[int]:
    """Return the numbers of the requests that are neither done nor refused, the oldest first."""
    settled = select(RequestResult.request).where(
        col(RequestResult.state).in_([RequestState.DONE, RequestState.REFUSED])
    )
    rows = select(DeskRequest.number).where(col(DeskRequest.number).not_in(settled))
    return list(session.exec(rows.order_by(col(DeskRequest.number))))


def files_of(session: Session, number: int) -> dict[str, bytes]:
    """Return the files of a request by their names."""
    rows = session.exec(select(DeskRequestFile).where(DeskRequestFile.request == number))
    return {row.name: row.content for row in rows}


def result_of(session: Session, number: int) -> RequestResult | None:
    """Return what came of a request so far."""
    return session.get(RequestResult, number)


def note_result(session: Session, number: int, state: RequestState, words: str, day: date) -> None:
    """
    Write what came of a request, in the caller's transaction; the database lets no end be changed.

    Of `words`, which may name members of an uploaded document, the first LONGEST_WORDS are kept, without controls.
    """
    words = CONTROL.sub("\N{REPLACEMENT CHARACTER}", words)[:LONGEST_WORDS]
    row = session.get(RequestResult, number) or RequestResult(request=number, state=state, words=words, day=day)
    row.state, row.words, row.day = state.value, words, day
    session.add(row)
    session.flush()


def _status(row: DeskRequest, result: RequestResult | None) -> RequestStatus:
    state = RequestState(result.state) if result else RequestState.WAITING
    words, day = (result.words, result.day) if result else ("", None)
    return RequestStatus(row.number, row.hash, parsed(row), state, words, day, row.assertion is not None)
