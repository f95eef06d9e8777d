"""What making tables agree is worth: every pair of fifteen items at rho = 0.1, beside the same tables left alone.

Example: python bench/consistency.py --rows 100000

Prints one Markdown table, or one JSON object with --json. Errors are mean absolute errors of a count, averaged over the
cells of a table and then over tables; "that can hold anybody" leaves out the cells that are unreadable in one dimension
alone, which are empty by definition and which tables left alone fill with noise.
"""

import argparse
import json
import statistics
import time
from itertools import combinations
from typing import Any

import numpy as np

from analysis.consistency.blocks import Measured
from analysis.consistency.least_squares import Consistent, make_consistent
from analysis.estimates.simplex_projection import on_simplex
from survey.plan.dimension import Dimension
from survey.plan.noise_price import sigma_for
from survey.release.reliability import Z95

LEVELS = (2, 3, 4, 5, 2, 3, 4, 6, 2, 3, 2, 7, 2, 3, 7)
"""Readable levels of the fifteen items; each has the unreadable level beside them (2,264 cells in all pairs)."""
UNREADABLE = 0.01
Cells = np.ndarray[Any, np.dtype[np.float64]]


def main() -> None:
    """Measure and print."""
    arguments = parser().parse_args()
    chance = np.random.default_rng(arguments.seed)
    axes, columns = people(chance, arguments.rows)
    pairs = list(combinations(range(len(axes)), 2))
    truths = {pair: counted(axes, columns, pair) for pair in pairs}
    sigma = sigma_for(int(arguments.rho * 1e9) // len(pairs), 2)
    drawn = [drawn_tables(chance, axes, truths, sigma) for _ in range(arguments.draws)]
    seconds, results = zip(*(timed(tables, arguments.rows) for tables in drawn), strict=True)
    each = [errors(tables, truths, cells_of_pairs) for tables, cells_of_pairs in zip(drawn, results, strict=True)]
    facts = {"rows": arguments.rows, "rho": arguments.rho, "tables": len(pairs), "sigma": sigma}
    facts |= {"cells": sum(truth.size for truth in truths.values()), "seconds": statistics.median(seconds)}
    facts |= {name: statistics.mean(one[name] for one in each) for name in each[0]}
    print(json.dumps(facts) if arguments.json else markdown(facts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", type=int, default=100_000)
    made.add_argument("--rho", type=float, default=0.1)
    made.add_argument("--draws", type=int, default=20, help="How often noise is drawn; errors are averaged.")
    made.add_argument("--seed", type=int, default=20261122)
    made.add_argument("--json", action="store_true")
    return made


def people(chance: np.random.Generator, rows: int) -> tuple[list[Dimension], Cells]:
    """Return items, and answers (items, rows) as places of levels: skewed, and tied together by one hidden trait."""
    axes = [
        Dimension(id=f"Q{place}", codes=(*range(1, size + 1), 255), multi=False, score=False, base="answered")
        for place, size in enumerate(LEVELS)
    ]
    trait = chance.normal(size=rows)
    columns = np.empty((len(LEVELS), rows), dtype=np.intp)
    for place, size in enumerate(LEVELS):
        cuts = np.quantile(trait, np.cumsum(chance.dirichlet(np.full(size, 2.0)))[:-1])
        columns[place] = np.searchsorted(cuts, 0.5 * trait + chance.normal(0, 0.87, rows))
    columns[:, chance.random(rows) < UNREADABLE] = -1
    return axes, columns


def counted(axes: list[Dimension], columns: Cells, pair: tuple[int, int]) -> Cells:
    """Count one pair exactly."""
    sizes = [len(axes[place].codes) for place in pair]
    first, second = (columns[place] % size for place, size in zip(pair, sizes, strict=True))
    counts: Cells = np.bincount(first * sizes[1] + second, minlength=sizes[0] * sizes[1])
    return counts


def noisy(chance: np.random.Generator, truth: Cells, sigma: float) -> tuple[int, ...]:
    """Return counts with rounded Gaussian noise: at this sigma as good as the discrete Gaussian, and OpenDP-free."""
    return tuple(int(cell) for cell in np.rint(truth + chance.normal(0, sigma, truth.size)))


def drawn_tables(
    chance: np.random.Generator, axes: list[Dimension], truths: dict[tuple[int, int], Cells], sigma: float
) -> list[Measured]:
    """Return all pairs with fresh noise."""
    return [
        Measured(f"T{a}-{b}", (axes[a], axes[b]), "", sigma, noisy(chance, truth, sigma))
        for (a, b), truth in truths.items()
    ]


def timed(tables: list[Measured], rows: int) -> tuple[float, list[tuple[Cells, Cells]]]:
    """Return the CPU seconds of the whole step, cells and variances of every table included, and its result."""
    start = time.process_time()
    consistent: Consistent = make_consistent(tables, rows)
    consistent_cells = [consistent.counts(table) for table in tables]
    return time.process_time() - start, consistent_cells


def errors(
    tables: list[Measured], exact: dict[tuple[int, int], Cells], consistent_cells: list[tuple[Cells, Cells]]
) -> dict[str, float]:
    """Return the mean absolute errors alone, together and as displayed; and how often 95 % margins held."""
    truths = list(exact.values())
    alive = [variances > 0 for _, variances in consistent_cells]
    alone = [np.abs(np.array(table.counts) - truth) for table, truth in zip(tables, truths, strict=True)]
    together = [np.abs(cells - truth) for (cells, _), truth in zip(consistent_cells, truths, strict=True)]
    shown = [np.abs(on_simplex(cells) - truth) for (cells, _), truth in zip(consistent_cells, truths, strict=True)]
    held = [
        error[keep] <= Z95 * np.sqrt(variances[keep])
        for error, (_, variances), keep in zip(together, consistent_cells, alive, strict=True)
    ]
    parts = {"alone": alone, "together": together, "shown": shown}
    whole = {f"{name}_all": mean(part) for name, part in parts.items()}
    live = {f"{name}_live": mean([e[k] for e, k in zip(part, alive, strict=True)]) for name, part in parts.items()}
    return whole | live | {"covered": float(np.concatenate(held).mean())}


def mean(parts: list[Cells]) -> float:
    """Return the mean over tables of the mean over cells."""
    return float(np.mean([part.mean() for part in parts]))


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    head = f"{facts['tables']} pairs, {facts['cells']} cells, {facts['rows']:,} rows, rho {facts['rho']}"
    names = {"alone": "tables left alone", "together": "made consistent (unbiased)", "shown": "displayed (simplex)"}
    rows = [f"| {name} | {facts[f'{key}_all']:.1f} | {facts[f'{key}_live']:.1f} |" for key, name in names.items()]
    title = f"| {head} | all released cells | cells that can hold anybody |"
    speed = f"sigma {facts['sigma']:.1f}; {1000 * facts['seconds']:.0f} ms of CPU (goal 50);"
    return "\n".join(
        [title, "|---|---|---|", *rows, "", f"{speed} 95 % margins held {100 * facts['covered']:.1f} % of cells."]
    )


if __name__ == "__main__":
    main()
