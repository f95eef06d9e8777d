"""One person's answers as a few bytes of one width: the reference encoder and decoder, before the seal and after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from survey.conditions import NOT_ASKED, Answer, status
from survey.questionnaire import HEADER_SIZE, Item, Questionnaire, asked, form_of

VERSION = 1
Mode = Literal["self", "kiosk", "assisted", "server"]
MODES: tuple[Mode, ...] = ("self", "kiosk", "assisted", "server")
Rule = Literal[
    "length", "version", "locale", "mode", "form", "stratum", "item", "code", "status", "mask", "cap", "asked"
]


class PayloadError(ValueError):
    """Answers or bytes that break a rule of the payload; `rule` says which, and no value is repeated."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(f"not a valid payload: {rule}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Answers:
    """What one person answered: names of locale, mode, form and stratum, and a value for each item asked.

    A value is the code of a single item; of a multi item the chosen codes in any order, or its missing code.
    """

    locale: str
    mode: str
    form: str
    stratum: str
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the payload: its first byte and its width in bytes."""

    item: Item
    offset: int
    width: int


def layout(questionnaire: Questionnaire) -> Iterator[Place]:
    """Yield the place of every item, in order; the first five bytes are version, locale, mode, form and stratum."""
    offset = HEADER_SIZE
    for item in questionnaire.items:
        yield Place(item, offset, item.width)
        offset += item.width


def encode(questionnaire: Questionnaire, answers: Answers) -> bytes:
    """Return the payload of `answers`; raise PayloadError where they break a rule."""
    given = answers.answers
    if not given.keys() <= questionnaire.by_id.keys():
        raise PayloadError("item")
    parts = [_encode_item(item, given.get(item.id, NOT_ASKED)) for item in questionnaire.items]
    _check_routing(questionnaire, answers)
    return bytes([VERSION, *_header(questionnaire, answers)]) + b"".join(parts)


def decode(questionnaire: Questionnaire, payload: bytes) -> Answers:
    """Return the answers in `payload`, items that were not asked left out; raise PayloadError where it is not valid."""
    if len(payload) != questionnaire.payload_width:
        raise PayloadError("length")
    if payload[0] != VERSION:
        raise PayloadError("version")
    choices = zip(_choices(questionnaire), payload[1:HEADER_SIZE], strict=True)
    locale, mode, form, stratum = (_name(choice, index, rule) for (rule, choice), index in choices)
    values = {
        place.item.id: _decode_item(place.item, payload[place.offset : place.offset + place.width])
        for place in layout(questionnaire)
    }
    given = {name: value for name, value in values.items() if value != NOT_ASKED}
    answers = Answers(locale, mode, form, stratum, given)
    _check_routing(questionnaire, answers)
    return answers


def _choices(questionnaire: Questionnaire) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
    forms = tuple(form.id for form in questionnaire.forms)
    return ("locale", questionnaire.locales), ("mode", MODES), ("form", forms), ("stratum", questionnaire.strata)


def _header(questionnaire: Questionnaire, answers: Answers) -> Iterator[int]:
    names = (answers.locale, answers.mode, answers.form, answers.stratum)
    for (rule, choice), name in zip(_choices(questionnaire), names, strict=True):
        if name not in choice:
            raise PayloadError(rule)
        yield choice.index(name)


def _name(choice: tuple[str, ...], index: int, rule: Rule) -> str:
    if index >= len(choice):
        raise PayloadError(rule)
    return choice[index]


def _check_routing(questionnaire: Questionnaire, answers: Answers) -> None:
    """Raise PayloadError unless the form is the one the answers give and exactly the items asked have a value."""
    given = answers.answers
    if form_of(questionnaire, given) != answers.form:
        raise PayloadError("form")
    for item in questionnaire.items:
        if asked(item, answers.form, given) == (given.get(item.id, NOT_ASKED) == NOT_ASKED):
            raise PayloadError("asked")


def _encode_item(item: Item, answer: Answer) -> bytes:
    if not item.multi:
        return bytes([_checked_code(item, answer)])
    chosen = () if isinstance(answer, int) else answer
    code = status(answer)
    if isinstance(answer, int) and code == 0:
        raise PayloadError("status")
    places = [_option_index(item, choice) for choice in chosen]
    mask = sum(1 << place for place in set(places))
    _check_multi(item, code, mask)
    return bytes([code]) + mask.to_bytes(item.width - 1, "big")


def _checked_code(item: Item, code: Answer) -> int:
    if not isinstance(code, int) or (code not in item.codes and code not in item.missing and code != NOT_ASKED):
        raise PayloadError("code")
    return code


def _option_index(item: Item, code: int) -> int:
    if code not in item.codes:
        raise PayloadError("mask")
    return item.codes.index(code)


def _check_multi(item: Item, code: int, mask: int) -> None:
    if code not in (0, NOT_ASKED, *item.missing):
        raise PayloadError("status")
    if mask >> len(item.options) or (mask and code):
        raise PayloadError("mask")
    if code == 0 and not 1 <= mask.bit_count() <= (item.cap or len(item.options)):
        raise PayloadError("cap")


def _decode_item(item: Item, data: bytes) -> Answer:
    if not item.multi:
        return _checked_code(item, data[0])
    mask = int.from_bytes(data[1:], "big")
    _check_multi(item, data[0], mask)
    if data[0]:
        return data[0]
    return tuple(option.code for place, option in enumerate(item.options) if mask >> place & 1)
