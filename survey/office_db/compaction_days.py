"""The day on which both databases were last compacted, and whether that is too long ago; no hour, and no count."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlmodel import Session, select

from survey.office_db.tables import LastCompaction, Wave

# Decision 135.
LONGEST = 1
"""How many days may lie between two: a withdrawn answer is promised to be gone within 24 hours."""


@dataclass(frozen=True, slots=True)
class CompactionDays:
    """The day of the last success, if any, and whether another is overdue while a wave has no box."""

    last: date | None
    overdue: bool


def note_day(session: Session, day: date) -> None:
    """Note that both databases were compacted on a day, in place of the day before."""
    session.connection().execute(delete(LastCompaction))
    session.add(LastCompaction(day=day))
    session.flush()


def compaction_days(session: Session, day: date) -> CompactionDays:
    """Return how it stands on a day; overdue is counted from the last success, or from when a wave opened."""
    row = session.exec(select(LastCompaction)).one_or_none()
    last = row.day if row else None
    opened = [wave.opened for wave in session.exec(select(Wave).where(Wave.state != "boxed"))]
    since = max(min(opened), last or min(opened)) if opened else day
    return CompactionDays(last, (day - since).days > LONGEST)
