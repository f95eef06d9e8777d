"""The bound on a ledger's epsilon: never under the exact privacy loss of its noise, and close above it."""

import math
from fractions import Fraction
from functools import cache, reduce

import numpy as np
import opendp.prelude as dp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from analysis.budget import privacy_curve
from analysis.budget.privacy_curve import converted_epsilon, curve_epsilon, delta_bound
from analysis.noise.noise import epsilons
from survey.plan.privacy_units import NANO_RHO

DELTAS = (1e-5, 1e-6, 1e-9)
REACH = 12
"""Standard deviations on either side within which a table's noise is summed; what is beyond is under 1e-31."""


@cache
def sum_of_noise(sigma, cells, shift=1):
    """Return the losses and chances of `cells` cells of one sigma that are shifted by `shift`, term by term."""
    reach = math.ceil(REACH * sigma)
    one = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    chances = reduce(np.convolve, [one / one.sum()] * cells)
    places = np.arange(-cells * reach, cells * reach + 1)
    return (shift**2 * cells / 2 + shift * places) / sigma**2, chances


def exact_delta(epsilon, tables, shift=1):
    """Return E[max(0, 1 - exp(eps - L))] over every combination of the tables' noise; `tables` are (sigma, cells)."""
    losses, chances = np.zeros(1), np.ones(1)
    for sigma, cells in tables:
        more, likely = sum_of_noise(sigma, cells, shift)
        kept = likely > 1e-25
        losses = (losses[:, None] + more[kept]).ravel()
        chances = (chances[:, None] * likely[kept]).ravel()
    return float((chances * -np.expm1(np.minimum(epsilon - losses, 0.0))).sum())


def rho_of(tables, shift=1):
    return sum(cells * shift**2 / (2 * sigma**2) for sigma, cells in tables)


def nano_of(tables):
    return math.ceil(sum(Fraction(cells) / (2 * Fraction(sigma) ** 2) for sigma, cells in tables) * NANO_RHO)


LEDGERS = [
    [(math.sqrt(10), 2)], [(5.0, 2)], [(math.sqrt(20), 4)], [(4.0, 2), (7.0, 2)], [(6.0, 2), (6.5, 9), (9.0, 2)],
    [(2.0, 2)], [(1.5, 2)], [(1.0, 2)], [(1.2, 3), (2.0, 2)],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("tables", LEDGERS, ids=str)
@pytest.mark.parametrize("delta", DELTAS)
def test_epsilon_is_never_under_the_exact_one(tables, delta):
    """At the epsilon that is told the exact chance, summed over all noise, is not above delta."""
    epsilon = curve_epsilon(delta, nano_of(tables), min(sigma for sigma, _ in tables))
    assert exact_delta(epsilon, tables) <= delta


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1.6, 12), st.sampled_from([2, 3, 5])), min_size=1, max_size=2),
    st.floats(0.1, 12),
    st.integers(1, 3),
)
def test_the_bound_holds_for_any_ledger_at_any_epsilon(tables, above, answers):
    """Any one or two tables, any epsilon above rho, one to three answers of one person: exact delta <= the bound."""
    rho = rho_of(tables, answers)
    epsilon = rho + above * math.sqrt(2 * rho) / 2
    bound = delta_bound(epsilon, rho * (1 + 1e-12), min(sigma for sigma, _ in tables), answers)
    assert exact_delta(epsilon, tables, answers) <= bound * (1 + 1e-9) + 1e-22


@pytest.mark.parametrize("name", ["_rest", "_gaussian"])
def test_without_the_rest_or_with_half_the_gaussian_the_bound_is_broken(name, monkeypatch):
    """Control: for one coarse table some epsilon has an exact delta over the Gaussian's curve, or over half of it."""
    tables = [(math.sqrt(10), 2)]
    honest = getattr(privacy_curve, name)
    less = {"_rest": 0.0, "_gaussian": 0.5}[name]
    monkeypatch.setattr(privacy_curve, name, lambda *given: less * honest(*given))
    places = np.linspace(0.5, 2.5, 81)
    assert any(exact_delta(e, tables) > delta_bound(e, rho_of(tables), math.sqrt(10)) for e in places)


