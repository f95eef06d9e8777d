"""What noise costs, in integers and exact fractions: shared by those who spend, those who plan and those who check."""

import math
from fractions import Fraction

from survey.plan.privacy_units import NANO_RHO

DEFAULT_TOTAL = 100_000_000
"""The lifetime budget of a study in nano-rho unless the ceremony says otherwise: rho = 0.1."""

DEFAULT_TOTAL_DELTA = 100_000_000
"""The lifetime cap of delta in atto-delta: 10^-10, far below every delta at which epsilon is told."""

LOUD_TOTAL = 500_000_000
"""Above this (rho = 0.5) every place that shows the budget warns."""


# Decision 11.
def exact_nano_rho(sigma: float, sensitivity_squared: int) -> int:
    """Return what a table with noise of this `sigma` costs under change-one, in nano-rho, rounded up exactly.

    rho = Delta2**2 / (2 sigma**2), where Delta2**2 = `sensitivity_squared` (Bun & Steinke 2016, Proposition 1.6; for
    the discrete Gaussian Canonne, Kamath & Steinke 2020, Theorem 4): 2 for a table of single answers.
    """
    return math.ceil(Fraction(sensitivity_squared) / (2 * Fraction(sigma) ** 2) * NANO_RHO)


def sigma_for(nano_rho: int, sensitivity_squared: int) -> float:
    """Return the standard deviation, in records, that `nano_rho` buys (before rounding against the spender)."""
    return math.sqrt(sensitivity_squared * NANO_RHO / (2 * nano_rho))


def delta_text(atto: int) -> str:
    """Write integer atto-delta as an exact decimal in powers of ten, e.g. 100000000 -> "1e-10"."""
    if atto == 0:
        return "0"
    digits = str(atto).rstrip("0")
    power = len(str(atto)) - 1 - 18
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{power}"
