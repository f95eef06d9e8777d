"""The fixed-width payload of one person's answers: the reference encoder and decoder, before and after sealing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crypto.errors import SottoError
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, Values
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.phrases import fits, ordered
from survey.questionnaire.questionnaire import HEADER_SIZE, QUALITIES, Questionnaire, form_of, header_names, is_asked

VERSION = 2
NOTICED_NOTHING, HASTY = range(len(QUALITIES))
SERVER = "server"
Rule = Literal[
    "length",
    "version",
    "locale",
    "mode",
    "form",
    "stratum",
    "quality",
    "item",
    "code",
    "status",
    "mask",
    "cap",
    "exclusive",
    "phrase",
    "ranking",
    "asked",
    "offered",
    "checks",
]


class PayloadError(SottoError):
    """Answers or bytes that break a rule of the payload; `rule` says which, and no value is repeated."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(f"not a valid payload: {rule}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class SurveyResponse:
    """What one person answered: names of locale, mode, form and stratum, and a value for each item asked.

    A value is the code of an item of one code; of a multi item the chosen codes in any order, or its missing code; of
    a phrase item its normalised phrases in any order, or its missing code. `quality` is 0, or 1 where the phone
    noticed haste.
    """

    locale: str
    mode: str
    form: str
    stratum: str
    answers: dict[str, Answer]
    quality: int = NOTICED_NOTHING


@dataclass(frozen=True, slots=True)
class PayloadField:
    """The bytes of one item in the payload: offset and width."""

    item: Item
    offset: int
    width: int


# Decision 3.
def layout(questionnaire: Questionnaire) -> Iterator[PayloadField]:
    """Yield the field of every item that has one (a note has none), in order, after the six bytes of the header."""
    offset = HEADER_SIZE
    for item in questionnaire.items:
        if item.width:
            yield PayloadField(item, offset, item.width)
        offset += item.width


def encode(questionnaire: Questionnaire, answers: SurveyResponse) -> bytes:
    """Return the payload of `answers`; raise PayloadError where they break a rule."""
    values = answers.answers
    if not values.keys() <= {item.id for item in questionnaire.items if not item.note}:
        raise PayloadError("item")
    parts = [_encode_item(item, values.get(item.id, NOT_ASKED)) for item in questionnaire.items]
    _check_together(questionnaire, answers)
    return bytes([VERSION, *_header(questionnaire, answers)]) + b"".join(parts)


def decode(questionnaire: Questionnaire, payload: bytes) -> SurveyResponse:
    """Return the answers in `payload`, items that were not asked left out; raise PayloadError where it is not valid."""
    if len(payload) != questionnaire.payload_width:
        raise PayloadError("length")
    if payload[0] != VERSION:
        raise PayloadError("version")
    locale, mode, form, stratum, _ = _names(questionnaire, payload[1:HEADER_SIZE])
    values = {
        field.item.id: _decode_item(field.item, payload[field.offset : field.offset + field.width])
        for field in layout(questionnaire)
    }
    answered = {name: value for name, value in values.items() if value != NOT_ASKED}
    answers = SurveyResponse(locale, mode, form, stratum, answered, quality=payload[HEADER_SIZE - 1])
    _check_together(questionnaire, answers)
    return answers


def phrases_readable(item: Item, slots: bytes) -> bool:
    """Say whether `slots` hold phrases (UTF-8, zero-padded) that are valid for a phrase item with status 0."""
    try:
        _phrases(item, slots)
    except PayloadError:
        return False
    return True


_HEADER_RULES: tuple[Rule, ...] = ("locale", "mode", "form", "stratum", "quality")


def _header(questionnaire: Questionnaire, answers: SurveyResponse) -> Iterator[int]:
    names = (answers.locale, answers.mode, answers.form, answers.stratum)
    for rule, choice, name in zip(_HEADER_RULES, header_names(questionnaire).values(), names, strict=False):
        if name not in choice:
            raise PayloadError(rule)
        yield choice.index(name)
    if answers.quality not in range(len(QUALITIES)):
        raise PayloadError("quality")
    yield answers.quality


def _names(questionnaire: Questionnaire, indexes: bytes) -> Iterator[str]:
    for rule, choice, index in zip(_HEADER_RULES, header_names(questionnaire).values(), indexes, strict=True):
        if index >= len(choice):
            raise PayloadError(rule)
        yield choice[index]


