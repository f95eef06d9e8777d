"""The cells of a reviewed workbook: texts by language, plain values, and what no cell of a workbook can hold."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from survey.authoring.schema import AuthoredStudy, Localised
from survey.authoring.xlsform.sheets.report import FormError
from survey.faults import Where, said

FORMAT = "sotto-xlsform-1"
OWN = "sotto_"
"""What the names of our own columns, sheets and rows begin with."""
MOST_CHARACTERS = 32_767
"""Characters of one cell: Excel specifications and limits."""
SheetRow = dict[str, str]
SheetRows = dict[str, list[SheetRow]]
"""The rows of every sheet, each its cells by column; the first row of a sheet in a workbook names the columns."""
# ECMA-376 Part 1, 22.9.2.19 (ST_Xstring): such an escape in a cell is one character to Excel.
_ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_")
_LANGUAGE = re.compile(r"\(([A-Za-z0-9-]+)\)$")


def language_columns(study: AuthoredStudy, column: str) -> dict[str, str]:
    """Return the header of a text's column by locale, such as `label::English (en)`."""
    names = {code: " ".join(locale.name.replace(":", " ").split()) for code, locale in study.locales.items()}
    return {code: f"{column}::{name} ({code})" for code, name in names.items()}


def text_cells(study: AuthoredStudy, column: str, text: Localised | None) -> SheetRow:
    """Return the cells of one text, a string that is the same in all languages in each of them."""
    if text is None:
        return {}
    by_locale = dict.fromkeys(study.locales, text) if isinstance(text, str) else text
    return {header: by_locale.get(code, "") for code, header in language_columns(study, column).items()}


def read_text(row: Mapping[str, str], column: str) -> str | dict[str, str] | None:
    """Return the text that stands in the columns of a row: a string where all languages have the same one."""
    found = {
        match[1]: content
        for header, content in row.items()
        if header.partition("::")[0].strip() == column and (match := _LANGUAGE.search(header.strip()))
    }
    if not found:
        return None
    return next(iter(found.values())) if len({*found.values()}) == 1 else found


def written(value: object) -> str:
    """Return a plain value as a cell: text as it is, where nothing else could be meant, else JSON."""
    if isinstance(value, str) and _read_back(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def read_value(cell: str) -> Any:  # noqa: ANN401 - plain data
    """Return the plain value in a cell."""
    return _read_back(cell)


def _read_back(cell: str) -> Any:  # noqa: ANN401 - plain data
    if not cell.startswith(("{", "[", '"')) and not re.fullmatch(r"-?[0-9]+|true|false|null", cell):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def check_cell(place: str, content: str) -> None:
    """Raise FormError for what no cell can hold, or a form would read as something else."""
    if len(content) > MOST_CHARACTERS:
        count, most = f"{len(content):,}", f"{MOST_CHARACTERS:,}"
        reason = said("its cell would have {count} characters, and a cell holds {most}", count=count, most=most)
        raise FormError(place, reason, "shorten it")
    if "\r" in content or _ESCAPE.search(content):
        raise FormError(place, "a spreadsheet reads a return or `_x0041_` as another sign", "take it out of the text")


def check_text(place: str, content: str) -> None:
    """Raise FormError for a text that forms read as the name of a question."""
    if "${" in content:
        raise FormError(place, "a form reads `${` as the name of a question", "put a space between $ and {")


def holes(data: Any, paths: Iterable[Where]) -> Any:  # noqa: ANN401 - plain data
    """Return plain data with null in place of every text at `paths`; what then holds nothing else is left out."""
    for path in paths:
        *way, last = path
        parent = at(data, tuple(way))
        parent[position(parent, last)] = None
    return data


def at(data: Any, path: Where) -> Any:  # noqa: ANN401 - plain data
    """Return what stands at a path of keys, indexes, and ids or codes of list members."""
    for step in path:
        data = data[position(data, step)]
    return data


def position(data: Any, step: str | int) -> str | int:  # noqa: ANN401 - plain data
    """Return the key or index of a step of a path."""
    if isinstance(data, list) and isinstance(step, str):
        named = (index for index, one in enumerate(data) if isinstance(one, dict) and step in _names(one))
        return next(named, int(step) if step.isdecimal() and int(step) < len(data) else -1)
    return step


def _names(member: Mapping[str, Any]) -> tuple[str, str]:
    return str(member.get("id")), str(member.get("code"))


def is_empty(value: object) -> bool:
    """Say whether nothing is left of a value without its texts."""
    if isinstance(value, list | tuple):
        return bool(value) and all(is_empty(part) for part in value)
    if isinstance(value, dict):
        return bool(value) and all(is_empty(part) for part in value.values())
    return value is None


def put(data: Any, path: Where, value: object) -> None:  # noqa: ANN401 - plain data
    """Set what stands at a path, with the lists and tables on the way; raise KeyError where it leads nowhere."""
    step, *rest = path
    key = position(data, step)
    if isinstance(data, list):
        if not isinstance(key, int) or not 0 <= key <= len(data):
            raise KeyError(step)
        data += [None] if key == len(data) else []
    elif not isinstance(data, dict):
        raise KeyError(step)
    if not rest:
        data[key] = value
        return
    if (data.get(key) if isinstance(data, dict) else data[key]) is None:
        data[key] = [] if isinstance(rest[0], int) else {}
    put(data[key], tuple(rest), value)


def path_text(path: Where) -> str:
    """Return a path as a cell: indexes in brackets, such as `consent.paragraphs[0].text`."""
    shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return shown.removeprefix(".")


def read_path(cell: str) -> Where:
    """Return the path that a cell names."""
    return tuple(_steps(cell.strip()))


def _steps(cell: str) -> Iterator[str | int]:
    for part in re.findall(r"\[[0-9]+\]|[^.\[\]]+", cell):
        yield int(part[1:-1]) if part.startswith("[") else part
