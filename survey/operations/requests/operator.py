"""The operator's work: takes up what staff asked, one at a time, safe against being killed at any step."""

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlmodel import Session, select

from crypto.canonical import digest
from crypto.errors import PublicTextError, RefusedError, error_report
from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.availability import AWAY
from survey.office_db.request_document import Approval, Cancellation, Publication, RequestDocument
from survey.office_db.requests import (
    DeskRequest,
    RequestState,
    files_of,
    note_result,
    parsed,
    result_of,
    unsettled,
)
from survey.operations.requests.acceptance import Accepted, RequestRefusedError, Rules, UnprovenRequestError, accept
from survey.operations.requests.approval import waits_for_approval
from survey.operations.requests.carrying_out import carry_out, is_half_done, was_done
from survey.operations.transaction import ACTOR, note_act, office_session
from survey.settings import Settings

ROUND, PAUSE = 3.0, 30.0
"""Seconds between two looks for requests, and after a look at which one could not be carried to its end."""


class OperatorBusyError(RefusedError):
    """Another operator works on this host."""


# Decision 142.
@dataclass(frozen=True)
class Operator:
    """Works on a host's requests; `demo` takes keys of demonstrations too."""

    settings: Settings
    rules: Rules
    demo: bool = False

    def run(self, end: threading.Event) -> None:
        """Work until `end` is set; raise OperatorBusyError where another operator does."""
        with self.alone():
            self._rounds(end)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Work in a thread until the block ends; raise OperatorBusyError where another operator does."""
        end = threading.Event()
        thread = threading.Thread(target=self._rounds, args=(end,), name="operator", daemon=True)
        with self.alone():
            thread.start()
            try:
                yield
            finally:
                end.set()
                thread.join()

    def _rounds(self, end: threading.Event) -> None:
        pause = 0.0
        while not end.wait(pause):
            try:
                pause = ROUND if self.work() else PAUSE
            except AWAY as error:
                logging.getLogger(__name__).warning("the database gives no answer: %s", type(error).__name__)
                pause = PAUSE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of this host's operator."""
        path = self.settings.log_key.with_name("operator.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"another operator works on this host (it holds {path}): end it first"
                raise OperatorBusyError(message) from None
            yield

    def work(self) -> bool:
        """Take up every request that is due; return whether none of them broke off."""
        with office_session(self.settings) as session:
            # What is taken back is not begun, and what is approved is, though it was asked for first.
            numbers = sorted(unsettled(session), key=lambda number: (_rank(session, number), number))
        ended = [self._take_up(number) for number in numbers]
        return all(ended)

    def _take_up(self, number: int) -> bool:
        """Work on one request; return whether it did not break off."""
        try:
            accepted = self._begun(number)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the desk wrote ends no operator: it is refused
            return self._refused_unjudged(number, error)
        if accepted is None:
            return True
        # It is noted as running: whoever is killed from here on finds it so, and does it again.
        acting = replace(self.settings, actor=_actor(accepted.asked))
        try:
            state, words = RequestState.DONE, carry_out(acting, accepted, demo=self.demo)
        except Exception as error:  # noqa: BLE001 - whatever it is, staff read that it happened, and it is tried again
            words = error_report(error)[0]
            state = self._after(error, accepted)
            logging.getLogger(__name__).warning("request %s is %s: %s", number, state, words)
        with office_session(self.settings) as session:
            note_result(session, number, state, words, today())
        return state is not RequestState.RUNNING

    def _refused_unjudged(self, number: int, error: Exception) -> bool:
        """Refuse what could be neither judged nor noted; return False for what was begun before, which goes on."""
        kind = type(error).__name__
        logging.getLogger(__name__).warning("request %s could not be judged: %s", number, kind)
        with office_session(self.settings) as session:
            result = result_of(session, number)
            if result and result.state == RequestState.RUNNING:
                return False
            note_act(session, Act.REQUEST_UNPROVEN, f"{number} {_digest_of(session, number)}".strip())
            words = f"it cannot be judged ({kind}), and no desk of ours writes such a row: ask again"
            note_result(session, number, RequestState.REFUSED, words, today())
        return True

    def _after(self, error: Exception, accepted: Accepted) -> RequestState:
        """Return `refused` for an error that changed nothing; else doing it again completes what was begun."""
        if not isinstance(error, RefusedError) or isinstance(error, AWAY):
            return RequestState.RUNNING
        if isinstance(accepted.asked.asks, Publication):
            # Whoever asks anew completes it; what refuses a document refuses it however often it is tried.
            return RequestState.REFUSED
        with office_session(self.settings) as session:
            return RequestState.RUNNING if was_done(session, accepted) else RequestState.REFUSED

    def _begun(self, number: int) -> Accepted | None:
        """Note a request as running and return it; None where it waits, is refused, or was a cancellation."""
        with office_session(self.settings) as session:
            row = session.get_one(DeskRequest, number)
            result, asked = result_of(session, number), parsed(row)
            if result and result.state == RequestState.RUNNING:
                return self._begun_before(session, row)
            if result and (result.state != RequestState.WAITING or (asked and _is_ahead(asked))):
                return None  # Taken back in this round, or not due yet.
            try:
                accepted = accept(session, row, self.rules, today(), seen=result is not None)
                return _accepted(self.settings, session, accepted, self.rules)
            except PublicTextError as error:
                _refuse(session, row, error, str(error))
                return None

    def _begun_before(self, session: Session, row: DeskRequest) -> Accepted | None:
        """
        Return a request whose operator was killed, or could not end it; None where it is refused by now.

        What is done is completed, whoever may ask by now. What is not is judged anew: since then its person may have
        been disabled, or a command may have done something else.
        """
        asked = parsed(row)
        if asked is not None:
            begun = Accepted(row.number, asked, files_of(session, row.number))
            if was_done(session, begun) or is_half_done(self.settings, session, begun):
                return begun
        try:
            again = accept(session, row, self.rules, today(), seen=True)
            why = waits_for_approval(session, again, self.rules, today())
        except PublicTextError as error:
            _refuse(session, row, error, f"it was begun and did not come to its end, and now {error}")
            return None
        if why:
            note_result(session, row.number, RequestState.REFUSED, f"it was begun, and now {why}: ask again", today())
            return None
        return again


def _refuse(session: Session, row: DeskRequest, error: PublicTextError, words: str) -> None:
    if isinstance(error, UnprovenRequestError):
        # Under the operator's own name: who is said to ask did not, for all that is known. The row's hash may be any
        # text, so the audit has that of its bytes.
        note_act(session, Act.REQUEST_UNPROVEN, f"{row.number} {digest(row.content)}")
    note_result(session, row.number, RequestState.REFUSED, words, today())


def _accepted(settings: Settings, session: Session, accepted: Accepted, rules: Rules) -> Accepted | None:
    """Note what is carried out now, and return it; note what waits, and why; carry out what is about another one."""
    asked, number = accepted.asked, accepted.number
    session.info[ACTOR] = _actor(asked)
    if isinstance(asked.asks, Cancellation | Approval):
        if isinstance(asked.asks, Cancellation):
            words = _cancel(settings, session, asked, asked.asks.request)
        else:
            words = _approve(session, asked, asked.asks.request)
        note_result(session, number, RequestState.DONE, words, today())
        return None
    if why := waits_for_approval(session, accepted, rules, today()) or _waits_for_day(asked):
        _wait(session, number, why)
        return None
    note_result(session, number, RequestState.RUNNING, "", today())
    note_act(session, Act.REQUEST_ACCEPTED, f"{asked.study} {asked.wave} {number} {asked.digest}")
    return accepted


def _wait(session: Session, number: int, why: str) -> None:
    """Note why a request waits, where that is not noted yet: it is looked at every few seconds."""
    result = result_of(session, number)
    if result is None or result.words != why:
        note_result(session, number, RequestState.WAITING, why, today())


def _waits_for_day(asked: RequestDocument) -> str:
    return f"it waits for {asked.on}" if _is_ahead(asked) else ""


def _approve(session: Session, asked: RequestDocument, name: str) -> str:
    """Note that somebody else approved a request; return what was done. It goes on when it is looked at next."""
    other = session.exec(select(DeskRequest).where(DeskRequest.hash == name)).one()
    named = parsed(other)
    if named and result_of(session, other.number):
        _wait(session, other.number, f"{asked.asked_by} approved it; {_waits_for_day(named) or 'it is due'}")
    note_act(session, Act.REQUEST_APPROVED, f"{asked.study} {asked.wave} {other.number} {name}")
    return f"request {other.number} is approved"


def _cancel(settings: Settings, session: Session, asked: RequestDocument, name: str) -> str:
    """Refuse the request that is taken back, unless something of it is done; return what was done."""
    other = session.exec(select(DeskRequest).where(DeskRequest.hash == name)).one_or_none()
    named = parsed(other) if other else None
    if other is None or named is None or (named.study, named.wave) != (asked.study, asked.wave):
        raise RequestRefusedError("there is no such request about this wave")
    number = other.number
    result = result_of(session, number)
    if result and result.state not in {RequestState.WAITING, RequestState.RUNNING}:
        raise RequestRefusedError(f"request {number} has come to an end: it cannot be taken back")
    if result and result.state == RequestState.RUNNING:
        begun = Accepted(number, named, files_of(session, number))
        if was_done(session, begun) or is_half_done(settings, session, begun):
            raise RequestRefusedError(f"of request {number} something is done: it is completed, and not taken back")
    note_result(session, number, RequestState.REFUSED, f"{asked.asked_by} took it back", today())
    note_act(session, Act.REQUEST_TAKEN_BACK, f"{asked.study} {asked.wave} {number} {named.digest}")
    return f"request {number} is taken back"


def _actor(asked: RequestDocument) -> str:
    """Return who acts, as the audit names them: no account of the operating system has such a name."""
    return f"{asked.asked_by}@desk"


def _is_ahead(asked: RequestDocument) -> bool:
    return asked.on is not None and asked.on > today().isoformat()


def _rank(session: Session, number: int) -> int:
    """Return 0 for what takes another request back, 1 for what approves one, 2 for all else."""
    try:
        asked = parsed(session.get_one(DeskRequest, number))
    except AWAY:
        raise
    except Exception:  # noqa: BLE001 - it is refused when it is taken up
        asked = None
    asks = asked.asks if asked else None
    return 0 if isinstance(asks, Cancellation) else 1 if isinstance(asks, Approval) else 2


def _digest_of(session: Session, number: int) -> str:
    """Return the hash of a row's bytes; none where SQLite has something else there."""
    try:
        return digest(session.get_one(DeskRequest, number).content)
    except TypeError:
        return ""
