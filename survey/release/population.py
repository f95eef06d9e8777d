"""Describes the population of a filtered table in the study's own questions and answers. Pure."""

import json
from typing import Any

from pydantic import TypeAdapter

from survey.questionnaire.conditions import (
    AllOf,
    AnyOf,
    Chosen,
    Condition,
    CountOf,
    InRange,
    ItemHas,
    ItemIn,
    Not,
)
from survey.release import level_labels
from survey.release.release import Release, Table
from survey.wording.catalogues import in_locale

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def population_text(release: Release, table: Table, locale: str) -> str:
    """Return of whom a table is, such as "only of those who said: Do you use it? Often / Seldom"; "" of everyone."""
    return _with_words(release, table.population, locale, "population")


def population_sentence(release: Release, table: Table, locale: str) -> str:
    """Return `population_text` as a sentence of its own; "" where a table is of everyone."""
    return _with_words(release, table.population, locale, "population-sentence")


def _with_words(release: Release, population: dict[str, Any] | None, locale: str, key: str) -> str:
    if population is None:
        return ""
    who = _text(release, locale, CONDITION.validate_json(json.dumps(population)))
    return _say(locale, key, who=who)


def _text(release: Release, locale: str, condition: Condition) -> str:
    match condition:
        case ItemIn(item=item, codes=codes) | ItemHas(item=item, has=codes):
            answers = " / ".join(level_labels.label(release, item, code, locale) for code in codes)
            return _pair(release, locale, item, answers)
        case InRange(item=item, range=bounds) | Chosen(item=item, chosen=bounds):
            return _pair(release, locale, item, _bounds(bounds))
        case AllOf(all=parts):
            return _joined(release, locale, "people-and", parts)
        case AnyOf(any=parts):
            return _joined(release, locale, "people-or", parts)
        case Not(negated=part):
            return _say(locale, "people-not", who=_text(release, locale, part))
        case CountOf(count=parts, range=bounds):
            which = _joined(release, locale, "people-or", parts)
            return _say(locale, "people-count", number=_bounds(bounds), who=which)


def _pair(release: Release, locale: str, item: str, answers: str) -> str:
    return _say(locale, "people-answer", question=level_labels.dimension_text(release, item, locale), answers=answers)


def _bounds(bounds: tuple[int, int]) -> str:
    return "–".join(str(bound) for bound in dict.fromkeys(bounds))


def _joined(release: Release, locale: str, key: str, parts: tuple[Condition, ...]) -> str:
    return _say(locale, key).join(_text(release, locale, part) for part in parts)


def _say(locale: str, key: str, **values: object) -> str:
    return in_locale(level_labels.catalogues(), locale)(key, **values)
