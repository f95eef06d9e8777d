"""
Opened payloads become columns, every rule checked for a whole chunk at once.

The vectorised form of survey/questionnaire/payload.py.

A payload that breaks any rule is not repaired and not named: its row is unreadable, and nobody learns which rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.opening.columns import Bytes, Columns, Flags, holds
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.payload import NOTICED_NOTHING, SERVER, VERSION, PayloadField, layout, phrases_readable
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, HEADER_SIZE, MODES, Questionnaire, header_names


@dataclass(frozen=True)
class ItemRule:
    """What one item's bytes may be: `allowed` codes or statuses, the bits of its mask, and which bits stand alone."""

    place: PayloadField
    allowed: NDArray[np.bool_]
    bits: Bytes
    alone: Bytes

    @classmethod
    def of(cls, place: PayloadField) -> Self:
        """Prepare the rule of the item at `place`."""
        item = place.item
        allowed = np.zeros(256, dtype=bool)
        allowed[[*(item.codes if item.coded else (0,)), *item.missing, NOT_ASKED]] = True
        options = [option.code for option in item.options] if item.multi else []
        return cls(place, allowed, _mask(item, options), _mask(item, item.exclusive))


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
        header = dict(zip(HEADER_DIMENSIONS, rows[1:HEADER_SIZE], strict=True))
        columns = Columns(self.questionnaire, readable, {**header}, {}, {})
        for rule in self.rules:
            self._read(rule, rows, columns)
        readable &= _header_valid(self.questionnaire, rows) & _routing_valid(self.questionnaire, columns)
        for group in self.questionnaire.groups:
            readable &= group.kind == "grid" or _ranking_valid(group, columns)
        return columns

    def _read(self, rule: ItemRule, rows: Bytes, columns: Columns) -> None:
        """Add the columns of one item, and mark the rows that break its rule."""
        item, first = rule.place.item, rule.place.offset
        status = columns.values[item.id] = rows[first]
        columns.readable[:] &= rule.allowed[status]
        rest = rows[first + 1 : first + rule.place.width].T
        if item.multi:
            columns.masks[item.id] = rest
            columns.readable[:] &= _mask_valid(rule, status, rest)
        elif item.phrase:
            columns.slots[item.id] = rest.reshape(len(rest), item.count or 0, item.slot)
            columns.readable[:] &= _phrases_valid(item, status, rest, columns.readable)


def _mask(item: Item, codes: Iterable[int]) -> Bytes:
    """Return the bits of `codes` in a multi item's mask, big-endian."""
    places = [option.code for option in item.options]
    bits = sum(1 << places.index(code) for code in codes)
    return np.frombuffer(bits.to_bytes(item.width - 1, "big") if item.multi else b"", dtype=np.uint8)


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
    alone = ~(mask & rule.alone).any(axis=1) | (chosen == 1)
    flags: Flags = within & alone & ((status == 0) == (chosen > 0))
    return flags


def _phrases_valid(item: Item, status: Bytes, slots: Bytes, readable: Flags) -> Flags:
    """Say which rows hold no phrase and a status, or phrases as the reference decoder reads them."""
    valid: Flags = (status != 0) & ~slots.any(axis=1)
    for row in np.flatnonzero(readable & (status == 0)):
        valid[row] = phrases_readable(item, slots[row].tobytes())
    return valid


def _ranking_valid(group: ItemGroup, columns: Columns) -> Flags:
    """Say which rows name different options in all places, or one missing code (or not asked) in all."""
    places = np.stack([columns.values[name] for name in group.items])
    ranked = np.isin(places, columns.questionnaire.item(group.items[0]).codes).all(axis=0)
    ordered = np.sort(places, axis=0)
    different = (ordered[1:] != ordered[:-1]).all(axis=0)
    flags: Flags = np.where(ranked, different, ordered[0] == ordered[-1])
    return flags


def _header_valid(questionnaire: Questionnaire, rows: Bytes) -> Flags:
    valid: Flags = rows[0] == VERSION
    for row, names in zip(rows[1:HEADER_SIZE], header_names(questionnaire).values(), strict=True):
        valid &= row < len(names)
    mode, quality = rows[1 + HEADER_DIMENSIONS.index("@mode")], rows[1 + HEADER_DIMENSIONS.index("@quality")]
    valid &= (mode != MODES.index(SERVER)) | (quality == NOTICED_NOTHING)
    return valid


# Decision 4.
def _routing_valid(questionnaire: Questionnaire, columns: Columns) -> Flags:
    """The form is the first whose condition holds, and a value other than 97 stands exactly where an item was asked."""
    valid: Flags = columns.form == _form_given(questionnaire, columns)
    for item in questionnaire.items:
        if item.note:
            continue
        valid &= _asked(item, questionnaire, columns) == (columns.values[item.id] != NOT_ASKED)
        if item.choice_filter is not None:
            valid &= _offered(item, questionnaire.item(item.choice_filter), columns)
        for check in item.checks or ():
            valid &= holds(check, columns) | np.isin(columns.values[item.id], (*item.missing, NOT_ASKED))
    return valid


def _offered(item: Item, other: Item, columns: Columns) -> Flags:
    """Say which rows have options alone that are offered after the answer to the item `other`."""
    named = _has_any(other, sorted({code for option in item.options for code in option.only_for or ()}), columns)
    valid = np.ones(len(columns), dtype=bool)
    for option in item.options:
        if option.only_for is not None:
            valid &= ~(_has(item, option.code, columns) & named & ~_has_any(other, option.only_for, columns))
    return valid


def _has_any(item: Item, codes: Iterable[int], columns: Columns) -> Flags:
    flags: Flags = np.zeros(len(columns), dtype=bool)
    for code in codes:
        flags |= _has(item, code, columns)
    return flags


def _has(item: Item, code: int, columns: Columns) -> Flags:
    flags: Flags = columns.chosen(item.id, code) if item.multi else columns.values[item.id] == code
    return flags


def _form_given(questionnaire: Questionnaire, columns: Columns) -> Bytes:
    form_index = np.full(len(columns), len(questionnaire.forms) - 1, dtype=np.uint8)
    for index, form in reversed(list(enumerate(questionnaire.forms))):
        if form.when is None:
            form_index[:] = index
        else:
            form_index[holds(form.when, columns)] = index
    return form_index


def _asked(item: Item, questionnaire: Questionnaire, columns: Columns) -> Flags:
    forms = [form.id in item.forms for form in questionnaire.forms]
    in_form: Flags = np.array([*forms, False])[np.minimum(columns.form, len(forms))]
    return in_form if item.ask_if is None else in_form & holds(item.ask_if, columns)
