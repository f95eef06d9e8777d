"""Questions about two groups, two waves or two scales: differences, correlations, tests; from releases, at no cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.consistency.blocks import Measured
from analysis.consistency.groups import Group, Reading, readings
from analysis.consistency.least_squares import Consistent, make_consistent
from analysis.consistency.noisy_sums import Noisy, mean_and_variance, share_variance
from analysis.estimates.saddlepoint import SampledNumber
from analysis.estimates.sampled_numbers import sampled_difference, sampled_mean, sampled_share
from analysis.study.release_file import ReleaseError
from survey.plan.dimension import Dimension
from survey.questionnaire.bases import OF_SCORES, Base, base_of_level
from survey.release.release import Release
from survey.release.reliability import Z95

Array = NDArray[np.float64]

WORST = 0.99
"""Correlations this near to 1 are not described by Fisher's transformation: a table gives no such precision."""


class InferenceError(ReleaseError):
    """A question that the release does not answer; the message says which part of it is not there."""


class AbstainedError(InferenceError):
    """A group that is lost in noise: nothing is said about it."""


@dataclass(frozen=True)
class Difference:
    """One value less another, with its 95 % half-width and the two-sided p-value of no difference.

    The p-value is the larger of the half-width's normal one and of the skewed tail of the saddlepoint.
    """

    value: float
    margin: float
    p: float


@dataclass(frozen=True)
class Correlation:
    """A correlation of two ordinal dimensions with its 95 % interval (Fisher's transformation).

    `total`: about how many gave both an answer that has a place in an order. `left_out`: how many more were asked both.
    """

    value: float
    low: float
    high: float
    total: float
    left_out: float


@dataclass(frozen=True)
class ReleaseModel:
    """A release ready for questions: everything that its tables know together."""

    consistent: Consistent
    tables: dict[str, Measured]

    @classmethod
    def of(cls, release: Release) -> Self:
        """Read a release; its consistent tables are computed again from the noisy integers."""
        return cls.measured([Measured.of(table) for table in release.tables], release.box.count)

    @classmethod
    def measured(cls, tables: Sequence[Measured], size: int) -> Self:
        """Read tables of one release over `size` records."""
        return cls(make_consistent(tables, size), {table.id: table for table in tables})

    def reading(self, table: str, row: str | None = None) -> Reading:
        """Return one table (of a grid: one row); raise InferenceError where it is not there."""
        reading = self._readings.get((table, row))
        if reading is None:
            raise InferenceError(f"the release has no table {table}" + (f" with a row {row}" if row else ""))
        return reading

    @cached_property
    def _readings(self) -> dict[tuple[str, str | None], Reading]:
        every = (one for table in self.tables.values() for one in readings(self.consistent, table))
        return {(one.table.id, one.row): one for one in every}

    def group(self, table: str, group: Group, row: str | None = None, base: Base | None = None) -> Noisy:
        """Return what a table holds of one group on a base, by default that of the table's first dimension.

        Raises AbstainedError where that is lost in noise, InferenceError where the table does not describe the group.
        """
        reading = self.reading(table, row)
        answers = reading.by_group.get(group)
        if answers is None:
            raise InferenceError(f"table {table} does not describe the group {group}")
        noisy = answers.on(base or reading.axes[0].base)
        if noisy.few:
            raise AbstainedError(f"the group {group} of table {table} is too small for a private answer")
        return noisy


@dataclass(frozen=True)
class Quantity:
    """What two groups are compared by: the share of level `code`, or (None) the mean of a score.

    `row`: which row of a grid. `base`: what shares are of, by default as the table's first dimension declares.
    """

    code: int | None = None
    row: str | None = None
    base: Base | None = None

    def base_in(self, axis: Dimension) -> Base:
        """Return its base in a table of which `axis` is the first dimension.

        Raises InferenceError where the level is no part of the base that was asked for.
        """
        if self.code is None:
            return OF_SCORES
        base = base_of_level(self.code, self.base or axis.base)
        if self.base not in (None, base):
            raise InferenceError(f"level {self.code} of {axis.id} is no part of the base {self.base}: take {base}")
        return base


