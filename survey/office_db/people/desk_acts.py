"""What the desk tells the audit: it adds rows, and the owner's commands put them into the chain with their day."""

import datetime as dt

from sqlmodel import Session, col, select

from survey.office_db.acts import DESK_ACTS, Act
from survey.office_db.people.tables import DeskAct
from survey.office_db.people.tokens import new_id
from survey.office_db.tables import record_act

SUBJECT = "told by the desk"
"""The subject of such an act in the chain: whoever takes the desk can tell acts that never happened."""


def tell(session: Session, act: Act, name: str, now: int) -> None:
    """Tell one act of a person, in the caller's transaction; `now` is in Unix seconds."""
    session.add(DeskAct(id=new_id(), made=now, actor=name, action=act.value))


def told(session: Session) -> list[DeskAct]:
    """Return what was told and is not in the chain yet, the oldest first."""
    return list(session.exec(select(DeskAct).order_by(col(DeskAct.made), col(DeskAct.id))))


def take_into_chain(session: Session) -> None:
    """Append what was told to the audit chain, in the caller's transaction; what is no act of the desk's is dropped."""
    for one in told(session):
        if one.action in DESK_ACTS:
            record_act(session, dt.datetime.fromtimestamp(one.made, tz=dt.UTC).date(), one.actor, one.action, SUBJECT)
        session.delete(one)
    session.flush()
