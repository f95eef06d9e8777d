"""Taking an answer back: what a phone sends becomes a tombstone of the row, whether or not there is such a row."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, request

from crypto.withdrawal import Withdrawal, WithdrawalError
from survey.admission.host import Host, refused
from survey.answers_db import sealed_rows
from survey.publication.folder import StudyState
from survey.web.headers import plain
from survey.web.request_checks import require_octets

bp = Blueprint("withdrawing", __name__)

TAKEN = "Taken. If there is an answer with this code, it is deleted within 24 hours.\n"
TOO_LATE = "This survey is closed. What was handed in can no longer be taken back: it cannot be told apart any more.\n"


# Decision 53.
@bp.post("/w/<study>")
def withdraw(study: str) -> Response:
    """Take a withdrawal; the answer is the same whether or not there is anything to withdraw."""
    host: Host = current_app.extensions["sotto"]
    state = host.published.study(study)
    if state is None:
        abort(HTTPStatus.NOT_FOUND)
    require_octets()
    taken = _read(request.get_data(cache=False), state)
    try:
        sealed_rows.withdraw(host.engine, taken.key_id, taken.tag)
    except sealed_rows.WaveClosedError:
        return plain(HTTPStatus.GONE, TOO_LATE)
    except sealed_rows.StoreError as error:
        return refused(error)
    return plain(HTTPStatus.ACCEPTED, TAKEN)


def _read(body: bytes, state: StudyState) -> Withdrawal:
    """Return what was sent; answer 400 for anything but a withdrawal of a wave of this study that had invitations."""
    try:
        taken = Withdrawal.from_bytes(body)
    except WithdrawalError:
        abort(HTTPStatus.BAD_REQUEST)
    if state.issuers.get(taken.key_id.hex()) is None:
        abort(HTTPStatus.BAD_REQUEST)
    return taken
