"""
Derived indicators for a whole chunk at once: integers with closed public levels.

The vectorised form of survey/questionnaire/indicators.py.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from analysis.opening.columns import Columns, Flags, holds
from survey.questionnaire.codes import DONT_KNOW, NOT_ASKED, REFUSED, RESERVED
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Questionnaire, Term, ValueOf
from survey.questionnaire.rules.reachability import names_of
from survey.questionnaire.undefined import UNKNOWN, Test, tests_of_exclusion, tests_of_no_case

Values = NDArray[np.int16]


def with_derived(columns: Columns, names: Iterable[str]) -> Columns:
    """Return `columns` with the derived indicators among `names`, and those they need, as int16.

    97, 98 or 99 where one is not defined, by the rule of survey/questionnaire/undefined.py.
    """
    names_needed = needed(columns.questionnaire, names)
    for derived in columns.questionnaire.derived:
        if derived.id in names_needed and derived.id not in columns.values:
            columns = columns.with_values({derived.id: derive(derived, columns)})
    return columns


def needed(questionnaire: Questionnaire, names: Iterable[str]) -> frozenset[str]:
    """Return the derived indicators among `names` and all that they rest on."""
    closure = set(names)
    for derived in reversed(questionnaire.derived):
        if derived.id in closure:
            closure.update(names_of(derived))
    return frozenset(closure & questionnaire.derived_by_id.keys())


def derive(derived: Derived, columns: Columns) -> Values:
    """Return the indicator's value for each record: population first, then undefined_if, then sum or cases."""
    values = _summed(derived.sum, columns) if derived.sum is not None else _first_match(derived, columns)
    if derived.undefined_if is not None:
        left_out = holds(derived.undefined_if, columns)
        values[left_out] = _undefined_codes(tests_of_exclusion(derived), columns)[left_out]
    if derived.population is not None:
        values[~holds(derived.population, columns)] = NOT_ASKED
    return values


def _summed(terms: tuple[Term, ...], columns: Columns) -> Values:
    total = np.zeros(len(columns), dtype=np.int16)
    for term in terms:
        total += _term(term, columns)
    return total


def _first_match(derived: Derived, columns: Columns) -> Values:
    tests = tests_of_no_case(derived)
    otherwise = _undefined_codes(tests, columns) if derived.else_ in (None, NOT_ASKED) else derived.else_
    values = np.full(len(columns), otherwise, dtype=np.int16)
    for case in reversed(derived.cases or ()):
        values[holds(case.when, columns)] = case.value
    return values


def _undefined_codes(tests: tuple[Test, ...], columns: Columns) -> Values:
    """Return for each record why an indicator is not defined; the vectorised form of survey.questionnaire.undefined."""
    nobody = np.zeros(len(columns), dtype=bool)
    mattered: dict[str, Flags] = {}
    for test in tests:
        flags = ~nobody if test.outcome is None else holds(test.leaf, columns) == test.outcome
        mattered[test.leaf.item] = mattered.get(test.leaf.item, nobody) | flags
    codes = {name: np.where(flags, columns.values[name], 0) for name, flags in mattered.items()}
    unknown = {name: np.isin(values, UNKNOWN) for name, values in codes.items()}
    missed, refused, unsure = nobody, nobody, nobody
    for name, values in codes.items():
        causes = columns.questionnaire.asked_after[name] & codes.keys()
        excused = np.logical_or.reduce([nobody, *(unknown[cause] for cause in causes)])
        missed = missed | ((values == NOT_ASKED) & ~excused)
        refused, unsure = refused | (values == REFUSED), unsure | (values == DONT_KNOW)
    chosen = np.select([missed, refused, unsure], [NOT_ASKED, REFUSED, DONT_KNOW], NOT_ASKED)
    return chosen.astype(np.int16)


def _term(term: Term, columns: Columns) -> Values:
    match term:
        case ValueOf():
            return _value_of(term, columns)
        case AddWhen():
            return holds(term.when, columns).astype(np.int16) * np.int16(term.add)
        case Count():
            return _count(term, columns)
        case AnsweredWith():
            matches = [columns.values[item.id] == term.answers for item in columns.questionnaire.items if item.decides]
            answered: Values = np.sum(matches, axis=0, dtype=np.int16)
            return answered


def _value_of(term: ValueOf, columns: Columns) -> Values:
    codes = columns.values[term.value_of]
    values = codes.astype(np.int16)
    if term.else_ is not None:
        values[:] = term.else_
    else:
        values[np.isin(codes, sorted(RESERVED))] = 0
    for code, value in (term.map or {}).items():
        values[codes == int(code)] = value
    return values * np.int16(term.times)


def _count(term: Count, columns: Columns) -> Values:
    total = np.zeros(len(columns), dtype=np.int16)
    for code in term.of:
        total += columns.chosen(term.count, code)
    for code in term.minus:
        total -= columns.chosen(term.count, code)
    return total if term.floor is None else np.maximum(total, np.int16(term.floor))
