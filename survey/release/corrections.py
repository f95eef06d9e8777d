"""What a release names of the questionnaire's history: its version in the study, and corrections of its wording."""

from collections.abc import Sequence
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


# Decision 157.
class ReleasedVersion(Document):
    """A version of the questionnaire that replaced another one in the same study; the first has no such document.

    `number` counts the study's versions from 1; `since` is the first wave that asked this one.
    """

    number: Annotated[int, Field(ge=2)]
    since: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.number > self.since:
            raise ValueError("a wave begins at most one version")
        return self

    @classmethod
    def of(cls, questionnaires: Sequence[Sha256]) -> Self | None:
        """Return the version that a wave asked, None for the study's first.

        `questionnaires` are the hashes of what the study's waves asked, from its first wave to this one.
        """
        number, since = len({*questionnaires}), 1 + questionnaires.index(questionnaires[-1])
        return None if since == 1 else cls(number=number, since=since)
