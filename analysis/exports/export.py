"""Writes a release as files for people and programs: every number beside its label, margin, noise and price."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crypto.durable import write_file
from crypto.errors import RefusedError
from survey.plan.plan import rho_text
from survey.release import release_rows
from survey.release.format_rules import FILE, SHEET, VARIABLE, NameRule, variable_name
from survey.release.json_schema import FILE as SCHEMA_FILE
from survey.release.json_schema import shipped
from survey.release.population import population_text
from survey.release.release import Release, Table
from survey.release.release_rows import csv_files
from survey.release.table_rows import cell_rows, csv_text, estimate_rows

# Libraries are imported by who asks for their format alone: pandas and Arrow take a second.
# ruff: noqa: PLC0415 - see above
Files = Iterator[tuple[str, bytes]]
Writer = Callable[[Release, str], Files]
FORMATS = ("csv", "json", "xlsx", "parquet", "stata", "spss", "ddi", "sdmx", "r")
BUNDLES = ("deposit",)
"""Sets of several formats, which `all` leaves out: a deposit needs metadata that not every study has."""
NAMES = ("formats", "kind", "id", "name")


class ExportError(RefusedError):
    """A format or locale that is not there, or a name that a format cannot hold; the message says what to do."""


@dataclass(frozen=True)
class Failure:
    """A format, or one of the files that go with every format (`names`, `statement`), not written, and why."""

    format: str
    reason: str


@dataclass(frozen=True)
class Exported:
    """The files that were written, and the formats that were not."""

    paths: tuple[Path, ...]
    failures: tuple[Failure, ...]


# Decision 89.
def export(
    release: Release, folder: Path, formats: tuple[str, ...], locale: str | None = None, *, bom: bool = False
) -> Exported:
    """Write a release in each of `formats` (FORMATS, BUNDLES), labels in `locale` (by default English or the first).

    The privacy statement goes with every set of files, and release-names.csv where an id has another name in some
    format. `bom`: CSV files begin with a byte order mark, by which Excel knows UTF-8. What fails, a format or one of
    these two, is reported and stops nothing else. Raises ExportError for an unknown format or locale, before anything
    is written.
    """
    names = known_formats(formats)
    words = chosen_locale(release, locale)
    makers = {name: partial(_format_files, name, release, words) for name in names}
    makers |= {"names": partial(names_files, release), "statement": partial(statement_files, release)}
    outcomes = {name: _files_of(name, make) for name, make in makers.items()}
    failures = tuple(outcome for outcome in outcomes.values() if isinstance(outcome, Failure))
    files: dict[str, bytes] = {}
    for outcome in outcomes.values():
        files |= {} if isinstance(outcome, Failure) else outcome
    for file, content in files.items():
        write_file(folder / file, BOM_UTF8 + content if bom and file.endswith(".csv") else content)
    return Exported(tuple(folder / file for file in files), failures)


def _format_files(name: str, release: Release, locale: str) -> Files:
    return _writer(name)(release, locale)


def _files_of(name: str, make: Callable[[], Files]) -> dict[str, bytes] | Failure:
    """Return the files that `make` yields by their names, or why there are none."""
    try:
        return dict(make())
    except RefusedError as error:
        return Failure(name, str(error))
    except Exception as error:  # noqa: BLE001 - a library's limit of one format must not cost the others
        return Failure(name, f"{type(error).__name__}: {error}")


def known_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats once each; raise ExportError that names those there are."""
    names = tuple(dict.fromkeys(name.strip() for name in formats))
    there = (*FORMATS, *BUNDLES)
    unknown = [name for name in names if name not in there]
    if unknown or not names:
        what = f"there is no format {', '.join(map(repr, unknown))}" if unknown else "no format was given"
        raise ExportError(f"{what}: choose among {', '.join(there)}")
    return names


def chosen_locale(release: Release, locale: str | None) -> str:
    """Return `locale`, or the first; raise ExportError naming those there are."""
    if locale is not None and locale not in release.labels:
        raise ExportError(f"the release has no labels in {locale}: it has {', '.join(release.labels)}")
    return locale or ("en" if "en" in release.labels else next(iter(release.labels)))


