"""Who is at the desk: passwords as argon2id, guessing slowed down, sessions known by the hash of a token. No Flask."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import date

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete
from sqlmodel import Session

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
    """An account cannot be made as asked."""


class SignInError(OfficeError):
    """Wrong name or password, or too many tries: the person is not told which."""


def make_account(name: str, password: str, since: date) -> Staff:
    """Return a new account; raise AccountError for a name or password that will not do."""
    if not NAME.fullmatch(name):
        raise AccountError("a staff name has 2 to 32 characters: a-z first, then a-z, 0-9, dot, hyphen, underscore")
    if len(password) < PASSWORD_LENGTH:
        raise AccountError(f"a password has at least {PASSWORD_LENGTH} characters; several words are good")
    return Staff(name=name, password_hash=PasswordHasher().hash(password), since=since)


def sign_in(session: Session, name: str, password: str, now: int) -> str:
    """
    Return the token of a new session (43 characters); raise SignInError after the same work whatever was wrong.

    `now` is in Unix seconds. While an account waits after wrong guesses, even its password is refused; sessions that
    are already open go on. Ends the caller's transaction: checking a password takes long, and nobody waits for it.
    """
    staff = session.get(Staff, name)
    held = staff.password_hash if staff and staff.active else _decoy()
    session.rollback()
    right = _verify(held, password)
    # Read again, and locked: other guesses of the meantime count.
    staff = session.get(Staff, name, with_for_update=True)
    if staff is None or not staff.active or now < staff.locked_until:
        raise SignInError("no")
    if not right:
        staff.failures += 1
        staff.locked_until = now + _wait(staff.failures)
        session.add(staff)
        session.commit()
        raise SignInError("no")
    staff.failures, staff.locked_until = 0, 0
    token = secrets.token_urlsafe(32)
    _forget_old(session, now)
    session.add(StaffSession(token_hash=_hash(token), staff=name, made=now, seen=now))
    return token


def who(session: Session, token: str, now: int) -> str | None:
    """Return the name of the person whose session this is, and note that it is in use; None where it has ended."""
    found = session.get(StaffSession, _hash(token))
    if found is None:
        return None
    staff = session.get(Staff, found.staff)
    if _ended(found, now) or staff is None or not staff.active:
        session.delete(found)
        return None
    found.seen = now
    session.add(found)
    return found.staff


def sign_out(session: Session, token: str) -> None:
    """End a session."""
    found = session.get(StaffSession, _hash(token))
    if found:
        session.delete(found)


def end_sessions(session: Session, name: str) -> None:
    """End every session of a person."""
    session.execute(delete(StaffSession).where(StaffSession.__table__.c.staff == name))  # type: ignore[attr-defined]


def _ended(found: StaffSession, now: int) -> bool:
    return now - found.seen > IDLE_SECONDS or now - found.made > ABSOLUTE_SECONDS


def _forget_old(session: Session, now: int) -> None:
    table = StaffSession.__table__  # type: ignore[attr-defined]
    session.execute(delete(StaffSession).where(table.c.made < now - ABSOLUTE_SECONDS))


def _wait(failures: int) -> int:
    return 0 if failures <= FREE_GUESSES else min(FIRST_WAIT * 2 ** (failures - FREE_GUESSES - 1), LONGEST_WAIT)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _decoy() -> str:
    """Return a hash of our cost that no password fits, so that an unknown name takes as long as a wrong password."""
    hasher = PasswordHasher()
    salt, digest = "c290dG8gZGVjb3kgc2FsdA", "A" * 43
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
