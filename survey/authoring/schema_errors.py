"""From located YAML to the typed authored file: every fault of shape reported, the rest kept to be checked too."""

import json
from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from survey.authoring.yaml_source import Source, Where

Model = TypeVar("Model", bound=BaseModel)
Errors = list[dict[str, Any]]
REMEDIES = {
    "missing": "add it",
    "literal_error": "use one of the words named",
    "bool_type": "write true or false",
    "int_type": "write a whole number without quotes",
    "string_type": "write text; quote it where it looks like a number",
    "string_pattern_mismatch": "ids are capitals, digits and _; blocks, forms and modules small letters, digits and -",
}


def shaped(source: Source, model: type[Model], known: Iterable[str]) -> tuple[Model | None, frozenset[str]]:
    """Return the file as `model` with its faulty members left out, and the ids and names of those; report every fault.

    None where what is left is still no `model`. `known` are the keys a misspelt one may have meant.
    """
    data = deepcopy(source.data)
    try:
        return model.model_validate_json(json.dumps(data)), frozenset()
    except ValidationError as error:
        found: Errors = [{**item} for item in error.errors(include_url=False)]
    _report(source, found, list(known))
    broken = _prune(source, data, found)
    try:
        return model.model_validate_json(json.dumps(data)), broken
    except ValidationError:
        return None, broken


def report_validation(source: Source, where: Where, error: ValidationError) -> None:
    """Report the errors of a part that stands at `where`."""
    found: Errors = [{**item, "loc": (*where, *item["loc"])} for item in error.errors(include_url=False)]
    _report(source, found, [])


def _report(source: Source, found: Errors, known: list[str]) -> None:
    places = [source.resolve(error["loc"]) for error in found]
    said = set()
    for error, place in zip(found, places, strict=True):
        # A union reports each of its branches: the branch that came furthest says what is wrong.
        beaten = error["type"].endswith("_type") and any(other[: len(place)] == place != other for other in places)
        name = error["loc"][-1] if error["type"] in ("missing", "extra_forbidden") else ""
        if not beaten and (place, name) not in said and place not in source.noted:
            said.add((place, name))
            source.report(error["loc"], *_words(error, known))


def _words(error: dict[str, Any], known: list[str]) -> tuple[str, str]:
    name = str(error["loc"][-1]) if error["loc"] else "the file"
    if error["type"] == "missing":
        return f"{name} is missing", REMEDIES["missing"]
    if error["type"] == "extra_forbidden":
        near = get_close_matches(name, known, n=1)
        return f"unknown key {name}", f"write {near[0]}" if near else "remove it"
    return str(error["msg"]).removeprefix("Value error, "), REMEDIES.get(error["type"], "correct it")


def _prune(source: Source, data: Any, found: Errors) -> frozenset[str]:  # noqa: ANN401 - plain YAML data
    """Take out of `data` what is at fault: an unknown key alone, else the member of a list or table it stands in."""
    broken: set[str] = set()
    cuts: set[Where] = set()
    for error in found:
        place = source.resolve(error["loc"])
        member = place if error["type"] == "extra_forbidden" else _member(source, place)
        cuts.add(member)
        broken |= _names(source, member)
    for place in sorted(cuts, key=lambda cut: [(len(cut), str(step).zfill(6)) for step in cut], reverse=True):
        _cut(data, place)
    return frozenset(broken)


def _member(source: Source, place: Where) -> Where:
    """Return the innermost member around `place` that can be left out: an item, an indicator, a named condition."""
    if place[:2] == ("consent", "paragraphs"):
        return place[:3]
    if place[:1] == ("drafts",):
        return place[:1]
    section = source.data.get(place[0]) if isinstance(source.data, dict) and place else None
    return place[:2] if isinstance(section, list | dict) else place[:1]


def _names(source: Source, place: Where) -> set[str]:
    """Return the id of the member at `place`, or the key it stands under."""
    value = source.data
    for step in place:
        value = value[step]
    found = {value.get("id") if isinstance(value, dict) else None, *place[-1:]}
    return {name for name in found if isinstance(name, str)}


def _cut(data: Any, place: Where) -> None:  # noqa: ANN401 - plain YAML data
    *way, last = place or ("",)
    value = data
    try:
        for step in way:
            value = value[step]
        del value[last]
    except (KeyError, IndexError, TypeError):
        return
