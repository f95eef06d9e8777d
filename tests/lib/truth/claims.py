"""What people read in a release, number by number, and what is true of it by the plain answers."""

from collections.abc import Iterable
from dataclasses import dataclass

from survey.plan.plan import PlanTable
from truth.plain_truth import Flags, Group, PlainTruth
from truth.simulated_survey import Sample, SimulatedStudy

OF_THE_SAMPLE = ("size", "left out", "cell")
"""Numbers of people: their margin is the noise's alone, so they are compared with those who were drawn."""

OUTSIDE = 254


@dataclass(frozen=True)
class Claim:
    """One number with the ends of its 95 % interval, as an output gives it; `slack`: how far rounding moves it."""

    source: str
    table: str
    measure: str
    group: Group
    name: str
    codes: tuple[int, ...]
    base: str
    value: float
    low: float
    high: float
    slack: float = 0.0

    @property
    def kind(self) -> str:
        """What is judged together."""
        return f"{self.source}: {self.measure}"


@dataclass(frozen=True)
class Judged:
    """A claim beside the truth."""

    claim: Claim
    truth: float

    @property
    def missed(self) -> bool:
        """Whether the truth lies outside of the interval."""
        return not self.claim.low - self.claim.slack <= self.truth <= self.claim.high + self.claim.slack

    @property
    def beyond(self) -> float:
        """
        By how many half-widths the truth lies outside of the interval; 0 where it is inside.

        Where an interval is cut at the end of what can be, such as a share of 0, its other side is taken. Where the
        number itself stands at an end, it may be cut too, and its half-width is not known.
        """
        low, high = self.claim.low - self.claim.slack, self.claim.high + self.claim.slack
        away = max(low - self.truth, self.truth - high, 0.0)
        if away == 0 or self._cut:
            return 0.0
        return away / max(high - self.claim.value, self.claim.value - low) if high > low else float("inf")

    @property
    def _cut(self) -> bool:
        low, value, high = self.claim.low, self.claim.value, self.claim.high
        return low < high and value in (low, high)


@dataclass(frozen=True)
class Judge:
    """Compares claims about one sample of a study with the population that it was drawn from, or with the sample."""

    study: SimulatedStudy
    sample: Sample

    def all(self, claims: Iterable[Claim]) -> list[Judged]:
        """Return each claim beside the truth."""
        return [Judged(claim, self.truth(claim)) for claim in claims]

    def truth(self, claim: Claim) -> float:
        """Return what is true of what a claim speaks of, on the base that it names."""
        people = self.sample.drawn if claim.measure in OF_THE_SAMPLE else self.study.truth
        table = self.table(claim.table)
        who = people.inside(table.population) & people.group(claim.group)
        if claim.measure in OF_THE_SAMPLE:
            return self._number(people, who, claim, table)
        if claim.measure.startswith("weighted"):
            return self._weighted(people, who, claim)
        if claim.measure in ("share", "top"):
            return people.share(who, {claim.name: claim.codes}, claim.base)
        ask = {"mean": people.mean, "median": people.median, "difference": people.difference}
        return ask[claim.measure](who, claim.name)

    def table(self, name: str) -> PlanTable:
        """Return a table of the plan."""
        return next(table for table in self.study.plan.tables if table.id == name)

    def _number(self, people: PlainTruth, who: Flags, claim: Claim, table: PlanTable) -> int:
        """Return how many of the sample are in a base, are left out of it, or are in a cell."""
        if claim.measure == "cell":
            outside = claim.codes == (OUTSIDE,)
            inside = who & people.group((claim.name, code) for code in claim.codes)
            return people.number(~people.inside(table.population) if outside else inside)
        base = people.within(claim.name, claim.base)
        return people.number(who & (base if claim.measure == "size" else people.within(claim.name, "asked") & ~base))

    def _weighted(self, people: PlainTruth, who: Flags, claim: Claim) -> float:
        """Return a number as it were if classes had their public shares.

        The classes are all levels where the release says that its margin covers the population, else the joined ones.
        """
        weighted = self.sample.release.table(claim.table).weighted
        margins = {margin.dimension: margin for margin in self.study.plan.margins or ()}
        (name,), (joined,) = weighted.by, weighted.classes
        shares = margins[name].shares
        classes = [(int(code),) for code in shares] if weighted.covers_population else joined
        parts = [(name, codes, sum(shares[str(code)] for code in codes)) for codes in classes]
        if claim.measure == "weighted mean":
            return people.weighted_mean(who, claim.name, weighted.base, parts)
        return people.weighted_share(who, claim.name, claim.codes, claim.base, parts)
