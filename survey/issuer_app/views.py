"""The issuer's views: one blind signature for an invitation code. Codes are not logged; answers are never seen."""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request

from crypto.envelope import BODY_VERSION
from crypto.invitation_codes import SYMBOLS, code_hash
from crypto.tokens import TokenError, TokenVerifier
from survey.issuer_app.keys import IssuerKeyError, IssuerKeys
from survey.office_db import invitations
from survey.office_db.invitations import Claim, redeem
from survey.publication.folder import Published
from survey.web.answer_length import answer_in_one_length
from survey.web.headers import plain_text
from survey.web.request_checks import OCTETS, require_octets

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from crypto.issuing import Issuer

bp = Blueprint("issuer", __name__)

ANSWER_SIZE = 256
"""Bytes of every answer to a redemption: a blind signature."""
answer_in_one_length(bp, ANSWER_SIZE, OCTETS)

CODE_SIZE = SYMBOLS + 1
BLINDED_SIZE = 256
REDEEM_SIZE = len(BODY_VERSION) + CODE_SIZE + BLINDED_SIZE
CLOSED = (HTTPStatus.GONE, "This survey, or this batch of invitations, is closed.\n")
LATER = (HTTPStatus.SERVICE_UNAVAILABLE, "No token just now; please try again.\n")
REFUSALS = {
    invitations.CodeUnknownError: (HTTPStatus.NOT_FOUND, "There is no such invitation in this survey.\n"),
    invitations.CodeUsedError: (HTTPStatus.CONFLICT, "This invitation was used.\n"),
    invitations.BatchClosedError: CLOSED,
    invitations.OfficeUnavailableError: LATER,
}


@dataclass(frozen=True)
class IssuerResources:
    """The issuer's resources: invitations, the public state of studies, the private keys of their waves."""

    engine: "Engine"
    published: Published
    keys: IssuerKeys


@dataclass(frozen=True)
class InvitedWave:
    """The newest wave of a study with invitations, open or closed, with its public issuer key."""

    study: str
    wave: int
    issuer_key: str
    is_open: bool

    def claim(self, code: bytes) -> Claim:
        """Return the claim of a code (17 bytes); malformed codes are looked up too, and are not found."""
        return Claim(self.study, self.wave, code_hash(code.decode("ascii", "replace").replace("\ufffd", "?")))


# Decision 104.
@bp.post("/t/<study>")
def issue(study: str) -> Response:
    """
    Sign one blinded message for a code; the same message again gets the same signature.

    What no honest phone sends is refused before a code is looked up, and a closed batch before it is seen whether the
    code was used: nobody learns that but by spending a code that was not.
    """
    code, blinded = _body()
    wave = _newest_wave(study)
    try:
        TokenVerifier.of(wave.issuer_key).check_blinded(blinded)
    except TokenError:
        abort(HTTPStatus.BAD_REQUEST)
    issuer, message_hash = _issuer(wave), hashlib.sha256(blinded).digest()
    try:
        signature = redeem(_resources().engine, wave.claim(code), message_hash, lambda: issuer.sign(blinded))
    except invitations.InvitationError as error:
        return _refused(error, study)
    except TokenError as error:
        _log_error(error)
        return plain_text(*LATER)
    return Response(signature, content_type=OCTETS)


def _resources() -> IssuerResources:
    resources: IssuerResources = current_app.extensions["issuer"]
    return resources


def _body() -> tuple[bytes, bytes]:
    """Return a body's code (17 bytes) and blinded message (256); abort with 400 for another size or version."""
    require_octets()
    body = request.get_data(cache=False)
    if len(body) != REDEEM_SIZE or not body.startswith(BODY_VERSION):
        abort(HTTPStatus.BAD_REQUEST)
    start = len(BODY_VERSION) + CODE_SIZE
    return body[len(BODY_VERSION) : start], body[start:]


def _newest_wave(study: str) -> InvitedWave:
    """Return the newest wave of a study with invitations; abort with 404 where there is none."""
    state = _resources().published.study(study)
    if state is None or state.wave is None or state.issuer is None:
        abort(HTTPStatus.NOT_FOUND)
    for closed in state.closed_issuers:
        _resources().keys.forget(closed)
    return InvitedWave(state.study, state.wave, state.issuer, state.state == "open")


def _issuer(wave: InvitedWave) -> "Issuer":
    """Return the private key of an open wave; abort with 410 where it is closed, with 503 where its key is missing."""
    if not wave.is_open:
        abort(plain_text(*CLOSED))
    try:
        return _resources().keys.of(wave.issuer_key)
    except IssuerKeyError as error:
        _log_error(error)
        abort(plain_text(*LATER))


def _refused(error: invitations.InvitationError, study: str) -> Response:
    if isinstance(error, invitations.OfficeUnavailableError):
        _log_error(error)
    if isinstance(error, invitations.CodeUnknownError):
        # The wave may have closed after its state was read: all its codes are deleted then.
        _issuer(_newest_wave(study))
    return plain_text(*REFUSALS[type(error)])


def _log_error(error: Exception) -> None:
    # For the operator: the kind of error and its route, nothing of the request.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)
