"""The labels of a plan's dimensions and levels, from the questionnaire's texts."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from survey.plan.plan import PlanTable
from survey.questionnaire.conditions import items_named
from survey.questionnaire.items import Item
from survey.questionnaire.pipes import PIPE
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, Questionnaire, Texts, header_names
from survey.questionnaire.undefined import undefined_levels


def label_names(tables: Iterable[PlanTable], phrase_items: Iterable[str]) -> list[str]:
    """Return what a release has to name: each table's dimensions, what its population asks about, items of phrases."""
    tables = tuple(tables)
    asked = (name for table in tables for name in sorted(items_named(table.population)))
    return [*chain.from_iterable(table.dimensions for table in tables), *asked, *phrase_items]


def labels(names: Iterable[str], questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    """Return {dimension: {"text", "levels": {code: words}}} in one locale; KeyError where `texts` have none.

    A grid brings its rows with it, each an item of its own. What a text pipes in is written [ITEM].
    """
    dimensions = dict.fromkeys(part for name in names for part in (name, *_rows(name, questionnaire)))
    return {name: _label(name, questionnaire, texts) for name in dimensions}


def _rows(name: str, questionnaire: Questionnaire) -> Iterator[str]:
    group = questionnaire.groups_by_id.get(name)
    if group is not None and group.kind == "grid":
        yield from group.items


def _label(name: str, questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    if name in HEADER_DIMENSIONS:
        return {"text": name, "levels": {str(n): word for n, word in enumerate(header_names(questionnaire)[name])}}
    if name in questionnaire.derived_by_id:
        derived, undefined = texts.derived[name], undefined_levels(questionnaire.derived_by_id[name], questionnaire)
        missing = {str(code): texts.missing[str(code)] for code in undefined}
        return {"text": derived.text, "levels": derived.levels | missing}
    group = questionnaire.groups_by_id.get(name)
    item = questionnaire.item(group.items[0] if group else name)
    text = texts.groups[name] if group else _specified_words(item, texts) + texts.items[name].text
    return {"text": _unpiped(text), "levels": _levels(item, texts)}


def _specified_words(item: Item, texts: Texts) -> str:
    """Return the question and the option that a phrase specifies, which stand above its own text on the phone."""
    if item.specifies is None:
        return ""
    other = texts.items[item.specifies]
    return f"{other.text} · {other.options[str(item.specified)]} · "


def _levels(item: Item, texts: Texts) -> dict[str, str]:
    words = texts.items[item.id].options
    options = {str(option.code): words[str(option.code)] for option in item.options if option.end is None}
    if item.type == "list":
        # Both arms have the same labels; the number of lines shown distinguishes them.
        lines_shown = ((item.lines or 0) - len(item.treatment or ()), item.lines or 0)
        arms = {str(option.code): lines_shown[option.arm or 0] for option in item.options}
        options = {code: f"{text} / {arms[code]}" for code, text in options.items()}
    missing = {str(code): texts.missing[str(code)] for code in item.missing}
    return {code: _unpiped(text) for code, text in (options | missing).items()}


def _unpiped(text: str) -> str:
    return PIPE.sub(r"[\1]", text)
