"""The desk's pages of studies and their releases. No answers database."""

import datetime as dt
import time
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, g, render_template, request

from survey.desk_app.releases import ReleaseRow
from survey.desk_app.request_views import ASKERS, may_ask, offered
from survey.desk_app.signed_in import Frame, frame, now, office, require_release, require_study, resources, staff_only
from survey.office_db import compaction_days
from survey.office_db import study_status as status
from survey.office_db.health import Health, health
from survey.office_db.requests import RequestStatus, of_study, requests
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.web.downloads import csv_file, json_file
from survey.web.headers import DESK_POLICY
from survey.web.request_language import language
from survey.web.responses import compressed_response, page_response

bp = Blueprint("desk", __name__)
NEWEST = 5
"""Requests on a study's page."""


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
    """The data of the list of studies; `may_begin`: whether the person may bring a new one."""

    frame: Frame
    may_begin: bool
    studies: tuple[StudyRow, ...]
    compaction: compaction_days.CompactionDays
    health: Health


@dataclass(frozen=True)
class StudyPage:
    """The data of a study's page; `offered` is what can be asked for, each kind with its wave."""

    frame: Frame
    study: str
    title: str
    status: status.StudyStatus
    releases: tuple[ReleaseRow, ...]
    offered: tuple[tuple[str, int], ...]
    requests: tuple[RequestStatus, ...]


@dataclass(frozen=True)
class ReleasePage:
    """The data of a release's page."""

    frame: Frame
    release: ReleaseView
    files: str


@bp.get("/")
@staff_only
def home() -> Response:
    """List the studies."""
    with office() as database:
        rows = tuple(
            _row(study_status) for study_status in status.studies(database) if g.roles.sees(study_status.study)
        )
        day = dt.datetime.fromtimestamp(now(), tz=dt.UTC).date()
        page = HomePage(
            frame(),
            bool(g.roles.has(*ASKERS)),
            rows,
            compaction_days.compaction_days(database, day),
            health(database, day),
        )
    return page_response(render_template("desk/home.html", page=page), DESK_POLICY)


@bp.get("/studies/<study>")
@staff_only
def study_page(study: str) -> Response:
    """Show one study: its waves, the level of fieldwork, what can be asked for, its releases."""
    with office() as database:
        study_found = status.study(database, require_study(study)) or abort(HTTPStatus.NOT_FOUND)
        asked = tuple(of_study(requests(database), study)[:NEWEST])
    rows = resources().releases
    releases = tuple(rows.row(name, language().locale) for name in reversed(study_found.releases))
    page = StudyPage(
        frame(),
        study,
        title_of(study_found),
        study_found,
        releases,
        offered(study_found) if may_ask(study) else (),
        asked,
    )
    return page_response(render_template("desk/study.html", page=page), DESK_POLICY)


@bp.get("/releases/<release>")
@staff_only
def release_page(release: str) -> Response:
    """Show one release with charts and margins."""
    page = ReleasePage(frame(), show(release, require_release(release), language()), f"/releases/{release}")
    return page_response(render_template("desk/release.html", page=page), DESK_POLICY)


@bp.get("/releases/<release>/release.json")
@staff_only
def release_file(release: str) -> Response:
    """Send a release's exact bytes."""
    require_release(release)
    return json_file(resources().releases.content(release) or abort(HTTPStatus.NOT_FOUND), release)


@bp.get("/releases/<release>/<table>.csv")
@staff_only
def table_file(release: str, table: str) -> Response:
    """Send one table as CSV."""
    return csv_file(require_release(release), table)


@bp.get("/static/<file>")
def static(file: str) -> Response:
    """Send the stylesheet."""
    asset = resources().assets.files.get(file) or abort(HTTPStatus.NOT_FOUND)
    return compressed_response(asset.forms, asset.content_type)


def database_away(error: Exception) -> Response:
    """Say that the office database gives no answer, and log the kind of error; the driver's text can hold values."""
    current_app.logger.error("the office database gives no answer: %s at %s", type(error).__name__, request.url_rule)
    response = page_response(render_template("desk/away.html"), DESK_POLICY)
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = "60"
    return response


def title_of(study_status: status.StudyStatus) -> str:
    """Return a study's title in the visitor's language, in another where it has none in that."""
    return study_status.titles.get(language().locale) or next(iter(study_status.titles.values()))


def _row(study_status: status.StudyStatus) -> StudyRow:
    last = study_status.waves[-1] if study_status.waves else None
    return StudyRow(
        study=study_status.study,
        title=title_of(study_status),
        state=study_status.state,
        wave=last.number if last else None,
        fieldwork=last.fieldwork if last else None,
        releases=len(study_status.releases),
    )


def system_clock() -> int:
    """Return Unix seconds."""
    return int(time.time())
