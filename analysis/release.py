"""Adds the noise: integer counts go in, noisy integers with their price come out; only here is OpenDP imported."""

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

# OpenDP switches Rust backtraces on unless told otherwise; each exception would then cost 110 ms and describe our data.
os.environ["RUST_BACKTRACE"] = "0"

import opendp.prelude as dp

from analysis.price import NANO, exact_nano_rho, sigma_for

DELTAS = {"1e-5": 1e-5, "1e-6": 1e-6, "1e-9": 1e-9}
MEASURE, NAME, NEIGHBOURS = "zCDP", "discrete-gaussian", "change-one"

dp.enable_features("contrib")


class NoiseError(RuntimeError):
    """OpenDP refused; its own message could describe the data and is not repeated."""


@dataclass(frozen=True)
class Noise:
    """A discrete Gaussian over int64 vectors; `sigma` in records, `serialised` is OpenDP's own description of it."""

    sigma: float
    serialised: str
    _measurement: dp.Measurement

    def add(self, counts: NDArray[np.int64]) -> list[int]:
        """Return `counts` with independent noise in every cell: this is the moment at which the budget is used."""
        if counts.dtype != np.int64 or counts.ndim != 1:
            raise NoiseError("noise is added to one int64 vector")
        try:
            return [int(cell) for cell in self._measurement(counts)]
        except Exception:  # noqa: BLE001 - any message of the library could hold counts
            raise NoiseError("the noise could not be drawn") from None


def gaussian_for(nano_rho: int, l2_squared: int) -> Noise:
    """Return the least noise that costs at most `nano_rho` when one record is changed.

    The sensitivity is Delta2 = sqrt(2 * l2_squared) (analysis.price); OpenDP's own map and exact fractions must both
    agree that the price is enough.
    """
    if nano_rho < 1 or l2_squared < 1:
        raise NoiseError("a table costs at least one nano-rho and moves at least one cell")
    sigma = sigma_for(nano_rho, l2_squared)
    while True:
        measurement = _gaussian(sigma)
        if _nano_rho(measurement, l2_squared) <= nano_rho and exact_nano_rho(sigma, l2_squared) <= nano_rho:
            return Noise(sigma, description(sigma), measurement)
        sigma *= 1 + 1e-12


def description(sigma: float) -> str:
    """Return OpenDP's own description (JSON) of noise with this sigma; a release carries it, anybody may remake it."""
    told: str = dp.serialize(_gaussian(sigma))  # type: ignore[no-untyped-call]
    return told


def epsilons(nano_rho: int) -> dict[str, float]:
    """Return epsilon at each delta for a total of `nano_rho`, by OpenDP's conversion, rounded up to four decimals."""
    if nano_rho == 0:
        return dict.fromkeys(DELTAS, 0.0)
    change = _square_root_up(Fraction(2 * nano_rho, NANO))
    profile = dp.c.make_zCDP_to_approxDP(_gaussian(1.0)).map(change)  # type: ignore[no-untyped-call]
    return {name: math.ceil(profile.epsilon(delta) * 1e4) / 1e4 for name, delta in DELTAS.items()}


def mechanism() -> dict[str, str]:
    """Return how noise was made, as a release says it."""
    version: str = dp.__version__
    return {"library": "opendp", "version": version, "name": NAME, "measure": MEASURE, "neighbours": NEIGHBOURS}


def _gaussian(sigma: float) -> Any:  # noqa: ANN401 - OpenDP has no types
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=sigma)


def _nano_rho(measurement: Any, l2_squared: int) -> int:  # noqa: ANN401 - OpenDP has no types
    return math.ceil(Fraction(measurement.map(_square_root_up(Fraction(2 * l2_squared)))) * NANO)


def _square_root_up(square: Fraction) -> float:
    """Return the square root as a float that is never below it: sensitivities are never rounded down."""
    root = math.sqrt(square)
    while Fraction(root) ** 2 < square:
        root = math.nextafter(root, math.inf)
    return root
