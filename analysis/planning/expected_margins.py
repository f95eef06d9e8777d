"""The expected margin of a table's shares, from public numbers alone: n, levels, price. No answers are used."""

import math
from dataclasses import dataclass

from survey.plan.privacy_units import NANO_RHO
from survey.release.reliability import Z95, coarse, lost_in_noise, too_few

USEFUL = 0.10
"""A margin of ten points; wider margins are not useful."""


@dataclass(frozen=True)
class ExpectedNoise:
    """Noise of a group's cells (`cell`, a variance in records squared), of its total, and their covariance."""

    cell: float
    total: float
    covariance: float

    @classmethod
    def of_sum(cls, variance: float, levels: int) -> "ExpectedNoise":
        """Return the noise of a group whose total is the sum of its `levels` noisy cells."""
        return cls(variance, levels * variance, variance)

    def of_share(self, share: float) -> float:
        """Return the noise of a share, as a variance times n squared: `v - 2pc + p^2 V` (delta method)."""
        return self.cell - 2 * share * self.covariance + share**2 * self.total


@dataclass(frozen=True)
class Expectation:
    """The expected margin of a share of one half in a group of `n`: 95 % half-widths as shares of 1.

    `design_effect` is the variance with privacy over the variance without; `effective_n` the n of a survey without
    privacy noise that is as good. `abstains`: so few that the release will probably not describe the group.
    """

    group: int | None
    n: float
    sampling: float
    total: float
    design_effect: float
    effective_n: float
    abstains: bool


@dataclass(frozen=True)
class ExpectedRow:
    """One level of the first dimension for everyone: its expected share and number; `hopeless`: it is lost in noise."""

    code: int
    share: float
    n: float
    hopeless: bool


def expect(group: int | None, n: float, noise: ExpectedNoise, deff: float = 1.0) -> Expectation:
    """Return what to expect of a share of one half among `n`: `deff p(1-p)/n + (v - 2pc + p^2 V)/n^2` at p = 1/2.

    Source: Lin, Bun, Gaboardi, Kolaczyk & Smith 2024 (arXiv 2301.08324). `deff` is the design effect of sampling.
    """
    n = max(n, 1e-9)
    sampling = deff * 0.25 / n
    total = sampling + noise.of_share(0.5) / n**2
    effect = total / sampling
    margins = Z95 * math.sqrt(sampling), Z95 * math.sqrt(total)
    return Expectation(group, n, *margins, effect, n / effect, abstains=too_few(n, math.sqrt(noise.total)))


def row(code: int, share: float, n: float, noise: ExpectedNoise, deff: float = 1.0) -> ExpectedRow:
    """Return the expectation for the level `code`, which `share` of `n` people have."""
    number = share * n
    variance = deff * share * (1 - share) / n + noise.of_share(share) / n**2 if n > 0 else math.inf
    hopeless = lost_in_noise(number, math.sqrt(noise.cell)) or coarse(share, Z95 * math.sqrt(variance))
    return ExpectedRow(code, share, number, hopeless=hopeless)


def smallest_group(noise: float, deff: float = 1.0) -> int:
    """Return the least n with `Z95 sqrt(deff/4n + noise/n^2)` under ten points; `noise` in records squared."""
    bound, half = USEFUL**2, Z95**2 * deff * 0.25
    return math.ceil((half + math.sqrt(half**2 + 4 * bound * Z95**2 * noise)) / (2 * bound))


def most_tables(n: float, nano_rho: int, levels: int = 2, deff: float = 1.0) -> int:
    """Return how many plain tables of equal price tell a share among `n` people to ten points.

    Each of m tables has noise of variance m / rho in a cell (change-one), so m is what `Z95 sqrt(deff/4n +
    m levels / (4 rho n^2)) <= 0.1` leaves. 0 where sampling alone is too coarse.
    """
    room = (USEFUL / Z95) ** 2 - deff * 0.25 / n
    return max(0, math.floor(room * n**2 * 4 * nano_rho / NANO_RHO / levels + 1e-9))
