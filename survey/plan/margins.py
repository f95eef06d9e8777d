"""Public margins that a release may be weighted to: shares of a population, with source and status."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from survey.document import Document
from survey.names import CodeText, Name
from survey.questionnaire.codes import RESERVED

PARTS_PER_WHOLE = 100_000
"""Shares are integers: parts of a hundred thousand."""
Text = Annotated[str, Field(min_length=1)]
Status = Literal["verified", "derived", "memory"]


class Margin(Document):
    """The known shares of one dimension's levels, in parts of a hundred thousand, by code.

    `without` names the options that the source does not count: who gave one is left out of weighted
    estimates. `of` says whose shares they are, `source` where they were read, `status` how far they were checked.
    """

    dimension: Name
    shares: Annotated[dict[CodeText, int], Field(min_length=2)]
    without: tuple[int, ...]
    of: Text
    source: Text
    status: Status

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if min(self.shares.values()) <= 0 or sum(self.shares.values()) != PARTS_PER_WHOLE:
            raise ValueError(f"shares are positive and sum to {PARTS_PER_WHOLE}")
        codes = [*self.codes, *self.without]
        if len(set(codes)) != len(codes) or RESERVED & set(codes):
            raise ValueError("a code stands twice, or is a missing code")
        return self

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes that have a share."""
        return tuple(int(code) for code in self.shares)

    def differences(self, options: tuple[int, ...]) -> tuple[list[str], list[str]]:
        """Return the codes here that are no option of the dimension, and its options that are not here."""
        codes, levels = [*self.shares, *map(str, self.without)], [str(level) for level in options]
        return [code for code in codes if code not in levels], [level for level in levels if level not in codes]

    def mismatch(self, options: tuple[int, ...]) -> str | None:
        """Say how the codes differ from the dimension's options; None where each stands here once."""
        surplus, missing = self.differences(options)
        parts = [f"{code} is no level" for code in surplus] + [f"level {level} has no share" for level in missing]
        return "; ".join(parts) or None
