"""Opened answers in memory: one small integer column an item, one chunk at a time; rows never gather in one place."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from survey.questionnaire.codes import UNDEFINED
from survey.questionnaire.conditions import (
    AllOf,
    AnyOf,
    Chosen,
    Condition,
    CountOf,
    InRange,
    ItemHas,
    ItemIn,
    Leaf,
    Not,
)
from survey.questionnaire.questionnaire import Questionnaire

Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.integer]


@dataclass(frozen=True)
class Columns:
    """A chunk of n records.

    `readable`: bool (n,); where it is false the other columns hold nothing that may be used.
    `values`: item or derived id -> integers (n,): the code of an item of one code, the status of a multi or phrase
    item, a derived indicator's value (97 where undefined); also @locale, @mode, @form, @stratum and @quality, the
    indexes of the payload's header. Notes have no column. `masks`: multi item id -> uint8 (n, bytes), big-endian,
    bit j = option j. `slots`: phrase item id -> uint8 (n, count, bytes of a slot), UTF-8 and then zeros.
    """

    questionnaire: Questionnaire
    readable: Flags
    values: dict[str, Numbers]
    masks: dict[str, Bytes]
    slots: dict[str, Bytes] = field(default_factory=dict)

    @property
    def form(self) -> Bytes:
        """The form's index in each record's header."""
        return self.values["@form"].astype(np.uint8, copy=False)

    def __len__(self) -> int:
        return len(self.readable)

    def chosen(self, name: str, code: int) -> Flags:
        """Say for each record whether option `code` of multi item `name` was chosen."""
        bit = [option.code for option in self.questionnaire.item(name).options].index(code)
        flags: Flags = (self.masks[name][:, -1 - bit // 8] >> (bit % 8) & 1).astype(bool)
        return flags

    def chosen_number(self, name: str) -> Bytes:
        """Return for each record how many options of multi item `name` were chosen, uint8 (n,)."""
        number: Bytes = np.bitwise_count(self.masks[name]).sum(axis=1, dtype=np.uint8)
        return number

    def phrases(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield each record's phrases, () for an unreadable one and where none were given: for open words alone."""
        answered = self.readable & (self.values[name] == 0)
        for row, slots in zip(answered, self.slots[name], strict=True):
            yield tuple(slot.tobytes().rstrip(b"\0").decode() for slot in slots if slot[0]) if row else ()

    def with_values(self, values: dict[str, Numbers]) -> Self:
        """Return the same chunk with more columns."""
        return replace(self, values=self.values | values)


def holds(condition: Condition, columns: Columns) -> Flags:
    """Evaluate a condition for every record at once; the vectorised form of survey.questionnaire.conditions.holds."""
    flags: Flags
    match condition:
        case AllOf():
            flags = np.logical_and.reduce([_everywhere(columns), *(holds(part, columns) for part in condition.all)])
        case AnyOf():
            flags = np.logical_or.reduce([~_everywhere(columns), *(holds(part, columns) for part in condition.any)])
        case Not():
            flags = ~holds(condition.negated, columns)
        case CountOf():
            flags = _within(np.sum([holds(part, columns) for part in condition.count], axis=0), condition.range)
        case _:
            flags = _leaf_holds(condition, columns)
    return flags


def _leaf_holds(leaf: Leaf, columns: Columns) -> Flags:
    flags: Flags
    match leaf:
        case ItemIn():
            flags = _is_in(columns.values[leaf.item], leaf.codes)
        case ItemHas():
            codes = {option.code for option in columns.questionnaire.item(leaf.item).options}
            chosen = [columns.chosen(leaf.item, code) for code in leaf.has if code in codes]
            flags = np.logical_or.reduce([~_everywhere(columns), *chosen])
        case Chosen():
            flags = (columns.values[leaf.item] == 0) & _within(columns.chosen_number(leaf.item), leaf.chosen)
        case InRange():
            flags = ~_is_in(columns.values[leaf.item], UNDEFINED) & _within(columns.values[leaf.item], leaf.range)
    return flags


def _within(numbers: Numbers, bounds: tuple[int, int]) -> Flags:
    low, high = bounds
    flags: Flags = (low <= numbers) & (numbers <= high)
    return flags


def _everywhere(columns: Columns) -> Flags:
    return np.ones(len(columns), dtype=bool)


def _is_in(values: Numbers, codes: tuple[int, ...]) -> Flags:
    flags: Flags = np.isin(values, codes)
    return flags
