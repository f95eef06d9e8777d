"""A released table as rows: every estimate beside its margin, noise and price, and every noisy cell. Pure."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from survey.plan.plan import rho_text
from survey.questionnaire.questionnaire import OUTSIDE
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.release import Estimate, Mean, Release, Share, Table, Weighted, group_codes
from survey.release.reliability import Z95

__all__ = ["ESTIMATES", "FORMULA", "cell_rows", "cells_csv", "csv_text", "estimate_rows", "estimates_csv"]
__all__ += ["guarded", "label", "row_label", "spoken_locale"]
ESTIMATES = (
    "study", "wave", "table", "dimension", "dimension_label", "row", "row_label", "code", "codes", "label", "group",
    "group_label", "weighted_by", "measure", "value", "margin_95", "low_95", "high_95", "reliable", "total",
    "total_margin_95", "abstained", "kish", "notes", "sigma", "nano_rho", "rho",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
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

    An estimate that abstains is one row that says so. `notes` are codes: `too-few` and `class-lost` (nothing is said),
    `unreliable` (greyed), `bayes` (the interval is Bayesian), `debiased`, `list-experiment`, `weighted`, `trimmed`,
    `classes-joined`.
    """
    for estimate in table.estimates:
        base = _base(release, table, estimate, locale)
        if estimate.abstained:
            yield _noted(base | {"measure": "none"}, table)
        for share in estimate.shares:
            yield _noted(base | _share(release, table, share, locale), table)
        yield from (_noted(base | part, table) for part in _scores(release, table, estimate, locale))
    if table.weighted:
        yield from _weighted_rows(release, table, table.weighted, locale)


def _scores(release: Release, table: Table, estimate: Estimate, locale: str) -> Iterator[Row]:
    for name, mean in (("mean", estimate.mean), ("difference", estimate.difference)):
        if mean:
            yield _number(name, mean)
    if estimate.median:
        median = estimate.median
        name = label(release, table.dimensions[0].id, median.value, locale)
        yield {"measure": "median", "label": name, "value": median.value, "low_95": median.low, "high_95": median.high}
    if estimate.top:
        top = estimate.top
        names = [label(release, table.dimensions[0].id, code, locale) for code in top.codes]
        told = {"codes": " ".join(map(str, top.codes)), "label": "; ".join(names)}
        yield told | _number("top", Mean(value=top.share, margin=top.margin))


def _number(measure: str, mean: Mean) -> Row:
    low, high = mean.value - mean.margin, mean.value + mean.margin
    return {"measure": measure, "value": mean.value, "margin_95": mean.margin, "low_95": low, "high_95": high}


def _noted(row: Row, table: Table, *more: str) -> Row:
    notes = [row["abstained"]] if row.get("abstained") else []
    notes += ["unreliable"] if row.get("reliable") is False else []
    notes += ["bayes"] if row.pop("bayes", False) else []
    notes += [*table.notes, *more]
    notes += ["list-experiment"] if any(axis.list for axis in table.dimensions) else []
    return row | {"notes": "; ".join(notes)}


def _weighted_rows(release: Release, table: Table, weighted: Weighted, locale: str) -> Iterator[Row]:
    notes = ["weighted", weighted.method, *(["trimmed"] if weighted.trimmed else [])]
    joined = any(len(codes) > 1 for classes in weighted.classes for codes in classes)
    notes += ["classes-joined"] if joined else []
    rest = {"weighted_by": ",".join(weighted.by), "abstained": weighted.abstained or "", "kish": weighted.kish}
    base = _named(release, table, locale) | rest
    if weighted.abstained:
        yield _noted(base | {"measure": "none"}, table, *notes)
    for share in weighted.shares:
        told = _share(release, table, share, locale) | {"measure": "weighted share"}
        yield _noted(base | told, table, *notes)
    if weighted.mean:
        yield _noted(base | _number("weighted mean", weighted.mean), table, *notes)


def cell_rows(release: Release, table: Table, locale: str) -> Iterator[Row]:
    """Yield one row a cell: codes and labels of every dimension, noisy and consistent number, margins, sigma, price.

    A grid's row is named beside its code. Margins are of the noise alone. Where answers were randomised on the phone
    the cells hold what was sent (`as-sent`).
    """
    price = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    notes = {"notes": "as-sent" if "debiased" in table.notes else ""}
    numbers = zip(table.counts, table.consistent, table.variances, strict=True)
    for codes, (count, consistent, variance) in zip(places(table), numbers, strict=True):
        found = {
            "noisy_count": count,
            "noisy_margin_95": Z95 * table.sigma,
            "consistent_count": consistent,
            "variance": variance,
            "consistent_margin_95": Z95 * math.sqrt(variance),
        }
        yield {"table": table.id, **_cell_names(release, table, codes, locale), **found, **notes, **price}


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
    """Return a CSV cell that no spreadsheet runs: a text that begins like a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _share(release: Release, table: Table, share: Share, locale: str) -> Row:
    low, high = share.bayes or (share.share - share.margin, share.share + share.margin)
    return {
        "code": share.code,
        "label": label(release, table.dimensions[0].id, share.code, locale),
        "measure": "share",
        "value": share.share,
        "margin_95": share.margin,
        "low_95": low,
        "high_95": high,
        "reliable": share.reliable,
        "bayes": share.bayes is not None,
    }


def _base(release: Release, table: Table, estimate: Estimate, locale: str) -> Row:
    codes = group_codes(estimate)
    axes = table.dimensions[1:]
    names = [label(release, axis.id, code, locale) for axis, code in zip(axes, codes, strict=False)]
    row = {} if estimate.row is None else {"row": estimate.row, "row_label": row_label(release, estimate.row, locale)}
    return (
        _named(release, table, locale)
        | row
        | {
            "group": ",".join(f"{axis.id}={code}" for axis, code in zip(axes, codes, strict=False)),
            "group_label": ", ".join(names),
            "total": estimate.total,
            "total_margin_95": estimate.total_margin,
            "abstained": estimate.abstained or "",
        }
    )


def _named(release: Release, table: Table, locale: str) -> Row:
    """Return what every row of a table has: where it is from and what it cost."""
    return {
        "study": release.study,
        "wave": release.wave,
        "table": table.id,
        "dimension": table.dimensions[0].id,
        "dimension_label": dimension_text(release, table.dimensions[0].id, locale),
        "sigma": table.sigma,
        "nano_rho": table.nano_rho,
        "rho": rho_text(table.nano_rho),
    }


def spoken_locale(release: Release, locale: str) -> str:
    """Return `locale`, or the release's first where it has no labels in it."""
    return locale if locale in release.labels else next(iter(release.labels))


def csv_text(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    """Return rows as CSV (RFC 4180) that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(cell) for name, cell in row.items()})
    return text.getvalue()
