"""Epsilon of a ledger's noise: by our bound, by OpenDP's conversion and by Google's dp-accounting, in the same run.

Example: python bench/epsilon.py --step 0.0001

dp-accounting composes every table's discrete Gaussian on a grid of losses `--step` apart, rounded against the spender;
it is installed into a throw-away environment of its own. Prints one Markdown table, or one JSON object with --json.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rival_process import rival

from analysis.budget.privacy_curve import curve_epsilon
from analysis.noise.noise import epsilons
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.plan.noise_price import sigma_for
from survey.plan.plan import dimensions
from survey.plan.privacy_units import NANO_RHO
from survey.release.budget import DELTAS

STUDY = Path(__file__).parent.parent / "survey" / "studies" / "sesame_credit"
PLANS = ("plan-500", "plan-2000", "plan-60", "plan-100000")
RIVAL = ("dp-accounting==0.6.*",), "dp_accounting_gaussian.py"
Ledger = list[tuple[float, int]]
"""Each table's sigma and how many cells one record moves by one."""


def main() -> None:
    """Measure and print."""
    arguments = parser().parse_args()
    results = [ours(name, ledger) for name, ledger in ledgers().items()]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(arguments.environments or folder)
        asked = json.dumps([[*ledgers().values()], [float(delta) for delta in DELTAS], arguments.step])
        theirs = rival(place, *RIVAL, asked, seconds=3600)
    facts = {"ledgers": results, "rival": theirs}
    print(json.dumps(facts) if arguments.json else markdown(facts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--step", type=float, default=1e-4, help="How far apart dp-accounting's losses are.")
    made.add_argument("--environments", help="Keep the rival's environment in this folder.")
    made.add_argument("--json", action="store_true")
    return made


def ledgers() -> dict[str, Ledger]:
    """Return what is compared: the study's plans, equal tables for a whole lifetime, and one table for it all."""
    questionnaire, _ = compile_study(STUDY / "questionnaire.yaml")
    ledgers_by_name: dict[str, Ledger] = {}
    for name in PLANS:
        tables = compile_plan(STUDY / f"{name}.yaml", questionnaire).tables
        moved = [dimensions(table, questionnaire).sensitivity_squared for table in tables]
        pairs = zip(tables, moved, strict=True)
        ledgers_by_name[name] = [(sigma_for(table.nano_rho, cells), cells) for table, cells in pairs]
    lifetime = NANO_RHO // 10
    ledgers_by_name["30 equal tables, rho 0.1"] = [(sigma_for(lifetime // 30, 2), 2)] * 30
    ledgers_by_name["one table, rho 0.1"] = [(sigma_for(lifetime, 2), 2)]
    ledgers_by_name["one table, rho 0.01"] = [(sigma_for(lifetime // 10, 2), 2)]
    return ledgers_by_name


def ours(name: str, ledger: Ledger) -> dict[str, Any]:
    """Return our epsilons of a ledger and how long the curve took."""
    nano_rho = round(sum(cells / (2 * sigma**2) for sigma, cells in ledger) * NANO_RHO)
    least = min(sigma for sigma, _ in ledger)
    own, converted = epsilons(nano_rho, least_sigma=least)
    began = time.process_time()
    for delta in DELTAS:
        curve_epsilon(float(delta), nano_rho, least)
    taken = time.process_time() - began
    return {"name": name, "rho": nano_rho / NANO_RHO, "sigma": least, "own": own, "opendp": converted, "cpu": taken}


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    theirs = facts["rival"]
    by = f"dp-accounting {theirs['version']}" if "version" in theirs else f"dp-accounting: {theirs['why']}"
    rows = [
        f"| epsilon at 1e-5, 1e-6, 1e-9 | rho | least sigma | Sotto's bound | OpenDP's conversion | {by} |",
        "|---|---|---|---|---|---|",
    ]
    grids = theirs.get("epsilons") or [[]] * len(facts["ledgers"])
    for one, grid in zip(facts["ledgers"], grids, strict=True):
        cells = [", ".join(f"{value:.4f}" for value in one[key].values()) for key in ("own", "opendp")]
        cells.append(", ".join(f"{value:.4f}" for value in grid))
        rows.append(f"| {one['name']} | {one['rho']:.3f} | {one['sigma']:.1f} | {' | '.join(cells)} |")
    slowest = max(one["cpu"] for one in facts["ledgers"])
    rows.append(f"\nCPU seconds of a ledger: at most {slowest:.5f} here, {theirs.get('cpu', 0):.2f} there on average.")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
