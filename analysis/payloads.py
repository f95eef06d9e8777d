"""Opened payloads become columns, every rule checked for a whole chunk at once; the twin of survey/payload.py.

A payload that breaks any rule is not repaired and not named: its row is unreadable, and nobody learns which rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.columns import Bytes, Columns, Flags, Numbers, holds
from survey.conditions import NOT_ASKED
from survey.payload import MODES, VERSION, Place, layout
from survey.questionnaire import Item, Questionnaire


@dataclass(frozen=True)
class ItemRule:
    """What one item's bytes may be: `codes` of a single item or statuses of a multi item, and the bits of its mask."""

    place: Place
    allowed: NDArray[np.bool_]
    bits: Bytes

    @classmethod
    def of(cls, place: Place) -> Self:
        """Prepare the rule of the item at `place`."""
        item = place.item
        allowed = np.zeros(256, dtype=bool)
        allowed[[*((0,) if item.multi else item.codes), *item.missing, NOT_ASKED]] = True
        options = (1 << len(item.options)) - 1
        bits = np.frombuffer(options.to_bytes(item.width - 1, "big") if item.multi else b"", dtype=np.uint8)
        return cls(place, allowed, bits)


@dataclass(frozen=True)
class Decoder:
    """Knows the payload of one questionnaire; make it once, decode many chunks."""

    questionnaire: Questionnaire
    rules: tuple[ItemRule, ...]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Self:
        """Prepare the rules of `questionnaire`."""
        return cls(questionnaire, tuple(ItemRule.of(place) for place in layout(questionnaire)))

    def decode(self, payloads: Sequence[bytes]) -> Columns:
        """Return n payloads as columns; b"" (did not open) and anything invalid are unreadable rows."""
        rows, readable = _matrix(payloads, self.questionnaire.payload_width)
        values: dict[str, Numbers] = {}
        masks: dict[str, Bytes] = {}
        for rule in self.rules:
            item, first = rule.place.item, rule.place.offset
            values[item.id] = rows[first]
            readable &= rule.allowed[rows[first]]
            if item.multi:
                masks[item.id] = rows[first + 1 : first + rule.place.width].T
                readable &= _mask_valid(rule, rows[first], masks[item.id])
        columns = Columns(self.questionnaire, readable, rows[1], rows[2], rows[3], rows[4], values, masks)
        readable &= _header_valid(self.questionnaire, rows) & _routing_valid(self.questionnaire, columns)
        return columns


def _matrix(payloads: Sequence[bytes], width: int) -> tuple[Bytes, Flags]:
    """Return uint8 (width, n), one contiguous row per byte of the payload, and which payloads have that width."""
    right = np.fromiter((len(payload) == width for payload in payloads), dtype=bool, count=len(payloads))
    blank = bytes(width)
    joined = b"".join(payload if len(payload) == width else blank for payload in payloads)
    matrix = np.frombuffer(joined, dtype=np.uint8).reshape(len(payloads), width)
    return np.ascontiguousarray(matrix.T), right


def _mask_valid(rule: ItemRule, status: Bytes, mask: Bytes) -> Flags:
    chosen = np.bitwise_count(mask).sum(axis=1)
    item = rule.place.item
    within = ~(mask & ~rule.bits).any(axis=1) & (chosen <= (item.cap or len(item.options)))
    flags: Flags = within & ((status == 0) == (chosen > 0))
    return flags


def _header_valid(questionnaire: Questionnaire, rows: Bytes) -> Flags:
    sizes = (len(questionnaire.locales), len(MODES), len(questionnaire.forms), len(questionnaire.strata))
    valid: Flags = rows[0] == VERSION
    for row, size in zip(rows[1:], sizes, strict=False):
        valid &= row < size
    return valid


def _routing_valid(questionnaire: Questionnaire, columns: Columns) -> Flags:
    """The form is the first whose condition holds, and a value other than 97 stands exactly where an item was asked."""
    valid: Flags = columns.form == _form_given(questionnaire, columns)
    for item in questionnaire.items:
        valid &= _asked(item, questionnaire, columns) == (columns.values[item.id] != NOT_ASKED)
    return valid


def _form_given(questionnaire: Questionnaire, columns: Columns) -> Bytes:
    given = np.full(len(columns), len(questionnaire.forms) - 1, dtype=np.uint8)
    for index, form in reversed(list(enumerate(questionnaire.forms))):
        if form.when is None:
            given[:] = index
        else:
            given[holds(form.when, columns)] = index
    return given


def _asked(item: Item, questionnaire: Questionnaire, columns: Columns) -> Flags:
    forms = [form.id in item.forms for form in questionnaire.forms]
    in_form: Flags = np.array([*forms, False])[np.minimum(columns.form, len(forms))]
    return in_form if item.ask_if is None else in_form & holds(item.ask_if, columns)
