"""Shares, means and differences as what was sampled and what is noise, so that claims about them can be tested.

None stands for answers that the phone drew at random: what one of them adds is never rare, so a normal p-value serves.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.noisy_sums import Noisy, mean_noise, share_noise
from analysis.estimates.saddlepoint import Sampled, SampledNumber
from survey.release.reliability import Z95

Array = NDArray[np.float64]


def sampled_share(noisy: Noisy, places: Sequence[int]) -> SampledNumber | None:
    """Return the share of several levels of one answer together."""
    if noisy.spread is not None:
        return None
    rows = np.zeros((1, len(noisy.cells)))
    rows[0, list(places)] = 1.0
    joined = noisy.mapped(rows)
    group = Sampled.of_share(float(joined.cells[0]), noisy.total, noisy.widening)
    noise = float(share_noise(joined.cells / noisy.total, joined)[0])
    return SampledNumber((group,), noisy.widening**2 * noise)


def sampled_mean(scores: Array, noisy: Noisy) -> SampledNumber | None:
    """Return the mean of a score; the total must be the sum of the cells."""
    if noisy.spread is not None:
        return None
    mean = float(noisy.cells @ scores) / noisy.total
    group = Sampled.of(scores.tolist(), noisy.cells.tolist(), noisy.total, noisy.widening)
    return SampledNumber((group,), noisy.widening**2 * mean_noise(scores - mean, noisy))


def sampled_weighted(values: Sequence[float], shares: Sequence[float], people: float, margin: float) -> SampledNumber:
    """Return a weighted number by its 95 % half-width: as many answers as weighting leaves of `people`, rest is noise.

    `shares`: weighted, of the levels that have `values`; `people`: answers over Kish's design effect (Korn & Graubard
    1998, Survey Methodology 24, take intervals of rare shares in weighted surveys so). Where the half-width is narrower
    than so many answers would have it, as many are taken as it takes.
    """
    variance, group = (margin / Z95) ** 2, Sampled.of(values, [share * people for share in shares], people)
    spread = SampledNumber((group,), 0.0).cumulants(0.0)[2]
    if 0.0 < variance < spread:
        group = Sampled(group.values, group.chances, people * spread / variance)
    return SampledNumber((group,), max(variance - spread, 0.0))


def sampled_difference(one: SampledNumber | None, other: SampledNumber | None, shared: float) -> SampledNumber | None:
    """Return one number less another of other people; `shared`: the covariance of their (widened) noise."""
    if one is None or other is None:
        return None
    groups = (*one.groups, *(group.negated() for group in other.groups))
    return SampledNumber(groups, max(one.noise + other.noise - 2 * shared, 0.0))
