"""What a plan's dimensions and levels are called: the words of a release, from the questionnaire's texts. Pure."""

from collections.abc import Iterable
from typing import Any

from survey.questionnaire import Questionnaire, Texts


def labels(names: Iterable[str], questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    """Return {dimension: {"text", "levels": {code: words}}} in one locale; KeyError where `texts` do not say."""
    return {name: _label(name, questionnaire, texts) for name in dict.fromkeys(names)}


def _label(name: str, questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    if name in questionnaire.derived_by_id:
        derived = texts.derived[name]
        return {"text": derived.text, "levels": dict(derived.levels)}
    item = questionnaire.item(name)
    missing = {str(code): texts.missing[str(code)] for code in item.missing}
    options = {str(code): texts.items[name].options[str(code)] for code in item.codes}
    return {"text": texts.items[name].text, "levels": options | missing}
