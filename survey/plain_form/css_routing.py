"""Routing by style alone: rules that hide, on the form without JavaScript, what the marks so far surely rule out. Pure.

The form is validated on arrival whatever the rules do; a browser without `:has()` shows every question with the words
that say who answers it. A rule never hides a question that the answers given would be asked (test_plainform_routing).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from math import comb

from survey.questionnaire.conditions import (
    NOT_ASKED,
    AllOf,
    AnyOf,
    Chosen,
    Condition,
    CountOf,
    InRange,
    ItemHas,
    ItemIn,
    Not,
)
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.wording.routing_words import asked_condition

MOST_COMBINATIONS = 30
LONGEST_RULE = 2000
"""Characters of a selector: a condition that needs more has words only."""


@dataclass(frozen=True)
class Marked:
    """Holds where the control with this id is marked or chosen."""

    id: str


@dataclass(frozen=True)
class Both:
    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Either:
    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Opposite:
    part: "Formula"


Formula = bool | Marked | Both | Either | Opposite


def control(name: str, code: int) -> str:
    """Return the id of the control by which an item, or an option of a multi item, gets `code`."""
    return f"{name}-{code:03}"


def option_name(item: Item, code: int) -> str:
    """Return the name of the pair of controls of one option of a multi item."""
    return f"{item.id}_o{code:03}"


def status_name(item: Item) -> str:
    """Return the name of the controls by which a multi or phrase item gets a missing code."""
    return f"{item.id}_s"


def rules(questionnaire: Questionnaire) -> str:
    """Return the style rules of a questionnaire's form: `#f` the form, `#q-ID` a question, `#w-ID` its words."""
    routing = Routing(questionnaire)
    hidden: dict[str, list[str]] = {}
    for item, place in _places(questionnaire):
        for formula, prefix in ((routing.never(item), "q"), (routing.surely(item), "w")):
            selector = css(formula)
            if not isinstance(formula, bool) and len(selector) <= LONGEST_RULE:
                hidden.setdefault(selector, []).append(f"#{prefix}-{place}")
    lines = [f"#f{when} {_any_of(places)}{{display:none}}" for when, places in hidden.items()]
    return "\n".join([*lines, *_endings(questionnaire, routing)])