@dataclass(frozen=True)
class _Value:
    """A share or mean with its variance, the number of people it is of, and its slope by each cell of its base.

    `widening` is by how much its standard error was widened for a total that noise doubts; `variance` holds it.
    `sampled`: what of it was sampled and what is noise; None of answers that the phone drew at random.
    """

    value: float
    variance: float
    widening: float
    total: float
    slopes: Array
    sampled: SampledNumber | None


MEAN = Quantity()
"""The mean of a score."""


def group_difference(numbers: ReleaseModel, table: str, groups: tuple[int, int], of: Quantity = MEAN) -> Difference:
    """Return the difference of a share or of the mean score between two groups of one table.

    `groups` are codes of the table's second dimension. The groups are different people, so sampling adds up; their
    noise is correlated once tables are consistent, and its exact covariance is used (delta method). A widened standard
    error is that of an error w e in place of e, so that Var(w e - w' e') = w^2 Var e + w'^2 Var e' - 2 w w' Cov(e, e'):
    the covariance is widened by both factors.
    """
    reading = numbers.reading(table, of.row)
    if reading.axes[0].multi and of.code is None:
        raise InferenceError("a multi question has no mean: name a code")
    if len(reading.axes) == 1 or reading.axes[1].threshold is not None or reading.axes[1].multi:
        raise InferenceError("groups are levels of a second dimension of one answer each that was not randomised")
    base = of.base_in(reading.axes[0])
    first, last = (_value(reading, numbers.group(table, group, of.row, base), of) for group in groups)
    shared = first.widening * last.widening * _covariance(reading, groups, (first, last), of)
    return _difference(first, last, shared)


def wave_difference(
    waves: tuple[ReleaseModel, ReleaseModel], table: str, group: Group = None, of: Quantity = MEAN
) -> Difference:
    """Return how a share or mean changed from the first release to the second, both with a table of this id.

    Noise of different releases is independent and so is sampling where different people answered; where the same
    people did, answers that agree make the true margin smaller than this one.
    """
    values = []
    for numbers in waves:
        reading = numbers.reading(table, of.row)
        base = of.base_in(reading.axes[0])
        values.append(_value(reading, numbers.group(table, group, of.row, base), of))
    before, after = values
    return _difference(after, before, 0.0)


def correlation(numbers: ReleaseModel, table: str, *, ranks: bool = True, row: str | None = None) -> Correlation:
    """Return Spearman's rank correlation (or Pearson's of the codes) of a table's first two dimensions.

    Tied levels have mid-ranks. Margin: delta method on Fisher's z with the gradient by each cell; multinomial sampling
    and the exact noise covariance of the consistent cells (Agresti 2013, Categorical Data Analysis, 16.1, for the
    delta method on tables). Raises AbstainedError where the noise leaves no variance to correlate.
    """
    reading = numbers.reading(table, row)
    cells, noise, scores, asked = _pair(reading)
    if float(cells.sum()) <= 0:
        raise AbstainedError(f"table {table} is lost in noise")
    value = _correlated(cells, scores, ranks=ranks)
    slopes = _gradient(cells, scores, ranks=ranks)
    flat = np.maximum(cells, 0.0).ravel()
    centred = slopes - float(slopes @ flat) / flat.sum()
    variance = float(centred**2 @ flat) + float(slopes @ noise @ slopes)
    if not math.isfinite(value) or not math.isfinite(variance) or abs(value) > WORST:
        raise AbstainedError(f"table {table} is too noisy for a correlation")
    reach = Z95 * math.sqrt(variance) / (1 - value**2)
    ends = math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach)
    return Correlation(value, *ends, float(cells.sum()), asked - float(cells.sum()))


