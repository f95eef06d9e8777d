"""The corrections of wording that a release names: since when people read other words, which, and why."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from survey.document import Document
from survey.names import Sha256
from survey.wave.correction import Correction, TextChange


class ReleasedCorrection(Document):
    """A correction that was published while the wave was open: its hash, the day of its publication, what it says.

    Links from before kept the old words, and links since then have the new ones; labels are those after the last.
    """

    correction: Sha256
    since: str
    reason: str
    changes: Annotated[tuple[TextChange, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _dated(self) -> Self:
        date.fromisoformat(self.since)
        return self

    @classmethod
    def of(cls, correction: Correction, since: str) -> Self:
        """Return what a release says of a correction that was published on a day (YYYY-MM-DD)."""
        return cls(correction=correction.digest, since=since, reason=correction.reason, changes=correction.changes)
