"""Says in a reader's words of whom a filtered table speaks: the study's own questions and answers."""

from typing import Any

from pydantic import TypeAdapter

from analysis.pictures.wording import Reader
from crypto.canonical import canonical
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

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def population_text(reader: Reader, population: dict[str, Any]) -> str:
    """Return the filter of a released table as a phrase, such as "Do you use it? Often / Seldom"."""
    return _text(reader, CONDITION.validate_json(canonical(population)))


def _text(reader: Reader, condition: Condition) -> str:
    match condition:
        case ItemIn(item=item, codes=codes) | ItemHas(item=item, has=codes):
            return _pair(reader, item, " / ".join(reader.level(item, code) for code in codes))
        case InRange(item=item, range=bounds) | Chosen(item=item, chosen=bounds):
            return _pair(reader, item, _bounds(reader, bounds))
        case AllOf(all=parts):
            return _joined(reader, "report-people-and", parts)
        case AnyOf(any=parts):
            return _joined(reader, "report-people-or", parts)
        case Not(negated=part):
            return reader.say("report-people-not", who=_text(reader, part))
        case CountOf(count=parts, range=bounds):
            which = _joined(reader, "report-people-or", parts)
            return reader.say("report-people-count", number=_bounds(reader, bounds), who=which)


def _pair(reader: Reader, item: str, answers: str) -> str:
    return reader.say("report-people-answer", question=reader.question(item), answers=answers)


def _bounds(reader: Reader, bounds: tuple[int, int]) -> str:
    return "–".join(reader.number(bound) for bound in dict.fromkeys(bounds))


def _joined(reader: Reader, key: str, parts: tuple[Condition, ...]) -> str:
    return reader.say(key).join(_text(reader, part) for part in parts)
