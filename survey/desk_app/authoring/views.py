"""An author's file in the browser: uploaded, read by a child process, and shown with all that is to be said of it."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crypto.canonical import digest
from survey.desk_app.authoring.examination import Examination
from survey.desk_app.authoring.forms import UploadForm, WaitingForm, brought, replaced, uploaded, waiting
from survey.desk_app.authoring.reader import AuthorFile, UnreadFileError
from survey.desk_app.request_forms import AskFaultError, SignedRequestForm, new_request, own_request
from survey.desk_app.request_views import ASKERS, UPLOAD_SIZE, may_send, missing_to_ask, taken
from survey.desk_app.request_views import signed as signed_request
from survey.desk_app.signed_in import Frame, for_roles, frame, office, resources, staff_only
from survey.office_db import study_status as status
from survey.office_db.request_document import RequestDocument
from survey.web.downloads import download
from survey.web.headers import DESK_FRAMES_POLICY, DESK_POLICY, FRAMED_PAPER_POLICY
from survey.web.request_language import language
from survey.web.responses import page_response

bp = Blueprint("authoring", __name__)


@dataclass(frozen=True)
class NewStudyPage:
    """The data of the upload's page: `fault` names what was wrong before, if anything was."""

    frame: Frame
    form: UploadForm
    fault: str


@dataclass(frozen=True)
class ExaminedPage:
    """
    The data of what was found in a file; `form` is where its questionnaire waits.

    `standing`: of the study that it names, "new" where there is none, "kept" where it has had no wave, else "waves".
    `missing` says what keeps it from being asked for (`missing_to_ask`).
    """

    frame: Frame
    file: str
    found: Examination
    form: WaitingForm
    standing: str
    missing: str


def allow_uploads() -> None:
    """Let who is signed in, and may begin a study, send a file; everybody else's forms stay as small as they are."""
    if (request.endpoint or "").startswith("authoring.") and may_send():
        request.max_content_length = request.max_form_memory_size = UPLOAD_SIZE


@bp.route("/new-study", methods=["GET", "POST"])
@staff_only
@for_roles(*ASKERS)
def new() -> Response:
    """Show where a file is uploaded, or what was found in it."""
    form = UploadForm()
    if request.method == "GET":
        return _upload_page(form)
    try:
        file = uploaded(form, language().locale)
        found = resources().examine(file)
        standing, source = _standing(found.study)
        if found.compiles and source:
            own = AuthorFile("questionnaire.yaml", found.yaml.encode(), file.language, before=source)
            found = found.model_copy(update={"changes": resources().examine(own).changes})
    except (AskFaultError, UnreadFileError) as error:
        return _upload_page(form, str(error))
    missing = missing_to_ask(signed=True)
    data = ExaminedPage(frame(), file.name, found, waiting(found.yaml, source), standing, missing)
    response = page_response(render_template("desk/authoring/examined.html", page=data), DESK_FRAMES_POLICY)
    response.status_code = HTTPStatus.OK if found.compiles else HTTPStatus.UNPROCESSABLE_ENTITY
    return response


@bp.route("/new-study/questionnaire", methods=["GET", "POST"])
@staff_only
@for_roles(*ASKERS)
def questionnaire() -> AnyResponse:
    """Give the questionnaire that waits in a page as a file to keep."""
    if request.method == "GET":
        return _anew()
    return download(_brought().content, "application/yaml; charset=utf-8", "questionnaire.yaml")


@bp.route("/new-study/page", methods=["GET", "POST"])
@staff_only
@for_roles(*ASKERS)
def page() -> AnyResponse:
    """Send the questionnaire on paper or its table of translations, for a frame that runs nothing."""
    if request.method == "GET":
        return _anew()
    try:
        html = resources().examine(_brought()).page
    except UnreadFileError:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    response = page_response(html or abort(HTTPStatus.BAD_REQUEST), FRAMED_PAPER_POLICY)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.route("/new-study/ask", methods=["GET", "POST"])
@staff_only
@for_roles(*ASKERS)
def ask() -> AnyResponse:
    """Have the request for a study signed, or add it where it need not be."""
    if request.method == "GET":
        return _anew()
    form = WaitingForm()
    try:
        return taken(*_asked(form))
    except (AskFaultError, UnreadFileError) as error:
        return _upload_page(UploadForm(formdata=None), str(error))


@bp.route("/new-study/signed", methods=["GET", "POST"])
@staff_only
@for_roles(*ASKERS)
def signed() -> AnyResponse:
    """Take a request for a study that was signed."""
    if request.method == "GET":
        return _anew()
    form = SignedRequestForm()
    try:
        return signed_request(*own_request(form, "new-study"), form.credential.data or "")
    except AskFaultError as error:
        return _upload_page(UploadForm(formdata=None), str(error))


def _asked(form: WaitingForm) -> tuple[RequestDocument, dict[str, bytes]]:
    """Return the request for the study that waits in a page, with its questionnaire; raise as what reads it does."""
    file = brought(form, language().locale)
    found = resources().examine(file)
    if not found.compiles:
        raise AskFaultError("form")
    asks = {"kind": "new-study", "questionnaire": digest(file.content), "replaces": replaced(form)}
    return new_request(found.study, 1, asks), {"questionnaire": file.content}


def _standing(study: str) -> tuple[str, bytes | None]:
    """Return how the study of a name stands, and the questionnaire that it has, None where there is none."""
    with office() as database:
        kept = status.study(database, study) if study else None
        source = status.source_of(database, study) if kept else None
    return ("new" if kept is None else "waves" if kept.waves else "kept"), source


def _brought() -> AuthorFile:
    try:
        return brought(WaitingForm(), language().locale)
    except AskFaultError:
        abort(HTTPStatus.BAD_REQUEST)


def _anew() -> AnyResponse:
    """Lead who only comes by, as by a change of language, to where a file is uploaded."""
    return redirect(url_for("authoring.new"), HTTPStatus.SEE_OTHER)


def _upload_page(form: UploadForm, fault: str = "") -> Response:
    html = render_template("desk/authoring/new.html", page=NewStudyPage(frame(), form, fault))
    response = page_response(html, DESK_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return response