class Routing:
    """What the marks so far tell of each question of one questionnaire: never asked, surely asked, or not yet known."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._never: dict[str, Formula] = {}

    def never(self, item: Item) -> Formula:
        """Return when `item` is surely not asked."""
        if item.id not in self._never:
            condition = asked_condition(item, self._questionnaire)
            self._never[item.id] = False if condition is None else self.fails(condition)
        return self._never[item.id]

    def surely(self, item: Item) -> Formula:
        """Return when `item` is surely asked; False where everyone is asked, since there is nothing to say then."""
        condition = asked_condition(item, self._questionnaire)
        return False if condition is None else self.holds(condition)

    def ends(self, item: Item, code: int) -> Formula:
        """Return when the option `code` of `item` ends the interview."""
        return both(Marked(control(item.id, code)), opposite(self.never(item)))

    def holds(self, condition: Condition) -> Formula:
        """Return when `condition` surely holds."""
        match condition:
            case AllOf():
                return both(*map(self.holds, condition.all))
            case AnyOf():
                return either(*map(self.holds, condition.any))
            case Not():
                return self.fails(condition.negated)
            case CountOf():
                return self._count(condition)[0]
            case _:
                return self._leaf(condition)[0]

    def fails(self, condition: Condition) -> Formula:
        """Return when `condition` surely does not hold."""
        match condition:
            case AllOf():
                return either(*map(self.fails, condition.all))
            case AnyOf():
                return both(*map(self.fails, condition.any))
            case Not():
                return self.holds(condition.negated)
            case CountOf():
                return self._count(condition)[1]
            case _:
                return self._leaf(condition)[1]

    def _count(self, condition: CountOf) -> tuple[Formula, Formula]:
        low, high = condition.range
        true, false = (tuple(map(judge, condition.count)) for judge in (self.holds, self.fails))
        number = len(condition.count)
        return (
            both(at_least(low, true) or False, at_least(number - high, false) or False),
            either(at_least(high + 1, true) or False, at_least(number - low + 1, false) or False),
        )

    def _leaf(self, leaf: ItemIn | ItemHas | InRange | Chosen) -> tuple[Formula, Formula]:
        """Return when a test of one item surely holds and when it surely does not."""
        if isinstance(leaf, InRange):
            return False, False  # of indicators, which no routing may name
        item = self._questionnaire.item(leaf.item)
        if len(css(self.never(item))) > LONGEST_RULE:
            return False, False
        if isinstance(leaf, ItemIn):
            return self._codes(item, leaf.codes)
        wanted = self._options(item, leaf)
        unasked = either(self.never(item), self._status(item))
        if wanted is None:
            return False, unasked
        return both(self._chose(item), wanted), either(unasked, both(self._chose(item), opposite(wanted)))

    def _codes(self, item: Item, codes: Iterable[int]) -> tuple[Formula, Formula]:
        shown = opposite(self.never(item))
        met, unmet = (
            either(*(both(self._has(item, code), shown) for code in _states(item) if (code in codes) is wanted))
            for wanted in (True, False)
        )
        return (either(met, self.never(item)), unmet) if NOT_ASKED in codes else (met, either(unmet, self.never(item)))

    def _has(self, item: Item, code: int) -> Formula:
        if not item.multi:
            return Marked(control(item.id, code))
        return self._chose(item) if code == 0 else Marked(control(status_name(item), code))

    def _options(self, item: Item, leaf: ItemHas | Chosen) -> Formula | None:
        """Return when the marks meet `leaf`, None where that takes too many words."""
        if isinstance(leaf, ItemHas):
            return either(*(_yes(item, code) for code in leaf.has))
        every = tuple(_yes(item, code) for code in item.codes)
        low, high = (at_least(number, every) for number in (leaf.chosen[0], leaf.chosen[1] + 1))
        return None if low is None or high is None else both(low, opposite(high))

    def _chose(self, item: Item) -> Formula:
        marked = either(*(_yes(item, code) for code in item.codes))
        return both(marked, opposite(self._status(item)), opposite(self.never(item)))

    def _status(self, item: Item) -> Formula:
        return either(*(Marked(control(status_name(item), code)) for code in item.missing))


def at_least(number: int, parts: tuple[Formula, ...]) -> Formula | None:
    """Return when `number` or more of `parts` hold; None where that takes too many combinations to write."""
    if number <= 0:
        return True
    if number > len(parts):
        return False
    if comb(len(parts), number) > MOST_COMBINATIONS:
        return None
    return either(*(both(*chosen) for chosen in combinations(parts, number)))


def both(*parts: Formula) -> Formula:
    """Return when all `parts` hold."""
    return _folded(parts, neutral=True, join=Both)


def either(*parts: Formula) -> Formula:
    """Return when one of `parts` holds."""
    return _folded(parts, neutral=False, join=Either)


def opposite(part: Formula) -> Formula:
    """Return when `part` does not hold."""
    if isinstance(part, bool):
        return not part
    return part.part if isinstance(part, Opposite) else Opposite(part)


def true_of(formula: Formula, marked: frozenset[str]) -> bool:
    """Say whether `formula` holds where the controls `marked` are marked; what a browser does with css()."""
    match formula:
        case Marked():
            return formula.id in marked
        case Both():
            return all(true_of(part, marked) for part in formula.parts)
        case Either():
            return any(true_of(part, marked) for part in formula.parts)
        case Opposite():
            return not true_of(formula.part, marked)
        case _:
            return formula


def css(formula: Formula) -> str:
    """Return what to append to the form's selector, so that it matches where `formula` holds; "" for a constant."""
    match formula:
        case Marked():
            return f":has(#{formula.id}:checked)"
        case Both():
            return "".join(map(css, formula.parts))
        case Either():
            marked = [f"#{part.id}" for part in formula.parts if isinstance(part, Marked)]
            together = [f":has({_any_of(marked)}:checked)"] if marked else []
            others = [css(part) for part in formula.parts if not isinstance(part, Marked)]
            return _any_of([*together, *others])
        case Opposite():
            return f":not({css(formula.part)})"
        case _:
            return ""


def _any_of(selectors: list[str]) -> str:
    return selectors[0] if len(selectors) == 1 else f":is({','.join(selectors)})"


def _folded(parts: Iterable[Formula], *, neutral: bool, join: Callable[[tuple[Formula, ...]], Formula]) -> Formula:
    flat = reduce(lambda so_far, part: {**so_far, **dict.fromkeys(_flat(part, join))}, parts, dict[Formula, None]())
    left = tuple(part for part in flat if part is not neutral)
    if any(part is (not neutral) for part in left):
        return not neutral
    return join(left) if len(left) > 1 else left[0] if left else neutral


def _flat(part: Formula, join: object) -> tuple[Formula, ...]:
    return part.parts if isinstance(part, Both | Either) and type(part) is join else (part,)


def _states(item: Item) -> tuple[int, ...]:
    return (0, *item.missing) if item.multi else item.domain


def _yes(item: Item, code: int) -> Marked:
    return Marked(control(option_name(item, code), 1))


def _places(questionnaire: Questionnaire) -> Iterator[tuple[Item, str]]:
    """Yield each item that has a section of its own with its id, and the first of each group with the group's."""
    groups = {name: group for group in questionnaire.groups for name in group.items}
    for item in questionnaire.items:
        group = groups.get(item.id)
        if group is None or item.id == group.items[0]:
            yield item, item.id if group is None else group.id


def _endings(questionnaire: Questionnaire, routing: Routing) -> Iterator[str]:
    for item in questionnaire.items:
        for option in item.options:
            when = css(routing.ends(item, option.code)) if option.end else ""
            if when and len(when) <= LONGEST_RULE:
                yield f"#f{when} #q-{item.id}~*{{display:none}}"
                yield f"#f{when} #e-{control(item.id, option.code)}{{display:block}}"
