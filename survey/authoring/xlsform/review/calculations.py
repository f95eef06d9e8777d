"""Indicators, forms and endings of a questionnaire as calculations of a form, for who reviews it."""

from survey.authoring.xlsform.review.xpath import ALWAYS, answered, expression
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.indicators import mapped
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Questionnaire, Term, ValueOf

EMPTY = "''"


def indicator(derived: Derived, whole: Questionnaire) -> str:
    """Return an indicator as a calculation that is empty where it is not defined."""
    value = _sum(derived.sum, whole) if derived.sum is not None else _cases(derived, whole)
    if derived.undefined_if is not None:
        value = f"if({expression(derived.undefined_if, whole)}, {EMPTY}, {value})"
    if derived.population is not None:
        value = f"if({expression(derived.population, whole)}, {value}, {EMPTY})"
    return value


def form_name(whole: Questionnaire) -> str:
    """Return the calculation of the form that a person's answers give."""
    *forms, last = whole.forms
    value = f"'{last.id}'"
    for form in reversed(forms):
        when = ALWAYS if form.when is None else expression(form.when, whole)
        value = f"if({when}, '{form.id}', {value})"
    return value


def _value(number: int | None) -> str:
    return EMPTY if number in (None, NOT_ASKED) else str(number)


def _cases(derived: Derived, whole: Questionnaire) -> str:
    value = _value(derived.else_)
    for case in reversed(derived.cases or ()):
        value = f"if({expression(case.when, whole)}, {_value(case.value)}, {value})"
    return value


def _sum(terms: tuple[Term, ...], whole: Questionnaire) -> str:
    return " + ".join(_term(term, whole) for term in terms) or "0"


def _term(term: Term, whole: Questionnaire) -> str:
    match term:
        case ValueOf():
            return _times(term.times, _value_of(term, whole))
        case AddWhen():
            return f"if({expression(term.when, whole)}, {term.add}, 0)"
        case Count():
            return _count(term)
        case AnsweredWith():
            items = (item for item in whole.items if item.decides)
            asked = [item.id for item in items if term.answers in (NOT_ASKED, *item.missing)]
            return " + ".join(f"if({answered(name, term.answers, whole)}, 1, 0)" for name in asked) or "0"


def _times(times: int, value: str) -> str:
    return value if times == 1 else f"{times} * ({value})"


def _value_of(term: ValueOf, whole: Questionnaire) -> str:
    if term.value_of in whole.derived_by_id:
        codes = [*whole.derived_by_id[term.value_of].levels]
        tests = {code: f"${{{term.value_of}}} = {code}" for code in codes}
    else:
        item = whole.item(term.value_of)
        codes = [*(option.code for option in item.options), *item.missing]
        tests = {code: answered(item.id, code, whole) for code in ([0, *item.missing] if item.multi else codes)}
    values = {code: mapped(term, code) for code in tests}
    other = 0 if term.else_ is None else term.else_
    result = str((term.map or {}).get(str(NOT_ASKED), other))
    for code, test in reversed(tests.items()):
        result = f"if({test}, {values[code]}, {result})"
    return result


def _count(term: Count) -> str:
    chosen = [f"if(selected(${{{term.count}}}, '{code}'), 1, 0)" for code in term.of]
    without = [f"if(selected(${{{term.count}}}, '{code}'), 1, 0)" for code in term.minus]
    number = " - ".join([" + ".join(chosen) or "0", *without])
    return number if term.floor is None else f"if({number} < {term.floor}, {term.floor}, {number})"
