"""The preview's application: the respond app itself over a throwaway folder, behind a secret address, storing nothing.

Decision 131.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, render_template, request
from markupsafe import Markup

from crypto.envelope import BODY_VERSION
from survey.admission.admission import NotOfThisStudyError
from survey.admission.respond_resources import RespondResources, respond_resources
from survey.loopback import LOOPBACK_HOSTS
from survey.preview.session import PreviewSession
from survey.publication.frontend_files import DIST, AssetError
from survey.respond_app.app import application
from survey.respond_app.settings import RespondSettings
from survey.web.headers import DENY_ALL, NOTHING, plain_text, policy_text
from survey.web.request_checks import OCTETS, require_octets
from survey.web.request_language import language
from survey.web.responses import page_response
from survey.wording.catalogues import Wording, Wordings, in_locale, load_wordings
from survey.wording.page_languages import NAMES
from survey.wording.problem_words import problem_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survey.faults import Say

bp = Blueprint("preview", __name__)

SCRIPT = DIST / "preview" / "preview.js"
STYLE = Path(__file__).parents[2] / "templates" / "preview" / "preview.css"
WAIT_SECONDS = 20.0
NAMED_BY_SECRETS = frozenset(
    {"respond.bundle", "respond.media", "respond.static", "respond.blank", "working.challenge"}
)
"""What the phone's page fetches without the token: by a pin or hash that nobody else knows, or the program's own."""
PAGES = frozenset({"respond.page"})
SIZES = ((320, 568), (360, 740), (390, 844), (430, 932), (768, 1024))
"""Width and height of screens, in CSS pixels: the smallest phone that is asked, common ones, a tablet."""
BLINDED_SIZE = 256


@dataclass(frozen=True)
class PreviewPage:
    """The template's data."""

    file: str
    words: Wording
    texts: "Mapping[str, str]"
    languages: "Mapping[str, str]"
    style: Markup
    script: str
    integrity: str
    token: str
    sizes: tuple[tuple[int, int], ...] = SIZES


@dataclass(frozen=True)
class PreviewResources:
    """The preview's session, its texts and the files of its page."""

    session: PreviewSession
    wordings: Wordings
    problems: "Mapping[str, Say]"
    style: str
    script: bytes


def preview_app(session: PreviewSession) -> Flask:
    """Return the respond app over the session's folder, without a database; raise AssetError where it is not built."""
    waves = session.waves
    settings = RespondSettings("", waves.published.root, waves.work_key, LOOPBACK_HOSTS)
    app = application(settings, RespondResources(None, waves.published))
    app.extensions["preview"] = PreviewResources(
        session,
        load_wordings("preview"),
        {locale: problem_words(locale) for locale in NAMES},
        STYLE.read_text(encoding="utf-8"),
        _script(),
    )
    app.register_blueprint(bp)
    app.before_request(_admit)
    app.after_request(_let_own_page_frame)
    return app


@bp.get("/preview/<token>")
def page(token: str) -> Response:
    """Show the page of the author: the phone's page in a frame, and beside it what is to be said of the file."""
    resources = _resources(token)
    words = in_locale(resources.wordings, language().locale)
    shown = PreviewPage(
        file=resources.session.file,
        words=words,
        texts=words.texts,
        languages=NAMES,
        style=Markup(resources.style),  # noqa: S704 - our own stylesheet, whose hash the policy names
        script=f"/preview/{token}/preview.js",
        integrity=f"sha384-{_digest(resources.script, 'sha384')}",
        token=token,
    )
    response = page_response(render_template("preview/preview.html", page=shown), _policy(resources.style))
    response.headers["Permissions-Policy"] = "autoplay=(self)"
    return response


@bp.get("/preview/<token>/preview.js")
def script(token: str) -> Response:
    """Send the script of the author's page."""
    return Response(_resources(token).script, content_type="text/javascript; charset=utf-8")


@bp.get("/preview/<token>/state")
def state(token: str) -> Response:
    """Send the state, at once or when it is newer than `?after=`, its problems in the language of `?lang=`."""
    after = request.args.get("after", default=0, type=int)
    resources = _resources(token)
    return jsonify(resources.session.wait_for(after, WAIT_SECONDS, resources.problems[language().locale]))


@bp.get("/preview/<token>/way/<locale>/", defaults={"item": ""})
@bp.get("/preview/<token>/way/<locale>/<item>")
def way(token: str, locale: str, item: str) -> Response:
    """Send the answers that lead to an item, or to the end."""
    return jsonify(_resources(token).session.way(item, locale) or abort(HTTPStatus.NOT_FOUND))


@bp.post("/t/<study>")
def issue(study: str) -> Response:
    """Sign a token for any code, as often as asked: the key is this preview's, and so are the answers it lets in."""
    resources: PreviewResources = current_app.extensions["preview"]
    wave, issuers = resources.session.wave, resources.session.waves.issuers
    if wave is None or issuers is None or wave.issuer_key is None or study != wave.compiled.questionnaire.study:
        abort(HTTPStatus.NOT_FOUND)
    require_octets()
    blinded = request.get_data(cache=False)[-BLINDED_SIZE:]
    return Response(issuers.of(wave.issuer_key).sign(blinded), content_type=OCTETS)


def _admit() -> Response | None:
    """Let through what only this preview's page asks for; drop what a phone would hand in; 404 for all else."""
    endpoint = request.endpoint or ""
    if endpoint.startswith("preview.") or (endpoint in NAMED_BY_SECRETS and request.method == "GET"):
        return None
    if endpoint == "hand_in.hand_in":
        return _dropped(str((request.view_args or {})["study"]))
    if endpoint not in PAGES:
        abort(HTTPStatus.NOT_FOUND)
    _resources(request.args.get("t", ""))
    return None


def _dropped(study: str) -> Response:
    """Check a body as the respond app does, answer as it does, and store nothing."""
    host = respond_resources()
    require_octets()
    body = request.get_data(cache=False)
    try:
        _, record = host.admission(host.require_study(study)).checked(body)
    except NotOfThisStudyError:
        abort(HTTPStatus.BAD_REQUEST)
    if not body.startswith(BODY_VERSION):
        abort(HTTPStatus.BAD_REQUEST)
    return plain_text(HTTPStatus.CREATED, hashlib.sha256(record.envelope).hexdigest())


def _let_own_page_frame(response: Response) -> Response:
    """Let the author's page show the phone's page in a frame; nothing else of its policy is other than in a wave."""
    if request.endpoint in PAGES or request.endpoint == "respond.blank":
        policy = response.headers.get("Content-Security-Policy", DENY_ALL)
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _resources(token: str) -> PreviewResources:
    """Return the resources to who knows the token; abort with 404 for anybody else."""
    resources: PreviewResources = current_app.extensions["preview"]
    if not hmac.compare_digest(token.encode(), resources.session.token.encode()):
        abort(HTTPStatus.NOT_FOUND)
    return resources


def _policy(style: str) -> str:
    own = {"script-src": "'self'", "connect-src": "'self'", "frame-src": "'self'", "img-src": "data:"}
    hashed = {"style-src": f"'sha256-{_digest(style.encode(), 'sha256')}'"}
    sinks = {"require-trusted-types-for": "'script'", "trusted-types": "'none'"}
    return policy_text({**NOTHING, **own, **hashed, **sinks})


def _digest(content: bytes, name: str) -> str:
    return base64.b64encode(hashlib.new(name, content).digest()).decode("ascii")


def _script() -> bytes:
    try:
        return SCRIPT.read_bytes()
    except OSError:
        raise AssetError("the preview's page is not built: run `npm ci && node scripts/build.mjs`") from None
