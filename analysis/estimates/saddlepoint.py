"""The chance of a number as far from a claimed one as was seen: by the skewed distribution that the claim gives it.

A share of 1 or 3 % is skewed, and far out in its tails a normal p-value is several times too small. Under a claim the
answers' shares are those of the sample, tilted until they have the claimed value (Efron 1981, Can. J. Stat. 9; of a
share alone that is the binomial distribution of the claim). The tail of a mean of such answers with normal noise is the
saddlepoint's (Lugannani & Rice 1980, Adv. Appl. Prob. 12, in the form r* of Barndorff-Nielsen 1986, Biometrika 73).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from scipy.optimize import brentq
from scipy.special import ndtr

DOUBLINGS = 60
"""How often a search doubles its step before it gives up: by then whatever can be reached was."""
NEAREST = 1e-3
"""Nearer to the claim than so many standard deviations nothing is decided, and the saddlepoint divides by little."""
EMPTY = 0.5
"""What is added to each cell, so that a level that nobody chose can still be claimed to have some (Haldane 1956)."""


@dataclass(frozen=True)
class Sampled:
    """One group's answers as parts of a number: what an answer at each level (K,) adds, were all at that level.

    `chances` (K,): the levels' shares, summing to 1. `people`: how many answered. `wider`: how much wider errors are
    taken for a total that noise doubts.
    """

    values: tuple[float, ...]
    chances: tuple[float, ...]
    people: float
    wider: float = 1.0

    @classmethod
    def of(cls, values: Sequence[float], cells: Sequence[float], people: float, wider: float = 1.0) -> Self:
        """Take the shares of levels from noisy cells."""
        kept = [max(float(cell), 0.0) + EMPTY for cell in cells]
        return cls(tuple(map(float, values)), tuple(cell / sum(kept) for cell in kept), float(people), float(wider))

    @classmethod
    def of_share(cls, cell: float, people: float, wider: float = 1.0) -> Self:
        """Take a share: `cell` of so many people, less than none or more than all of them by noise."""
        return cls.of((1.0, 0.0), (cell, people - cell), people, wider)

    def tilted(self, exponent: float) -> Self:
        """Return the group with each level's share times e^(exponent * value / people), summing to 1 again."""
        return replace(self, chances=tuple(self._weighed(exponent / self.people)[1]))

    def negated(self) -> Self:
        """Return the group as what is taken away in a difference."""
        return replace(self, values=tuple(-value for value in self.values))

    @property
    def mean(self) -> float:
        """What the group adds to the number."""
        return _expected(self.values, self.chances)

    def cumulants(self, exponent: float) -> tuple[float, float, float]:
        """Return the cumulant generating function of the widened error at an exponent, and its two derivatives."""
        scaled = exponent * self.wider / self.people
        log_sum, weighed = self._weighed(scaled)
        mean = _expected(self.values, weighed)
        spread = sum(chance * (value - mean) ** 2 for value, chance in zip(self.values, weighed, strict=True))
        centre = self.mean
        return (
            self.people * (log_sum - scaled * centre),
            self.wider * (mean - centre),
            self.wider**2 * spread / self.people,
        )

    def _weighed(self, scaled: float) -> tuple[float, list[float]]:
        """Return log sum(chance * e^(scaled * value)) and the parts of that sum, summing to 1."""
        exponents = [scaled * value for value in self.values]
        top = max(exponents)
        parts = [chance * math.exp(one - top) for chance, one in zip(self.chances, exponents, strict=True)]
        total = sum(parts)
        return top + math.log(total), [part / total for part in parts]


# Decision 101.
@dataclass(frozen=True)
class SampledNumber:
    """A share, a mean or a difference of two: the groups that add up to it, and the noise's variance (widened)."""

    groups: tuple[Sampled, ...]
    noise: float

    def p_value(self, value: float, claimed: float) -> float:
        """Return the two-sided p-value of a number that is in truth `claimed`: twice the smaller tail, at most 1."""
        null = self._claiming(claimed)
        apart = value - claimed
        _, _, variance = null.cumulants(0.0)
        if abs(apart) <= NEAREST * math.sqrt(variance):
            return 1.0
        if variance == 0.0:
            return 0.0
        saddle = _root(lambda exponent: null.cumulants(exponent)[1], apart, 1 / math.sqrt(variance))
        if saddle is None:
            return 0.0
        generated, _, curvature = null.cumulants(saddle)
        signed = math.sqrt(max(2 * (saddle * apart - generated), 0.0))
        steep = abs(saddle) * math.sqrt(curvature)
        return min(float(2 * ndtr(-(signed + math.log(steep / signed) / signed))), 1.0) if signed else 1.0

    def cumulants(self, exponent: float) -> tuple[float, float, float]:
        """Return the cumulant generating function of the whole error at an exponent, and its two derivatives."""
        parts = [group.cumulants(exponent) for group in self.groups]
        parts.append((exponent**2 * self.noise / 2, exponent * self.noise, self.noise))
        first, second, third = (math.fsum(part) for part in zip(*parts, strict=True))
        return first, second, third

    def _claiming(self, claimed: float) -> Self:
        """Return the same number with its groups tilted until they have the claimed value, as near as they can."""

        def mean(exponent: float) -> float:
            return sum(group.tilted(exponent).mean for group in self.groups)

        step = min(group.people for group in self.groups)
        exponent = _root(mean, claimed, step)
        if exponent is None:
            exponent = math.copysign(step * 2**DOUBLINGS, claimed - mean(0.0))
        return replace(self, groups=tuple(group.tilted(exponent) for group in self.groups))


def _expected(values: Sequence[float], chances: Sequence[float]) -> float:
    return sum(value * chance for value, chance in zip(values, chances, strict=True))


def _root(rising: Callable[[float], float], wanted: float, step: float) -> float | None:
    """Return where a rising function has a value, looking from 0 outwards in doubled steps; None where it has not."""
    apart = wanted - rising(0.0)
    if apart == 0.0:
        return 0.0
    near, far = 0.0, math.copysign(step, apart)
    for _ in range(DOUBLINGS):
        if (rising(far) - wanted) * apart >= 0:
            return float(brentq(lambda place: rising(place) - wanted, near, far, xtol=1e-9 * step, rtol=1e-12))
        near, far = far, 2 * far
    return None
