"""Samplers of simulated answers with more than one code, and answers that fit those before them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TypeVar

from survey.questionnaire.codes import NOT_ASKED
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


def offered_answer(item: Item, intended: Answer, answered: Values, random: Random) -> Answer:
    """Return the intended answer, or where its options are not offered after the answers before it, one that is."""
    if item.choice_filter is None or intended in item.missing:
        return intended
    shown = {option.code for option in item.offered(answered.get(item.choice_filter, NOT_ASKED))}
    codes = [code for code in item.codes if code in shown]
    if not isinstance(intended, tuple):
        return intended if intended in codes else random.choice(codes)
    return tuple(code for code in codes if code in intended) or (random.choice(codes),)


def checked_answer(item: Item, intended: Answer, answered: Values, random: Random) -> Answer:
    """Return the intended answer, or where it breaks a check after those before it, one that does not.

    Options are those offered; where none of them keeps the checks it is a missing code.
    """
    if item.broken_check({**answered, item.id: intended}) is None:
        return intended
    shown = {option.code for option in item.offered(answered.get(item.choice_filter or "", NOT_ASKED))}
    codes = [code for code in item.codes if code in shown]
    others = _choices(item, codes, intended) if isinstance(intended, tuple) else random.sample(codes, len(codes))
    kept = (other for other in others if item.broken_check({**answered, item.id: other}) is None)
    found = next(kept, None)
    return random.choice(item.missing) if found is None and item.missing else intended if found is None else found


def _choices(item: Item, codes: Sequence[int], intended: Sequence[int | str]) -> Iterator[tuple[int, ...]]:
    """Yield the options that may be chosen together, first as many as were intended, and of those."""
    ordered_codes = sorted(codes, key=lambda code: code not in intended)
    sizes = sorted(range(1, min(item.cap or len(codes), len(codes)) + 1), key=lambda size: abs(size - len(intended)))
    for size in sizes:
        for chosen in combinations(ordered_codes, size):
            if size == 1 or not item.exclusive.intersection(chosen):
                yield tuple(code for code in codes if code in chosen)
