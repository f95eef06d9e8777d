"""A table's cells in the classes of public margins: which levels are joined, their noise, and what they weigh to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.groups import Reading
from analysis.estimates.raking import Classes, collapsed
from crypto.errors import PublicTextError
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin
from survey.release.reliability import WEAK

Array = NDArray[np.float64]


class WeightError(PublicTextError):
    """Margins that do not fit a table; the message names the table, the dimension and what to do."""


@dataclass(frozen=True)
class Classed:
    """A table's cells by class: (levels, *classes of each margin), their covariance, and the targets."""

    levels: tuple[int, ...]
    cells: Array
    noise: Array
    classes: tuple[Classes, ...]
    targets: tuple[Array, ...]

    @property
    def joined(self) -> bool:
        """Whether any class is of several levels."""
        return any(len(one) > 1 for classes in self.classes for one in classes)

    @property
    def totals(self) -> Array:
        """The noisy size of each cell of the classes."""
        sizes: Array = self.cells.sum(axis=0)
        return sizes

    def strengths(self) -> Array:
        """Return by how many of its standard deviations each class of each margin is above zero."""
        number = len(self.levels)
        size = self.totals.size
        rows = np.tile(np.eye(size), (1, number))
        noise = rows @ self.noise @ rows.T
        ratios = []
        for place in range(self.totals.ndim):
            others = tuple(axis for axis in range(self.totals.ndim) if axis != place)
            sums = self.totals.sum(axis=others)
            for chosen in range(len(sums)):
                flags = np.zeros(self.totals.shape)
                flags[(slice(None),) * place + (chosen,)] = 1.0
                ratios.append(float(sums[chosen]) / math.sqrt(max(float(flags.ravel() @ noise @ flags.ravel()), 1e-12)))
        return np.array(ratios)


def margin_of(reading: Reading, name: str, margins: Mapping[str, Margin]) -> tuple[Dimension, Margin]:
    """Return the dimension `name` of the table and its margin; raise WeightError where either does not fit."""
    table = reading.table.id
    axis = next((axis for axis in reading.axes[1:] if axis.id == name), None)
    if axis is None or name not in margins:
        raise WeightError(
            f"table {table} cannot be weighted by {name}: it needs it as a later dimension, with a margin"
        )
    if any(one.multi or one.rows or one.threshold or one.list for one in reading.axes):
        raise WeightError(f"table {table} cannot be weighted: only dimensions of one plain answer each can")
    mismatch = margins[name].mismatch(axis.options)
    if mismatch:
        raise WeightError(f"the margin of {name} does not match its levels: {mismatch}")
    return axis, margins[name]


def classify(
    reading: Reading, levels_and_margins: Sequence[tuple[Dimension, Margin]], size: int, *, join: bool = True
) -> Classed:
    """Take the cells that margins speak of off a table and join their classes by the public rule; or join none."""
    first = reading.axes[0]
    spread = [axis for axis in reading.axes if axis is first or axis in [one for one, _ in levels_and_margins]]
    # Who has no level in the public figures cannot be weighted to them.
    kept = {axis.id: axis.options for axis in spread} | {first.id: first.levels(first.base)}
    sums = reading.sums(kept, {})
    noise_of_total = math.sqrt(reading.block.variance * reading.block.readable.size)
    cells = sums.values.reshape([len(kept[axis.id]) for axis in spread])
    rules = []
    for axis, margin in levels_and_margins:
        shares = [margin.shares[str(code)] for code in margin.codes]
        least = WEAK * noise_of_total / math.sqrt(len(axis.codes) - 1)
        rules.append((collapsed(shares, size, least if join else 0.0), axis, margin))
    return _joined(kept[first.id], cells, sums.noise, spread, rules)


# Decision 45.
def _joined(
    levels: tuple[int, ...],
    cells: Array,
    noise: Array,
    spread: Sequence[Dimension],
    rules: Sequence[tuple[Classes, Dimension, Margin]],
) -> Classed:
    """Sum levels into classes: a linear map of the cells, so covariances follow exactly."""
    mapping: Array = np.eye(len(levels))
    for axis in spread[1:]:
        classes, _, margin = next(rule for rule in rules if rule[1] is axis)
        rows = np.zeros((len(classes), len(axis.options)))
        for index, one in enumerate(classes):
            rows[index, [axis.options.index(margin.codes[code]) for code in one]] = 1.0
        mapping = np.asarray(np.kron(mapping, rows), dtype=np.float64)
    order = [next(index for index, rule in enumerate(rules) if rule[1] is axis) for axis in spread[1:]]
    shape = (len(levels), *(len(rules[index][0]) for index in order))
    turned = [1 + order.index(index) for index in range(len(rules))]
    summed = (mapping @ cells.ravel()).reshape(shape).transpose(0, *turned)
    places = np.arange(summed.size).reshape(shape).transpose(0, *turned).ravel()
    joint = (mapping @ noise @ mapping.T)[np.ix_(places, places)]
    targets = tuple(_target(classes, margin) for classes, _, margin in rules)
    return Classed(levels, summed, joint, tuple(classes for classes, _, _ in rules), targets)


def _target(classes: Classes, margin: Margin) -> Array:
    shares = [margin.shares[str(code)] for code in margin.codes]
    return np.array([sum(shares[place] for place in one) for one in classes], dtype=np.float64) / sum(shares)
