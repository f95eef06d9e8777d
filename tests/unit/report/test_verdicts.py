"""Verdicts of one report adjusted together: analysis/report/verdicts.py. False-alarm chances are stated."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from analysis.consistency.noisy_sums import Noisy, share_variance
from analysis.estimates.sampled_numbers import sampled_share
from analysis.estimates.small_cells import share_interval
from analysis.report.answers import Interval, exact
from analysis.report.verdicts import Verdicts, p_value
from survey.authoring.findings_compiler import PilotShare
from survey.release.reliability import Z95


def around(value: float, margin: float) -> Interval:
    return Interval(value, value - margin, value + margin)


@pytest.mark.parametrize(
    ("interval", "p"),
    [
        (around(0.6, 0.1), 0.05),
        (around(0.4, 0.1), 0.05),
        (around(0.5, 0.1), 1.0),
        (Interval(0.6, 0.5, 0.9), 0.05),
        (Interval(0.3, 0.1, 0.5), 0.05),
        (around(0.6, 0.2), 0.327),
        (around(0.6, 0.0), 0.0),
    ],
)
def test_p_is_a_twentieth_where_the_interval_touches(interval, p):
    """The end that faces the value decides, so that a p-value never speaks against the interval that is shown."""
    assert p_value(interval, 0.5, 0.5) == pytest.approx(p, abs=5e-4)


def test_a_number_within_a_range_is_no_news():
    """Beside a pilot's 18 to 90 %, 57 % has p = 1, and 95 +- 2 the p-value of its distance from 90."""
    assert p_value(around(0.57, 0.05), 0.18, 0.90) == 1.0
    assert p_value(around(0.95, 0.02), 0.18, 0.90) == pytest.approx(p_value(around(0.95, 0.02), 0.90, 0.90))


def test_one_clear_difference_stands_among_many_and_a_narrow_one_does_not():
    """Of twenty comparisons one at 0.1 +- 0.02 is larger; one at 0.1 +- 0.09 is so by itself alone: it is said."""
    clear, narrow = around(0.1, 0.02), around(0.1, 0.09)
    rest = [around(0.01 * number, 0.5) for number in range(18)]
    verdicts = Verdicts.of([(one, 0.0, 0.0) for one in (clear, narrow, *rest)])
    alone = Verdicts.of([(narrow, 0.0, 0.0)])
    assert ("larger", "open", "larger") == tuple(
        one.verdict(interval, 0.0, 0.0) for one, interval in ((verdicts, clear), (verdicts, narrow), (alone, narrow))
    )
    assert (False, True, False) == (
        verdicts.by_chance(clear, 0.0, 0.0),
        verdicts.by_chance(narrow, 0.0, 0.0),
        alone.by_chance(narrow, 0.0, 0.0),
    )


def test_a_comparison_that_is_made_twice_counts_once():
    """A number under a finding and under its hypothesis is one comparison."""
    once, twice = (Verdicts.of([(around(0.1, 0.05), 0.0, 0.0)] * times) for times in (1, 2))
    assert once == twice


@pytest.mark.slow
def test_a_report_in_which_nothing_is_true_says_so_nineteen_times_in_twenty():
    """Of 1,000 reports with 40 true nulls 5 % have a verdict (0.05 +- 0.035, five standard errors); unadjusted 87 %."""
    chance, wrong, alone = np.random.default_rng(3), 0, 0
    for _ in range(1000):
        intervals = [around(value, 1.959963984540054) for value in chance.normal(0, 1, 40)]
        verdicts = Verdicts.of([(one, 0.0, 0.0) for one in intervals])
        wrong += any(verdicts.verdict(one, 0.0, 0.0) != "open" for one in intervals)
        alone += any(one.compared_with(0.0, 0.0) != "open" for one in intervals)
    assert wrong / 1000 == pytest.approx(0.05, abs=0.035)
    assert alone / 1000 > 0.8


REPORTS, CLAIMS, PEOPLE = 800, 40, 1000


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.01, 0.03, 0.5])
@pytest.mark.parametrize("sigma", [2.0, 20.0])
def test_true_claims_about_rare_shares_are_called_wrong_one_report_in_twenty(truth, sigma):
    """Of 800 reports with 40 true claims 5 % have a verdict, rare shares or not (at most 0.09: five standard errors).

    The chance of a false alarm is under 1e-6 (binomial), and the seed is fixed.
    """
    assert _wrong(truth, sigma, tested=True) <= 0.09


@pytest.mark.slow
def test_normal_p_values_of_rare_shares_would_be_wrong_more_often():
    """Control: with the range's end alone, carried on as a normal would, more than 9 % of reports have a verdict."""
    assert _wrong(0.03, 2.0, tested=False) > 0.09


def _wrong(truth: float, sigma: float, *, tested: bool) -> float:
    """Return in what part of reports any of forty true claims, each of 1,000 people, is called larger or smaller."""
    chance, wrong = np.random.default_rng(3), 0
    for _ in range(REPORTS):
        cells = chance.binomial(PEOPLE, truth, CLAIMS) + chance.normal(0, sigma, CLAIMS)
        intervals = [_interval(float(cell), sigma, tested=tested) for cell in cells]
        verdicts = Verdicts.of([(one, truth, truth) for one in intervals])
        wrong += any(verdicts.verdict(one, truth, truth) != "open" for one in intervals)
    return wrong / REPORTS


def _interval(cell: float, sigma: float, *, tested: bool) -> Interval:
    """Return a share as a report takes it from a release: its margin, or the Bayesian range where that leaves 0."""
    noisy = Noisy(np.array([cell]), sigma**2, float(PEOPLE), 0.0, 0.0)
    share, margin = cell / PEOPLE, Z95 * math.sqrt(float(share_variance(np.array([cell / PEOPLE]), noisy)[0]))
    ends = (share - margin, share + margin) if margin <= share else share_interval(cell, PEOPLE, (sigma**2, 0.0, 0.0))
    return Interval(share, *ends, sampled_share(noisy, [0]) if tested else None)


def test_the_range_of_any_small_share_is_that_of_the_exact_binomial_test():
    """Of each number among one to thirty people the ends are those that inverting the binomial test finds."""
    for of in range(1, 31):
        for said in range(of + 1):
            interval = exact(PilotShare(said=said, of=of))
            found = binomtest(said, of).proportion_ci(confidence_level=0.95, method="exact")
            assert (interval.low, interval.high) == pytest.approx((found.low, found.high), abs=1e-9)
