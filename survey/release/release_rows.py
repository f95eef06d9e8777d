"""What a release holds besides its tables, as rows, and all of it as CSV files. Pure."""

from collections.abc import Iterator
from typing import Any

from survey.plan.margins import PARTS_PER_WHOLE
from survey.plan.plan import rho_text
from survey.release.budget import DELTAS, Budget
from survey.release.epsilon_text import BY
from survey.release.format_rules import FILE
from survey.release.level_labels import dimension_text, label, row_label, spoken_locale
from survey.release.note_codes import CUT_OFF_AT_THRESHOLD, NONE_OVER_THRESHOLD, NOT_COUNTED
from survey.release.phrase_lists import Words
from survey.release.release import Mechanism, Release
from survey.release.table_rows import cells_csv, csv_text, estimates_csv

WORDS = (
    "study", "wave", "list", "item", "item_label", "rank", "phrase", "count", "margin_95", "threshold", "most",
    "notes", "sigma", "nano_rho", "rho", "atto_delta",
)  # fmt: skip
MARGINS = ("study", "wave", "dimension", "dimension_label", "code", "label", "share", "of", "source", "status", "notes")
CODEBOOK = (
    "dimension", "dimension_label", "row", "row_label", "code", "label", "substantive", "base", "several", "score",
    "list", "kept_of_2_32", "tables",
)  # fmt: skip
FACTS = ("fact", "value")
METHOD = (
    "Zero-concentrated differential privacy (Bun and Steinke 2016), change-one neighbours: discrete Gaussian noise on "
    "every cell, one lifetime budget of the study, no microdata: single answers are neither shown nor released."
)
Row = dict[str, Any]


def words_csv(release: Release, words: Words, locale: str) -> str:
    """Return a list of open words as CSV (RFC 4180)."""
    return csv_text(WORDS, words_rows(release, words, spoken_locale(release, locale)))


def margins_csv(release: Release, locale: str) -> str:
    """Return the public margins that tables were weighted to as CSV (RFC 4180)."""
    return csv_text(MARGINS, margin_rows(release, spoken_locale(release, locale)))


def codebook_csv(release: Release, locale: str) -> str:
    """Return every level of every dimension as CSV (RFC 4180)."""
    return csv_text(CODEBOOK, codebook_rows(release, spoken_locale(release, locale)))


def facts_csv(release: Release, locale: str) -> str:
    """Return what the release is, paid and promises as CSV (RFC 4180)."""
    return csv_text(FACTS, fact_rows(release, spoken_locale(release, locale)))


def csv_name(table: str) -> str:
    """Return the file of a table's estimates or of a list of words."""
    return f"{FILE.name(table)}.csv"


