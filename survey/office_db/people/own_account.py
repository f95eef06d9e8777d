"""What a signed-in person changes of their own account, each change told to the audit. No Flask."""

from dataclasses import dataclass, field

from sqlmodel import Session

from survey.office_db.acts import Act
from survey.office_db.people.accounts import replace_code_secret, use_link
from survey.office_db.people.accounts import set_password as set_new_password
from survey.office_db.people.desk_acts import tell
from survey.office_db.people.passkeys import PasskeyAnswer, add_passkey, remove_passkey
from survey.office_db.people.passwords import AccountError
from survey.office_db.people.second_factor import renew_recovery_codes
from survey.office_db.people.sessions import SignInWay, begin_session, current, end_sessions
from survey.office_db.people.sign_in import is_person


class OtherPersonError(AccountError):
    """The present password was not given, or nobody is signed in any more."""


@dataclass(frozen=True, slots=True)
class AccountOwner:
    """Who asks: the token of their session, the password that they typed, and when (Unix seconds)."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    now: int


def change_password(session: Session, signed: AccountOwner, password: str) -> None:
    """Set a new password and end the other sessions; raise AccountError for a wrong or a refused one."""
    name = _person(session, signed)
    set_new_password(session, name, password)
    end_sessions(session, name, but=signed.token)
    tell(session, Act.PASSWORD_CHANGED, name, signed.now)


def set_up_app(session: Session, signed: AccountOwner, code_secret: bytes, code: str) -> tuple[str, ...]:
    """Set the secret of one-time codes and return new recovery codes; raise AccountError for what is wrong."""
    name = _person(session, signed)
    replace_code_secret(session, name, code_secret, code, signed.now)
    tell(session, Act.CODES_RENEWED, name, signed.now)
    return renew_recovery_codes(session, name)


def renew_codes(session: Session, signed: AccountOwner) -> tuple[str, ...]:
    """Return new recovery codes in place of those of before; raise AccountError where the password is wrong."""
    name = _person(session, signed)
    tell(session, Act.RECOVERY_RENEWED, name, signed.now)
    return renew_recovery_codes(session, name)


def end_others(session: Session, signed: AccountOwner) -> None:
    """End every other session of the person; no password is needed, since it takes nothing from its owner."""
    own = current(session, signed.token, signed.now)
    if own is not None:
        end_sessions(session, own.staff, but=signed.token)
        tell(session, Act.SESSIONS_ENDED, own.staff, signed.now)


def _person(session: Session, signed: AccountOwner) -> str:
    own = current(session, signed.token, signed.now)
    name = own.staff if own else ""
    if own is None or not is_person(session, own, signed.password, signed.now):
        raise OtherPersonError("the present password is another: type it again")
    return name


def add_own_passkey(session: Session, signed: AccountOwner, made: PasskeyAnswer, label: str) -> None:
    """Add a passkey of the person's own; raise AccountError for what is wrong."""
    add_passkey(session, _person(session, signed), made, label, signed.now)


def remove_own_passkey(session: Session, signed: AccountOwner, credential: str) -> None:
    """Remove a passkey of the person's own; raise AccountError for what is wrong."""
    remove_passkey(session, _person(session, signed), credential, signed.now)


def first_passkey(session: Session, token: str, made: PasskeyAnswer, label: str, now: int) -> str | None:
    """Add the passkey of a first sign-in, use up its link and return the token of a session; None for no such link."""
    name = use_link(session, token, now)
    if name is None:
        return None
    add_passkey(session, name, made, label, now)
    tell(session, Act.FIRST_SIGN_IN, name, now)
    return begin_session(session, name, SignInWay.PASSKEY, now)
