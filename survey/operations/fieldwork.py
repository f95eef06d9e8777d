"""The fieldwork file of a boxed wave: written beside the box, and compared with each release of the wave."""

from dataclasses import dataclass

from pydantic import ValidationError
from sqlmodel import Session, select

from survey.office_db.invitations import Batch
from survey.office_db.tables import Wave, document
from survey.public_log import log_events
from survey.questionnaire.study_metadata import Fieldwork
from survey.settings import Settings
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class InvitationTotals:
    """Of one wave: the codes that were made, and of those the used ones, None until the wave has closed."""

    invited: int
    issued: int | None


def totals(session: Session, study: str, wave: int) -> InvitationTotals:
    """Return how many were invited to a wave and, once it has closed, how many tokens were issued."""
    rows = session.exec(select(Batch).filter_by(study=study, wave=wave)).all()
    issued = [batch.issued for batch in rows if batch.issued is not None]
    return InvitationTotals(sum(batch.invited for batch in rows), sum(issued) if len(issued) == len(rows) else None)


def tokens_of(session: Session, wave: Wave) -> dict[str, int]:
    """Return how many were invited to a closed wave and how many tokens were issued; nothing of an open link."""
    if Manifest.from_bytes(document(session, wave.manifest)).mode == "open":
        return {}
    counted = totals(session, wave.study, wave.number)
    return {"invited": counted.invited, "issued": counted.issued or 0}


def wave_fieldwork(settings: Settings, session: Session, wave: Wave) -> Fieldwork | None:
    """Return the days of a boxed wave and its numbers of people; None where they contradict each other.

    It opened on the day that the public log has, which an opening that was run again may have brought a day later.
    """
    logged = log_events.day_of_opening(settings, wave.study, wave.number)
    fields = {
        "format": "sotto-fieldwork-1",
        "study": wave.study,
        "wave": wave.number,
        "root": wave.box_root,
        "opened": logged or wave.opened.isoformat(),
        "closed": (wave.closed or wave.opened).isoformat(),
        "answered": wave.box_count,
    }
    try:
        return Fieldwork.model_validate(fields | tokens_of(session, wave))
    except ValidationError:
        return None
