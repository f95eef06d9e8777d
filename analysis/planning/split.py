"""Splits rho among the tables of a plan: a concave problem in their precisions, solved by SciPy's SLSQP (Kraft 1988).

Every variance is a sum of terms like a / (g @ rho), so it is convex and one over it is concave, of degree one in rho:
the precision. Precisions are what is maximised and what limits ask for, because a solver finds them nearly linear.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from analysis.planning.agreed_variances import Variances
from analysis.study.folder import StudyError

Array = NDArray[np.float64]

LEAST_PART = 0.01
"""The least that a table gets, as a part of an equal share, even where others contain it."""
ITERATIONS, TOLERANCES = 300, (1e-9, 1e-7, 1e-5)
SAFETY_MARGIN = 1e-6
"""Relative: limits are met with this reserve, so that rounding cannot break them."""
REMEDY = "widen a margin, or give the tables weights that are nearer to each other"


class SplitError(StudyError):
    """No split was computed; the message says what would help."""


@dataclass(frozen=True)
class SplitProblem:
    """Minimise `objective` (K + D,) @ variances, subject to `limits` (J, K + D) @ variances <= 1."""

    variances: Variances
    objective: Array
    limits: Array

    @property
    def number(self) -> int:
        """The number of tables."""
        return int(self.variances.gains.shape[1])

    @property
    def equal_parts(self) -> Array:
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


def best_split(problem: SplitProblem, total: float) -> Array:
    """Return the rho (T,) of each table, together `total`, that makes the objective smallest.

    The limits must be reachable at `total` (`cheapest_split`). Raises SplitError where the solver ends without a split
    that meets them.
    """
    scaled = problem.objective * problem.precision(problem.objective, problem.equal_parts)
    if not len(problem.limits):
        return total * _best_parts(problem, scaled, problem.equal_parts, [_sums_to_one(problem.number)])
    needed = cheapest_split(problem)
    cheapest: Array = needed / needed.sum()
    if total <= (1 + 10 * SAFETY_MARGIN) * needed.sum():
        return float(total) * cheapest  # nothing is left to choose
    limits = (1 + SAFETY_MARGIN) / total * problem.limits
    met = {
        "type": "ineq",
        "fun": lambda parts: problem.precision(limits, parts) - 1,
        "jac": lambda parts: problem.precision_slopes(limits, parts),
    }
    parts = _best_parts(problem, scaled, (problem.equal_parts + cheapest) / 2, [_sums_to_one(problem.number), met])
    return total * _meeting(problem, limits, parts, cheapest)


def _best_parts(problem: SplitProblem, scaled: Array, start: Array, constraints: list[dict[str, object]]) -> Array:
    """Return the parts of one rho by which the precision of the `scaled` objective is largest."""
    solution = _minimum(
        lambda parts: -problem.precision(scaled, parts),
        lambda parts: -problem.precision_slopes(scaled, parts),
        start,
        constraints,
        bounds=[(LEAST_PART / problem.number, 1.0)] * problem.number,
    )
    parts: Array = solution / solution.sum()
    return parts


def _meeting(problem: SplitProblem, limits: Array, parts: Array, cheapest: Array) -> Array:
    """Return `parts` with so much of the cheapest split of one rho mixed in that every limit holds.

    The solver ends beside a limit by its tolerance, by more where it hardly can be met. Precisions are concave: at a
    mixture each is at least the mixture of both. Raises SplitError where a limit is missed all the same.
    """
    reached, most = (float(problem.precision(limits, one).min()) for one in (parts, cheapest))
    if reached < 1:
        part = min((1 - reached) / (most - reached), 1.0) if most > reached else 1.0
        parts = (1 - part) * parts + part * cheapest
    if float(problem.precision(limits, parts).min()) < 1 - 2 * SAFETY_MARGIN:
        raise SplitError(f"the split that was computed misses a target: {REMEDY}")
    return parts


def cheapest_split(problem: SplitProblem) -> Array:
    """Return the rho (T,) of each table, together as little as the limits allow; there is one limit or more.

    The split of one rho whose least precision is the largest, made as large as that needs to be. Raises SplitError
    where the solver ends without one.
    """
    start = problem.equal_parts
    scaled = problem.limits * problem.precision(problem.limits, start).min()
    reached = {
        "type": "ineq",
        "fun": lambda point: problem.precision(scaled, point[:-1]) - point[-1],
        "jac": lambda point: np.column_stack([problem.precision_slopes(scaled, point[:-1]), -np.ones(len(scaled))]),
    }
    solution = _minimum(
        lambda point: -point[-1],
        lambda point: np.append(np.zeros(len(point) - 1), -1.0),
        np.append(start, 1.0),
        [_sums_to_one(problem.number), reached],
        bounds=[(LEAST_PART / problem.number, 1.0)] * problem.number + [(0.0, None)],
    )
    parts: Array = solution[:-1] / solution[:-1].sum()
    return parts / float(problem.precision(problem.limits, parts).min())


def _minimum(
    objective: Callable[[Array], Array | float],
    slopes: Callable[[Array], Array],
    start: Array,
    constraints: list[dict[str, object]],
    bounds: list[tuple[float, float | None]],
) -> Array:
    """Return where `objective` is smallest; raise SplitError where the solver ends without success."""
    for tolerance in TOLERANCES:
        result = optimize.minimize(
            objective,
            start,
            jac=slopes,
            bounds=bounds,
            constraints=constraints,
            options={"maxiter": ITERATIONS, "ftol": tolerance},
        )
        if result.success and np.isfinite(result.x).all():
            solution: Array = result.x
            return solution
    raise SplitError(f"no best split was computed (SLSQP: {result.message}): {REMEDY}")


def _sums_to_one(number: int) -> dict[str, object]:
    """Return the constraint that the first `number` values are together one."""
    return {
        "type": "eq",
        "fun": lambda point: point[:number].sum() - 1,
        "jac": lambda point: (np.arange(len(point)) < number).astype(np.float64),
    }
