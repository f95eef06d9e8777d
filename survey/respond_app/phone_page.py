"""The phone page, the same for everyone, and the files that it fetches: documents, pictures, scripts."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from survey.admission.host import RespondHost, respond_host
from survey.media_types import content_type
from survey.publication.folder import StudyState
from survey.web.headers import READING_ALOUD, phone_policy, plain
from survey.web.responses import compressed

bp = Blueprint("respond", __name__)

HTML = "text/html; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True)
class PhonePage:
    """What the phone page's template gets: nothing of the study but its name and languages."""

    study: str
    languages: tuple[tuple[str, str, str], ...]
    script: str
    check: str
    audio: str
    modes: str
    drafts: str
    invited: str | None
    work: str | None
    style: Markup
    plain: bool
    closed: bool


@dataclass(frozen=True)
class Lost:
    """What the page of an address that is no study's gets."""

    style: Markup


@bp.get("/s/<study>")
def page(study: str) -> Response:
    """Show the phone page, the same for everyone."""
    host = respond_host()
    state = host.published.study(study)
    if state is None or state.epoch is None:
        return _shown(host, render_template("respond/lost.html", lost=Lost(_style(host))), HTTPStatus.NOT_FOUND)
    return _shown(host, render_template("respond/page.html", page=_page(host, state)), HTTPStatus.OK)


@bp.get("/b/<pin>/<locale>.json")
def bundle(pin: str, locale: str) -> Response:
    """Send the pinned documents of one locale."""
    published = respond_host().published
    content = published.bundle(pin, locale) or abort(HTTPStatus.NOT_FOUND)
    forms = {"br": published.bundle(pin, locale, "br"), "gzip": published.bundle(pin, locale, "gz")}
    return compressed({"": content, **{name: data for name, data in forms.items() if data}}, JSON)


@bp.get("/m/<name>")
def media(name: str) -> Response:
    """Send a recording or picture by its hash; the page checks it, and keeps it in memory alone."""
    data = respond_host().published.media(name)
    kind = data and content_type(data)
    return Response(data, content_type=kind) if kind else abort(HTTPStatus.NOT_FOUND)


@bp.get("/blank")
def blank() -> Response:
    """Send an empty page: what stands in a phone's history in the survey's place."""
    return Response("<!doctype html><title>\N{NO-BREAK SPACE}</title>", content_type=HTML)


@bp.get("/static/<file>")
def static(file: str) -> Response:
    """Send a script or stylesheet."""
    asset = respond_host().assets.files.get(file) or abort(HTTPStatus.NOT_FOUND)
    return compressed(asset.forms, asset.content_type)


@bp.get("/healthz")
def health() -> Response:
    """Say that the process answers, and nothing that a hand-in could change."""
    return plain(HTTPStatus.OK, "ok\n")


def _shown(host: RespondHost, html: str, status: HTTPStatus) -> Response:
    # The page holds nothing secret and nothing of the visitor, so compressing it tells nobody anything.
    content = html.encode("utf-8")
    response = compressed({"": content, "br": host.compressed(content)}, HTML)
    response.status_code = status
    response.headers["Content-Security-Policy"] = phone_policy(host.style)
    response.headers["Permissions-Policy"] = READING_ALOUD
    return response


def _style(host: RespondHost) -> Markup:
    return Markup(host.style)  # noqa: S704 - our own stylesheet, whose hash the policy names


def _page(host: RespondHost, state: StudyState) -> PhonePage:
    return PhonePage(
        study=state.study,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        script=f"/static/{host.assets.main}",
        check=f"/static/{host.assets.check}",
        audio=host.assets.url("audio"),
        modes=host.assets.url("modes"),
        drafts=host.assets.url("drafts"),
        invited=host.assets.url("invited") if state.mode == "invitation" else None,
        work=host.assets.url("work") if state.work else None,
        style=_style(host),
        plain=state.sealing == "phone-or-server",
        closed=state.state == "closed",
    )
