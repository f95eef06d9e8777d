"""Writes a release as files for people and programs: every number beside its label, margin, noise and price."""

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.study_folder import write_file
from survey.results import Release, Table
from survey.sheets import cell_rows, cells_csv, estimate_rows, estimates_csv

if TYPE_CHECKING:
    from collections.abc import Callable


class ExportError(ValueError):
    """A format or locale that is not there; the message names those that are."""


def export(release: Release, folder: Path, formats: tuple[str, ...], locale: str | None = None) -> list[Path]:
    """Write each table in each of `formats` ("csv", "json"), labels in `locale` (by default the first)."""
    writers: dict[str, Callable[[Release, Table, str], dict[str, str]]] = {"csv": csv_files, "json": json_files}
    unknown = [name for name in formats if name not in writers]
    if unknown:
        raise ExportError(f"no format {', '.join(unknown)}: there are {', '.join(writers)}")
    words = chosen_locale(release, locale)
    paths = []
    for table, name in product(release.tables, formats):
        for file, text in writers[name](release, table, words).items():
            write_file(folder / file, text.encode())
            paths.append(folder / file)
    return paths


def chosen_locale(release: Release, locale: str | None) -> str:
    """Return `locale`, or the first; raise ExportError naming those there are."""
    if locale is not None and locale not in release.labels:
        raise ExportError(f"the release has no labels in {locale}: it has {', '.join(release.labels)}")
    return locale or ("en" if "en" in release.labels else next(iter(release.labels)))


def csv_files(release: Release, table: Table, locale: str) -> dict[str, str]:
    """Return two CSV texts by file name: the estimates, and the noisy integers of all cells."""
    return {
        f"{table.id}.csv": estimates_csv(release, table, locale),
        f"{table.id}-cells.csv": cells_csv(release, table, locale),
    }


def json_files(release: Release, table: Table, locale: str) -> dict[str, str]:
    """Return one JSON text by file name, with the same rows as the CSV files."""
    rows = {"estimates": list(estimate_rows(release, table, locale)), "cells": list(cell_rows(release, table, locale))}
    return {f"{table.id}.json": json.dumps(_head(release, table) | rows, ensure_ascii=False, indent=1) + "\n"}


def _head(release: Release, table: Table) -> dict[str, Any]:
    return {
        "study": release.study,
        "wave": release.wave,
        "unit": release.unit,
        "demo": release.demo,
        "notes": list(release.notes),
        "table": table.id,
        "sigma": table.sigma,
        "nano_rho": table.nano_rho,
        "plan": release.plan,
        "budget": release.budget.to_json(),
    }
