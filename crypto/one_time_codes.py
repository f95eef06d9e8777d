"""One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds, as every app has them."""

import base64
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
SECRET_SIZE = 20
"""Bytes: RFC 4226, section 4, R6 recommends 160 bits."""
STEPS_AROUND = (0, -1, 1)
"""Clocks of phones differ: the step before and the one after are taken too (RFC 6238, section 5.2)."""


def new_secret() -> bytes:
    """Return a new secret of 20 bytes."""
    return secrets.token_bytes(SECRET_SIZE)


def matching_step(secret: bytes, code: str, now: int, after: int) -> int | None:
    """
    Return the step that `code` is of, None where it is of none near `now` (Unix seconds) or not later than `after`.

    Whoever keeps the step that was returned, and gives it as `after`, takes no code twice (RFC 6238, section 5.2).
    """
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        return None
    codes = TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - HMAC with SHA-1 is what RFC 6238 apps compute
    for step in (now // STEP_SECONDS + offset for offset in STEPS_AROUND):
        if step > after and _verifies(codes, code, step):
            return step
    return None


def code_at(secret: bytes, now: int) -> str:
    """Return the code of the step at `now` (Unix seconds)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).generate(now).decode("ascii")  # noqa: S303 - as above


def written_secret(secret: bytes) -> str:
    """Return a secret as people type it: base32 in groups of four."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def enrolment_address(secret: bytes, name: str, issuer: str) -> str:
    """Return the otpauth: address that a QR code gives to an app (Google Authenticator's Key Uri Format)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).get_provisioning_uri(name, issuer)  # noqa: S303 - as above


def _verifies(codes: TOTP, code: str, step: int) -> bool:
    try:
        codes.verify(code.encode("ascii"), step * STEP_SECONDS)
    except InvalidToken:
        return False
    return True
