"""Hand in: takes one sealed body from a phone and stores it. No cookie, no session, no log of a visitor."""

import hashlib
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from crypto.envelope import BODY_VERSION
from survey.admission.admission import NotOfThisStudyError
from survey.admission.host import refusal_response, respond_host
from survey.answers_db import insert_only, store_errors
from survey.publication.folder import StudyState
from survey.respond_app.work_challenges import take_work
from survey.web.headers import plain
from survey.web.request_checks import require_octets

bp = Blueprint("hand_in", __name__)


@bp.post("/s/<study>")
def hand_in(study: str) -> Response:
    """Store a sealed body; answer the envelope's SHA-256, the first time and every time."""
    state = _open_study(study)
    require_octets()
    body, host = request.get_data(cache=False), respond_host()
    try:
        epoch, record = host.admission(state).checked(body)
        take_work(host.engine, state, record.row_key)
        insert_only.insert_record(host.engine, epoch, record.row_key, body[len(BODY_VERSION) :])
    except NotOfThisStudyError:
        abort(HTTPStatus.BAD_REQUEST)
    except store_errors.StoreError as error:
        return refusal_response(error)
    return plain(HTTPStatus.CREATED, hashlib.sha256(record.envelope).hexdigest())


def _open_study(study: str) -> StudyState:
    """Return a study that has had a wave; whether it is still open is for the store to say, in one transaction."""
    state = respond_host().published.study(study)
    if state is None or state.epoch is None:
        abort(HTTPStatus.NOT_FOUND)
    return state
