"""A released table as rows: every estimate beside its margin, noise and price, and every noisy cell. Pure."""

import csv
import io
from collections.abc import Iterator
from itertools import product
from typing import Any

from survey.plan import rho_text
from survey.questionnaire import OUTSIDE
from survey.results import Estimate, Release, Share, Table, Weighted, group_codes

ESTIMATES = (
    "study", "wave", "table", "dimension", "row", "row_label", "code", "label", "group", "group_label", "measure",
    "value", "margin_95", "low_95", "high_95", "reliable", "total", "total_margin_95", "abstained", "sigma",
    "nano_rho", "rho",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""A cell that begins with one of these is run as a formula by spreadsheet programs (OWASP, CSV injection)."""


def estimates_csv(release: Release, table: Table, locale: str) -> str:
    """Return the shares and means of a table as CSV (RFC 4180); labels in `locale`, or in the release's first."""
    return _csv(ESTIMATES, estimate_rows(release, table, _known(release, locale)))


def cells_csv(release: Release, table: Table, locale: str) -> str:
    """Return the noisy integers of all cells of a table as CSV (RFC 4180)."""
    return _csv(None, cell_rows(release, table, _known(release, locale)))


def estimate_rows(release: Release, table: Table, locale: str) -> Iterator[dict[str, Any]]:
    """Yield one row a number: shares, mean, median, top box, difference of a list experiment, then weighted ones.

    An estimate that abstains is one row that says so.
    """
    for estimate in table.estimates:
        base = _base(release, table, estimate, locale)
        if estimate.abstained:
            yield base | {"measure": "none"}
        for share in estimate.shares:
            yield base | _share(release, table, share, locale)
        yield from (base | part for part in _scores(estimate))
    if table.weighted:
        yield from _weighted_rows(release, table, table.weighted, locale)


def _scores(estimate: Estimate) -> Iterator[dict[str, Any]]:
    for name, mean in (("mean", estimate.mean), ("difference", estimate.difference)):
        if mean:
            yield {"measure": name, "value": mean.value, "margin_95": mean.margin}
    if estimate.median:
        median = estimate.median
        yield {"measure": "median", "value": median.value, "low_95": median.low, "high_95": median.high}
    if estimate.top:
        codes = " ".join(map(str, estimate.top.codes))
        yield {"measure": "top", "code": codes, "value": estimate.top.share, "margin_95": estimate.top.margin}


def _weighted_rows(release: Release, table: Table, weighted: Weighted, locale: str) -> Iterator[dict[str, Any]]:
    rest = {"group": "weighted by " + ",".join(weighted.by), "abstained": weighted.abstained or ""}
    base = _named(release, table) | rest
    if weighted.abstained:
        yield base | {"measure": "none"}
    for share in weighted.shares:
        yield base | _share(release, table, share, locale) | {"measure": "weighted share"}
    if weighted.mean:
        yield base | {"measure": "weighted mean", "value": weighted.mean.value, "margin_95": weighted.mean.margin}


def cell_rows(release: Release, table: Table, locale: str) -> Iterator[dict[str, Any]]:
    """Yield one row a cell: codes and labels of every dimension, noisy integer, consistent value, sigma and price.

    A grid's row is named beside its code.
    """
    places = [[(row, code) for row in axis.rows or (None,) for code in axis.codes] for axis in table.dimensions]
    cells: list[tuple[tuple[str | None, int], ...]] = list(product(*places))
    if table.population is not None:
        cells.append(tuple((axis.rows[0] if axis.rows else None, OUTSIDE) for axis in table.dimensions))
    price = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    numbers = zip(table.counts, table.consistent, table.variances, strict=True)
    for codes, (count, consistent, variance) in zip(cells, numbers, strict=True):
        found = {"noisy_count": count, "consistent_count": consistent, "variance": variance}
        yield {"table": table.id, **_cell_names(release, table, codes, locale), **found, **price}


def _cell_names(
    release: Release, table: Table, codes: tuple[tuple[str | None, int], ...], locale: str
) -> dict[str, Any]:
    named = list(zip(table.dimensions, codes, strict=True))
    rows = {f"{axis.id}_row": row for axis, (row, _) in named if row is not None}
    names = {axis.id: code for axis, (_, code) in named}
    return rows | names | {f"{name}_label": label(release, name, code, locale) for name, code in names.items()}


def label(release: Release, dimension: str, code: int, locale: str) -> str:
    """Return what a level is called; reserved codes without a text are called by what they are."""
    fixed = {97: "not asked", 254: "outside the population", 255: "unreadable"}
    return release.labels[locale][dimension].levels.get(str(code), fixed.get(code, str(code)))


def guarded(cell: object) -> object:
    """Return a CSV cell that no spreadsheet runs: a text that begins like a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _share(release: Release, table: Table, share: Share, locale: str) -> dict[str, Any]:
    return {
        "code": share.code,
        "label": label(release, table.dimensions[0].id, share.code, locale),
        "measure": "share",
        "value": share.share,
        "margin_95": share.margin,
        "reliable": share.reliable,
        **({} if share.bayes is None else {"low_95": share.bayes[0], "high_95": share.bayes[1]}),
    }


def _base(release: Release, table: Table, estimate: Estimate, locale: str) -> dict[str, Any]:
    codes = group_codes(estimate)
    axes = table.dimensions[1:]
    names = [label(release, axis.id, code, locale) for axis, code in zip(axes, codes, strict=False)]
    row = {} if estimate.row is None else {"row": estimate.row, "row_label": row_label(release, estimate.row, locale)}
    return (
        _named(release, table)
        | row
        | {
            "group": ",".join(f"{axis.id}={code}" for axis, code in zip(axes, codes, strict=False)),
            "group_label": ", ".join(names),
            "total": estimate.total,
            "total_margin_95": estimate.total_margin,
            "abstained": estimate.abstained or "",
        }
    )


def row_label(release: Release, row: str, locale: str) -> str:
    """Return what a grid's row is called; its id where the release does not say."""
    known = release.labels[locale].get(row)
    return row if known is None else known.text


def _named(release: Release, table: Table) -> dict[str, Any]:
    """Return what every row of a table has: where it is from and what it cost."""
    return {
        "study": release.study,
        "wave": release.wave,
        "table": table.id,
        "dimension": table.dimensions[0].id,
        "sigma": table.sigma,
        "nano_rho": table.nano_rho,
        "rho": rho_text(table.nano_rho),
    }


def _known(release: Release, locale: str) -> str:
    return locale if locale in release.labels else next(iter(release.labels))


def _csv(columns: tuple[str, ...] | None, rows: Iterator[dict[str, Any]]) -> str:
    every = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(every[0]), lineterminator="\r\n")
    writer.writeheader()
    for row in every:
        writer.writerow({name: guarded(cell) for name, cell in row.items()})
    return text.getvalue()
