"""A fresh random value for each day, which a request must name: what was signed on one day is good for three more.

The owner's commands and the operator write them, the desk's role reads them. A value of a day to come is nowhere yet,
so whoever holds the desk can have none signed today.
"""

from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, or_, select

from survey.office_db.base import StaffDatabase

LONGEST_KEPT = timedelta(days=3)
"""For how long a day's value is good, and so a request that the operator has not seen yet."""


class RequestDay(StaffDatabase, table=True):
    """The value of a day, in UTC: 16 random bytes, written in hex."""

    __tablename__ = "request_day"

    day: date = Field(primary_key=True)
    value: str = Field(unique=True)


# Decision 151.
def give_out(session: Session, today: date, value: bytes) -> None:
    """
    Let `value`, 16 new random bytes, be that of `today` where there is none; delete those that are good no more.

    In the caller's transaction. Those of days to come are deleted too: they were given out by a clock that was ahead.
    """
    day = col(RequestDay.day)
    session.execute(delete(RequestDay).where(or_(day < today - LONGEST_KEPT, day > today)))
    if session.get(RequestDay, today) is not None:
        return
    try:
        # In a savepoint: on PostgreSQL another command may give out the same day at this moment.
        with session.begin_nested():
            session.add(RequestDay(day=today, value=value.hex()))
    except IntegrityError:
        return


def newest_value(session: Session, today: date) -> str | None:
    """Return the newest value that is good on `today`; None where none was given out for so long."""
    rows = select(RequestDay).where(col(RequestDay.day) <= today).order_by(col(RequestDay.day).desc()).limit(1)
    newest = session.exec(rows).first()
    return newest.value if newest is not None and today - newest.day <= LONGEST_KEPT else None


def is_fresh(session: Session, value: str, today: date) -> bool:
    """Say whether a value was given out on `today` or one of the LONGEST_KEPT days before it."""
    row = session.exec(select(RequestDay).where(RequestDay.value == value)).one_or_none()
    return row is not None and row.day <= today <= row.day + LONGEST_KEPT
