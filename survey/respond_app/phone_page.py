"""The phone page, the same for everyone, and the files it fetches: documents, media, scripts."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from survey.admission.respond_resources import respond_resources
from survey.media_types import content_type
from survey.publication.folder import StudyState
from survey.publication.frontend_files import LinkedFile
from survey.respond_app.page_assets import HTML, PageAssets, page_assets, phone_response
from survey.web.headers import READING_ALOUD
from survey.web.responses import compressed_response

bp = Blueprint("respond", __name__)

JSON = "application/json"


@dataclass(frozen=True)
class PhonePage:
    """The template's data: nothing of the study but its name, languages and settings."""

    study: str
    languages: tuple[tuple[str, str, str], ...]
    script: LinkedFile
    check: LinkedFile
    audio: str
    modes: str
    drafts: str
    sealing: LinkedFile
    invited: str | None
    work: str | None
    search: str | None
    style: Markup
    plain: bool
    closed: bool


@bp.get("/s/<study>")
def page(study: str) -> Response:
    """Show the phone page, the same for everyone."""
    state = respond_resources().require_study(study)
    response = phone_response(render_template("respond/page.html", page=_page(page_assets(), state)))
    response.headers["Permissions-Policy"] = READING_ALOUD
    return response


@bp.get("/b/<pin>/<name>.json")
def bundle(pin: str, name: str) -> Response:
    """Send the pinned documents of one locale; in each encoding those of all locales have one length."""
    published = respond_resources().published
    content = published.bundle(pin, name) or abort(HTTPStatus.NOT_FOUND)
    forms = {"br": published.bundle(pin, name, "br"), "gzip": published.bundle(pin, name, "gz")}
    return compressed_response({"": content, **{encoding: data for encoding, data in forms.items() if data}}, JSON)


@bp.get("/m/<name>")
def media(name: str) -> Response:
    """Send a recording or picture by its hash; the page checks the hash and keeps the file in memory only."""
    data = respond_resources().published.media(name)
    kind = data and content_type(data)
    return Response(data, content_type=kind) if kind else abort(HTTPStatus.NOT_FOUND)


@bp.get("/blank")
def blank() -> Response:
    """Send an empty page, which replaces the survey in the phone's history."""
    return Response("<!doctype html><title>\N{NO-BREAK SPACE}</title>", content_type=HTML)


@bp.get("/static/<file>")
def static(file: str) -> Response:
    """Send a script or stylesheet."""
    asset = page_assets().files.files.get(file) or abort(HTTPStatus.NOT_FOUND)
    return compressed_response(asset.forms, asset.content_type)


def _page(assets: PageAssets, state: StudyState) -> PhonePage:
    return PhonePage(
        study=state.study,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        script=assets.files.script("main"),
        check=assets.files.script("check"),
        audio=assets.files.url("audio"),
        modes=assets.files.url("modes"),
        drafts=assets.files.url("drafts"),
        sealing=assets.files.script("sealing"),
        invited=assets.files.url("invited") if state.mode == "invitation" else None,
        work=assets.files.url("work") if state.work else None,
        search=assets.files.url("search") if state.long_lists else None,
        style=assets.style,
        plain=state.sealing == "phone-or-server",
        closed=state.state == "closed",
    )
