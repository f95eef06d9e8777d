"""The second person: where a host says so, what cannot be undone waits until somebody else approved it."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from survey.office_db.request_document import IRREVERSIBLE, Approval, RequestDocument
from survey.office_db.requests import DeskRequest, RequestResult, RequestState, parsed
from survey.operations.requests.acceptance import Accepted, RequestRefusedError, Rules, check_person

LONGEST_WAIT = timedelta(days=14)
"""For so long a request waits for its second person."""


# Decision 152.
def waits_for_approval(session: Session, accepted: Accepted, rules: Rules, now: date) -> str:
    """Return why a request waits for a second person, "" where it does not; raise RequestRefusedError for too long."""
    asked = accepted.asked
    if not rules.second_person or not isinstance(asked.asks, IRREVERSIBLE):
        return ""
    if approver(session, accepted.number, asked, rules):
        return ""
    if now - date.fromisoformat(asked.day) > LONGEST_WAIT:
        raise RequestRefusedError(f"nobody else approved it within {LONGEST_WAIT.days} days: ask again")
    return f"it waits for a second person: an owner or a researcher of {asked.study} other than {asked.asked_by}"


def approver(session: Session, number: int, asked: RequestDocument, rules: Rules) -> str | None:
    """
    Return who approved a request, None where nobody did.

    An approval holds while its person is not disabled, has a role for it, and the passkey that signed it is still
    confirmed: it is judged anew each time.
    """
    # Only what the operator carried out is read: this is looked at every few seconds while a request waits.
    carried_out = select(RequestResult.request).where(col(RequestResult.state) == RequestState.DONE)
    later = select(DeskRequest).where(col(DeskRequest.number) > number, col(DeskRequest.number).in_(carried_out))
    for row in session.exec(later.order_by(col(DeskRequest.number))):
        approval = parsed(row)
        if approval and _is_of(approval, asked) and _holds(session, approval, row, rules):
            return approval.asked_by
    return None


def _is_of(approval: RequestDocument, asked: RequestDocument) -> bool:
    named = isinstance(approval.asks, Approval) and approval.asks.request == asked.digest
    return named and approval.asked_by != asked.asked_by and approval.study == asked.study


def _holds(session: Session, approval: RequestDocument, row: DeskRequest, rules: Rules) -> bool:
    try:
        check_person(session, approval, row.assertion, rules)
    except RequestRefusedError:
        return False
    return True
