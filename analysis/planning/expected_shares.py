"""The expected share of people in each cell before fieldwork: equal shares, or from priors."""

from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.counting.contingency_tables import layouts, tabulate
from analysis.opening.payload_decoder import Decoder
from survey.plan.plan import Plan, Shape
from survey.questionnaire.bases import Base
from survey.questionnaire.codes import NOT_ASKED, UNREADABLE
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import Priors, respondents

Shares = NDArray[np.float64]
Weights = Mapping[str, Mapping[int, float]]

PEOPLE, SEED = 4000, 1
"""How many simulated people are counted for expected shares, and their seed: a check is repeatable."""


def equal_shares(shape: Shape, weights: Weights) -> Shares:
    """Return the cells' shares, shaped like the table: all substantive levels alike, or as `weights` give a dimension.

    For a dimension in which a record counts in several cells, each cell has half of the people.
    """
    shares = np.ones(())
    for axis in shape.dimensions:
        codes, given = axis.substantive, weights.get(axis.id, {})
        even = 0.5 if axis.multi else 1 / max(len(codes), 1)
        here = np.array([given.get(level, even) if level in codes else 0.0 for level in axis.codes])
        shares = np.multiply.outer(shares, here)
    return shares


def prior_shares(path: Path, plan: Plan, questionnaire: Questionnaire) -> dict[str, Shares]:
    """Return each table's cells as shares of 4,000 simulated people drawn from the priors at `path`.

    They are counted as real answers are, missing codes and "not asked" included. Raises PriorsError.
    """
    people = islice(respondents(questionnaire, Priors.read(path), SEED), PEOPLE)
    columns = Decoder.of(questionnaire).decode([encode(questionnaire, person) for person in people])
    tables = layouts(plan, questionnaire)
    counts = tabulate(columns, tables)
    return {table.id: _shaped(table.shape, counts[table.id] / PEOPLE) for table in tables}


def described(shape: Shape, shares: Shares, base: Base | None = None) -> float:
    """Return the share of people in a base of the first dimension, by default in what its shares are of."""
    first = shape.dimensions[0]
    within = _without_unreadable(shape, shares)
    levels = first.levels(base or first.base)
    if not first.multi:
        return float(sum(within[first.codes.index(code)] for code in levels))
    outside = {NOT_ASKED, *first.asked} - {*levels}
    return 1.0 - float(sum(within[first.codes.index(code)] for code in outside if code in first.codes))


def rows(shape: Shape, shares: Shares) -> dict[int, float]:
    """Return each substantive level's share of all people."""
    first = shape.dimensions[0]
    within = _without_unreadable(shape, shares)
    return {code: float(within[first.codes.index(code)]) for code in first.substantive}


def groups(shape: Shape, shares: Shares, base: Base | None = None) -> dict[int, float]:
    """Return, for each substantive level of the second dimension, its share of all people in a base of the first.

    By default in what the table's shares are of. Of a first dimension of one answer each: options of several overlap.
    """
    first = shape.dimensions[0]
    return _summed(shape, shares, first.levels(base or first.base))


def groups_of_several(shape: Shape, shares: Shares, base: Base, sizes: Mapping[int, float]) -> dict[int, float]:
    """Return what `groups` does of a first dimension of several answers; `sizes`: each group's share of all people.

    A group's options overlap, so it is as many as it has people, less those who stand outside of the base: each of them
    in one cell.
    """
    first = shape.dimensions[0]
    inside = {*first.levels(base)}
    outside = [code for code in first.codes if code not in inside and code in {NOT_ASKED, *first.asked}]
    lost = _summed(shape, shares, outside)
    return {code: max(sizes[code] - part, 0.0) for code, part in lost.items() if code in sizes}


def sizes_of_groups(shape: Shape, shares: Shares, name: str) -> dict[int, float]:
    """Return the share of all people in each substantive level of a dimension, where nobody stands in several cells."""
    place = next(index for index, axis in enumerate(shape.dimensions) if axis.id == name)
    axis = shape.dimensions[place]
    summed = shares.sum(axis=tuple(index for index in range(shares.ndim) if index != place))
    return {code: float(summed[axis.codes.index(code)]) for code in axis.substantive}


def wanted_shares(
    shape: Shape, shares: Shares, wanted: Mapping[str, Collection[int]], base: Base
) -> tuple[float, float]:
    """Return the share of people in the base of each wanted dimension, and of those the share in the wanted levels.

    `wanted`: dimension -> levels, all of them where it has none. Of a question of several answers it is the first
    dimension alone, one level of it.
    """
    first = shape.dimensions[0]
    if first.multi:
        size, within = described(shape, shares, base), _without_unreadable(shape, shares)
        inside = sum(float(within[first.codes.index(code)]) for code in wanted[first.id])
        return size, inside / size if size > 0 else 0.0
    whole, chosen = shares, shares
    for place, axis in enumerate(shape.dimensions):
        if axis.id in wanted:
            levels = [axis.codes.index(code) for code in axis.levels(base)]
            places = [axis.codes.index(code) for code in wanted[axis.id] or axis.levels(base)]
            whole, chosen = whole.take(levels, axis=place), chosen.take(places, axis=place)
    size = float(whole.sum())
    return size, float(chosen.sum()) / size if size > 0 else 0.0


def _summed(shape: Shape, shares: Shares, levels: Collection[int]) -> dict[int, float]:
    """Return the sum of some levels of the first dimension in each substantive level of the second."""
    first, second = shape.dimensions[:2]
    summed = shares.sum(axis=tuple(range(2, shares.ndim)))
    kept = summed[[first.codes.index(code) for code in levels]].sum(axis=0)
    return {code: float(kept[second.codes.index(code)]) for code in second.substantive}


def _without_unreadable(shape: Shape, shares: Shares) -> Shares:
    """Return the first dimension's shares, summed over the others."""
    for axis in reversed(range(1, shares.ndim)):
        levels = shape.dimensions[axis].codes
        keep = [place for place, level in enumerate(levels) if level != UNREADABLE]
        shares = shares.take(keep, axis=axis).sum(axis=axis)
    return shares


def _shaped(shape: Shape, cells: Shares) -> Shares:
    """Return cells as an array of levels, the outside cell dropped; of a grid the mean of its rows."""
    sizes = [
        size for axis in shape.dimensions for size in ((len(axis.rows),) if axis.rows else ()) + (len(axis.codes),)
    ]
    shares = cells[: int(np.prod(sizes))].reshape(sizes)
    for index, axis in enumerate(shape.dimensions):
        if axis.rows:
            shares = shares.mean(axis=index)
    return shares
