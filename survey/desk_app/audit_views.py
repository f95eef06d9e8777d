"""The audit chain at the desk: searched, exported, and checked each time that somebody looks."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request

from survey.desk_app.paging import page_number
from survey.desk_app.signed_in import AUDIT, Frame, for_roles, frame, office, staff_only
from survey.office_db.acts import Act
from survey.office_db.audit_search import ActSearch, Chain, RecordedAct, acts, chain, persons_of, studies_of
from survey.web.downloads import download
from survey.web.headers import DESK_POLICY
from survey.web.request_language import language
from survey.web.responses import page_response

bp = Blueprint("audit", __name__)
ACTS = {
    Act.USER_ADDED: "account made", Act.USER_DISABLED: "account disabled", Act.STUDY_COMPILED: "study compiled",
    Act.VERSION_KEPT: "new version of the questionnaire kept", Act.STUDY_DELETED: "study deleted",
    Act.ISSUER_KEY_MADE: "key for invitations made",
    Act.ISSUER_KEY_DELETED: "key for invitations deleted", Act.BATCH_MADE: "batch of invitations made",
    Act.BATCH_CLOSED: "batch of invitations closed", Act.WAVE_OPENED: "wave opened", Act.WAVE_CLOSED: "wave closed",
    Act.ENVELOPES_TAKEN_IN: "answers of a field kit taken in", Act.PLAN_PUBLISHED: "plan published",
    Act.CORRECTION_PUBLISHED: "correction published",
    Act.BOX_MADE: "box made", Act.RELEASE_PUBLISHED: "release published",
    Act.SPLIT_PUBLISHED: "split of a key published", Act.INTENT_PUBLISHED: "intent published",
    Act.DESTRUCTION_PUBLISHED: "destruction of a key published",
    Act.REQUEST_ACCEPTED: "request accepted", Act.REQUEST_TAKEN_BACK: "request taken back",
    Act.REQUEST_APPROVED: "request approved",
    Act.REQUEST_UNPROVEN: "unproven request refused",
    Act.USER_ENABLED: "account enabled",
    Act.USER_RESET: "means of signing in taken away", Act.ROLE_GIVEN: "role given",
    Act.PASSKEY_CONFIRMED: "passkey confirmed", Act.FIRST_SIGN_IN: "first sign-in", Act.SIGNED_IN: "signed in",
    Act.SIGN_IN_FAILED: "sign-in failed", Act.PASSWORD_CHANGED: "password changed",
    Act.CODES_RENEWED: "authenticator app set up", Act.RECOVERY_RENEWED: "recovery codes made",
    Act.SESSIONS_ENDED: "other sessions ended", Act.PASSKEY_ADDED: "passkey added",
    Act.PASSKEY_REMOVED: "passkey removed",
}  # fmt: skip
"""What each act is called: messages of survey/interface/*/pages.po."""
COLUMNS = tuple(one.name for one in fields(RecordedAct))
"""Every member of an act, so that whoever has the file can follow the chain."""
PAGE = 50
"""Acts on one page."""
MOST_WORDS = 200
"""The longest search, in characters."""


@dataclass(frozen=True)
class AuditPage:
    """The data of the audit's page; `persons` and `studies` can be chosen; the last two are pages, None at an end."""

    frame: Frame
    search: ActSearch
    acts: tuple[RecordedAct, ...]
    number: int
    chain: Chain
    persons: tuple[str, ...]
    studies: tuple[str, ...]
    previous: int | None
    following: int | None


@bp.get("/audit")
@staff_only
@for_roles(*AUDIT)
def page() -> Response:
    """Show the acts that a search finds, fifty at a time, and whether the chain is whole."""
    search, number = _search(), page_number()
    with office() as database:
        every, state = acts(database, ActSearch()), chain(database)
    found = [act for act in every if search.fits(act)]
    shown = tuple(found[(number - 1) * PAGE : number * PAGE])
    following = number + 1 if len(found) > number * PAGE else None
    data = AuditPage(
        frame(),
        search,
        shown,
        len(found),
        state,
        _named(every, persons_of, search.person),
        _named(every, studies_of, search.study),
        number - 1 or None,
        following,
    )
    return page_response(render_template("desk/audit.html", page=data), DESK_POLICY)


@bp.get("/audit.csv")
@staff_only
@for_roles(*AUDIT)
def file() -> Response:
    """Send every act that a search finds as CSV, the oldest first, with the hashes that chain them."""
    with office() as database:
        rows = [[str(getattr(act, name)) for name in COLUMNS] for act in reversed(acts(database, _search()))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *rows])
    return download(BOM_UTF8 + text.getvalue().encode("utf-8"), "text/csv; charset=utf-8", "audit.csv")


def _search() -> ActSearch:
    """Return what the address asks for; abort with 400 where a day is none."""
    called = {act.value: language().say(message) for act, message in ACTS.items()}
    return ActSearch(
        words=request.args.get("words", "")[:MOST_WORDS],
        since=_day("since"),
        until=_day("until"),
        called=called,
        person=request.args.get("person", "")[:MOST_WORDS],
        study=request.args.get("study", "")[:MOST_WORDS],
    )


def _named(every: list[RecordedAct], of: Callable[[RecordedAct], set[str]], chosen: str) -> tuple[str, ...]:
    """Return the names to choose from: all that stand in the chain, and the one that was chosen."""
    return tuple(sorted({name for act in every for name in of(act)} | ({chosen} if chosen else set())))


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
