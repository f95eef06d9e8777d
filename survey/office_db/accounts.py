"""Staff accounts and their sessions: argon2id passwords, slowed guessing, session tokens stored as hashes. No Flask."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import date

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete
from sqlmodel import Session, col

from survey.errors import OfficeError
from survey.office_db.tables import Staff, StaffSession

IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 12 * 60 * 60
# Four guesses are free; then waiting doubles: about ten guesses in the first hour, later one every quarter of an hour.
FREE_GUESSES = 4
FIRST_WAIT = 30
LONGEST_WAIT = 15 * 60
PASSWORD_LENGTH = 12
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")

Clock = Callable[[], int]


class AccountError(OfficeError):
    """An account cannot be created or changed; the message says why."""


class SignInError(OfficeError):
    """Wrong name or password, or too many tries; the message does not say which."""


def make_account(name: str, password: str, since: date) -> Staff:
    """Return a new account; raise AccountError for a malformed name or a short password."""
    if not NAME.fullmatch(name):
        raise AccountError("a staff name has 2 to 32 characters: a-z first, then a-z, 0-9, dot, hyphen, underscore")
    password = prepared(password)
    if len(password) < PASSWORD_LENGTH:
        raise AccountError(f"a password has at least {PASSWORD_LENGTH} characters; several words are good")
    return Staff(name=name, password_hash=PasswordHasher().hash(password), since=since)


def sign_in(session: Session, name: str, password: str, now: int) -> str:
    """
    Return the token of a new session (43 characters); every SignInError takes the same time, whatever its cause.

    `now` is in Unix seconds. While an account is locked after wrong guesses, its right password is refused too; open
    sessions continue. Ends the caller's transaction, so that no lock is held while the password is checked.
    """
    staff = session.get(Staff, name)
    password_hash = staff.password_hash if staff and staff.active else _unmatchable_hash()
    session.rollback()
    password_matches = _verify(password_hash, prepared(password))
    # Read again, with a lock, so that concurrent guesses are counted.
    staff = session.get(Staff, name, with_for_update=True)
    if staff is None or not staff.active or now < staff.locked_until:
        raise SignInError("no")
    if not password_matches:
        staff.failures += 1
        staff.locked_until = now + _seconds_to_wait(staff.failures)
        session.add(staff)
        session.commit()
        raise SignInError("no")
    staff.failures, staff.locked_until = 0, 0
    token = secrets.token_urlsafe(32)
    _delete_expired(session, now)
    session.add(StaffSession(token_hash=_hash(token), staff=name, made=now, seen=now))
    return token


def prepared(password: str) -> str:
    """
    Return a password in the one form in which it is hashed and compared (RFC 8265, section 4.2: OpaqueString).

    Keyboards give the same letters in several forms (macOS and iOS decompose é, input methods type wide spaces).
    """
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    return unicodedata.normalize("NFC", spaced)


def signed_in_name(session: Session, token: str, now: int) -> str | None:
    """Return the name of the person signed in with `token` and renew the session; None where it has expired."""
    browser_session = session.get(StaffSession, _hash(token))
    if browser_session is None:
        return None
    staff = session.get(Staff, browser_session.staff)
    if _is_expired(browser_session, now) or staff is None or not staff.active:
        session.delete(browser_session)
        return None
    browser_session.seen = now
    session.add(browser_session)
    return browser_session.staff


def sign_out(session: Session, token: str) -> None:
    """End a session."""
    browser_session = session.get(StaffSession, _hash(token))
    if browser_session:
        session.delete(browser_session)


def end_sessions(session: Session, name: str) -> None:
    """End every session of a person."""
    session.execute(delete(StaffSession).where(col(StaffSession.staff) == name))


def _is_expired(browser_session: StaffSession, now: int) -> bool:
    return now - browser_session.seen > IDLE_SECONDS or now - browser_session.made > ABSOLUTE_SECONDS


def _delete_expired(session: Session, now: int) -> None:
    session.execute(delete(StaffSession).where(col(StaffSession.made) < now - ABSOLUTE_SECONDS))


def _seconds_to_wait(failures: int) -> int:
    return 0 if failures <= FREE_GUESSES else min(FIRST_WAIT * 2 ** (failures - FREE_GUESSES - 1), LONGEST_WAIT)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _unmatchable_hash() -> str:
    """Return a hash that no password matches, so that an unknown name takes as long as a wrong password."""
    hasher = PasswordHasher()
    salt, digest = "c290dG8gZGVjb3kgc2FsdA", "A" * 43
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
