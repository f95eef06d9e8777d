"""People of the desk: added, disabled, enabled, reset, given roles; each act audited."""

import time

from sqlmodel import Session

from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.people import accounts, passkeys, roles
from survey.office_db.people.passwords import AccountError
from survey.office_db.people.role import Role
from survey.office_db.people.sessions import end_sessions
from survey.office_db.people.tables import Staff
from survey.office_db.tables import Study
from survey.operations.transaction import note_act, office_session
from survey.settings import Settings


def add_user(
    settings: Settings, name: str, password: str, role: Role = Role.OWNER, studies: tuple[str, ...] = ()
) -> None:
    """Add a person with a password and no second factor; raise AccountError for what is refused."""
    with office_session(settings) as session:
        _add(session, name, role, studies)
        accounts.set_password(session, name, password)


def invite_user(settings: Settings, name: str, role: Role, studies: tuple[str, ...] = ()) -> str:
    """Add a person and return the token of the link for their first sign-in; raise AccountError for what is refused."""
    with office_session(settings) as session:
        _add(session, name, role, studies)
        return accounts.make_link(session, name, int(time.time()))


def reset_user(settings: Settings, name: str) -> str:
    """Take every means of signing in from a person, and return the token of a new link; raise AccountError for none."""
    with office_session(settings) as session:
        _staff(session, name)
        note_act(session, Act.USER_RESET, name)
        return accounts.reset(session, name, int(time.time()))


def give_role(settings: Settings, name: str, role: Role, studies: tuple[str, ...] = ()) -> None:
    """Give a person one role in some studies, in all where none is named; raise AccountError for what is refused."""
    with office_session(settings) as session:
        _staff(session, name)
        _give(session, name, role, studies)


def disable_user(settings: Settings, name: str) -> None:
    """Disable a person and end their sessions; raise AccountError where there is none."""
    with office_session(settings) as session:
        _staff(session, name).active = False
        end_sessions(session, name)
        note_act(session, Act.USER_DISABLED, name)


def enable_user(settings: Settings, name: str) -> None:
    """Let a disabled person sign in again, by the means that they had; raise AccountError where there is none."""
    with office_session(settings) as session:
        _staff(session, name).active = True
        note_act(session, Act.USER_ENABLED, name)


def confirm_passkey(settings: Settings, name: str, code: str) -> passkeys.OwnPasskey:
    """Confirm the passkey of a person that has this code; raise AccountError where there is none."""
    with office_session(settings) as session:
        _staff(session, name)
        confirmed = passkeys.confirm_passkey(session, name, code, today())
        if not confirmed.confirmed:
            note_act(session, Act.PASSKEY_CONFIRMED, f"{name} {confirmed.code}")
        return confirmed


def list_users(settings: Settings) -> list[accounts.Person]:
    """Return every person by name."""
    with office_session(settings) as session:
        return accounts.people(session, int(time.time()))


def _add(session: Session, name: str, role: Role, studies: tuple[str, ...]) -> None:
    accounts.add_account(session, name, today())
    note_act(session, Act.USER_ADDED, name)
    _give(session, name, role, studies)


def _give(session: Session, name: str, role: Role, studies: tuple[str, ...]) -> None:
    unknown = [study for study in studies if session.get(Study, study) is None]
    if unknown:
        raise AccountError(f"there is no study {unknown[0]} on this host: `sotto study list` shows those there are")
    roles.set_role(session, name, role, studies)
    note_act(session, Act.ROLE_GIVEN, " ".join((name, role, *studies)))


def _staff(session: Session, name: str) -> Staff:
    staff = session.get(Staff, name)
    if staff is None:
        raise AccountError("there is no account of this name: `sotto user list` shows those there are")
    return staff
