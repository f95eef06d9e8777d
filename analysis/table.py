"""Contingency tables: every record of a chunk falls into its cells, chunks are summed; exact, so never shown."""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bytes, Columns, Flags, holds
from analysis.derive import with_derived
from survey.conditions import Condition, items_named
from survey.plan import Dimension, Plan, PlanTable, Shape, dimensions
from survey.questionnaire import UNREADABLE, Questionnaire

Counts = NDArray[np.int64]
# Level indexes are looked up by value: derived indicators may be negative, so every value is shifted by this much.
SHIFT = 256


class TableError(ValueError):
    """A plan that cannot be counted; the message names the table and public codes only."""


@dataclass(frozen=True)
class Layout:
    """One table ready to be counted: its shape, its population and each dimension's value -> level index."""

    id: str
    shape: Shape
    population: Condition | None
    lookups: tuple[Bytes, ...]

    @property
    def names(self) -> frozenset[str]:
        """The items and derived indicators this table looks at."""
        return frozenset(axis.id for axis in self.shape.dimensions) | items_named(self.population)

    @property
    def strides(self) -> tuple[int, ...]:
        """Row-major strides: how far one step of each dimension moves in the flat table."""
        sizes = [len(axis.levels) for axis in self.shape.dimensions]
        return tuple(prod(sizes[place + 1 :]) for place in range(len(sizes)))


def layouts(plan: Plan, questionnaire: Questionnaire) -> list[Layout]:
    """Prepare every table of `plan`; raise TableError where the questionnaire cannot answer it."""
    return [layout(table, questionnaire) for table in plan.tables]


def layout(table: PlanTable, questionnaire: Questionnaire) -> Layout:
    """Prepare one table; raise TableError where it names what the questionnaire does not have."""
    known = questionnaire.by_id.keys() | questionnaire.derived_by_id.keys()
    unknown = {*table.dimensions, *items_named(table.population)} - known
    if unknown:
        raise TableError(f"table {table.id} names {', '.join(sorted(unknown))}, which the questionnaire does not have")
    shape = dimensions(table, questionnaire)
    if sum(axis.multi for axis in shape.dimensions) > 1 or len({a.id for a in shape.dimensions}) < len(
        shape.dimensions
    ):
        raise TableError(f"table {table.id} has two multi items or one dimension twice: split it")
    return Layout(table.id, shape, table.population, tuple(_lookup(axis) for axis in shape.dimensions))


def tabulate(columns: Columns, tables: list[Layout]) -> dict[str, Counts]:
    """Count a chunk: table id -> int64 (cells,), row-major over the levels, then the outside cell.

    Changing one record of the chunk moves each table by at most sqrt(2 * l2_squared) in L2, whatever the record holds.
    """
    columns = with_derived(columns, frozenset().union(*(table.names for table in tables)))
    indexes: dict[str, NDArray[np.intp]] = {}
    for table in tables:
        for axis, lookup in zip(table.shape.dimensions, table.lookups, strict=True):
            if axis.id not in indexes:
                indexes[axis.id] = _level_indexes(columns, axis, lookup)
    return {table.id: _count(table, columns, indexes) for table in tables}


def zeros(tables: list[Layout]) -> dict[str, Counts]:
    """Return empty tables to add chunks to."""
    return {table.id: np.zeros(table.shape.cells, dtype=np.int64) for table in tables}


def _lookup(axis: Dimension) -> Bytes:
    if min(axis.levels) < -SHIFT or max(axis.levels) >= SHIFT or len(axis.levels) > UNREADABLE:
        raise TableError(f"{axis.id} has levels below {-SHIFT}, over {SHIFT - 1} or more than {UNREADABLE} of them")
    lookup = np.full(2 * SHIFT, len(axis.levels) - 1, dtype=np.uint8)
    for index, level in enumerate(axis.levels):
        lookup[level + SHIFT] = index
    return lookup


def _level_indexes(columns: Columns, axis: Dimension, lookup: Bytes) -> NDArray[np.intp]:
    values = columns.values[axis.id]
    shifted = values.astype(np.intp) + SHIFT
    # A derived value that is no level is a fault of the questionnaire; its record still falls in exactly one cell.
    indexes = lookup[np.clip(shifted, 0, 2 * SHIFT - 1)].astype(np.intp)
    indexes[~columns.readable] = len(axis.levels) - 1
    return indexes


def _count(table: Layout, columns: Columns, indexes: dict[str, NDArray[np.intp]]) -> Counts:
    cells = table.shape.cells
    inside = None if table.population is None else holds(table.population, columns) | ~columns.readable
    multi = next((axis for axis in table.shape.dimensions if axis.multi), None)
    if multi is not None:
        return _count_multi(table, columns, indexes, multi, inside)
    place = _places(table, indexes, len(columns))
    if inside is not None:
        place = np.where(inside, place, cells - 1)
    return np.bincount(place, minlength=cells).astype(np.int64, copy=False)


def _places(
    table: Layout, indexes: dict[str, NDArray[np.intp]], size: int, without: str | None = None
) -> NDArray[np.intp]:
    """Return each record's cell; the dimension `without` counts as its first level."""
    place: NDArray[np.intp] | None = None
    for axis, stride in zip(table.shape.dimensions, table.strides, strict=True):
        if axis.id != without:
            part = indexes[axis.id] if stride == 1 else indexes[axis.id] * stride
            place = part if place is None else place + part
    return np.zeros(size, dtype=np.intp) if place is None else place


def _count_multi(
    table: Layout, columns: Columns, indexes: dict[str, NDArray[np.intp]], multi: Dimension, inside: Flags | None
) -> Counts:
    """Count a record once for each option it chose (at most the cap: more is unreadable), else once for its status."""
    cells, stride = table.shape.cells, table.strides[table.shape.dimensions.index(multi)]
    base = _places(table, indexes, len(columns), without=multi.id)
    inside = np.ones(len(columns), dtype=bool) if inside is None else inside
    choosing = columns.readable & inside & (columns.values[multi.id] == 0)
    place = np.where(inside, base + indexes[multi.id] * stride, cells - 1)[~choosing]
    counts = np.bincount(place, minlength=cells)
    for level, code in enumerate(columns.questionnaire.item(multi.id).codes):
        counts += np.bincount(base[choosing & columns.chosen(multi.id, code)] + level * stride, minlength=cells)
    return counts.astype(np.int64, copy=False)
