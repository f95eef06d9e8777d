"""The page on which eight words take an answer back; what it hands in is for survey/respond_app/withdraw.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, render_template
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from survey.admission.host import Host
from survey.publication.folder import StudyState
from survey.respond_app.phone_page import HTML
from survey.web.headers import phone_policy
from survey.web.responses import compressed
from survey.wording.catalogues import Wordings, in_locale, load_wordings

bp = Blueprint("withdraw_page", __name__)


@dataclass(frozen=True)
class Page:
    """What the page's template gets: nothing of the study but its name, its wave's key id and its languages."""

    study: str
    epoch: str | None
    barred: str | None
    languages: tuple[tuple[str, str, str], ...]
    words: Mapping[str, Mapping[str, str]]
    script: str
    check: str
    style: Markup


@bp.record_once
def _load(setup: BlueprintSetupState) -> None:
    setup.app.extensions["withdraw_page"] = load_wordings("withdraw")


@bp.get("/w/<study>")
def page(study: str) -> Response:
    """Show where an answer is taken back, the same for everyone; where that cannot be, say why."""
    host: Host = current_app.extensions["sotto"]
    state = host.published.study(study)
    if state is None or state.epoch is None:
        abort(HTTPStatus.NOT_FOUND)
    content = render_template("respond/withdraw.html", page=_page(host, state)).encode("utf-8")
    # Nothing secret and nothing of the visitor is in it, so compressing it tells nobody anything.
    response = compressed({"": content, "br": host.smallest(content)}, HTML)
    response.headers["Content-Security-Policy"] = phone_policy(host.style)
    return response


def _page(host: Host, state: StudyState) -> Page:
    wordings: Wordings = current_app.extensions["withdraw_page"]
    barred = "open" if state.mode == "open" else "closed" if state.state == "closed" else None
    return Page(
        study=state.study,
        epoch=None if barred else state.epoch,
        barred=barred,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        words={locale: in_locale(wordings, locale).texts for locale in state.locales},
        script=host.assets.url("withdraw"),
        check=f"/static/{host.assets.check}",
        style=Markup(host.style),  # noqa: S704 - our own stylesheet, whose hash the policy names
    )
