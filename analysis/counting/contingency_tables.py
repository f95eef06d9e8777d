"""Contingency tables: every record of a chunk falls into its cells, chunks are summed; exact, so never shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.counting.indicators import with_derived
from analysis.counting.passes import MOST_JOINT, Counts, Pass, Short, histogram, passes
from analysis.opening.columns import Bytes, Columns, Flags, holds
from crypto.errors import RefusedError
from survey.plan.dimension import Dimension, ShapeError
from survey.plan.plan import Plan, PlanTable, Shape, dimensions
from survey.questionnaire.codes import UNREADABLE
from survey.questionnaire.conditions import Condition, items_named
from survey.questionnaire.questionnaire import Questionnaire

Indexes = NDArray[np.intp]
# Level indexes are looked up by value: derived indicators may be negative, so every value is shifted by this much.
SHIFT = 256
MOST_LEVELS = np.iinfo(np.uint8).max
"""Level indexes are bytes."""


class TableError(RefusedError):
    """A plan that cannot be counted; the message names the table and public codes only."""


@dataclass(frozen=True)
class Layout:
    """One table ready to be counted: its shape, its population and each dimension's value -> level index."""

    id: str
    shape: Shape
    population: Condition | None
    lookups: tuple[Bytes, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The items, groups and derived indicators this table looks at."""
        return frozenset(axis.id for axis in self.shape.dimensions) | items_named(self.population)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Row-major strides: how far one cell of each dimension moves in the flat table."""
        sizes = [axis.cells for axis in self.shape.dimensions]
        return tuple(prod(sizes[position + 1 :]) for position in range(len(sizes)))


@dataclass(frozen=True)
class _Spread:
    """The cells of one dimension that records stand in: `numbers` (n,) of each record, `cells` record by record."""

    numbers: Indexes
    cells: Indexes


def layouts(plan: Plan, questionnaire: Questionnaire) -> list[Layout]:
    """Prepare every table of `plan`; raise TableError where the questionnaire cannot answer it."""
    return [layout(table, questionnaire) for table in plan.tables]


def layout(table: PlanTable, questionnaire: Questionnaire) -> Layout:
    """Prepare one table; raise TableError where it names what the questionnaire does not have."""
    names = questionnaire.by_id.keys() | questionnaire.derived_by_id.keys()
    unknown = items_named(table.population) - names
    if unknown:
        raise TableError(f"table {table.id} names {', '.join(sorted(unknown))}, which the questionnaire does not have")
    try:
        shape = dimensions(table, questionnaire)
    except ShapeError as error:
        raise TableError(f"table {table.id}: {error}; {error.remedy}") from None
    return Layout(table.id, shape, table.population, tuple(_lookup(axis) for axis in shape.dimensions))


@dataclass(frozen=True)
class Counting:
    """Tables ready to be counted chunk by chunk.

    `names`: what they look at; `axes`: each of their dimensions once, with its lookup; `passes` count those that a
    joint table has, each of the `others` is counted alone.
    """

    tables: tuple[Layout, ...]
    names: frozenset[str]
    axes: tuple[tuple[Dimension, Bytes], ...]
    passes: tuple[Pass, ...]
    others: tuple[Layout, ...]

    @classmethod
    def of(cls, tables: Iterable[Layout]) -> Self:
        """Prepare tables to be counted together."""
        tables = tuple(tables)
        pairs = [pair for one in tables for pair in zip(one.shape.dimensions, one.lookups, strict=True)]
        axes = {axis.id: (axis, lookup) for axis, lookup in reversed(pairs)}
        joint = passes((one.id, one.shape.dimensions) for one in tables if _joins(one))
        names = frozenset[str]().union(*(one.names for one in tables))
        return cls(tables, names, (*axes.values(),), (*joint,), tuple(one for one in tables if not _joins(one)))

    def tabulate(self, columns: Columns) -> dict[str, Counts]:
        """Count a chunk: table id -> int64 (cells,), row-major over the levels, then the outside cell.

        Changing one record of the chunk moves each table by its shape's L2 sensitivity at most, whatever it holds.
        """
        columns = with_derived(columns, self.names)
        lost = np.flatnonzero(~columns.readable)
        plain = {
            axis.id: _level_indexes(columns, axis.id, lookup, lost)
            for axis, lookup in self.axes
            if not _in_several(axis)
        }
        several = {axis.id: _spread(columns, axis, lookup, lost) for axis, lookup in self.axes if _in_several(axis)}
        counts = {table.id: _count(table, columns, plain, several) for table in self.others}
        counts |= {name: cells for one in self.passes for name, cells in one.count(plain)}
        return {table.id: counts[table.id] for table in self.tables}


def tabulate(columns: Columns, tables: list[Layout]) -> dict[str, Counts]:
    """Count one chunk alone, as Counting does."""
    return Counting.of(tables).tabulate(columns)


def zeros(tables: Iterable[Layout]) -> dict[str, Counts]:
    """Return empty tables to add chunks to."""
    return {table.id: np.zeros(table.shape.cells, dtype=np.int64) for table in tables}


def _lookup(axis: Dimension) -> Bytes:
    if min(axis.codes) < -SHIFT or max(axis.codes) >= SHIFT or len(axis.codes) > MOST_LEVELS:
        raise TableError(f"{axis.id} has levels below {-SHIFT}, over {SHIFT - 1} or more than {MOST_LEVELS} of them")
    lookup = np.full(2 * SHIFT, len(axis.codes) - 1, dtype=np.uint8)
    for index, level in enumerate(axis.codes):
        lookup[level + SHIFT] = index
    return lookup


def _in_several(axis: Dimension) -> bool:
    """Say whether one record may stand in several cells of a dimension: a multi item, a ranking or a grid."""
    return axis.multi or axis.rows is not None


def _joins(table: Layout) -> bool:
    """Say whether a table is a sum of a joint one: of everyone, each in one cell, and of few cells."""
    several = any(_in_several(axis) for axis in table.shape.dimensions)
    return table.population is None and not several and table.shape.cells <= MOST_JOINT


def _level_indexes(columns: Columns, name: str, lookup: Bytes, lost: Indexes) -> Short:
    """Return the index of each record's level, uint16 (n,); `lost` are the records that cannot be read."""
    values = columns.values[name]
    if values.dtype == np.uint8:
        # bytes.translate looks a byte up in half a nanosecond; numpy would make eight bytes of each first.
        found = np.frombuffer(values.tobytes().translate(lookup[SHIFT:].tobytes()), dtype=np.uint8).astype(np.uint16)
    else:
        # A derived value that is no level is a fault of the questionnaire; its record still falls in exactly one cell.
        found = lookup[np.clip(values.astype(np.intp) + SHIFT, 0, 2 * SHIFT - 1)].astype(np.uint16)
    found[lost] = lookup[UNREADABLE + SHIFT]
    return found


def _spread(columns: Columns, axis: Dimension, lookup: Bytes, lost: Indexes) -> _Spread:
    if axis.rows is not None:
        every = [_level_indexes(columns, row, lookup, lost).astype(np.intp) for row in axis.rows]
        rows = [indexes + offset * len(axis.codes) for offset, indexes in enumerate(every)]
        numbers = np.full(len(columns), len(rows), dtype=np.intp)
        return _Spread(numbers, np.stack(rows, axis=1).ravel())
    flags = np.zeros((len(columns), len(axis.codes)), dtype=bool)
    group = columns.questionnaire.groups_by_id.get(axis.id)
    if group is None:
        _flag_choices(flags, columns, axis, _level_indexes(columns, axis.id, lookup, lost))
    else:
        for offset in group.items:
            flags[np.arange(len(columns)), _level_indexes(columns, offset, lookup, lost)] = True
    return _Spread(flags.sum(axis=1), np.nonzero(flags)[1])


def _flag_choices(flags: Flags, columns: Columns, axis: Dimension, statuses: Short) -> None:
    """Mark the options that each record chose (at most the cap: more is unreadable), else its status."""
    choosing = columns.readable & (columns.values[axis.id] == 0)
    for level, code in enumerate(columns.questionnaire.item(axis.id).codes):
        flags[:, level] = choosing & columns.chosen(axis.id, code)
    other = np.flatnonzero(~choosing)
    flags[other, statuses[other]] = True


def _count(table: Layout, columns: Columns, plain: dict[str, Short], several: dict[str, _Spread]) -> Counts:
    cells = table.shape.cells
    base: Indexes | None = None
    spreads: list[tuple[_Spread, int]] = []
    for axis, stride in zip(table.shape.dimensions, table.strides, strict=True):
        if _in_several(axis):
            spreads.append((several[axis.id], stride))
            continue
        part = plain[axis.id].astype(np.intp) * stride
        base = part if base is None else base + part
    cell_index = np.zeros(len(columns), dtype=np.intp) if base is None else base
    inside = None if table.population is None else holds(table.population, columns) | ~columns.readable
    if spreads:
        cell_index = _spread_out(cell_index, spreads, inside, cells - 1)
    elif inside is not None:
        cell_index = np.where(inside, cell_index, cells - 1)
    return histogram(cell_index, cells)


def _spread_out(cell_index: Indexes, spreads: list[tuple[_Spread, int]], inside: Flags | None, outside: int) -> Indexes:
    """Return every cell of every record; a record that is not `inside` stands in the cell `outside` once."""
    record = np.arange(len(cell_index), dtype=np.intp) if inside is None else np.flatnonzero(inside)
    cells = cell_index[record]
    for spread, stride in spreads:
        record, cells = _joined(record, cells, spread, stride)
    return cells if inside is None else np.concatenate([cells, np.full(np.count_nonzero(~inside), outside)])


def _joined(record: Indexes, base: Indexes, spread: _Spread, stride: int) -> tuple[Indexes, Indexes]:
    """Return the records and cells of every cell so far with every cell of `spread` of the same record."""
    starts = np.cumsum(spread.numbers) - spread.numbers
    numbers = spread.numbers[record]
    within = np.arange(numbers.sum()) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    added = spread.cells[np.repeat(starts[record], numbers) + within]
    return np.repeat(record, numbers), np.repeat(base, numbers) + added * stride
