"""Invented answers to grids, and to questions of several answers: each drawn from its released table, alone.

What such answers have to do with anything else is not in the rows, nor which options exclude one another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.debias import unbiased
from analysis.estimates.simplex_projection import on_simplex
from survey.plan.dimension import Dimension
from survey.questionnaire.codes import (
    OUTSIDE,
    RESERVED,
    UNREADABLE,
)
from survey.release.release import Release, Table

Array = NDArray[np.float64]
Column = NDArray[np.int64]


@dataclass(frozen=True)
class GroupShares:
    """What a table says of one grid's row or one question of several answers.

    `codes`: the readable ones, and 254 where the table is of a part of the people; `shares`: of all readable records,
    in their order, none negative. They sum to one but for several answers, where those of `statuses` (none of these,
    not asked, don't know, refused, outside) exclude all others.
    """

    name: str
    codes: tuple[int, ...]
    shares: Array
    several: bool

    @property
    def statuses(self) -> NDArray[np.bool_]:
        """Which codes stand for no answer at all."""
        return np.array([code in RESERVED for code in self.codes])

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: the row's id; of several answers `ID=CODE`, one an option."""
        if not self.several:
            return (self.name,)
        return tuple(f"{self.name}={code}" for code in self.codes if code not in RESERVED)


def group_shares(release: Release) -> list[GroupShares]:
    """Return the shares of every grid's row and every question of several answers, of a table of everyone if any."""
    sources = group_sources(release)
    return [shares for name in sorted(sources) for shares in _read(release, *sources[name])]


def group_sources(release: Release) -> dict[str, tuple[Table, int]]:
    """Return where each grid and question of several answers is drawn from: the table, and its place among the axes."""
    sources: dict[str, tuple[Table, int]] = {}
    for table in sorted(release.tables, key=lambda table: (table.population is not None, len(table.dimensions))):
        for place, axis in enumerate(table.dimensions):
            if axis.id not in sources and _summable(table, place):
                sources[axis.id] = (table, place)
    return sources


def _summable(table: Table, place: int) -> bool:
    """Say whether the table's cells, summed over its other dimensions, are those of a grid or of several answers."""
    others = (axis for position, axis in enumerate(table.dimensions) if position != place)
    wanted = table.dimensions[place]
    return bool(wanted.multi or wanted.rows) and not any(axis.multi or axis.rows for axis in others)


def _read(release: Release, table: Table, place: int) -> list[GroupShares]:
    axis = table.dimensions[place]
    shape = [one.cells for one in table.dimensions]
    inside, outside = np.split(np.array(table.consistent), [int(np.prod(shape))])
    cells = inside.reshape(shape)
    sums = np.moveaxis(cells, place, 0).reshape(axis.cells, -1).sum(axis=1).reshape(-1, len(axis.codes))
    kept = [position for position, code in enumerate(axis.codes) if code != UNREADABLE]
    codes = tuple(axis.codes[position] for position in kept) + (OUTSIDE,) * len(outside)
    counts = np.hstack([sums[:, kept] @ unbiased(axis).T, np.tile(outside, (len(sums), 1))])
    if axis.multi:
        unreadable = sums[0, axis.codes.index(UNREADABLE)] if UNREADABLE in axis.codes else 0.0
        readable = max(release.box.count - unreadable, 1.0)
        return [GroupShares(axis.id, codes, np.clip(counts[0] / readable, 0.0, 1.0), several=True)]
    return [_of_row(axis, row, codes, line) for row, line in zip(axis.rows or (), counts, strict=True)]


def _of_row(axis: Dimension, row: str, codes: tuple[int, ...], counts: Array) -> GroupShares:
    projected = on_simplex(counts)
    total = projected.sum()
    even = np.full(len(codes), 1 / len(codes))
    return GroupShares(row if axis.rows else axis.id, codes, projected / total if total > 0 else even, several=False)


def drawn_columns(
    shares: GroupShares,
    chance: np.random.Generator,  # noqa: TID251 - a type
    number: int,
) -> dict[str, Column]:
    """Return `number` invented answers by column: a code; of several answers 1, 0 or the code of no answer."""
    codes = np.array(shares.codes, dtype=np.int64)
    if not shares.several:
        return {shares.name: codes[chance.choice(len(codes), size=number, p=shares.shares)]}
    options = ~shares.statuses
    silent = shares.shares[shares.statuses]
    chances = np.append(silent, max(1.0 - silent.sum(), 0.0))
    status = chance.choice(len(chances), size=number, p=chances / chances.sum())
    answered = status == len(silent)
    share = max(float(chances[-1] / chances.sum()), 1e-12)
    chosen = _systematic(np.clip(shares.shares[options] / share, 0.0, 1.0), chance.random(number))
    missing = np.append(codes[shares.statuses], 0)[status]
    columns = np.where(answered[:, None], chosen, missing[:, None])
    return {name: columns[:, place] for place, name in enumerate(shares.columns)}


def _systematic(chances: Array, start: Array) -> Column:
    """Return which options each row holds, (rows, options) of 0 and 1: each with its chance, about as many a row.

    Systematic sampling with unequal chances (Madow 1949, Annals of Mathematical Statistics 20): an option is chosen
    where the running sum of chances, less the row's start, passes a whole number.
    """
    passed = np.floor(np.append(0.0, np.cumsum(chances))[None, :] - start[:, None])
    chosen: Column = (passed[:, 1:] - passed[:, :-1]).astype(np.int64)
    return chosen


def largest_difference(shares: GroupShares, columns: dict[str, Column]) -> float:
    """Return how far invented answers are from the table: total variation; of several answers the worst option."""
    if not shares.several:
        drawn = np.array([(columns[shares.name] == code).mean() for code in shares.codes])
        return 0.5 * float(np.abs(drawn - shares.shares).sum())
    drawn = np.array([(columns[name] == 1).mean() for name in shares.columns])
    return float(np.abs(drawn - shares.shares[~shares.statuses]).max(initial=0.0))
