"""What to write instead of a key that is not known: the nearest one at that place, or what other tools call it."""

import types
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

# XLSForm, LimeSurvey, SurveyJS and Qualtrics call these so; here the same is said otherwise.
from survey.faults import Where, said

OTHER_TOOLS: Mapping[str, str] = {
    "appearance": "take it out: the phone has its own page",
    "calculate": "what is worked out of answers is an indicator under `derived`",
    "calculation": "what is worked out of answers is an indicator under `derived`",
    "caption": "the words of a question or answer are its `text`",
    "choice_filter": "name the earlier item by `choice_filter` at the item, and at each option the answers it is `for`",
    "choices": "answers are `options`",
    "columns": "a grid has `rows` and, for its columns, `options`",
    "condition": "who is asked is `ask_if`",
    "constraint": "numbers are bounded by `from` and `to`, or by `bands`; how many are chosen by `cap`; else `checks`",
    "constraint_message": "a message of `checks` is its `text`; for bounds the phone has its own",
    "default": "take it out: an answer that stands there already is given by who does not read",
    "description": "a second line under the question is `hint`",
    "elements": "questions are `items`; of a grid they are `rows`",
    "filter": "who is asked is `ask_if`",
    "help": "a second line under the question is `hint`",
    "image": "a picture is an answer's `picture`, in an item of type picture",
    "items": "the questions of a grid are `rows`",
    "label": "the words of a question or answer are its `text`",
    "labels": "the words of an answer are its `text`",
    "languages": "languages are `locales`",
    "logic": "who is asked is `ask_if`",
    "mandatory": "write `missing: []` where nobody may pass the question by",
    "max": "the largest number is `to`",
    "maximum": "the largest number is `to`",
    "min": "the smallest number is `from`",
    "minimum": "the smallest number is `from`",
    "or_other": "write an option Other, and behind the item one of type phrase with `specifies` and `ask_if`",
    "other": "write an option Other, and behind the item one of type phrase with `specifies` and `ask_if`",
    "placeholder": "a second line under the question is `hint`",
    "question": "the words of a question are its `text`",
    "questions": "questions are `items`",
    "random": "write `shuffle: true`",
    "randomize": "write `shuffle: true`",
    "relevance": "who is asked is `ask_if`",
    "relevant": "who is asked is `ask_if`",
    "required": "write `missing: []` where nobody may pass the question by",
    "title": "the words of a question are its `text`",
    "validation": "numbers are bounded by `from` and `to`, or by `bands`",
    "value": "the number of an answer is its `code`",
    "visible": "who is asked is `ask_if`",
    "visible_if": "who is asked is `ask_if`",
    "visibleif": "who is asked is `ask_if`",
}
_FEW = 12
_LIKE = 0.75
"""How like a key must be to be suggested, of 1: `optoins` is 0.86 like `options`, `constraint` 0.57 like `contact`."""


def remedy(name: str, where: Where, model: type[BaseModel]) -> str:
    """Return what to do about the unknown key `name` in the part of `model` at `where`."""
    here = model_at(model, where) or model
    keys = keys_of(here)
    if near := get_close_matches(name, keys, n=1, cutoff=_LIKE):
        return said("write {plain}", plain=near[0])
    if known := OTHER_TOOLS.get(name.lower().replace("-", "_")):
        return known
    places = [place for place, other in _parts(model) if name in keys_of(other)]
    if places:
        return said("it belongs into {places}", places=" / ".join(dict.fromkeys(places)))
    return said("remove it; here may stand {keys}", keys=tuple(keys)) if len(keys) <= _FEW else "remove it"


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys that a part may have, as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def model_at(model: type[BaseModel], where: Where) -> type[BaseModel] | None:
    """Return the model of the part at a path of keys and indexes; None where it is none of ours."""
    for step in where:
        if isinstance(step, int):
            continue
        field = next((one for name, one in model.model_fields.items() if step in (name, one.alias)), None)
        inner = next(_models(field.annotation), None) if field is not None else None
        if field is not None and inner is None:
            return None
        model = inner or model
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    if get_origin(annotation) in (Union, types.UnionType, list, tuple, dict) or get_args(annotation):
        for part in get_args(annotation):
            yield from _models(part)


def _parts(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield each part of a file by the key that it stands under."""
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            key = f"`{field.alias or name}`"
            yield key, inner
            yield from ((f"{key} ({deeper})", part) for deeper, part in _parts(inner))
