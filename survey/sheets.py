"""A released table as rows: every estimate beside its margin, noise and price, and every noisy cell. Pure."""

import csv
import io
from collections.abc import Iterator
from itertools import product
from typing import Any

from survey.plan import rho_text
from survey.questionnaire import OUTSIDE
from survey.results import Estimate, Release, Share, Table, group_codes

ESTIMATES = (
    "study", "wave", "table", "dimension", "code", "label", "group", "group_label", "measure", "value", "margin_95",
    "reliable", "total", "total_margin_95", "abstained", "sigma", "nano_rho", "rho",
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
    """Yield one row a share or mean; an estimate that abstains is one row that says so."""
    for estimate in table.estimates:
        base = _base(release, table, estimate, locale)
        if estimate.abstained:
            yield base | {"measure": "none"}
        for share in estimate.shares:
            yield base | _share(release, table, share, locale)
        if estimate.mean:
            yield base | {"measure": "mean", "value": estimate.mean.value, "margin_95": estimate.mean.margin}


def cell_rows(release: Release, table: Table, locale: str) -> Iterator[dict[str, Any]]:
    """Yield one row a cell: codes and labels of every dimension, the noisy integer, sigma and price."""
    cells: list[tuple[int, ...]] = list(product(*(axis.codes for axis in table.dimensions)))
    if table.population is not None:
        cells.append((OUTSIDE,) * len(table.dimensions))
    price = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    for codes, count in zip(cells, table.counts, strict=True):
        names = {axis.id: code for axis, code in zip(table.dimensions, codes, strict=True)}
        labels = {f"{name}_label": label(release, name, code, locale) for name, code in names.items()}
        yield {"table": table.id, **names, **labels, "noisy_count": count, **price}


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
    }


def _base(release: Release, table: Table, estimate: Estimate, locale: str) -> dict[str, Any]:
    codes = group_codes(estimate)
    axes = table.dimensions[1:]
    names = [label(release, axis.id, code, locale) for axis, code in zip(axes, codes, strict=False)]
    return {
        "study": release.study,
        "wave": release.wave,
        "table": table.id,
        "dimension": table.dimensions[0].id,
        "group": ",".join(f"{axis.id}={code}" for axis, code in zip(axes, codes, strict=False)),
        "group_label": ", ".join(names),
        "total": estimate.total,
        "total_margin_95": estimate.total_margin,
        "abstained": estimate.abstained or "",
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
