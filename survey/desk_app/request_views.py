"""Requests to the operator: what staff can ask for about a study's waves, and what came of it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from flask_wtf.file import FileField  # type: ignore[import-untyped]  # it has no types
from pydantic import ValidationError
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from crypto.canonical import CanonicalError, digest, parse
from crypto.errors import SottoError
from survey.desk_app.paging import page_number
from survey.desk_app.signed_in import AUDIT, TOKEN, Frame, frame, office, require_study, staff_only
from survey.document import today
from survey.office_db import study_status as status
from survey.office_db.people.role import Role
from survey.office_db.request_document import FORMAT, Cancellation, RequestDocument
from survey.office_db.requests import RequestExistsError, RequestsBusyError, RequestState, RequestStatus, add_request
from survey.office_db.requests import request as one_request
from survey.office_db.requests import requests as every_request
from survey.web.headers import DESK_POLICY
from survey.web.responses import page_response

bp = Blueprint("requests", __name__)
PAGE = 50
"""Requests on one page."""
UPLOAD_SIZE = 4 * 1024 * 1024
"""Bytes of a form with documents; the largest document that is uploaded is a release."""
LOOK_AGAIN = 5
"""Seconds after which the page of a request that has not ended is asked for again."""
UPLOADS: Mapping[str, tuple[str, ...]] = {
    "open-wave": ("manifest", "drill"), "close-wave": (), "close-batch": (), "publish": ("document",),
}  # fmt: skip
"""The documents that go with each kind of request."""


class AskFaultError(SottoError):
    """A form cannot become a request; the text is the name of what is wrong (templates/desk/ask.html)."""


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What every kind of request asks for; each uses its part."""

    typed = StringField()
    on = StringField()
    batch = StringField()
    manifest = FileField()
    drill = FileField()
    document = FileField()


@dataclass(frozen=True)
class AskPage:
    """The data of a form: `kind` of request, and the fault of what was sent before, if any."""

    frame: Frame
    form: AskForm
    kind: str
    study: str
    wave: int
    today: date
    fault: str = ""


@dataclass(frozen=True)
class RequestPage:
    """The data of one request's page."""

    frame: Frame
    form: FlaskForm
    request: RequestStatus
    may_take_back: bool


@dataclass(frozen=True)
class RequestsPage:
    """The data of the list; `previous` and `following` are numbers of pages, None at an end."""

    frame: Frame
    requests: tuple[RequestStatus, ...]
    previous: int | None
    following: int | None


def allow_uploads() -> None:
    """Let who is signed in send documents; everybody else's forms stay as small as they are."""
    if request.endpoint == "requests.ask" and session.get(TOKEN):
        request.max_content_length = UPLOAD_SIZE


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
    may_take_back = waits and not isinstance(found.asked and found.asked.asks, Cancellation)
    may_take_back = may_take_back and may_ask(found.asked.study if found.asked else "")
    data = RequestPage(frame(), FlaskForm(), found, may_take_back)
    response = page_response(render_template("desk/request.html", page=data), DESK_POLICY)
    if waits or found.state == RequestState.RUNNING:
        # A header and no element: the page works without script, and who reads it can stop the browser's loading.
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


@bp.post("/requests/<int:number>/back")
@staff_only
def take_back(number: int) -> AnyResponse:
    """Ask that a request be taken back."""
    with office() as database:
        found = one_request(database, number)
    if not FlaskForm().validate() or found is None or found.asked is None:
        abort(HTTPStatus.BAD_REQUEST)
    _require_asker(found.asked.study)
    asks = {"kind": "cancel", "request": found.hash}
    try:
        return _added(_document(found.asked.study, found.asked.wave, asks), {})
    except AskFaultError:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)


@bp.route("/studies/<study>/waves/<int:wave>/<kind>", methods=["GET", "POST"])
@staff_only
def ask(study: str, wave: int, kind: str) -> AnyResponse:
    """Show the form of a request, or take it."""
    _require_asker(study)
    with office() as database:
        found = status.study(database, study) or abort(HTTPStatus.NOT_FOUND)
    form, fault = AskForm(), ""
    if (kind, wave) not in offered(found):
        if kind not in UPLOADS or request.method == "GET":
            abort(HTTPStatus.NOT_FOUND)
        fault = "stale"
    elif request.method == "POST":
        try:
            return _added(*_asked(form, study, wave, kind))
        except AskFaultError as error:
            fault = str(error)
    data = AskPage(frame(), form, kind, study, wave, today(), fault)
    response = page_response(render_template("desk/ask.html", page=data), DESK_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return response


def may_ask(study: str) -> bool:
    """Say whether the person may ask for something of a study; the operator looks at it again."""
    return bool(g.roles.has(Role.OWNER, Role.RESEARCHER, study=study))


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
    return (*own, *(("publish", wave.number) for wave in reversed(study.waves)))


def _asked(form: AskForm, study: str, wave: int, kind: str) -> tuple[RequestDocument, dict[str, bytes]]:
    """Return the request that a form is, with its documents; raise AskFaultError for what is wrong."""
    if not form.validate():
        raise AskFaultError("form")
    if (form.typed.data or "").strip() != study:
        raise AskFaultError("typed")
    files = {name: _upload(form[name].data, name) for name in UPLOADS[kind]}
    asks: dict[str, object] = {"kind": kind, "typed": study}
    asks |= {name: digest(content) for name, content in files.items()}
    if kind in {"open-wave", "close-wave"}:
        asks["on"] = _day(form.on.data or "")
    if kind == "close-batch":
        asks["batch"] = (form.batch.data or "").strip()
    return _document(study, wave, asks), files


def _document(study: str, wave: int, asks: Mapping[str, object]) -> RequestDocument:
    try:
        return RequestDocument.model_validate(
            {
                "format": FORMAT, "study": study, "wave": wave, "asks": asks, "asked_by": g.person,
                "day": today().isoformat(), "nonce": secrets.token_hex(16),
            }
        )  # fmt: skip
    except ValidationError:
        raise AskFaultError("batch") from None


def _upload(sent: object, name: str) -> bytes:
    """Return an uploaded document; raise AskFaultError for none, and for a file that is no document of ours."""
    read = getattr(sent, "read", None)
    content: bytes = read() if read else b""
    if not content:
        raise AskFaultError(name)
    try:
        parse(content)
    except CanonicalError:
        raise AskFaultError("content") from None
    return content


def _day(text: str) -> str | None:
    """Return a day to come as it stands in a request, None for as soon as possible."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise AskFaultError("day") from None
    if day < today():
        raise AskFaultError("day")
    return day.isoformat()


def _added(asked: RequestDocument, files: Mapping[str, bytes]) -> AnyResponse:
    """Add a request and lead to its page, as from a form that is sent twice; raise AskFaultError where none can be."""
    with office() as database:
        try:
            number = add_request(database, asked, files)
            database.commit()
        except RequestExistsError as error:
            number = error.number
        except RequestsBusyError:
            raise AskFaultError("busy") from None
    return redirect(url_for("requests.one", number=number), HTTPStatus.SEE_OTHER)
