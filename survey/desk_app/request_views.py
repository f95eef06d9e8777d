"""Requests to the operator: what staff can ask for about a study's waves, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from werkzeug.wrappers import Response as AnyResponse

from survey.desk_app.challenges import PasskeyOffer, missing_passkey, signing_offer
from survey.desk_app.paging import page_number
from survey.desk_app.request_forms import (
    UPLOADS,
    AskFaultError,
    AskForm,
    SignedRequestForm,
    about_another,
    asked_by,
    brought_back,
    form_to_sign,
    new_request,
)
from survey.desk_app.signed_in import AUDIT, TOKEN, Frame, frame, now, office, require_study, resources, staff_only
from survey.document import today
from survey.office_db import study_status as status
from survey.office_db.people.passkeys import is_signed
from survey.office_db.people.role import Role
from survey.office_db.people.roles import roles_of
from survey.office_db.people.sessions import current
from survey.office_db.request_days import newest_value
from survey.office_db.request_document import IRREVERSIBLE, Approval, Cancellation, NewStudy, RequestDocument
from survey.office_db.requests import (
    RequestExistsError,
    RequestsBusyError,
    RequestState,
    RequestStatus,
    add_request,
    approvals,
    by_hash,
)
from survey.office_db.requests import request as one_request
from survey.office_db.requests import requests as every_request
from survey.web.headers import DESK_POLICY, PASSKEY_POLICY
from survey.web.responses import page_response

bp = Blueprint("requests", __name__)
PAGE = 50
"""Requests on one page."""
UPLOAD_SIZE = 4 * 1024 * 1024
"""Bytes of a form with documents; the largest document that is uploaded is a release."""
SIGNED_SIZE = UPLOAD_SIZE * 4 // 3 + 64 * 1024
"""Bytes of a form with documents as text, which a request that is signed brings a second time."""
ASKERS = (Role.OWNER, Role.RESEARCHER)
"""Who may ask for something of a study."""
LOOK_AGAIN = 5
"""Seconds after which the page of a request that has not ended is asked for again."""


@dataclass(frozen=True)
class AskPage:
    """
    The data of a form: `kind` of request, and the fault of what was sent before, if any.

    `missing` says what keeps it from being asked for, as what the person lacks to sign it (`missing_to_ask`).
    """

    frame: Frame
    form: AskForm
    kind: str
    study: str
    wave: int
    today: date
    missing: str
    fault: str = ""


@dataclass(frozen=True)
class SignPage:
    """
    The data of the page that has a request signed, to `action`; `unsigned` where it is taken without, too.

    `about`: the request that it takes back or approves, where it is such a one.
    """

    frame: Frame
    form: SignedRequestForm
    asked: RequestDocument
    about: RequestStatus | None
    action: str
    passkey: PasskeyOffer
    unsigned: bool
    fault: str


@dataclass(frozen=True)
class RequestPage:
    """
    The data of one request's page; `missing` says what keeps it from being taken back (`missing_to_ask`).

    `approval`: whether it needs a second person's ("needed"), who gave it, or "" where none is needed;
    `may_approve` and `lacking` are for that what `may_take_back` and `missing` are for taking it back.
    """

    frame: Frame
    form: FlaskForm
    request: RequestStatus
    may_take_back: bool
    missing: str
    approval: str
    may_approve: bool
    lacking: str


@dataclass(frozen=True)
class RequestsPage:
    """The data of the list; `previous` and `following` are numbers of pages, None at an end."""

    frame: Frame
    requests: tuple[RequestStatus, ...]
    previous: int | None
    following: int | None


def allow_uploads() -> None:
    """Let who is signed in, and may ask, send documents; everybody else's forms stay as small as they are."""
    if request.endpoint == "requests.ask" and may_send():
        request.max_content_length = UPLOAD_SIZE
    if request.endpoint == "requests.sign" and may_send():
        request.max_content_length = request.max_form_memory_size = SIGNED_SIZE


def may_send() -> bool:
    """Say whether a session that has not ended is of somebody who may ask; a cookie is no proof that it has not."""
    if not session.get(TOKEN):
        return False
    with office() as database:
        browser_session = current(database, session[TOKEN], now())
        roles = roles_of(database, browser_session.staff) if browser_session else None
    return roles is not None and roles.has(*ASKERS, study=(request.view_args or {}).get("study", ""))


@bp.get("/requests")
@staff_only
def page() -> Response:
    """List the requests, the newest first, fifty at a time."""
    number = page_number()
    with office() as database:
        every = [one for one in every_request(database) if _is_shown(one)]
    shown = tuple(every[(number - 1) * PAGE : number * PAGE])
    following = number + 1 if len(every) > number * PAGE else None
    data = RequestsPage(frame(), shown, number - 1 or None, following)
    return page_response(render_template("desk/requests.html", page=data), DESK_POLICY)


