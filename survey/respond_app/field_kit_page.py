"""The field kit: an installable page for interviews without a network; sealed answers are submitted later."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, render_template
from markupsafe import Markup

from crypto.canonical import canonical
from survey.admission.respond_resources import respond_resources
from survey.publication.folder import StudyState
from survey.publication.frontend_files import LinkedFile
from survey.respond_app.page_assets import HTML, page_assets
from survey.web.headers import NOTHING, phone_directives, policy_text
from survey.web.responses import compressed_response
from survey.wording.catalogues import Wording, Wordings, in_locale

bp = Blueprint("kit", __name__)

NAME = "问答 · Q&A"
ICON = "/static/kit.svg"
SCRIPT = "text/javascript; charset=utf-8"
MANIFEST = "application/manifest+json"
# A worker's script URL is a Trusted Types sink: the kit's only policy accepts the kit's own URL.
# Decision 39.
OF_THE_KIT = {
    "trusted-types": "kit",
    "img-src": "'self' data: blob:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
}
WORKER_POLICY = policy_text({**NOTHING, "connect-src": "'self'"})


@dataclass(frozen=True)
class FieldKitPage:
    """The template's data: nothing of the study but its name and languages."""

    study: str
    languages: tuple[tuple[str, str, str], ...]
    words: Mapping[str, Mapping[str, str]]  # with `spoken`, the locale that they are in
    script: LinkedFile
    audio: str
    sealing: LinkedFile
    work: str | None
    check: LinkedFile
    style: Markup


@dataclass(frozen=True)
class KitResources:
    """The kit's texts for staff (survey/interface/<locale>/kit.po), and its additional CSS."""

    wordings: Wordings
    style: str


@bp.get("/k/<study>")
def page(study: str) -> Response:
    """Show the kit, the same for everyone; also after a wave, when a tablet may still have envelopes to submit."""
    html, style = _rendered(respond_resources().require_study(study))
    response = compressed_response({"": html}, HTML)
    response.headers["Content-Security-Policy"] = kit_policy(style)
    return response


@bp.get("/k/<study>/sw.js")
def worker(study: str) -> Response:
    """Send the service worker: which files to keep, then its script."""
    state = respond_resources().require_study(study)
    assets = page_assets().files
    html, _ = _rendered(state)
    files = [
        *(assets.url(name) for name in ("kit", "check", "audio", "sealing", *(["work"] if state.work else []))),
        ICON,
    ]
    version = hashlib.sha256(html + "".join(files).encode("ascii")).hexdigest()[:16]
    content = canonical({"version": version, "study": state.study, "page": f"/k/{state.study}", "files": files})
    script = b"self.KIT=" + content + b";\n" + assets.files[assets.scripts["sw"]].forms[""]
    response = Response(script, content_type=SCRIPT)
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    # The page's path is one level above the script's folder.
    response.headers["Service-Worker-Allowed"] = f"/k/{state.study}"
    return response


@bp.get("/k/<study>/app.webmanifest")
def manifest(study: str) -> Response:
    """Send the web app manifest: its name says nothing of the topic."""
    address = f"/k/{respond_resources().require_study(study).study}"
    icon = {"src": ICON, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    names = {"name": NAME, "short_name": "Q&A", "icons": [icon]}
    look = {"display": "standalone", "background_color": "#f6f5f1", "theme_color": "#f6f5f1"}
    content = canonical({**names, **look, "id": address, "start_url": address, "scope": address})
    return Response(content, content_type=MANIFEST)


def kit_policy(style: str) -> str:
    """Return the phone page's policy plus a worker, a manifest, an icon and the worker's Trusted Types policy."""
    return policy_text({**phone_directives(style), **OF_THE_KIT})


def _spoken(wording: Wording) -> dict[str, str]:
    """Return the kit's texts, and as `spoken` the language that they are in: English where there is no translation."""
    return {**wording.texts, "spoken": wording.locale}


def _rendered(state: StudyState) -> tuple[bytes, str]:
    """Return the page's bytes and its style."""
    kit: KitResources = current_app.extensions["kit"]
    shared = page_assets()
    style = shared.files.styles["page"] + kit.style
    page = FieldKitPage(
        study=state.study,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        words={locale: _spoken(in_locale(kit.wordings, locale)) for locale in state.locales},
        script=shared.files.script("kit"),
        audio=shared.files.url("audio"),
        sealing=shared.files.script("sealing"),
        work=shared.files.url("work") if state.work else None,
        check=shared.files.script("check"),
        style=Markup(style),  # noqa: S704 - our own stylesheet, whose hash the policy names
    )
    return render_template("respond/kit.html", page=page).encode("utf-8"), style
