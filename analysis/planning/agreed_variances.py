"""The variance of every share as a function of the tables' rho, once the tables of a plan are consistent.

Least squares averages every residual subspace over the tables that measured it, so its variance is one over a sum that
is linear in rho; totals have the inverse of a matrix that is linear in rho. The noise of a share is a sum of both with
weights that no rho has a part in. They are read off the least squares that a release is made by, one unit at a time.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.blocks import EVERYONE, Measured, Names, blocks_of
from analysis.consistency.groups import readings
from analysis.consistency.least_squares import (
    Consistent,
    make_consistent,
    populations_of,
    subsets,
    totals_information,
)
from analysis.planning.consistent_margins import typical_noise, without_counts
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, dimensions
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.questionnaire import Questionnaire

Array = NDArray[np.float64]
FieldKey = tuple[str, Names]
"""A population and the stacked dimensions: tables of one field share their plain dimensions' sums."""
Subspace = tuple[FieldKey, Names]
"""A field, and the dimensions of the residual subspace."""


@dataclass(frozen=True)
class Variances:
    """Variances (K + D,) of K residual subspaces and D sums of totals, as convex functions of rho (T,).

    `gains` (K, T): what one rho of a table adds to a subspace's precision. `information` (T, P, P): what it adds to the
    inverse covariance of the P totals; `directions` (D, P): which sums of them.
    """

    gains: Array
    information: Array
    directions: Array

    def at(self, rho: Array) -> Array:
        """Return every variance at `rho`, all above 0."""
        solved = self._solved(rho)
        return np.concatenate([1 / (self.gains @ rho), (self.directions * solved).sum(axis=1)])

    def slopes(self, rho: Array) -> Array:
        """Return the derivatives (K + D, T) of every variance: none is above 0."""
        solved = self._solved(rho)
        own = -self.gains / (self.gains @ rho)[:, None] ** 2
        return np.concatenate([own, -np.einsum("dp,tpq,dq->dt", solved, self.information, solved)])

    def _solved(self, rho: Array) -> Array:
        whole = np.einsum("t,tpq->pq", rho, self.information)
        return np.linalg.solve(whole, self.directions.T).T


@dataclass(frozen=True)
class Agreement:
    """The tables of a plan at rho = 1 each, made consistent, and their variances as functions of rho.

    `subspaces` (K) and `populations` (D, everyone first) say which variances they are.
    """

    tables: tuple[Measured, ...]
    consistent: Consistent
    subspaces: tuple[Subspace, ...]
    populations: tuple[str, ...]
    variances: Variances

    @property
    def number(self) -> int:
        """How many variances there are."""
        return len(self.subspaces) + len(self.populations)

    def table(self, name: str) -> Measured:
        """Return a table by its id."""
        return next(table for table in self.tables if table.id == name)


def agreement(plan: Plan, questionnaire: Questionnaire, n: int) -> Agreement:
    """Prepare a plan that has no faults, for `n` records."""
    sigmas = [sigma_for(NANO_RHO, dimensions(table, questionnaire).sensitivity_squared) for table in plan.tables]
    parts = zip(plan.tables, sigmas, strict=True)
    tables = tuple(without_counts(table, questionnaire, sigma) for table, sigma in parts)
    consistent, filtered = make_consistent(tables, n), populations_of(tables)
    subspaces = tuple(_precisions(consistent))
    alone = [_precisions(make_consistent([table], n)) for table in tables]
    gains = np.array([[one.get(key, 0.0) for one in alone] for key in subspaces])
    information = np.array([totals_information(table, filtered) for table in tables])
    variances = Variances(gains, information, np.eye(1 + len(filtered)))
    return Agreement(tables, consistent, subspaces, (EVERYONE, *filtered), variances)


def share_weights(agreed: Agreement, name: str, group: int | None) -> Array | None:
    """Return the weights (K + D,) of all variances in the noise of a share of one half, in records squared.

    Of everyone (None) or of a group of the second dimension; None where the table has no estimate of it.
    """
    table = agreed.table(name)
    block = blocks_of(table)[0]
    key = block.population, block.stack
    total = len(agreed.subspaces) + agreed.populations.index(block.population)
    weights = np.zeros(agreed.number)
    for names in (None, *subsets(tuple(sorted(block.names)))):
        noise = _share_noise(_only(agreed.consistent, key, names), table, group)
        if noise is None:
            return None
        # The sum of all cells of a plain field is a total, and so is what a question of several answers is a part of.
        weights[total if names is None or not (names or block.stack) else agreed.subspaces.index((key, names))] += noise
    return weights


def cell_weights(agreed: Agreement, name: str) -> Array:
    """Return the weights (K + D,) of all variances in that of a table's readable cell, in records squared."""
    block = blocks_of(agreed.table(name))[0]
    key = block.population, block.stack
    weights = np.zeros(agreed.number)
    for names in subsets(tuple(sorted(block.names))):
        variance = _only(agreed.consistent, key, names).fields[key].cell_variance(block.names)
        total = len(agreed.subspaces) + agreed.populations.index(block.population)
        weights[agreed.subspaces.index((key, names)) if names or block.stack else total] += variance
    return weights


def _only(consistent: Consistent, key: FieldKey, names: Names | None) -> Consistent:
    """Return the same tables with variance 1 in one subspace, or (None) in the totals, and 0 everywhere else."""
    field = consistent.fields[key]
    alone = replace(field, variances={other: float(other == names) for other in field.variances})
    size = len(consistent.totals.values)
    covariance = np.eye(size) if names is None else np.zeros((size, size))
    return Consistent(replace(consistent.totals, covariance=covariance), {**consistent.fields, key: alone})


def _share_noise(consistent: Consistent, table: Measured, group: int | None) -> float | None:
    answers = next((each for place, each in readings(consistent, table)[0].groups() if place == group), None)
    return None if answers is None else typical_noise(answers.on(table.dimensions[0].base)).of_share(0.5)


def _precisions(consistent: Consistent) -> dict[Subspace, float]:
    """Return the precision of every residual subspace; sums of all cells of plain fields are totals, and left out."""
    return {
        (key, names): 1 / variance
        for key, field in consistent.fields.items()
        for names, variance in field.variances.items()
        if names or key[1]
    }
