"""Routing by CSS: rules that hide, on the form without JavaScript, questions ruled out by the controls checked so far.

The server validates the form in any case; a browser without `:has()` shows every question with the sentences
that say who is asked it. A rule never hides a question that routing asks (tests/unit/plain_form/test_css_routing.py).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from math import comb

from survey.questionnaire.asked_conditions import asked_condition
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import (
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
from survey.questionnaire.items import Item, Option
from survey.questionnaire.questionnaire import Questionnaire

MAX_COMBINATIONS = 30
MAX_SELECTOR_LENGTH = 2000
"""Characters of a selector: a condition that needs more is given by its sentences only."""


@dataclass(frozen=True)
class Marked:
    """True where the control with this id is checked or selected."""

    id: str


@dataclass(frozen=True)
class Conjunction:
    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Disjunction:
    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Negation:
    part: "Formula"


Formula = bool | Marked | Conjunction | Disjunction | Negation


def control(name: str, code: int) -> str:
    """Return the id of the control that gives an item, or an option of a multi item, the value `code`."""
    return f"{name}-{code:03}"


def option_name(item: Item, code: int) -> str:
    """Return the name of the pair of controls of one option of a multi item."""
    return f"{item.id}_o{code:03}"


def status_name(item: Item) -> str:
    """Return the name of the controls that give a multi or phrase item a missing code."""
    return f"{item.id}_s"


def rules(questionnaire: Questionnaire) -> str:
    """Return the CSS rules of a questionnaire's form: `#f` the form, `#q-ID` a question, `#w-ID` its sentences."""
    routing = Routing(questionnaire)
    hidden: dict[str, list[str]] = {}
    for item, section_id in _sections(questionnaire):
        for formula, prefix in ((routing.certainly_unasked(item), "q"), (routing.certainly_asked(item), "w")):
            selector = css(formula)
            if not isinstance(formula, bool) and len(selector) <= MAX_SELECTOR_LENGTH:
                hidden.setdefault(selector, []).append(f"#{prefix}-{section_id}")
    lines = [f"#f{when} {_any_of(places)}{{display:none}}" for when, places in hidden.items()]
    return "\n".join([*lines, *_endings(questionnaire, routing), *_filtered(questionnaire, routing)])


class Routing:
    """For each question of one questionnaire, formulas for "never asked" and "certainly asked" given the controls."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._certainly_unasked: dict[str, Formula] = {}

    def certainly_unasked(self, item: Item) -> Formula:
        """Return the formula under which `item` is certainly not asked."""
        if item.id not in self._certainly_unasked:
            condition = asked_condition(item, self._questionnaire)
            self._certainly_unasked[item.id] = False if condition is None else self.fails(condition)
        return self._certainly_unasked[item.id]

    def certainly_asked(self, item: Item) -> Formula:
        """Return the formula under which `item` is certainly asked; False where everyone is asked."""
        condition = asked_condition(item, self._questionnaire)
        return False if condition is None else self.holds(condition)

    def ends(self, item: Item, code: int) -> Formula:
        """Return the formula under which the option `code` of `item` ends the interview."""
        return conjunction(Marked(control(item.id, code)), negation(self.certainly_unasked(item)))

    def holds(self, condition: Condition) -> Formula:
        """Return the formula under which `condition` is certainly true."""
        match condition:
            case AllOf():
                return conjunction(*map(self.holds, condition.all))
            case AnyOf():
                return disjunction(*map(self.holds, condition.any))
            case Not():
                return self.fails(condition.negated)
            case CountOf():
                return self._count(condition)[0]
            case _:
                return self._leaf(condition)[0]

    def fails(self, condition: Condition) -> Formula:
        """Return the formula under which `condition` is certainly false."""
        match condition:
            case AllOf():
                return disjunction(*map(self.fails, condition.all))
            case AnyOf():
                return conjunction(*map(self.fails, condition.any))
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
            conjunction(at_least(low, true) or False, at_least(number - high, false) or False),
            disjunction(at_least(high + 1, true) or False, at_least(number - low + 1, false) or False),
        )

    def _leaf(self, leaf: ItemIn | ItemHas | InRange | Chosen) -> tuple[Formula, Formula]:
        """Return the formulas under which a test of one item is certainly true, and certainly false."""
        if isinstance(leaf, InRange):
            return False, False  # an indicator, which routing may not refer to
        item = self._questionnaire.item(leaf.item)
        if len(css(self.certainly_unasked(item))) > MAX_SELECTOR_LENGTH:
            return False, False
        if isinstance(leaf, ItemIn):
            return self._codes(item, leaf.codes)
        wanted = self._options(item, leaf)
        unasked = disjunction(self.certainly_unasked(item), self._status(item))
        if wanted is None:
            return False, unasked
        return conjunction(self.chose(item), wanted), disjunction(
            unasked, conjunction(self.chose(item), negation(wanted))
        )

    def _codes(self, item: Item, codes: Iterable[int]) -> tuple[Formula, Formula]:
        shown = negation(self.certainly_unasked(item))
        met, unmet = (
            disjunction(
                *(conjunction(self._has(item, code), shown) for code in _states(item) if (code in codes) is is_listed)
            )
            for is_listed in (True, False)
        )
        return (
            (disjunction(met, self.certainly_unasked(item)), unmet)
            if NOT_ASKED in codes
            else (met, disjunction(unmet, self.certainly_unasked(item)))
        )

    def _has(self, item: Item, code: int) -> Formula:
        if not item.multi:
            return Marked(control(item.id, code))
        return self.chose(item) if code == 0 else Marked(control(status_name(item), code))

    def _options(self, item: Item, leaf: ItemHas | Chosen) -> Formula | None:
        """Return the formula of `leaf`, None where it needs too many combinations."""
        if isinstance(leaf, ItemHas):
            return disjunction(*(_yes(item, code) for code in leaf.has))
        every = tuple(_yes(item, code) for code in item.codes)
        low, high = (at_least(number, every) for number in (leaf.chosen[0], leaf.chosen[1] + 1))
        return None if low is None or high is None else conjunction(low, negation(high))

    def chose(self, item: Item) -> Formula:
        """Return the formula under which options of a multi item are chosen."""
        marked = disjunction(*(_yes(item, code) for code in item.codes))
        return conjunction(marked, negation(self._status(item)), negation(self.certainly_unasked(item)))

    def _status(self, item: Item) -> Formula:
        return disjunction(*(Marked(control(status_name(item), code)) for code in item.missing))


def at_least(number: int, parts: tuple[Formula, ...]) -> Formula | None:
    """Return the formula that at least `number` of `parts` are true; None for more than MAX_COMBINATIONS."""
    if number <= 0:
        return True
    if number > len(parts):
        return False
    if comb(len(parts), number) > MAX_COMBINATIONS:
        return None
    return disjunction(*(conjunction(*chosen) for chosen in combinations(parts, number)))


def conjunction(*parts: Formula) -> Formula:
    """Return the conjunction of `parts`, with constants folded."""
    return _folded(parts, neutral=True, join=Conjunction)


def disjunction(*parts: Formula) -> Formula:
    """Return the disjunction of `parts`, with constants folded."""
    return _folded(parts, neutral=False, join=Disjunction)


def negation(part: Formula) -> Formula:
    """Return the negation of `part`."""
    if isinstance(part, bool):
        return not part
    return part.part if isinstance(part, Negation) else Negation(part)


def css(formula: Formula) -> str:
    """Return the selector suffix that makes the form's selector match where `formula` is true; "" for a constant."""
    match formula:
        case Marked():
            return f":has(#{formula.id}:checked)"
        case Conjunction():
            return "".join(map(css, formula.parts))
        case Disjunction():
            marked = [f"#{part.id}" for part in formula.parts if isinstance(part, Marked)]
            together = [f":has({_any_of(marked)}:checked)"] if marked else []
            others = [css(part) for part in formula.parts if not isinstance(part, Marked)]
            return _any_of([*together, *others])
        case Negation():
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
    return part.parts if isinstance(part, Conjunction | Disjunction) and type(part) is join else (part,)


