"""A simulated person who answers every question with choices drawn by a seed, and records all input."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.questionnaire import Questionnaire, Texts

Answer = int | tuple[int | str, ...]
SCREEN = """
[document.querySelector("h1").textContent, document.querySelector("[data-row]")?.textContent ?? null,
 [...document.querySelectorAll("[data-code]")].map((one) => Number(one.dataset.code))]
"""
MISSED = 0.2  # the share of answers that are "don't know" or "don't want to answer"
WORDS = ("fresh fish", "sweet melons", "long queues", "rain", "good talk")


class Hands(Protocol):
    """What a person can do at a page, in any browser: `phone.site.Phone` or `engines.engine.Visitor`."""

    def open(self) -> Any: ...
    def choose(self, locale: str) -> Any: ...
    def title(self) -> str: ...
    def read(self, script: str) -> Any: ...
    def do(self, action: str) -> None: ...
    def answer(self, *codes: int) -> None: ...
    def type(self, selector: str, text: str) -> None: ...
    def pick(self, selector: str, value: str) -> None: ...


@dataclass(frozen=True)
class Asked:
    """The content of a screen: an item, or the group of a ranking, identified by heading and row."""

    heading: re.Pattern[str]
    row: str | None
    items: tuple[Item, ...]
    ranking: bool = False


class Person:
    """Answers at a Wave or a Site; `fixed` gives the code of single items that must not be drawn."""

    def __init__(self, hands: Hands, place: Any, locale: str, seed: int, fixed: dict[str, int] | None = None) -> None:
        self.hands, self.locale = hands, locale
        self.random = Random(seed)
        self.fixed = fixed or {}
        self.texts: Texts = place.study.texts[locale]
        self.screens = tuple(screens(place.study.questionnaire, self.texts))
        self.pressed: dict[str, Answer] = {}

    def answer_all(self) -> dict[str, Answer]:
        """Go from the language to the screen before Send."""
        self.hands.open()
        self.hands.choose(self.locale)
        self.hands.do("agree")
        while self.hands.title() != self.texts.interface["ready-title"]:
            self.answer_one()
        return self.pressed

    def answer_one(self) -> None:
        """Answer what is on the screen."""
        title, row, codes = self.hands.read(SCREEN)
        asked = next(one for one in self.screens if one.heading.fullmatch(title) and one.row == row)
        way = self.rank if asked.ranking else getattr(self, asked.items[0].type, self.one_code)
        for item, answer in way(asked.items, codes).items():
            self.pressed[item] = answer

    def missing(self, items: tuple[Item, ...]) -> dict[str, Answer]:
        """Press a missing code, now and then; return nothing where the answer is still to come."""
        if not items[0].missing or self.random.random() > MISSED:
            return {}
        code = self.random.choice(items[0].missing)
        self.hands.answer(code)
        return {item.id: code for item in items}

    def one_code(self, items: tuple[Item, ...], shown: list[int]) -> dict[str, Answer]:
        (item,) = items
        ends = {option.code for option in item.options if option.end}
        code = self.fixed.get(item.id) or self.random.choice(sorted(set(shown) - ends))
        self.hands.answer(code)
        return {item.id: code}

    def note(self, _items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        self.hands.do("next")
        return {}

    def multi(self, items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        (item,) = items
        together = [code for code in item.codes if code not in item.exclusive]
        given = self.missing(items)
        if not given:
            number = self.random.randint(1, min(3, item.cap or 3, len(together)))
            chosen = self.random.sample(together, number)
            self.hands.answer(*chosen)
            given = {item.id: tuple(sorted(chosen))}
        self.hands.do("next")
        return given

    def rank(self, items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        if given := self.missing(items):
            return given
        chosen = self.random.sample(items[0].codes, len(items))
        self.hands.answer(*chosen)
        self.hands.do("next")
        return {item.id: code for item, code in zip(items, chosen, strict=True)}

    def number(self, items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        if given := self.missing(items):
            return given
        option = self.random.choice([one for one in items[0].options if not one.end])
        self.hands.type("main input", str(option.high))
        self.hands.do("next")
        return {items[0].id: option.code}

    def date(self, items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        if given := self.missing(items):
            return given
        option = self.random.choice([one for one in items[0].options if not one.end])
        monthly = items[0].unit == "month"
        for at, value in enumerate(divmod(option.low, 100) if monthly else [option.low]):
            self.hands.pick(f"main select[data-field='{at}']", str(value))
        self.hands.do("next")
        return {items[0].id: option.code}

    def phrase(self, items: tuple[Item, ...], _shown: list[int]) -> dict[str, Answer]:
        if given := self.missing(items):
            return given
        words = self.random.sample(WORDS, min(2, items[0].count))
        for at, text in enumerate(words, 1):
            self.hands.type(f"main input:nth-of-type({at})", text)
        self.hands.do("next")
        return {items[0].id: tuple(sorted(words))}


def screens(questionnaire: Questionnaire, texts: Texts) -> list[Asked]:
    """Return every screen that a questionnaire may show, by what is read on it."""
    groups = {name: group for group in questionnaire.groups for name in group.items}
    return [one for item in questionnaire.items if (one := _screen(item, groups.get(item.id), questionnaire, texts))]


def _screen(item: Item, group: ItemGroup | None, questionnaire: Questionnaire, texts: Texts) -> Asked | None:
    if group is None:
        return Asked(_pattern(texts.items[item.id].text), None, (item,))
    heading = _pattern(texts.groups[group.id])
    if group.kind == "grid":
        return Asked(heading, texts.items[item.id].text, (item,))
    places = tuple(questionnaire.item(name) for name in group.items)
    return Asked(heading, None, places, ranking=True) if item.id == group.items[0] else None


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that matches a heading with any label of a piped answer in it."""
    parts = re.split(r"\{[A-Z][A-Z0-9_]*\|[^}]*\}", text)
    return re.compile(".*".join(re.escape(part) for part in parts))
