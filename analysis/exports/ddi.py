"""Describes a release as DDI-Codebook 2.6: study, questions, tables as nCubes, access, the privacy method.

Source: DDI Alliance, DDI-Codebook 2.6 (2025), namespace ddi:codebook:2_6.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, indent, tostring

from analysis.exports.ddi_data import described
from analysis.exports.ddi_study import study_description, titles
from analysis.exports.xml_text import LANGUAGE, NAMESPACE, VERSION, add
from survey.release import release_rows
from survey.release.format_rules import FILE as FILE_NAME
from survey.release.release import Release
from survey.release.table_rows import cells_csv, estimates_csv

FILE = "release-ddi.xml"
SCHEMA = "ddi:codebook:2_6 http://www.ddialliance.org/Specification/DDI-Codebook/2.6/XMLSchema/codebook.xsd"


def ddi_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the codebook and the CSV files that it describes."""
    root = codebook(release, locale)
    indent(root, " ")
    yield FILE, tostring(root, encoding="utf-8", xml_declaration=True)
    for table in release.tables:
        yield f"{FILE_NAME.name(table.id)}.csv", estimates_csv(release, table, locale).encode()
        yield f"{table.id}-cells.csv", cells_csv(release, table, locale).encode()
    for words in release.words or ():
        yield f"{FILE_NAME.name(words.id)}.csv", release_rows.words_csv(release, words, locale).encode()


def codebook(release: Release, locale: str) -> Element:
    """Return the whole document; texts of the study in every locale, `locale` first."""
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": VERSION, "ID": f"R_{release.digest}"})
    root.set(LANGUAGE, locale)
    root.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", SCHEMA)
    _document(root, release, locale)
    study_description(root, release, locale)
    _files(root, release)
    described(root, release, locale)
    statement = add(root, "otherMat", type="privacy statement", level="study", URI="statement.md")
    add(statement, "labl", "Privacy statement: the 24 hazards of NIST SP 800-226, answered for this release")
    return root


def _document(root: Element, release: Release, locale: str) -> None:
    citation = add(add(root, "docDscr"), "citation")
    titles(citation, release, locale)
    add(add(citation, "prodStmt"), "software", "sotto export", version=release.format)


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