@pytest.mark.parametrize("sigma", [12.0, 15.0, 25.0])
def test_epsilon_is_the_gaussians_own_where_tables_are_many(sigma):
    """At rho = 0.1 it is 1.760, 1.995 and 2.583 (Balle and Wang's curve), to the fourth decimal or one above it."""
    for delta, due in zip(DELTAS, (1.7600, 1.9946, 2.5829), strict=True):
        assert due <= curve_epsilon(delta, 100_000_000, sigma) <= due + 2e-4


def test_the_gaussians_part_is_the_difference_of_scaled_tails():
    """Written without cancellation of e^eps, by SciPy's scaled complementary error function, it is the same."""
    for rho in (1e-9, 1e-4, 0.1, 1.0, 10.0):
        for above in (2.0, 5.0, 7.0):
            epsilon = rho + above * math.sqrt(2 * rho)
            near, far = (epsilon - rho) / (2 * math.sqrt(rho)), (epsilon + rho) / (2 * math.sqrt(rho))
            due = 0.5 * math.exp(-(near**2)) * (special.erfcx(near) - special.erfcx(far))
            delta = privacy_curve._gaussian(epsilon, rho)
            assert 0 <= delta / due - 1 < 1e-6


@pytest.mark.parametrize("nano_rho", [1, 1000, 3_333_333, 40_000_000, 100_000_000, 500_000_000, 2_500_000_000])
@pytest.mark.parametrize("answers", [1, 2, 3, 5])
def test_opendps_conversion_is_never_the_smaller(nano_rho, answers):
    """Both are told for any rho, tables known or not, and the first is not above the second."""
    for sigma in (None, 1.0, 8.0, 40.0):
        own, converted = epsilons(nano_rho, least_sigma=sigma, answers=answers)
        assert all(0 < own[delta] <= converted[delta] for delta in converted)


def test_the_conversion_is_that_of_opendp():
    """Made again without OpenDP it is the same to a unit of the fourth decimal, from a billionth of rho to ten."""
    for nano_rho in (1, 10**4, 10**7, 10**8, 10**9, 10**10):
        _, due = epsilons(nano_rho)
        converted = {name: converted_epsilon(float(name), nano_rho) for name in due}
        assert converted == pytest.approx(due, abs=1.1e-4)
    assert 0.0 == converted_epsilon(1e-6, 0)


def test_opendps_conversion_of_several_answers_is_that_of_their_rho():
    """k answers of one person cost k squared: 2.14, 4.60, 7.31 and 13.4 at delta 1e-6."""
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    profile = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=1.0))
    converted = [epsilons(100_000_000, answers=k)[1]["1e-6"] for k in (1, 2, 3, 5)]
    due = [profile.map(math.sqrt(0.2) * k).epsilon(1e-6) for k in (1, 2, 3, 5)]
    assert converted == pytest.approx(due, abs=1.1e-4)
    assert [2.14, 4.60, 7.31, 13.4] == pytest.approx(converted, rel=3e-3)


def test_where_no_table_is_known_the_coarsest_ledger_is_held():
    """Without a sigma epsilon is that of a ledger of one table, whose two cells took all of rho."""
    assert curve_epsilon(1e-6, 100_000_000) == curve_epsilon(1e-6, 100_000_000, math.sqrt(10) * (1 - 1e-15))
    assert curve_epsilon(1e-6, 100_000_000) > curve_epsilon(1e-6, 100_000_000, 20.0)


def test_nothing_spent_is_nothing_and_noise_too_weak_has_no_bound():
    """Epsilon is 0 for no rho, and infinite by the curve under a sigma of one: the conversion is told twice then."""
    assert curve_epsilon(1e-6, 0) == 0.0
    assert curve_epsilon(1e-6, 2_000_000_000) == math.inf
    own, converted = epsilons(2_000_000_000)
    assert own == converted