@bp.get("/requests/<int:number>")
@staff_only
def one(number: int) -> Response:
    """Show a request; while it has not ended the page is asked for again by itself."""
    with office() as database:
        found = one_request(database, number)
    if found is None or not _is_shown(found):
        abort(HTTPStatus.NOT_FOUND)
    waits = found.state == RequestState.WAITING and found.asked is not None
    data = _request_page(found, waits=waits)
    response = page_response(render_template("desk/request.html", page=data), DESK_POLICY)
    if waits or found.state == RequestState.RUNNING:
        # A header and no element: the page works without script, and who reads it can stop the browser's loading.
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


@bp.route("/requests/<int:number>/back", methods=["GET", "POST"])
@staff_only
def take_back(number: int) -> AnyResponse:
    """Ask that a request be taken back, over a signature where it has one itself; who only comes by looks at it."""
    return _about(number, "cancel")


@bp.route("/requests/<int:number>/approval", methods=["GET", "POST"])
@staff_only
def approve(number: int) -> AnyResponse:
    """Approve what somebody else asked for, over a signature; who only comes by looks at it."""
    return _about(number, "approve")


def _about(number: int, kind: str) -> AnyResponse:
    """Ask for something about another request, or lead whoever only comes by to that."""
    if request.method == "GET":
        return redirect(url_for("requests.one", number=number), HTTPStatus.SEE_OTHER)
    with office() as database:
        found = one_request(database, number)
    form = SignedRequestForm()
    if not FlaskForm().validate() or found is None or found.asked is None:
        abort(HTTPStatus.BAD_REQUEST)
    _require_asker(found.asked.study)
    if kind == "approve" and not _may_approve(found):
        abort(HTTPStatus.BAD_REQUEST)
    try:
        if form.request.data:
            return signed(about_another(form, found, kind), {}, form.credential.data or "")
        asked = new_request(found.asked.study, found.asked.wave, {"kind": kind, "request": found.hash})
        return taken(asked, {}) if found.signed or kind == "approve" else _added(asked, {})
    except AskFaultError as error:
        passes = str(error) in {"busy", "operator"}
        abort(HTTPStatus.SERVICE_UNAVAILABLE if passes else HTTPStatus.BAD_REQUEST)


@bp.route("/studies/<study>/waves/<int:wave>/<kind>", methods=["GET", "POST"])
@staff_only
def ask(study: str, wave: int, kind: str) -> AnyResponse:
    """Show the form of a request, or take it: to be signed, or as it is where it need not be."""
    fits = _fits(study, wave, kind)
    if not fits and request.method == "GET":
        abort(HTTPStatus.NOT_FOUND)
    form = AskForm()
    if request.method == "GET":
        return _ask_page(form, study, wave, kind)
    try:
        return taken(*asked_by(form, study, wave, kind)) if fits else _ask_page(form, study, wave, kind, "stale")
    except AskFaultError as error:
        return _ask_page(form, study, wave, kind, str(error))


@bp.route("/studies/<study>/waves/<int:wave>/<kind>/signed", methods=["GET", "POST"])
@staff_only
def sign(study: str, wave: int, kind: str) -> AnyResponse:
    """Take a request that was signed; who only comes by, as by a change of language, asks anew."""
    fits = _fits(study, wave, kind)
    if request.method == "GET":
        return redirect(url_for("requests.ask", study=study, wave=wave, kind=kind), HTTPStatus.SEE_OTHER)
    form = SignedRequestForm()
    try:
        asked, files = brought_back(form, study, wave, kind)
        if fits:
            return signed(asked, files, form.credential.data or "")
    except AskFaultError as error:
        return _ask_page(AskForm(formdata=None), study, wave, kind, str(error))
    return _ask_page(AskForm(formdata=None), study, wave, kind, "stale")


def _fits(study: str, wave: int, kind: str) -> bool:
    """Say whether something can be asked for now; abort for who may not ask, and for what can be asked for nowhere."""
    _require_asker(study)
    with office() as database:
        found = status.study(database, study) or abort(HTTPStatus.NOT_FOUND)
    if kind not in UPLOADS:
        abort(HTTPStatus.NOT_FOUND)
    return (kind, wave) in offered(found)


def taken(asked: RequestDocument, files: Mapping[str, bytes]) -> AnyResponse:
    """Have a request signed by whoever can sign it; add that of others where the operator takes it unsigned."""
    page = _sign_page(asked, files)
    if page is not None:
        return page
    if not resources().unsigned:
        raise AskFaultError("unsigned")
    return _added(asked, files)


def signed(asked: RequestDocument, files: Mapping[str, bytes], credential: str) -> AnyResponse:
    """Add a request that is signed; show once more what is to be signed where the signature does not verify."""
    if not credential and resources().unsigned:
        return _added(asked, files)
    with office() as database:
        verifies = is_signed(database, g.person, asked.challenge, credential)
    if verifies:
        return _added(asked, files, credential)
    page = _sign_page(asked, files, "signature")
    if page is None:
        raise AskFaultError("unsigned")
    return page


