"""Texts that only who chose one choice is asked (other, specify): phrases on the screen of that choice's question."""

from typing import Any

from survey.authoring.xlsform.expressions.formulas import Formula
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.faults import said
from survey.questionnaire.rules.specify_rules import SPECIFIED

OWN_SIZE = {"count": 1, "words": 5, "length": 40}
"""What the words of a choice may be: what nobody listed has a short name."""


def specified(question: FormQuestion, entry: dict[str, Any], form: FormContext) -> dict[str, Any]:
    """Return a phrase below the choice that its condition names, where that is of the item right before it.

    Else it is returned as it is: a question of its own.
    """
    before = form.items[-1] if form.items else {}
    own = _of_one_choice(entry.get("ask_if", True), before)
    if own is None or entry["count"] != 1:
        return entry
    form.report.add(
        "mapped",
        question.place,
        said("it is asked on the screen of {item}, below the choice it is for", item=before["id"]),
    )
    return {**entry, **OWN_SIZE, "ask_if": own, "specifies": before["id"]}


def _of_one_choice(routing: Formula, before: dict[str, Any]) -> dict[str, Any] | None:
    """Return the test of one choice of the item `before`, if nothing else decides that does not decide that item."""
    if before.get("type") not in SPECIFIED:
        return None
    asked_before = _parts(before.get("ask_if", True))
    left = [part for part in _parts(routing) if part not in asked_before]
    if len(left) != 1 or left[0].get("item") != before["id"]:
        return None
    codes = left[0].get("has" if before["type"] == "multi" else "in", ())
    options = {option["code"] for option in before["options"] if "end" not in option}
    return left[0] if len(codes) == 1 and {*codes} <= options else None


def _parts(formula: Formula) -> list[dict[str, Any]]:
    if isinstance(formula, bool):
        return []
    parts: list[dict[str, Any]] = formula.get("all", [formula])
    return parts