def _states(item: Item) -> tuple[int, ...]:
    return (0, *item.missing) if item.multi else item.domain


def _yes(item: Item, code: int) -> Marked:
    return Marked(control(option_name(item, code), 1))


def _sections(questionnaire: Questionnaire) -> Iterator[tuple[Item, str]]:
    """Yield each ungrouped item with its id, and the first item of each group with the group's id."""
    groups = {name: group for group in questionnaire.groups for name in group.items}
    for item in questionnaire.items:
        group = groups.get(item.id)
        if group is None or item.id == group.items[0]:
            yield item, item.id if group is None else group.id


def option_classes(item: Item, option: Option) -> str:
    """Return the classes of an option that is offered after some answers alone: of its item, and of each answer."""
    return " ".join([f"f-{item.id}", *(f"a-{code:03}" for code in option.only_for)]) if option.only_for else ""


def _filtered(questionnaire: Questionnaire, routing: Routing) -> Iterator[str]:
    """Yield the rules that hide options which are not for the answer to the earlier item."""
    for item in questionnaire.items:
        if item.choice_filter is not None:
            other = questionnaire.item(item.choice_filter)
            for formula, options in (_carried if other.multi else _of_one_answer)(item, other, routing):
                when = css(formula)
                if len(when) <= MAX_SELECTOR_LENGTH:
                    yield f"#f{when} .f-{item.id}{options}{{display:none}}"


def _of_one_answer(item: Item, other: Item, routing: Routing) -> Iterator[tuple[Formula, str]]:
    """Yield for each answer that options are for, when it is given, and which options it hides."""
    asked = negation(routing.certainly_unasked(other))
    for code in sorted(_named(item) - {NOT_ASKED}):
        yield conjunction(Marked(control(other.id, code)), asked), f":not(.a-{code:03})"


def _carried(item: Item, other: Item, routing: Routing) -> Iterator[tuple[Formula, str]]:
    """Yield for each option that is for some of several answers, when none of these is chosen but another one is."""
    sets = {frozenset(option.only_for) for option in item.options if option.only_for}
    named = conjunction(routing.chose(other), disjunction(*(_yes(other, code) for code in sorted(_named(item)))))
    for own in sorted(sets, key=sorted):
        wider = {code for one in sets if own < one for code in one} - own
        classes = "".join(f".a-{code:03}" for code in sorted(own))
        classes += "".join(f":not(.a-{code:03})" for code in sorted(wider))
        yield conjunction(named, negation(disjunction(*(_yes(other, code) for code in sorted(own))))), classes


def _named(item: Item) -> set[int]:
    return {code for option in item.options for code in option.only_for or ()}


def _endings(questionnaire: Questionnaire, routing: Routing) -> Iterator[str]:
    for item in questionnaire.items:
        for option in item.options:
            when = css(routing.ends(item, option.code)) if option.end else ""
            if when and len(when) <= MAX_SELECTOR_LENGTH:
                yield f"#f{when} #q-{item.id}~*{{display:none}}"
                yield f"#f{when} #e-{control(item.id, option.code)}{{display:block}}"
