"""What a plan's dimensions and levels are called: the words of a release, from the questionnaire's texts. Pure."""

from typing import Any

from survey.plan import Plan
from survey.questionnaire import Questionnaire, Texts


def labels(plan: Plan, questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    """Return {dimension: {"text", "levels": {code: words}}} in the locale of `texts`, missing codes included."""
    names = dict.fromkeys(name for table in plan.tables for name in table.dimensions)
    return {name: _label(name, questionnaire, texts) for name in names}


def _label(name: str, questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    if name in questionnaire.derived_by_id:
        derived = texts.derived[name]
        return {"text": derived.text, "levels": dict(derived.levels)}
    item = questionnaire.item(name)
    missing = {str(code): texts.missing[str(code)] for code in item.missing}
    options = {str(code): texts.items[name].options[str(code)] for code in item.codes}
    return {"text": texts.items[name].text, "levels": options | missing}
