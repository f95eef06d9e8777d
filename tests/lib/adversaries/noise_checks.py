"""The test of noise's variance that unit tests and planted faults share; its chance of a false alarm is stated."""

from scipy import stats

CELLS = 20_000
ALARM = 1e-7


def variance_is_right(values, sigma):
    """Chi-square test of the variance, two-sided, false alarm 1e-7 (normal noise; kurtosis of ours is 3)."""
    low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], CELLS)
    return bool(low <= (values.astype(float) ** 2).sum() / sigma**2 <= high)
