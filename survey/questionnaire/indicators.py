"""Derived indicators of one person's answers: the reference that the vectorised tabulation is tested against."""

from crypto.errors import SottoError
from survey.questionnaire.codes import NOT_ASKED, RESERVED
from survey.questionnaire.conditions import Values, holds, status
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Questionnaire, Term, ValueOf
from survey.questionnaire.undefined import tests_of_exclusion, tests_of_no_case, undefined_code


class DerivedError(SottoError):
    """An indicator left its declared levels: the questionnaire is at fault, and its compiler should have said so."""


def derive(questionnaire: Questionnaire, answers: Values) -> dict[str, int]:
    """Return every derived indicator of one person, or why it is not defined; raise DerivedError outside its levels.

    An indicator sees the items and the indicators before it; `{"answers": code}` counts items alone, and of
    those only what is the respondent's own: not notes, phrases and randomised items.
    """
    values = dict(answers)
    for derived in questionnaire.derived:
        values[derived.id] = value_of(derived, values, questionnaire)
    return {derived.id: status(values[derived.id]) for derived in questionnaire.derived}


def value_of(derived: Derived, values: Values, questionnaire: Questionnaire) -> int:
    """Return the value of one indicator: population first, then `undefined_if`, then the sum or the first case.

    97, 98 or 99 where it is not defined. A case that gives 97 takes its people out of the population.
    """
    if derived.population is not None and not holds(derived.population, values):
        return NOT_ASKED
    if derived.undefined_if is not None and holds(derived.undefined_if, values):
        return undefined_code(tests_of_exclusion(derived), values, questionnaire)
    value = _value(derived, values, questionnaire)
    if value is None:
        return undefined_code(tests_of_no_case(derived), values, questionnaire)
    if value not in derived.levels and (derived.sum is not None or value != NOT_ASKED):
        raise DerivedError(f"{derived.id} is outside its levels")
    return value


def _value(derived: Derived, values: Values, questionnaire: Questionnaire) -> int | None:
    """Return the sum, or the value of the first case that holds or of `else`; None where there is none."""
    if derived.sum is not None:
        return sum(term_value(term, values, questionnaire) for term in derived.sum)
    otherwise = None if derived.else_ == NOT_ASKED else derived.else_
    return next((case.value for case in derived.cases or () if holds(case.when, values)), otherwise)


def term_value(term: Term, values: Values, questionnaire: Questionnaire) -> int:
    """Return what one term adds to a sum."""
    match term:
        case ValueOf():
            return term.times * mapped(term, status(values.get(term.value_of, NOT_ASKED)))
        case AddWhen():
            return term.add if holds(term.when, values) else 0
        case Count():
            return _counted(term, values)
        case AnsweredWith():
            answers = (values.get(item.id, NOT_ASKED) for item in questionnaire.items if item.decides)
            return sum(status(answer) == term.answers for answer in answers)


def mapped(term: ValueOf, code: int) -> int:
    """Return what a term counts for a code: as its map says, else its `else`, else the code where it is an answer."""
    if term.map is not None and str(code) in term.map:
        return term.map[str(code)]
    if term.else_ is not None:
        return term.else_
    return 0 if code in RESERVED else code


def _counted(term: Count, values: Values) -> int:
    answer = values.get(term.count, NOT_ASKED)
    chosen = () if isinstance(answer, int) else answer
    number = sum(code in term.of for code in chosen) - sum(code in term.minus for code in chosen)
    return number if term.floor is None else max(number, term.floor)
