"""Samplers of simulated answers with more than one code: rankings and phrases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from survey.questionnaire.conditions import Answer, Values
from survey.questionnaire.items import Item
from survey.questionnaire.phrases import fits, ordered

Element = TypeVar("Element")
Missing = tuple[tuple[int, float], ...]
"""Missing codes, each with the cumulative share of people up to and including it."""


def drawn_missing(random: Random, missing: Missing) -> int | None:
    """Draw a missing code, or None for a substantive answer; without missing codes the generator is not used."""
    score = random.random() if missing else 1.0
    return next((code for code, below in missing if score < below), None)


def phrases_fit(item: Item, phrases: Sequence[str]) -> bool:
    """Return whether `item` can hold `phrases`; an item of another type can hold none."""
    if not item.phrase:
        return not phrases
    enough = len(phrases) >= (item.count or 1)
    return enough and fits(phrases, count=len(phrases), words=item.words or 0, length=item.length or 0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Draws distinct options for all places by weight without replacement, or one missing code for all places."""

    places: tuple[str, ...]
    by: str | None
    codes: tuple[int, ...]
    weights: Mapping[str, Sequence[int]]
    missing: Missing

    def draw(self, random: Random, _factors: dict[str, float], intended: Values) -> dict[str, Answer]:
        """Draw the answers to all places, given the answers drawn before."""
        missing = drawn_missing(random, self.missing)
        if missing is not None:
            return dict.fromkeys(self.places, missing)
        weights = self.weights.get(str(intended[self.by]) if self.by else "all") or self.weights["other"]
        return dict(
            zip(self.places, _drawn_without_replacement(random, self.codes, weights, len(self.places)), strict=True)
        )


@dataclass(frozen=True, slots=True)
class PhraseDraws:
    """Draws one to `count` distinct phrases by weight without replacement."""

    id: str
    phrases: tuple[str, ...]
    weights: Sequence[int]
    count: int
    missing: Missing

    def draw(self, random: Random, _factors: dict[str, float], _intended: Values) -> dict[str, Answer]:
        """Draw the answer to the item."""
        missing = drawn_missing(random, self.missing)
        if missing is not None:
            return {self.id: missing}
        number = random.randint(1, self.count)
        return {self.id: ordered(_drawn_without_replacement(random, self.phrases, self.weights, number))}


def _drawn_without_replacement(
    random: Random, elements: Sequence[Element], weights: Sequence[int], number: int
) -> list[Element]:
    left: dict[Element, int] = dict(zip(elements, weights, strict=True))
    drawn: list[Element] = []
    for _ in range(number):
        element = random.choices([*left], [weight + 1e-9 for weight in left.values()])[0]
        del left[element]
        drawn.append(element)
    return drawn
