"""A small run of bench/coverage.py: 95 % margins of every kind hold the truth, over n and sigma; seeds are fixed."""

import importlib.util
from collections import defaultdict

import numpy as np
import pytest
from paths import ROOT

pytestmark = pytest.mark.slow

PATH = ROOT / "bench" / "coverage.py"
SPEC = importlib.util.spec_from_file_location("bench_coverage", PATH)
BENCH = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(BENCH)
GRID = ((300, 3.0), (1000, 3.0), (3000, 10.0), (10_000, 20.0), (100_000, 45.0))
SURVEYS = 120
OFF = 0.045
"""Five standard errors of 95 % over 600 surveys: what is said of one survey counts as one (false alarm < 1e-6)."""
OFF_WEIGHTED = 0.16
"""The same over the 60 surveys that are also weighted and correlated."""
FEW = {"correlation", "weighted"}


@pytest.fixture(scope="module")
def tally():
    """Return (held, said, silent) by kind and regime over the whole grid."""
    chance, totals = np.random.default_rng(20261122), defaultdict(lambda: np.zeros(3))
    for size, sigma in GRID:
        for part in BENCH.simulate(chance, size, sigma, SURVEYS)["tally"]:
            totals[part["kind"], part["regime"]] += (part["held"], part["of"], part["silent"])
    return totals


@pytest.mark.parametrize("kind", ["share", "mean", "top", "difference", "correlation", "weighted"])
def test_large_groups_are_covered_as_often_as_their_margins_say(tally, kind):
    """Groups of at least 30 sigma: 95 % within the error of so few surveys, neither less nor more."""
    held, shown, _ = tally[kind, "30 sigma or more"]
    assert shown > 0
    assert held / shown == pytest.approx(0.95, abs=OFF_WEIGHTED if kind in FEW else OFF)


@pytest.mark.parametrize("kind", ["share", "mean", "top", "median"])
def test_small_groups_are_covered_no_less(tally, kind):
    """Groups under 30 sigma: at least 95 % within that error; medians and rare shares are conservative."""
    held, shown, _ = tally[kind, "fewer"]
    assert shown > 0
    assert held / shown >= 0.95 - OFF


def test_silence_is_counted(tally):
    """With 300 answers some groups are lost in noise: the bench says how many."""
    assert tally["share", "fewer"][2] > 0


def test_margins_of_sampling_alone_would_not_pass(monkeypatch):
    """Control: with the noise's variance left out the same simulation covers far less than 95 %."""
    from analysis.estimates import estimates

    def blind(shares, noisy, deff=1.0):
        return deff * shares.clip(0, 1) * (1 - shares.clip(0, 1)) / noisy.total

    monkeypatch.setattr(estimates, "share_variance", blind)
    parts = BENCH.simulate(np.random.default_rng(1), 1000, 20.0, 60)["tally"]
    held, shown = (sum(part[key] for part in parts if part["kind"] == "share") for key in ("held", "of"))
    assert held / shown < 0.8
