"""Groups of a consistent table: sums with their full covariance, for everyone and within each level."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.blocks import Block, Measured, blocks_of
from analysis.consistency.debias import unbiased
from analysis.consistency.least_squares import Consistent, Field
from analysis.consistency.noisy_sums import Noisy
from survey.plan.dimension import Dimension
from survey.questionnaire.bases import Base, levels_in
from survey.questionnaire.codes import NOT_ASKED

Array = NDArray[np.float64]
Group = int | tuple[int, int] | None
Spread = Mapping[str, tuple[int, ...]]
"""Dimension id -> the codes whose sums stand side by side."""


@dataclass(frozen=True)
class Sums:
    """Sums of cells: values (J,), the noise's covariance (J, J), and products over people (J, J)."""

    values: Array
    noise: Array
    spread: Array


@dataclass(frozen=True)
class GroupAnswers:
    """What the people of one group answered, to be taken on any base.

    `codes`: the levels of all who were asked, in order. `asked`: their sums (K,), and how many were asked. `several`: a
    person may stand in several levels, so the size is known apart from them.
    """

    codes: tuple[int, ...]
    asked: Noisy
    several: bool

    def on(self, base: Base) -> Noisy:
        """Return the sums of the levels in a base (`levels_in(base, codes)`), and the size of that base.

        Of several answers the size is that of all asked less who stands in the exclusive levels outside of the base:
        cells whose noise is independent of all others, so no covariance with those inside is left.
        """
        levels = levels_in(base, self.codes)
        places = np.array([self.codes.index(code) for code in levels], dtype=np.intp)
        if not self.several:
            return self.asked.part(places)
        whole = self.asked
        outside = np.setdiff1d(np.arange(len(self.codes)), places)
        variances = np.broadcast_to(whole.cell, whole.cells.shape)
        total = whole.total - float(whole.cells[outside].sum())
        doubt = whole.total_variance + float(variances[outside].sum())
        return Noisy(whole.cells[places], variances[places], total, doubt, 0.0)


