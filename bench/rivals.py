"""Sixty cross-tables with noise over a million rows, here and by four other libraries, in the same run.

Example: python bench/rivals.py --rows 1000000

Each rival is installed from the package index into a throw-away environment of its own, never into this one; one that
cannot be installed is named with pip's last words. A rival answers tables until `--seconds` are over, at least one; its
time for sixty is that, scaled by the number of tables. Imports, loading and a first table are not timed, nor are
Sotto's. Other jobs blur the clock and not CPU time, so both are told. Prints one Markdown table, or one JSON object
with --json.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tables as ours
from rival_process import rival

from analysis.counting.contingency_tables import Layout
from analysis.counting.count_box import SHARD
from analysis.noise.noise import gaussian_for
from analysis.opening.columns import Columns
from survey.authoring.compiler import compile_study

RIVALS = {
    "OpenDP Context over Polars": (("opendp[polars]==0.16.*",), "opendp_context.py"),
    "SmartNoise-SQL": (("smartnoise-sql",), "smartnoise.py"),
    "PipelineDP, local backend": (("pipeline-dp",), "pipelinedp.py"),
    # diffprivlib 0.6 does not load beside scikit-learn 1.6 and later.
    "diffprivlib": (("diffprivlib", "scikit-learn<1.6"), "diffprivlib_histogram.py"),
}


def main() -> None:
    """Measure all and print."""
    arguments = parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(arguments.environments or folder)
        facts = measure(place, arguments.rows, arguments.seconds, arguments.repeat)
    print(json.dumps(facts) if arguments.json else markdown(facts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", type=int, default=1_000_000)
    made.add_argument("--seconds", type=float, default=60.0, help="How long one rival may take.")
    made.add_argument("--repeat", type=int, default=5, help="How often numpy and Sotto are timed.")
    made.add_argument("--environments", help="Keep the rivals' environments in this folder.")
    made.add_argument("--json", action="store_true")
    return made


def measure(place: Path, rows: int, seconds: float, repeat: int) -> dict[str, Any]:
    """Return the seconds of everyone for all tables."""
    questionnaire, _ = compile_study(ours.STUDY / "questionnaire.yaml")
    layouts = ours.crosstabs(questionnaire)
    columns = ours.invented(questionnaire, rows)
    indexes = ours.ready(columns, layouts)
    write(place / "columns.npz", indexes, layouts)
    noises = [gaussian_for(1_000_000, 2) for _ in layouts]

    def sotto() -> None:
        counts = ours.counted(columns, layouts, SHARD)
        for table, noise in zip(layouts, noises, strict=True):
            noise.add(counts[table.id])

    def numpy() -> None:
        ours.bare(indexes, layouts)

    # Neighbours on a shared machine only ever take time away: before and after the rivals, and the better of the two.
    before = timed(numpy, repeat), timed(sotto, repeat)
    patience, columns_file = 20 * seconds + 600, place / "columns.npz"
    others = {name: rival(place, *how, columns_file, seconds, seconds=patience) for name, how in RIVALS.items()}
    after = timed(numpy, repeat), timed(sotto, repeat)
    floor, whole = ({key: min(one[key], two[key]) for key in one} for one, two in zip(before, after, strict=True))
    return {"rows": rows, "tables": len(layouts), "numpy": floor, "sotto": whole, "rivals": others}


def timed(work: Callable[[], None], repeat: int) -> dict[str, float]:
    """Return the median seconds of `work` by the clock, and the least of its CPU time."""
    start = time.process_time()
    work()
    least = time.process_time() - start
    return {"seconds": ours.best(work, repeat), "cpu": least}


def write(path: Path, columns: Columns, layouts: list[Layout]) -> None:
    """Write the columns that the tables need, as level indexes."""
    axes = {axis.id: len(axis.codes) for table in layouts for axis in table.shape.dimensions}
    pairs = [[axis.id for axis in table.shape.dimensions] for table in layouts]
    values: dict[str, Any] = {name: columns.values[name] for name in axes}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, facts=np.array(json.dumps({"levels": axes, "pairs": pairs})), **values)


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md: ratios to Sotto, which do not depend on the machine."""
    sotto, floor, number = facts["sotto"], facts["numpy"], facts["tables"]
    rows = [
        f"| {number} cross-tables with noise, {facts['rows']:,} rows | seconds | CPU seconds | times Sotto, in CPU |",
        "|---|---|---|---|",
        f"| numpy, counting alone | {floor['seconds']:.3f} | {floor['cpu']:.3f} | {floor['cpu'] / sotto['cpu']:.2f} |",
        f"| **Sotto** | **{sotto['seconds']:.3f}** | {sotto['cpu']:.3f} | 1 |",
    ]
    for name, result in facts["rivals"].items():
        if "why" in result:
            rows.append(f"| {name} | could not be run: {result['why']} | | |")
            continue
        whole, cpu = (result[key] * number / result["tables"] for key in ("seconds", "cpu"))
        scaled = "" if result["tables"] == number else f" (from {result['tables']} tables)"
        rows.append(f"| {name} {result['version']} | {whole:,.1f}{scaled} | {cpu:,.1f} | {cpu / sotto['cpu']:,.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
