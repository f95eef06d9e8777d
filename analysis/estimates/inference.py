"""Questions about two groups, two waves or two scales: differences, correlations, tests; from releases, at no cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from analysis.consistency.blocks import Measured
from analysis.consistency.groups import Group, Reading, readings
from analysis.consistency.least_squares import Consistent, make_consistent
from analysis.consistency.noisy_sums import Noisy, mean_and_variance, share_variance
from analysis.study.release_file import ReleaseError
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
    """One value less another, with its 95 % half-width and the two-sided p-value of no difference."""

    value: float
    margin: float
    p: float


@dataclass(frozen=True)
class Correlation:
    """A correlation of two ordinal dimensions with its 95 % interval (Fisher's transformation)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Numbers:
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
        for reading in readings(self.consistent, self.tables[table]) if table in self.tables else ():
            if reading.row == row:
                return reading
        raise InferenceError(f"the release has no table {table}" + (f" with a row {row}" if row else ""))

    def group(self, table: str, group: Group, row: str | None = None) -> Noisy:
        """Return what a table holds of one group; raise AbstainedError where that is lost in noise."""
        group_cells = dict(self.reading(table, row).groups()).get(group)
        if group_cells is None:
            raise InferenceError(f"table {table} does not describe the group {group}")
        if group_cells.few:
            raise AbstainedError(f"the group {group} of table {table} is too small for a private answer")
        return group_cells


@dataclass(frozen=True)
class _Value:
    """A share or mean with its variance and its slope by each cell of its group."""

    value: float
    variance: float
    slopes: Array


def group_difference(
    numbers: Numbers, table: str, groups: tuple[int, int], code: int | None = None, row: str | None = None
) -> Difference:
    """Return the difference of a share (of level `code`), or of the mean score, between two groups of one table.

    `groups` are codes of the table's second dimension. The groups are different people, so sampling adds up; their
    noise is correlated once tables are consistent, and its exact covariance is used (delta method).
    """
    reading = numbers.reading(table, row)
    if reading.axes[0].multi and code is None:
        raise InferenceError("a multi question has no mean: name a code")
    if len(reading.axes) == 1 or reading.axes[1].threshold is not None:
        raise InferenceError("groups are levels of a second dimension that was not randomised")
    first, last = (_value(reading, numbers.group(table, group, row), code) for group in groups)
    second = reading.axes[1].id
    joint = _cross(reading, {second: groups[0]}, {second: groups[1]}, code)
    variance = first.variance + last.variance - 2 * float(first.slopes @ joint @ last.slopes)
    return _difference(first.value - last.value, max(variance, 0.0))


def wave_difference(
    waves: tuple[Numbers, Numbers], table: str, group: Group = None, code: int | None = None, row: str | None = None
) -> Difference:
    """Return how a share or mean changed from the first release to the second, both with a table of this id.

    Noise of different releases is independent and so is sampling where different people answered; where the same
    people did, answers that agree make the true margin smaller than this one.
    """
    before, after = (_value(one.reading(table, row), one.group(table, group, row), code) for one in waves)
    return _difference(after.value - before.value, before.variance + after.variance)


def correlation(numbers: Numbers, table: str, *, ranks: bool = True, row: str | None = None) -> Correlation:
    """Return Spearman's rank correlation (or Pearson's of the codes) of a table's first two dimensions.

    Tied levels have mid-ranks. Margin: delta method on Fisher's z with the gradient by each cell; multinomial sampling
    and the exact noise covariance of the consistent cells (Agresti 2013, Categorical Data Analysis, 16.1, for the
    delta method on tables). Raises AbstainedError where the noise leaves no variance to correlate.
    """
    reading = numbers.reading(table, row)
    cells, noise, scores = _pair(reading)
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
    return Correlation(value, math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach))


def independence(numbers: Numbers, table: str, *, draws: int = 999, seed: int = 1, row: str | None = None) -> float:
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
    chance = np.random.default_rng(seed)
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


def _value(reading: Reading, noisy: Noisy, code: int | None) -> _Value:
    axis = reading.axes[0]
    wider = noisy.widening**2
    if code is None:
        scores = np.array(axis.substantive, dtype=np.float64)
        mean, variance = mean_and_variance(scores, noisy)
        return _Value(mean, wider * variance, (scores - mean) / noisy.total)
    if code not in axis.substantive:
        raise InferenceError(f"{axis.id} has no level {code}")
    index = axis.substantive.index(code)
    shares = noisy.cells / noisy.total
    variance = float(share_variance(shares, noisy)[index])
    slopes = (np.arange(len(shares)) == index) - (0.0 if axis.multi else shares[index])
    return _Value(float(shares[index]), wider * variance, slopes / noisy.total)


def _cross(reading: Reading, left: dict[str, int], right: dict[str, int], code: int | None) -> Array:
    """Return the noise's covariances between the cells of two groups; of a multi question those of one option."""
    axis = reading.axes[0]
    if not axis.multi:
        return reading.cross(axis, left, right)
    joint = np.zeros((len(axis.substantive),) * 2)
    if code is not None:
        index = axis.substantive.index(code)
        level = {axis.id: code}
        joint[index, index] = float(reading.cross(None, left | level, right | level)[0, 0])
    return joint


def _difference(value: float, variance: float) -> Difference:
    error = math.sqrt(variance)
    return Difference(value, Z95 * error, float(2 * norm.sf(abs(value) / error)) if error > 0 else 1.0)


def _pair(reading: Reading) -> tuple[Array, Array, tuple[Array, Array]]:
    """Return the substantive cells of the first two dimensions (J, K), their noise covariance and both scores."""
    if len(reading.axes) < 2 or any(axis.multi or axis.threshold for axis in reading.axes):  # noqa: PLR2004
        raise InferenceError("a correlation is of two dimensions of one answer each, not randomised")
    first, second = reading.axes[:2]
    chosen = [{second.id: code} for code in second.substantive]
    sums = [reading.sums(first, group) for group in chosen]
    blocks = [[reading.cross(first, one, other) for other in chosen] for one in chosen]
    noise = np.block(blocks)
    order = np.arange(len(noise)).reshape(len(chosen), -1).T.ravel()
    cells = np.array([one.values for one in sums]).T
    scores = np.array(first.substantive, dtype=np.float64), np.array(second.substantive, dtype=np.float64)
    return cells, noise[np.ix_(order, order)], scores


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
