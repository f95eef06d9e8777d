"""Withdrawal of an answer: the page for the eight words, and the endpoint that replaces the row by a tombstone."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from crypto.withdrawal import Withdrawal, WithdrawalError
from survey.admission.respond_resources import refusal_response, respond_resources
from survey.answers_db import insert_only, store_errors
from survey.publication.folder import StudyState
from survey.publication.frontend_files import LinkedFile
from survey.respond_app.page_assets import PageAssets, page_assets, phone_response
from survey.web.answer_length import answer_in_one_length
from survey.web.headers import PLAIN_TEXT, plain_text
from survey.web.request_checks import require_octets
from survey.wording.catalogues import Wordings, load_wordings
from survey.wording.page_languages import NAMES
from survey.wording.po_files import DEFAULT

bp = Blueprint("withdraw", __name__)

ANSWER_SIZE = 128
"""Bytes of every answer to a withdrawal."""
answer_in_one_length(bp, ANSWER_SIZE, PLAIN_TEXT)

ACCEPTED = "Taken. If there is an answer with this code, it is deleted within 24 hours.\n"
TOO_LATE = "This survey is closed. What was handed in can no longer be withdrawn: it cannot be told apart any more.\n"


@dataclass(frozen=True)
class WithdrawPage:
    """The template's data: nothing of the study but its name, its wave's key id and its languages."""

    study: str
    epoch: str | None
    unavailable: str | None
    languages: tuple[tuple[str, str, str], ...]
    words: Mapping[str, Mapping[str, str]]
    script: LinkedFile
    check: LinkedFile
    still: LinkedFile
    style: Markup


@bp.record_once
def _load(setup: BlueprintSetupState) -> None:
    setup.app.extensions["withdraw"] = load_wordings("withdraw")


@bp.get("/w/<study>")
def page(study: str) -> Response:
    """Show the withdrawal page, the same for everyone; where withdrawal is not possible, it says why."""
    state = respond_resources().require_study(study)
    return phone_response(render_template("respond/withdraw.html", page=_page(page_assets(), state)))


# Decision 53.
@bp.post("/w/<study>")
def withdraw(study: str) -> Response:
    """Accept a withdrawal; the response is the same whether or not there is an answer to withdraw."""
    host = respond_resources()
    state = host.require_study(study)
    require_octets()
    withdrawal = _read(request.get_data(cache=False), state)
    try:
        insert_only.insert_withdrawal(host.engine, withdrawal.key_id, withdrawal.secret)
    except store_errors.WaveClosedError:
        return plain_text(HTTPStatus.GONE, TOO_LATE)
    except store_errors.StoreError as error:
        return refusal_response(error)
    return plain_text(HTTPStatus.ACCEPTED, ACCEPTED)


def _page(assets: PageAssets, state: StudyState) -> WithdrawPage:
    wordings: Wordings = current_app.extensions["withdraw"]
    unavailable = "open" if state.mode == "open" else "closed" if state.state == "closed" else None
    languages = _languages(state, wordings)
    return WithdrawPage(
        study=state.study,
        epoch=None if unavailable else state.epoch,
        unavailable=unavailable,
        languages=languages,
        words={locale: wordings[locale].texts for locale, _, _ in languages},
        script=assets.files.script("withdraw"),
        check=assets.files.script("check"),
        still=assets.files.script("still"),
        style=assets.style,
    )


def _languages(state: StudyState, wordings: Wordings) -> tuple[tuple[str, str, str], ...]:
    """Return the study's languages in which this page has words, and English, said once, for all that have none."""
    own = [(locale, state.names[locale], state.directions[locale]) for locale in state.locales if locale in wordings]
    lacking = len(own) < len(state.locales) and DEFAULT not in state.locales
    return (*own, *([(DEFAULT, NAMES[DEFAULT], "ltr")] if lacking else []))


def _read(body: bytes, state: StudyState) -> Withdrawal:
    """Return the withdrawal in a body; abort with 400 unless it is of an invitation wave of this study."""
    try:
        withdrawal = Withdrawal.from_bytes(body)
    except WithdrawalError:
        abort(HTTPStatus.BAD_REQUEST)
    if state.issuers.get(withdrawal.key_id.hex()) is None:
        abort(HTTPStatus.BAD_REQUEST)
    return withdrawal
