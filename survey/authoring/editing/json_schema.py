"""The schema of an authored questionnaire for editors (JSON Schema 2020-12), and the reference that the docs print.

Both follow from `survey/authoring/schema.py`, which the compiler reads with: an editor completes and checks while
somebody types what `sotto study check` checks afterwards. Conditions stay open here; the compiler alone knows them.
`sotto study schema -o survey/schemas/sotto-authored-questionnaire.schema.json` writes what ships again.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from survey.authoring.schema import AuthoredStudy

NAME = "sotto-authored-questionnaire.schema.json"
FOLDER = Path(__file__).parents[2] / "schemas"
_PARTS = {
    "AuthoredStudy": "The file",
    "AuthoredLocale": "`locales`: each language",
    "Facts": "`facts`",
    "AuthoredAbout": "`about`",
    "Author": "`about.authors`: each author",
    "AuthoredConsent": "`consent`",
    "Paragraph": "`consent.paragraphs`, `thanks`: each paragraph",
    "AuthoredForm": "`forms`: each form",
    "AuthoredItem": "`items`: each item",
    "AuthoredCheck": "`checks`: each check",
    "AuthoredOption": "`options`, `bands`, `option_sets`: each answer",
    "GridRow": "`rows`: each row of a grid",
    "AuthoredRandomise": "`randomise`",
    "ListExperiment": "`list_experiment`",
    "AuthoredDerived": "`derived`: each indicator",
    "LevelRange": "`levels` of an indicator",
    "DraftSettings": "`drafts`",
    "KeySource": "`sources`: each source",
}
_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "", "object": "table"}
_INCLUDE = {
    "type": "object",
    "title": "Include",
    "description": "A block of questions from another file, or of the library.",
    "required": ["include"],
    "additionalProperties": False,
    "properties": {"include": {"type": "string"}, "only": {"type": "array", "items": {"type": "string"}}},
}
_LOCALISED = [{"type": "string"}, {"additionalProperties": {"type": "string"}, "type": "object"}]


def authored_schema() -> dict[str, Any]:
    """Return the JSON Schema of an authored questionnaire."""
    schema = AuthoredStudy.model_json_schema(by_alias=True)
    items = schema["properties"]["items"]
    items["items"] = {"if": {"required": ["include"]}, "then": _INCLUDE, "else": items["items"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A questionnaire of Sotto, as its authors write it",
    }


def schema_text() -> str:
    """Return the schema as the file that is shipped."""
    return json.dumps(authored_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def reference() -> str:
    """Return every key of an authored questionnaire as Markdown: what it holds, and whether it must be there."""
    schema = authored_schema()
    models = {"AuthoredStudy": schema, **schema["$defs"]}
    return "\n".join(line for name in _PARTS for line in _part(name, models[name])) + "\n"


def parts_left_out() -> frozenset[str]:
    """Return the parts of the schema that the reference does not name; none, or a test fails."""
    return frozenset(authored_schema()["$defs"]) - _PARTS.keys()


def _part(name: str, model: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {_PARTS[name]}\n"
    yield f"{' '.join(str(model.get('description', '')).split())}\n" if model.get("description") else ""
    yield "| key | holds | |\n|---|---|---|"
    required = model.get("required", ())
    for key, holds in model["properties"].items():
        must = "required" if key in required else _default(holds)
        yield f"| `{key}` | {_words(holds)} | {must} |"
    yield ""


def _default(holds: Mapping[str, Any]) -> str:
    default = holds.get("default")
    return f"else `{json.dumps(default)}`" if isinstance(default, bool | str | int) else ""


def _words(holds: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one for each kind of schema
    """Return in words what a key holds."""
    if "else" in holds:
        return f"{_words(holds['else'])}, or an [include](#blocks-to-include)"
    if "anyOf" in holds:
        if [part for part in holds["anyOf"] if part.get("type") != "null"] == _LOCALISED:
            return "text, or a table of one by locale"
        return " or ".join(dict.fromkeys(words for part in holds["anyOf"] if (words := _words(part))))
    if "$ref" in holds:
        return f"table: {_PARTS[holds['$ref'].rpartition('/')[2]]}"
    if "const" in holds or "enum" in holds:
        return " or ".join(f"`{json.dumps(value).strip(chr(34))}`" for value in holds.get("enum", [holds.get("const")]))
    if holds.get("type") == "array":
        return _list(holds)
    if holds.get("type") == "object":
        patterns: Mapping[str, Any] = holds.get("patternProperties", {})
        inner: Any = holds.get("additionalProperties") or next(iter(patterns.values()), {})
        words = _words(inner) if isinstance(inner, dict) and inner else ""
        return f"table, each: {words}" if words else "table"
    bounds = [f"{word} {holds[key]:,}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in holds]
    return " ".join([_TYPES[holds.get("type", "object")], *bounds])


def _list(holds: Mapping[str, Any]) -> str:
    if "prefixItems" in holds:
        return f"list of {len(holds['prefixItems'])}: {_words(holds['prefixItems'][0])}"
    return f"list, each: {_words(holds['items'])}"
