"""Every number of the files that `sotto export` writes, as claims: the tables' CSV, and the long list of rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from survey.release.release import Release
from survey.release.release_rows import csv_files
from survey.workbook.long_rows import long_rows
from truth.claims import Claim
from truth.plain_truth import Group

Row = Mapping[str, object]
AMOUNTS = ("share", "mean", "median", "top", "difference", "weighted share", "weighted mean")
UNREADABLE = 255


def claims_in_tables(release: Release) -> Iterator[Claim]:
    """Yield every estimate in the CSV files of tables."""
    files = dict(csv_files(release, "en"))
    for table in release.tables:
        text = files[f"{table.id}.csv"].decode("utf-8-sig")
        yield from claims_in_rows("table CSV", csv.DictReader(io.StringIO(text)))


def claims_in_long_rows(release: Release) -> Iterator[Claim]:
    """Yield every estimate and every cell of the long list that Parquet, Stata and SPSS files hold."""
    yield from claims_in_rows("long rows", long_rows(release, "en"))


def claims_in_rows(source: str, rows: Iterable[Row]) -> Iterator[Claim]:
    """Yield the numbers of rows: the amount, about how many people it is of, how many it leaves out, and cells."""
    for row in rows:
        if row.get("kind") in ("words", "public margin"):
            continue
        if row["measure"] in ("noisy count", "consistent count"):
            yield from _cell(source, row)
            continue
        yield from _sizes(source, row)
        silent = row["measure"] == "none" or (row["value"] in ("", None) and row["abstained"] == "too-few")
        if row["measure"] in AMOUNTS and not silent:
            ends = (float(str(row[name])) for name in ("value", "low_95", "high_95"))
            yield Claim(*_place(source, row), str(row["measure"]), *_whom(row), _codes(row), str(row["base"]), *ends)
        elif not silent:
            raise AssertionError(f"a measure that nobody judges: {row['measure']}")


def _sizes(source: str, row: Row) -> Iterator[Claim]:
    if row["total"] in ("", None):
        return
    total, margin = float(str(row["total"])), float(str(row["total_margin_95"]))
    whom = (*_whom(row), (), str(row["base"]))
    yield Claim(*_place(source, row), "size", *whom, total, total - margin, total + margin)


def _cell(source: str, row: Row) -> Iterator[Claim]:
    """Yield a cell of people whose answers were sent as they are."""
    if row["code"] == UNREADABLE or str(UNREADABLE) in str(row["group"]) or row["notes"] == "as-sent":
        return
    ends = (float(str(row[name])) for name in ("value", "low_95", "high_95"))
    group, name = _whom(row)
    yield Claim(source, str(row["table"]), "cell", group, name, (int(str(row["code"])),), "asked", *ends)


def _place(source: str, row: Row) -> tuple[str, str]:
    return source, str(row["table"])


def _whom(row: Row) -> tuple[Group, str]:
    # CSV files put an apostrophe before what a spreadsheet would run as a formula, such as @stratum.
    parts = [part.split("=") for part in str(row["group"] or "").removeprefix("'").split(",") if part]
    return tuple((name, int(code)) for name, code in parts), str(row["row"] or row["dimension"])


def _codes(row: Row) -> tuple[int, ...]:
    if row["codes"]:
        return tuple(int(code) for code in str(row["codes"]).split())
    return (int(str(row["code"])),) if row["code"] not in ("", None) else ()
