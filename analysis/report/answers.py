"""What a release answers to a hypothesis: its numbers beside what was said before, and what can be told from them.

Every number is the release's own; a share of several levels together and a difference of groups are computed from its
consistent cells with their covariances. Nothing is told that the margins do not carry.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import binomtest

from analysis.consistency.noisy_sums import Noisy, share_variance
from analysis.estimates.inference import Difference, InferenceError, Numbers, group_difference
from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure, PilotShare
from survey.release.reader import Amount, part_of_one
from survey.release.release import Estimate, Mean, Release, Share, Table
from survey.release.reliability import Z95, coarse, drowned

State = Literal["told", "too-few", "not-asked"]
Verdict = Literal["larger", "smaller", "open"]


@dataclass(frozen=True)
class Interval:
    """A share or mean with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """The half-width."""
        return (self.high - self.low) / 2

    def beside(self, low: float, high: float) -> Verdict:
        """Say whether this lies wholly above or below another range, or cannot be told apart from it."""
        if self.low > high:
            return "larger"
        return "smaller" if self.high < low else "open"


@dataclass(frozen=True)
class Number:
    """A share or mean with about how many answers it is of."""

    amount: Amount
    total: float

    @property
    def interval(self) -> Interval:
        """The ends of its 95 % interval."""
        return Interval(self.amount.value, self.amount.low, self.amount.high)


@dataclass(frozen=True)
class Answered:
    """What a release says of one measure; `weighted` where the table has weights, which is then what is compared."""

    measure: Measure
    state: State
    table: str = ""
    number: Number | None = None
    weighted: Number | None = None
    weights: tuple[str, ...] = ()

    @property
    def best(self) -> Number | None:
        """The number that is compared: weighted where there is one."""
        return self.weighted or self.number

    @property
    def mean(self) -> bool:
        return self.measure.codes is None


@dataclass(frozen=True)
class GroupComparison:
    """Two groups of one table beside each other; without a difference where one of them is too small."""

    comparison: Comparison
    table: str
    by: str
    groups: tuple[int, int]
    values: tuple[Number, Number] | None
    difference: Difference | None

    @property
    def verdict(self) -> Verdict:
        if self.difference is None:
            return "open"
        value, margin = self.difference.value, self.difference.margin
        return Interval(value, value - margin, value + margin).beside(0.0, 0.0)


