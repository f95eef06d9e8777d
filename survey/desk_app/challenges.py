"""What a page asks of a passkey; its challenge is in the browser's own signed session, for ten minutes.

What signs a request has no challenge of a session: it signs the request's hash, which says itself what it is of.
"""

import base64
from dataclasses import dataclass

from flask import request, session
from sqlmodel import Session

from survey.desk_app.signed_in import now, resources
from survey.office_db.people.passkeys import (
    CHALLENGE_SECONDS,
    PasskeyAnswer,
    Site,
    can_sign,
    creation_options,
    own_passkeys,
    request_options,
    signing_options,
)
from survey.office_db.people.tokens import new_token
from survey.publication.frontend_files import LinkedFile

CHALLENGE = "challenge"


@dataclass(frozen=True)
class PasskeyOffer:
    """What a page asks the browser for, as JSON, and the script that does it."""

    options: str
    script: LinkedFile


def sign_in_offer() -> PasskeyOffer | None:
    """Return what the sign-in page asks for; None where browsers have no passkeys, as at an address."""
    if not site().has_passkeys:
        return None
    return PasskeyOffer(request_options(site(), new_challenge()), _script())


def new_passkey_offer(database: Session, name: str) -> PasskeyOffer | None:
    """Return what a page asks for to add a passkey; None where browsers have none."""
    if not site().has_passkeys:
        return None
    return PasskeyOffer(creation_options(database, name, site(), new_challenge()), _script())


def signing_offer(database: Session, name: str, request_hash: bytes) -> PasskeyOffer | None:
    """Return what a page asks for to sign a request's hash; None where the person has no confirmed passkey of here."""
    options = signing_options(database, name, site(), request_hash) if site().has_passkeys else None
    return PasskeyOffer(options, _script()) if options else None


def missing_passkey(database: Session, name: str) -> str:
    """Say what a person lacks to sign requests here: nothing (""), an "address", a "passkey" or its "confirmation"."""
    if not site().has_passkeys:
        return "address"
    if can_sign(database, name, site()):
        return ""
    return "confirmation" if own_passkeys(database, name) else "passkey"


def site() -> Site:
    """Return the desk as this browser names it; the names that it answers to, and that it is not http, are settings."""
    return Site(f"{request.scheme if resources().insecure else 'https'}://{request.host}")


def new_challenge() -> bytes:
    """Return a new challenge for the page that is being made, in place of any before."""
    text = new_token()
    session[CHALLENGE] = [text, now()]
    return _bytes(text)


def answered(credential: str) -> PasskeyAnswer | None:
    """Return what a browser sent with the challenge that it was given; None where that was none, or too long ago."""
    text, made = session.pop(CHALLENGE, ["", 0])
    if not text or now() - made > CHALLENGE_SECONDS:
        return None
    return PasskeyAnswer(site(), credential, _bytes(text))


def _script() -> LinkedFile:
    return resources().assets.script("passkeys")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(f"{text}=")
