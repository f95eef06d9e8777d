"""What noise costs in exact fractions: for those who plan it, draw it, publish it and check it. Pure."""

import math
from fractions import Fraction

from survey.plan.privacy_units import NANO_RHO

SURPLUS = Fraction(1, 10**6)
"""Noise whose variance is above the least that was paid for by more than this part of it is another noise."""


def sigma_for(nano_rho: int, sensitivity_squared: int) -> float:
    """Return the standard deviation, in records, that `nano_rho` buys (before rounding against the spender)."""
    return math.sqrt(sensitivity_squared * NANO_RHO / (2 * nano_rho))


# Decision 11.
def exact_nano_rho(sigma: float, sensitivity_squared: int) -> int:
    """Return what a table with noise of this `sigma` costs under change-one, in nano-rho, rounded up exactly.

    rho = Delta2**2 / (2 sigma**2), where Delta2**2 = `sensitivity_squared` (Bun & Steinke 2016, Proposition 1.6; for
    the discrete Gaussian Canonne, Kamath & Steinke 2020, Theorem 4): 2 for a table of single answers.
    """
    return math.ceil(Fraction(sensitivity_squared) / (2 * Fraction(sigma) ** 2) * NANO_RHO)


def is_paid_noise(sigma: float, sensitivity_squared: int, nano_rho: int) -> bool:
    """Say whether noise of this `sigma` is what `nano_rho` pays for: no weaker, and no other."""
    most = Fraction(sensitivity_squared * NANO_RHO, 2 * nano_rho) * (1 + SURPLUS)
    return exact_nano_rho(sigma, sensitivity_squared) <= nano_rho and Fraction(sigma) ** 2 <= most
