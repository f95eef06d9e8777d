"""The pages of a study's budget, of a preview before a release is published, and the files of a release in one."""

import io
import zipfile
from codecs import BOM_UTF8
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from flask_wtf.file import FileField  # type: ignore[import-untyped]  # it has no types

from survey.desk_app.request_views import UPLOAD_SIZE, may_ask, may_send
from survey.desk_app.results.preview import KnownWave, PreviewError, refusals, shown_release
from survey.desk_app.results.spending import Spending
from survey.desk_app.signed_in import Frame, frame, require_release, require_study, resources, staff_only
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.release.release_rows import csv_files
from survey.web.downloads import download
from survey.web.headers import DESK_POLICY
from survey.web.request_language import language
from survey.web.responses import page_response

bp = Blueprint("results", __name__)
NO_DAY = (1980, 1, 1, 0, 0, 0)
"""The day of files in an archive: the same release gives the same bytes."""


class PreviewForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The release that is to be looked at."""

    document = FileField()


@dataclass(frozen=True)
class BudgetPage:
    """The data of a study's budget; `spending` is None before its first wave announced one."""

    frame: Frame
    study: str
    spending: Spending | None


@dataclass(frozen=True)
class ReleasePreviewPage:
    """The data of a preview: the release as readers would see it, or why none is shown, and why it would be refused."""

    frame: Frame
    form: PreviewForm
    study: str
    wave: int
    release: ReleaseView | None = None
    refusals: tuple[str, ...] = ()
    fault: str = ""
    detail: str = ""


def allow_uploads() -> None:
    """Let who is signed in, and may ask, send a release to look at; others send as little as ever."""
    if request.endpoint == "results.preview" and may_send():
        request.max_content_length = UPLOAD_SIZE


@bp.get("/studies/<study>/budget")
@staff_only
def budget(study: str) -> Response:
    """Show what a study may spend in its life, what it has spent, and what its registered plans would."""
    data = BudgetPage(frame(), require_study(study), resources().releases.spending(study))
    return page_response(render_template("desk/budget.html", page=data), DESK_POLICY)


@bp.route("/studies/<study>/waves/<int:wave>/preview", methods=["GET", "POST"])
@staff_only
def preview(study: str, wave: int) -> Response:
    """Show an uploaded release as readers would see it; nothing is stored."""
    if not may_ask(require_study(study)):
        abort(HTTPStatus.FORBIDDEN)
    known = resources().releases.wave(study, wave) or abort(HTTPStatus.NOT_FOUND)
    form = PreviewForm()
    data = ReleasePreviewPage(frame(), form, study, wave)
    if form.is_submitted():
        data = _previewed(form, known)
    response = page_response(render_template("desk/preview.html", page=data), DESK_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if data.fault else HTTPStatus.OK
    return response


@bp.get("/releases/<release>/<paper>.json")
@staff_only
def paper(release: str, paper: str) -> Response:
    """Send a document that a release names: its plan, the plan's registration, the manifest, the questionnaire."""
    content = resources().releases.papers(require_release(release)).get(f"{paper}.json") or abort(HTTPStatus.NOT_FOUND)
    return download(content, "application/json", f"{paper}.json")


@bp.get("/releases/<release>/files.zip")
@staff_only
def files(release: str) -> Response:
    """Send the release, its tables as CSV in the visitor's language, and what it names, in one archive."""
    found = require_release(release)
    held = {"release.json": resources().releases.content(release) or b"", **resources().releases.papers(found)}
    held |= {name: BOM_UTF8 + content for name, content in csv_files(found, language().locale)}
    return download(_archive(held), "application/zip", f"{found.study}-{found.wave}-{release[:12]}.zip")


def _previewed(form: PreviewForm, known: KnownWave) -> ReleasePreviewPage:
    study, wave = known.manifest.study, known.manifest.wave
    sent = getattr(form.document.data, "read", None)
    try:
        release = shown_release(sent() if sent else b"", known)
    except PreviewError as error:
        return ReleasePreviewPage(frame(), form, study, wave, fault=str(error), detail=error.detail)
    shown = show(release.digest, release, language())
    return ReleasePreviewPage(frame(), form, study, wave, shown, tuple(refusals(release, known)))


def _archive(held: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(zipfile.ZipInfo(name, NO_DAY), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
