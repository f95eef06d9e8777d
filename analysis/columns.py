"""Opened answers in memory: one small integer column an item, one chunk at a time; rows never gather in one place."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from survey.conditions import NOT_ASKED, AllOf, AnyOf, Condition, InRange, ItemHas, ItemIn, Not
from survey.questionnaire import Questionnaire

Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.integer]


@dataclass(frozen=True)
class Columns:
    """A chunk of n records.

    `readable`: bool (n,); where it is false the other columns hold nothing that may be used.
    `values`: item or derived id -> integers (n,): the code of a single item, the status of a multi item, a derived
    indicator's value (97 where undefined). `masks`: multi item id -> uint8 (n, bytes), big-endian, bit j = option j.
    `locale`, `mode`, `form`, `stratum`: uint8 (n,) indexes of the payload's header.
    """

    questionnaire: Questionnaire
    readable: Flags
    locale: Bytes
    mode: Bytes
    form: Bytes
    stratum: Bytes
    values: dict[str, Numbers]
    masks: dict[str, Bytes]

    def __len__(self) -> int:
        return len(self.readable)

    def chosen(self, name: str, code: int) -> Flags:
        """Say for each record whether option `code` of multi item `name` was chosen."""
        place = [option.code for option in self.questionnaire.item(name).options].index(code)
        flags: Flags = (self.masks[name][:, -1 - place // 8] >> (place % 8) & 1).astype(bool)
        return flags

    def with_values(self, values: dict[str, Numbers]) -> Self:
        """Return the same chunk with more columns."""
        return replace(self, values=self.values | values)


def holds(condition: Condition, columns: Columns) -> Flags:
    """Evaluate a condition for every record at once; the twin of survey.conditions.holds."""
    flags: Flags
    match condition:
        case AllOf():
            flags = np.logical_and.reduce([_everywhere(columns), *(holds(part, columns) for part in condition.all)])
        case AnyOf():
            flags = np.logical_or.reduce([~_everywhere(columns), *(holds(part, columns) for part in condition.any)])
        case Not():
            flags = ~holds(condition.negated, columns)
        case ItemIn():
            flags = _is_in(columns.values[condition.item], condition.codes)
        case ItemHas():
            codes = {option.code for option in columns.questionnaire.item(condition.item).options}
            chosen = [columns.chosen(condition.item, code) for code in condition.has if code in codes]
            flags = np.logical_or.reduce([~_everywhere(columns), *chosen])
        case InRange():
            values, (low, high) = columns.values[condition.item], condition.range
            flags = (values != NOT_ASKED) & (low <= values) & (values <= high)
    return flags


def _everywhere(columns: Columns) -> Flags:
    return np.ones(len(columns), dtype=bool)


def _is_in(values: Numbers, codes: tuple[int, ...]) -> Flags:
    flags: Flags = np.isin(values, codes)
    return flags
