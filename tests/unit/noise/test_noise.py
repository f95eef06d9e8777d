"""The noise: its size, its shape and its price: analysis/noise/noise.py. False-alarm chances are stated and <= 1e-6."""

import json
import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import opendp.prelude as dp
import pytest
from adversaries.noise_checks import ALARM, CELLS, variance_is_right
from scipy import stats

from analysis.noise.noise import NoiseError, epsilons, gaussian_for, mechanism
from survey.plan.noise_price import exact_nano_rho, sigma_for
from survey.plan.privacy_units import NANO_RHO


def draw(sigma_factor=1.0, nano_rho=40_000_000, sensitivity_squared=2):
    """Return noise on empty cells; `sigma_factor` other than 1 makes the control that must fail."""
    noise = gaussian_for(round(nano_rho / sigma_factor**2), sensitivity_squared)
    return np.array(noise.add(np.zeros(CELLS, dtype=np.int64))), math.sqrt(
        sensitivity_squared * NANO_RHO / (2 * nano_rho)
    )


def discrete_gaussian(sigma):
    """Return support and probabilities of the discrete Gaussian within 8 sigma (Canonne, Kamath & Steinke 2020)."""
    support = np.arange(-math.ceil(8 * sigma), math.ceil(8 * sigma) + 1)
    weights = np.exp(-(support**2) / (2 * sigma**2))
    return support, weights / weights.sum()


@pytest.mark.parametrize("sensitivity_squared", [2, 5, 16])
def test_the_variance_is_what_was_paid_for(sensitivity_squared):
    """20,000 draws have variance sigma^2 = sensitivity^2 / (2 rho); false alarm 1e-7 each."""
    values, sigma = draw(sensitivity_squared=sensitivity_squared)
    assert variance_is_right(values, sigma)


def test_halved_noise_is_caught_by_the_same_test():
    """Control: noise of half the sigma fails the variance test."""
    values, sigma = draw(sigma_factor=0.5)
    assert not variance_is_right(values, sigma)


def test_ten_percent_too_little_noise_is_caught_by_the_same_test():
    """Control: noise of nine tenths of sigma fails the variance test."""
    values, sigma = draw(sigma_factor=0.9)
    assert not variance_is_right(values, sigma)


def test_the_distribution_is_the_discrete_gaussian():
    """Chi-square goodness of fit against the exact probabilities; false alarm 1e-7."""
    values, sigma = draw(nano_rho=250_000_000)
    support, chances = discrete_gaussian(sigma)
    common = chances * CELLS >= 10
    seen = np.array([(values == place).sum() for place in support[common]])
    expected = chances[common] * CELLS
    rest = CELLS - seen.sum(), CELLS - expected.sum()
    statistic = ((seen - expected) ** 2 / expected).sum() + (rest[0] - rest[1]) ** 2 / rest[1]
    assert statistic <= stats.chi2.ppf(1 - ALARM, common.sum())


def test_cells_have_independent_noise():
    """Neighbouring cells and two calls correlate by less than 6 standard errors; false alarm under 1e-8."""
    noise = gaussian_for(40_000_000, 2)
    one, two = (np.array(noise.add(np.zeros(CELLS, dtype=np.int64)), dtype=float) for _ in range(2))
    for a, b in ((one[:-1], one[1:]), (one, two)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 6 / math.sqrt(CELLS)


def test_noise_is_added_to_the_counts_and_not_clipped():
    """Counts come back around their own value, negatives included, as plain integers."""
    counts = np.array([0] * 1000 + [10**6] * 1000, dtype=np.int64)
    noisy = gaussian_for(40_000_000, 2).add(counts)
    assert all(type(cell) is int for cell in noisy)
    assert min(noisy) < 0
    assert abs(np.mean(noisy[1000:]) - 10**6) < 6 * 5 / math.sqrt(1000)


@pytest.mark.parametrize("nano_rho", [1, 3, 3_333_333, 10_000_000, 100_000_000, 10**9])
@pytest.mark.parametrize("sensitivity_squared", [2, 5, 6, 9, 22])
def test_the_price_is_never_more_than_was_asked(nano_rho, sensitivity_squared):
    """By exact fractions and by OpenDP's own map, and the noise is larger than needed by less than a billionth."""
    noise = gaussian_for(nano_rho, sensitivity_squared)
    assert exact_nano_rho(noise.sigma, sensitivity_squared) <= nano_rho
    change = math.nextafter(math.sqrt(sensitivity_squared), 0)
    assert Fraction(noise._measurement.map(change)) * NANO_RHO <= nano_rho
    assert noise.sigma <= sigma_for(nano_rho, sensitivity_squared) * (1 + 1e-9)


def test_epsilon_is_opendps_conversion_and_grows():
    """rho = 0.1 is epsilon 1.91 at 1e-5 and 2.14 at 1e-6 (reference figures), rounded up; nothing spent is 0."""
    assert {"1e-5": 1.9143, "1e-6": 2.142, "1e-9": 2.7155} == epsilons(100_000_000)[1]
    assert {"1e-5": 0.0, "1e-6": 0.0, "1e-9": 0.0} == epsilons(0)[0] == epsilons(0)[1]
    assert epsilons(40_000_000)[1]["1e-6"] < epsilons(100_000_000)[1]["1e-6"]


def test_epsilon_is_never_under_the_librarys_own():
    """The rounded epsilon is at least OpenDP's for the same rho."""
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    profile = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=1.0)).map(math.sqrt(0.2))
    assert all(epsilons(100_000_000)[1][f"1e-{k}"] >= profile.epsilon(10.0**-k) - 1e-12 for k in (5, 6, 9))


@pytest.mark.parametrize(("nano_rho", "sensitivity_squared"), [(0, 1), (-1, 1), (1, 0)])
def test_free_noise_is_refused(nano_rho, sensitivity_squared):
    """Nothing is released for nothing."""
    with pytest.raises(NoiseError):
        gaussian_for(nano_rho, sensitivity_squared)


@pytest.mark.parametrize("counts", [np.zeros(3), np.zeros((2, 2), dtype=np.int64), np.zeros(3, dtype=np.int32)])
def test_only_one_int64_vector_gets_noise(counts):
    """Floats, matrices and narrower integers are refused, not converted."""
    with pytest.raises(NoiseError):
        gaussian_for(1_000_000, 2).add(counts)


def test_the_serialised_noise_says_what_was_done():
    """OpenDP's description holds the scale and the measure that the release claims."""
    noise = gaussian_for(10_000_000, 2)
    serialised = json.loads(noise.serialised)
    assert ("make_gaussian", noise.sigma) == (serialised["__function__"], serialised["__kwargs__"]["scale"])
    assert mechanism().version == serialised["__version__"]


def test_an_exception_of_the_library_is_not_repeated():
    """OpenDP's own message, which could describe data, is in no message or chain of ours."""
    noise = gaussian_for(1_000_000, 2)
    broken = type(noise)(noise.sigma, noise.serialised, lambda _: 1 / 0)
    with pytest.raises(NoiseError, match="could not be drawn") as caught:
        broken.add(np.zeros(2, dtype=np.int64))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_only_contrib_is_enabled_and_backtraces_are_off():
    """A fresh interpreter with analysis.noise.noise has exactly the feature contrib and RUST_BACKTRACE=0."""
    code = (
        "import os, analysis.noise.noise; from opendp.mod import GLOBAL_FEATURES; "
        "print(sorted(GLOBAL_FEATURES), os.environ['RUST_BACKTRACE'])"
    )
    environ = {key: value for key, value in os.environ.items() if key != "RUST_BACKTRACE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert "['contrib'] 0" == done.stdout.strip()
