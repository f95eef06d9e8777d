"""Sums of consistent cells with their uncertainty: covariance of the noise and of sampling."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from survey.release.reliability import too_few, widening

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Noisy:
    """Noisy sums of one group: `cells` (K,), and the total their shares are of.

    `cell`: the noise's variance of each cell, one number or (K,). `total_variance`: that of the total. `covariance`: of
    each cell with the total. `matrix`: the noise's whole covariance (K, K), where cells are not independent. `spread`:
    the sums' products over people, sum_i a_ki a_li (K, K), where a person counts for other than 0 or 1 (debiased
    answers); absent, every person stands in one cell.
    """

    cells: Array
    cell: float | Array
    total: float
    total_variance: float
    covariance: float | Array
    matrix: Array | None = None
    spread: Array | None = None

    @property
    def doubt(self) -> float:
        """The standard deviation of the total: of the noise, and of answers that the phone drew at random."""
        drawn = 0.0 if self.spread is None else max(float(self.spread.sum()) - max(self.total, 0.0), 0.0)
        return math.sqrt(self.total_variance + drawn)

    @property
    def few(self) -> bool:
        """Whether the total is not distinguishable from its noise."""
        return too_few(self.total, self.doubt)

    @property
    def noise(self) -> Array:
        """The noise's covariance matrix (K, K)."""
        return np.diag(np.broadcast_to(self.cell, self.cells.shape)) if self.matrix is None else self.matrix

    @property
    def widening(self) -> float:
        """How much wider margins are, by how far the total stands above its noise."""
        return widening(self.total / self.doubt if self.doubt > 0 else math.inf)

    def part(self, places: NDArray[np.intp]) -> Self:
        """Return some of the cells as a group of their own, whose total is their sum."""
        matrix = self.noise[np.ix_(places, places)]
        spread = None if self.spread is None else self.spread[np.ix_(places, places)]
        cells, every = self.cells[places], matrix.sum(axis=1)
        return type(self)(cells, np.diag(matrix), float(cells.sum()), float(matrix.sum()), every, matrix, spread)

    def mapped(self, rows: Array) -> Self:
        """Return other sums (J,) of the same cells, as shares of the same total; `rows` (J, K)."""
        matrix = rows @ self.noise @ rows.T
        covariance = rows @ np.broadcast_to(self.covariance, self.cells.shape)
        spread = None if self.spread is None else rows @ self.spread @ rows.T
        return type(self)(
            rows @ self.cells, np.diag(matrix), self.total, self.total_variance, covariance, matrix, spread
        )


def share_variance(shares: Array, noisy: Noisy, deff: float = 1.0) -> Array:
    """Return the variance of shares y/T from sampling and noise, by the delta method.

    `deff * p(1-p)/T + (v - 2pc + p^2 V) / T^2` with cell variance v, total variance V and covariance c. A known total
    has V = c = 0, which is sampling + sigma^2/n^2; a total that is the sum of K noisy cells has c = sigma^2 and
    V = K sigma^2, which is sampling + sigma^2/n^2 (1 - 2p + K p^2). Source: Lin, Bun, Gaboardi, Kolaczyk & Smith
    2024 (arXiv 2301.08324); the binomial part uses Agresti & Coull's (1998) p: rare answers must not look certain.
    Debiased answers have the larger sampling variance of their weights.
    """
    total = noisy.total
    # Decision 14.
    careful = (np.clip(noisy.cells, 0, total) + 2) / (total + 4)
    sampling = careful * (1 - careful) / total
    if noisy.spread is not None:
        every = noisy.spread.sum(axis=1)
        weighed = (np.diag(noisy.spread) - 2 * shares * every + shares**2 * noisy.spread.sum()) / total**2
        sampling = np.maximum(sampling, weighed)
    variance: Array = deff * sampling + share_noise(shares, noisy)
    return variance


def share_noise(shares: Array, noisy: Noisy) -> Array:
    """Return what of `share_variance` is the noise's."""
    noise = noisy.cell - 2 * shares * noisy.covariance + shares**2 * noisy.total_variance
    variance: Array = np.maximum(noise, 0.0) / noisy.total**2
    return variance


def mean_and_variance(scores: Array, noisy: Noisy, deff: float = 1.0) -> tuple[float, float]:
    """Return the mean score and its variance: `deff * Var(s)/T` from sampling, `d'Cd/T^2` from noise, d = s - mean.

    The total must be the sum of the cells. With independent cells the noise part is sigma^2/T^2 * sum (s - mean)^2.
    """
    mean = float(noisy.cells @ scores) / noisy.total
    apart = scores - mean
    spread = float(apart**2 @ noisy.cells) if noisy.spread is None else float(apart @ noisy.spread @ apart)
    return mean, deff * max(spread, 0.0) / noisy.total**2 + mean_noise(apart, noisy)


def mean_noise(apart: Array, noisy: Noisy) -> float:
    """Return what of a mean's variance is the noise's; `apart` (K,): how far each score is from the mean."""
    return max(float(apart @ noisy.noise @ apart), 0.0) / noisy.total**2