def json_files(release: Release, locale: str) -> Files:
    """Yield the same rows as JSON, the signed release itself, and the JSON Schema that it keeps to."""
    head = _head(release)
    for table in release.tables:
        rows = {
            "estimates": list(estimate_rows(release, table, locale)),
            "cells": list(cell_rows(release, table, locale)),
        }
        yield f"{FILE.name(table.id)}.json", _text(head | _priced(release, table, locale) | rows)
    for words in release.words or ():
        content = {"list": words.id, "phrases": list(release_rows.words_rows(release, words, locale))}
        yield f"{FILE.name(words.id)}.json", _text(head | content)
    if release.margins:
        yield "public-margins.json", _text(head | {"margins": list(release_rows.margin_rows(release, locale))})
    yield "release-codebook.json", _text(head | {"codebook": list(release_rows.codebook_rows(release, locale))})
    yield "release.json", release.to_bytes()
    yield SCHEMA_FILE, shipped().encode()


def names_files(release: Release) -> Files:
    """Yield release-names.csv, the ids that have another name in some format; nothing where there is none."""
    tables = [table.id for table in release.tables] + [words.id for words in release.words or ()]
    variables = list(dict.fromkeys(axis.id for table in release.tables for axis in table.dimensions))
    rows = [
        row for rule, ids in ((FILE, tables), (SHEET, tables), (VARIABLE, variables)) for row in _renamed(rule, ids)
    ]
    if rows:
        yield "release-names.csv", csv_text(NAMES, rows).encode()


def _renamed(rule: NameRule, ids: Iterable[str]) -> Iterator[dict[str, str]]:
    for name in ids:
        written = variable_name(name) if rule is VARIABLE else rule.name(name)
        if written != name:
            yield {"formats": rule.formats, "kind": rule.kind, "id": name, "name": written}


def statement_files(release: Release) -> Files:
    """Yield the privacy statement (24 hazards of NIST SP 800-226) as data and as a page."""
    from analysis.exports.privacy_statement import statement

    document = statement(release)
    yield "statement.json", _text(document.to_json())
    yield "statement.md", document.to_markdown().encode()


def _writer(name: str) -> Writer:
    """Return what writes a format."""
    if name in {"xlsx", "parquet", "stata", "spss"}:
        return _library_writer(name)
    if name in {"ddi", "sdmx", "r", "deposit"}:
        return _metadata_writer(name)
    return csv_files if name == "csv" else json_files


def _library_writer(name: str) -> Writer:
    if name == "xlsx":
        from survey.workbook.xlsx import xlsx_files

        return xlsx_files
    if name == "parquet":
        from analysis.exports.parquet import parquet_files

        return parquet_files
    from analysis.exports.stata_spss import spss_files, stata_files

    return stata_files if name == "stata" else spss_files


def _metadata_writer(name: str) -> Writer:
    from analysis.exports.ddi import ddi_files
    from analysis.exports.repository.deposit import deposit_files, reader_files
    from analysis.exports.sdmx import sdmx_files

    return {"ddi": ddi_files, "sdmx": sdmx_files, "r": reader_files, "deposit": deposit_files}[name]


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _head(release: Release) -> dict[str, Any]:
    return {
        "document": {"$schema": SCHEMA_FILE, "format": release.format, "file": "release.json", "hash": release.digest},
        "study": release.study,
        "wave": release.wave,
        "unit": release.unit,
        "demo": release.demo,
        "notes": list(release.notes),
        "plan": release.plan,
        "budget": release.budget.to_json(),
    }


def _priced(release: Release, table: Table, locale: str) -> dict[str, Any]:
    rho = {"sigma": table.sigma, "nano_rho": table.nano_rho, "rho": rho_text(table.nano_rho)}
    return {
        "table": table.id,
        "population": population_text(release, table, locale),
        "reason": table.reason,
        "hypotheses": list(table.hypotheses),
        **rho,
    }
