"""Decomposition of a released table into blocks in which every record counts once, so that cells may be summed.

A plain table is one block. A grid is one block per row. A multi question (or a ranking) is *stacked*: a record may
count in several of its levels, so its levels are never summed, and a block has them side by side. Decision 42.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from crypto.canonical import canonical
from crypto.errors import PublicTextError
from survey.plan.dimension import Dimension
from survey.questionnaire.codes import UNREADABLE
from survey.release.release import Table

Array = NDArray[np.float64]
Names = tuple[str, ...]

EVERYONE = ""
"""The population of a table without a filter."""


def population_name(condition: Mapping[str, Any] | None) -> str:
    """Return a name for the filter of a table in a release; equal conditions have equal names."""
    return EVERYONE if condition is None else canonical(dict(condition)).decode()


class BlockError(PublicTextError):
    """A table that has no blocks; the message has its id and public codes only."""


@dataclass(frozen=True)
class Measured:
    """A noisy table: integers row-major over the dimensions' codes, then the outside cell where there is a population.

    `population` is a name of the filter that is equal for equal filters; `sigma` in records.
    """

    id: str
    dimensions: tuple[Dimension, ...]
    population: str
    sigma: float
    counts: tuple[int, ...]

    @classmethod
    def of(cls, table: Table) -> Self:
        """Read a released table."""
        return cls(table.id, table.dimensions, population_name(table.population), table.sigma, table.counts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Axes of the cells: a grid has two (rows, codes), any other dimension one."""
        return tuple(size for axis in self.dimensions for size in _sizes(axis))

    @cached_property
    def cells(self) -> Array:
        """The noisy integers as an array of `shape`."""
        inner = prod(self.shape)
        if len(self.counts) != inner + (self.population != EVERYONE):
            raise BlockError(f"table {self.id} has {len(self.counts)} counts for {inner} cells")
        return np.array(self.counts[:inner], dtype=np.float64).reshape(self.shape)

    @property
    def outside(self) -> float | None:
        """The noisy number outside the population, or None where there is no filter."""
        return None if self.population == EVERYONE else float(self.counts[-1])


READABLE = slice(0, -1)
"""The readable levels of a dimension: all but the last, which is that of unreadable records."""


@dataclass(frozen=True)
class Block:
    """Cells in which every readable record of the population counts once (in each level of a stack: at most once).

    `names` are the plain dimensions in the table's order, `stack` the stacked ones in their alphabet; `readable` the
    readable levels' noisy cells in that order, the stacked ones last; `unreadable` the one noisy cell of unreadable
    records; `where` the block's place in the table's cells and `stack_axes` the stacked ones' places among its axes.
    """

    population: str
    stack: Names
    names: Names
    sizes: dict[str, int]
    readable: Array
    unreadable: float
    variance: float
    where: tuple[int | slice, ...]
    stack_axes: tuple[int, ...]

    @cached_property
    def sorted_readable(self) -> Array:
        """The readable cells with their axes in the order of the names' alphabet, the stack's last."""
        order = [self.names.index(name) for name in sorted(self.names)]
        return self.readable.transpose([*order, *range(len(order), self.readable.ndim)])

    def put(self, cells: Array, values: Array, unreadable: float) -> None:
        """Write `values` (in the order of `readable`) and the unreadable cell into the table's array `cells`."""
        view = cells[self.where]
        last = tuple(range(-len(self.stack_axes), 0))
        view[(READABLE,) * view.ndim] = np.moveaxis(values, last, self.stack_axes)
        view[(-1,) * view.ndim] = unreadable


def blocks_of(table: Measured) -> list[Block]:
    """Return the blocks of a table: one, or one for each row of a grid; raise BlockError for a table without them."""
    for axis in table.dimensions:
        if axis.codes[-1] != UNREADABLE:
            raise BlockError(f"dimension {axis.id} of table {table.id} does not end with {UNREADABLE}, unreadable")
    rows = [range(len(axis.rows)) if axis.rows else (None,) for axis in table.dimensions]
    return [_block(table, chosen) for chosen in product(*rows)]


def _block(table: Measured, rows: Sequence[int | None]) -> Block:
    where = tuple(part for row in rows for part in ((slice(None),) if row is None else (row, slice(None))))
    view = table.cells[where]
    readable = view[(READABLE,) * view.ndim]
    names = _names(table, rows)
    stacked = sorted((names[position], position) for position, axis in enumerate(table.dimensions) if axis.multi)
    stack_axes = tuple(position for _, position in stacked)
    return Block(
        population=table.population,
        stack=tuple(name for name, _ in stacked),
        names=tuple(name for position, name in enumerate(names) if position not in stack_axes),
        sizes={name: readable.shape[position] for position, name in enumerate(names) if position not in stack_axes},
        readable=np.moveaxis(readable, stack_axes, tuple(range(-len(stack_axes), 0))),
        unreadable=float(view[(-1,) * view.ndim]),
        variance=table.sigma**2,
        where=where,
        stack_axes=stack_axes,
    )


def _names(table: Measured, rows: Sequence[int | None]) -> Names:
    """Name every dimension; the row of a grid is its item, unless that item is a dimension of its own here."""
    others = {axis.id for axis in table.dimensions}
    names = []
    for axis, row in zip(table.dimensions, rows, strict=True):
        item = axis.id if row is None or axis.rows is None else axis.rows[row]
        names.append(item if row is None or item not in others else f"{axis.id}:{item}")
    return tuple(names)


def _sizes(axis: Dimension) -> tuple[int, ...]:
    return (len(axis.rows), len(axis.codes)) if axis.rows else (len(axis.codes),)
