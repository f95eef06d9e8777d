"""How long sixty cross-tabulations with noise take over a million rows, beside numpy alone.

Example: python bench/tables.py --rows 1000000

Seconds are CPU time, the least of several tries, so that other jobs on the machine do not show. Prints one Markdown
table, or one JSON object with --json.
"""

import argparse
import json
import time
from collections.abc import Callable
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np

from analysis.counting.contingency_tables import Counting, Layout, layout, zeros
from analysis.counting.count_box import SHARD
from analysis.noise.noise import gaussian_for
from analysis.opening.columns import Columns
from survey.authoring.compiler import compile_study
from survey.plan.plan import PlanTable
from survey.questionnaire.questionnaire import Questionnaire

STUDY = Path(__file__).parents[1] / "survey" / "studies" / "sesame_credit"
TABLES = 60


def main() -> None:
    """Measure and print."""
    arguments = parser().parse_args()
    questionnaire, _ = compile_study(STUDY / "questionnaire.yaml")
    tables = crosstabs(questionnaire)
    columns = invented(questionnaire, arguments.rows)
    noises = [gaussian_for(1_000_000, 2) for _ in tables]
    counts = counted(columns, tables, SHARD)
    indexes = ready(columns, tables)
    seconds = {
        "rows": arguments.rows,
        "tables": len(tables),
        "cells": sum(table.shape.cells for table in tables),
        "numpy": best(lambda: bare(indexes, tables), arguments.repeat),
        "counted": best(lambda: counted(columns, tables, SHARD), arguments.repeat),
        "noise": best(lambda: [n.add(counts[t.id]) for t, n in zip(tables, noises, strict=True)], arguments.repeat),
    }
    seconds["total"] = seconds["counted"] + seconds["noise"]
    seconds["ratio"] = seconds["total"] / seconds["numpy"]
    print(json.dumps(seconds) if arguments.json else markdown(seconds))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", type=int, default=1_000_000)
    made.add_argument("--repeat", type=int, default=5)
    made.add_argument("--json", action="store_true")
    return made


def crosstabs(questionnaire: Questionnaire) -> list[Layout]:
    """Return sixty two-way tables of single items."""
    singles = [item.id for item in questionnaire.items if not item.multi]
    pairs = islice(combinations(singles, 2), 0, None, 5)
    rest: dict[str, Any] = {"population": None, "nano_rho": 1_000_000, "reason": "", "hypotheses": ()}
    tables = [
        PlanTable(id=f"T{number}", dimensions=pair, **rest) for number, pair in enumerate(islice(pairs, TABLES), 1)
    ]
    return [layout(table, questionnaire) for table in tables]


def invented(questionnaire: Questionnaire, rows: int) -> Columns:
    """Return columns of random codes: what is counted does not change how long it takes."""
    chance = np.random.default_rng(1)
    values = {
        item.id: chance.choice(np.array([*item.codes, *item.missing, 97], dtype=np.uint8), rows)
        for item in questionnaire.items
        if not item.multi
    }
    return Columns(questionnaire, np.ones(rows, dtype=bool), values, {})


def counted(columns: Columns, tables: list[Layout], chunk: int) -> dict[str, Any]:
    """Count chunk by chunk, as a counting process does."""
    totals, counting = zeros(tables), Counting.of(tables)
    for start in range(0, len(columns), chunk):
        for name, cells in counting.tabulate(part(columns, slice(start, start + chunk))).items():
            totals[name] += cells
    return totals


def part(columns: Columns, rows: slice) -> Columns:
    """Return some rows as a chunk."""
    values = {name: column[rows] for name, column in columns.values.items()}
    return Columns(columns.questionnaire, columns.readable[rows], values, {})


def bare(columns: Columns, tables: list[Layout]) -> None:
    """Count level indexes that lie ready as uint8, whole columns at a time, and check nothing: the floor."""
    for table in tables:
        one, two = table.shape.dimensions
        codes = columns.values[one.id].astype(np.int32) * len(two.codes) + columns.values[two.id]
        np.bincount(codes, minlength=table.shape.cells)


def ready(columns: Columns, tables: list[Layout]) -> Columns:
    """Return columns that hold level indexes in place of codes."""
    axes = {axis.id: axis for table in tables for axis in table.shape.dimensions}
    return columns.with_values({name: columns.values[name] % len(axis.codes) for name, axis in axes.items()})


def best(work: Callable[[], object], repeat: int) -> float:
    """Return the least CPU seconds of `work`."""
    taken = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    return "\n".join(
        [
            f"| {facts['tables']} cross-tables, {facts['cells']} cells, {facts['rows']:,} rows | CPU seconds |",
            "|---|---|",
            f"| numpy alone (bincount over ready columns) | {facts['numpy']:.3f} |",
            f"| counted from codes, in chunks | {facts['counted']:.3f} |",
            f"| discrete Gaussian noise | {facts['noise']:.3f} |",
            f"| **counted with noise** (goal 0.3) | **{facts['total']:.3f}** |",
            f"| times numpy alone (goal 1.25) | **{facts['ratio']:.2f}** |",
        ]
    )


if __name__ == "__main__":
    main()
