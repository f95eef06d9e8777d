"""The endpoint that stores one sealed body from a phone. No cookie, no session, no log of visitors."""

import hashlib
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from crypto.envelope import BODY_VERSION
from survey.admission.admission import NotOfThisStudyError
from survey.admission.respond_resources import refusal_response, respond_resources
from survey.answers_db import insert_only, store_errors
from survey.respond_app.work_challenges import spend_work
from survey.web.answer_length import answer_in_one_length
from survey.web.headers import PLAIN_TEXT, plain_text
from survey.web.request_checks import require_octets

bp = Blueprint("hand_in", __name__)

# Decision 108.
ANSWER_SIZE = 64
"""Bytes of every answer to a hand-in: a receipt in hex."""
answer_in_one_length(bp, ANSWER_SIZE, PLAIN_TEXT)


@bp.post("/s/<study>")
def hand_in(study: str) -> Response:
    """Store a sealed body; answer the envelope's SHA-256, the first time and every time."""
    host = respond_resources()
    # It has or had a wave: the insert's own transaction decides whether that is still open.
    state = host.require_study(study)
    require_octets()
    body = request.get_data(cache=False)
    try:
        epoch, record = host.admission(state).checked(body)
        spend_work(host.engine, state, record.row_key)
        insert_only.insert_record(host.engine, epoch, record.row_key, body[len(BODY_VERSION) :])
    except NotOfThisStudyError:
        abort(HTTPStatus.BAD_REQUEST)
    except store_errors.StoreError as error:
        return refusal_response(error)
    return plain_text(HTTPStatus.CREATED, hashlib.sha256(record.envelope).hexdigest())
