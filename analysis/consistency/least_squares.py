"""Makes the tables of one release consistent with each other and with the known count, before estimation.

Generalised least squares in closed form: the noise of every cell of a table is independent and alike, so the ANOVA
(residual) subspaces are orthogonal, and the best linear unbiased estimate is a weighted mean within each of them, with
exact variances. Source: ResidualPlanner (Xiao, He, Zhang & Kifer, NeurIPS 2023, arXiv 2305.08175); the same
reconstruction is GReM (Mullins et al. 2024). Pure post-processing: it costs nothing and anybody can repeat it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.blocks import EVERYONE, Block, Measured, Names, blocks_of

Array = NDArray[np.float64]
Parts = dict[Names, Array]
TotalRow = tuple[tuple[int, ...], float, float]
"""A measured sum of parameters: their indexes, the value, and its variance."""


@dataclass(frozen=True)
class Totals:
    """Numbers of unreadable records (`values[0]`) and of readable records of each population, with covariance.

    The population of everyone is the known count less the unreadable records, so it is not a parameter.
    """

    size: int
    populations: tuple[str, ...]
    values: Array
    covariance: Array

    def readable(self, population: str) -> tuple[float, Array]:
        """Return the number of readable records of `population` and its weights on the parameters."""
        weights = np.zeros(len(self.values))
        if population == EVERYONE:
            weights[0] = -1.0
            return self.size - float(self.values[0]), weights
        weights[1 + self.populations.index(population)] = 1.0
        return float(weights @ self.values), weights

    def outside(self, population: str) -> tuple[float, Array]:
        """Return how many readable records are outside of `population`, and its weights on the parameters."""
        inside, weights = self.readable(population)
        everyone = -weights
        everyone[0] -= 1.0
        return self.size - float(self.values[0]) - inside, everyone

    def variance(self, weights: Array) -> float:
        """Return the variance of a weighted sum of the parameters, in records squared."""
        return max(float(weights @ self.covariance @ weights), 0.0)


@dataclass(frozen=True)
class Field:
    """The estimated subspaces of all tables with one population and the same stacked (multi) dimensions or none.

    `parts[B]` is the residual of dimensions B, levels in their order (and stacked levels last); `variances[B]` its
    variance in the sense that its covariance is that number times the projection onto the residual subspace.
    """

    sizes: dict[str, int]
    parts: Parts
    variances: dict[Names, float]

    def table(self, names: Names) -> Array:
        """Return the consistent cells of the dimensions `names`, in that order (and stacked levels last)."""
        ordered = tuple(sorted(names))
        cells = rebuild({key: self.parts[key] for key in subsets(ordered)}, [self.sizes[name] for name in ordered])
        order = [ordered.index(name) for name in names]
        return cells.transpose([*order, *range(len(order), cells.ndim)])

    def cell_variance(self, names: Names) -> float:
        """Return the exact variance of each cell: sum over B of v_B prod(1 - 1/L_b) / mult^2."""
        return sum(
            self.variances[key]
            * prod(1 - 1 / self.sizes[name] for name in key)
            / prod(self.sizes[name] for name in names if name not in key) ** 2
            for key in subsets(tuple(sorted(names)))
        )

    def has_table(self, names: Names) -> bool:
        """Return whether some table of the release has the dimensions `names` together."""
        return tuple(sorted(names)) in self.parts

    def covariance(self, names: Names, weights: Array, others: Names | None = None, more: Array | None = None) -> Array:
        """Return the exact covariances (J, K) of weighted sums of cells of two tables, or of one with itself.

        `weights`: (J, *levels of names); `more`: (K, *levels of others). Stacked levels are independent of each
        other and have the same variances, so they are not asked for.
        """
        ours = self._projected(names, weights)
        theirs = ours if others is None or more is None else self._projected(others, more)
        shared = [key for key in ours if key in theirs]
        first = len(weights), len(weights) if more is None else len(more)
        total = np.zeros(first)
        for key in shared:
            total += self.variances[key] * (
                ours[key].reshape(first[0], -1) @ theirs[key].reshape(first[1], -1).transpose()
            )
        return total

    def _projected(self, names: Names, weights: Array) -> Parts:
        """Return each weighting's part in every subspace, divided by how many cells of the table share it."""
        ordered = tuple(sorted(names))
        turned = weights.transpose([0, *(1 + names.index(name) for name in ordered)])
        parts = split(turned, ordered, skip=1)
        every = prod(self.sizes[name] for name in names)
        return {key: part / (every / prod(self.sizes[name] for name in key)) for key, part in parts.items()}


@dataclass(frozen=True)
class Consistent:
    """All tables of one release made consistent: totals, and a field for each population and stack."""

    totals: Totals
    fields: dict[tuple[str, Names], Field]

    def field(self, block: Block) -> Field:
        """Return the field of a block."""
        return self.fields[block.population, block.stack]

    # Decision 41.
    @cached_property
    def unreadable(self) -> tuple[float, float]:
        """The number of unreadable records and its variance."""
        return float(self.totals.values[0]), float(self.totals.covariance[0, 0])

    def counts(self, table: Measured) -> tuple[Array, Array]:
        """Return the consistent cells of a table and their variances, flat, in the order of the noisy integers.

        Impossible cells (unreadable in one dimension and not in another) are 0 with variance 0.
        """
        cells, variances = np.zeros(table.shape), np.zeros(table.shape)
        for block in blocks_of(table):
            field, (lost, doubt) = self.field(block), self.unreadable
            values = field.table(block.names)
            block.put(cells, values, lost)
            block.put(variances, np.full(values.shape, field.cell_variance(block.names)), doubt)
        if table.population == EVERYONE:
            return cells.ravel(), variances.ravel()
        outside, weights = self.totals.outside(table.population)
        return np.append(cells, outside), np.append(variances, self.totals.variance(weights))


