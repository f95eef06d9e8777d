"""What the consistent counts of one table say: shares of a base, means, medians, each with its margin. Pure."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from survey.document import Document
from survey.names import Id, Name
from survey.questionnaire.bases import LEFT_OUT, Base
from survey.release.note_codes import TooFew, WeightingAbstention
from survey.release.reliability import design_effect

Number = Annotated[float, Field(allow_inf_nan=False)]
Margin = Annotated[float, Field(allow_inf_nan=False, ge=0)]


class Mean(Document):
    """A mean over the substantive levels of a score, with its 95 % half-width."""

    value: Number
    margin: Margin


class Median(Document):
    """The middle level of a score, and the levels that it lies between with 95 % confidence."""

    value: int
    low: int
    high: int


class Size(Document):
    """How many people a base holds, with the 95 % half-width of the noise."""

    number: Number
    margin: Margin


class Sizes(Document):
    """How many people each base holds: all who were asked, who did not refuse, who knew."""

    asked: Size
    answered: Size
    substantive: Size

    def of(self, base: Base) -> Size:
        """Return the size of one base."""
        sizes: dict[Base, Size] = {
            "asked": self.asked,
            "answered": self.answered,
            "substantive": self.substantive,
        }
        return sizes[base]


class Share(Document):
    """The share of one level of its `base`, with its 95 % half-width; not `reliable` where the noise drowns it.

    `bayes`: a Bayesian interval within 0 and 1, where the margin would leave them.
    """

    code: int
    base: Base
    share: Number
    margin: Margin
    reliable: bool
    bayes: tuple[Number, Number] | None = None

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.code in LEFT_OUT[self.base]:
            raise ValueError("a level is no part of the base that its share is of")
        return self


class Top(Document):
    """The share of the highest levels of a score together (top box), with its 95 % half-width."""

    codes: Annotated[tuple[int, ...], Field(min_length=1)]
    share: Number
    margin: Margin


class Estimate(Document):
    """What the consistent counts say of the first dimension, for everyone or within one group.

    `base`: what its shares are of; "don't know" and "don't want to answer" are of a wider one where it leaves them out.
    Means, medians and top boxes are of the substantive answers. `row`: the item of a grid that it is about.
    `difference`: of a list experiment's arms, mean count of the longer list less that of the shorter; the shares of its
    counts are then within each arm.
    """

    group: int | tuple[int, int] | None
    row: Id | None = None
    base: Base
    sizes: Sizes
    abstained: TooFew | None
    mean: Mean | None
    median: Median | None = None
    top: Top | None = None
    difference: Mean | None = None
    shares: tuple[Share, ...]

    @property
    def size(self) -> Size:
        """How many people the base holds."""
        return self.sizes.of(self.base)

    @model_validator(mode="after")
    def _silent_or_not(self) -> Self:
        values = self.shares or self.mean or self.median or self.top or self.difference
        if self.abstained and values:
            raise ValueError("an estimate that abstains has neither shares nor a mean")
        return self


class Weighted(Document):
    """The first dimension's shares for everyone, weighted to public margins of the dimensions `by`.

    `classes`: for each of them which codes were joined, by the plan's rule. `abstained` where a class is lost in noise,
    or where raking does not meet the margins. `kish`: the design effect of the weights alone, without the noise;
    `trimmed` where one was over 4. `base`: what the shares are of. `covers_population`: whether the margins hold what
    joined classes leave out; not where a level of them is lost in noise or a weight was cut.
    """

    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2)]
    base: Base
    method: Literal["post-stratified", "raked"]
    classes: tuple[tuple[tuple[int, ...], ...], ...]
    abstained: WeightingAbstention | None
    kish: Number | None
    trimmed: bool
    covers_population: bool
    mean: Mean | None
    shares: tuple[Share, ...]

    @property
    def joined(self) -> bool:
        """Whether any class is of several codes."""
        return any(len(codes) > 1 for classes in self.classes for codes in classes)

    def design_effect(self, people: float) -> float | None:
        """Return the design effect of weights and noise together on the widest margin; `people`: how many answered.

        None where classes are joined, whose margin also holds what joining shifts: more answers do not take that away.
        """
        inner = [one for one in self.shares if 0 < one.share < 1]
        if self.joined or not inner or people <= 0:
            return None
        widest = max(inner, key=lambda one: one.margin)
        return design_effect(widest.share, widest.margin, people)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.abstained is None) != (self.kish is not None and bool(self.shares)):
            raise ValueError("a weighted estimate abstains, or has shares and a design effect")
        if len(self.classes) != len(self.by):
            raise ValueError("classes are of each dimension that is weighted by")
        # Decision 100.
        if self.covers_population and (self.trimmed or self.abstained):
            raise ValueError("where a weight was cut, or none is given, no margin covers the population")
        return self


def group_codes(estimate: Estimate) -> tuple[int, ...]:
    """Return the group as codes of the second (and third) dimension; empty for everyone."""
    if estimate.group is None:
        return ()
    return estimate.group if isinstance(estimate.group, tuple) else (estimate.group,)
