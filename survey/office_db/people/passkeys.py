"""Passkeys by the webauthn library: added, used to sign in, and verified over what a person asked. No Flask."""

import datetime as dt
import json
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from survey.names import CONTROL
from survey.office_db.acts import Act
from survey.office_db.people.desk_acts import tell
from survey.office_db.people.passwords import AccountError
from survey.office_db.people.sessions import SignInWay, begin_session
from survey.office_db.people.tables import ConfirmedPasskey, Passkey, Staff, UsedChallenge
from survey.office_db.people.tokens import token_hash, written_fingerprint

CHALLENGE_SECONDS = 10 * 60
LONGEST_LABEL = 40
MOST_PASSKEYS = 10
NO_CREDENTIAL = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What the library raises over text that is no credential, or one too deeply nested to read."""
VERIFIED = UserVerificationRequirement.REQUIRED
"""The device asks for a finger, a face or a PIN, so that a passkey is two factors."""


class PasskeyError(AccountError):
    """A passkey was not added, or did not sign; the message says why."""


@dataclass(frozen=True, slots=True)
class Site:
    """The desk as browsers see it: its origin (https://desk.example), whose host name passkeys are of."""

    origin: str

    @property
    def name(self) -> str:
        """The host name without the port: the relying party's id."""
        return urlsplit(self.origin).hostname or ""

    @property
    def has_passkeys(self) -> bool:
        """Whether browsers have passkeys here: over HTTPS or on localhost, and by a name (WebAuthn, section 5.1.3)."""
        try:
            ip_address(self.name)
        except ValueError:
            # Tor Browser, which opens onion services over plain http, has none.
            return self.name == "localhost" or (self.origin.startswith("https:") and not self.name.endswith(".onion"))
        return False


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What a browser sent back: the credential as JSON, and the challenge that it was given."""

    site: Site
    credential: str = field(repr=False)
    challenge: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey in its owner's list; `code` is what the administrator types to confirm it."""

    id: str
    label: str
    since: dt.date
    code: str
    confirmed: bool


def creation_options(session: Session, name: str, site: Site, challenge: bytes) -> str:
    """Return what navigator.credentials.create() takes, as JSON; a device that has one of the person's is left out."""
    had = session.exec(select(Passkey.credential).where(Passkey.staff == name))
    options = generate_registration_options(
        rp_id=site.name,
        rp_name="Sotto",
        user_name=name,
        user_id=token_hash(f"sotto user {name}"),
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in had],
    )
    return options_to_json(options)


def request_options(site: Site, challenge: bytes) -> str:
    """Return what navigator.credentials.get() takes, as JSON; the device knows for whom it has passkeys here."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.name, challenge=challenge, timeout=CHALLENGE_SECONDS * 1000, user_verification=VERIFIED
        )
    )


def signing_options(session: Session, name: str, site: Site, challenge: bytes) -> str | None:
    """
    Return what navigator.credentials.get() takes, as JSON, for a person to sign `challenge`, for example a request's.

    None where no passkey of theirs is confirmed that was made at this address: what another one signs is not believed.
    """
    if not can_sign(session, name, site):
        return None
    good = session.exec(select(ConfirmedPasskey.credential).filter_by(staff=name, origin=site.origin))
    options = generate_authentication_options(
        rp_id=site.name,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        user_verification=VERIFIED,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in good],
    )
    return options_to_json(options)


def can_sign(session: Session, name: str, site: Site) -> bool:
    """Say whether a person has a confirmed passkey that was made at this address."""
    return session.exec(select(ConfirmedPasskey).filter_by(staff=name, origin=site.origin)).first() is not None


def add_passkey(session: Session, name: str, signed: PasskeyAnswer, label: str, now: int) -> None:
    """Add a passkey that a browser made; raise PasskeyError for one that does not verify."""
    try:
        made = verify_registration_response(
            credential=signed.credential,
            expected_challenge=signed.challenge,
            expected_rp_id=signed.site.name,
            expected_origin=signed.site.origin,
            require_user_verification=True,
        )
    except NO_CREDENTIAL:
        raise PasskeyError("what the browser sent is no passkey for this page: try again") from None
    _use_up(session, signed.challenge, now)
    had = session.exec(select(Passkey.credential).where(Passkey.staff == name)).all()
    if session.get(Passkey, made.credential_id) or len(had) >= MOST_PASSKEYS:
        raise PasskeyError(f"this passkey is here already, or there are {MOST_PASSKEYS}: remove one first")
    session.add(
        Passkey(
            credential=made.credential_id,
            staff=name,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            label=CONTROL.sub("", label).strip()[:LONGEST_LABEL],
            origin=signed.site.origin,
            since=dt.datetime.fromtimestamp(now, tz=dt.UTC).date(),
        )
    )
    tell(session, Act.PASSKEY_ADDED, name, now)


def sign_in_by_passkey(session: Session, signed: PasskeyAnswer, now: int) -> str:
    """
    Return the token of a new session; raise PasskeyError for what does not verify, or was used before.

    No lock holds here: nobody guesses a signature, and so strangers keep nobody with a passkey out.
    """
    passkey = session.get(Passkey, _credential_id(signed.credential), with_for_update=True)
    staff = session.get(Staff, passkey.staff) if passkey else None
    if passkey is None or staff is None or not staff.active:
        raise PasskeyError("this passkey is of nobody here")
    verified = _verified(signed, passkey.public_key, passkey.sign_count)
    _use_up(session, signed.challenge, now)
    passkey.sign_count = verified.new_sign_count
    session.add(passkey)
    tell(session, Act.SIGNED_IN, staff.name, now)
    return begin_session(session, staff.name, SignInWay.PASSKEY, now)


def remove_passkey(session: Session, name: str, credential: str, now: int) -> None:
    """Remove a passkey of a person's own; raise PasskeyError where it is none."""
    passkey = session.get(Passkey, _bytes(credential))
    if passkey is None or passkey.staff != name:
        raise PasskeyError("there is no such passkey of yours")
    session.delete(passkey)
    tell(session, Act.PASSKEY_REMOVED, name, now)


