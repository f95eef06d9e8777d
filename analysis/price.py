"""What noise costs, in integers and exact fractions: shared by those who spend, those who plan and those who check."""

import math
from fractions import Fraction

NANO = 10**9
"""Budgets are integers in billionths of rho (zCDP)."""

DEFAULT_TOTAL = 100_000_000
"""The lifetime budget of a study in nano-rho unless the ceremony says otherwise: rho = 0.1."""

LOUD_TOTAL = 500_000_000
"""Above this (rho = 0.5) every place that shows the budget warns."""


def exact_nano_rho(sigma: float, l2_squared: int) -> int:
    """Return what a table with noise of this `sigma` costs under change-one, in nano-rho, rounded up exactly.

    Changing one record takes at most `l2_squared` unit cells away and adds as many: Delta2 = sqrt(2 * l2_squared), so
    rho = Delta2**2 / (2 sigma**2) = l2_squared / sigma**2 (Bun & Steinke 2016, Proposition 1.6; for the discrete
    Gaussian Canonne, Kamath & Steinke 2020, Theorem 4).
    """
    return math.ceil(Fraction(l2_squared) / Fraction(sigma) ** 2 * NANO)


def sigma_for(nano_rho: int, l2_squared: int) -> float:
    """Return the standard deviation, in records, that `nano_rho` buys (before rounding against the spender)."""
    return math.sqrt(l2_squared * NANO / nano_rho)
