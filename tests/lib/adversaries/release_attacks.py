"""Attacks on our own releases, with certified bounds: what they find is compared with what a release claims.

Tests and benchmarks run them on invented answers.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats
from scipy.optimize import linprog
from scipy.sparse.linalg import lsqr

from survey.plan.privacy_units import NANO_RHO

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

THRESHOLDS = 64


def claimed_mu(nano_rho: int) -> float:
    """Return how far apart a release of this price may set two neighbours: mu = sqrt(2 rho), Gaussian noise's own.

    The best test between a normal and one shifted by mu of its deviations is what Gaussian noise of rho-zCDP allows
    (Dong, Roth & Su 2022, "Gaussian differential privacy"). From sigma = 1.4 on the discrete Gaussian is the normal one
    to within exp(-2 pi^2 sigma^2) < 1e-16 (Canonne, Kamath & Steinke 2020).
    """
    return math.sqrt(2 * nano_rho / NANO_RHO)


# Decisions 30 and 64.
def certified_mu(first: Floats, second: Floats, alarm: float) -> float:
    """Return a lower bound on mu that is wrong with a chance of at most `alarm`, from scores under two neighbours.

    A threshold is chosen on the first sixth of the scores by its certified bound, and judged on the rest alone:
    `probit(true positives) - probit(false positives)` with Clopper & Pearson's (1934) bounds at alarm/2 each.
    """
    cut = len(first) // 6
    pooled = np.concatenate([first[:cut], second[:cut]])
    thresholds = np.unique(np.quantile(pooled, np.linspace(0.02, 0.98, THRESHOLDS)))
    best = max(thresholds, key=lambda place: _bound(first[:cut], second[:cut], place, alarm))
    return _bound(first[cut:], second[cut:], best, alarm)


def reconstructed(memberships: Ints, yes: Floats, people: int) -> Ints:
    """Return each person's guessed bit from noisy counts of yes in known groups: least squares (Dinur, Nissim 2003).

    `memberships` is (2, entries): the question and the person of each membership.
    """
    rows, columns = memberships
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(yes), people))
    solution = lsqr(matrix, yes - 0.5 * np.asarray(matrix.sum(axis=1)).ravel(), atol=1e-12, btol=1e-12)[0]
    guessed: Ints = (solution > 0).astype(np.int64)
    return guessed


def reconstructed_by_program(memberships: Ints, yes: Floats, people: int) -> Ints:
    """Return the same guesses by a linear program: bits between 0 and 1 with the least sum of absolute errors, rounded.

    Dinur & Nissim 2003; Dwork, McSherry & Talwar 2007 for the sum of absolute errors, which few wild answers do not
    mislead.
    """
    rows, columns = memberships
    questions = len(yes)
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(questions, people))
    error = sparse.identity(questions)
    errors_at_least = sparse.bmat([[matrix, -error], [-matrix, -error]], format="csr")
    cost = np.concatenate([np.zeros(people), np.ones(questions)])
    bounds = [(0.0, 1.0)] * people + [(0.0, None)] * questions
    solved = linprog(cost, A_ub=errors_at_least, b_ub=np.concatenate([yes, -yes]), bounds=bounds, method="highs")
    guessed: Ints = (solved.x[:people] > 0.5).astype(np.int64)
    return guessed


def pure_limit(epsilon: float) -> float:
    """Return the greatest chance to guess a fair bit rightly under pure differential privacy: e^eps/(1+e^eps)."""
    return 1 / (1 + math.exp(-epsilon))


def gaussian_limit(nano_rho: int) -> float:
    """Return the greatest chance to guess a fair bit rightly under Gaussian noise of this price: Phi(mu/2)."""
    return float(stats.norm.cdf(claimed_mu(nano_rho) / 2))


def _bound(first: Floats, second: Floats, threshold: float, alarm: float) -> float:
    true = _least(int((second > threshold).sum()), len(second), alarm / 2)
    false = 1 - _least(int((first <= threshold).sum()), len(first), alarm / 2)
    return float(stats.norm.ppf(true) - stats.norm.ppf(false)) if true > 0 and false < 1 else -math.inf


def _least(hits: int, trials: int, alarm: float) -> float:
    """Return Clopper and Pearson's lower bound of a chance."""
    return float(stats.beta.ppf(alarm, hits, trials - hits + 1)) if hits else 0.0
