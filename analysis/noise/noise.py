"""Adds noise to integer counts at a given price; the only module that imports OpenDP."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crypto.errors import PublicTextError

# OpenDP turns Rust backtraces on where this is not set; each exception would then cost 110 ms and describe our data.
# Decision 99.
os.environ["RUST_BACKTRACE"] = "0"

import opendp.prelude as dp

from analysis.budget.privacy_curve import converted_epsilon, curve_epsilon, delta_left
from crypto.canonical import canonical
from survey.plan.noise_price import exact_nano_rho, sigma_for
from survey.plan.privacy_units import ATTO_DELTA, NANO_RHO
from survey.plan.threshold_delta import exact_atto_delta
from survey.release.budget import DELTAS, Delta
from survey.release.release import Mechanism

MAX_THRESHOLD = 2**31 - 1
"""The upper end of the search for a threshold, in people."""
NAME = "discrete-gaussian"
MEASURE: Literal["zCDP"] = "zCDP"
NEIGHBOURS: Literal["change-one"] = "change-one"

dp.enable_features("contrib")


class NoiseError(PublicTextError):
    """An error of OpenDP; its own message could describe the data and is not repeated."""


@dataclass(frozen=True)
class Noise:
    """A discrete Gaussian over int64 vectors; `sigma` in records, `serialised` is OpenDP's own description of it."""

    sigma: float
    serialised: str
    _measurement: dp.Measurement

    def add(self, counts: NDArray[np.int64]) -> list[int]:
        """Return `counts` with independent noise in every cell; this call uses the budget."""
        if counts.dtype != np.int64 or counts.ndim != 1:
            raise NoiseError("noise is added to one int64 vector")
        try:
            return [int(cell) for cell in self._measurement(counts)]
        except Exception:  # noqa: BLE001 - any message of the library could hold counts
            raise NoiseError("the noise could not be drawn") from None


def gaussian_for(nano_rho: int, sensitivity_squared: int) -> Noise:
    """Return the least noise that costs at most `nano_rho` when one record is changed.

    OpenDP's own map and exact fractions (survey/plan/noise_price.py) must both agree that the price is enough.
    """
    if nano_rho < 1 or sensitivity_squared < 1:
        raise NoiseError("a table costs at least one nano-rho and moves at least one cell")
    sigma = sigma_for(nano_rho, sensitivity_squared)
    while True:
        measurement = _gaussian(sigma)
        prices = _nano_rho(measurement, sensitivity_squared), exact_nano_rho(sigma, sensitivity_squared)
        if max(prices) <= nano_rho:
            return Noise(sigma, description(sigma), measurement)
        sigma *= 1 + 1e-12


def description(sigma: float) -> str:
    """Return OpenDP's own description (JSON) of noise with this sigma, as in a release; it is reproducible."""
    serialised: str = dp.serialize(_gaussian(sigma))  # type: ignore[no-untyped-call]
    return serialised


