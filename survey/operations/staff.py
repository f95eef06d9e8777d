"""Staff accounts of the desk: creating and disabling them, each act audited."""

from survey.document import today
from survey.office_db.accounts import AccountError, end_sessions, make_account
from survey.office_db.tables import (
    Staff,
)
from survey.operations.transaction import (
    note_act,
    office_session,
)
from survey.settings import Settings


def add_user(settings: Settings, name: str, password: str) -> None:
    """Create a staff account of the desk; raise AccountError for a taken name or a password that is too short."""
    with office_session(settings) as session:
        if session.get(Staff, name):
            raise AccountError("there is an account of this name already")
        session.add(make_account(name, password, today()))
        note_act(session, "user added", name)


def disable_user(settings: Settings, name: str) -> None:
    """Disable a staff account and end its sessions; raise AccountError where there is none."""
    with office_session(settings) as session:
        staff = session.get(Staff, name) or _no_account()
        staff.active = False
        session.add(staff)
        end_sessions(session, name)
        note_act(session, "user disabled", name)


def _no_account() -> Staff:
    raise AccountError("there is no account of this name")
