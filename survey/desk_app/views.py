"""The desk's views: staff sign in and see the state of studies and their releases. No answers database."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, ParamSpec

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from survey.desk_app.releases import DeskReleases, ReleaseRow
from survey.office_db import accounts
from survey.office_db import study_status as status
from survey.publication.frontend_files import Assets
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.release.release import Release
from survey.web.downloads import csv_file, json_file
from survey.web.headers import DESK_POLICY
from survey.web.request_language import language
from survey.web.responses import compressed_response, page_response

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

P = ParamSpec("P")
bp = Blueprint("desk", __name__)
TOKEN = "token"  # noqa: S105 - the name of the cookie's field, not a secret


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Name and password; both are bounded, so that no long password keeps argon2 busy."""

    name = StringField(validators=[InputRequired(), Length(max=32)])
    password = PasswordField(validators=[InputRequired(), Length(max=256)])
    submit = SubmitField()


class SignOutForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Only the CSRF token: signing out changes state, so it is a form and not a link."""


@dataclass(frozen=True)
class DeskResources:
    """The desk app's resources: the office database, the pages' files, and whether cookies may be sent over http."""

    engine: "Engine"
    releases: DeskReleases
    assets: Assets
    insecure: bool


@dataclass(frozen=True)
class Frame:
    """The data of the frame around every staff page."""

    person: str
    sign_out: SignOutForm
    insecure: bool


@dataclass(frozen=True)
class SignInPage:
    """The data of the sign-in page."""

    form: SignInForm
    failed: bool
    insecure: bool


@dataclass(frozen=True)
class StudyRow:
    """One study in the list."""

    study: str
    title: str
    state: str
    wave: int | None
    fieldwork: str | None
    releases: int


@dataclass(frozen=True)
class HomePage:
    """The data of the list of studies."""

    frame: Frame
    studies: tuple[StudyRow, ...]


@dataclass(frozen=True)
class StudyPage:
    """The data of a study's page."""

    frame: Frame
    study: str
    title: str
    status: status.StudyStatus
    releases: tuple[ReleaseRow, ...]


@dataclass(frozen=True)
class ReleasePage:
    """The data of a release's page."""

    frame: Frame
    release: ReleaseView
    files: str


def staff_only(view: Callable[P, AnyResponse]) -> Callable[P, AnyResponse]:
    """Redirect to the sign-in page unless somebody is signed in; their name is then `g.person`."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> AnyResponse:
        with _office() as office:
            g.person = accounts.signed_in_name(office, session.get(TOKEN, ""), _now())
            office.commit()
        return view(*args, **kwargs) if g.person else redirect(url_for("desk.sign_in"), HTTPStatus.SEE_OTHER)

    return checked


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    """Show the sign-in form, or begin a session."""
    form = SignInForm()
    failed = False
    if request.method == "POST":
        failed = not form.validate()
        if not failed and (token := _token(form)):
            session.clear()
            session[TOKEN] = token
            return redirect(url_for("desk.home"), HTTPStatus.SEE_OTHER)
        failed = True
    page = SignInPage(form, failed, _resources().insecure)
    response = page_response(render_template("desk/login.html", page=page), DESK_POLICY)
    response.status_code = HTTPStatus.UNAUTHORIZED if failed else HTTPStatus.OK
    return response


@bp.post("/logout")
def sign_out() -> AnyResponse:
    """End the session here and in the database."""
    if not SignOutForm().validate():
        abort(HTTPStatus.BAD_REQUEST)
    with _office() as office:
        accounts.sign_out(office, session.get(TOKEN, ""))
        office.commit()
    session.clear()
    return redirect(url_for("desk.sign_in"), HTTPStatus.SEE_OTHER)


@bp.get("/")
@staff_only
def home() -> Response:
    """List the studies."""
    with _office() as office:
        rows = tuple(_row(study_status) for study_status in status.studies(office))
    return page_response(render_template("desk/home.html", page=HomePage(_frame(), rows)), DESK_POLICY)


@bp.get("/studies/<study>")
@staff_only
def study_page(study: str) -> Response:
    """Show one study: its waves, the level of fieldwork, its releases."""
    with _office() as office:
        study_found = status.study(office, study) or abort(HTTPStatus.NOT_FOUND)
    rows = _resources().releases
    releases = tuple(rows.row(name, language().locale) for name in reversed(study_found.releases))
    page = StudyPage(_frame(), study, _title(study_found), study_found, releases)
    return page_response(render_template("desk/study.html", page=page), DESK_POLICY)


@bp.get("/releases/<release>")
@staff_only
def release_page(release: str) -> Response:
    """Show one release with charts and margins."""
    page = ReleasePage(_frame(), show(release, _release(release), language()), f"/releases/{release}")
    return page_response(render_template("desk/release.html", page=page), DESK_POLICY)


@bp.get("/releases/<release>/release.json")
@staff_only
def release_file(release: str) -> Response:
    """Send a release's exact bytes."""
    return json_file(_resources().releases.content(release) or abort(HTTPStatus.NOT_FOUND), release)


@bp.get("/releases/<release>/<table>.csv")
@staff_only
def table_file(release: str, table: str) -> Response:
    """Send one table as CSV."""
    return csv_file(_release(release), table)


@bp.get("/static/<file>")
def static(file: str) -> Response:
    """Send the stylesheet."""
    asset = _resources().assets.files.get(file) or abort(HTTPStatus.NOT_FOUND)
    return compressed_response(asset.forms, asset.content_type)


def database_away(error: Exception) -> Response:
    """Say that the office database gives no answer, and log the kind of error; the driver's text can hold values."""
    current_app.logger.error("the office database gives no answer: %s at %s", type(error).__name__, request.url_rule)
    response = page_response(render_template("desk/away.html"), DESK_POLICY)
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = "60"
    return response


def _token(form: SignInForm) -> str | None:
    with _office() as office:
        try:
            token = accounts.sign_in(office, form.name.data or "", form.password.data or "", _now())
        except accounts.SignInError:
            return None
        accounts.sign_out(office, session.get(TOKEN, ""))
        office.commit()
    return token


def _resources() -> DeskResources:
    office: DeskResources = current_app.extensions["sotto"]
    return office


def _office() -> Session:
    return Session(_resources().engine)


def _now() -> int:
    clock: accounts.Clock = current_app.extensions["clock"]
    return clock()


def _frame() -> Frame:
    return Frame(g.person, SignOutForm(), _resources().insecure)


def _title(study_status: status.StudyStatus) -> str:
    return study_status.titles.get(language().locale) or next(iter(study_status.titles.values()))


def _row(study_status: status.StudyStatus) -> StudyRow:
    last = study_status.waves[-1] if study_status.waves else None
    return StudyRow(
        study=study_status.study,
        title=_title(study_status),
        state=study_status.state,
        wave=last.number if last else None,
        fieldwork=last.fieldwork if last else None,
        releases=len(study_status.releases),
    )


def _release(name: str) -> Release:
    return _resources().releases.release(name) or abort(HTTPStatus.NOT_FOUND)


def system_clock() -> int:
    """Return Unix seconds."""
    return int(time.time())