@dataclass(frozen=True)
class Reading:
    """One block of a released table within the consistent tables of the release; `row` is a grid's item."""

    consistent: Consistent
    table: Measured
    block: Block
    row: str | None

    @property
    def axes(self) -> tuple[Dimension, ...]:
        """The table's dimensions in order."""
        return self.table.dimensions

    @property
    def plain(self) -> list[Dimension]:
        """The dimensions whose levels may be summed, in the order of the block's names."""
        return [axis for axis in self.axes if not axis.multi]

    @property
    def field(self) -> Field:
        return self.consistent.field(self.block)

    @cached_property
    def cells(self) -> Array:
        """The consistent readable cells, stacked levels last."""
        return self.field.table(self.block.names)

    @cached_property
    def drawn(self) -> bool:
        """Whether a dimension was randomised on the phone."""
        return any(axis.threshold is not None for axis in self.axes)

    def sums(self, spread: Spread, chosen: Mapping[str, int]) -> Sums:
        """Return the sums of every code in `spread` (one sum alone where that is empty) where `chosen` levels hold.

        `spread`: of plain dimensions; combinations of several stand row-major in the table's order. `chosen`: dimension
        id -> code, of every stacked one too. Other plain dimensions are summed over.
        """
        weights = self._spanned(spread, chosen)
        cells = self.cells
        for name in reversed(self.block.stack):
            cells = np.take(cells, self._code_index(name, chosen[name]), axis=-1)
        flat = weights.reshape(len(weights), -1)
        noise = self.field.covariance(self.block.names, weights)
        return Sums(flat @ cells.ravel(), noise, (flat * cells.ravel()) @ flat.T)

    def cross(self, spread: Spread, left: Mapping[str, int], right: Mapping[str, int]) -> Array:
        """Return the noise's covariances (J, J) between the sums of two groups, as `sums` chooses them.

        Both are at the same stacked levels: at different ones they are independent.
        """
        weights = [self._spanned(spread, chosen) for chosen in (left, right)]
        return self.field.covariance(self.block.names, weights[0], self.block.names, weights[1])

    def size_covariance(self, left: Mapping[str, int], right: Mapping[str, int]) -> float:
        """Return the noise's covariance of two groups' sizes, as `left` and `right` choose them of plain dimensions.

        The sizes come from the tables without a stack: `groups` gives no sizes where those do not tell them.
        """
        chosen = [(axis, name) for axis, name in zip(self.plain, self.block.names, strict=True) if axis.id in left]
        field = self.consistent.fields[self.table.population, ()]
        weights = [
            reduce(_outer, (np.eye(len(axis.codes) - 1)[[axis.codes.index(group[axis.id])]] for axis, _ in chosen))
            for group in (left, right)
        ]
        names = tuple(name for _, name in chosen)
        return float(field.covariance(names, weights[0], names, weights[1])[0, 0])

    def _spanned(self, spread: Spread, chosen: Mapping[str, int]) -> Array:
        """Return the weights (J, *levels) of the block's cells in each sum."""
        rows = [self._weights(axis, spread, chosen) for axis in self.plain]
        return reduce(_outer, rows) if rows else np.ones((1,))

    def _weights(self, axis: Dimension, spread: Spread, chosen: Mapping[str, int]) -> Array:
        """Return the weights of an axis's readable levels: one row a code where it is spread, else one."""
        if axis.id in chosen:
            return unbiased(axis)[[axis.codes.index(chosen[axis.id])]]
        if axis.id in spread:
            return unbiased(axis)[[axis.codes.index(code) for code in spread[axis.id]]]
        return np.ones((1, len(axis.codes) - 1))

    @cached_property
    def by_group(self) -> dict[Group, GroupAnswers]:
        """What `groups` yields, by group."""
        return dict(self.groups())

    def groups(self) -> Iterator[tuple[Group, GroupAnswers]]:
        """Yield everyone, then every level of the second dimension, then every pair of the second and third."""
        first = self.axes[0]
        for group, chosen in _chosen(self.axes):
            noisy = self._multi(chosen) if first.multi else self._plain(chosen)
            if noisy is not None:
                yield group, GroupAnswers(first.asked, noisy, first.multi)

    def _plain(self, chosen: Mapping[str, int]) -> Noisy | None:
        """Return the first dimension's levels of all asked with their sum; None where a stack would be summed."""
        if any(axis.multi and axis.id not in chosen for axis in self.axes):
            return None
        first = self.axes[0]
        return whole(self.sums({first.id: first.asked}, chosen), drawn=self.drawn)

    def _multi(self, chosen: Mapping[str, int]) -> Noisy | None:
        """Return a multi dimension's levels of all asked, whose number is the group's less those not asked."""
        axis = self.axes[0]
        unsummed = any(other.multi and other.id not in chosen for other in self.axes[1:])
        base = None if unsummed else self._group_size(chosen)
        if base is None:
            return None
        size, doubt = base
        levels = [self.sums({}, {**chosen, axis.id: code}) for code in axis.asked]
        missed = self.sums({}, {**chosen, axis.id: NOT_ASKED})
        cells, variances = (
            np.array([float(part) for part in parts])
            for parts in zip(*((sums.values[0], sums.noise[0, 0]) for sums in levels), strict=True)
        )
        return Noisy(cells, variances, size - float(missed.values[0]), doubt + float(missed.noise[0, 0]), 0.0)

    def _group_size(self, chosen: Mapping[str, int]) -> tuple[float, float] | None:
        """Return the number of readable records of a group and its variance; None where no other table has it."""
        totals = self.consistent.totals
        if not chosen:
            size, weights = totals.readable(self.table.population)
            return size, totals.variance(weights)
        plain = {axis.id: name for axis, name in zip(self.plain, self.block.names, strict=True) if axis.id in chosen}
        names = tuple(plain.values())
        stack = tuple(name for name in self.block.stack if name in chosen)
        field = self.consistent.fields.get((self.table.population, stack))
        if field is None or self.drawn or not field.has_table(names):
            return None
        levels = [self._code_index(name, chosen[name]) for name in (*plain, *stack)]
        variance = field.cell_variance(names)
        return float(field.table(names)[tuple(levels)]), variance

    def _code_index(self, name: str, code: int) -> int:
        return next(axis for axis in self.axes if axis.id == name).codes.index(code)


def readings(consistent: Consistent, table: Measured) -> list[Reading]:
    """Return a reading per block: one for a table without a grid, else one for each row."""
    blocks = blocks_of(table)
    rows = next((axis.rows for axis in table.dimensions if axis.rows), None)
    row_names = [None] * len(blocks) if rows is None else [rows[index % len(rows)] for index in range(len(blocks))]
    return [Reading(consistent, table, block, row) for block, row in zip(blocks, row_names, strict=True)]


def whole(sums: Sums, *, drawn: bool) -> Noisy:
    """Return cells whose total is their sum."""
    every = sums.noise.sum(axis=1)
    return Noisy(
        sums.values,
        np.diag(sums.noise),
        float(sums.values.sum()),
        float(sums.noise.sum()),
        every,
        sums.noise,
        sums.spread if drawn else None,
    )


def _chosen(axes: tuple[Dimension, ...]) -> Iterator[tuple[Group, dict[str, int]]]:
    """Yield every group of the estimates, with the levels that define it."""
    yield None, {}
    if len(axes) == 1:
        return
    for code in axes[1].substantive:
        yield code, {axes[1].id: code}
    for code in axes[2].substantive if len(axes) > 2 else ():  # noqa: PLR2004 - a third dimension
        for other in axes[1].substantive:
            yield (other, code), {axes[1].id: other, axes[2].id: code}


def _outer(first: Array, second: Array) -> Array:
    """Combine weights (J, ...) and (K, levels) into (J * K, ..., levels), row-major."""
    combined: Array = (first[:, None, ..., None] * second[None, :, *(None,) * (first.ndim - 1), :]).reshape(
        len(first) * len(second), *first.shape[1:], second.shape[1]
    )
    return combined
