"""A released table as rows: every estimate beside its margin, noise and price, and every noisy cell. Pure."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from survey.plan.plan import rho_text
from survey.questionnaire.bases import OF_SCORES, Base
from survey.questionnaire.codes import OUTSIDE
from survey.release.estimate import Weighted
from survey.release.format_rules import CSV
from survey.release.level_labels import label, spoken_locale
from survey.release.note_codes import (
    AS_SENT,
    BAYES,
    CLASSES_JOINED,
    DEBIASED,
    LIST_EXPERIMENT,
    NOT_THE_POPULATION,
    TOO_FEW,
    TOO_UNCERTAIN,
    TRIMMED,
    UNRELIABLE,
    WEIGHTED,
)
from survey.release.population import population_text
from survey.release.reader import Amount, Cell, GroupCells, ReleaseReader
from survey.release.release import Release, Table
from survey.release.reliability import Z95

ESTIMATES = (
    "study", "wave", "table", "population", "dimension", "dimension_label", "row", "row_label", "code", "codes",
    "label", "group", "group_label", "weighted_by", "measure", "base", "value", "margin_95", "low_95", "high_95",
    "reliable", "total", "total_margin_95", "left_out", "abstained", "kish", "notes", "sigma", "nano_rho", "rho",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins with one of these is run as a formula by spreadsheet programs (OWASP, CSV injection)."""
Row = dict[str, Any]


def estimates_csv(release: Release, table: Table, locale: str) -> str:
    """Return the shares and means of a table as CSV (RFC 4180); labels in `locale`, or in the release's first."""
    return csv_text(ESTIMATES, estimate_rows(release, table, spoken_locale(release, locale)))


def cells_csv(release: Release, table: Table, locale: str) -> str:
    """Return the noisy integers of all cells of a table as CSV (RFC 4180)."""
    rows = list(cell_rows(release, table, spoken_locale(release, locale)))
    return csv_text(tuple(rows[0]), rows)


def estimate_rows(release: Release, table: Table, locale: str) -> Iterator[Row]:
    """Yield one row a number: shares, mean, median, top box, difference of a list experiment, then weighted ones.

    `population` says of whom the table is, "" of everyone; `base` what the number is of, `total` about how many people
    that is, and `left_out` how many more were asked.
    An estimate that abstains is one row that says so, and so is the mean of a score that too few have. `notes` are
    codes: `too-few`, `class-lost`, `margins-unmet` (nothing is said), `unreliable` (greyed), `too-uncertain` (people
    are shown words), `bayes` (the interval is Bayesian), `debiased`, `list-experiment`, `weighted`, `trimmed`,
    `classes-joined`, `not-the-population` (joined classes or cut weights are not in the margin).
    """
    reader = ReleaseReader.read(release, locale)
    for group in reader.groups(table):
        base = _base(reader, table, group)
        if group.silence:
            yield _noted(base | {"measure": "none"} | _based(group, group.base), table)
        for cell in group.cells:
            yield _noted(base | _share(cell, "share") | _based(group, cell.base), table)
        scored = _based(group, OF_SCORES)
        yield from (_noted(base | part | scored, table) for part in _scores(reader, table, group))
    if table.weighted:
        yield from _weighted_rows(reader, table, table.weighted)


def _scores(reader: ReleaseReader, table: Table, group: GroupCells) -> Iterator[Row]:
    first = table.dimensions[0].id
    if group.mean_lost:
        yield {"measure": "mean", "abstained": TOO_FEW}
    for name, amount in (("mean", group.mean), ("difference", group.difference)):
        if amount:
            yield _number(name, amount)
    if group.median:
        median = group.median
        name = reader.level(first, median.value)
        yield {"measure": "median", "label": name, "value": median.value, "low_95": median.low, "high_95": median.high}
    if group.top:
        names = [reader.level(first, code) for code in group.top_codes]
        levels = {"codes": " ".join(map(str, group.top_codes)), "label": "; ".join(names)}
        yield levels | _number("top", group.top)


def _number(measure: str, amount: Amount) -> Row:
    ends = {"low_95": amount.low, "high_95": amount.high}
    return {"measure": measure, "value": amount.value, "margin_95": amount.margin, "vague": amount.vague, **ends}


def _noted(row: Row, table: Table, *more: str) -> Row:
    notes = [row["abstained"]] if row.get("abstained") else []
    notes += [UNRELIABLE] if row.get("reliable") is False else []
    notes += [TOO_UNCERTAIN] if row.pop("vague", False) else []
    notes += [BAYES] if row.pop("bayes", False) else []
    notes += [*table.notes, *more]
    notes += [LIST_EXPERIMENT] if any(axis.list for axis in table.dimensions) else []
    return row | {"notes": "; ".join(notes)}


