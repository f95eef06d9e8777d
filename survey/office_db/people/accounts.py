"""Accounts: made, reset, and their first sign-in by a link that works once. No Flask."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.office_db.acts import Act
from survey.office_db.people.desk_acts import tell
from survey.office_db.people.passwords import AccountError, password_hash
from survey.office_db.people.second_factor import renew_recovery_codes, set_code_secret
from survey.office_db.people.sessions import SignInWay, begin_session, end_sessions
from survey.office_db.people.tables import (
    NAME,
    ConfirmedPasskey,
    Passkey,
    RecoveryCode,
    SignInLink,
    SignInSecret,
    Staff,
    StaffRole,
)
from survey.office_db.people.tokens import new_token, token_hash

LINK_SECONDS = 3 * 24 * 60 * 60


class WrongCodeError(AccountError):
    """The one-time code is not that of the secret that was shown."""


@dataclass(frozen=True, slots=True)
class NewMeans:
    """What a person chose at the first sign-in: a password, and the code that their app shows for `code_secret`."""

    password: str = field(repr=False)
    code_secret: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FirstSession:
    """The token of the first session, and the recovery codes, to be shown once."""

    token: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """One person in a list: the role by study, and by which means they can sign in."""

    name: str
    active: bool
    since: date
    roles: dict[str, str]
    password: bool
    code: bool
    passkeys: int
    confirmed: int
    link: bool

    @property
    def means(self) -> list[str]:
        """By which means the person can sign in."""
        passkeys = f"{self.passkeys} passkeys ({self.confirmed} confirmed)" if self.passkeys else ""
        has = ((self.password, "password"), (self.code, "authenticator app"), (bool(passkeys), passkeys))
        return [means for there, means in (*has, (self.link, "link for the first sign-in")) if there]

    @property
    def line(self) -> str:
        """The person as one line on a terminal."""
        roles = ", ".join(f"{role} of {study or 'every study'}" for study, role in self.roles.items()) or "no role"
        state = "" if self.active else "; disabled"
        return f"{self.name}: {roles}; {', '.join(self.means) or 'no way to sign in'}; since {self.since}{state}"


def add_account(session: Session, name: str, since: date) -> Staff:
    """Add an account without a means of signing in; raise AccountError for a malformed or a taken name."""
    if not NAME.fullmatch(name):
        raise AccountError("a staff name has 2 to 32 characters: a-z first, then a-z, 0-9, dot, hyphen, underscore")
    if session.get(Staff, name):
        raise AccountError("there is an account of this name already")
    staff = Staff(name=name, since=since)
    session.add(staff)
    session.flush()
    session.add(SignInSecret(staff=name))
    return staff


def set_password(session: Session, name: str, password: str) -> None:
    """Set a person's password; raise AccountError for one that is refused."""
    kept = password_hash(name, password)
    secret = _secret(session, name)
    secret.password_hash, secret.failures, secret.locked_until = kept, 0, 0
    session.add(secret)


def make_link(session: Session, name: str, now: int) -> str:
    """Return the token of a link for one first sign-in, in place of any before; `now` is in Unix seconds."""
    token = new_token()
    session.execute(delete(SignInLink).where(col(SignInLink.staff) == name))
    session.add(SignInLink(token_hash=token_hash(token), staff=name, ends=now + LINK_SECONDS))
    return token


def invited(session: Session, token: str, now: int) -> str | None:
    """Return whose first sign-in a link is; None where it was used, has ended, or its person is disabled."""
    link = session.get(SignInLink, token_hash(token))
    staff = session.get(Staff, link.staff) if link and now < link.ends else None
    return staff.name if staff and staff.active else None


def use_link(session: Session, token: str, now: int) -> str | None:
    """Use a link up, in the caller's transaction, and return whose it was; None where it is worth nothing."""
    link = session.get(SignInLink, token_hash(token), with_for_update=True)
    name = invited(session, token, now)
    if link is None or name is None:
        return None
    session.delete(link)
    return name


def first_sign_in(session: Session, token: str, means: NewMeans, now: int) -> FirstSession | None:
    """
    Set what a person chose, use up the link and begin a session; None where the link is worth nothing.

    Raises AccountError for a refused password, WrongCodeError for a wrong code: rolled back, the link still works.
    """
    name = use_link(session, token, now)
    if name is None:
        return None
    set_password(session, name, means.password)
    replace_code_secret(session, name, means.code_secret, means.code, now)
    codes = renew_recovery_codes(session, name)
    tell(session, Act.FIRST_SIGN_IN, name, now)
    return FirstSession(begin_session(session, name, SignInWay.LINK, now), codes)


def replace_code_secret(session: Session, name: str, code_secret: bytes, code: str, now: int) -> None:
    """Set the secret of one-time codes; raise WrongCodeError where the code is not of it."""
    if not set_code_secret(session, _secret(session, name), code_secret, code, now):
        raise WrongCodeError("the code is not the one that an app shows for this secret now: type the newest")


def reset(session: Session, name: str, now: int) -> str:
    """Take every means of signing in from a person, end their sessions, and return the token of a new link."""
    for table in (RecoveryCode, Passkey, ConfirmedPasskey, SignInSecret):
        session.execute(delete(table).filter_by(staff=name))
    session.add(SignInSecret(staff=name))
    end_sessions(session, name)
    return make_link(session, name, now)


def people(session: Session, now: int) -> list[Person]:
    """Return every person by name; `now` is in Unix seconds."""
    names = session.exec(select(Staff.name).order_by(col(Staff.name))).all()
    return [person(session, name, now) for name in names]


def person(session: Session, name: str, now: int) -> Person:
    """Return what a list shows of one person, who must be there."""
    staff = session.get_one(Staff, name)
    secret = _secret(session, name)
    roles = session.exec(select(StaffRole).filter_by(staff=name).order_by(col(StaffRole.study)))
    links = session.exec(select(SignInLink).filter_by(staff=name))
    return Person(
        name=name,
        active=staff.active,
        since=staff.since,
        roles={row.study: row.role for row in roles},
        password=secret.password_hash is not None,
        code=secret.code_secret is not None,
        passkeys=len(session.exec(select(Passkey).filter_by(staff=name)).all()),
        confirmed=len(session.exec(select(ConfirmedPasskey).filter_by(staff=name)).all()),
        link=any(now < link.ends for link in links),
    )


def _secret(session: Session, name: str) -> SignInSecret:
    return session.get(SignInSecret, name) or SignInSecret(staff=name)
