"""Withdrawal of an answer: the page for the eight words, and the endpoint that replaces the row by a tombstone."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from crypto.withdrawal import Withdrawal, WithdrawalError
from survey.admission.respond_resources import RespondResources, refusal_response, respond_resources
from survey.answers_db import insert_only, store_errors
from survey.publication.folder import StudyState
from survey.respond_app.phone_page import HTML
from survey.web.headers import phone_policy, plain_text
from survey.web.request_checks import require_octets
from survey.web.responses import compressed_response
from survey.wording.catalogues import Wordings, in_locale, load_wordings

bp = Blueprint("withdraw", __name__)

ACCEPTED = "Taken. If there is an answer with this code, it is deleted within 24 hours.\n"
TOO_LATE = "This survey is closed. What was handed in can no longer be taken back: it cannot be told apart any more.\n"


@dataclass(frozen=True)
class WithdrawPage:
    """The template's data: nothing of the study but its name, its wave's key id and its languages."""

    study: str
    epoch: str | None
    unavailable: str | None
    languages: tuple[tuple[str, str, str], ...]
    words: Mapping[str, Mapping[str, str]]
    script: str
    check: str
    style: Markup


@bp.record_once
def _load(setup: BlueprintSetupState) -> None:
    setup.app.extensions["withdraw"] = load_wordings("withdraw")


@bp.get("/w/<study>")
def page(study: str) -> Response:
    """Show the withdrawal page, the same for everyone; where withdrawal is not possible, it says why."""
    host = respond_resources()
    state = host.require_study(study)
    content = render_template("respond/withdraw.html", page=_page(host, state)).encode("utf-8")
    # The page has no secret and no visitor's data, so its compressed size reveals nothing.
    response = compressed_response({"": content, "br": host.compressed(content)}, HTML)
    response.headers["Content-Security-Policy"] = phone_policy(host.style)
    return response


# Decision 53.
@bp.post("/w/<study>")
def withdraw(study: str) -> Response:
    """Accept a withdrawal; the response is the same whether or not there is an answer to withdraw."""
    host = respond_resources()
    state = host.require_study(study)
    require_octets()
    withdrawal = _read(request.get_data(cache=False), state)
    try:
        insert_only.insert_withdrawal(host.engine, withdrawal.key_id, withdrawal.tag)
    except store_errors.WaveClosedError:
        return plain_text(HTTPStatus.GONE, TOO_LATE)
    except store_errors.StoreError as error:
        return refusal_response(error)
    return plain_text(HTTPStatus.ACCEPTED, ACCEPTED)


def _page(host: RespondResources, state: StudyState) -> WithdrawPage:
    wordings: Wordings = current_app.extensions["withdraw"]
    unavailable = "open" if state.mode == "open" else "closed" if state.state == "closed" else None
    return WithdrawPage(
        study=state.study,
        epoch=None if unavailable else state.epoch,
        unavailable=unavailable,
        languages=tuple((locale, state.names[locale], state.directions[locale]) for locale in state.locales),
        words={locale: in_locale(wordings, locale).texts for locale in state.locales},
        script=host.assets.url("withdraw"),
        check=f"/static/{host.assets.check}",
        style=Markup(host.style),  # noqa: S704 - our own stylesheet, whose hash the policy names
    )


def _read(body: bytes, state: StudyState) -> Withdrawal:
    """Return the withdrawal in a body; abort with 400 unless it is of an invitation wave of this study."""
    try:
        withdrawal = Withdrawal.from_bytes(body)
    except WithdrawalError:
        abort(HTTPStatus.BAD_REQUEST)
    if state.issuers.get(withdrawal.key_id.hex()) is None:
        abort(HTTPStatus.BAD_REQUEST)
    return withdrawal
