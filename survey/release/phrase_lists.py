"""The lists of phrases that many people wrote, as a release holds them (`words`). Pure."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from survey.document import Document, Positive
from survey.names import Id
from survey.release.estimate import Margin


class Phrase(Document):
    """A phrase that many people wrote, with its noisy number."""

    phrase: Annotated[str, Field(min_length=1)]
    count: int


class Words(Document):
    """A list of phrases over a threshold; `margin` is the 95 % half-width of each number, of the noise alone.

    `most`: how many phrases of one person were counted. What is not listed was written by few, or was left out by the
    noise: the list is cut off at `threshold` on purpose.
    """

    id: Id
    item: Id
    nano_rho: Positive
    atto_delta: Positive
    most: Positive
    sigma: Annotated[float, Field(allow_inf_nan=False, gt=0)]
    threshold: Positive
    measurement: str
    reason: str
    hypotheses: tuple[str, ...]
    margin: Margin
    phrases: tuple[Phrase, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        keys = [(-one.count, one.phrase) for one in self.phrases]
        if keys != sorted(keys) or len({one.phrase for one in self.phrases}) != len(keys):
            raise ValueError("phrases stand once each, the most frequent first")
        return self
