"""The data description of a DDI codebook: dimensions as variables, tables as nCubes with their measures, open words."""

import json
from xml.etree.ElementTree import Element

from analysis.exports.xml_text import add, identifier, labels, spoken
from survey.plan.dimension import Dimension
from survey.plan.plan import rho_text
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, RESERVED
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.release import Release, Table, Words

MEASURES = {
    "noisy_count": "Noisy number of records in the cell, as drawn",
    "consistent_count": "Number of records in the cell after all tables were made to agree; unbiased",
    "variance": "Exact variance of the consistent number",
}


def described(root: Element, release: Release, locale: str) -> None:
    """Add dataDscr: a variable a dimension, a measure, a list of words; an nCube a table."""
    data = add(root, "dataDscr")
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    for axis in axes.values():
        _variable(data, release, axis, locale)
        if axis.rows:
            _rows(data, release, axis, locale)
    for name, text in MEASURES.items():
        made = add(data, "var", ID=identifier("M", name), name=name, intrvl="contin", nature="ratio")
        add(made, "labl", text, lang="en", level="variable")
    for words in release.words or ():
        _words(data, release, words, locale)
    for table in release.tables:
        _cube(data, release, table, locale)


def _texts(release: Release, name: str, locale: str) -> list[tuple[str, str]]:
    return spoken({one: dimension_text(release, name, one) for one in release.labels}, locale)


def _variable(data: Element, release: Release, axis: Dimension, locale: str) -> None:
    nature = "ordinal" if axis.score else "nominal"
    made = add(data, "var", ID=identifier("V", axis.id), name=axis.id, intrvl="discrete", nature=nature)
    texts = _texts(release, axis.id, locale)
    labels(made, texts, level="variable")
    if axis.id not in HEADER_DIMENSIONS:
        question = add(made, "qstn", responseDomainType="multiple" if axis.multi else "category")
        for language, text in texts:
            add(question, "qstnLit", text, lang=language)
    for code in axis.codes:
        _category(made, release, axis, code, locale)
    if axis.threshold:
        told = f"Randomised on the phone: kept where a draw of 32 bits was under {axis.threshold}. Cells are as sent."
        add(made, "notes", told, type="randomised response")
    if axis.list:
        add(made, "notes", "List experiment: codes are 10 + count in one arm, 40 + count in the other.", type="list")


def _category(variable: Element, release: Release, axis: Dimension, code: int, locale: str) -> None:
    made = add(variable, "catgry", missing="Y" if code in RESERVED else "N")
    add(made, "catValu", str(code))
    labels(made, spoken({one: label(release, axis.id, code, one) for one in release.labels}, locale), level="category")


def _rows(data: Element, release: Release, axis: Dimension, locale: str) -> None:
    made = add(data, "var", ID=identifier("G", axis.id), name=f"{axis.id}_row", intrvl="discrete", nature="nominal")
    labels(made, _texts(release, axis.id, locale), level="variable")
    for row in axis.rows or ():
        category = add(made, "catgry")
        add(category, "catValu", row)
        texts = spoken({one: row_label(release, row, one) for one in release.labels}, locale)
        labels(category, texts, level="category")


def _words(data: Element, release: Release, words: Words, locale: str) -> None:
    made = add(data, "var", ID=identifier("W", words.id), name=words.id, intrvl="discrete", nature="nominal")
    add(made, "location", fileid=f"F_{words.id}")
    texts = _texts(release, words.item, locale)
    labels(made, texts, level="variable")
    question = add(made, "qstn", responseDomainType="text")
    for language, text in texts:
        add(question, "qstnLit", text, lang=language)
    add(made, "txt", f"Phrases whose noisy number reaches {words.threshold}. {words.reason}")
    for one in words.phrases:
        category = add(made, "catgry")
        add(category, "catValu", one.phrase)
        add(category, "catStat", str(one.count), type="freq")
    told = f"sigma {words.sigma}; margin {words.margin} (95 %, noise alone); rho {rho_text(words.nano_rho)}"
    add(made, "notes", f"{told}; delta {words.atto_delta} x 10^-18", type="privacy price")


def _cube(data: Element, release: Release, table: Table, locale: str) -> None:
    ranks = [name for axis in table.dimensions for name in _axes(axis)]
    made = add(
        data,
        "nCube",
        ID=identifier("T", table.id),
        name=table.id,
        dmnsQnty=str(len(ranks)),
        cellQnty=str(len(table.counts)),
    )
    add(made, "location", fileid=f"F_{table.id}_cells")
    titles = {
        one: " × ".join(dimension_text(release, axis.id, one) for axis in table.dimensions) for one in release.labels
    }
    labels(made, spoken(titles, locale), level="nCube")
    add(made, "txt", " ".join((table.reason, *table.hypotheses)) or table.id)
    population = "All records" if table.population is None else json.dumps(table.population, sort_keys=True)
    add(made, "universe", population)
    for rank, name in enumerate(ranks, 1):
        add(made, "dmns", rank=str(rank), varRef=name)
    for name, method in (("noisy_count", "count"), ("consistent_count", "count"), ("variance", "other")):
        other = {"otherAggrMeth": "variance"} if method == "other" else {}
        add(made, "measure", varRef=identifier("M", name), aggrMeth=method, measUnit=release.unit, **other)
    told = f"sigma {table.sigma}; rho {rho_text(table.nano_rho)}; at most {table.l2_squared} cells a record"
    add(made, "notes", told, type="privacy price")


def _axes(axis: Dimension) -> list[str]:
    """Return the variables of a dimension, outermost first: a grid's rows, then its codes."""
    return [identifier("G", axis.id)] * bool(axis.rows) + [identifier("V", axis.id)]
