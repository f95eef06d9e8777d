"""Public results: every published release of a study, as pages and as files, from the published folder alone."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, render_template, request

from survey.publication.folder import Published
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.web.downloads import csv_file, json_file
from survey.web.headers import SHOWN
from survey.web.request_language import language
from survey.web.responses import shown

bp = Blueprint("public", __name__)


@dataclass(frozen=True)
class Link:
    """One release in the list of them."""

    hash: str
    wave: int
    day: str
    current: bool


@dataclass(frozen=True)
class ResultsPage:
    """What the public page's template gets; `release` is None before the first.

    `randomised`: what the phone randomises and its epsilon, in words, "" where nothing; `person`: the most in all.
    """

    study: str
    title: str
    release: ReleaseView | None
    releases: tuple[Link, ...]
    files: str
    randomised: str
    person: str


@bp.get("/r/<study>")
def results(study: str) -> Response:
    """Show the newest release of a study, or the one that `?release=` names."""
    state = _published().study(study) or abort(HTTPStatus.NOT_FOUND)
    releases = _published().releases(study)
    wanted = request.args.get("release", releases[0].hash if releases else "")
    chosen = _published().release(study, wanted)
    if chosen is None and wanted:
        abort(HTTPStatus.NOT_FOUND)
    spoken = language()
    view = show(wanted, chosen, spoken) if chosen else None
    links = tuple(Link(entry.hash, entry.wave, entry.day, entry.hash == wanted) for entry in releases)
    title = state.titles.get(spoken.locale, state.titles[state.locales[0]])
    drawn, person = (
        ", ".join(f"{name} (ε = {e})" for name, e in state.randomised.items.items()),
        state.randomised.person,
    )
    page = ResultsPage(study, title, view, links, f"/r/{study}/{wanted}", drawn, person)
    return shown(render_template("results/page.html", page=page), SHOWN)


@bp.get("/r/<study>/<release>/release.json")
def release_file(study: str, release: str) -> Response:
    """Send a release's exact bytes."""
    return json_file(_published().release_bytes(study, release) or abort(HTTPStatus.NOT_FOUND), release)


@bp.get("/r/<study>/<release>/<table>.csv")
def table_file(study: str, release: str, table: str) -> Response:
    """Send one table as CSV."""
    return csv_file(_published().release(study, release) or abort(HTTPStatus.NOT_FOUND), table)


def _published() -> Published:
    published: Published = current_app.extensions["published"]
    return published
