"""Why an indicator is not defined for somebody: refused (99), did not know (98), or was not asked (97). Decision 84.

The answers that left it undefined say so: those of the tests that made `undefined_if` hold or kept every case from
holding. Somebody who was not asked one of them was not asked what the indicator needs, unless that question was left
out because of another of them that was refused or not known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey.questionnaire.codes import DONT_KNOW, NOT_ASKED, REFUSED
from survey.questionnaire.conditions import AllOf, AnyOf, Condition, CountOf, ItemIn, Leaf, Not, Values, holds, status
from survey.questionnaire.questionnaire import Derived, Questionnaire

UNKNOWN = (DONT_KNOW, REFUSED)
"""The codes of answers without content that somebody gave; in the order of levels."""


@dataclass(frozen=True)
class Test:
    """One test of one item within a condition, and how it came out where it mattered; None: either way."""

    leaf: Leaf
    outcome: bool | None


def decisive(condition: Condition, outcome: bool | None) -> Iterator[Test]:  # noqa: FBT001 - a truth value is what it is about
    """Yield the tests that can have caused this outcome of a condition, each with its own outcome."""
    match condition:
        case AllOf():
            parts, inner = condition.all, outcome
        case AnyOf():
            parts, inner = condition.any, outcome
        case Not():
            parts, inner = (condition.negated,), None if outcome is None else not outcome
        case CountOf():
            parts, inner = condition.count, None
        case _:
            yield Test(condition, outcome)
            return
    for part in parts:
        yield from decisive(part, inner)


def tests_of_exclusion(derived: Derived) -> tuple[Test, ...]:
    """Return the tests that can have made `undefined_if` hold."""
    return () if derived.undefined_if is None else tuple(decisive(derived.undefined_if, outcome=True))


def tests_of_no_case(derived: Derived) -> tuple[Test, ...]:
    """Return the tests that can have kept every case from holding; none where `else` gives a value then."""
    if derived.else_ not in (None, NOT_ASKED):
        return ()
    return tuple(test for case in derived.cases or () for test in decisive(case.when, outcome=False))


def undefined_code(tests: Iterable[Test], values: Values, questionnaire: Questionnaire) -> int:
    """Return why an indicator is not defined for one person: 97, 98 or 99."""
    mattered = {test.leaf.item for test in tests if test.outcome in (None, holds(test.leaf, values))}
    codes = {name: status(values.get(name, NOT_ASKED)) for name in mattered}
    unknown = {name for name, code in codes.items() if code in UNKNOWN}
    if any(code == NOT_ASKED and not questionnaire.asked_after[name] & unknown for name, code in codes.items()):
        return NOT_ASKED
    return next((code for code in (REFUSED, DONT_KNOW) if code in codes.values()), NOT_ASKED)


def undefined_levels(derived: Derived, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Return which of 98 and 99 an indicator can have, from the questionnaire alone: its levels are closed."""
    return tuple(code for code in UNKNOWN if _possible(code, derived, questionnaire))


def _possible(code: int, derived: Derived, questionnaire: Questionnaire) -> bool:
    covered = {
        case.when.item
        for case in derived.cases or ()
        if isinstance(case.when, ItemIn) and code in case.when.codes and case.value != NOT_ASKED
    }
    no_case = (test for test in tests_of_no_case(derived) if test.leaf.item not in covered)
    return any(_gives(test, code, questionnaire) for test in (*tests_of_exclusion(derived), *no_case))


def _gives(test: Test, code: int, questionnaire: Questionnaire) -> bool:
    name = test.leaf.item
    if name in questionnaire.derived_by_id:
        offered = code in undefined_levels(questionnaire.derived_by_id[name], questionnaire)
    else:
        offered = name in questionnaire.by_id and code in questionnaire.item(name).missing
    return offered and test.outcome in (None, holds(test.leaf, {name: code}))
