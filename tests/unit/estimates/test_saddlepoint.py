"""Claims about shares, means and differences far out in skewed tails: analysis/estimates/saddlepoint.py."""

import math

import numpy as np
import pytest
from scipy.stats import binom, norm

from analysis.estimates.saddlepoint import Sampled, SampledNumber
from analysis.estimates.sampled_numbers import sampled_difference, sampled_weighted


def share(cell: float, people: int, sigma: float) -> SampledNumber:
    return SampledNumber((Sampled.of_share(cell, people),), (sigma / people) ** 2)


def exact(cell: float, people: int, sigma: float, claimed: float) -> float:
    """Sum the tails over every count that the claim makes possible, with normal noise on each."""
    counts = np.arange(people + 1)
    chances, apart = binom.pmf(counts, people, claimed), (cell - counts) / sigma
    return min(2 * min(float(chances @ norm.cdf(apart)), float(chances @ norm.sf(apart))), 1.0)


@pytest.mark.parametrize("people", [100, 1000, 20_000])
@pytest.mark.parametrize("sigma", [2.0, 20.0])
@pytest.mark.parametrize("claimed", [0.01, 0.03, 0.5, 0.99])
@pytest.mark.parametrize("strength", [-4, -3, -2, 2, 3, 5])
def test_a_shares_p_value_is_that_of_binomial_counts_with_noise(people, sigma, claimed, strength):
    """From two to five standard deviations away it is within a tenth of the sum over all counts."""
    cell = people * claimed + strength * math.sqrt(people * claimed * (1 - claimed) + sigma**2)
    found = share(cell, people, sigma).p_value(cell / people, claimed)
    assert found == pytest.approx(exact(cell, people, sigma, claimed), rel=0.1)


def test_a_normal_p_value_is_not():
    """Control: of 1 % among 1,000 people, four standard deviations above, a normal tail is 4 times too small."""
    cell = 10 + 4 * math.sqrt(9.9 + 4)
    assert exact(cell, 1000, 2.0, 0.01) > 4 * 2 * norm.sf(4)


@pytest.mark.parametrize("widening", [1.0, 3.0])
def test_what_is_widened_is_so_much_less_surprising(widening):
    """An error that is taken for three times as wide is as likely as one of a third."""
    cell, people, sigma = 650.0, 1000, 10.0
    wider = SampledNumber((Sampled.of_share(cell, people, widening),), (widening * sigma / people) ** 2)
    third = 0.5 + 0.15 / widening
    assert wider.p_value(0.65, 0.5) == pytest.approx(share(cell, people, sigma).p_value(third, 0.5), rel=0.01)


def test_a_mean_with_a_rare_score_is_as_skewed_as_the_share_that_it_is():
    """Scores of 1 and 5, few of them 5: a claim about the mean is the claim about that share."""
    one = share(40.0, 1000, 2.0)
    mean = SampledNumber((Sampled.of((5.0, 1.0), (40.0, 960.0), 1000),), 16 * one.noise)
    assert mean.p_value(1.16, 1.08) == pytest.approx(one.p_value(0.04, 0.02), rel=1e-6)


@pytest.mark.parametrize(("cell", "claimed"), [(-5.0, 0.02), (0.0, 0.0), (1003.0, 0.98), (500.0, 1.0), (500.0, 0.0)])
def test_noise_beyond_the_edge_and_claims_at_it_have_a_p_value(cell, claimed):
    """A share below nothing or above everybody, and a claim of none or all: no number is infinite or no number."""
    assert 0 <= share(cell, 1000, 3.0).p_value(cell / 1000, claimed) <= 1


@pytest.mark.slow
def test_a_difference_of_unequal_groups_is_as_often_wrong_as_it_says():
    """Of 4,000 differences of 2 % in 80 people and in 2,000, 5 % have p <= 0.05 (+- 0.018, over five standard errors).

    The seed is fixed. Control: by the normal p-value of the exact variance the upper tail has more than 1.5 its part.
    """
    chance, sizes, truth, sigma = np.random.default_rng(5), np.array([80, 2000]), 0.02, 1.5
    cells = chance.binomial(sizes, truth, (4000, 2)) + chance.normal(0, sigma, (4000, 2))
    ps, error = [], math.sqrt(sum((truth * (1 - truth) * sizes + sigma**2) / sizes**2))
    for one, other in cells.tolist():
        apart = sampled_difference(share(one, 80, sigma), share(other, 2000, sigma), 0.0)
        ps.append(apart.p_value(one / 80 - other / 2000, 0.0))
    assert np.mean(np.array(ps) <= 0.05) == pytest.approx(0.05, abs=0.018)
    apart = cells[:, 0] / 80 - cells[:, 1] / 2000
    assert np.mean(apart / error >= norm.isf(0.0025)) > 1.5 * 0.0025


def test_a_weighted_share_has_its_own_margin_as_its_spread():
    """Half of 900 answers' worth of people at +- 5 points: a claim two margins away has the normal's p-value."""
    number = sampled_weighted((1.0, 0.0), (0.5, 0.5), 900.0, 0.05)
    assert number.p_value(0.55, 0.5) == pytest.approx(0.05, abs=0.002)
    narrow = sampled_weighted((1.0, 0.0), (0.5, 0.5), 900.0, 0.02)
    assert narrow.p_value(0.52, 0.5) == pytest.approx(0.05, abs=0.002)