def own_passkeys(session: Session, name: str) -> tuple[OwnPasskey, ...]:
    """Return a person's passkeys, the oldest first."""
    rows = session.exec(select(Passkey).filter_by(staff=name).order_by(col(Passkey.since), col(Passkey.credential)))
    return tuple(_own(session, row) for row in rows)


def confirm_passkey(session: Session, name: str, code: str, day: dt.date) -> OwnPasskey:
    """Confirm the passkey of a person with this code, so that what it signs may be carried out; owner's commands."""
    for row in session.exec(select(Passkey).filter_by(staff=name)):
        own = _own(session, row)
        if own.code.replace("-", "") == code.lower().replace("-", "").replace(" ", ""):
            if not own.confirmed:
                session.add(
                    ConfirmedPasskey(
                        credential=row.credential,
                        staff=name,
                        public_key=row.public_key,
                        origin=row.origin,
                        since=day,
                    )
                )
            return own
    raise PasskeyError(
        f"{name} has no passkey with this code: compare it with the code beside the passkey in My account, which the "
        "person reads to you"
    )


def is_signed(session: Session, name: str, challenge: bytes, credential: str) -> bool:
    """
    Say whether a credential is a confirmed passkey of a person over `challenge`, for example a request's hash.

    For whoever does not believe the desk: the key and its origin are read from what the desk cannot write.
    """
    try:
        confirmed = session.get(ConfirmedPasskey, _credential_id(credential))
        if confirmed is None or confirmed.staff != name:
            return False
        _verified(PasskeyAnswer(Site(confirmed.origin), credential, challenge), confirmed.public_key, 0)
    except PasskeyError:
        return False
    return True


def drop_orphans(session: Session) -> None:
    """Take back what was confirmed of passkeys that their person removed, or that a reset took; owner's commands."""
    kept = select(Passkey.credential)
    session.execute(delete(ConfirmedPasskey).where(col(ConfirmedPasskey.credential).not_in(kept)))


def _own(session: Session, row: Passkey) -> OwnPasskey:
    confirmed = session.get(ConfirmedPasskey, row.credential)
    return OwnPasskey(
        id=bytes_to_base64url(row.credential),
        label=row.label,
        since=row.since,
        code=written_fingerprint(row.credential + row.public_key + row.origin.encode()),
        confirmed=confirmed is not None and confirmed.public_key == row.public_key and confirmed.staff == row.staff,
    )


def _verified(signed: PasskeyAnswer, public_key: bytes, sign_count: int) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=signed.credential,
            expected_challenge=signed.challenge,
            expected_rp_id=signed.site.name,
            expected_origin=signed.site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except NO_CREDENTIAL:
        raise PasskeyError("the passkey did not sign this page's challenge: load the page again") from None


def _credential_id(credential: str) -> bytes:
    try:
        return _bytes(str(json.loads(credential)["rawId"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise PasskeyError("what the browser sent is no passkey") from None


def _bytes(text: str) -> bytes:
    try:
        return base64url_to_bytes(text)
    except ValueError:
        raise PasskeyError("this is no passkey's name") from None


def _use_up(session: Session, challenge: bytes, now: int) -> None:
    """Take a challenge once: what was signed for it signs nobody in again, though its time is not over."""
    session.execute(delete(UsedChallenge).where(col(UsedChallenge.used) < now - 2 * CHALLENGE_SECONDS))
    name = token_hash(bytes_to_base64url(challenge))
    if session.get(UsedChallenge, name):
        raise PasskeyError("this was used already: load the page again")
    session.add(UsedChallenge(challenge_hash=name, used=now))
    try:
        session.flush()
    except IntegrityError:  # PostgreSQL: somebody else's answer over it was a moment earlier.
        raise PasskeyError("this was used already: load the page again") from None
