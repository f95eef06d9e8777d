"""Intervals at the edge: analysis/estimates/small_cells.py against exact mixtures."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from analysis.estimates.small_cells import count_interval, share_interval, shortest


def exact_share_interval(cell, total, sigma):
    """Integrate the true count out exactly: uniform prior on the share, a known total, independent noise."""
    shares = np.linspace(0, 1, 4001)
    counts = np.arange(total + 1)[:, None]
    density = (binom.pmf(counts, total, shares) * norm.pdf(cell - counts, scale=sigma)).sum(axis=0)
    return shortest(shares, density)


@pytest.mark.parametrize("sigma", [2.0, 3.0, 10.0, 45.0])
@pytest.mark.parametrize("strength", [-2, 0, 1, 4])
def test_the_share_s_interval_is_that_of_the_exact_mixture(strength, sigma):
    """Binomial count and noise taken together as normal move no end by more than half a point of 300 people."""
    cell = strength * sigma
    ends = share_interval(cell, 300, (sigma**2, 0.0, 0.0))
    assert ends == pytest.approx(exact_share_interval(cell, 300, sigma), abs=0.005)


def test_an_interval_is_inside_zero_and_one_whatever_the_noise_did():
    """A cell far below zero, and one above its total."""
    low, high = share_interval(-60.0, 300, (400.0, 0.0, 0.0))
    assert 0 == low < high < 0.2
    low, high = share_interval(330.0, 300, (400.0, 400.0, 1600.0))
    assert 0.7 < low < high == 1


def test_a_noisy_total_makes_the_interval_longer():
    """With the total's own variance the posterior is wider than with a known total."""
    known, noisy = (share_interval(250.0, 300, (100.0, c, v)) for c, v in ((0.0, 0.0), (0.0, 900.0)))
    assert noisy[1] - noisy[0] > known[1] - known[0]


def test_a_count_s_interval_holds_the_count_as_often_as_it_says():
    """Counts drawn from the prior: 95 % intervals hold 0.95 +- 0.03 of 2,000 (6 standard errors; fixed seed)."""
    chance = np.random.default_rng(1)
    truths = chance.integers(0, 51, 2000)
    ends = [count_interval(truth + chance.normal(0, 10.0), 10.0, 50) for truth in truths]
    assert np.mean([low <= t <= high for t, (low, high) in zip(truths, ends, strict=True)]) == pytest.approx(
        0.95, abs=0.03
    )


def test_a_count_far_outside_is_at_the_nearest_end():
    """Noise of a hundred standard deviations is not divided by zero."""
    assert (0, 0) == count_interval(-1000.0, 1.0, 50)
    assert (50, 50) == count_interval(1000.0, 1.0, 50)
