"""Adds up joint cells of a consistent table: what it says of a later dimension, or of several at once."""

from collections.abc import Collection, Mapping
from itertools import product

from analysis.consistency.groups import Reading, whole
from analysis.consistency.noisy_sums import Noisy
from survey.plan.dimension import Dimension
from survey.questionnaire.bases import Base

Wanted = Mapping[str, Collection[int]]
"""Dimension -> the levels that must hold; all of them where it has none."""


def joint_sums(reading: Reading, wanted: Wanted, base: Base) -> tuple[Noisy, list[int]]:
    """Return the sums of every combination of the wanted dimensions' levels, and which of them hold all that is wanted.

    The total is of those who stand in the base of each of the dimensions; all others are added over. The table must
    have dimensions of one plain answer each.
    """
    axes = [axis for axis in reading.axes if axis.id in wanted]
    levels = {axis.id: axis.levels(base) for axis in axes}
    noisy = whole(reading.sums(levels, {}), drawn=False)
    combinations = product(*levels.values())
    return noisy, [place for place, codes in enumerate(combinations) if _hold(axes, codes, wanted)]


def _hold(axes: list[Dimension], codes: tuple[int, ...], wanted: Wanted) -> bool:
    return all(not wanted[axis.id] or code in wanted[axis.id] for axis, code in zip(axes, codes, strict=True))
