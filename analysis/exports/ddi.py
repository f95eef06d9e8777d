"""Describes a release as DDI-Codebook 2.5: study, questions, tables as nCubes, access, the privacy method.

Source: DDI Alliance, DDI-Codebook 2.5 (2012), namespace ddi:codebook:2_5.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, indent, tostring

from analysis.exports.ddi_data import described
from analysis.exports.xml_text import NAMESPACE, VERSION, add, spoken
from survey.plan.plan import rho_text
from survey.release import release_rows as whole
from survey.release.epsilon_text import epsilon_text
from survey.release.format_rules import FILE as FILE_NAME
from survey.release.release import Release
from survey.release.table_rows import cells_csv, estimates_csv

FILE = "release-ddi.xml"
ACCESS = (
    "No microdata exist. Answers were sealed on the respondent's device to a key that no server holds, opened only "
    "in memory by a quorum of custodians, and were counted without keeping a row. Only the tables described here are "
    "released, with noise. There is nothing to apply for."
)
CONFIDENTIAL = (
    "Differential privacy protects what one {unit} answered in the whole study. Do not try to learn about single "
    "people from these tables: the noise is there so that it cannot be done."
)
OPEN = "Open link: whoever had it could answer, more than once, and nobody can tell. Not a probability sample."
INVITED = "Invitations: one answer a token. Who was invited and why is in the study's own documents."


def ddi_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the codebook and the CSV files that it describes."""
    root = codebook(release, locale)
    indent(root, " ")
    yield FILE, tostring(root, encoding="utf-8", xml_declaration=True)
    for table in release.tables:
        yield f"{FILE_NAME.name(table.id)}.csv", estimates_csv(release, table, locale).encode()
        yield f"{table.id}-cells.csv", cells_csv(release, table, locale).encode()
    for words in release.words or ():
        yield f"{FILE_NAME.name(words.id)}.csv", whole.words_csv(release, words, locale).encode()


def codebook(release: Release, locale: str) -> Element:
    """Return the whole document; texts of the study in every locale, `locale` first."""
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": VERSION, "ID": f"R_{release.digest}"})
    _document(root, release, locale)
    _study(root, release, locale)
    _files(root, release)
    described(root, release, locale)
    statement = add(root, "otherMat", type="privacy statement", level="study", URI="statement.md")
    add(statement, "labl", "Privacy statement: the 24 hazards of NIST SP 800-226, answered for this release")
    return root


def _document(root: Element, release: Release, locale: str) -> None:
    citation = add(add(root, "docDscr"), "citation")
    _titles(citation, release, locale)
    add(add(citation, "prodStmt"), "software", "sotto export", version=release.format)


def _titles(citation: Element, release: Release, locale: str) -> None:
    first, *others = spoken(release.title, locale)
    titles = add(citation, "titlStmt")
    add(titles, "titl", first[1], lang=first[0])
    for language, text in others:
        add(titles, "parTitl", text, lang=language)
    add(titles, "IDNo", f"{release.study}, wave {release.wave}", agency="study")
    add(titles, "IDNo", release.digest, agency="SHA-256 of the signed release")


def _study(root: Element, release: Release, locale: str) -> None:
    study = add(root, "stdyDscr")
    citation = add(study, "citation")
    _titles(citation, release, locale)
    add(add(citation, "distStmt"), "distDate", release.day, date=release.day)
    add(add(citation, "verStmt"), "version", release.digest, date=release.day)
    summary = add(add(study, "stdyInfo"), "sumDscr")
    add(summary, "anlyUnit", release.unit)
    add(summary, "universe", f"{release.box.count} records of the closed wave {release.wave}, readable or not")
    add(summary, "dataKind", "Aggregate data: contingency tables with differentially private noise")
    _method(study, release)
    _access(study, release)
    for row in whole.fact_rows(release, locale):
        add(study, "notes", str(row["value"]), type="fact", subject=row["fact"])


def _method(study: Element, release: Release) -> None:
    method = add(study, "method")
    collection = add(method, "dataColl")
    add(collection, "sampProc", OPEN if release.mode == "open" else INVITED)
    add(collection, "collMode", "Web questionnaire, sealed on the respondent's device (HPKE)")
    for margin in release.margins or ():
        weighting = f"Tables may be weighted to {margin.dimension} of {margin.of}: {margin.source} ({margin.status})."
        add(collection, "weight", weighting)
    budget, made = release.budget, release.mechanism
    add(method, "notes", f"{whole.METHOD} {made.name}, {made.library} {made.version}.", type="privacy method")
    spent = f"rho {rho_text(budget.cost)} for this release, {rho_text(budget.spent)} of {rho_text(budget.total)} so far"
    add(method, "notes", f"{spent}: epsilon {epsilon_text(budget.epsilons)}.", type="privacy budget")
    analysis = add(method, "anlyInfo")
    margins = "Every margin is a 95 % half-width that holds sampling and noise; those of cells hold the noise alone."
    add(analysis, "EstSmpErr", margins)
    add(analysis, "dataAppr", "; ".join(release.notes) or "no warnings")


def _access(study: Element, release: Release) -> None:
    access = add(study, "dataAccs")
    add(add(access, "setAvail"), "avlStatus", ACCESS)
    use = add(access, "useStmt")
    add(use, "confDec", CONFIDENTIAL.format(unit=release.unit), required="no")
    if release.demo:
        add(use, "disclaimer", "Demonstration: every answer was invented by a computer.")
    else:
        add(use, "disclaimer", "Estimates are uncertain by sampling and by noise. Read each with its margin.")


def _files(root: Element, release: Release) -> None:
    for table in release.tables:
        _file(root, f"F_{table.id}_cells", f"{table.id}-cells.csv", "every noisy cell, one a row")
        _file(
            root,
            f"F_{table.id}",
            f"{FILE_NAME.name(table.id)}.csv",
            "shares, means and other estimates with 95 % margins",
        )
    for words in release.words or ():
        _file(root, f"F_{words.id}", f"{FILE_NAME.name(words.id)}.csv", "phrases over the threshold, one a row")


def _file(root: Element, name: str, uri: str, content: str) -> None:
    text = add(add(root, "fileDscr", ID=name, URI=uri), "fileTxt")
    add(text, "fileName", uri)
    add(text, "fileCont", content)
    add(text, "fileType", "CSV (RFC 4180), UTF-8", charset="UTF-8")
