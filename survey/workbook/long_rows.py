"""All numbers of a release as one long list of rows of the same columns: for Parquet, Stata and SPSS."""

import math
from collections.abc import Iterator
from typing import Any

from survey.plan.plan import rho_text
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.long_columns import LONG
from survey.release.note_codes import AS_SENT, DEBIASED
from survey.release.population import population_text
from survey.release.release import Release, Table
from survey.release.release_rows import margin_rows, words_rows
from survey.release.reliability import Z95
from survey.release.table_rows import estimate_rows, places

Row = dict[str, Any]


def long_rows(release: Release, locale: str) -> Iterator[Row]:
    """Yield one row a number: estimates, then cells, then phrases, then public margins; texts are never None.

    A cell is two rows: `noisy count` (the integer that was drawn) and `consistent count` (with its variance). Margins
    of cells and phrases are of the noise alone.
    """
    for table in release.tables:
        yield from (_filled(row, "estimate") for row in estimate_rows(release, table, locale))
    for table in release.tables:
        yield from (_filled(row, "cell") for row in _cells(release, table, locale))
    for words in release.words or ():
        yield from (_filled(_phrase(row), "words") for row in words_rows(release, words, locale))
    yield from (_filled(_margin(row), "public margin") for row in margin_rows(release, locale))


def _filled(row: Row, kind: str) -> Row:
    """Return a row of every column, in order: an absent text is empty, anything else absent is None."""
    cells = row | {"kind": kind}
    return {name: cells.get(name, None) if of is not str else cells.get(name) or "" for name, of in LONG.items()}


def _cells(release: Release, table: Table, locale: str) -> Iterator[Row]:
    price = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    base = {"study": release.study, "wave": release.wave, "table": table.id, **price}
    base["population"] = population_text(release, table, locale)
    base["notes"] = AS_SENT if DEBIASED in table.notes else ""
    numbers = zip(places(table), table.counts, table.consistent, table.variances, strict=True)
    for levels, count, consistent, variance in numbers:
        cell_row = base | _placed(release, table, levels, locale)
        yield cell_row | _count("noisy count", count, table.sigma**2)
        yield cell_row | _count("consistent count", consistent, variance)


def _placed(release: Release, table: Table, levels: tuple[tuple[str | None, int], ...], locale: str) -> Row:
    (row, code), *others = levels
    first, *axes = table.dimensions
    groups = list(zip(axes, others, strict=True))
    words = [label(release, axis.id, level, locale) for axis, (_, level) in groups]
    rows = [level for level, _ in levels if level is not None] if row is None else [row]
    return {
        "dimension": first.id,
        "dimension_label": dimension_text(release, first.id, locale),
        "row": rows[0] if rows else "",
        "row_label": row_label(release, rows[0], locale) if rows else "",
        "code": code,
        "label": label(release, first.id, code, locale),
        "group": ",".join(f"{axis.id}={level}" for axis, (_, level) in groups),
        "group_label": ", ".join(words),
    }


def _count(measure: str, value: float, variance: float) -> Row:
    margin = Z95 * math.sqrt(variance)
    interval = {"value": float(value), "margin_95": margin, "low_95": value - margin, "high_95": value + margin}
    return {"measure": measure, "variance": variance, **interval}


def _phrase(row: Row) -> Row:
    phrase_list = {"table": row["list"], "dimension": row["item"], "dimension_label": row["item_label"]}
    if row.get("phrase") is None:
        return row | phrase_list | {"measure": "none"}
    value, margin = float(row["count"]), row["margin_95"]
    estimate = {"label": row["phrase"], "value": value, "low_95": value - margin, "high_95": value + margin}
    return row | phrase_list | estimate | {"measure": "phrase count"}


def _margin(row: Row) -> Row:
    notes = "; ".join(part for part in (row["notes"], f"{row['of']}: {row['source']} ({row['status']})") if part)
    return row | {"measure": "public share", "value": row["share"], "notes": notes}
