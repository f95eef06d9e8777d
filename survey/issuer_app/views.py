"""The issuer's views: one blind signature for an invitation code. Codes are not logged; answers are never seen."""

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
class IssuerResources:
    """The issuer's resources: invitations, the public state of studies, the private keys of their waves."""

    engine: "Engine"
    published: Published
    keys: IssuerKeys


@dataclass(frozen=True)
class OpenWave:
    """The open wave of a study with invitations, with its issuer key."""

    study: str
    wave: int
    issuer: "Issuer"

    def claim(self, code: bytes) -> Claim:
        """Return the claim of a code (17 bytes); malformed codes are looked up too, and are not found."""
        return Claim(self.study, self.wave, code_hash(code.decode("ascii", "replace").replace("\ufffd", "?")))


@bp.post("/t/<study>/check")
def check(study: str) -> Response:
    """Answer whether a code is valid, before the respondent starts the interview."""
    body = _body(CHECK_SIZE)
    wave = _open_wave(study)
    try:
        check_code(_resources().engine, wave.claim(body))
    except invitations.InvitationError as error:
        return _refused(error, study)
    return Response(status=HTTPStatus.NO_CONTENT)


@bp.post("/t/<study>")
def issue(study: str) -> Response:
    """Sign one blinded message for a code; the same message again gets the same signature."""
    body = _body(REDEEM_SIZE)
    wave = _open_wave(study)
    code, blinded = body[:CODE_SIZE], body[CODE_SIZE:]
    try:
        signature = redeem(
            _resources().engine,
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
    """Answer that the process runs; the response does not depend on tokens."""
    return plain_text(HTTPStatus.OK, "ok\n")


def _resources() -> IssuerResources:
    resources: IssuerResources = current_app.extensions["issuer"]
    return resources


def _body(size: int) -> bytes:
    """Return a body without its version byte; abort with 400 for another size or version."""
    require_octets()
    body = request.get_data(cache=False)
    if len(body) != size or not body.startswith(BODY_VERSION):
        abort(HTTPStatus.BAD_REQUEST)
    return body[len(BODY_VERSION) :]


def _open_wave(study: str) -> OpenWave:
    """Return the open wave of a study with invitations; abort with 404, 410 or 503 where there is none."""
    state = _resources().published.study(study)
    if state is None or state.wave is None or state.issuer is None:
        abort(HTTPStatus.NOT_FOUND)
    for closed in state.closed_issuers:
        _resources().keys.forget(closed)
    if state.state != "open":
        abort(plain_text(*CLOSED))
    try:
        return OpenWave(state.study, state.wave, _resources().keys.of(state.issuer))
    except IssuerKeyError as error:
        _log_error(error)
        abort(plain_text(*LATER))


def _refused(error: invitations.InvitationError, study: str) -> Response:
    if isinstance(error, invitations.OfficeUnavailableError):
        _log_error(error)
    if isinstance(error, invitations.CodeUnknownError):
        # The wave may have closed after its state was read: all its codes are deleted then.
        _open_wave(study)
    return plain_text(*REFUSALS[type(error)])


def _log_error(error: Exception) -> None:
    # For the operator: the kind of error and its route, nothing of the request.
    current_app.logger.error("%s at %s", type(error).__name__, request.url_rule)
