"""Rounds the estimates of a release, so that its bytes do not depend on the last bits of a computation."""

from typing import SupportsFloat

DIGITS = 6
"""Digits after the point."""


def rounded(value: SupportsFloat) -> float:
    """Return `value` with DIGITS digits after the point, and 0.0 for a negative zero."""
    return round(float(value), DIGITS) + 0.0
