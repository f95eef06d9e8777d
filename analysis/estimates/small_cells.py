"""Intervals for shares that the noise pushes to the edge: Bayesian, inside 0 and 1, never shorter than the margin's."""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID = 1001
TAILS = np.linspace(0.0, 0.05, 51)
"""How much of the 5 % outside may lie below: the shortest interval is looked for among these."""


def count_interval(noisy: float, sigma: float, size: int, level: float = 0.95) -> tuple[int, int]:
    """Return the shortest interval that holds `level` of the posterior of a true count on 0..size.

    Prior: uniform on 0..size, known; likelihood: noise with standard deviation `sigma` around the count. Source: Kao &
    Reiter 2025 (arXiv 2511.02227), intervals for counts and shares after Gaussian noise.
    """
    counts = np.arange(size + 1)
    posterior = np.exp(-(((noisy - counts) / sigma) ** 2) / 2.0) / math.sqrt(2 * math.pi)
    if posterior.sum() == 0.0:  # so far outside that every count is as unlikely: the nearest end
        posterior = (counts == (0 if noisy < 0 else size)).astype(float)
    posterior /= posterior.sum()
    order = np.argsort(-posterior, kind="stable")
    needed = int(np.searchsorted(np.cumsum(posterior[order]), level)) + 1
    likeliest = order[:needed]
    return int(likeliest.min()), int(likeliest.max())


# Decision 44.
def share_interval(
    cell: float, total: float, noise: tuple[float, float, float], wider: float = 1.0
) -> tuple[float, float]:
    """Return the shortest interval that holds 95 % of a share's posterior, true count and true total integrated out.

    `noise`: variance of the cell, covariance with the total, variance of the total. The prior of the share is uniform,
    which makes that of the true count uniform on 0..n. Given a share p the noisy cell less p times the noisy total has
    mean 0 and variance T p(1-p) + v - 2pc + p^2 V: binomial count and noise together are taken as normal (half
    a point off the exact mixture at most, from sigma = 2 on: test_small_cells.py). Source: Kao & Reiter 2025
    (arXiv 2511.02227).
    """
    shares = np.linspace(0.0, 1.0, GRID)
    own, joint, every = noise
    variance = total * shares * (1 - shares) + wider**2 * (own - 2 * shares * joint + shares**2 * every)
    variance = np.maximum(variance, 1e-12)
    weight = -0.5 * (cell - shares * total) ** 2 / variance - 0.5 * np.log(variance)
    return shortest(shares, np.exp(weight - weight.max()))


def shortest(places: Array, density: Array) -> tuple[float, float]:
    """Return the shortest interval that holds 95 % under a density given on a grid."""
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    mass /= mass[-1]
    lows, highs = np.interp(TAILS, mass, places), np.interp(TAILS + 0.95, mass, places)
    best = int(np.argmin(np.round(highs - lows, 9)))
    return float(lows[best]), float(highs[best])
