"""A release as one folder that a repository takes: tables, the signed document, and what describes them to machines."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.exports import ddi, sdmx
from analysis.exports.citation import citation_text
from analysis.exports.privacy_statement import statement
from analysis.exports.repository import csvw, datacite, ro_crate
from crypto.errors import RefusedError
from survey.questionnaire.study_metadata import StudyMetadata, missing_for_deposit
from survey.release.json_schema import FILE as SCHEMA_FILE
from survey.release.json_schema import shipped
from survey.release.release import Release
from survey.release.release_rows import csv_files, csv_name

READER = "read_release.R"
WORDS = {
    "release.json": "The signed release: every table with noise, margins, price and how it was made.",
    SCHEMA_FILE: "The JSON Schema of release.json.",
    "statement.json": "The privacy statement: 24 hazards of NIST SP 800-226, answered for this release.",
    "statement.md": "The same, to read.",
    ddi.FILE: "Study, questions and tables by DDI-Codebook 2.6.",
    csvw.FILE: "Columns of the CSV files by CSV on the Web.",
    datacite.FILE: "Metadata by DataCite 4.5, for a DOI.",
    sdmx.FILE: "All estimates as SDMX-CSV 2.0.",
    READER: "Reads the CSV files into R data frames.",
    "release-codebook.csv": "Every level of every question: code, label, kind.",
    "release-facts.csv": "Title, days, method, budget, hashes.",
    "public-margins.csv": "Public figures that tables were weighted to.",
    "README.md": "What this folder holds and how to cite it.",
}


WHAT_TO_KNOW = (
    "## What to know\n\nEvery number has noise on purpose and a 95 % margin beside it; there are no rows of people. "
    "`release.json` is the only signed file: `sotto verify release.json` checks it, and `sotto export` makes "
    "the others again from it. `statement.md` says what is promised to those who answered."
)


class DepositError(RefusedError):
    """A release that no repository would take as it is; the message names what is missing and where to write it."""


# Decision 90.
def deposit_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a deposit, flat, for some repositories know no folders; raise DepositError."""
    about = release.about
    missing = [f"{place} ({what})" for place, what in missing_for_deposit(about)]
    if about is None or missing:
        raise DepositError(
            f"a repository needs what this release does not say: {'; '.join(missing)}. Write it into the "
            "questionnaire's file and `sotto study about FILE -o study/about.json` before the next release"
        )
    files = dict(_content(release, locale))
    files |= {csvw.FILE: _json(csvw.csvw(_tables(files), locale, _codes(release)))}
    files |= {datacite.FILE: _json(datacite.datacite(release, about, locale))}
    descriptions = WORDS | _table_words(release)
    files |= {"README.md": _readme(release, about, locale, files, descriptions).encode()}
    files |= {ro_crate.FILE: _json(ro_crate.ro_crate(release, about, locale, files, descriptions))}
    yield from files.items()


def reader_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the file for R, and the CSV files that it reads."""
    yield from csv_files(release, locale)
    yield READER, (Path(__file__).parent / READER).read_bytes()


def _content(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    yield "release.json", release.to_bytes()
    yield SCHEMA_FILE, shipped().encode()
    document = statement(release)
    yield "statement.json", _json(document.to_json())
    yield "statement.md", document.to_markdown().encode()
    yield from reader_files(release, locale)
    yield from ddi.ddi_files(release, locale)
    yield from sdmx.sdmx_files(release, locale)


def _tables(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.endswith(".csv") and name != sdmx.FILE}


def _codes(release: Release) -> frozenset[str]:
    return frozenset(axis.id for table in release.tables for axis in table.dimensions)


def _table_words(release: Release) -> dict[str, str]:
    words: dict[str, str] = {}
    for table in release.tables:
        name = csv_name(table.id)
        words[name] = f"Estimates of table {table.id}: {table.reason}"
        words[f"{table.id}-cells.csv"] = f"Noisy cells of table {table.id}."
    return words | {csv_name(one.id): f"Open words {one.id}: {one.reason}" for one in release.words or ()}


def _readme(
    release: Release, about: StudyMetadata, locale: str, files: Mapping[str, bytes], descriptions: Mapping[str, str]
) -> str:
    lines = [f"| `{name}` | {descriptions.get(name, '')} |" for name in sorted(files)]
    abstract, by, contact = (about.text(name, locale) for name in ("abstract", "organisation", "contact"))
    parts = [
        f"# {release.title[locale]}: wave {release.wave}",
        abstract or "",
        f"Published by {by}, {release.day}, under {about.licence}. Questions: {contact}",
        "## How to cite\n\n" + citation_text(release, locale),
        WHAT_TO_KNOW,
        "## Files\n\n| file | holds |\n|---|---|\n" + "\n".join(lines),
    ]
    if release.demo:
        parts.insert(1, "**Demonstration: every answer was invented by a computer.**")
    return "\n\n".join(parts) + "\n"


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
