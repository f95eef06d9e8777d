"""Signing in by name, password and code: argon2id, slowed guessing, and no lock for who has both right. No Flask."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from survey.database.engine import is_sqlite
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.people.desk_acts import tell
from survey.office_db.people.passwords import verifies
from survey.office_db.people.second_factor import accept_code
from survey.office_db.people.sessions import FRESH_SECONDS, SignInWay, begin_session
from survey.office_db.people.tables import NAME, Passkey, SignInSecret, Staff, StaffSession, UsedChallenge
from survey.office_db.people.tokens import token_hash

# Four guesses are free; then waiting doubles: about ten guesses in the first hour, later one every quarter of an hour.
FREE_GUESSES = 4
FIRST_WAIT = 30
LONGEST_WAIT = 15 * 60

NOBODY = "0"
"""No account has this name."""

Clock = Callable[[], int]


class SignInError(OfficeError):
    """Wrong name, password or code, or too many tries; the message does not say which."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed to sign in; `code` is a one-time or a recovery code, empty where there is none."""

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)


def sign_in(session: Session, attempt: Attempt, now: int) -> str:
    """
    Return the token of a new session; every SignInError has the same work behind it, whatever its cause.

    `now` is in Unix seconds. While an account is locked after wrong guesses, its right password alone is refused too;
    with the right code it is not (decision 148). Open sessions continue. Ends the caller's transaction, so that no lock
    is held while the password is checked.
    """
    # PostgreSQL's driver refuses some signs.
    name = attempt.name if NAME.fullmatch(attempt.name) else NOBODY
    secret, active = session.get(SignInSecret, name), _is_active(session, name)
    kept = secret.password_hash if secret and active else None
    session.rollback()
    password_matches = verifies(kept, attempt.password)
    # Read again, with a lock, so that concurrent guesses are counted.
    secret, active = session.get(SignInSecret, name, with_for_update=True), _is_active(session, name)
    way = None
    if secret and active:
        way = _way(session, secret, attempt.code, now, password_matches=password_matches)
    if secret is None or way is None:
        _end_refused(session, now)
        raise SignInError("no")
    secret.failures, secret.locked_until, secret.code_failures, secret.code_locked_until = 0, 0, 0, 0
    tell(session, Act.SIGNED_IN, attempt.name, now)
    return begin_session(session, attempt.name, way, now)


# Decision 158.
def _end_refused(session: Session, now: int) -> None:
    """
    Commit what was noted of a failure; where nothing is, as of nobody or of a locked account, write as much.

    Otherwise the time of an answer would tell which names there are: a commit that has something to store waits for
    the disk.
    """
    if not session.new:
        session.execute(update(SignInSecret).where(col(SignInSecret.staff) == NOBODY).values(failures=0))
        row = {"challenge_hash": token_hash(NOBODY), "used": now}
        make = sqlite.insert if is_sqlite(session.connection()) else postgresql.insert
        place = make(UsedChallenge).values(row)
        # Another value each time, also within one second: SQLite stores nothing where a row stays as it is.
        another = {"used": col(UsedChallenge.used) + 1}
        session.execute(place.on_conflict_do_update(index_elements=["challenge_hash"], set_=another))
    session.commit()


def _way(session: Session, secret: SignInSecret, code: str, now: int, *, password_matches: bool) -> SignInWay | None:
    """Return the way that what was typed opens; None notes the failure, or uses up the code of a locked account."""
    locked = now < secret.locked_until
    if secret.code_secret is None:
        if password_matches and not locked:
            return SignInWay.PASSWORD
    elif password_matches:
        return _way_by_code(session, secret, code, now)
    if not locked:
        _password_failed(session, secret, now)
    elif secret.code_secret is not None:
        # A code that somebody saw is worth one try of a password at most, so that a lock is none for its owner alone.
        accept_code(session, secret, code, now)
    return None


def _way_by_code(session: Session, secret: SignInSecret, code: str, now: int) -> SignInWay | None:
    """Return the way that a code opens beside the right password; its own lock is none that a stranger can set."""
    if now < secret.code_locked_until:
        return None
    way = accept_code(session, secret, code, now)
    if way is None:
        secret.code_failures += 1
        secret.code_locked_until = now + seconds_to_wait(secret.code_failures)
        tell(session, Act.SIGN_IN_FAILED, secret.staff, now)
    return way


def _password_failed(session: Session, secret: SignInSecret, now: int) -> None:
    secret.failures += 1
    secret.locked_until = now + seconds_to_wait(secret.failures)
    tell(session, Act.SIGN_IN_FAILED, secret.staff, now)


def is_person(session: Session, browser_session: StaffSession, password: str, now: int) -> bool:
    """
    Say whether whoever uses a session is its person, before their means of signing in are changed.

    They know the password; who has none signed in with a passkey a little ago. The fifth wrong password ends the
    session: whoever took it over cannot guess, and no other session notices. Ends the caller's transaction.
    """
    token_hash, name = browser_session.token_hash, browser_session.staff
    secret = session.get(SignInSecret, name)
    kept = secret.password_hash if secret else None
    if kept is None:
        return browser_session.way == SignInWay.PASSKEY and now - browser_session.made < FRESH_SECONDS
    session.commit()
    if verifies(kept, password):
        return True
    again = session.get(StaffSession, token_hash, with_for_update=True)
    if again is not None:
        again.failures += 1
        session.add(again)
        if again.failures > FREE_GUESSES:
            session.delete(again)
        tell(session, Act.SIGN_IN_FAILED, name, now)
        session.commit()
    return False


def has_second_factor(session: Session, name: str) -> bool:
    """Say whether no password alone signs a person in: beside a passkey too, a password opens the account by itself."""
    secret = session.get(SignInSecret, name)
    if secret is not None and (secret.password_hash is not None or secret.code_secret is not None):
        return secret.code_secret is not None
    return session.exec(select(Passkey).filter_by(staff=name)).first() is not None


def seconds_to_wait(failures: int) -> int:
    """Return for how many seconds an account is locked after so many wrong guesses in a row."""
    return 0 if failures <= FREE_GUESSES else min(FIRST_WAIT * 2 ** (failures - FREE_GUESSES - 1), LONGEST_WAIT)


def _is_active(session: Session, name: str) -> bool:
    staff = session.get(Staff, name)
    return staff is not None and staff.active