def _ask_page(form: AskForm, study: str, wave: int, kind: str, fault: str = "") -> Response:
    missing = missing_to_ask(signed=True)
    data = AskPage(frame(), form, kind, study, wave, today(), missing, fault)
    response = page_response(render_template("desk/ask.html", page=data), DESK_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return response


def missing_to_ask(*, signed: bool) -> str:
    """Say what keeps a request from being asked for: nothing (""), the "operator", or what a person lacks to sign."""
    with office() as database:
        if newest_value(database, today()) is None:
            return "operator"
        return missing_passkey(database, g.person) if signed and not resources().unsigned else ""


def _sign_page(asked: RequestDocument, files: Mapping[str, bytes], fault: str = "") -> Response | None:
    """Return the page that has a request signed, None where the person has no passkey here that is believed."""
    with office() as database:
        offer = signing_offer(database, g.person, asked.challenge)
        other = by_hash(database, asked.asks.request) if isinstance(asked.asks, Cancellation | Approval) else None
    if offer is None:
        return None
    form, action = form_to_sign(asked, files), _signed_at(asked)
    data = SignPage(frame(), form, asked, other, action, offer, resources().unsigned, fault)
    response = page_response(render_template("desk/sign.html", page=data), PASSKEY_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return response


def _signed_at(asked: RequestDocument) -> str:
    """Return where a request goes once it is signed: one about another one to the address that it was asked at."""
    if isinstance(asked.asks, Cancellation | Approval):
        return url_for(str(request.endpoint), **request.view_args or {})
    if isinstance(asked.asks, NewStudy):
        return url_for("authoring.signed")
    return url_for("requests.sign", study=asked.study, wave=asked.wave, kind=asked.asks.kind)


def _request_page(found: RequestStatus, *, waits: bool) -> RequestPage:
    about_another = isinstance(found.asked and found.asked.asks, Cancellation | Approval)
    broke_off = found.state == RequestState.RUNNING and bool(found.words)
    may_take_back = (waits or broke_off) and not about_another and may_ask(found.asked.study if found.asked else "")
    approval = _approval(found)
    may_approve = waits and approval == "needed" and _may_approve(found)
    missing, lacking = missing_to_ask(signed=found.signed), missing_to_ask(signed=True)
    return RequestPage(frame(), FlaskForm(), found, may_take_back, missing, approval, may_approve, lacking)


def _approval(found: RequestStatus) -> str:
    """Return "needed" where a second person must approve a request, who did, or "" where nobody must."""
    if not resources().second_person or not (found.asked and isinstance(found.asked.asks, IRREVERSIBLE)):
        return ""
    with office() as database:
        return next((who for who, approved in approvals(database) if approved == found.hash), "needed")


def _may_approve(found: RequestStatus) -> bool:
    """Say whether the person may approve a request; the operator looks at it again."""
    asked = found.asked
    return bool(resources().second_person and asked and asked.asked_by != g.person and may_ask(asked.study))


def may_ask(study: str) -> bool:
    """Say whether the person may ask for something of a study; the operator looks at it again."""
    return bool(g.roles.has(*ASKERS, study=study))


def _require_asker(study: str) -> None:
    if not may_ask(require_study(study)):
        abort(HTTPStatus.FORBIDDEN)


def _is_shown(asked: RequestStatus) -> bool:
    """Say whether a request is about a study of the person's; a row that is no request is for who reads the audit."""
    return bool(g.roles.sees(asked.asked.study) if asked.asked else g.roles.has(*AUDIT))


def offered(study: status.StudyStatus) -> tuple[tuple[str, int], ...]:
    """Return what can be asked for about a study now: kinds, each with its wave."""
    last = study.waves[-1] if study.waves else None
    if last and last.state == "open":
        kinds = ("close-wave", "close-batch") if last.mode == "invitation" else ("close-wave",)
        own = [(kind, last.number) for kind in kinds]
    else:
        own = [("open-wave", last.number + 1 if last else 1)]
    numbers = [wave.number for wave in reversed(study.waves)]
    plans = [("register-plan", number) for number in ((numbers or [0])[0] + 1, *numbers)]
    return (*own, *(("publish", number) for number in numbers), *plans)


def _added(asked: RequestDocument, files: Mapping[str, bytes], assertion: str | None = None) -> AnyResponse:
    """Add a request and lead to its page, as from a form that is sent twice; raise AskFaultError where none can be."""
    with office() as database:
        try:
            number = add_request(database, asked, files, assertion)
            database.commit()
        except RequestExistsError as error:
            number = error.number
        except RequestsBusyError:
            raise AskFaultError("busy") from None
    return redirect(url_for("requests.one", number=number), HTTPStatus.SEE_OTHER)
