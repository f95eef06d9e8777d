"""Calculated values of a form as derived indicators: cases over closed answers, each with its number or word."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from survey.authoring.xlsform.expressions.formulas import Formula, any_of
from survey.authoring.xlsform.expressions.grammar import number_text
from survey.authoring.xlsform.expressions.known import NOT_A_NUMBER, Answered, Calculation, Span
from survey.authoring.xlsform.expressions.meaning import Case, Meaning
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.sheets.names import codes_by_order
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.authoring.xlsform.sums import sum_members, whole
from survey.faults import said
from survey.questionnaire.codes import RESERVED
from survey.questionnaire.rules.indicator_rules import MOST_LEVELS


def import_calculation(question: FormQuestion, form: FormContext) -> dict[str, Any] | None:
    """Return the indicator that a calculation becomes, None for a constant; raise ConstructError for what is neither.

    Expressions may name the calculation afterwards: it stands for its own expression there.
    """
    source = question.cells.get("calculation")
    if not source:
        raise ConstructError("it calculates nothing", "write the column calculation, or drop the row")
    routing = form.routing(question.groups, question.cells.get("relevant"))
    population = {} if isinstance(routing, bool) else {"population": routing}
    tree = form.parse(source)
    if (members := sum_members(tree, form.questions)) is not None:
        form.know(question, Calculation(tree, routing))
        return {"id": form.ids.new(question.name), "text": question.name, **population, **members}
    cases = Meaning(form.questions).cases(tree)
    form.know(question, Calculation(tree, routing))
    if any(condition is True for condition, _ in cases):
        form.report.add("dropped", question.place, "it is the same for everybody, and stands where it is used")
        return None
    values = _by_value(cases)
    if not 1 <= len(values) <= MOST_LEVELS:
        form.report.add(
            "dropped",
            question.place,
            said("it has {count} values, too many or too few for an indicator", count=len(values)),
        )
        return None
    if _overlap(values):
        reason = "of its values it is only known between which numbers they lie: it stands where bands decide it"
        form.report.add("dropped", question.place, reason, "compute with choices, or with bands of one number")
        return None
    return _indicator(question, form, values) | population


def _overlap(values: Iterable[Answered]) -> bool:
    """Say whether two values may be the same number, because they were computed of bands."""
    spans = sorted((value.low, value.high) for value in values if isinstance(value, Span))
    return any(after[0] <= before[1] for before, after in pairwise(spans))


def _by_value(cases: list[Case]) -> dict[Answered, Formula]:
    values: dict[Answered, Formula] = {}
    for condition, value in cases:
        if value not in ("", NOT_A_NUMBER):
            values[value] = any_of([values.get(value, False), condition])
    return values


def _indicator(question: FormQuestion, form: FormContext, values: dict[Answered, Formula]) -> dict[str, Any]:
    numbers = [_whole(value) for value in values]
    codes = codes_by_order()
    plain = all(number is not None and number not in RESERVED for number in numbers)
    levels = [number if plain else next(codes) for number in numbers]
    words = {str(level): _word(value) for level, value in zip(levels, values, strict=True)}
    cases = [{"when": condition, "value": level} for level, condition in zip(levels, values.values(), strict=True)]
    name = form.ids.new(question.name)
    return {"id": name, "text": question.name, "labels": words, "score": plain and len(levels) > 1, "cases": cases}


def _whole(value: Answered) -> int | None:
    return whole(value.low) if isinstance(value, Span) and value.exact else None


def _word(value: Answered) -> str:
    if isinstance(value, str):
        return value
    return number_text(value.low) if value.exact else f"{number_text(value.low)}–{number_text(value.high)}"
