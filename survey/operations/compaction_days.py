"""The day of the last compaction, as who runs the host notes and asks it."""

from survey.document import today
from survey.office_db import compaction_days as days
from survey.operations.transaction import office_session
from survey.settings import Settings


def note_compaction(settings: Settings) -> None:
    """Note that both databases were compacted today."""
    with office_session(settings) as session:
        days.note_day(session, today())


def compaction_days(settings: Settings) -> days.CompactionDays:
    """Return when both databases were last compacted, and whether another is overdue."""
    with office_session(settings) as session:
        return days.compaction_days(session, today())
