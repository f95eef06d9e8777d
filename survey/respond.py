"""Hand in: takes one sealed body from a phone and stores it. No cookie, no session, no log of a visitor."""

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import brotli
from flask import Blueprint, Response, abort, current_app, render_template, request
from markupsafe import Markup

from crypto.envelope import BODY_VERSION, EnvelopeError, Record, envelope_key_id, parse_body
from crypto.envelope import record_size as size_of_record
from survey import store
from survey.assets import Assets, compressed
from survey.filetypes import content_type
from survey.headers import READING_ALOUD, phone_policy, plain
from survey.published import Published, StudyState

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

bp = Blueprint("respond", __name__)

HTML = "text/html; charset=utf-8"
JSON = "application/json"
REFUSALS = {
    store.WaveClosedError: (HTTPStatus.GONE, "This survey is closed. Your answers were not stored.\n"),
    store.RecordRefusedError: (HTTPStatus.BAD_REQUEST, "These answers do not fit this survey. They were not stored.\n"),
    store.StoreFullError: (HTTPStatus.INSUFFICIENT_STORAGE, "There is no room left. Not stored; please try again.\n"),
    store.StoreUnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "Not stored just now; please try again.\n"),
}


@dataclass(frozen=True)
class Host:
    """What the respond app holds: the store it can only add to, the published folder, the page's files."""

    engine: "Engine"
    published: Published
    assets: Assets
    style: str
    _smallest: dict[bytes, bytes] = field(default_factory=dict, repr=False, compare=False)

    def smallest(self, page: bytes) -> bytes:
        """Return a page of a study as brotli makes it smallest: slowly, so once for each state of a study."""
        if page not in self._smallest:
            self._smallest[page] = brotli.compress(page)
        return self._smallest[page]


@dataclass(frozen=True)
class Page:
    """What the phone page's template gets: nothing of the study but its name and languages."""

    study: str
    languages: tuple[tuple[str, str, str], ...]
    script: str
    check: str
    audio: str
    modes: str
    drafts: str
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
    host = _host()
    state = host.published.study(study)
    if state is None or state.epoch is None:
        return _shown(host, render_template("respond/lost.html", lost=Lost(_style(host))), HTTPStatus.NOT_FOUND)
    return _shown(host, render_template("respond/page.html", page=_page(host, state)), HTTPStatus.OK)


@bp.post("/s/<study>")
def hand_in(study: str) -> Response:
    """Store a sealed body; answer the envelope's SHA-256, the first time and every time."""
    state = _open_study(study)
    _require_honest_request()
    body = request.get_data(cache=False)
    epoch, record = _checked(body, state)
    try:
        store.hand_in(_host().engine, epoch, record.row_key, body[len(BODY_VERSION) :])
    except store.StoreError as error:
        if isinstance(error, store.StoreFullError | store.StoreUnavailableError):
            # For whoever runs the host; the exception's words are ours and hold nothing of the request.
            current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)  # noqa: TRY400 - no traceback
        return plain(*REFUSALS[type(error)])
    return plain(HTTPStatus.CREATED, hashlib.sha256(record.envelope).hexdigest())


@bp.get("/b/<pin>/<locale>.json")
def bundle(pin: str, locale: str) -> Response:
    """Send the pinned documents of one locale."""
    published = _host().published
    content = published.bundle(pin, locale) or abort(HTTPStatus.NOT_FOUND)
    forms = {"br": published.bundle(pin, locale, "br"), "gzip": published.bundle(pin, locale, "gz")}
    return compressed({"": content, **{name: data for name, data in forms.items() if data}}, JSON)


@bp.get("/m/<name>")
def media(name: str) -> Response:
    """Send a recording or picture by its hash; the page checks it, and keeps it in memory alone."""
    data = _host().published.media(name)
    kind = data and content_type(data)
    return Response(data, content_type=kind) if kind else abort(HTTPStatus.NOT_FOUND)


@bp.get("/blank")
def blank() -> Response:
    """Send an empty page: what stands in a phone's history in the survey's place."""
    return Response("<!doctype html><title>\N{NO-BREAK SPACE}</title>", content_type=HTML)


@bp.get("/static/<file>")
def static(file: str) -> Response:
    """Send a script or stylesheet."""
    asset = _host().assets.files.get(file) or abort(HTTPStatus.NOT_FOUND)
    return compressed(asset.forms, asset.content_type)


@bp.get("/healthz")
def health() -> Response:
    """Say that the process answers, and nothing that a hand-in could change."""
    return plain(HTTPStatus.OK, "ok\n")


def _host() -> Host:
    host: Host = current_app.extensions["sotto"]
    return host


def _open_study(study: str) -> StudyState:
    """Return a study that has had a wave; whether it is still open is for the store to say, in one transaction."""
    state = _host().published.study(study)
    if state is None or state.epoch is None:
        abort(HTTPStatus.NOT_FOUND)
    return state


def _shown(host: Host, html: str, status: HTTPStatus) -> Response:
    # The page holds nothing secret and nothing of the visitor, so compressing it tells nobody anything.
    content = html.encode("utf-8")
    response = compressed({"": content, "br": host.smallest(content)}, HTML)
    response.status_code = status
    response.headers["Content-Security-Policy"] = phone_policy(host.style)
    response.headers["Permissions-Policy"] = READING_ALOUD
    return response


def _style(host: Host) -> Markup:
    return Markup(host.style)  # noqa: S704 - our own stylesheet, whose hash the policy names


def _page(host: Host, state: StudyState) -> Page:
    return Page(
        study=state.study,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        script=f"/static/{host.assets.main}",
        check=f"/static/{host.assets.check}",
        audio=host.assets.url("audio"),
        modes=host.assets.url("modes"),
        drafts=host.assets.url("drafts"),
        style=_style(host),
        plain=state.sealing == "phone-or-server",
        closed=state.state == "closed",
    )


def _require_honest_request() -> None:
    """Refuse what no page of ours sends: a form of another site, or a request of another origin."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(HTTPStatus.FORBIDDEN)
    if request.headers.get("Content-Type") != "application/octet-stream" or request.headers.get("Content-Encoding"):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _checked(body: bytes, state: StudyState) -> tuple[bytes, Record]:
    """
    Return (epoch, record); answer 400 for what is not of a wave of this study.

    An earlier wave's is let through to the store: it knows whether that very record was stored (then the phone may
    forget it) or came too late.
    """
    parsed = ((epoch, _parsed(body, size)) for epoch, size in state.epochs.items())
    fits = ((bytes.fromhex(epoch), record) for epoch, record in parsed if record and _is_of(record, epoch, state.mode))
    return next(fits, None) or abort(HTTPStatus.BAD_REQUEST)


def _is_of(record: Record, epoch: str, mode: str) -> bool:
    return record.is_open_link == (mode == "open") and envelope_key_id(record.envelope).hex() == epoch


def _parsed(body: bytes, size: int) -> Record | None:
    try:
        return parse_body(body, size - size_of_record(256) + 256)
    except EnvelopeError:
        return None