@dataclass(frozen=True)
class WordsNoise:
    """Gaussian noise on the number of each phrase, and a threshold below which no phrase is listed.

    `most` phrases of one person are counted; `serialised` describes the mechanism in a JSON of our own: OpenDP 0.16
    cannot serialise a measurement of this kind.
    """

    sigma: float
    threshold: int
    most: int
    serialised: str
    _measurement: dp.Measurement

    def add(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the phrases with their noisy numbers above the threshold; this call uses the budget."""
        try:
            noisy = self._measurement(dict(counts))
        except Exception:  # noqa: BLE001 - any message of the library could hold phrases
            raise NoiseError("the noise could not be drawn") from None
        return {str(phrase): int(number) for phrase, number in noisy.items()}


def words_for(nano_rho: int, atto_delta: int, most: int) -> WordsNoise:
    """Return the least noise and threshold that cost at most this rho and delta when one record is changed.

    One record has at most `most` distinct phrases: changing it moves 2 * most numbers by one, sqrt(2 * most) in L2.
    Stability-based release of open domains (Korolova et al. 2009; Wilkins et al. 2024 for the Gaussian under zCDP), by
    OpenDP's `make_gaussian_threshold`; its own map and ours must both agree that the price is enough (`words_price`).
    Raises NoiseError where there is no price, or where no threshold keeps to delta.
    """
    if nano_rho < 1 or atto_delta < 1 or most < 1:
        raise NoiseError("a list of words costs at least one nano-rho and one atto-delta")
    sigma = sigma_for(nano_rho, 2 * most)
    while words_price(sigma, MAX_THRESHOLD, most)[0] > nano_rho:
        sigma *= 1 + 1e-12
    low, high = 1, MAX_THRESHOLD
    while low < high:
        middle = (low + high) // 2
        enough = words_price(sigma, middle, most)[1] <= atto_delta
        low, high = (low, middle) if enough else (middle + 1, high)
    if words_price(sigma, low, most)[1] > atto_delta:
        # OpenDP computes delta as a difference from 1: below about 1e-16 a phrase it rounds to 0.
        raise NoiseError("no threshold is sure enough for this delta: ask for a larger one")
    return WordsNoise(sigma, low, most, words_description(sigma, low, most), _words(sigma, low))


def words_price(sigma: float, threshold: int, most: int) -> tuple[int, int]:
    """Return (nano-rho, atto-delta) of such a list, rounded up: the worse of OpenDP's own map and of exact arithmetic.

    OpenDP 0.16's map takes the continuous Gaussian's tail for delta, which is under that of the integers it draws.
    """
    changed = (2 * most, _square_root_up(Fraction(2 * most)), 1.0)
    rho, delta = _words(sigma, threshold).map(changed)
    nano_rho = max(math.ceil(Fraction(rho) * NANO_RHO), exact_nano_rho(sigma, 2 * most))
    return nano_rho, max(math.ceil(Fraction(delta) * ATTO_DELTA), exact_atto_delta(sigma, threshold, most))


def words_description(sigma: float, threshold: int, most: int) -> str:
    """Return the description of a phrase list's noise, as canonical JSON."""
    version: str = dp.__version__
    mechanism = {"function": "make_gaussian_threshold", "library": "opendp", "version": version}
    return canonical(mechanism | {"scale": sigma, "threshold": threshold, "l0": 2 * most, "linf": 1}).decode()


# Decision 48.
def epsilons(
    nano_rho: int, atto_delta: int = 0, *, least_sigma: float | None = None, answers: int = 1
) -> tuple[dict[Delta, float], dict[Delta, float]]:
    """Return epsilon at each delta for all that was spent, rounded up to four decimals, the tighter first.

    The first is by the noise's own privacy curve (budget/privacy_curve.py), the second by OpenDP's conversion, which
    holds for any mechanism of this rho and is never the smaller; where our own sum of the same formula is larger it is
    that. `least_sigma`: of all that was paid for, None where it is not known; `answers`: how many records are one
    person's, who then has the square of it in rho.

    What phrase lists have spent is subtracted from each delta first: delta-approximate rho-zCDP is (epsilon, delta +
    delta')-DP for every (epsilon, delta') of rho-zCDP (Bun & Steinke 2016, section 8). Raises NoiseError where no delta
    is left: epsilon is then undefined, and no ledger allows it.
    """
    if nano_rho == 0:
        return dict.fromkeys(DELTAS, 0.0), dict.fromkeys(DELTAS, 0.0)
    change = _square_root_up(Fraction(2 * answers**2 * nano_rho, NANO_RHO))
    profile = dp.c.make_zCDP_to_approxDP(_gaussian(1.0)).map(change)  # type: ignore[no-untyped-call]
    deltas = {name: _left(name, atto_delta) for name in DELTAS}
    converted = {
        name: max(math.ceil(profile.epsilon(delta) * 1e4) / 1e4, converted_epsilon(delta, answers**2 * nano_rho))
        for name, delta in deltas.items()
    }
    by_curve = {name: curve_epsilon(delta, nano_rho, least_sigma, answers) for name, delta in deltas.items()}
    return {name: min(by_curve[name], converted[name]) for name in DELTAS}, converted


def _left(name: Delta, atto_delta: int) -> float:
    try:
        return delta_left(name, atto_delta)
    except ValueError as error:
        raise NoiseError(str(error)) from None


def mechanism() -> Mechanism:
    """Return the mechanism of the noise, as a release declares it."""
    version: str = dp.__version__
    return Mechanism(library="opendp", version=version, name=NAME, measure=MEASURE, neighbours=NEIGHBOURS)


def _gaussian(sigma: float) -> Any:  # noqa: ANN401 - OpenDP has no types
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=sigma)


def _words(sigma: float, threshold: int) -> Any:  # noqa: ANN401 - OpenDP has no types
    numbers = dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64"))
    space = numbers, dp.l02inf_distance(dp.absolute_distance(T="f64"))
    return dp.m.make_gaussian_threshold(*space, scale=sigma, threshold=threshold)


def _nano_rho(measurement: Any, sensitivity_squared: int) -> int:  # noqa: ANN401 - OpenDP has no types
    return math.ceil(Fraction(measurement.map(_square_root_up(Fraction(sensitivity_squared)))) * NANO_RHO)


def _square_root_up(square: Fraction) -> float:
    """Return the square root as a float that is never below it: sensitivities are never rounded down."""
    root = math.sqrt(square)
    while Fraction(root) ** 2 < square:
        root = math.nextafter(root, math.inf)
    return root
