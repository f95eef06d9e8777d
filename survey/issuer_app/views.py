"""Issue: an invitation's code buys one blind signature. Its process knows codes and no answer; it logs neither."""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request

from crypto.envelope import BODY_VERSION
from crypto.invitation_codes import SYMBOLS, code_hash
from crypto.tokens import TokenError
from survey.issuer_app.keys import IssuerKeyError, IssuerKeys
from survey.office_db import invitations
from survey.office_db.invitations import Claim, check_code, redeem
from survey.publication.folder import Published
from survey.web.headers import plain_text
from survey.web.request_checks import OCTETS, require_octets

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from crypto.issuing import Issuer

bp = Blueprint("issuer", __name__)

CODE_SIZE = SYMBOLS + 1
BLINDED_SIZE = 256
CHECK_SIZE = len(BODY_VERSION) + CODE_SIZE
REDEEM_SIZE = CHECK_SIZE + BLINDED_SIZE
CLOSED = (HTTPStatus.GONE, "This survey, or this batch of invitations, is closed.\n")
LATER = (HTTPStatus.SERVICE_UNAVAILABLE, "No token just now; please try again.\n")
REFUSALS = {
    invitations.CodeUnknownError: (HTTPStatus.NOT_FOUND, "There is no such invitation in this survey.\n"),
    invitations.CodeUsedError: (HTTPStatus.CONFLICT, "This invitation was used.\n"),
    invitations.BatchClosedError: CLOSED,
    invitations.OfficeUnavailableError: LATER,
}


@dataclass(frozen=True)
class IssuerHost:
    """What the issuer holds: invitations it can mark, the public state of studies, the private keys of their waves."""

    engine: "Engine"
    published: Published
    keys: IssuerKeys


@dataclass(frozen=True)
class OpenWave:
    """The open wave of a study with invitations: how its codes are named, and the key that signs for them."""

    study: str
    wave: int
    issuer: "Issuer"

    def claim(self, code: bytes) -> Claim:
        """Return what a code (17 bytes) is looked up by; what is no code at all is looked up, and unknown, too."""
        return Claim(self.study, self.wave, code_hash(code.decode("ascii", "replace").replace("\ufffd", "?")))


@bp.post("/t/<study>/check")
def check(study: str) -> Response:
    """Say whether a code is good, before anybody spends ten minutes on the questions."""
    body = _body(CHECK_SIZE)
    wave = _open_wave(study)
    try:
        check_code(_host().engine, wave.claim(body))
    except invitations.InvitationError as error:
        return _refused(error, study)
    return Response(status=HTTPStatus.NO_CONTENT)


@bp.post("/t/<study>")
def issue(study: str) -> Response:
    """Sign a blinded message for a code, once; for the same message again, the same signature."""
    body = _body(REDEEM_SIZE)
    wave = _open_wave(study)
    code, blinded = body[:CODE_SIZE], body[CODE_SIZE:]
    try:
        signature = redeem(
            _host().engine,
            wave.claim(code),
            hashlib.sha256(blinded).digest(),
            lambda: wave.issuer.sign(blinded),
        )
    except invitations.InvitationError as error:
        return _refused(error, study)
    except TokenError:
        abort(HTTPStatus.BAD_REQUEST)
    return Response(signature, content_type=OCTETS)


@bp.get("/healthz")
def health() -> Response:
    """Say that the process answers, and nothing that a token could change."""
    return plain_text(HTTPStatus.OK, "ok\n")


def _host() -> IssuerHost:
    host: IssuerHost = current_app.extensions["issuer"]
    return host


def _body(size: int) -> bytes:
    """Return a body without its version; refuse what no page of ours sends."""
    require_octets()
    body = request.get_data(cache=False)
    if len(body) != size or not body.startswith(BODY_VERSION):
        abort(HTTPStatus.BAD_REQUEST)
    return body[len(BODY_VERSION) :]


def _open_wave(study: str) -> OpenWave:
    """Return the open wave of a study with invitations; answer 404, 410 or 503 where there is none to issue for."""
    state = _host().published.study(study)
    if state is None or state.wave is None or state.issuer is None:
        abort(HTTPStatus.NOT_FOUND)
    for closed in state.closed_issuers:
        _host().keys.forget(closed)
    if state.state != "open":
        abort(plain_text(*CLOSED))
    try:
        return OpenWave(state.study, state.wave, _host().keys.of(state.issuer))
    except IssuerKeyError as error:
        _note(error)
        abort(plain_text(*LATER))


def _refused(error: invitations.InvitationError, study: str) -> Response:
    if isinstance(error, invitations.OfficeUnavailableError):
        _note(error)
    if isinstance(error, invitations.CodeUnknownError):
        # The wave may have closed between reading its state and looking the code up: then all its codes are gone.
        _open_wave(study)
    return plain_text(*REFUSALS[type(error)])


def _note(error: Exception) -> None:
    # For whoever runs the host: what it was and on which route, nothing of the request.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)
