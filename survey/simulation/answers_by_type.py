"""How invented respondents rank, and which words they find: the samplers that answer with more than one code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from survey.questionnaire.conditions import Answer, Values
from survey.questionnaire.items import Item
from survey.questionnaire.phrases import fits, ordered

Thing = TypeVar("Thing")
Missing = tuple[tuple[int, float], ...]
"""Missing codes, each with the share of people that answer it or one before it."""


def drawn_missing(random: Random, missing: Missing) -> int | None:
    """Draw a missing code, None for a substantive answer; nothing is drawn where there are none."""
    score = random.random() if missing else 1.0
    return next((code for code, below in missing if score < below), None)


def phrases_fit(item: Item, phrases: Sequence[str]) -> bool:
    """Say whether `phrases` are some that `item` can hold; of any other type there are none."""
    if not item.phrase:
        return not phrases
    enough = len(phrases) >= (item.count or 1)
    return enough and fits(phrases, count=len(phrases), words=item.words or 0, length=item.length or 0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Draws different options for all places, one after the other by their weights, or one missing code for all."""

    places: tuple[str, ...]
    by: str | None
    codes: tuple[int, ...]
    weights: Mapping[str, Sequence[int]]
    missing: Missing

    def draw(self, random: Random, _factors: dict[str, float], would: Values) -> dict[str, Answer]:
        """Draw the answers to all places, given the answers drawn before."""
        missing = drawn_missing(random, self.missing)
        if missing is not None:
            return dict.fromkeys(self.places, missing)
        weights = self.weights.get(str(would[self.by]) if self.by else "all") or self.weights["other"]
        return dict(zip(self.places, _without_return(random, self.codes, weights, len(self.places)), strict=True))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Draws one to `count` different phrases by their weights."""

    id: str
    phrases: tuple[str, ...]
    weights: Sequence[int]
    count: int
    missing: Missing

    def draw(self, random: Random, _factors: dict[str, float], _would: Values) -> dict[str, Answer]:
        """Draw the answer to the item."""
        missing = drawn_missing(random, self.missing)
        if missing is not None:
            return {self.id: missing}
        number = random.randint(1, self.count)
        return {self.id: ordered(_without_return(random, self.phrases, self.weights, number))}


def _without_return(random: Random, things: Sequence[Thing], weights: Sequence[int], number: int) -> list[Thing]:
    left: dict[Thing, int] = dict(zip(things, weights, strict=True))
    drawn: list[Thing] = []
    for _ in range(number):
        thing = random.choices([*left], [weight + 1e-9 for weight in left.values()])[0]
        del left[thing]
        drawn.append(thing)
    return drawn