def exact(seven: PilotShare) -> Interval:
    """Return a share of a few people with its exact 95 % interval (Clopper & Pearson 1934, Biometrika 26)."""
    interval = binomtest(seven.said, seven.of).proportion_ci(confidence_level=0.95, method="exact")
    return Interval(seven.said / seven.of, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class ReportAnswers:
    """A release that is asked; its consistent cells are computed once."""

    release: Release
    numbers: Numbers

    @classmethod
    def of(cls, release: Release) -> "ReportAnswers":
        """Read a release for questions."""
        return cls(release, Numbers.of(release))

    def measure(self, measure: Measure, hypothesis: Hypothesis) -> Answered:
        """Return what the release says of a measure: from the table that the hypothesis names, else from the surest."""
        candidates = [self._answered(measure, table) for table in self._tables(measure.of, hypothesis)]
        for state in ("told", "too-few"):
            matching = [one for one in candidates if one.state == state]
            if matching:
                return next((one for one in matching if one.weighted), matching[0])
        return Answered(measure, "not-asked")

    def comparisons(self, comparison: Comparison) -> Iterator[GroupComparison]:
        """Yield a comparison for each second dimension that a table of the release has."""
        for by, groups in comparison.by.items():
            table = next((one for one in self.release.tables if _asks(one, comparison.of, by)), None)
            if table is not None:
                yield self._compared(comparison, table, by, groups)

    def _tables(self, dimension: str, hypothesis: Hypothesis) -> list[Table]:
        """Return the tables that ask it: those of the hypothesis first, those without a filter before others."""
        asking = [table for table in self.release.tables if _asks(table, dimension)]
        planned = {*hypothesis.tables}
        return sorted(asking, key=lambda one: (one.id not in planned and hypothesis.id not in one.hypotheses, one.id))

    def _answered(self, measure: Measure, table: Table) -> Answered:
        whole = next((one for one in table.estimates if one.group is None and one.row is None), None)
        levels = {*table.dimensions[0].substantive}
        if whole is None or not {*(measure.codes or ())} <= levels or (measure.codes is None and whole.mean is None):
            few = whole is not None and whole.abstained is not None
            return Answered(measure, "too-few" if few else "not-asked", table.id)
        if whole.abstained:
            return Answered(measure, "too-few", table.id)
        number = self._number(measure, table, whole)
        if number is None:
            return Answered(measure, "too-few", table.id)
        weighted = _weighted(measure, table, number)
        return Answered(measure, "told", table.id, number, weighted, table.weighted.by if table.weighted else ())

    def _number(self, measure: Measure, table: Table, whole: Estimate) -> Number | None:
        if measure.codes is None:
            return _mean(whole.mean, whole.total)
        if len(measure.codes) == 1:
            share = next((one for one in whole.shares if one.code == measure.codes[0]), None)
            return None if share is None else _share(share, whole.total)
        try:
            noisy = self.numbers.group(table.id, None)
        except InferenceError:
            return None
        axis = table.dimensions[0].substantive
        return together(noisy, [axis.index(code) for code in measure.codes])

    def _compared(self, comparison: Comparison, table: Table, by: str, groups: tuple[int, int]) -> GroupComparison:
        values = [_group(table, group, comparison.code) for group in groups]
        try:
            difference = group_difference(self.numbers, table.id, groups, comparison.code)
        except InferenceError:
            difference = None
        first, second = values
        pair = (first, second) if first and second and difference else None
        return GroupComparison(comparison, table.id, by, groups, pair, difference if pair else None)


def together(noisy: Noisy, places: list[int]) -> Number:
    """Return the share of several levels of one answer together, by the release's own rules for one level."""
    rows = np.zeros((1, len(noisy.cells)))
    rows[0, places] = 1.0
    joined = noisy.mapped(rows)
    share = float(joined.cells[0]) / noisy.total
    error = math.sqrt(float(share_variance(np.array([share]), joined)[0]))
    margin = noisy.widening * Z95 * error
    lost = drowned(float(joined.cells[0]), math.sqrt(float(np.broadcast_to(joined.cell, (1,))[0])))
    return _number(share, margin, noisy.total, reliable=not lost and not coarse(share, margin))


def _asks(table: Table, dimension: str, by: str | None = None) -> bool:
    axes = [axis.id for axis in table.dimensions]
    plain = table.dimensions[0].rows is None and not table.dimensions[0].list
    return plain and axes[0] == dimension and (by is None or (len(axes) > 1 and axes[1] == by))


def _group(table: Table, group: int, code: int | None) -> Number | None:
    estimate = next((one for one in table.estimates if one.group == group and one.row is None), None)
    if estimate is None or estimate.abstained:
        return None
    if code is None:
        return _mean(estimate.mean, estimate.total)
    share = next((one for one in estimate.shares if one.code == code), None)
    return None if share is None else _share(share, estimate.total)


def _weighted(measure: Measure, table: Table, plain: Number) -> Number | None:
    """Return the weighted number.

    Several levels have the sum of their margins, or of the others': never smaller than their joint margin.
    """
    weighted = table.weighted
    if weighted is None or weighted.abstained:
        return None
    if measure.codes is None:
        return _mean(weighted.mean, plain.total)
    chosen = [one for one in weighted.shares if one.code in measure.codes]
    if len(chosen) == 1:
        return _share(chosen[0], plain.total)
    others = [one for one in weighted.shares if one.code not in measure.codes]
    margin = min(sum(one.margin for one in part) for part in (chosen, others) if part)
    share = sum(one.share for one in chosen)
    return _number(share, margin, plain.total, reliable=plain.amount.reliable and not coarse(share, margin))


def _share(share: Share, total: float) -> Number:
    return Number(Amount.of_share(share), total)


def _mean(mean: Mean | None, total: float) -> Number | None:
    amount = Amount.of_mean(mean)
    return None if amount is None else Number(amount, total)


def _number(value: float, margin: float, total: float, *, reliable: bool) -> Number:
    low, high = part_of_one(value - margin), part_of_one(value + margin)
    return Number(Amount(value, margin, low, high, reliable=reliable), total)
