"""Verdicts of one report adjusted together: analysis/report/verdicts.py. False-alarm chances are stated."""

import math

import numpy as np
import pytest

from analysis.estimates.small_cells import share_interval
from analysis.report.answers import Interval
from analysis.report.verdicts import Verdicts, p_value


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


@pytest.mark.parametrize(("truth", "least", "most"), [(0.01, 0.0, 0.03), (0.03, 0.06, 0.25)])
def test_rare_shares_are_adjusted_approximately(truth, least, most):
    """Of forty true claims about a rare share a report is wrong less often than 5 % at 1 %, and about 14 % at 3 %.

    1,000 answers, sigma 2, 200 reports: the range's end is carried on as a normal would, which a rare share's is not.
    """
    chance, wrong = np.random.default_rng(3), 0
    for _ in range(200):
        intervals = [_rare(float(cell)) for cell in chance.binomial(1000, truth, 40) + chance.normal(0, 2.0, 40)]
        verdicts = Verdicts.of([(one, truth, truth) for one in intervals])
        wrong += any(verdicts.verdict(one, truth, truth) != "open" for one in intervals)
    assert least <= wrong / 200 <= most


def _rare(cell: float) -> Interval:
    """Return a share of 1,000 as a release gives it: with its margin, or the Bayesian range where that leaves 0."""
    share = cell / 1000
    margin = 1.959963984540054 * math.sqrt(max(share * (1 - share), 0.0) / 1000 + 4.0 / 1e6)
    if share - margin >= 0:
        return around(share, margin)
    return Interval(share, *share_interval(cell, 1000.0, (4.0, 0.0, 0.0)))
