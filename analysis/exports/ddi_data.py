"""The data description of a DDI codebook: dimensions as variables, tables as nCubes with their measures, open words."""

from xml.etree.ElementTree import Element

from analysis.exports.xml_text import add, identifier, labels, locale_first
from survey.plan.dimension import Dimension
from survey.plan.plan import rho_text
from survey.questionnaire.bases import Base
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.phrase_lists import Words
from survey.release.population import population_sentence
from survey.release.release import Release, Table

BASES: dict[Base, str] = {
    "asked": "Shares are of all who were asked.",
    "answered": "Shares are of those asked and answering: don't know (98) is in; refused (99) is a share of all asked.",
    "substantive": "Shares are of those with an opinion; don't know (98) is a share of those asked and answering, "
    "refused (99) one of all asked.",
}
"""What the estimates in the CSV files of tables are of, whose column `base` names it for each number."""
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
        variable = add(data, "var", ID=identifier("M", name), name=name, intrvl="contin", nature="ratio")
        add(variable, "labl", text, lang="en", level="variable")
    for words in release.words or ():
        _words(data, release, words, locale)
    for table in release.tables:
        _cube(data, release, table, locale)


def _texts(release: Release, name: str, locale: str) -> list[tuple[str, str]]:
    return locale_first({language: dimension_text(release, name, language) for language in release.labels}, locale)


def _variable(data: Element, release: Release, axis: Dimension, locale: str) -> None:
    nature = "ordinal" if axis.score else "nominal"
    var = add(data, "var", ID=identifier("V", axis.id), name=axis.id, intrvl="discrete", nature=nature)
    texts = _texts(release, axis.id, locale)
    labels(var, texts, level="variable")
    if axis.id not in HEADER_DIMENSIONS:
        question = add(var, "qstn", responseDomainType="multiple" if axis.multi else "category")
        for language, text in texts:
            add(question, "qstnLit", text, lang=language)
    for code in axis.codes:
        _category(var, release, axis, code, locale)
    add(var, "notes", BASES[axis.base], type="base", subject=axis.base)
    if axis.threshold:
        note = f"Randomised on the phone: kept where a draw of 32 bits was under {axis.threshold}. Cells are as sent."
        add(var, "notes", note, type="randomised response")
    if axis.list:
        add(var, "notes", "List experiment: codes are 10 + count in one arm, 40 + count in the other.", type="list")


def _category(variable: Element, release: Release, axis: Dimension, code: int, locale: str) -> None:
    category = add(variable, "catgry", missing="N" if code in axis.substantive else "Y")
    add(category, "catValu", str(code))
    labels(
        category,
        locale_first({lang: label(release, axis.id, code, lang) for lang in release.labels}, locale),
        level="category",
    )


def _rows(data: Element, release: Release, axis: Dimension, locale: str) -> None:
    variable = add(data, "var", ID=identifier("G", axis.id), name=f"{axis.id}_row", intrvl="discrete", nature="nominal")
    labels(variable, _texts(release, axis.id, locale), level="variable")
    for row in axis.rows or ():
        category = add(variable, "catgry")
        add(category, "catValu", row)
        texts = locale_first({language: row_label(release, row, language) for language in release.labels}, locale)
        labels(category, texts, level="category")


def _words(data: Element, release: Release, words: Words, locale: str) -> None:
    variable = add(data, "var", ID=identifier("W", words.id), name=words.id, intrvl="discrete", nature="nominal")
    add(variable, "location", fileid=f"F_{words.id}")
    texts = _texts(release, words.item, locale)
    labels(variable, texts, level="variable")
    question = add(variable, "qstn", responseDomainType="text")
    for language, text in texts:
        add(question, "qstnLit", text, lang=language)
    add(variable, "txt", f"Phrases whose noisy number reaches {words.threshold}. {words.reason}")
    for phrase in words.phrases:
        category = add(variable, "catgry")
        add(category, "catValu", phrase.phrase)
        add(category, "catStat", str(phrase.count), type="freq")
    price = f"sigma {words.sigma}; margin {words.margin} (95 %, noise alone); rho {rho_text(words.nano_rho)}"
    add(variable, "notes", f"{price}; delta {words.atto_delta} x 10^-18", type="privacy price")


def _cube(data: Element, release: Release, table: Table, locale: str) -> None:
    ranks = [name for axis in table.dimensions for name in _axes(axis)]
    cube = add(
        data,
        "nCube",
        ID=identifier("T", table.id),
        name=table.id,
        dmnsQnty=str(len(ranks)),
        cellQnty=str(len(table.counts)),
    )
    add(cube, "location", fileid=f"F_{table.id}_cells")
    titles = {
        lang: " × ".join(dimension_text(release, axis.id, lang) for axis in table.dimensions) for lang in release.labels
    }
    labels(cube, locale_first(titles, locale), level="nCube")
    add(cube, "txt", " ".join((table.reason, *table.hypotheses)) or table.id)
    _universe(cube, release, table, locale)
    for rank, name in enumerate(ranks, 1):
        add(cube, "dmns", rank=str(rank), varRef=name)
    for name, method in (("noisy_count", "count"), ("consistent_count", "count"), ("variance", "other")):
        other = {"otherAggrMeth": "variance"} if method == "other" else {}
        add(cube, "measure", varRef=identifier("M", name), aggrMeth=method, measUnit=release.unit, **other)
    price = f"sigma {table.sigma}; rho {rho_text(table.nano_rho)}; at most {table.l2_squared} cells a record"
    add(cube, "notes", price, type="privacy price")


def _universe(cube: Element, release: Release, table: Table, locale: str) -> None:
    """Add the population of a table, in each language of the release."""
    if table.population is None:
        add(cube, "universe", "All records", lang="en")
        return
    texts = {language: population_sentence(release, table, language) for language in release.labels}
    for language, text in locale_first(texts, locale):
        add(cube, "universe", text, lang=language)


def _axes(axis: Dimension) -> list[str]:
    """Return the variables of a dimension, outermost first: a grid's rows, then its codes."""
    return [identifier("G", axis.id)] * bool(axis.rows) + [identifier("V", axis.id)]
