"""Writes a release as one Stata and one SPSS file: every number a row, with labels of variables and of values.

Each dimension is a variable of its own: the level that a number is about, labelled as in the questionnaire.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from survey.plan.dimension import Dimension
from survey.questionnaire.bases import BASES
from survey.questionnaire.codes import DONT_KNOW, NOT_ASKED, OUTSIDE, REFUSED, UNREADABLE
from survey.release.format_rules import (
    SPSS_LABEL,
    SPSS_VALUE,
    STATA_LABEL,
    STATISTICAL,
    cut,
    cut_bytes,
    variable_name,
)
from survey.release.level_labels import dimension_text, label
from survey.release.long_columns import KINDS, LONG
from survey.release.note_codes import ABSTENTIONS
from survey.release.release import Release
from survey.workbook.column_names import MEASURES, code_name, column, value
from survey.workbook.long_rows import Row, long_rows

CODED: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "measure": MEASURES,
    "base": BASES,
    "abstained": ABSTENTIONS,
}
"""Columns whose texts are numbers from 1 with value labels."""
STATA_MISSING = {NOT_ASKED: "n", DONT_KNOW: "d", REFUSED: "r", OUTSIDE: "o", UNREADABLE: "u"}
"""Stata's extended missing values of reserved codes: 97 is .n, 98 .d, 99 .r, 254 .o, 255 .u."""
FIXED = tuple(name for name in LONG if name not in {"dimension_label", "codes", "rho"})


@dataclass(frozen=True)
class LabelledFrame:
    """A data frame, what its variables are called, and what their values are called."""

    frame: pd.DataFrame
    labels: dict[str, str]
    levels: dict[str, dict[int | float, str]]
    dimensions: Mapping[str, Dimension]


def stata_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one .dta (format 118, UTF-8); the release's hash is the data label."""
    data = variables(release, locale)
    missing = {name: sorted(STATA_MISSING.values()) for name in data.dimensions}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "release.dta"
        pyreadstat.write_dta(
            data.frame.assign(**{name: _stata_codes(data.frame[name]) for name in missing}),
            path,
            file_label=f"release {release.digest}",
            column_labels={name: cut(text, STATA_LABEL) for name, text in data.labels.items()},
            variable_value_labels={name: _stata_levels(name, data) for name in data.levels},
            missing_user_values=missing,
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
            data.frame.assign(**{name: _spss_codes(data.frame[name], axis) for name, axis in data.dimensions.items()}),
            path,
            file_label=f"release {release.digest}"[:64],
            column_labels={name: cut_bytes(text, SPSS_LABEL) for name, text in data.labels.items()},
            note=notes,
            row_compress=True,
            variable_value_labels={name: _distinct(texts) for name, texts in data.levels.items()},
            missing_ranges={name: spss_missing(axis) for name, axis in data.dimensions.items()},
            variable_measure=dict.fromkeys(data.levels, "nominal"),
        )
        yield "release.sav", path.read_bytes()


# Decision 63.
def variables(release: Release, locale: str) -> LabelledFrame:
    """Return all numbers as a data frame: the fixed columns, then one variable a dimension."""
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    names = {name: variable_name(name) for name in axes}
    rows = list(long_rows(release, locale))
    frame = {name: _series(name, [row[name] for row in rows]) for name in FIXED}
    stand = [_levels(row) for row in rows]
    frame |= {names[axis_id]: pd.array([level.get(axis_id) for level in stand], dtype="Int64") for axis_id in axes}
    labels = {name: column(name, locale) for name in FIXED}
    labels |= {names[axis_id]: f"{axis_id}: {dimension_text(release, axis_id, locale)}" for axis_id in axes}
    levels: dict[str, dict[int | float, str]] = {
        name: {number: code_name(name, text, locale) for number, text in enumerate(texts, 1)}
        for name, texts in CODED.items()
    }
    levels["reliable"] = {0: value("no", locale), 1: value("yes", locale)}
    levels |= {names[axis_id]: level_labels(release, axis, locale) for axis_id, axis in axes.items()}
    levels = {name: {code: STATISTICAL.text(text) for code, text in texts.items()} for name, texts in levels.items()}
    labels = {name: STATISTICAL.text(text) for name, text in labels.items()}
    return LabelledFrame(pd.DataFrame(frame), labels, levels, {names[axis_id]: axis for axis_id, axis in axes.items()})


def spss_missing(axis: Dimension) -> list[Any]:
    """Return what SPSS takes for missing: it knows one range and one more value, and no code may be among them."""
    if any(NOT_ASKED < code < OUTSIDE for code in axis.substantive):
        return [{"lo": NOT_ASKED, "hi": REFUSED}, UNREADABLE]
    return [{"lo": NOT_ASKED, "hi": UNREADABLE}]


def _spss_codes(codes: Any, axis: Dimension) -> Any:  # noqa: ANN401 - an array of pandas
    """Return a dimension's codes; outside the population is none where nothing is left to declare it missing by."""
    return codes if len(spss_missing(axis)) == 1 else codes.where(codes != OUTSIDE)


def _stata_codes(codes: Any) -> Any:  # noqa: ANN401 - an array of pandas
    cells = [None if code is pd.NA else STATA_MISSING.get(int(code), int(code)) for code in codes]
    # pyreadstat takes a plain column for texts where its first hundred rows hold no number.
    numbers = sorted({cell for cell in cells if isinstance(cell, int)})
    return pd.Series(pd.Categorical(cells, categories=[*numbers, *sorted(STATA_MISSING.values())]))


def _stata_levels(name: str, data: LabelledFrame) -> dict[Any, str]:
    """Return the labels of a variable's values, those of missing ones by their letters."""
    levels = data.levels[name].items()
    return {STATA_MISSING.get(int(code), code) if name in data.dimensions else code: text for code, text in levels}


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
        return pd.Series([STATISTICAL.text(cell) for cell in cells], dtype="object")
    if LONG[name] is float:
        return pd.Series(cells, dtype="float64")
    return pd.array([None if cell is None else int(cell) for cell in cells], dtype="Int64")


def _distinct(labels: dict[int | float, str]) -> dict[int | float, str]:
    """Return labels short enough for SPSS; two that were cut to the same words get their code before them."""
    short = {code: cut_bytes(text, SPSS_VALUE) for code, text in labels.items()}
    alike = {text for text in short.values() if list(short.values()).count(text) > 1}
    return {code: cut_bytes(f"{code}: {text}", SPSS_VALUE) if text in alike else text for code, text in short.items()}
