"""Whether a request may be carried out at all: what the desk wrote is checked as if somebody had taken the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, select

from crypto.canonical import digest
from survey.errors import OfficeError
from survey.office_db.invitations import Batch
from survey.office_db.people.passkeys import is_signed
from survey.office_db.people.role import Role
from survey.office_db.people.roles import roles_of
from survey.office_db.people.tables import Staff
from survey.office_db.request_days import LONGEST_KEPT, is_fresh
from survey.office_db.request_document import (
    IRREVERSIBLE,
    Approval,
    BatchClosing,
    Cancellation,
    NewStudy,
    PlanRegistering,
    Publication,
    RequestDocument,
    WaveClosing,
    WaveOpening,
    is_older,
)
from survey.office_db.requests import DeskRequest, RequestState, files_of, parsed, result_of
from survey.office_db.tables import Study
from survey.operations.requests.uploads import about
from survey.operations.transaction import OperationError, study_of, wave_of, waves_of
from survey.plan.plan import Plan
from survey.wave.manifest import Manifest

LONGEST_AHEAD = timedelta(days=366)

Signed = Callable[[Session, RequestDocument, str], bool]
"""Says whether an assertion over a request's hash is by a passkey of the person who asks."""


class RequestRefusedError(OfficeError):
    """A request that is not carried out; nothing was changed, and the message says why and what to do."""


class UnprovenRequestError(RequestRefusedError):
    """A request that its row, its files or its signature do not prove; the audit has that there was one."""


ASKERS = (Role.OWNER, Role.RESEARCHER)
"""Who may ask for something of a study; the desk cannot write roles."""


def signed_by_passkey(session: Session, asked: RequestDocument, assertion: str) -> bool:
    """Say whether an assertion is by a confirmed passkey of who asks, over the request's hash."""
    return is_signed(session, asked.asked_by, asked.challenge, assertion)


@dataclass(frozen=True)
class Rules:
    """
    What an operator takes: requests that nobody signed only where `unsigned`; `signed` checks the others.

    `second_person`: what cannot be undone waits until somebody else has approved it.
    """

    signed: Signed = signed_by_passkey
    unsigned: bool = False
    second_person: bool = False


@dataclass(frozen=True)
class Accepted:
    """A request that was checked, with its files."""

    number: int
    asked: RequestDocument
    files: Mapping[str, bytes]


# Decision 142.
def accept(session: Session, row: DeskRequest, rules: Rules, now: date, *, seen: bool) -> Accepted:
    """
    Return a request that may be carried out; raise RequestRefusedError for any other, and OperationError.

    `seen`: the operator has noted it before, so that it was not held back.
    """
    asked = parsed(row)
    if asked is None and is_older(row.content):
        raise RequestRefusedError("it was asked before an upgrade of this server: ask again")
    if asked is None:
        raise UnprovenRequestError("the row is no request, or its hash is of another one: no desk of ours wrote it")
    _check_days(asked, now, seen=seen)
    if not seen and not is_fresh(session, asked.fresh, now):
        raise UnprovenRequestError(
            f"it names no value that this host gave out for {now} or one of the {LONGEST_KEPT.days} days before: if "
            f"{asked.asked_by} did ask, ask again; if not, somebody uses a signature of another day: tell whoever runs "
            "this server"
        )
    check_person(session, asked, row.assertion, rules)
    files = files_of(session, row.number)
    if asked.files != {name: digest(content) for name, content in files.items()}:
        raise UnprovenRequestError("the files that came with it are not those that it names: ask again")
    _check_state(session, asked, files)
    return Accepted(row.number, asked, files)


def _check_days(asked: RequestDocument, now: date, *, seen: bool) -> None:
    days = [_day(text) for text in (asked.day, asked.on or asked.day)]
    if not seen and not now - LONGEST_KEPT <= days[0] <= now + timedelta(days=1):
        raise RequestRefusedError(
            f"it was asked on {asked.day}, which is no day of the last {LONGEST_KEPT.days}: ask again, so that nothing "
            "old is done by surprise"
        )
    if days[1] - now > LONGEST_AHEAD:
        raise RequestRefusedError(f"{asked.on} is more than a year ahead: ask for it nearer to that day")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestRefusedError(f"there is no day {text}") from None


def check_person(session: Session, asked: RequestDocument, assertion: str | None, rules: Rules) -> None:
    """Raise RequestRefusedError unless the person may ask for this now, and signed it where it must be signed."""
    person = session.get(Staff, asked.asked_by)
    if person is None or not person.active:
        raise RequestRefusedError(f"{asked.asked_by}, who is said to ask, has no open account here")
    roles = roles_of(session, asked.asked_by)
    if isinstance(asked.asks, NewStudy) and not roles.has(*ASKERS):
        raise RequestRefusedError(
            f"{asked.asked_by} is neither an owner nor a researcher of every study, who alone bring new ones: "
            "`sotto user role` gives a role"
        )
    if not roles.has(*ASKERS, study=asked.study):
        raise RequestRefusedError(
            f"{asked.asked_by} is neither an owner nor a researcher of {asked.study}: `sotto user role` gives a role"
        )
    if isinstance(asked.asks, IRREVERSIBLE) and asked.asks.typed != asked.study:
        raise RequestRefusedError(f"what was typed is not the study's name, {asked.study}")
    if _must_be_signed(session, asked):
        _check_signature(session, asked, assertion, rules)


