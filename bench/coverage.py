"""How often 95 % margins hold the truth, and how often nothing is said: surveys drawn over and over, with noise.

Example: python bench/coverage.py --surveys 1000

A population answers a score of five levels within groups of 60, 30 and 10 %; 3 % do not answer and 1 % are unreadable.
Each survey draws n of them, counts score by group and score alone, adds noise of sigma to every cell, and goes
through the real post-processing. Groups of at least 30 sigma must be covered 94 to 96 % of the time, smaller ones never
less than 95 %, up to the error of the simulation. Prints Markdown tables, or one JSON object with --json.
"""

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.consistency.blocks import Measured
from analysis.consistency.groups import readings
from analysis.estimates.estimates import describe
from analysis.estimates.inference import AbstainedError, Quantity, ReleaseModel, correlation, group_difference
from analysis.estimates.weights import weighted
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin
from survey.release.estimate import Estimate

SCORE = Dimension(id="SCORE", codes=(1, 2, 3, 4, 5, 99, 255), multi=False, score=True, base="answered")
GROUP = Dimension(id="GROUP", codes=(1, 2, 3, 99, 255), multi=False, score=False, base="answered")
WITHIN = np.array([[0.02, 0.05, 0.3], [0.18, 0.2, 0.3], [0.35, 0.35, 0.2], [0.3, 0.25, 0.15], [0.15, 0.15, 0.05]])
CAME = np.array([0.6, 0.3, 0.1])
PUBLIC = np.array([0.5, 0.3, 0.2])
SILENT, BROKEN = 0.03, 0.01
SIZES = (300, 1000, 3000, 10_000, 100_000)
SIGMAS = (3.0, 10.0, 20.0, 45.0)
PLENTY = 30
WEIGHINGS = 10
"""Every tenth survey is also weighted: its bootstrap is five hundred times the work."""
MARGIN = Margin(
    dimension="GROUP",
    shares={str(place + 1): int(share * 100_000) for place, share in enumerate(PUBLIC)},
    without=(),
    of="everyone",
    source="invented",
    status="memory",
)
Cells = np.ndarray[Any, np.dtype[np.float64]]
Tally = dict[tuple[str, str], list[int]]