def independence(
    numbers: ReleaseModel, table: str, *, draws: int = 999, seed: int = 1, row: str | None = None
) -> float:
    """Return the p-value of independence of a table's two dimensions, substantive levels only, noise accounted for.

    Statistic sum (y - E)^2 / (E + sigma^2) over the table's own noisy integers, E from its margins; null distribution
    by parametric bootstrap: a sample of independent answers plus fresh noise, E estimated again. The ordinary
    chi-squared test rejects a true null up to always. Source: Gaboardi, Lim, Rogers & Vadhan 2016 (ICML, arXiv
    1602.03090), Monte-Carlo test. At the level alpha: (1 + number at least as far) / (1 + draws).
    """
    reading = numbers.reading(table, row)
    if len(reading.axes) != 2 or any(axis.multi or axis.threshold for axis in reading.axes):  # noqa: PLR2004 - a pair
        raise InferenceError("independence is asked of two dimensions of one answer each, not randomised")
    keep = [[axis.codes.index(code) for code in axis.substantive] for axis in reading.axes]
    cells = reading.block.readable[np.ix_(*keep)]
    sigma2 = reading.block.variance
    expected = _independent(cells)
    if expected is None:
        raise AbstainedError(f"table {table} is lost in noise")
    chance = np.random.default_rng(seed)  # noqa: TID251 - draws from a release, and says its seed
    shares = expected / expected.sum()
    people = chance.multinomial(max(round(float(cells.sum())), 1), shares.ravel(), size=draws)
    drawn = people.reshape(draws, *cells.shape) + chance.normal(0.0, math.sqrt(sigma2), (draws, *cells.shape))
    far = sum(_statistic(one, sigma2) >= _statistic(cells, sigma2) for one in drawn)
    return (1 + far) / (1 + draws)


