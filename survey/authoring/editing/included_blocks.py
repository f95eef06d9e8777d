"""`include:` among the items of a questionnaire: blocks of questions from another file, or from the library.

A block is a YAML file with `source` (where the questions come from, and under which licence), `items`, and the
`option_sets` and `conditions` that they use. What stands in the questionnaire under the same name must be the same.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey.authoring.yaml_source import YamlSource
from survey.faults import AuthoringError, Where, said
from survey.names import LOCALE
from survey.questionnaire.conditions import KINDS

LIBRARY = Path(__file__).parents[2] / "library"
PREFIX = "library/"
"""What the name of a block begins with that comes with Sotto."""
_KEYS, _SHARED = frozenset({"source", "items", "option_sets", "conditions"}), ("option_sets", "conditions")
_ENTRY = frozenset({"include", "only"})


def include_blocks(source: YamlSource, folder: Path) -> None:
    """Put the items of every included block in place, with its option sets and conditions; report what cannot be."""
    items = source.data.get("items") if isinstance(source.data, dict) else None
    entries = enumerate(items) if isinstance(items, list) else ()
    wanted = {index: entry for index, entry in entries if isinstance(entry, dict) and "include" in entry}
    blocks: dict[int, tuple[YamlSource, list[int]]] = {}
    for index, entry in wanted.items():
        block = _block(source, ("items", index), entry, folder)
        blocks[index] = (block, [*_taken(source, index, entry, block)]) if block is not None else (source, [])
        if block is not None:
            _keep_locales(block, {*_locales(source)})
            _share(source, ("items", index), block)
            _note_source(block)
    if blocks:
        source.splice(blocks)


def _block(source: YamlSource, where: Where, entry: dict[str, Any], folder: Path) -> YamlSource | None:
    name = entry["include"]
    if not isinstance(name, str) or entry.keys() - _ENTRY:
        source.report(where, "an include has the name of a file, and `only` with the ids to take", "write it so")
        return None
    path = LIBRARY / f"{name.removeprefix(PREFIX)}.yaml" if name.startswith(PREFIX) else folder / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        source.report(
            where, said("{name} lies outside this folder", name=name), "put the block beside the questionnaire"
        )
        return None
    if not path.is_file():
        found = ", ".join(f"{PREFIX}{one.stem}" for one in sorted(LIBRARY.glob("*.yaml")))
        source.report(
            where,
            said("there is no block {name}", name=name),
            said("name a file beside this one, or one of {found}", found=found),
        )
        return None
    return _sound(source, where, path)


def _sound(source: YamlSource, where: Where, path: Path) -> YamlSource | None:
    try:
        block = YamlSource(path)
    except AuthoringError as error:
        source.problems += error.problems
        return None
    source.problems += block.problems
    data = block.data if isinstance(block.data, dict) else {}
    items = data.get("items")
    if not isinstance(data.get("source"), str) or not isinstance(items, list) or data.keys() - _KEYS:
        message = said(
            "{name} is no block: it needs `source` (whose questions these are, and the licence) and `items`",
            name=path.name,
        )
        source.report(where, message, "write them; beside them only `option_sets` and `conditions` may stand")
        return None
    if any(not isinstance(item, dict) or "include" in item for item in items):
        source.report(
            where,
            said("{name} includes another block", name=path.name),
            "include each block in the questionnaire itself",
        )
        return None
    return block


def _taken(source: YamlSource, index: int, entry: dict[str, Any], block: YamlSource) -> Iterator[int]:
    ids = [item.get("id") for item in block.data["items"]]
    only = entry.get("only")
    for name in only if isinstance(only, list) else ():
        if name not in ids:
            message, remedy = (
                said("the block has no item {name}", name=name),
                said("name some of {ids}", ids=", ".join(map(str, ids))),
            )
            source.report(("items", index, "only"), message, remedy)
    yield from (at for at, name in enumerate(ids) if not isinstance(only, list) or name in only)


def _share(source: YamlSource, where: Where, block: YamlSource) -> None:
    for part in _SHARED:
        for name, value in (block.data.get(part) or {}).items():
            own = source.data.setdefault(part, {})
            if own.setdefault(name, value) != value:
                message = said("{name} of `{part}` is another one in the block", name=name, part=part)
                source.report(where, message, "give yours another name, or take it out")


def _locales(source: YamlSource) -> Iterator[str]:
    locales = source.data.get("locales")
    yield from locales if isinstance(locales, dict) else ()


def _keep_locales(block: YamlSource, locales: set[str]) -> None:
    """Leave a block's texts in languages that the questionnaire has, where it says its languages at all."""

    def kept(value: Any) -> Any:  # noqa: ANN401 - plain YAML data
        if isinstance(value, list):
            return [kept(part) for part in value]
        if not isinstance(value, dict):
            return value
        if value and all(_is_locale(key) and isinstance(text, str) for key, text in value.items()):
            return {key: text for key, text in value.items() if key in locales or not locales}
        return {key: kept(part) for key, part in value.items()}

    block.data = kept(block.data)


def _is_locale(key: str) -> bool:
    return LOCALE.fullmatch(key) is not None and key not in KINDS


def _note_source(block: YamlSource) -> None:
    """Keep at every item whose question it is, for authors and for paper."""
    for item in block.data["items"]:
        item.setdefault("note", block.data["source"])
