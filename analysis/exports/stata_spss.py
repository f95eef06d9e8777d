"""Writes a release as one Stata and one SPSS file: every number a row, with labels of variables and of values.

Each dimension is a variable of its own: the level that a number is about, labelled as in the questionnaire.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from analysis.exports.column_names import MEASURES, column, value
from analysis.exports.long_rows import KINDS, LONG, Row, long_rows
from survey.plan.dimension import Dimension
from survey.questionnaire.items import OUTSIDE
from survey.release.level_labels import dimension_text, label
from survey.release.release import Release

CODED: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "measure": MEASURES,
    "abstained": ("too-few", "class-lost"),
}
"""Columns whose texts are numbers from 1 with value labels."""
FIXED = tuple(name for name in LONG if name not in {"dimension_label", "codes", "rho"})
RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
"""Words that SPSS keeps; Stata's own are in lower case, as no id is."""
MAX_NAME = 32
STATA_LABEL, SPSS_LABEL, SPSS_VALUE = 80, 250, 120
"""The longest label of a variable in Stata (characters) and SPSS (bytes), and of a value in SPSS (bytes)."""
CUT = "…"


@dataclass(frozen=True)
class Variables:
    """A data frame, what its variables are called, and what their values are called."""

    frame: pd.DataFrame
    labels: dict[str, str]
    levels: dict[str, dict[int | float, str]]


def stata_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one .dta (format 118, UTF-8); the release's hash is the data label."""
    data = variables(release, locale)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "release.dta"
        pyreadstat.write_dta(
            data.frame,
            path,
            file_label=f"release {release.digest}",
            column_labels={name: _cut(text, STATA_LABEL) for name, text in data.labels.items()},
            variable_value_labels=data.levels,
            version=15,
        )
        yield "release.dta", path.read_bytes()


def spss_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one .sav (UTF-8); the release's hash is the file label and in the document's notes."""
    data = variables(release, locale)
    notes = [f"sotto release {release.digest}", f"study {release.study}, wave {release.wave}, {release.day}"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "release.sav"
        pyreadstat.write_sav(
            data.frame,
            path,
            file_label=f"release {release.digest}"[:64],
            column_labels={name: _cut_bytes(text, SPSS_LABEL) for name, text in data.labels.items()},
            note=notes,
            row_compress=True,
            variable_value_labels={name: _distinct(texts) for name, texts in data.levels.items()},
            variable_measure=dict.fromkeys(data.levels, "nominal"),
        )
        yield "release.sav", path.read_bytes()


# Decision 63.
def variables(release: Release, locale: str) -> Variables:
    """Return all numbers as a data frame: the fixed columns, then one variable a dimension."""
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    names = variable_names(tuple(axes))
    rows = list(long_rows(release, locale))
    frame = {name: _series(name, [row[name] for row in rows]) for name in FIXED}
    stand = [_levels(row) for row in rows]
    frame |= {names[axis_id]: pd.array([level.get(axis_id) for level in stand], dtype="Int64") for axis_id in axes}
    labels = {name: column(name, locale) for name in FIXED}
    labels |= {names[axis_id]: f"{axis_id}: {dimension_text(release, axis_id, locale)}" for axis_id in axes}
    levels: dict[str, dict[int | float, str]] = {
        name: {number: value(text, locale) for number, text in enumerate(texts, 1)} for name, texts in CODED.items()
    }
    levels["reliable"] = {0: value("no", locale), 1: value("yes", locale)}
    levels |= {names[axis_id]: level_labels(release, axis, locale) for axis_id, axis in axes.items()}
    return Variables(pd.DataFrame(frame), labels, levels)


def variable_names(ids: tuple[str, ...]) -> dict[str, str]:
    """Return each dimension's variable: its id, or q_N (N-th dimension) where Stata or SPSS cannot hold it.

    Nothing is ever cut: an id is too long with over 32 letters, or stands for a column of ours or a word that SPSS
    keeps (which tells no case apart). The label of every variable begins with the whole id.
    """
    taken = {name.upper() for name in FIXED} | RESERVED
    chosen = {}
    for number, dimension in enumerate(ids, 1):
        candidate = dimension.replace("@", "at_")
        usable = len(candidate) <= MAX_NAME and candidate.upper() not in taken and not candidate.endswith("_")
        chosen[dimension] = candidate if usable else next(name for name in _spare(number) if name.upper() not in taken)
        taken.add(chosen[dimension].upper())
    return chosen


def _spare(number: int) -> Iterator[str]:
    yield from (f"q_{number}" + "x" * more for more in count())


def level_labels(release: Release, axis: Dimension, locale: str) -> dict[int | float, str]:
    """Return what each code of a dimension is called, the code outside a table's population included."""
    return {code: label(release, axis.id, code, locale) for code in (*axis.codes, OUTSIDE)}


def _levels(row: Row) -> dict[str, int]:
    """Return the level of each dimension that a row is about."""
    pairs = [pair.rsplit("=", 1) for pair in row["group"].split(",") if pair]
    groups = {name: int(code) for name, code in pairs}
    return groups if row["code"] is None else {row["dimension"]: row["code"], **groups}


def _series(name: str, cells: list[Any]) -> Any:  # noqa: ANN401 - an array of pandas
    if name in CODED:
        numbers = {text: number for number, text in enumerate(CODED[name], 1)}
        return pd.array([numbers.get(cell) for cell in cells], dtype="Int64")
    if LONG[name] is str:
        return pd.Series(cells, dtype="object")
    if LONG[name] is float:
        return pd.Series(cells, dtype="float64")
    return pd.array([None if cell is None else int(cell) for cell in cells], dtype="Int64")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + CUT


def _cut_bytes(text: str, most: int) -> str:
    """Return at most `most` bytes of UTF-8, whole characters, with an ellipsis where something is missing."""
    content = text.encode()
    if len(content) <= most:
        return text
    return content[: most - len(CUT.encode())].decode(errors="ignore") + CUT


def _distinct(labels: dict[int | float, str]) -> dict[int | float, str]:
    """Return labels short enough for SPSS; two that were cut to the same words get their code before them."""
    short = {code: _cut_bytes(text, SPSS_VALUE) for code, text in labels.items()}
    alike = {text for text in short.values() if list(short.values()).count(text) > 1}
    return {code: _cut_bytes(f"{code}: {text}", SPSS_VALUE) if text in alike else text for code, text in short.items()}
