"""A general convex solver: the best split of rho by CVXPY with Clarabel, from the same functions of rho."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import cvxpy as cp
import numpy as np


def main() -> None:
    """Read problems from a JSON file; print each one's best parts of rho and the seconds it took."""
    problems = json.loads(Path(sys.argv[1]).read_text())
    solutions = [solved(**problem) for problem in problems]
    print(json.dumps({"version": version("cvxpy"), "solver": version("clarabel"), "splits": solutions}))


def solved(
    gains: list[list[float]],
    information: list[list[list[float]]],
    directions: list[list[float]],
    objective: list[float],
) -> dict[str, object]:
    """Return the parts of one that make the objective smallest."""
    began = time.perf_counter()
    linear, totals, weights = np.array(gains), np.array(information), np.array(objective)
    parts = cp.Variable(linear.shape[1])
    even = np.full(linear.shape[1], 1 / linear.shape[1])
    # Every term is written relative to its value for equal parts: the solver's tolerances are absolute.
    at_even = linear @ even
    own = weights[: len(linear)] / at_even
    matrix = sum(parts[place] * totals[place] for place in range(len(totals)))
    scale = float(own.sum())
    terms = cp.sum(cp.multiply(own / scale, cp.inv_pos(cp.multiply(1 / at_even[:, None], linear) @ parts)))
    for weight, direction in zip(weights[len(linear) :], np.array(directions), strict=True):
        if weight > 0:
            terms += weight / scale * cp.matrix_frac(direction, matrix)
    problem = cp.Problem(cp.Minimize(terms), [cp.sum(parts) == 1, parts >= 0])
    problem.solve(solver=cp.CLARABEL)
    values = np.maximum(parts.value, 0)
    taken = time.perf_counter() - began
    return {"parts": (values / values.sum()).tolist(), "status": problem.status, "seconds": taken}


if __name__ == "__main__":
    main()