def _must_be_signed(session: Session, asked: RequestDocument) -> bool:
    """Say whether a passkey signs it: what cannot be undone, and the taking back of what somebody signed."""
    if not isinstance(asked.asks, Cancellation):
        return True
    taken = session.exec(select(DeskRequest).where(DeskRequest.hash == asked.asks.request)).one_or_none()
    return taken is not None and taken.assertion is not None


def _check_signature(session: Session, asked: RequestDocument, assertion: str | None, rules: Rules) -> None:
    if assertion is None and not rules.unsigned and isinstance(asked.asks, Cancellation):
        raise UnprovenRequestError(
            f"what it takes back was signed, and no passkey signed this: ask again with a confirmed passkey of "
            f"{asked.asked_by}"
        )
    if assertion is None and not rules.unsigned:
        raise UnprovenRequestError(
            f"it cannot be undone, and no passkey signed it: ask again with a confirmed passkey of {asked.asked_by} "
            f"(`sotto user confirm {asked.asked_by} CODE`, with the code in My account), or do it by a command on the "
            "server"
        )
    if assertion is not None and not rules.signed(session, asked, assertion):
        raise UnprovenRequestError(
            f"its signature is by no confirmed passkey of {asked.asked_by} over this very request: if {asked.asked_by} "
            "did ask, ask again; if not, somebody else writes at the desk: tell whoever runs this server"
        )


def _check_state(session: Session, asked: RequestDocument, files: Mapping[str, bytes]) -> None:
    if not isinstance(asked.asks, NewStudy | Cancellation):
        study_of(session, asked.study)
    match asked.asks:
        case WaveOpening():
            _check_opening(session, asked, files["manifest"])
        case WaveClosing():
            _check_closing(session, asked)
        case BatchClosing(batch=name):
            _check_batch(session, asked, name)
        case Publication():
            if about(files["document"]) != (asked.study, asked.wave):
                raise RequestRefusedError(
                    f"the document is not of wave {asked.wave} of {asked.study}: ask on the page of the one it is of"
                )
        case PlanRegistering():
            _check_plan(asked, files["plan"])
        case NewStudy():
            _check_new(session, asked.study, asked.asks)
        case Approval(request=name):
            _check_approval(session, asked, name)
        # Of a Cancellation the operator looks at the request that it names.


def _check_opening(session: Session, asked: RequestDocument, manifest: bytes) -> None:
    opening = Manifest.from_bytes(manifest)
    if (opening.study, opening.wave) != (asked.study, asked.wave):
        raise RequestRefusedError(f"the manifest is of wave {opening.wave} of {opening.study}, not of what was asked")
    for wave in waves_of(session, asked.study):
        if wave.number == asked.wave:
            since = f", and is closed since {wave.closed}: nothing is left to open" if wave.closed else ""
            raise RequestRefusedError(f"wave {asked.wave} of {asked.study} was opened already{since}")


def _check_closing(session: Session, asked: RequestDocument) -> None:
    wave = wave_of(session, asked.study, asked.wave)
    if wave.state != "open":
        raise RequestRefusedError(f"wave {asked.wave} of {asked.study} is closed already, since {wave.closed}")


def _check_plan(asked: RequestDocument, content: bytes) -> None:
    plan = Plan.from_bytes(content)
    if (plan.study, plan.wave) != (asked.study, asked.wave):
        raise RequestRefusedError(
            f"the plan is of wave {plan.wave} of {plan.study}, not of wave {asked.wave} of {asked.study}: ask on the "
            "page of the one it is of"
        )


def _check_new(session: Session, study: str, asks: NewStudy) -> None:
    kept = session.get(Study, study)
    source = None if kept is None else kept.source
    if source not in (asks.replaces, asks.questionnaire):
        raise RequestRefusedError(
            f"{study} has another questionnaire now than when it was asked for: upload the file once more, and look at "
            "what it changes"
        )


def _check_batch(session: Session, asked: RequestDocument, name: str) -> None:
    batch = session.exec(select(Batch).filter_by(study=asked.study, wave=asked.wave, name=name)).one_or_none()
    if batch is None:
        raise OperationError(f"wave {asked.wave} of {asked.study} has no batch {name}")
    if not batch.open:
        raise RequestRefusedError(f"the batch {name} of wave {asked.wave} of {asked.study} is closed already")


def _check_approval(session: Session, asked: RequestDocument, name: str) -> None:
    row = session.exec(select(DeskRequest).where(DeskRequest.hash == name)).one_or_none()
    approved = parsed(row) if row else None
    if row is None or approved is None or (approved.study, approved.wave) != (asked.study, asked.wave):
        raise RequestRefusedError("there is no such request about this wave")
    if not isinstance(approved.asks, IRREVERSIBLE):
        raise RequestRefusedError(f"request {row.number} needs nobody's approval: it can be undone")
    if approved.asked_by == asked.asked_by:
        raise RequestRefusedError(f"{asked.asked_by} asked for request {row.number}: somebody else approves it")
    result = result_of(session, row.number)
    if result and result.state != RequestState.WAITING:
        raise RequestRefusedError(f"request {row.number} was begun, or has come to an end: nothing is left to approve")
