"""The estimates of a release as SDMX-CSV 2.0, one observation a row, for statistical offices and their tools.

Source: SDMX Technical Working Group, SDMX-CSV 2.0 (2021): a column of the structure's kind, one of its identifier, one
of the action, then dimensions, the observed value and attributes.
"""

from collections.abc import Iterator
from typing import Any

from survey.release.note_codes import TOO_UNCERTAIN, UNRELIABLE
from survey.release.release import Release
from survey.release.table_rows import csv_text, estimate_rows

FILE = "release-sdmx.csv"
NONE = "_Z"
"""SDMX's code for "not applicable"."""
TOTAL = "_T"
DIMENSIONS = ("DATASET", "ITEM", "MEASURE", "BASE", "ROW", "CODE", "GROUP", "WEIGHTED_BY", "TIME_PERIOD")
ATTRIBUTES = (
    "MARGIN_95", "LOW_95", "HIGH_95", "OBS_STATUS", "TOTAL", "TOTAL_MARGIN_95", "LEFT_OUT", "SIGMA", "RHO", "NOTES",
    "POPULATION", "ITEM_LABEL", "ROW_LABEL", "CODE_LABEL", "GROUP_LABEL",
)  # fmt: skip
COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES)


def sdmx_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one file of all estimates; a group that is too small is an observation without a value."""
    rows = (_observation(release, row) for table in release.tables for row in estimate_rows(release, table, locale))
    yield FILE, csv_text(COLUMNS, rows).encode()


def _observation(release: Release, row: dict[str, Any]) -> dict[str, Any]:
    code = row.get("code")
    codes = row.get("codes") or ""
    return {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": f"SOTTO:{release.study.upper().replace('-', '_')}(1.{release.wave}.0)",
        "ACTION": "R",
        "DATASET": row["table"],
        "ITEM": row["dimension"].replace("@", "AT_"),
        "MEASURE": row["measure"].upper().replace(" ", "_"),
        "BASE": (row.get("base") or NONE).upper(),
        "ROW": row.get("row") or NONE,
        "CODE": codes.replace(" ", "_") or (NONE if code is None else code),
        "GROUP": (row.get("group") or TOTAL).replace("@", "AT_"),
        "WEIGHTED_BY": row.get("weighted_by") or NONE,
        # The day on which the wave closed and nothing else: a release that does not know it has no period.
        "TIME_PERIOD": release.fieldwork.closed if release.fieldwork else None,
        "OBS_VALUE": row.get("value"),
        **_attributes(row),
    }


def _attributes(row: dict[str, Any]) -> dict[str, Any]:
    """Return margins, quality and labels."""
    same = {"MARGIN_95": "margin_95", "LOW_95": "low_95", "HIGH_95": "high_95", "TOTAL": "total"}
    same |= {
        "TOTAL_MARGIN_95": "total_margin_95",
        "LEFT_OUT": "left_out",
        "SIGMA": "sigma",
        "RHO": "rho",
        "NOTES": "notes",
        "POPULATION": "population",
    }
    same |= {"ITEM_LABEL": "dimension_label", "ROW_LABEL": "row_label", "CODE_LABEL": "label"}
    same |= {"GROUP_LABEL": "group_label"}
    return {name: row.get(own) for name, own in same.items()} | {"OBS_STATUS": _status(row)}


def _status(row: dict[str, Any]) -> str:
    """Return SDMX's code of an observation's status: A normal, U of low reliability, Q suppressed for its size."""
    if row.get("value") is None:
        return "Q"
    return "U" if {UNRELIABLE, TOO_UNCERTAIN} & set(row["notes"].split("; ")) else "A"
