"""What the noisy counts mean: shares and means with margins that hold sampling and noise; pure post-processing.

Nothing here sees an exact count, so nothing here costs anything: it may be run again by anybody from a release alone.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.conditions import NOT_ASKED
from survey.questionnaire import UNREADABLE
from survey.results import Dimension, Estimate, Mean, Share

Array = NDArray[np.float64]

Z95 = 1.959963984540054
FEW = 5.0
"""A group whose noisy total is under this many of its standard deviations is not described."""
DROWNED, COARSE = 3.0, 0.30
"""A share is greyed where its noisy count is under 3 sigma or its coefficient of variation is over 30 %."""
DIGITS = 6

Group = int | tuple[int, int] | None


@dataclass(frozen=True)
class Noisy:
    """Noisy counts of one group: cells (K,) of variance `cell`, and a total with its variance and their covariance."""

    cells: Array
    cell: float
    total: float
    total_variance: float
    covariance: float

    @property
    def few(self) -> bool:
        """Whether the total is lost in its noise."""
        return self.total <= FEW * math.sqrt(self.total_variance)


@dataclass(frozen=True)
class View:
    """A released table taken apart: counts by level, the outside cell, the noise's variance and the wave's known n."""

    dimensions: tuple[Dimension, ...]
    counts: Array
    outside: float | None
    variance: float
    size: int

    @classmethod
    def of(cls, dimensions: Sequence[Dimension], counts: Sequence[int], sigma: float, size: int) -> "View":
        """`counts` are row-major over the dimensions' codes, then the outside cell where there is a population."""
        shape = tuple(len(axis.codes) for axis in dimensions)
        cells = np.asarray(counts, dtype=np.float64)
        inner = int(np.prod(shape))
        outside = float(cells[inner]) if len(cells) > inner else None
        return cls(tuple(dimensions), cells[:inner].reshape(shape), outside, sigma**2, size)


def estimates(dimensions: Sequence[Dimension], counts: Sequence[int], sigma: float, size: int) -> tuple[Estimate, ...]:
    """Describe the first dimension for everyone and within each level of the others.

    `size` is the declared number of records of the wave. What the table cannot answer is left out: everyone, where
    another dimension is multi (one record stands in several of its levels); and, for a first dimension that is multi,
    groups (the table does not hold how many were asked in each).
    """
    view = View.of(dimensions, counts, sigma, size)
    return tuple(_estimate(view, group, noisy) for group, noisy in _groups(view))


def share_variance(shares: Array, noisy: Noisy, deff: float = 1.0) -> Array:
    """Return the variance of shares y/T from sampling and noise, by the delta method.

    `deff * p(1-p)/T + (v - 2pc + p^2 V) / T^2` with cell variance v, total variance V and covariance c. A known total
    has V = c = 0, which is sampling + sigma^2/n^2; a total that is the sum of K noisy cells has c = sigma^2 and
    V = K sigma^2, which is sampling + sigma^2/n^2 (1 - 2p + K p^2). Source: Lin, Bun, Gaboardi, Kolaczyk & Smith
    2024 (arXiv 2301.08324); the binomial part uses Agresti & Coull's (1998) p: rare answers must not look certain.
    """
    total = noisy.total
    careful = (np.clip(noisy.cells, 0, total) + 2) / (total + 4)
    sampling = deff * careful * (1 - careful) / total
    noise = noisy.cell - 2 * shares * noisy.covariance + shares**2 * noisy.total_variance
    variance: Array = sampling + noise / total**2
    return variance


def mean_of(scores: Array, noisy: Noisy, deff: float = 1.0) -> Mean:
    """Return the mean score with its 95 % margin: `deff * Var(s)/T + sigma^2/T^2 * sum (s - mean)^2`."""
    shares = noisy.cells / noisy.total
    mean = float(shares @ scores)
    spread = max(float(shares @ (scores - mean) ** 2), 0.0)
    variance = deff * spread / noisy.total + noisy.cell / noisy.total**2 * float(((scores - mean) ** 2).sum())
    return Mean(value=_rounded(mean), margin=_rounded(Z95 * variance**0.5))