def csv_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield CSV files: of each table its estimates and its cells; lists of words, margins, codebook and facts."""
    for table in release.tables:
        yield csv_name(table.id), estimates_csv(release, table, locale).encode()
        yield f"{table.id}-cells.csv", cells_csv(release, table, locale).encode()
    for words in release.words or ():
        yield csv_name(words.id), words_csv(release, words, locale).encode()
    if release.margins:
        yield "public-margins.csv", margins_csv(release, locale).encode()
    yield "release-codebook.csv", codebook_csv(release, locale).encode()
    yield "release-facts.csv", facts_csv(release, locale).encode()


def words_rows(release: Release, words: Words, locale: str) -> Iterator[Row]:
    """Yield one row a phrase, the most frequent first; a list that is empty is one row that says so."""
    base = {
        "study": release.study,
        "wave": release.wave,
        "list": words.id,
        "item": words.item,
        "item_label": dimension_text(release, words.item, locale),
        "margin_95": words.margin,
        "threshold": words.threshold,
        "most": words.most,
        "sigma": words.sigma,
        "nano_rho": words.nano_rho,
        "rho": rho_text(words.nano_rho),
        "atto_delta": words.atto_delta,
    }
    if not words.phrases:
        yield base | {"margin_95": None, "notes": NONE_OVER_THRESHOLD}
    for rank, one in enumerate(words.phrases, 1):
        yield base | {"rank": rank, "phrase": one.phrase, "count": one.count, "notes": CUT_OFF_AT_THRESHOLD}


def margin_rows(release: Release, locale: str) -> Iterator[Row]:
    """Yield one row a level of each public margin; levels that the source does not count have no share."""
    for margin in release.margins or ():
        source = {"of": margin.of, "source": margin.source, "status": margin.status}
        base = {
            "study": release.study,
            "wave": release.wave,
            "dimension": margin.dimension,
            "dimension_label": dimension_text(release, margin.dimension, locale),
        }
        for code in (*margin.codes, *margin.without):
            parts = margin.shares.get(str(code))
            level = {"code": code, "label": _known_label(release, margin.dimension, code, locale)}
            share = (
                {"share": None, "notes": NOT_COUNTED}
                if parts is None
                else {"share": parts / PARTS_PER_WHOLE, "notes": ""}
            )
            yield base | level | source | share


def codebook_rows(release: Release, locale: str) -> Iterator[Row]:
    """Yield one row a level of every dimension: its code, what it is called, what kind it is, where it stands."""
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    for name, axis in axes.items():
        tables = " ".join(table.id for table in release.tables if name in [one.id for one in table.dimensions])
        base = {
            "dimension": name,
            "dimension_label": dimension_text(release, name, locale),
            "base": axis.base,
            "several": axis.multi,
            "score": axis.score,
            "list": bool(axis.list),
            "kept_of_2_32": axis.threshold,
            "tables": tables,
        }
        for row in axis.rows or (None,):
            row_names = {} if row is None else {"row": row, "row_label": row_label(release, row, locale)}
            for code in axis.codes:
                level = {"code": code, "label": label(release, name, code, locale)}
                yield base | row_names | level | {"substantive": code in axis.substantive}


def fact_rows(release: Release, locale: str) -> Iterator[Row]:
    """Yield what the whole release is, paid and promises, one fact a row."""
    budget, ledger = release.budget, release.ledger
    facts = {
        "title": release.title[locale],
        "study": release.study,
        "wave": release.wave,
        **_version(release),
        "released": release.day,
        "plan registered": release.registered,
        "mode": release.mode,
        "protected unit": release.unit,
        "demonstration": release.demo,
        **_about(release, locale),
        "notes": "; ".join(release.notes),
        "records in the box": release.box.count,
        "method": METHOD,
        "mechanism": _mechanism(release.mechanism),
        "rho of this release": rho_text(budget.cost),
        "rho spent so far": rho_text(budget.spent),
        "rho of the study's life": rho_text(budget.total),
        **_epsilons(budget),
        "delta of open words, this release (10^-18)": budget.atto_delta.cost,
        "delta of open words, spent so far (10^-18)": budget.atto_delta.spent,
        "release (SHA-256)": release.digest,
        "plan (SHA-256)": release.plan,
        "questionnaire (SHA-256)": release.questionnaire,
        "wave manifest (SHA-256)": release.manifest,
        "Merkle root of the box": release.box.root,
        "ledger entry": f"{ledger.sequence}: {ledger.entry}",
        "signer (Ed25519)": release.signer.ed25519,
    }
    yield from ({"fact": name, "value": value} for name, value in facts.items())


def _version(release: Release) -> dict[str, object]:
    """Return which version of the questionnaire was asked, where earlier waves were asked another one."""
    if release.version is None:
        return {}
    return {"version of the questionnaire": release.version.number, "asked since wave": release.version.since}


def _mechanism(mechanism: Mechanism) -> str:
    source = f"{mechanism.library} {mechanism.version}"
    return f"{mechanism.name} ({source}, {mechanism.measure}, {mechanism.neighbours})"


def _about(release: Release, locale: str) -> dict[str, object]:
    """Return who made the study and how, and when and of how many; what is not known has no row."""
    about, fieldwork = release.about, release.fieldwork
    facts: dict[str, object] = {}
    if about:
        members = {
            "organisation": "organisation",
            "contact": "contact",
            "ethics approval": "ethics",
            "permit": "permit",
        }
        members |= {
            "about the study": "abstract",
            "population": "population",
            "sampling": "sampling",
            "access": "access",
        }
        facts |= {fact: about.text(name, locale) for fact, name in members.items()}
        facts |= {"authors": "; ".join(author.name for author in about.authors), "funders": "; ".join(about.funders)}
        facts |= {"countries": " ".join(about.countries), "licence": about.licence}
    if fieldwork:
        facts |= {"wave opened": fieldwork.opened, "wave closed": fieldwork.closed, "invited": fieldwork.invited}
        facts |= {"invitations used": fieldwork.issued, "answers for each invitation": fieldwork.participation}
    return {fact: value for fact, value in facts.items() if value not in (None, "")}


def _epsilons(budget: Budget) -> dict[str, float]:
    """Return epsilon at each delta, by the noise's own curve and by the conversion, the tighter first."""
    pairs = zip(BY, budget.epsilons, strict=True)
    return {
        f"epsilon of all so far at delta {delta}, {by}": epsilons[delta] for by, epsilons in pairs for delta in DELTAS
    }


def _known_label(release: Release, dimension: str, code: int, locale: str) -> str:
    return label(release, dimension, code, locale) if dimension in release.labels[locale] else str(code)
