"""The epsilon that a ledger's noise gives at a delta: by the discrete Gaussian's own privacy curve, never under it.

Of all that a ledger paid for, what one record changes is a vector of integers v, cell by cell, each under discrete
Gaussian noise of its table's sigma. The privacy loss of one cell is `v^2 a / 2 - v a X`, with a = 1 / sigma^2 and X the
noise; that of the ledger is their sum L, and `delta(eps) = E[max(0, 1 - exp(eps - L))]` is what this module bounds.

By Poisson's summation the moment function of L at z = c + is is the Gaussian's own, `exp(rho (z + z^2))` with
rho = sum(v^2 a) / 2, times a theta quotient for each cell that is 1 but for bumps: its modulus has the Gaussian's bell
at every multiple of 2 pi / (v a) along s, where the Gaussian has only the one at 0. With `max(0, 1 - exp(-y)) =
1/(2 pi i) * integral of exp(z y) / (z (z + 1))` over Re z = c > 0, delta(eps) is the Gaussian's `Phi(mu/2 - eps/mu) -
exp(eps) Phi(-mu/2 - eps/mu)`, mu = sqrt(2 rho) (Balle & Wang 2018, Theorem 8), and a rest of three parts:

* near 0 (|s| up to a quarter of the shortest way between bumps) the theta quotients differ from 1 by `kappa` at most;
* the Gaussian's own tail beyond that;
* the bumps of the discrete ones. By Hölder's inequality, each cell weighed by its part of rho, their product over all
  cells integrates to no more than if every cell had the widest step b = max(|v| a): then it is a sum of bells.

So the bound needs rho, and one more number: the least sigma. A table moves two cells or more and costs at most all of
rho, so its sigma is never under 1 / sqrt(rho), which is taken where the tables are not known. Where less than rho was
bought, or a record moves less, data processing lets one add a cell of almost no loss to make rho whole.
Source of the discrete Gaussian: Canonne, Kamath & Steinke 2020 (arXiv 2004.00010).
"""

import math
from fractions import Fraction

from survey.plan.privacy_units import ATTO_DELTA, NANO_RHO

MOST = 700.0
"""Beyond it the exponential is cut off: less is then taken away, and the bound stays one."""
STEPS = 10_000
"""Epsilon is given in steps of 1/10,000, rounded up."""
NARROWED = 100
"""Thirds of the range of orders that are taken away: far more than floating point can tell."""
FINEST = 1.0
"""Under a sigma of one the bound is not derived."""
SLACK = 1e-9
"""Relative: floating point in the Gaussian's curve and the rest is below it by three orders of magnitude."""
CANCEL = 1e-12
"""The same for the difference of two tails, relative to the larger."""


# Decision 48.
def delta_left(name: str, atto_delta: int) -> float:
    """Return what phrase lists have left of a delta such as "1e-9", never rounded up: epsilon falls as delta grows.

    Raises ValueError where all of it is spent: epsilon is then undefined.
    """
    left = Fraction(name) - Fraction(atto_delta, ATTO_DELTA)
    if left <= 0:
        raise ValueError(f"all of delta {name} is spent: epsilon is undefined there")
    if atto_delta == 0:
        return float(name)
    return math.nextafter(float(left), 0.0)


# Decision 81.
def curve_epsilon(delta: float, nano_rho: int, least_sigma: float | None = None, answers: int = 1) -> float:
    """Return an epsilon at `delta` that a ledger of `nano_rho` gives, rounded up to four decimals.

    `least_sigma`: of everything that was paid for, in records; None where it is not known. `answers`: how many records
    are one person's; they shift a cell by at most so much, and cost the square of it. Infinite where the noise is so
    weak that the bound says nothing.
    """
    if nano_rho == 0:
        return 0.0
    rho = _up(Fraction(answers**2 * nano_rho, NANO_RHO))
    sigma = math.nextafter(math.sqrt(NANO_RHO / nano_rho), 0.0) if least_sigma is None else least_sigma
    if sigma < FINEST:
        return math.inf
    low, high = math.floor(rho * STEPS), math.ceil(rho * STEPS) + 1
    while delta_bound(high / STEPS, rho, sigma, answers) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if delta_bound(middle / STEPS, rho, sigma, answers) <= delta else (middle, high)
    return high / STEPS


def converted_epsilon(delta: float, nano_rho: int) -> float:
    """Return an epsilon at `delta` that any mechanism of `nano_rho` gives, rounded up to four decimals.

    The best Renyi order of Canonne, Kamath & Steinke 2020, Corollary 13, which is OpenDP's conversion too.
    """
    if nano_rho == 0:
        return 0.0
    rho = _up(Fraction(nano_rho, NANO_RHO))

    def at(order: float) -> float:
        # Order is alpha - 1, and every one gives an epsilon that holds.
        return (order + 1) * rho + (-math.log(delta) - math.log1p(order)) / order - math.log1p(1 / order)

    low, high = -12.0, 30.0
    for _ in range(NARROWED):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, other) if at(math.exp(one)) < at(math.exp(other)) else (one, high)
    return math.ceil(at(math.exp(low)) * STEPS) / STEPS


def delta_bound(epsilon: float, rho: float, least_sigma: float, answers: int = 1) -> float:
    """Return a delta that is never under the ledger's own at `epsilon`, which is above rho; see the module."""
    tilt = (epsilon - rho) / (2 * rho)
    rest = math.exp(-rho * tilt**2) * _rest(tilt, rho, least_sigma, answers)
    return (_gaussian(epsilon, rho) + rest) * (1 + SLACK)


def _gaussian(epsilon: float, rho: float) -> float:
    """Return the continuous Gaussian's delta, never under it in spite of the difference of two tails."""
    root = 2 * math.sqrt(rho)
    near, far = math.erfc((epsilon - rho) / root), math.erfc((epsilon + rho) / root)
    return 0.5 * (near * (1 + CANCEL) - math.exp(min(epsilon, MOST)) * far)


def _rest(tilt: float, rho: float, least_sigma: float, answers: int) -> float:
    """Return the rest over exp(-(eps - rho)^2 / 4 rho), at Re z = `tilt` = (eps - rho) / 2 rho, where that is least."""
    variance = least_sigma**2
    between = 2 * math.pi * variance / answers  # two bumps, where the losses are widest apart
    bell = math.sqrt(math.pi / rho)
    weight = rho * variance * math.exp(-(math.pi**2) * variance)
    kappa = math.expm1(8.02 * weight)
    tail = bell * math.erfc(math.sqrt(rho) * between / 4) / (between / 4) ** 2
    bumps = bell * (math.pi**2 / 3 / between**2 + 3.344 / (2 * rho) * math.pi**4 / 45 / between**4)
    gaps = 8 / between * math.exp(-2 * rho * (between / (2 * math.pi)) ** 2 * (1.2337 - 0.7 / variance))
    parts = kappa * bell / (tilt * (tilt + 1)) + tail + math.exp(4.2 * weight) * (tail + bumps) + gaps
    return parts / (2 * math.pi)


def _up(value: Fraction) -> float:
    rounded = float(value)
    return rounded if Fraction(rounded) >= value else math.nextafter(rounded, math.inf)
