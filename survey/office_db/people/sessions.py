"""
Sessions of signed-in browsers: stored as hashes, ended by rest, age, sign-out or their owner. No Flask.

Lifetimes in seconds: without use, at most, and how long ago a passkey may have signed in to stand for a password.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.office_db.people.tables import Staff, StaffSession
from survey.office_db.people.tokens import new_token, token_hash

IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 12 * 60 * 60
FRESH_SECONDS = 10 * 60
MOST_SESSIONS = 10
"""Of one person: one more sign-in ends the session that was used least lately (ASVS 5.0, V7.1.2)."""


class SignInWay(StrEnum):
    """How a browser signed in."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    CODE = "code"
    RECOVERY = "recovery"
    LINK = "link"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session of a person; `idle` and `age` in seconds."""

    age: int
    idle: int
    way: SignInWay
    is_this: bool


def begin_session(session: Session, name: str, way: SignInWay, now: int) -> str:
    """Return the token of a new session (43 characters); `now` is in Unix seconds."""
    token = new_token()
    session.execute(delete(StaffSession).where(col(StaffSession.made) < now - ABSOLUTE_SECONDS))
    lately = select(StaffSession).where(col(StaffSession.staff) == name).order_by(col(StaffSession.seen).desc())
    for one in session.exec(lately.offset(MOST_SESSIONS - 1)):
        session.delete(one)
    session.add(StaffSession(token_hash=token_hash(token), staff=name, made=now, seen=now, way=way.value))
    return token


def current(session: Session, token: str, now: int) -> StaffSession | None:
    """Return the session of `token` and renew it; None where it is none, ended, or its person is disabled."""
    browser_session = session.get(StaffSession, token_hash(token))
    if browser_session is None:
        return None
    staff = session.get(Staff, browser_session.staff)
    if _is_expired(browser_session, now) or staff is None or not staff.active:
        session.delete(browser_session)
        return None
    browser_session.seen = now
    session.add(browser_session)
    return browser_session


def sign_out(session: Session, token: str) -> None:
    """End a session."""
    browser_session = session.get(StaffSession, token_hash(token))
    if browser_session:
        session.delete(browser_session)


def end_sessions(session: Session, name: str, but: str = "") -> None:
    """End every session of a person, but that of the token `but`."""
    kept = token_hash(but)
    session.execute(delete(StaffSession).where(col(StaffSession.staff) == name, col(StaffSession.token_hash) != kept))


def open_sessions(session: Session, name: str, token: str, now: int) -> tuple[OpenSession, ...]:
    """Return a person's sessions that have not ended, the last used first; `token` is that of the one who asks."""
    rows = session.exec(select(StaffSession).filter_by(staff=name).order_by(col(StaffSession.seen).desc()))
    return tuple(
        OpenSession(now - one.made, now - one.seen, SignInWay(one.way), one.token_hash == token_hash(token))
        for one in rows
        if not _is_expired(one, now)
    )


def _is_expired(browser_session: StaffSession, now: int) -> bool:
    return now - browser_session.seen > IDLE_SECONDS or now - browser_session.made > ABSOLUTE_SECONDS
