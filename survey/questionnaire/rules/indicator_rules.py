"""Validation rules of derived indicators: their levels are closed and public before fieldwork."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from survey.faults import Fault, Where, said
from survey.questionnaire.codes import NOT_ASKED, RESERVED
from survey.questionnaire.levels import levels_of
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Questionnaire, Term, ValueOf
from survey.questionnaire.rules.condition_rules import condition_faults, undecided
from survey.questionnaire.rules.reachability import Reachability
from survey.questionnaire.rules.sum_bounds import BoundsError, sum_bounds

if TYPE_CHECKING:
    from survey.questionnaire.conditions import Condition

MOST_LEVELS = 64


def derived_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield everything that is wrong with the derived indicators."""
    for index, derived in enumerate(questionnaire.derived):
        earlier = tuple(indicator.id for indicator in questionnaire.derived[:index])
        faults = [
            *_shape(derived),
            *_conditions(derived, questionnaire, earlier),
            *_terms(derived, questionnaire, earlier),
        ]
        yield from faults
        if not faults:
            yield from _values(derived, questionnaire)
            yield from _population(derived, questionnaire)


def _shape(derived: Derived) -> Iterator[Fault]:
    where = ("derived", derived.id)
    if (derived.sum is None) == (derived.cases is None):
        yield Fault(where, "an indicator is either a `sum` or `cases`", "give exactly one of them")
    if derived.else_ is not None and derived.cases is None:
        yield Fault((*where, "else"), "`else` belongs to `cases`", "remove it")
    if not 1 <= len(derived.levels) <= MOST_LEVELS:
        yield Fault((*where, "levels"), "too few or too many levels", said("give 1 to {most}", most=MOST_LEVELS))
    for level, number in Counter(derived.levels).items():
        if number > 1:
            yield Fault(
                (*where, "levels", str(level)),
                said("level {level} stands here {number} times", level=level, number=number),
                "give each level once",
            )
        if level in RESERVED:
            yield Fault(
                (*where, "levels", str(level)),
                said("level {level} is reserved", level=level),
                "use another number for this level",
            )


def _conditions(derived: Derived, questionnaire: Questionnaire, earlier: tuple[str, ...]) -> Iterator[Fault]:
    where = ("derived", derived.id)
    conditions: list[tuple[Where, Condition | None]] = [
        ((*where, "population"), derived.population),
        ((*where, "undefined_if"), derived.undefined_if),
    ]
    conditions += [((*where, "cases", index), case.when) for index, case in enumerate(derived.cases or ())]
    for index, term in enumerate(derived.sum or ()):
        if isinstance(term, AddWhen):
            conditions.append(((*where, "sum", index), term.when))
    for path, condition in conditions:
        if condition is not None:
            yield from condition_faults(condition, path, questionnaire, items=questionnaire.by_id, derived=earlier)


def _terms(derived: Derived, questionnaire: Questionnaire, earlier: tuple[str, ...]) -> Iterator[Fault]:
    for index, term in enumerate(derived.sum or ()):
        where = ("derived", derived.id, "sum", index)
        yield from (
            Fault(where, message, remedy, names) for message, remedy, names in _term(term, questionnaire, earlier)
        )


def _term(
    term: Term, questionnaire: Questionnaire, earlier: tuple[str, ...]
) -> Iterator[tuple[str, str, frozenset[str]]]:
    match term:
        case ValueOf():
            yield from _value_of(term, questionnaire, earlier)
        case Count():
            yield from _count(term, questionnaire)
        case AnsweredWith() | AddWhen():
            pass


def _value_of(
    term: ValueOf, questionnaire: Questionnaire, earlier: tuple[str, ...]
) -> Iterator[tuple[str, str, frozenset[str]]]:
    names = frozenset({term.value_of})
    item = questionnaire.by_id.get(term.value_of)
    if item is None and term.value_of not in earlier:
        yield (
            said("there is no item or earlier indicator {value_of}", value_of=term.value_of),
            "correct the name",
            names,
        )
        return
    if item is not None and not item.decides:
        yield undecided(item), "leave it out", names
        return
    if item is not None and item.multi:
        yield said("{value_of} is a multi item and has no one code", value_of=term.value_of), "use `count`", names
        return
    if item is not None and any((option.low or 0) < 0 for option in item.options) and term.else_ is None:
        left = [code for code in item.codes if str(code) not in (term.map or {})]
        if left:
            message = said("the codes of {id} are not its numbers, some of which are below zero", id=item.id)
            remedy = said("give each its number by `map`; {codes} have none", codes=", ".join(map(str, left)))
            yield message, remedy, names
    possible = (*item.codes, *item.missing, NOT_ASKED) if item else levels_of(questionnaire, term.value_of)[:-1]
    for code in map(int, term.map or {}):
        if code not in possible:
            yield (
                said("{value_of} never has the code {code}", value_of=term.value_of, code=code),
                said("use {possible}", possible=", ".join(map(str, possible))),
                names,
            )


def _count(term: Count, questionnaire: Questionnaire) -> Iterator[tuple[str, str, frozenset[str]]]:
    names = frozenset({term.count})
    item = questionnaire.by_id.get(term.count)
    if item is None or not item.multi:
        yield said("there is no multi item {count}", count=term.count), "count the options of a multi item", names
        return
    for code in (*term.of, *term.minus):
        if code not in item.codes:
            yield (
                said("{count} has no option {code}", count=term.count, code=code),
                said("use {item}", item=", ".join(map(str, item.codes))),
                names,
            )


def _values(derived: Derived, questionnaire: Questionnaire) -> Iterator[Fault]:
    where = ("derived", derived.id)
    if derived.cases is not None:
        values: list[tuple[tuple[str | int, ...], int]] = [
            (("cases", index), case.value) for index, case in enumerate(derived.cases)
        ]
        if derived.else_ is not None and derived.else_ != NOT_ASKED:
            values.append((("else",), derived.else_))
        for path, value in values:
            if value not in (*derived.levels, NOT_ASKED):
                yield Fault(
                    (*where, *path),
                    said("{value} is not one of the levels", value=value),
                    "add the level, or use 97 for undefined",
                )
        return
    try:
        low, high = sum_bounds(derived, questionnaire)
    except BoundsError as error:
        yield Fault((*where, "sum"), str(error), "split the indicator")
        return
    lost = [value for value in range(low, high + 1) if value not in derived.levels]
    if lost:
        message = said("the sum runs from {low} to {high}, beyond its levels", low=low, high=high)
        yield Fault((*where, "levels"), message, said("add {lost}, or change the sum", lost=", ".join(map(str, lost))))


def _population(derived: Derived, questionnaire: Questionnaire) -> Iterator[Fault]:
    if (
        derived.population is not None
        and questionnaire.forms
        and not Reachability(questionnaire).allows(derived.population)
    ):
        where = ("derived", derived.id, "population")
        yield Fault(where, "nobody can ever belong to this population", "its conditions contradict the routing")
