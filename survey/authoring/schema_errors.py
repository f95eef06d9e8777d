"""Parses YAML with line numbers into pydantic models: reports every schema error and keeps the valid rest."""

import json
from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from survey.authoring.yaml_source import YamlSource
from survey.document import fault_text
from survey.faults import AuthoringError, Problem, Where

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
    source: YamlSource, model: type[Model], known_keys: Iterable[str]
) -> tuple[Model | None, frozenset[str]]:
    """Return the file as `model` without its invalid members, and the ids and names of those; report every error.

    The model is None if the rest is invalid too. `known_keys` are suggested for misspelt keys. Raises AuthoringError
    with one problem for a file of another kind, of which every line would be a fault.
    """
    data = deepcopy(source.data)
    _refuse_other_kind(source, model)
    try:
        return model.model_validate_json(json.dumps(data)), frozenset()
    except ValidationError as error:
        errors: Errors = [{**item} for item in error.errors(include_url=False)]
    _report(source, errors, list(known_keys))
    broken = _prune(source, data, errors)
    try:
        return model.model_validate_json(json.dumps(data)), broken
    except ValidationError:
        return None, broken


def _refuse_other_kind(source: YamlSource, model: type[BaseModel]) -> None:
    """Raise AuthoringError for a document of our own, and for a file that lacks most of what `model` requires."""
    data = source.data if isinstance(source.data, dict) else {}
    keys = {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
    written = data.get("format")
    if "format" not in keys and isinstance(written, str) and written.startswith("sotto-"):
        message = f"this is a document that sotto wrote ({written}), and no authored file"
        _refuse(source, message, "give the .yaml file that it was made from, such as questionnaire.yaml")
    required = [key for key, needed in keys.items() if needed]
    missing, unknown = [key for key in required if key not in data], [key for key in data if key not in keys]
    if unknown and 2 * len(missing) > len(required):
        message = f"this is another kind of file: it has {', '.join(unknown[:3])} and lacks {', '.join(missing)}"
        _refuse(source, message, "give the file that the command asks for, or add what it lacks")


def _refuse(source: YamlSource, message: str, remedy: str) -> NoReturn:
    """Raise AuthoringError with this problem alone: of another kind of file every line would be one."""
    raise AuthoringError([Problem(source.file, 1, "file", message, remedy)])


def report_validation(source: YamlSource, where: Where, error: ValidationError) -> None:
    """Report the validation errors of the part at path `where`."""
    errors: Errors = [{**item, "loc": (*where, *item["loc"])} for item in error.errors(include_url=False)]
    _report(source, errors, [])


def _report(source: YamlSource, errors: Errors, known_keys: list[str]) -> None:
    paths = [source.resolve(error["loc"]) for error in errors]
    reported = set()
    for error, path in zip(errors, paths, strict=True):
        # A union reports an error for each of its branches: only the one with the deepest path is useful.
        beaten = error["type"].endswith("_type") and any(other[: len(path)] == path != other for other in paths)
        name = error["loc"][-1] if error["type"] in ("missing", "extra_forbidden") else ""
        if not beaten and (path, name) not in reported and path not in source.noted:
            reported.add((path, name))
            source.report(error["loc"], *_message_and_remedy(error, known_keys))


def _message_and_remedy(error: dict[str, Any], known_keys: list[str]) -> tuple[str, str]:
    name = str(error["loc"][-1]) if error["loc"] else "the file"
    if error["type"] == "missing":
        return f"{name} is missing", REMEDIES["missing"]
    if error["type"] == "extra_forbidden":
        near = get_close_matches(name, known_keys, n=1)
        return f"unknown key {name}", f"write {near[0]}" if near else "remove it"
    return fault_text(error), REMEDIES.get(error["type"], "correct it")


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
