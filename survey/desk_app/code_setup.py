"""The secret of one-time codes while a person sets up an app: in their own browser's session, and as a QR code."""

import base64
from dataclasses import dataclass

import segno
from flask import request, session
from markupsafe import Markup

from crypto.one_time_codes import enrolment_address, new_secret, written_secret

SECRET = "code_secret"  # noqa: S105 - the name of the cookie's field, not a secret


@dataclass(frozen=True)
class CodeSetup:
    """What a page shows for an app: a QR code as SVG, and the secret as people type it."""

    picture: Markup
    written: str


def pending_secret() -> bytes:
    """Return the secret that this browser is shown until a code of it was typed."""
    if SECRET not in session:
        session[SECRET] = base64.b64encode(new_secret()).decode("ascii")
    return base64.b64decode(session[SECRET])


def forget_secret() -> None:
    """Forget it, once it is the person's."""
    session.pop(SECRET, None)


def code_setup(name: str) -> CodeSetup:
    """Return what a page shows; the app lists it under the host's name."""
    secret = pending_secret()
    address = enrolment_address(secret, name, f"Sotto {request.host}")
    code = segno.make(address, error="m", micro=False)
    return CodeSetup(Markup(code.svg_inline(scale=5, border=4, light="#fff")), written_secret(secret))  # noqa: S704 - drawn here, from modules alone