def main() -> None:
    """Simulate and print."""
    arguments = parser().parse_args()
    chance = np.random.default_rng(arguments.seed)
    parts = [
        {"n": size, "sigma": sigma, **simulate(chance, size, sigma, arguments.surveys)}
        for size in SIZES
        for sigma in SIGMAS
    ]
    print(json.dumps(parts) if arguments.json else markdown(parts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--surveys", type=int, default=1000)
    made.add_argument("--seed", type=int, default=20261122)
    made.add_argument("--json", action="store_true")
    return made


def simulate(chance: np.random.Generator, size: int, sigma: float, surveys: int) -> dict[str, Any]:
    """Return for each kind of number how often it was covered, of how many, and how often it abstained."""
    tally: Tally = defaultdict(lambda: [0, 0, 0])
    for number in range(surveys):
        tables = survey(chance, size, sigma)
        for kind, regime, held in (*published(tables, size, sigma), *comparisons(tables, size, sigma, number)):
            place = tally[kind, regime]
            place[2 if held is None else 1] += 1
            place[0] += bool(held)
    return {"tally": [{"kind": k, "regime": r, "held": h, "of": n, "silent": s} for (k, r), (h, n, s) in tally.items()]}


def survey(chance: np.random.Generator, size: int, sigma: float) -> list[Measured]:
    """Return the noisy tables of one survey."""
    joint = np.zeros((6, 4))
    joint[:5, :3] = WITHIN * CAME * (1 - SILENT)
    joint[5, :3] = CAME * SILENT
    counts = np.zeros((7, 5))
    drawn = chance.multinomial(size, [*(joint * (1 - BROKEN)).ravel(), BROKEN])
    counts[:6, :4], counts[6, 4] = drawn[:-1].reshape(6, 4), drawn[-1]
    alone = counts.sum(axis=1)
    return [
        Measured("T1", (SCORE, GROUP), "", sigma, noisy(chance, counts, sigma)),
        Measured("T2", (SCORE,), "", sigma, noisy(chance, alone, sigma)),
    ]


def noisy(chance: np.random.Generator, counts: Cells, sigma: float) -> tuple[int, ...]:
    """Return integers with rounded Gaussian noise: from sigma 3 on as good as the discrete Gaussian, and faster."""
    return tuple(int(cell) for cell in np.rint(counts + chance.normal(0, sigma, counts.shape)).ravel())


def published(tables: list[Measured], size: int, sigma: float) -> Iterator[tuple[str, str, bool | None]]:
    """Yield for every number that the release publishes its kind, its regime and whether it held (None: silent)."""
    for estimate in describe(tables, size)[0].estimates:
        shares = WITHIN @ CAME if estimate.group is None else WITHIN[:, estimate.group - 1]
        regime = regime_of(size * (1 - SILENT) * (1 if estimate.group is None else CAME[estimate.group - 1]), sigma)
        if estimate.abstained:
            yield from ((kind, regime, None) for kind in ("share", "mean", "median", "top"))
            continue
        yield from numbers(estimate, shares, regime)


def numbers(estimate: Estimate, shares: Cells, regime: str) -> Iterator[tuple[str, str, bool | None]]:
    """Yield whether each number of one group held; the rarest shares by their own name."""
    substantive = [share for share in estimate.shares if share.code in SCORE.substantive]
    for share, truth in zip(substantive, shares, strict=True):
        kind = "share" if truth >= 0.05 else "share of 2 %"
        yield kind, regime, abs(share.share - truth) <= share.margin
        low, high = share.bayes or (share.share - share.margin, share.share + share.margin)
        yield f"{kind}, interval within 0 and 1", regime, low <= truth <= high
    scores = np.arange(1, 6)
    yield "mean", regime, abs(estimate.mean.value - shares @ scores) <= estimate.mean.margin
    yield "top", regime, abs(estimate.top.share - shares[3:].sum()) <= estimate.top.margin
    middle = int(np.searchsorted(np.cumsum(shares), 0.5)) + 1
    yield "median", regime, estimate.median.low <= middle <= estimate.median.high


def comparisons(tables: list[Measured], size: int, sigma: float, number: int) -> Iterator[tuple[str, str, bool | None]]:
    """Yield whether a difference of groups, a correlation and a weighted share held."""
    release = ReleaseModel.measured(tables, size)
    regime = regime_of(size * CAME[2], sigma)
    try:
        difference = group_difference(release, "T1", (1, 3), Quantity(1))
        yield "difference", regime, abs(difference.value - (WITHIN[0, 0] - WITHIN[0, 2])) <= difference.margin
    except AbstainedError:
        yield "difference", regime, None
    if number % WEIGHINGS:
        return
    try:
        tied = correlation(release, "T1", ranks=False)
        yield "correlation", regime, tied.low <= pearson() <= tied.high
    except AbstainedError:
        yield "correlation", regime, None
    made = weighted(readings(release.consistent, tables[0])[0], ["GROUP"], {"GROUP": MARGIN}, size)
    truth = sum(weighted_truth([code - 1 for code in one]) for one in made.classes[0])
    yield "weighted", regime, abs(made.shares[2].share - truth) <= made.shares[2].margin if made.shares else None


def weighted_truth(places: list[int]) -> float:
    """Return what a class adds to the weighted share of the third level; a joined class keeps who came to it."""
    return float(PUBLIC[places].sum() * (WITHIN[2, places] @ CAME[places]) / CAME[places].sum())


def pearson() -> float:
    """Return the population's correlation of score and group."""
    joint, rows, columns = WITHIN * CAME, np.arange(5.0), np.arange(3.0)
    rows, columns = rows - joint.sum(axis=1) @ rows, columns - joint.sum(axis=0) @ columns
    spread = (joint.sum(axis=1) @ rows**2) * (joint.sum(axis=0) @ columns**2)
    return float(rows @ joint @ columns / math.sqrt(spread))


def regime_of(people: float, sigma: float) -> str:
    """Say whether a group is expected to have at least thirty sigma."""
    return "30 sigma or more" if people >= PLENTY * sigma else "fewer"


def markdown(results: list[dict[str, Any]]) -> str:
    """Return the figures as tables for docs/benchmarks.md: one a kind, and one of all groups together."""
    rows = [
        "| what | group | covered | lowest and highest of n and sigma | numbers | nothing said |",
        "|---|---|---|---|---|---|",
    ]
    together: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in results:
        for part in one["tally"]:
            together[part["kind"], part["regime"]].append(part)
    rows += [row(kind, regime, parts) for (kind, regime), parts in sorted(together.items())]
    grid = ["", "| n | sigma | share covered | nothing said |", "|---|---|---|---|"]
    for one in results:
        parts = [part for part in one["tally"] if part["kind"] == "share"]
        held, of, silent = (sum(part[key] for part in parts) for key in ("held", "of", "silent"))
        coverage = percent(held, of) if of else "-"
        # A silent group is counted once; it would have said four such shares.
        grid.append(f"| {one['n']:,} | {one['sigma']:.0f} | {coverage} | {percent(silent, silent + of / 4)} |")
    return "\n".join([*rows, *grid])


def row(kind: str, regime: str, parts: list[dict[str, Any]]) -> str:
    """Return one line: coverage over all n and sigma, and its range where at least a hundred numbers were given."""
    held, of, silent = (sum(part[key] for part in parts) for key in ("held", "of", "silent"))
    ranges = [part["held"] / part["of"] for part in parts if part["of"] >= 100]
    span = f"{100 * min(ranges):.1f}-{100 * max(ranges):.1f}" if ranges else "-"
    return f"| {kind} | {regime} | {percent(held, of) if of else '-'} | {span} | {of:,} | {silent:,} |"


def percent(part: float, whole: float) -> str:
    """Return a share in per cent with one decimal."""
    return f"{100 * part / max(whole, 1):.1f} %"


if __name__ == "__main__":
    main()
