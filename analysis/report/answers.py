"""What a release answers to a hypothesis: its numbers beside what was said before, and what can be told from them.

Every number is the release's own; a share of several levels together and a difference of groups are computed from its
consistent cells with their covariances. Nothing is told that the margins do not carry.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from analysis.consistency.noisy_sums import Noisy, mean_and_variance, share_variance
from analysis.estimates.inference import Difference, InferenceError, Quantity, ReleaseModel, group_difference
from analysis.estimates.joint_cells import joint_sums
from analysis.estimates.saddlepoint import SampledNumber
from analysis.estimates.sampled_numbers import sampled_mean, sampled_share
from analysis.report.weighted_tables import WeightedTables, sampled_of
from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure, PilotShare
from survey.authoring.table_choice import (
    Tabulation,
    base_of_comparison,
    base_of_measure,
    choose_compared,
    choose_tables,
    reads_joint_cells,
)
from survey.questionnaire.bases import OF_SCORES, Base, base_of_levels
from survey.release.estimate import Estimate, Weighted
from survey.release.reader import Amount, part_of_one, span_of_scores
from survey.release.release import Release, Table
from survey.release.reliability import Z95, coarse, lost_in_noise, vague, weights_help

Population = dict[str, Any] | None
"""The filter of a released table, as a condition of the questionnaire; None where it is of everyone."""
State = Literal["reported", "too-few", "not-asked"]
STATES: tuple[State, ...] = ("reported", "too-few", "not-asked")
"""The most telling first."""
Verdict = Literal["larger", "smaller", "open"]


@dataclass(frozen=True)
class Interval:
    """A share or mean with the ends of its 95 % interval.

    `sampled`: what of it was sampled and what is noise, where that is known.
    """

    value: float
    low: float
    high: float
    sampled: SampledNumber | None = None

    @property
    def margin(self) -> float:
        """The half-width."""
        return (self.high - self.low) / 2

    def compared_with(self, low: float, high: float) -> Verdict:
        """Say whether this lies wholly above or below another range, or cannot be told apart from it."""
        if self.low > high:
            return "larger"
        return "smaller" if self.high < low else "open"


@dataclass(frozen=True)
class ReportedNumber:
    """A share or mean with what it is of: the noisy sizes of that base (`total`) and of all who were asked."""

    amount: Amount
    base: Base
    total: float
    asked: float
    sampled: SampledNumber | None = None

    @property
    def reliable(self) -> bool:
        """Whether it stands above its noise, and its margin leaves something worth a number."""
        return self.amount.reliable and not self.amount.vague

    @property
    def interval(self) -> Interval:
        """The ends of its 95 % interval."""
        return Interval(self.amount.value, self.amount.low, self.amount.high, self.sampled)


@dataclass(frozen=True)
class Answered:
    """What a release says of one measure; `weighted` where the table has weights. `best` of the two is compared.

    `joined`: the classes that weighting joined; `covers_population`: whether the weighted margin holds what they and
    cut weights leave out.
    `population`: the table's filter; with one the number is of a part of the people, and no answer for everyone.
    """

    measure: Measure
    state: State
    table: str = ""
    number: ReportedNumber | None = None
    weighted: ReportedNumber | None = None
    weights: Weighted | None = None
    population: Population = None

    @property
    def best(self) -> ReportedNumber | None:
        """The number that is compared: of the weighted and the plain one that with the smaller total error."""
        return self.weighted if self.weights_help else self.number

    @property
    def weights_help(self) -> bool:
        """Whether the weighted number is for the population, and nearer to it than the plain one as far as is seen."""
        if self.number is None or self.weighted is None or self.weights is None or not self.weights.covers_population:
            return False
        plain, weighted = ((one.amount.value, one.amount.margin) for one in (self.number, self.weighted))
        return weights_help(plain, weighted)

    @property
    def carries_verdicts(self) -> bool:
        """Whether the number is compared with a claim and a pilot, which are about everyone: reliable, and of all."""
        best = self.best
        return best is not None and self.population is None and best.reliable

    @property
    def mean(self) -> bool:
        return self.measure.codes is None


@dataclass(frozen=True)
class GroupComparison:
    """Two groups of one table beside each other; without a difference where one of them is too small.

    `vague`: the difference's margin leaves nothing worth a number.
    """

    comparison: Comparison
    table: str
    by: str
    groups: tuple[int, int]
    values: tuple[ReportedNumber, ReportedNumber] | None
    difference: Difference | None
    population: Population = None
    vague: bool = False

    @property
    def carries_verdict(self) -> bool:
        """Whether it is said which group is higher: as for a single number, only where both are to be relied on."""
        values = self.values or ()
        return bool(values) and not self.vague and all(one.reliable for one in values)

    @property
    def interval(self) -> Interval | None:
        """The difference with the ends of its 95 % interval."""
        if self.difference is None:
            return None
        value, margin = self.difference.value, self.difference.margin
        return Interval(value, value - margin, value + margin)


def exact(pilot: PilotShare) -> Interval:
    """Return a share of a few people with its exact 95 % interval (Clopper & Pearson 1934, Biometrika 26).

    Its ends are quantiles of beta distributions (Brown, Cai & DasGupta 2001, Statistical Science 16, section 4.2.1). Of
    "at least" so many the interval is open above: it holds those of every larger number.
    """
    said, others = pilot.said, pilot.of - pilot.said
    low = float(betaincinv(said, others + 1, 0.025)) if said else 0.0
    high = float(betaincinv(said + 1, others, 0.975)) if others and not pilot.at_least else 1.0
    return Interval(said / pilot.of, low, high)


@dataclass(frozen=True)
class ReportAnswers:
    """A release that is asked; its consistent cells, and the draws of each weighted table, are computed once."""

    release: Release
    numbers: ReleaseModel
    weights: WeightedTables

    @classmethod
    def of(cls, release: Release) -> "ReportAnswers":
        """Read a release for questions."""
        numbers = ReleaseModel.of(release)
        return cls(release, numbers, WeightedTables(release, numbers))

    def measure(self, measure: Measure, hypothesis: Hypothesis) -> Answered:
        """Return the number of a measure from the best table that has it, else that there are too few answers."""
        chosen = choose_tables(measure, hypothesis, map(_tabulation, self.release.tables))
        answers = []
        for table in chosen:
            answers.append(self._answer_from(measure, table))
            if answers[-1].state == STATES[0]:
                break
        return min(answers, key=lambda one: STATES.index(one.state), default=Answered(measure, "not-asked"))

    def comparisons(self, comparison: Comparison, hypothesis: Hypothesis) -> Iterator[GroupComparison]:
        """Yield a comparison for each second dimension that a table of the release has, from the best such table."""
        for by, groups in comparison.by.items():
            chosen = choose_compared(comparison, by, hypothesis, map(_tabulation, self.release.tables))
            candidates = [self._compared(comparison, self._table(one), by, groups) for one in chosen]
            if candidates:
                yield next((one for one in candidates if one.values is not None), candidates[0])

    def measures(self, hypothesis: Hypothesis) -> list[Answered]:
        """Return the number of each measure; of alternatives the first that the release has, or the nearest to one."""
        every = [[self.measure(one, hypothesis) for one in group] for group in hypothesis.alternatives]
        return [min(group, key=lambda one: STATES.index(one.state)) for group in every]

    def _answer_from(self, measure: Measure, chosen: Tabulation) -> Answered:
        answer = self._joint if reads_joint_cells(measure, chosen) else self._answered
        return answer(measure, self._table(chosen))

    def _joint(self, measure: Measure, table: Table) -> Answered:
        """Add up joint cells of a table that does not state the measure itself; there are no weighted ones."""
        wanted = {measure.of: measure.codes or (), **(measure.joint_with or {})}
        axis = next(axis for axis in table.dimensions if axis.id == measure.of)
        base, reading = base_of_measure(measure, axis), self.numbers.reading(table.id)
        noisy, places = joint_sums(reading, wanted, base)
        if noisy.few:
            return Answered(measure, "too-few", table.id)
        scores = np.array(axis.levels(base), dtype=np.float64)
        amount = together(noisy, places) if measure.codes else average(scores, noisy)
        sampled = sampled_share(noisy, places) if measure.codes else sampled_mean(scores, noisy)
        asked, _ = joint_sums(reading, wanted, "asked")
        number = ReportedNumber(amount, base, noisy.total, asked.total, sampled)
        return Answered(measure, "reported", table.id, number, population=table.population)

    def _table(self, chosen: Tabulation) -> Table:
        return next(table for table in self.release.tables if table.id == chosen.id)

    def _answered(self, measure: Measure, table: Table) -> Answered:
        whole = next((one for one in table.estimates if one.group is None and one.row is None), None)
        axis = table.dimensions[0]
        asked = axis.score if measure.codes is None else {*measure.codes} <= {*axis.asked}
        if whole is None or not asked:
            return Answered(measure, "not-asked", table.id)
        number = None if whole.abstained else self._number(measure, table, whole)
        if number is None:
            return Answered(measure, "too-few", table.id)
        weighted = self._weighted(measure, table, number)
        return Answered(measure, "reported", table.id, number, weighted, table.weighted, table.population)

    def _number(self, measure: Measure, table: Table, whole: Estimate) -> ReportedNumber | None:
        if measure.codes is None:
            return self._mean(table, whole)
        return self._share(table, whole, measure.codes, measure.base)

    def _mean(self, table: Table, estimate: Estimate) -> ReportedNumber | None:
        axis = table.dimensions[0]
        amount, noisy = Amount.of_mean(estimate.mean, span_of_scores(axis)), self._noisy(table, estimate, OF_SCORES)
        if amount is None:
            return None
        scores = np.array(axis.levels(OF_SCORES), dtype=np.float64)
        return _based(amount, estimate, OF_SCORES, sampled_mean(scores, noisy) if noisy else None)

    def _share(
        self, table: Table, estimate: Estimate, codes: Sequence[int], declared: Base | None
    ) -> ReportedNumber | None:
        """Return the share of levels together on a base, by default the table's; None where noise leaves none.

        Where the release has that very share it is taken from there.
        """
        axis = table.dimensions[0]
        base = base_of_levels(codes, declared or axis.base)
        noisy, levels = self._noisy(table, estimate, base), axis.levels(base)
        places = [levels.index(code) for code in codes]
        sampled = sampled_share(noisy, places) if noisy else None
        released = next((share for share in estimate.shares if (share.code,) == (*codes,) and share.base == base), None)
        if released is not None:
            # The shares of a list experiment are within each of its lists.
            return _based(Amount.of_share(released), estimate, base, None if axis.list else sampled)
        return None if noisy is None else _based(together(noisy, places), estimate, base, sampled)

    def _noisy(self, table: Table, estimate: Estimate, base: Base) -> Noisy | None:
        """Return the cells that an estimate is of; None where they are lost in noise."""
        try:
            return self.numbers.group(table.id, estimate.group, estimate.row, base)
        except InferenceError:
            return None

    def _weighted(self, measure: Measure, table: Table, plain: ReportedNumber) -> ReportedNumber | None:
        """Return the weighted number; None where there is none, or where it is of another base than the plain one."""
        weighted = table.weighted
        if weighted is None or weighted.abstained:
            return None
        if measure.codes is None:
            amount = Amount.of_mean(weighted.mean, span_of_scores(table.dimensions[0]))
        elif plain.base == weighted.base:
            amount = self._weighted_share(table.id, weighted, measure.codes, reliable=plain.amount.reliable)
        else:
            amount = None
        if amount is None:
            return None
        sampled = sampled_of(table, weighted, amount, plain.total, mean=measure.codes is None)
        return replace(plain, amount=amount, sampled=sampled if plain.sampled else None)

    def _weighted_share(self, table: str, weighted: Weighted, codes: Sequence[int], *, reliable: bool) -> Amount | None:
        """Return the weighted share of levels; several together are reliable where they are so unweighted as well."""
        chosen = [share for share in weighted.shares if share.code in codes]
        if len(chosen) != len(codes):
            return None
        share = chosen[0] if len(chosen) == 1 else self.weights.together(table, weighted, codes)
        if share is None:
            return None
        amount = Amount.of_share(share)
        return _amount(amount.value, amount.margin, reliable=share.reliable and (len(chosen) == 1 or reliable))

    def _group(self, table: Table, group: int, of: Quantity) -> ReportedNumber | None:
        estimate = next((each for each in table.estimates if each.group == group and each.row is None), None)
        if estimate is None or estimate.abstained:
            return None
        return self._mean(table, estimate) if of.code is None else self._share(table, estimate, (of.code,), of.base)

    def _compared(self, comparison: Comparison, table: Table, by: str, groups: tuple[int, int]) -> GroupComparison:
        of = Quantity(comparison.code, base=base_of_comparison(comparison, table.dimensions[0]))
        values = [self._group(table, group, of) for group in groups]
        try:
            difference = group_difference(self.numbers, table.id, groups, of)
        except InferenceError:
            difference = None
        first, second = values
        pair = (first, second) if first and second and difference else None
        shown_difference = difference if pair else None
        span = 2 * (1.0 if of.code is not None else span_of_scores(table.dimensions[0]))
        unsure = shown_difference is not None and vague(shown_difference.margin, span)
        return GroupComparison(comparison, table.id, by, groups, pair, shown_difference, table.population, unsure)


def together(noisy: Noisy, places: list[int]) -> Amount:
    """Return the share of several levels of one answer together, by the release's own rules for one level."""
    rows = np.zeros((1, len(noisy.cells)))
    rows[0, places] = 1.0
    joined = noisy.mapped(rows)
    share = float(joined.cells[0]) / noisy.total
    error = math.sqrt(float(share_variance(np.array([share]), joined)[0]))
    margin = noisy.widening * Z95 * error
    lost = lost_in_noise(float(joined.cells[0]), math.sqrt(float(np.broadcast_to(joined.cell, (1,))[0])))
    return _amount(share, margin, reliable=not lost and not coarse(share, margin))


def average(scores: NDArray[np.float64], noisy: Noisy) -> Amount:
    """Return the mean of a score over cells (K,) of one dimension, `scores` (K,) being their levels."""
    mean, variance = mean_and_variance(scores, noisy)
    return Amount.around(mean, noisy.widening * Z95 * math.sqrt(variance), float(scores.max() - scores.min()))


def _tabulation(table: Table) -> Tabulation:
    weighted = table.weighted is not None and table.weighted.abstained is None
    return Tabulation(table.id, table.dimensions, table.population is not None, weighted, table.hypotheses)


def _based(amount: Amount, estimate: Estimate, base: Base, sampled: SampledNumber | None) -> ReportedNumber:
    """Return a number with what it is of, and the sizes of that and of all who were asked."""
    sizes = estimate.sizes
    return ReportedNumber(amount, base, sizes.of(base).number, sizes.asked.number, sampled)


def _amount(value: float, margin: float, *, reliable: bool) -> Amount:
    low, high = part_of_one(value - margin), part_of_one(value + margin)
    return Amount(value, margin, low, high, reliable=reliable, vague=vague(margin, 1.0))
