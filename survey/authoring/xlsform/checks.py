"""Constraints that compare an answer with earlier ones, as checks of the item."""

from typing import Any

from survey.authoring.xlsform.expressions.between import check_of
from survey.authoring.xlsform.expressions.constraints import alone_and_between
from survey.authoring.xlsform.expressions.formulas import Formula
from survey.authoring.xlsform.expressions.grammar import Call, Expression, Ref, walk
from survey.authoring.xlsform.expressions.known import Known
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.faults import said

_BANDS = (
    "that it fits {about}: only bands of numbers are known: it is checked as far as they tell, and what may fit passes"
)


def compares(question: FormQuestion, form: FormContext) -> bool:
    """Say whether a question's constraint names other questions."""
    source = question.cells.get("constraint")
    return bool(source) and alone_and_between(form.parse(source))[1] is not None


def checks(
    question: FormQuestion, known: Known, form: FormContext, routing: Formula, *, whole: bool = False
) -> dict[str, Any]:
    """Return the member `checks` of an item, empty where its constraint needs none; `whole`: all of it is a check.

    What cannot be checked is left out, and the report says why.
    """
    source = question.cells.get("constraint")
    tree = form.parse(source) if source else None
    rest = tree if whole or tree is None else alone_and_between(tree)[1]
    parts: tuple[Expression, ...] = (
        rest.args if isinstance(rest, Call) and rest.name == "and" else (rest,) if rest else ()
    )
    found = [holds for part in parts if (holds := _check(part, question, known, form, routing)) is not None]
    text = _message(question, form) if found else {}
    return {"checks": [{"holds": holds, "text": text} for holds in found]} if found else {}


def _check(
    part: Expression, question: FormQuestion, known: Known, form: FormContext, routing: Formula
) -> dict[str, Any] | None:
    names = tuple(f"${{{name}}}" for name in sorted({node.name for node in walk(part) if isinstance(node, Ref)}))
    about = said("the answer to {names}", names=names) if names else said("its constraint")
    try:
        found = check_of(part, question.name, known, form.questions, routing)
    except ConstructError as error:
        reason = said("that it fits {about} is not checked: {reason}", about=about, reason=error.reason)
        form.report.add("changed", question.place, reason, "say in its hint what it must fit")
        return None
    if found.exact:
        reason = said("that it fits {about} is checked; not where one of them has no answer", about=about)
        form.report.add("mapped", question.place, reason)
    else:
        form.report.add("changed", question.place, said(_BANDS, about=about), "give smaller bands")
    return found.holds


def _message(question: FormQuestion, form: FormContext) -> dict[str, str]:
    """Return the form's own message, else one that is true of every check."""
    messages = question.cells.texts.get("constraint_message", {})
    try:
        return form.texts.label(messages, question.place) if messages else form.texts.own("unfit")
    except ConstructError as error:
        reason = said("its constraint_message is another one: {reason}", reason=error.reason)
        form.report.add("changed", question.place, reason, error.remedy)
        return form.texts.own("unfit")
