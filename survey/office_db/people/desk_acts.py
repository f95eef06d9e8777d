"""What the desk tells the audit: it adds rows, and the owner's commands put them into the chain with their day."""

import datetime as dt

from sqlmodel import Session, col, select

from survey.office_db.acts import DESK_ACTS, Act
from survey.office_db.people.tables import DeskAct
from survey.office_db.people.tokens import new_id
from survey.office_db.tables import record_act

SUBJECT = "told by the desk"
"""The subject of such an act in the chain: whoever takes the desk can tell acts that never happened."""
MOST_AT_ONCE = 1000
"""How many acts one command takes into the chain: however many the desk tells, it holds no command up for long."""


def tell(session: Session, act: Act, name: str, now: int) -> None:
    """Tell one act of a person, in the caller's transaction; `now` is in Unix seconds."""
    session.add(DeskAct(id=new_id(), made=now, actor=name, action=act.value))


def told(session: Session) -> list[DeskAct]:
    """Return what was told and is not in the chain yet, the oldest first, at most MOST_AT_ONCE; other commands wait."""
    rows = select(DeskAct).order_by(col(DeskAct.made), col(DeskAct.id)).limit(MOST_AT_ONCE)
    # Locked (PostgreSQL): of two commands at once the second finds what the first has left.
    return list(session.exec(rows.with_for_update()))


def take_into_chain(session: Session, today: dt.date) -> None:
    """
    Append what was told to the audit chain, in the caller's transaction, which every command of the owner begins with.

    Dropped is what is no act of the desk's, and what has no day or one to come: no row may stop the commands.
    """
    for one in told(session):
        day = _day(one.made)
        # A day of grace: the desk's clock may be another machine's.
        if one.action in DESK_ACTS and day is not None and day <= today + dt.timedelta(days=1):
            record_act(session, day, one.actor, one.action, SUBJECT)
        session.delete(one)
    session.flush()


def _day(made: int) -> dt.date | None:
    try:
        return dt.datetime.fromtimestamp(made, tz=dt.UTC).date()
    except (OSError, OverflowError, TypeError, ValueError):
        return None
