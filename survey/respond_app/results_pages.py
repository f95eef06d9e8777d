"""Public results: every published release of a study, as pages and files, from the published folder only."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request

from survey.publication.file_cache import FileCache
from survey.publication.folder import Published
from survey.publication.frontend_files import LinkedFile
from survey.release.level_labels import spoken_locale
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.respond_app.page_assets import leading_script
from survey.web.downloads import csv_file, json_file, workbook_file
from survey.web.headers import PAGE, policy_text
from survey.web.request_language import language, language_of_address
from survey.web.responses import page_response
from survey.wording.page_languages import Language
from survey.wording.po_files import DEFAULT

bp = Blueprint("public", __name__)
# Its one script leads a browser to its language.
POLICY = policy_text({**PAGE, "script-src": "'self'"})
VIEWS = 16
"""How many release views are cached for each language."""


class ReleaseViews:
    """Release views for the results page, cached for each language and file version."""

    def __init__(self, published: Published, languages: Mapping[str, Language]) -> None:
        self._published = published
        self._views = {
            locale: FileCache(partial(self._view, language), VIEWS) for locale, language in languages.items()
        }

    def get(self, study: str, name: str, locale: str) -> ReleaseView | None:
        """Return the view of the release with the hash `name` in a language; None where it is not published."""
        path = self._published.release_path(study, name)
        return self._views[locale].get(path) if path else None

    def _view(self, language: Language, path: Path) -> ReleaseView:
        release = self._published.release(path.parent.name, path.stem)
        if release is None:
            raise FileNotFoundError(path)
        return show(path.stem, release, language)


@dataclass(frozen=True)
class ReleaseLink:
    """One release in the list of releases."""

    hash: str
    wave: int
    day: str
    current: bool


@dataclass(frozen=True)
class ResultsPage:
    """The template's data; `release` is None before the first release.

    `workbook`: whether there is one to download.
    `randomised`: the items that the phone randomises, with their epsilons, as text ("" where none); `person`: the
    largest epsilon of one person's answers together.
    """

    study: str
    title: str
    release: ReleaseView | None
    releases: tuple[ReleaseLink, ...]
    files: str
    workbook: bool
    randomised: str
    person: str
    led: LinkedFile | None


@bp.before_request
def _choose_language() -> None:
    """Choose the language of every page and download by the address, else by the study: the same for everyone."""
    study = _published().study((request.view_args or {})["study"])
    language_of_address(study.locales[0] if study else DEFAULT)


@bp.get("/r/<study>")
def results(study: str) -> Response:
    """Show the newest release of a study, or the one that `?release=` names."""
    state = _published().study(study) or abort(HTTPStatus.NOT_FOUND)
    releases = _published().releases(study)
    chosen = request.args.get("release", releases[0].hash if releases else "")
    spoken = language()
    views: ReleaseViews = current_app.extensions["views"]
    view = views.get(study, chosen, spoken.locale)
    if view is None and chosen:
        abort(HTTPStatus.NOT_FOUND)
    links = tuple(ReleaseLink(entry.hash, entry.wave, entry.day, entry.hash == chosen) for entry in releases)
    title = state.titles.get(spoken.locale, state.titles[state.locales[0]])
    drawn, person = (
        ", ".join(f"{name} (ε = {e})" for name, e in state.randomised.items.items()),
        state.randomised.person,
    )
    has_workbook = _has_workbook(study, chosen)
    page = ResultsPage(study, title, view, links, f"/r/{study}/{chosen}", has_workbook, drawn, person, leading_script())
    return page_response(render_template("results/page.html", page=page), POLICY)


@bp.get("/r/<study>/<release>/release.json")
def release_file(study: str, release: str) -> Response:
    """Send a release's exact bytes."""
    return json_file(_published().release_bytes(study, release) or abort(HTTPStatus.NOT_FOUND), release)


@bp.get("/r/<study>/<release>/<table>.csv")
def table_file(study: str, release: str, table: str) -> Response:
    """Send one table as CSV."""
    return csv_file(_published().release(study, release) or abort(HTTPStatus.NOT_FOUND), table)


@bp.get("/r/<study>/<release>/release.xlsx")
def workbook_download(study: str, release: str) -> Response:
    """Send a release as a workbook in the address's language, or in the release's first."""
    document = _published().release(study, release) or abort(HTTPStatus.NOT_FOUND)
    content = _published().workbook(study, release, spoken_locale(document, language().locale))
    return workbook_file(content or abort(HTTPStatus.NOT_FOUND), document)


def _has_workbook(study: str, release: str) -> bool:
    """Return whether a workbook can be offered; its bytes are read and compared only when it is requested."""
    document = _published().release(study, release)
    locale = spoken_locale(document, language().locale) if document else ""
    path = _published().workbook_path(study, release, locale)
    return path is not None and path.is_file()


def _published() -> Published:
    published: Published = current_app.extensions["published"]
    return published
