"""Parses YAML with line numbers into pydantic models: reports every schema error and keeps the valid rest."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from survey.authoring.checks.known_keys import keys_of, remedy
from survey.authoring.checks.wide_signs import named, plain_letters
from survey.authoring.yaml_source import YamlSource
from survey.document import ERROR_WORDS, fault_text
from survey.faults import AuthoringError, Problem, Where, said

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


def parse_model(
    source: YamlSource, model: type[Model], stand_ins: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
) -> tuple[Model | None, frozenset[str]]:
    """Return the file as `model` without its invalid members, and the ids and names of those; report every error.

    A required member that is missing or invalid is reported, and stood in for by one of `stand_ins`, so that the rest
    is looked at in the same pass; the model is None if it is invalid even so. Raises AuthoringError with one problem
    for a file of another kind, of which every line would be a fault.
    """
    _refuse_other_kind(source, model)
    try:
        return model.model_validate_json(json.dumps(source.data)), frozenset()
    except ValidationError as error:
        errors: Errors = [{**item} for item in error.errors(include_url=False)]
    _report(source, errors, model)
    data = deepcopy(source.data)
    broken = _prune(source, data, errors)
    if stand_ins is not None and isinstance(data, dict):
        given = stand_ins(data)
        data |= {
            key: given[key] for key, field in model.model_fields.items() if field.is_required() and key not in data
        }
    try:
        return model.model_validate_json(json.dumps(data)), broken
    except ValidationError:
        return None, broken


def _refuse_other_kind(source: YamlSource, model: type[BaseModel]) -> None:
    """Raise AuthoringError for a document of our own, and for a file that lacks most of what `model` requires."""
    data = source.data if isinstance(source.data, dict) else {}
    keys = dict(zip(keys_of(model), (field.is_required() for field in model.model_fields.values()), strict=True))
    written = data.get("format")
    if "format" not in keys and isinstance(written, str) and written.startswith("sotto-"):
        message = said("this is a document that sotto wrote ({written}), and no authored file", written=written)
        _refuse(source, message, "give the .yaml file that it was made from, such as questionnaire.yaml")
    required = [key for key, needed in keys.items() if needed]
    missing, unknown = [key for key in required if key not in data], [key for key in data if key not in keys]
    if unknown and 2 * len(missing) > len(required):
        message = said(
            "this is another kind of file: it has {unknown} and lacks {missing}",
            unknown=tuple(unknown[:3]),
            missing=tuple(missing),
        )
        _refuse(source, message, "give the file that the command asks for, or add what it lacks")


def _refuse(source: YamlSource, message: str, remedy: str) -> NoReturn:
    """Raise AuthoringError with this problem alone: of another kind of file every line would be one."""
    raise AuthoringError([Problem(source.file, 1, "file", message, remedy)])


def report_validation(source: YamlSource, where: Where, error: ValidationError) -> None:
    """Report the validation errors of the part at path `where`."""
    errors: Errors = [{**item, "loc": (*where, *item["loc"])} for item in error.errors(include_url=False)]
    _report(source, errors, None)


def _report(source: YamlSource, errors: Errors, model: type[BaseModel] | None) -> None:
    paths = [source.resolve(error["loc"]) for error in errors]
    unknown = {path for error, path in zip(errors, paths, strict=True) if error["type"] == "extra_forbidden"}
    source.forget(unknown)
    reported = set()
    for error, path in zip(errors, paths, strict=True):
        # A union reports an error for each of its branches: only the one with the deepest path is useful.
        beaten = error["type"].endswith("_type") and any(other[: len(path)] == path != other for other in paths)
        name = error["loc"][-1] if error["type"] in ("missing", "extra_forbidden") else ""
        if not beaten and (path, name) not in reported and path not in source.noted:
            reported.add((path, name))
            source.report(error["loc"], *_message_and_remedy(error, path, model))


def _message_and_remedy(error: dict[str, Any], path: Where, model: type[BaseModel] | None) -> tuple[str, str]:
    name = str(error["loc"][-1]) if error["loc"] else said("the file")
    if error["type"] == "missing":
        return said("{name} is missing", name=name), REMEDIES["missing"]
    if error["type"] == "extra_forbidden":
        plain = plain_letters(name)
        if plain != name and model is not None:
            return said("unknown key {name}, in letters of full width", name=name), said("write {plain}", plain=plain)
        return said("unknown key {name}", name=name), "remove it" if model is None else remedy(name, path[:-1], model)
    fault = _fault(error)
    if error["type"] == "string_pattern_mismatch" and (wide := _wide(error["input"])):
        message = said("{fault}: it holds {sign}", fault=fault, sign=named(wide))
        return message, said("write {plain}", plain=plain_letters(error["input"]))
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        words = re.findall(r"'([^']+)'", str(error["ctx"]["expected"]))
        if near := get_close_matches(error["input"].lower(), words, n=1):
            message = said("{input} {fault}", input=error["input"], fault=fault)
            return message, said("write {plain}", plain=near[0])
    return fault, REMEDIES.get(error["type"], "correct it")


def _fault(error: dict[str, Any]) -> str:
    """Return one validation error as a message: in words of ours, else in pydantic's English."""
    if error["type"] not in ERROR_WORDS:
        return fault_text(error)
    return said(ERROR_WORDS[error["type"]], **error.get("ctx", {}))


def _wide(name: object) -> str:
    """Return the first sign of a name that is a plain letter, digit or mark in another width."""
    plain = isinstance(name, str) and plain_letters(name)
    return next((sign for sign in str(name) if plain_letters(sign) != sign), "") if plain and plain != name else ""


def _prune(source: YamlSource, data: Any, errors: Errors) -> frozenset[str]:  # noqa: ANN401 - plain YAML data
    """Delete invalid parts of `data`: an unknown key alone, else the member of a list or mapping that contains it."""
    broken: set[str] = set()
    cuts: set[Where] = set()
    for error in errors:
        path = source.resolve(error["loc"])
        member = path if error["type"] == "extra_forbidden" else _removable_member(source, path)
        cuts.add(member)
        broken |= _names(source, member)
    for path in sorted(cuts, key=lambda cut: [(len(cut), str(step).zfill(6)) for step in cut], reverse=True):
        _delete(data, path)
    return frozenset(broken)


def _removable_member(source: YamlSource, path: Where) -> Where:
    """Return the path of the member around `path` that can be removed: an item, an indicator, a named condition."""
    if path[:2] == ("consent", "paragraphs"):
        return path[:3]
    if path[:1] == ("drafts",):
        return path[:1]
    section = source.data.get(path[0]) if isinstance(source.data, dict) and path else None
    return path[:2] if isinstance(section, list | dict) else path[:1]


def _names(source: YamlSource, path: Where) -> set[str]:
    """Return the id of the member at `path`, and its key."""
    value = source.data
    for step in path:
        value = value[step]
    names = {value.get("id") if isinstance(value, dict) else None, *path[-1:]}
    return {name for name in names if isinstance(name, str)}


def _delete(data: Any, path: Where) -> None:  # noqa: ANN401 - plain YAML data
    *way, last = path or ("",)
    value = data
    try:
        for step in way:
            value = value[step]
        del value[last]
    except (KeyError, IndexError, TypeError):
        return
