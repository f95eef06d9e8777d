"""What a release answers to a hypothesis: its numbers beside what was said before, and what can be told from them.

Every number is the release's own; a share of several levels together and a difference of groups are computed from its
consistent cells with their covariances. Nothing is told that the margins do not carry.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from analysis.consistency.noisy_sums import Noisy, mean_and_variance, share_variance
from analysis.estimates.inference import Difference, InferenceError, Numbers, group_difference
from analysis.estimates.joint_cells import joint_sums
from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure, PilotShare
from survey.authoring.table_choice import Tabulation, choose_compared, choose_tables, reads_joint_cells
from survey.release.reader import Amount, part_of_one
from survey.release.release import Estimate, Mean, Release, Share, Table
from survey.release.reliability import Z95, coarse, drowned

Population = dict[str, Any] | None
"""The filter of a released table, as a condition of the questionnaire; None where it is of everyone."""
State = Literal["told", "too-few", "not-asked"]
STATES: tuple[State, ...] = ("told", "too-few", "not-asked")
"""The most telling first."""
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
    """What a release says of one measure; `weighted` where the table has weights, which is then what is compared.

    `population`: the table's filter; with one the number is of a part of the people, and no answer for everyone.
    """

    measure: Measure
    state: State
    table: str = ""
    number: Number | None = None
    weighted: Number | None = None
    weights: tuple[str, ...] = ()
    population: Population = None

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
    population: Population = None

    @property
    def verdict(self) -> Verdict:
        if self.difference is None:
            return "open"
        value, margin = self.difference.value, self.difference.margin
        return Interval(value, value - margin, value + margin).beside(0.0, 0.0)


def exact(seven: PilotShare) -> Interval:
    """Return a share of a few people with its exact 95 % interval (Clopper & Pearson 1934, Biometrika 26).

    Of "at least" so many the interval is open above: it holds those of every larger number.
    """
    interval = binomtest(seven.said, seven.of).proportion_ci(confidence_level=0.95, method="exact")
    return Interval(seven.said / seven.of, float(interval.low), 1.0 if seven.at_least else float(interval.high))


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
        """Return what the release says of a measure: from the best table that tells it, else that they are too few."""
        chosen = choose_tables(measure, hypothesis, map(_tabulation, self.release.tables))
        candidates = [self._answer_from(measure, table) for table in chosen]
        for state in STATES:
            matching = next((one for one in candidates if one.state == state), None)
            if matching is not None:
                return matching
        return Answered(measure, "not-asked")

    def comparisons(self, comparison: Comparison, hypothesis: Hypothesis) -> Iterator[GroupComparison]:
        """Yield a comparison for each second dimension that a table of the release has."""
        for by, groups in comparison.by.items():
            chosen = choose_compared(comparison, by, hypothesis, map(_tabulation, self.release.tables))
            if chosen:
                yield self._compared(comparison, self._table(chosen[0]), by, groups)

    def measures(self, hypothesis: Hypothesis) -> list[Answered]:
        """Return what the release says of each measure: of alternatives the first that it tells, or of which most."""
        every = [[self.measure(one, hypothesis) for one in group] for group in hypothesis.alternatives]
        return [min(group, key=lambda one: STATES.index(one.state)) for group in every]

    def _answer_from(self, measure: Measure, chosen: Tabulation) -> Answered:
        answer = self._joint if reads_joint_cells(measure, chosen) else self._answered
        return answer(measure, self._table(chosen))

    def _joint(self, measure: Measure, table: Table) -> Answered:
        """Add up joint cells of a table that does not state the measure itself; there are no weighted ones."""
        wanted = {measure.of: measure.codes or (), **(measure.joint_with or {})}
        noisy, places = joint_sums(self.numbers.reading(table.id), wanted)
        if noisy.few:
            return Answered(measure, "too-few", table.id)
        if measure.codes is not None:
            number = together(noisy, places)
        else:
            axis = next(axis for axis in table.dimensions if axis.id == measure.of)
            number = average(np.array(axis.substantive, dtype=np.float64), noisy)
        return Answered(measure, "told", table.id, number, population=table.population)

    def _table(self, chosen: Tabulation) -> Table:
        return next(table for table in self.release.tables if table.id == chosen.id)

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
        weights = table.weighted.by if table.weighted else ()
        return Answered(measure, "told", table.id, number, weighted, weights, table.population)

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
        told = difference if pair else None
        return GroupComparison(comparison, table.id, by, groups, pair, told, table.population)


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


def average(scores: NDArray[np.float64], noisy: Noisy) -> Number:
    """Return the mean of a score over cells (K,) of one dimension, `scores` (K,) being their levels."""
    mean, variance = mean_and_variance(scores, noisy)
    return Number(Amount.around(mean, noisy.widening * Z95 * math.sqrt(variance)), noisy.total)


def _tabulation(table: Table) -> Tabulation:
    weighted = table.weighted is not None and table.weighted.abstained is None
    return Tabulation(table.id, table.dimensions, table.population is not None, weighted, table.hypotheses)


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