def _weighted_rows(reader: ReleaseReader, table: Table, weighted: Weighted) -> Iterator[Row]:
    notes = [WEIGHTED, weighted.method, *([TRIMMED] if weighted.trimmed else [])]
    notes += [CLASSES_JOINED] if weighted.joined else []
    notes += [NOT_THE_POPULATION] if weighted.abstained is None and not weighted.covers_population else []
    group = reader.weighted(table, weighted)
    rest = {"weighted_by": ",".join(weighted.by), "abstained": group.silence or "", "kish": weighted.kish}
    base = _named(reader, table) | rest
    if group.silence:
        yield _noted(base | {"measure": "none"} | _based(group, group.base), table, *notes)
    for cell in group.cells:
        yield _noted(base | _share(cell, "weighted share") | _based(group, cell.base), table, *notes)
    if group.mean_lost:
        few = {"measure": "weighted mean", "abstained": TOO_FEW}
        yield _noted(base | few | _based(group, OF_SCORES), table, *notes)
    if group.mean:
        yield _noted(base | _number("weighted mean", group.mean) | _based(group, OF_SCORES), table, *notes)


def _based(group: GroupCells, base: Base) -> Row:
    """Return what a number is of, about how many people that is, and how many it leaves out of those asked."""
    size, asked = group.size(base), group.size("asked")
    if size is None or asked is None:
        return {"base": base}
    left_out = max(asked.value - size.value, 0.0)
    return {"base": base, "total": size.value, "total_margin_95": size.margin, "left_out": left_out}


def cell_rows(release: Release, table: Table, locale: str) -> Iterator[Row]:
    """Yield one row a cell: codes and labels of every dimension, noisy and consistent number, margins, sigma, price.

    `population` says of whom the table is, "" of everyone. A grid's row is named beside its code. Margins are of
    the noise alone. Where answers were randomised on the phone the cells hold what was sent (`as-sent`).
    """
    price = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    notes = {"notes": AS_SENT if DEBIASED in table.notes else ""}
    base = {"table": table.id, "population": population_text(release, table, locale)}
    numbers = zip(table.counts, table.consistent, table.variances, strict=True)
    for codes, (count, consistent, variance) in zip(places(table), numbers, strict=True):
        figures = {
            "noisy_count": count,
            "noisy_margin_95": Z95 * table.sigma,
            "consistent_count": consistent,
            "variance": variance,
            "consistent_margin_95": Z95 * math.sqrt(variance),
        }
        yield base | {**_cell_names(release, table, codes, locale), **figures, **notes, **price}


def places(table: Table) -> list[tuple[tuple[str | None, int], ...]]:
    """Return where each cell stands, in the order of `counts`: (row of a grid or None, code) by dimension."""
    each = [[(row, code) for row in axis.rows or (None,) for code in axis.codes] for axis in table.dimensions]
    cells: list[tuple[tuple[str | None, int], ...]] = list(product(*each))
    if table.population is not None:
        cells.append(tuple((axis.rows[0] if axis.rows else None, OUTSIDE) for axis in table.dimensions))
    return cells


def _cell_names(release: Release, table: Table, codes: tuple[tuple[str | None, int], ...], locale: str) -> Row:
    named = list(zip(table.dimensions, codes, strict=True))
    rows = {f"{axis.id}_row": row for axis, (row, _) in named if row is not None}
    names = {axis.id: code for axis, (_, code) in named}
    return rows | names | {f"{name}_label": label(release, name, code, locale) for name, code in names.items()}


def guarded(cell: object) -> object:
    """Return a CSV cell that every reader takes and no spreadsheet runs.

    Controls become U+FFFD; a text that begins like a formula gets an apostrophe before it.
    """
    if not isinstance(cell, str):
        return cell
    text = CSV.text(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _share(cell: Cell, measure: str) -> Row:
    quality = {"reliable": cell.share.reliable, "bayes": cell.share.bayes, "vague": cell.share.vague}
    return {"code": cell.code, "label": cell.label, **_number(measure, cell.share), **quality}


def _base(reader: ReleaseReader, table: Table, group: GroupCells) -> Row:
    pairs = zip(table.dimensions[1:], group.codes, strict=False)
    return {
        **_named(reader, table),
        **({"row": group.row, "row_label": group.row_name} if group.row else {}),
        "group": ",".join(f"{axis.id}={code}" for axis, code in pairs),
        "group_label": ", ".join(group.names),
        "abstained": group.silence or "",
    }


def _named(reader: ReleaseReader, table: Table) -> Row:
    """Return what every row of a table has: where it is from and what it cost."""
    return {
        "study": reader.release.study,
        "wave": reader.release.wave,
        "table": table.id,
        "population": reader.population(table),
        "dimension": table.dimensions[0].id,
        "dimension_label": reader.question(table.dimensions[0].id),
        "sigma": table.sigma,
        "nano_rho": table.nano_rho,
        "rho": rho_text(table.nano_rho),
    }


def csv_text(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    """Return rows as CSV (RFC 4180) that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(cell) for name, cell in row.items()})
    return text.getvalue()
