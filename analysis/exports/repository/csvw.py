"""Describes the CSV files of a release by CSV on the Web: what each column is called, of which type, in which file.

Source: W3C, Metadata Vocabulary for Tabular Data (2015), sections 5.4 to 5.6.
"""

import csv
import io
from collections.abc import Mapping
from typing import Any

from survey.release.long_columns import LONG
from survey.workbook.column_names import column

FILE = "csv-metadata.json"
TYPES = {str: "string", int: "integer", float: "double", bool: {"base": "boolean", "format": "True|False"}}
MORE: dict[str, type] = {
    "noisy_count": int, "noisy_margin_95": float, "consistent_count": float, "consistent_margin_95": float,
    "rank": int, "count": int, "threshold": int, "most": int, "share": float, "substantive": bool, "several": bool,
    "score": bool, "list": str, "kept_of_2_32": int,
}  # fmt: skip
"""Columns that the long list of a release does not have; any other is a dimension's code or a text."""


OTHERWISE: dict[tuple[str, str], type] = {("release-codebook.csv", "list"): bool, ("release-facts.csv", "value"): str}
"""Columns that hold another type in one file than in the others."""


def csvw(files: Mapping[str, bytes], locale: str, codes: frozenset[str]) -> dict[str, Any]:
    """Return the metadata of CSV files by name, each with a header; `codes` are dimensions, whose cells are codes."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": locale.split("-", maxsplit=1)[0]}],
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n", "\n"]},
        "tables": [
            {"url": name, "tableSchema": {"columns": [_column(one, name, locale, codes) for one in _header(content)]}}
            for name, content in files.items()
        ],
    }


def _header(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def _column(name: str, file: str, locale: str, codes: frozenset[str]) -> dict[str, Any]:
    kind = int if name in codes else MORE.get(name, LONG.get(name, str))
    if (file, name) in OTHERWISE:
        kind = OTHERWISE[file, name]
    titles = [name] if column(name, locale) == name else [name, column(name, locale)]
    return {"name": name.replace("@", "at_"), "titles": titles, "datatype": TYPES[kind]}