def make_consistent(tables: Sequence[Measured], size: int) -> Consistent:
    """Return the generalised-least-squares estimate of everything that `tables` measured of `size` known records.

    Tables of one population agree on every sum they share, and a plain table of everyone sums to `size` with its
    unreadable cell. Options of a multi question are measured one by one: nothing is summed over them.
    """
    blocks = [block for table in tables for block in blocks_of(table)]
    totals = _totals(tables, blocks, size)
    grouped: dict[tuple[str, Names], list[Block]] = defaultdict(list)
    for block in blocks:
        grouped[block.population, block.stack].append(block)
    fields = {key: _field(members, None if key[1] else totals) for key, members in grouped.items()}
    return Consistent(totals, fields)


def populations_of(tables: Sequence[Measured]) -> tuple[str, ...]:
    """Return the populations of filtered tables, each once, in the order of the parameters after the unreadable."""
    return tuple(dict.fromkeys(table.population for table in tables if table.population != EVERYONE))


def totals_information(table: Measured, populations: tuple[str, ...]) -> Array:
    """Return what one table adds to the inverse of the totals' covariance, (1 + populations) squared."""
    normal, _ = _normal_equations(_total_rows([table], blocks_of(table), populations, 0), 1 + len(populations))
    return normal


def _totals(tables: Sequence[Measured], blocks: Sequence[Block], size: int) -> Totals:
    """Estimate unreadable records and populations from unreadable cells, outside cells and sums of plain blocks."""
    populations = populations_of(tables)
    normal, right = _normal_equations(_total_rows(tables, blocks, populations, size), 1 + len(populations))
    covariance = np.linalg.inv(normal).astype(np.float64)
    return Totals(size, populations, covariance @ right, covariance)


def _total_rows(
    tables: Sequence[Measured], blocks: Sequence[Block], populations: tuple[str, ...], size: int
) -> list[TotalRow]:
    column = {name: 1 + number for number, name in enumerate(populations)}
    rows: list[TotalRow] = []
    for block in blocks:
        rows.append(((0,), block.unreadable, block.variance))
        if not block.stack:
            measured = float(block.readable.sum())
            noise = block.variance * block.readable.size
            everyone = block.population == EVERYONE
            rows.append(((0,), size - measured, noise) if everyone else ((column[block.population],), measured, noise))
    rows += [
        ((0, column[table.population]), size - table.outside, table.sigma**2)
        for table in tables
        if table.outside is not None
    ]
    return rows


def _normal_equations(rows: Sequence[TotalRow], number: int) -> tuple[Array, Array]:
    """Return matrix and right side for sums of parameters that were measured with independent noise."""
    normal, right = np.zeros((number, number)), np.zeros(number)
    for places, measured, variance in rows:
        normal[np.ix_(places, places)] += 1 / variance
        right[list(places)] += measured / variance
    return normal, right


def _field(blocks: Iterable[Block], totals: Totals | None) -> Field:
    """Average every subspace over the blocks that measured it; the sum of all plain cells comes from `totals`."""
    sums: Parts = {}
    precision: dict[Names, float] = defaultdict(float)
    sizes: dict[str, int] = {}
    population = EVERYONE
    for block in blocks:
        population = block.population
        sizes |= block.sizes
        ordered = tuple(sorted(block.names))
        every = prod(block.sizes[name] for name in ordered)
        for key, part in split(block.sorted_readable, ordered).items():
            weight = prod(sizes[name] for name in key) / (block.variance * every)
            sums[key] = sums[key] + weight * part if key in sums else weight * part
            precision[key] += weight
    parts = {key: total / precision[key] for key, total in sums.items()}
    variances = {key: 1 / weight for key, weight in precision.items()}
    if totals is not None:
        inside, weights = totals.readable(population)
        parts[()], variances[()] = np.array(inside), totals.variance(weights)
    return Field(sizes, parts, variances)


def split(cells: Array, names: Names, skip: int = 0) -> Parts:
    """Return the residual of every subset of `names`: summed over the others, centred over its own.

    `names` name the axes after the first `skip`, in sorted order; axes after them (stacked levels) are left alone.
    """
    parts: Parts = {(): cells}
    for position in reversed(range(len(names))):
        axis, name = position + skip, names[position]
        summed = {key: part.sum(axis=axis) for key, part in parts.items()}
        centred = {(name, *key): part - part.mean(axis=axis, keepdims=True) for key, part in parts.items()}
        parts = summed | centred
    return parts


def rebuild(parts: Parts, sizes: Sequence[int]) -> Array:
    """Return the table whose residuals are `parts`: the inverse of `split`; `sizes` are the levels of the axes."""
    names = max(parts, key=len)
    for position, (name, size) in enumerate(zip(names, sizes, strict=True)):
        parts = {
            key: parts[(name, *key)] + np.expand_dims(part, position) / size
            for key, part in parts.items()
            if not key or key[0] != name
        }
    return parts[()]


def subsets(names: Names) -> list[Names]:
    """Return every subset of sorted `names`, as sorted tuples."""
    subsets_so_far: list[Names] = [()]
    for name in reversed(names):
        subsets_so_far += [(name, *key) for key in subsets_so_far]
    return subsets_so_far