def _estimate(view: View, group: Group, noisy: Noisy) -> Estimate:
    axis = view.dimensions[0]
    scored = axis.score and not noisy.few
    return Estimate(
        group=group,
        total=_rounded(noisy.total),
        total_margin=_rounded(Z95 * math.sqrt(noisy.total_variance)),
        abstained="too-few" if noisy.few else None,
        mean=mean_of(np.array(axis.substantive, dtype=np.float64), noisy) if scored else None,
        shares=() if noisy.few else _shares(axis.substantive, noisy),
    )


def _shares(codes: Sequence[int], noisy: Noisy) -> tuple[Share, ...]:
    shares = noisy.cells / noisy.total
    errors = np.sqrt(share_variance(shares, noisy))
    reliable = (noisy.cells >= DROWNED * noisy.cell**0.5) & (errors <= COARSE * shares)
    return tuple(
        Share(code=code, share=_rounded(share), margin=_rounded(Z95 * error), reliable=bool(sure))
        for code, share, error, sure in zip(codes, shares, errors, reliable, strict=True)
    )


def _groups(view: View) -> Iterator[tuple[Group, Noisy]]:
    """Yield everyone, then every level of the second dimension, then every pair of the second and third."""
    multi = [axis.multi for axis in view.dimensions[1:]]
    if not any(multi):
        yield None, _asked_of_all(view) if view.dimensions[0].multi else _within(view, ())
    if len(view.dimensions) == 1 or view.dimensions[0].multi:
        return
    second = view.dimensions[1].substantive
    if not any(multi[1:]):
        for code in second:
            yield code, _within(view, (code,))
    for code in view.dimensions[2].substantive if len(view.dimensions) > 2 else ():  # noqa: PLR2004 - a third dimension
        for other in second:
            yield (other, code), _within(view, (other, code))


def _within(view: View, group: tuple[int, ...]) -> Noisy:
    """Return the first dimension's cells within `group`, and their sum as the total."""
    cells, terms = _first_dimension(view, group)
    variance = view.variance * terms
    return Noisy(cells, variance, float(cells.sum()), variance * len(cells), variance)


def _asked_of_all(view: View) -> Noisy:
    """Return a multi item's options, and how many were asked: the known n less not asked, unreadable and outside."""
    cells, terms = _first_dimension(view, ())
    axis = view.dimensions[0]
    not_asked = float(_margin(view, ())[axis.codes.index(NOT_ASKED)])
    # One unreadable record stands in one cell: unreadable in every dimension.
    unreadable = float(view.counts[tuple(axis.codes.index(UNREADABLE) for axis in view.dimensions)])
    total = view.size - not_asked - unreadable - (view.outside or 0.0)
    parts = terms + 1 + (view.outside is not None)
    return Noisy(cells, view.variance * terms, total, view.variance * parts, 0.0)


def _first_dimension(view: View, group: tuple[int, ...]) -> tuple[Array, int]:
    """Return the substantive cells of the first dimension within `group`, and how many noisy cells each one sums."""
    axis = view.dimensions[0]
    cells = _margin(view, group)[[axis.codes.index(code) for code in axis.substantive]]
    summed = view.dimensions[1 + len(group) :]
    return cells, int(np.prod([len(other.codes) - 1 for other in summed]))


def _margin(view: View, group: tuple[int, ...]) -> Array:
    """Sum over the dimensions after `group`, without their unreadable level.

    That level is empty beside any readable level of the first dimension, by definition, and would only add noise.
    """
    counts = view.counts
    for axis, code in zip(view.dimensions[1:], group, strict=False):
        counts = np.take(counts, [axis.codes.index(code)], axis=1).squeeze(axis=1)
    for axis in reversed(view.dimensions[1 + len(group) :]):
        keep = [place for place, code in enumerate(axis.codes) if code != UNREADABLE]
        counts = np.asarray(counts.take(keep, axis=-1).sum(axis=-1), dtype=np.float64)
    return counts


def _rounded(value: float) -> float:
    return round(float(value), DIGITS) + 0.0
