"""How near `sotto plan suggest` comes to the best split of rho, which a general convex solver finds in the same run.

Example: python bench/suggest.py

Five plans: four of the Sesame study with its invented answers, and every kind of table of the showcase. The sum of all
tables' variances, once they agree, is taken from the least squares that a release is made by (`agreed`), for each split
alike: the plan's own, one by single tables (proportional to the root of weight times noise), the one that is suggested,
and the solver's. CVXPY is installed into a throw-away environment of its own. Prints one Markdown table, or one JSON
object with --json.
"""

import argparse
import json
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rival_process import rival

from analysis.planning.check import Outlook, everyone_noise, group_noise, groups_of
from analysis.planning.consistent_margins import agreed
from analysis.planning.expected_shares import described, groups, prior_shares
from analysis.planning.suggest import split_problem, suggest
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, dimensions
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.questionnaire import Questionnaire

STUDIES = Path(__file__).parent.parent / "survey" / "studies"
PLANS = {
    "plan-500": ("sesame_credit", "plan-500.yaml", 500),
    "plan-2000": ("sesame_credit", "plan-2000.yaml", 2000),
    "plan-60": ("sesame_credit", "plan-60.yaml", 10_000),
    "plan-100000": ("sesame_credit", "plan-100000.yaml", 100_000),
    "showcase": ("showcase", "plan.yaml", 3000),
}
RIVAL = ("cvxpy==1.*", "clarabel"), "cvxpy_split.py"


@dataclass(frozen=True)
class Case:
    """A plan, what is asked, and what is expected of the fieldwork."""

    plan: Plan
    questionnaire: Questionnaire
    outlook: Outlook


def main() -> None:
    """Measure and print."""
    arguments = parser().parse_args()
    cases = {name: case(*which) for name, which in PLANS.items()}
    plans = {name: ours(one) for name, one in cases.items()}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(arguments.environments or folder)
        problems = Path(folder) / "problems.json"
        problems.write_text(json.dumps([written(one) for one in cases.values()]))
        theirs = rival(place, *RIVAL, problems, seconds=3600)
    for (name, one), best in zip(cases.items(), theirs.get("splits", []), strict=False):
        split = np.array(best["parts"]) * one.plan.nano_rho / NANO_RHO
        plans[name] |= {"best": objective(one, split), "solver": best["seconds"], "status": best["status"]}
    facts = {"plans": plans, "rival": {key: theirs.get(key) for key in ("version", "solver", "why")}}
    print(json.dumps(facts) if arguments.json else markdown(facts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--environments", help="Keep the rival's environment in this folder.")
    made.add_argument("--json", action="store_true")
    return made


def case(study: str, plan_file: str, n: int) -> Case:
    """Return a plan that ships, for so many answers, which are expected as its priors invent them."""
    questionnaire, _ = compile_study(STUDIES / study / "questionnaire.yaml")
    plan = compile_plan(STUDIES / study / plan_file, questionnaire)
    priors = prior_shares(STUDIES / study / "priors.yaml", plan, questionnaire)
    return Case(plan, questionnaire, Outlook(n, priors=priors))


def written(one: Case) -> dict[str, Any]:
    """Return the problem as plain JSON values."""
    problem = split_problem(one.plan, one.questionnaire, one.outlook, [])
    parts = ("gains", "information", "directions")
    plain = {name: getattr(problem.variances, name).tolist() for name in parts}
    # Solvers want numbers around one.
    return plain | {"objective": (problem.objective / problem.objective.max()).tolist()}


def ours(one: Case) -> dict[str, Any]:
    """Return the objective of the plan's own split, of the one by single tables, and of the one that is suggested."""
    began, ticks = time.perf_counter(), time.process_time()
    prices = suggest(one.plan, one.questionnaire, one.outlook, [], one.plan.nano_rho)
    seconds, cpu = time.perf_counter() - began, time.process_time() - ticks
    splits = {
        "own": np.array([table.nano_rho for table in one.plan.tables]) / NANO_RHO,
        "single": by_single_tables(one),
        "suggested": np.array([prices[table.id] for table in one.plan.tables]) / NANO_RHO,
    }
    return {name: objective(one, rho) for name, rho in splits.items()} | {
        "tables": len(one.plan.tables), "seconds": seconds, "cpu": cpu
    }  # fmt: skip


def objective(one: Case, rho: np.ndarray) -> float:
    """Return the sum of all tables' variances once they agree, each counted by the part of rho the plan gives it."""
    shapes = [dimensions(table, one.questionnaire) for table in one.plan.tables]
    sigmas = {
        table.id: sigma_for(1, shape.sensitivity_squared) / math.sqrt(max(part, 1e-12) * NANO_RHO)
        for table, shape, part in zip(one.plan.tables, shapes, rho, strict=True)
    }
    noises = agreed(one.plan, one.questionnaire, sigmas, one.outlook.n)
    total = 0.0
    for table in one.plan.tables:
        noise, n = noises[table.id].everyone, described_people(one, table.id)[0]
        if noise is None:
            code = described_people(one, table.id)[1]
            noise = noises[table.id].groups[code]
        total += table.nano_rho / one.plan.nano_rho * noise.of_share(0.5) / n**2
    return total


def described_people(one: Case, name: str) -> tuple[float, int]:
    """Return how many people a table describes (everyone, or else its smallest group) and that group's code."""
    table = next(table for table in one.plan.tables if table.id == name)
    shape, shares = dimensions(table, one.questionnaire), (one.outlook.priors or {})[name]
    if everyone_noise(shape, 1.0) is not None:
        return one.outlook.n * described(shape, shares), 0
    smallest = min(groups(shape, shares).items(), key=lambda pair: pair[1])
    return one.outlook.n * smallest[1], smallest[0]


def by_single_tables(one: Case) -> np.ndarray:
    """Return rho in proportion to sqrt(weight * noise) of each table alone."""
    wanted = []
    for table in one.plan.tables:
        shape, shares = dimensions(table, one.questionnaire), (one.outlook.priors or {})[table.id]
        unit = sigma_for(NANO_RHO, shape.sensitivity_squared)
        noise = everyone_noise(shape, unit)
        n = one.outlook.n * described(shape, shares)
        if noise is None:
            noise = group_noise(shape, unit)
            inside = groups_of(shape, unit, shares, one.outlook)
            n = min((group.n for group in inside), default=float(one.outlook.n))
        wanted.append(math.sqrt(table.nano_rho * noise.of_share(0.5)) / max(n, 1.0))
    parts = np.array(wanted)
    return parts / parts.sum() * one.plan.nano_rho / NANO_RHO


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md: variances relative to the solver's."""
    solver = facts["rival"]
    by = (
        f"CVXPY {solver['version']} with Clarabel {solver['solver']}" if solver["version"] else f"none: {solver['why']}"
    )
    rows = [
        f"| variances, times those of {by} | tables | the plan's own | single tables | **suggested** | s | s there |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in facts["plans"].items():
        best = one.get("best", one["suggested"])
        parts = " | ".join(f"{one[key] / best:.3f}" for key in ("own", "single", "suggested"))
        rows.append(f"| {name} | {one['tables']} | {parts} | {one['seconds']:.2f} | {one.get('solver', 0):.2f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
