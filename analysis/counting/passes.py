"""Passes over the records: which tables are counted together as one joint table, and that table's sums for each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np
from numpy.typing import NDArray

from survey.plan.dimension import Dimension

Counts = NDArray[np.int64]
Short = NDArray[np.uint16]
"""Numbers of cells and levels in two bytes: arithmetic on them takes a quarter of the time."""
MOST_JOINT = 4096
"""Cells of a joint table at most: with more, summing them takes longer than another pass over the records."""


@dataclass(frozen=True)
class Pass:
    """The joint table of some tables' dimensions: id -> levels; and each table's own dimensions by their places in it.

    A pass over the records takes nearly as long for one table as for several.
    """

    sizes: Mapping[str, int]
    places: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, tables: Mapping[str, tuple[Dimension, ...]], sizes: Mapping[str, int]) -> Self:
        """Return the pass for tables, by their ids, whose dimensions are among `sizes`."""
        names = [*sizes]
        return cls(sizes, {name: tuple(names.index(axis.id) for axis in axes) for name, axes in tables.items()})

    def count(self, indexes: Mapping[str, Short]) -> Iterator[tuple[str, Counts]]:
        """Yield each table's id and counts, row-major; `indexes`: the level (n,) of each record, by dimension."""
        numbers: Short | None = None
        for name, size in self.sizes.items():
            if numbers is None:
                numbers = indexes[name]
                continue
            numbers = numbers * np.uint16(size)
            numbers += indexes[name]
        if numbers is None:
            return
        joint = histogram(numbers, prod(self.sizes.values())).reshape(*self.sizes.values())
        every = [*range(len(self.sizes))]
        for name, places in self.places.items():
            yield name, np.einsum(joint, every, [*places]).ravel()


def passes(tables: Iterable[tuple[str, tuple[Dimension, ...]]]) -> Iterator[Pass]:
    """Yield the passes for tables (id, dimensions), each of MOST_JOINT cells at most, in their order.

    Tables beside each other go together while their joint table is small: in a plan such tables share questions.
    """
    together: dict[str, tuple[Dimension, ...]] = {}
    sizes: dict[str, int] = {}
    for name, axes in tables:
        own = {axis.id: axis.cells for axis in axes}
        if together and prod((sizes | own).values()) > MOST_JOINT:
            yield Pass.of(together, sizes)
            together, sizes = {}, {}
        together[name] = axes
        sizes = sizes | own
    if together:
        yield Pass.of(together, sizes)


def histogram(numbers: NDArray[np.integer], cells: int) -> Counts:
    """Return how many of `numbers` are each of 0 to `cells` - 1."""
    return np.bincount(numbers, minlength=cells).astype(np.int64, copy=False)