def holm(ps: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for having looked at all of them, in their order (Holm 1979, Scand. J. Stat. 6)."""
    adjusted, worst = [1.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        worst = max(worst, min((len(ps) - rank) * ps[index], 1.0))
        adjusted[index] = worst
    return adjusted


def _value(reading: Reading, noisy: Noisy, of: Quantity) -> _Value:
    axis = reading.axes[0]
    wider, levels = noisy.widening, axis.levels(of.base_in(axis))
    if of.code is None:
        scores = np.array(levels, dtype=np.float64)
        mean, variance = mean_and_variance(scores, noisy)
        slopes = (scores - mean) / noisy.total
        return _Value(mean, wider**2 * variance, wider, noisy.total, slopes, sampled_mean(scores, noisy))
    if of.code not in levels:
        raise InferenceError(f"{axis.id} has no level {of.code}")
    index = levels.index(of.code)
    shares = noisy.cells / noisy.total
    variance = float(share_variance(shares, noisy)[index])
    slopes = ((np.arange(len(shares)) == index) - shares[index]) / noisy.total
    sampled = sampled_share(noisy, (index,))
    return _Value(float(shares[index]), wider**2 * variance, wider, noisy.total, slopes, sampled)


def _covariance(reading: Reading, groups: tuple[int, int], values: tuple[_Value, _Value], of: Quantity) -> float:
    """Return the covariance that the noise gives to the values of two groups of the second dimension, not widened."""
    axis, (first, last) = reading.axes[0], values
    left, right = ({reading.axes[1].id: group} for group in groups)
    levels = axis.levels(of.base_in(axis))
    if not axis.multi:
        return float(first.slopes @ reading.cross({axis.id: levels}, left, right) @ last.slopes)
    # Levels of several answers are measured one by one, each alike. A total is the group's size less those that are not
    # asked and those who are, but stand outside of the base.
    level = {axis.id: levels[0]}
    cell = float(reading.cross({}, left | level, right | level)[0, 0])
    outside = 1 + len(axis.asked) - len(levels)
    totals = reading.size_covariance(left, right) + outside * cell
    return (cell + first.value * last.value * totals) / (first.total * last.total)


def _difference(one: _Value, other: _Value, shared: float) -> Difference:
    """Return one value less another; `shared`: the covariance of their noise, widened as their variances are."""
    value = one.value - other.value
    error = math.sqrt(max(one.variance + other.variance - 2 * shared, 0.0))
    if error == 0:
        return Difference(value, 0.0, 1.0)
    sampled = sampled_difference(one.sampled, other.sampled, shared)
    normal = float(2 * ndtr(-abs(value) / error))
    return Difference(value, Z95 * error, max(normal, sampled.p_value(value, 0.0)) if sampled else normal)


def _pair(reading: Reading) -> tuple[Array, Array, tuple[Array, Array], float]:
    """Return the cells of the first two dimensions' options (J, K), their noise, both scores, and how many were asked.

    "None of these" has no place in an order, so it is left out here as "don't know" is.
    """
    if len(reading.axes) < 2 or any(axis.multi or axis.threshold for axis in reading.axes):  # noqa: PLR2004
        raise InferenceError("a correlation is of two dimensions of one answer each, not randomised")
    first, second = reading.axes[:2]
    chosen, kept = [{second.id: code} for code in second.options], {first.id: first.options}
    sums = [reading.sums(kept, group) for group in chosen]
    blocks = [[reading.cross(kept, one, other) for other in chosen] for one in chosen]
    noise = np.block(blocks)
    order = np.arange(len(noise)).reshape(len(chosen), -1).T.ravel()
    cells = np.array([one.values for one in sums]).T
    scores = np.array(first.options, dtype=np.float64), np.array(second.options, dtype=np.float64)
    asked = reading.sums({first.id: first.asked, second.id: second.asked}, {})
    return cells, noise[np.ix_(order, order)], scores, float(asked.values.sum())


def _correlated(cells: Array, scores: tuple[Array, Array], *, ranks: bool) -> float:
    shares = cells / cells.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    if ranks:
        scores = _midranks(rows, scores[0]), _midranks(columns, scores[1])
    centred = scores[0] - rows @ scores[0], scores[1] - columns @ scores[1]
    spread = float(rows @ centred[0] ** 2) * float(columns @ centred[1] ** 2)
    return float(centred[0] @ shares @ centred[1]) / math.sqrt(spread) if spread > 0 else math.nan


def _midranks(shares: Array, scores: Array) -> Array:
    """Return each level's mid-rank as a share of all, in the order of the scores."""
    order = np.argsort(scores)
    ranks = np.empty_like(shares)
    ranks[order] = np.cumsum(shares[order]) - shares[order] / 2
    return ranks


def _gradient(cells: Array, scores: tuple[Array, Array], *, ranks: bool) -> Array:
    """Return the slope of the correlation by each cell, flat: central differences of a hundredth of a thousandth."""
    step = float(cells.sum()) * 1e-5
    slopes = np.empty(cells.size)
    for index in range(cells.size):
        moved = np.zeros(cells.size)
        moved[index] = step
        up, down = (_correlated(cells + sign * moved.reshape(cells.shape), scores, ranks=ranks) for sign in (1, -1))
        slopes[index] = (up - down) / (2 * step)
    return slopes


def _independent(cells: Array) -> Array | None:
    """Return what is expected without any association: from margins that are not negative; None without a total."""
    rows, columns = np.maximum(cells.sum(axis=1), 0.0), np.maximum(cells.sum(axis=0), 0.0)
    total = float(cells.sum())
    if total <= 0 or rows.sum() <= 0 or columns.sum() <= 0:
        return None
    return np.outer(rows / rows.sum(), columns / columns.sum()) * total


def _statistic(cells: Array, sigma2: float) -> float:
    expected = _independent(cells)
    return math.inf if expected is None else float(((cells - expected) ** 2 / (expected + sigma2)).sum())
