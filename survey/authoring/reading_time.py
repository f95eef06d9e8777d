"""How long each form of a study takes a fluent and a slow reader, by locale: text to read, answers to choose, presses.

A time is that of the longest way through a form, from the consent to the screen before Send.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crypto.canonical import canonical
from survey.faults import said
from survey.questionnaire.conditions import Values
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.pipes import unpiped
from survey.questionnaire.questionnaire import Questionnaire, Texts, form_of, is_asked
from survey.questionnaire.rules.reachability import Reachability
from survey.wave.text_places import words_by_place

WORDS = {
    "ar": 138, "de": 179, "en": 228, "es": 218, "fi": 161, "fr": 195, "he": 187, "it": 188, "nl": 202, "pl": 166,
    "pt": 181, "ru": 184, "sl": 180, "sv": 199, "tr": 166, "ug": 166,
}  # fmt: skip
"""Words a minute of practised readers, by language: S. Trauzettel-Klosinski, K. Dietz, "Standardized Assessment of
Reading Performance: The New International Reading Speed Texts IReST", Invest. Ophthalmol. Vis. Sci. 53 (2012) 5452,
table 2 (436 people of 18 to 35 years, reading aloud). Uyghur was not measured and has the rate of Turkish."""
OTHER_WORDS = 184
"""The mean of all languages there, for those that it does not have."""
CHARACTERS = {"zh": 255, "ja": 357, "th": 863, "lo": 863, "km": 863, "my": 863}
"""Characters a minute, from the same table, where words are not written apart; its mean for what it does not have."""
SLOW = 105 / 228
"""A slow reader's rate as a share of a practised one's: 105 words a minute in English, under which fourth-graders read
below the basic level (National Center for Education Statistics, NAEP 2002 Oral Reading Study)."""
DECISION_SECONDS = 5.0
"""For choosing an answer and pressing it, once the screen is read: an assumption, for both readers."""
PRESS_SECONDS = 1.3
"""For each further press: to point, 1.1 s, and to press, 0.2 s (S. Card, T. Moran, A. Newell, "The Keystroke-Level
Model", Comm. ACM 23 (1980) 396)."""
FIND_PRESSES = 5
"""For an answer in a long list: the field, three letters of it, the answer."""
READY = ("ready-title", "ready-kept", "ready-sealed", "ready-final", "send")
"""The words of the screen before Send."""
PLACEHOLDER = re.compile(r"\{MINUTES(?:_([A-Z0-9_]+))?\}")
"""`{MINUTES_CORE}` stands for the minutes of the form `core`, fluent to slow; `{MINUTES}` for those of an only form."""
ONE_PRESS = ("single", "scale", "picture", "list", "note")
_LATIN, _OTHERS = r"min(?:ute)?s?\b", "分[钟鐘]|مىنۇت"
_MINUTES = f"(?:{_LATIN}|{_OTHERS})"
_STATED = re.compile(rf"(\d+)(?:\s*(?:[-–—~\uff5e至到]|to|or|and)\s*(\d+))?[\s-]*{_MINUTES}", re.IGNORECASE)
_HOURS = r"(?:hours?\b|[个個]?(?:小[时時]|[钟鐘][头頭])|سائەت)"
_PART = (
    r"(?:\b(?:half|quarters?)(?:[\s-]+(?:of[\s-]+)?(?:an?[\s-]+)?)?|"
    r"半|يېرىم\s*|چارەك\s*|[½¼¾]\s*(?:an?\s+)?|\b0?[.,]\d+\s*)"
)
# Minutes without a number in digits, and parts of an hour; what was filled in or read before is taken out first.
_IN_WORDS = re.compile(rf"[^\n。，.,;:：；]{{0,16}}(?:\b{_LATIN}|{_OTHERS}|刻[钟鐘]|{_PART}{_HOURS})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """The longest way through one form in one locale.

    `screens` are all, with the consent and Send; `amount` counts words, or characters where `unit` says so; `presses`
    are the fewest that answer every question; `fluent` and `slow` are minutes.
    """

    locale: str
    form: str
    screens: int
    amount: int
    unit: str
    presses: int
    fluent: float
    slow: float

    @property
    def minutes(self) -> str:
        """The whole minutes of a fluent and of a slow reader, both rounded up: `13-25`."""
        return _range(math.ceil(self.fluent), math.ceil(self.slow))

    def __str__(self) -> str:
        read = f"{self.screens} screens, {self.amount} {self.unit}, {self.presses} presses"
        return f"{self.locale}, form {self.form}: {self.minutes} minutes (fluent to slow reader; {read})"


# Decision 118.
def reading_times(questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> tuple[ReadingTime, ...]:
    """Return the time of every form in every locale, in their order."""
    ways = _ways(questionnaire)

    def longest(form: str, own: Texts) -> ReadingTime:
        times = (_time(form, way, own, questionnaire.groups) for way in ways[form])
        return max(times, key=lambda time: time.slow)

    return tuple(longest(form.id, own) for own in texts.values() for form in questionnaire.forms)


def with_minutes(texts: Texts, times: Iterable[ReadingTime]) -> Texts:
    """Return the texts with each `{MINUTES…}` of its consent and its items filled in."""
    minutes = {_name(time.form): time.minutes for time in times if time.locale == texts.locale}
    only = next(iter(minutes.values())) if len(minutes) == 1 else None

    def filled(value: object) -> object:
        if isinstance(value, str):
            return PLACEHOLDER.sub(lambda match: minutes.get(match[1], only or match[0]), value)
        if isinstance(value, dict):
            return {key: filled(one) for key, one in value.items()}
        return [filled(one) for one in value] if isinstance(value, list) else value

    return Texts.from_bytes(canonical(filled(texts.to_json())))


def timed_places(texts: Texts) -> frozenset[str]:
    """Return the places of texts, before they are filled in, that have a `{MINUTES…}`."""
    return frozenset(place for place, words in words_by_place(texts).items() if PLACEHOLDER.search(words))


def without_minutes(text: str) -> str:
    """Return a text without the minutes that it states in digits, such as those that the compiler filled in."""
    return _STATED.sub("", text)


def name_faults(text: str, times: Iterable[ReadingTime]) -> Iterator[tuple[str, str]]:
    """Yield each `{MINUTES…}` of a text that stands for no form, with its remedy; `times` are of one locale."""
    known = _placeholders(times)
    for match in PLACEHOLDER.finditer(text):
        if match[0] not in known:
            yield said("{place} names no form", place=match[0]), said("use {known}", known=tuple(known))


def promise_faults(text: str, times: Iterable[ReadingTime]) -> Iterator[tuple[str, str]]:
    """Yield the minutes written out in a text that are fewer than a fluent reader needs, with the remedy.

    The fewest must do for the shortest form and the most for the longest one; `times` are of the text's locale. Of a
    time in words ("ten minutes", "a quarter of an hour") nobody can say that it is enough: it is a fault by itself.
    """
    stated = sorted(int(number) for numbers in _STATED.findall(text) for number in numbers if number)
    own = sorted(times, key=lambda time: time.fluent)
    needed = [math.ceil(own[0].fluent), math.ceil(own[-1].fluent)]
    minutes = _range(*needed)
    remedy = said("write {places}, which the compiler fills in", places=tuple(_placeholders(own)))
    if stated and (stated[0] < needed[0] or stated[-1] < needed[1]):
        promised = _range(stated[0], stated[-1])
        message = "the text promises {promised} minutes, and a fluent reader needs {minutes}"
        yield said(message, promised=promised, minutes=minutes), remedy
    for words in _times_in_words(text):
        yield (
            said(
                'the text has a time in words, "{words}", which nothing is compared with: '
                "a fluent reader needs {minutes} minutes",
                words=words,
                minutes=minutes,
            ),
            remedy,
        )


def _times_in_words(text: str) -> Iterator[str]:
    """Yield each time of a text that has no number of minutes in digits, with the words before it."""
    unread = _STATED.sub("", re.sub(rf"{PLACEHOLDER.pattern}(?:[\s-]*{_MINUTES})?", "", text))
    yield from (match[0].strip() for match in _IN_WORDS.finditer(unread))


def _placeholders(times: Iterable[ReadingTime]) -> list[str]:
    names = [_name(time.form) for time in times]
    return [*(["{MINUTES}"] if len(names) == 1 else []), *(f"{{MINUTES_{name}}}" for name in names)]


def _range(low: int, high: int) -> str:
    # A hyphen, because the character sets of older Chinese phones and printers have no dash of this length.
    return "-".join(dict.fromkeys(map(str, (low, high))))


def _name(form: str) -> str:
    return form.upper().replace("-", "_")


def _ways(questionnaire: Questionnaire) -> dict[str, list[tuple[Item, ...]]]:
    """Return the items of every way through each form; all of the form's items where there are too many ways."""
    found: dict[str, dict[tuple[str, ...], tuple[Item, ...]]] = {form.id: {} for form in questionnaire.forms}
    for values in Reachability(questionnaire).ways():
        form = form_of(questionnaire, values)
        way = _way(questionnaire, form, values)
        found[form][tuple(item.id for item in way)] = way
    everything = {form: tuple(item for item in questionnaire.items if form in item.forms) for form in found}
    return {form: [*by_ids.values()] or [everything[form]] for form, by_ids in found.items()}


def _way(questionnaire: Questionnaire, form: str, values: Values) -> tuple[Item, ...]:
    """Return the items that are asked on a way: of a ranking, which is one screen, the first place alone."""
    after_first = {name for group in questionnaire.groups if group.kind == "ranking" for name in group.items[1:]}
    asked = (item for item in questionnaire.items if is_asked(item, form, values))
    return tuple(item for item in asked if item.id not in after_first)


def _time(form: str, way: tuple[Item, ...], texts: Texts, groups: tuple[ItemGroup, ...]) -> ReadingTime:
    language = texts.locale.split("-", maxsplit=1)[0]
    unit = "characters" if language in CHARACTERS else "words"
    count = _characters if language in CHARACTERS else _words
    amount = sum(map(count, (*_around(texts), *_asked(way, texts, groups))))
    rate = CHARACTERS.get(language) or WORDS.get(language, OTHER_WORDS)
    screens = 2 + sum(item.specifies is None for item in way)
    presses = 2 + sum(_presses(item, groups) for item in way)
    seconds = DECISION_SECONDS * screens + PRESS_SECONDS * (presses - screens)
    fluent, slow = (amount / each + seconds / 60 for each in (rate, rate * SLOW))
    return ReadingTime(texts.locale, form, screens, amount, unit, presses, fluent, slow)


def _presses(item: Item, groups: tuple[ItemGroup, ...]) -> int:
    """Return the fewest presses that answer a screen; what may get several has Next as its last one."""
    for group in groups:
        if group.kind == "ranking" and item.id in group.items:
            return len(group.items) + 1
    if item.type == "date" and item.unit == "month":
        return 3  # the year, the month, Next
    if item.long_list:
        return FIND_PRESSES
    return 1 if item.type in ONE_PRESS else 2


def _around(texts: Texts) -> Iterator[str]:
    """Yield what is read before the first and after the last question."""
    consent = texts.consent
    yield from (*consent.paragraphs, consent.question, consent.agree, consent.decline)
    yield from (texts.interface.get(key, "") for key in READY)


def _asked(way: tuple[Item, ...], texts: Texts, groups: tuple[ItemGroup, ...]) -> Iterator[str]:
    """Yield every text of the questions, that of a whole grid or ranking once."""
    ids = {item.id for item in way}
    yield from (texts.groups[group.id] for group in groups if ids.intersection(group.items))
    yield from (texts.hints.get(group.id, "") for group in groups if ids.intersection(group.items))
    for item in way:
        own = texts.items[item.id]
        # The bands of what is typed are not on the screen; in a long list people look for their answer.
        options = () if item.type in ("number", "date") or item.long_list else own.options.values()
        yield from (own.text, texts.hints.get(item.id, ""), *options, *(own.ends or ()), *(own.lines or ()))
        yield from (texts.missing[str(code)] for code in item.missing)


def _characters(text: str) -> int:
    return sum(character.isalnum() for character in _plain(text))


def _words(text: str) -> int:
    return len(re.findall(r"\w[\w’'-]*", _plain(text)))


def _plain(text: str) -> str:
    return unpiped(PLACEHOLDER.sub("", text))
