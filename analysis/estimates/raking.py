"""Weights of classes from public margins: post-stratification and raking, trimmed; numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crypto.errors import SottoError

Array = NDArray[np.float64]
Classes = tuple[tuple[int, ...], ...]

HEAVIEST = 4.0
"""No class counts more than four times as much as an average respondent."""
ROUNDS, CLOSE = 1000, 1e-10
ENDLESS = 1e100
"""Weights over this grow without end: margins that empty cells contradict push them up from round to round."""


class RakingError(SottoError):
    """Margins that the seed cannot be brought to: a class of them is empty in it."""


class UnmetMarginsError(RakingError):
    """Margins that raking did not reach within its rounds; the message says by how much they are missed."""


@dataclass(frozen=True)
class Weights:
    """The weight of each cell of the classes, relative to an average of 1; `trimmed` where one was cut."""

    values: Array
    trimmed: bool

    def kish(self, seed: Array) -> float:
        """Return Kish's (1965) design effect of weighting, n sum(n_g w_g^2) / (sum n_g w_g)^2.

        So many times more respondents would be needed for the precision of an unweighted estimate.
        """
        shares = np.maximum(seed, 0.0) / np.maximum(seed, 0.0).sum()
        return float((shares * self.values**2).sum() / (shares * self.values).sum() ** 2)


def class_weights(seed: Array, targets: Sequence[Array]) -> Weights:
    """Return weights that bring `seed` (an axis for each margin, not negative) to the margins `targets`, trimmed.

    One margin is post-stratification, W_g / (n_g / n); several are raked (iterative proportional fitting, Deming &
    Stephan 1940, Ann. Math. Stat. 11). Weights over 4 are cut to 4 and the others raised until the mean is 1 again
    (Potter 1990, Proc. ASA, for trimming). Raises RakingError where a class has a share and nobody in it, and
    UnmetMarginsError where 1,000 rounds do not meet the margins to 1e-10, as where empty cells contradict them.
    """
    shares = seed / seed.sum()
    return _trimmed(_raked(shares, targets), shares)


def _raked(shares: Array, targets: Sequence[Array]) -> Array:
    """Return the untrimmed weights that bring `shares` to every target at once."""
    values = np.ones_like(shares)
    for _ in range(ROUNDS):
        values, off = _round(values, shares, targets)
        if off < CLOSE:
            return values
        if values.max() > ENDLESS:
            break
    raise UnmetMarginsError(f"raking does not meet the margins within {ROUNDS} rounds: one is off by {off:.2g}")


def _round(values: Array, shares: Array, targets: Sequence[Array]) -> tuple[Array, float]:
    """Return weights brought to one target after the other, and by how much these were missed before."""
    off = 0.0
    for position, target in enumerate(targets):
        other_axes = tuple(axis for axis in range(shares.ndim) if axis != position)
        there = (shares * values).sum(axis=other_axes)
        if (there <= 0).any():
            raise RakingError("a class of a margin is empty")
        off = max(off, float(np.abs(there - target).max()))
        values = values * (target / there).reshape([-1 if axis == position else 1 for axis in range(shares.ndim)])
    return values, off


def _trimmed(values: Array, shares: Array) -> Weights:
    """Cut weights over the heaviest and raise the rest, again and again until none is over it."""
    cut = np.zeros(values.shape, dtype=bool)
    while ((values > HEAVIEST * (1 + 1e-9)) & (shares > 0)).any():
        cut |= values > HEAVIEST
        values = np.where(cut, HEAVIEST, values)
        left = float((shares * values)[~cut].sum())
        if left <= 0:
            break
        raised = (1 - HEAVIEST * float(shares[cut].sum())) / left
        values = np.where(cut, HEAVIEST, values * raised)
    return Weights(values, bool(cut.any()))


def collapsed(shares: Sequence[int], expected: float, least: float) -> Classes:
    """Join neighbouring levels (places in their order) until each class expects at least `least` records.

    `shares`: public parts of the population; `expected`: the public number of records. The class that expects least is
    joined with the neighbour that expects less, whatever was answered: the rule is part of the plan.
    """
    total = sum(shares)
    classes: list[tuple[int, ...]] = [(index,) for index in range(len(shares))]

    def size(members: tuple[int, ...]) -> float:
        return expected * sum(shares[index] for index in members) / total

    while len(classes) > 1 and min(map(size, classes)) < least:
        worst = min(range(len(classes)), key=lambda place: (size(classes[place]), place))
        beside = [index for index in (worst - 1, worst + 1) if 0 <= index < len(classes)]
        neighbour = min(beside, key=lambda place: (size(classes[place]), place))
        first, second = sorted((worst, neighbour))
        classes[first : second + 1] = [classes[first] + classes[second]]
    return tuple(classes)
