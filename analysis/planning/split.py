"""Splits rho among the tables of a plan: a concave problem in their precisions, solved by SciPy's SLSQP (Kraft 1988).

Every variance is a sum of terms like a / (g @ rho), so it is convex and one over it is concave, of degree one in rho:
the precision. Precisions are what is maximised and what limits ask for, because a solver finds them nearly linear.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from analysis.planning.agreed_variances import Variances

Array = NDArray[np.float64]

LEAST_PART = 0.01
"""The least that a table gets, as a part of an equal share, even where others contain it."""
ITERATIONS, TOLERANCE = 1000, 1e-9
SAFETY_MARGIN = 1e-6
"""Relative: limits are met with this reserve, so that rounding cannot break them."""


@dataclass(frozen=True)
class Problem:
    """Minimise `objective` (K + D,) @ variances, subject to `limits` (J, K + D) @ variances <= 1."""

    variances: Variances
    objective: Array
    limits: Array

    @property
    def number(self) -> int:
        """The number of tables."""
        return int(self.variances.gains.shape[1])

    @property
    def even(self) -> Array:
        """A total rho of 1, split equally."""
        return np.full(self.number, 1 / self.number)

    def precision(self, weights: Array, rho: Array) -> Array:
        """Return one over `weights` (..., K + D) @ variances."""
        variances: Array = 1 / (weights @ self.variances.at(rho))
        return variances

    def precision_slopes(self, weights: Array, rho: Array) -> Array:
        """Return the derivatives (..., T) of `precision`: none is under 0."""
        variances: Array = -(self.precision(weights, rho)[..., None] ** 2) * (weights @ self.variances.slopes(rho))
        return variances


def best_split(problem: Problem, total: float) -> Array:
    """Return the rho (T,) of each table, together `total`, that makes the objective smallest.

    The limits must be reachable at `total` (`cheapest_split`).
    """
    start, limits = problem.even, (1 + SAFETY_MARGIN) / total * problem.limits
    scaled = problem.objective * problem.precision(problem.objective, start)
    constraints = [_sums_to_one(problem.number)]
    if len(limits):
        cheapest = cheapest_split(problem)
        start = (start + cheapest / cheapest.sum()) / 2
        met = {
            "type": "ineq",
            "fun": lambda parts: problem.precision(limits, parts) - 1,
            "jac": lambda parts: problem.precision_slopes(limits, parts),
        }
        constraints.append(met)
    solution = optimize.minimize(
        lambda parts: -problem.precision(scaled, parts),
        start,
        jac=lambda parts: -problem.precision_slopes(scaled, parts),
        bounds=[(LEAST_PART / problem.number, 1.0)] * problem.number,
        constraints=constraints,
        options={"maxiter": ITERATIONS, "ftol": TOLERANCE},
    )
    parts: Array = solution.x / solution.x.sum()
    return total * parts


def cheapest_split(problem: Problem) -> Array:
    """Return the rho (T,) of each table, together as little as the limits allow; there is one limit or more.

    The split of one rho whose least precision is the largest, made as large as that needs to be.
    """
    start = problem.even
    scaled = problem.limits * problem.precision(problem.limits, start).min()
    reached = {
        "type": "ineq",
        "fun": lambda point: problem.precision(scaled, point[:-1]) - point[-1],
        "jac": lambda point: np.column_stack([problem.precision_slopes(scaled, point[:-1]), -np.ones(len(scaled))]),
    }
    solution = optimize.minimize(
        lambda point: -point[-1],
        np.append(start, 1.0),
        jac=lambda point: np.append(np.zeros(len(point) - 1), -1.0),
        bounds=[(LEAST_PART / problem.number, 1.0)] * problem.number + [(0.0, None)],
        constraints=[_sums_to_one(problem.number), reached],
        options={"maxiter": ITERATIONS, "ftol": TOLERANCE},
    )
    parts: Array = solution.x[:-1] / solution.x[:-1].sum()
    return parts / float(problem.precision(problem.limits, parts).min())


def optimality_gap(problem: Problem, rho: Array) -> float:
    """Return by what part the objective is at most above its best at the same sum of rho, without limits.

    The objective is convex and inversely proportional to rho, so the slope bounds it: Frank & Wolfe's (1956) gap.
    """
    slopes = -(problem.objective @ problem.variances.slopes(rho))
    return float(slopes.max() * rho.sum() / (slopes @ rho) - 1)


def _sums_to_one(number: int) -> dict[str, object]:
    """Return the constraint that the first `number` values are together one."""
    return {
        "type": "eq",
        "fun": lambda point: point[:number].sum() - 1,
        "jac": lambda point: (np.arange(len(point)) < number).astype(np.float64),
    }