def _check_together(questionnaire: Questionnaire, answers: SurveyResponse) -> None:
    """Raise PayloadError unless the form is the one the answers give and exactly the items asked have a value."""
    values = answers.answers
    # A server can notice nothing of how a page was filled in.
    if answers.mode == SERVER and answers.quality != NOTICED_NOTHING:
        raise PayloadError("quality")
    if form_of(questionnaire, values) != answers.form:
        raise PayloadError("form")
    for item in questionnaire.items:
        answered = values.get(item.id, NOT_ASKED) != NOT_ASKED
        if not item.note and is_asked(item, answers.form, values) != answered:
            raise PayloadError("asked")
        if item.choice_filter is not None and not is_offered(item, values):
            raise PayloadError("offered")
        if item.checks and item.broken_check(completed(questionnaire, values)) is not None:
            raise PayloadError("checks")
    for group in questionnaire.groups:
        if group.kind == "ranking":
            _check_ranking(questionnaire, group, values)


def completed(questionnaire: Questionnaire, values: Values) -> dict[str, Answer]:
    """Return the answers of a whole interview with 97 for each item that has none."""
    return {item.id: values.get(item.id, NOT_ASKED) for item in questionnaire.items}


def is_offered(item: Item, values: Values) -> bool:
    """Say whether every option in the answer to `item` is offered after the answer to its `choice_filter`."""
    answer = values.get(item.id, NOT_ASKED)
    offered = {option.code for option in item.offered(values.get(item.choice_filter or "", NOT_ASKED))}
    chosen = answer if isinstance(answer, tuple) else (answer,) if answer in item.codes else ()
    return offered.issuperset(chosen)


def _check_ranking(questionnaire: Questionnaire, group: ItemGroup, values: Values) -> None:
    """Raise PayloadError unless the places name different options, or all have the same missing code."""
    codes = [values.get(name, NOT_ASKED) for name in group.items]
    ranked = all(code in questionnaire.item(group.items[0]).codes for code in codes)
    if len({*codes}) != (len(codes) if ranked else 1):
        raise PayloadError("ranking")


def _encode_item(item: Item, answer: Answer) -> bytes:
    if item.note:
        return b""
    if item.coded:
        return bytes([_checked_code(item, answer)])
    if isinstance(answer, int):
        return bytes([_checked_status(item, answer)]) + bytes(item.width - 1)
    return b"\0" + (_slots(item, answer) if item.phrase else _mask(item, answer))


def _checked_code(item: Item, code: Answer) -> int:
    if not isinstance(code, int) or (code not in item.domain and code != NOT_ASKED):
        raise PayloadError("code")
    return code


def _checked_status(item: Item, code: int) -> int:
    if code not in (NOT_ASKED, *item.missing):
        raise PayloadError("status")
    return code


def _mask(item: Item, chosen: tuple[int | str, ...]) -> bytes:
    mask = 0
    for code in chosen:
        if code not in item.codes:
            raise PayloadError("mask")
        mask |= 1 << item.codes.index(int(code))
    return _checked_mask(item, mask).to_bytes(item.width - 1, "big")


def _checked_mask(item: Item, mask: int) -> int:
    if mask >> len(item.options):
        raise PayloadError("mask")
    if not 1 <= mask.bit_count() <= (item.cap or len(item.options)):
        raise PayloadError("cap")
    if mask.bit_count() > 1 and any(mask >> bit & 1 for bit, option in enumerate(item.options) if option.exclusive):
        raise PayloadError("exclusive")
    return mask


def _slots(item: Item, phrases: tuple[int | str, ...]) -> bytes:
    texts = ordered({phrase for phrase in phrases if isinstance(phrase, str)})
    _check_phrases(item, texts)
    return b"".join(text.encode().ljust(item.slot, b"\0") for text in texts).ljust(item.width - 1, b"\0")


def _check_phrases(item: Item, texts: tuple[str, ...]) -> None:
    if not fits(texts, count=item.count or 0, words=item.words or 0, length=item.length or 0):
        raise PayloadError("phrase")


def _decode_item(item: Item, data: bytes) -> Answer:
    if item.coded:
        return _checked_code(item, data[0])
    if data[0]:
        if any(data[1:]):
            _checked_status(item, data[0])
            raise PayloadError("phrase" if item.phrase else "mask")
        return _checked_status(item, data[0])
    return _phrases(item, data[1:]) if item.phrase else _codes_of_mask(item, int.from_bytes(data[1:], "big"))


def _codes_of_mask(item: Item, mask: int) -> tuple[int, ...]:
    _checked_mask(item, mask)
    return tuple(option.code for bit, option in enumerate(item.options) if mask >> bit & 1)


def _phrases(item: Item, data: bytes) -> tuple[str, ...]:
    slots = [data[first : first + item.slot].rstrip(b"\0") for first in range(0, len(data), item.slot)]
    used = [slot for slot in slots if slot]
    try:
        texts = tuple(slot.decode() for slot in used)
    except UnicodeDecodeError:
        raise PayloadError("phrase") from None
    if slots[: len(used)] != used or used != sorted(used):
        raise PayloadError("phrase")
    _check_phrases(item, texts)
    return texts
