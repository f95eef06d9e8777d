"""What a release's header dimensions and reserved levels are called: the same in every output, from one catalogue.

The names are survey/interface/*/release.po, read by survey/release/level_labels.py.
"""

import io
from dataclasses import asdict
from html import unescape

import pytest
from openpyxl import load_workbook
from pyarrow.parquet import read_table
from rich.console import Console
from studies import small_study as small

from analysis.exports.ddi import ddi_files
from analysis.exports.export import json_files
from analysis.exports.parquet import parquet_files
from analysis.exports.sdmx import sdmx_files
from analysis.exports.stata_spss import variables
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader
from analysis.releasing.run import make_release
from analysis.report.page import page
from analysis.report.view import view
from analysis.terminal_views.release import tables
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, MODES, QUALITIES
from survey.release import level_labels
from survey.release.page_view_builder import show
from survey.release.population import population_text
from survey.release.release import Release
from survey.release.release_rows import csv_files
from survey.release.table_rows import cell_rows, estimate_rows
from survey.wording.catalogues import Wording, load_wordings
from survey.wording.page_languages import NAMES, load_languages
from survey.workbook.xlsx import xlsx_files

DIMENSIONS = {f"dimension-{name[1:]}" for name in HEADER_DIMENSIONS}
LEVELS = {*(f"mode-{name}" for name in MODES), *(f"quality-{name}" for name in QUALITIES)}
RESERVED = {"level-97", "level-254", "level-255"}
BASED = {"base-answered", "base-asked", "base-header"}
"""What the shares of this release are of; none of its questions is a list or of those with an opinion alone."""
ELSEWHERE = {"base-list", "base-substantive"}
OF_WHOM = {"population", "population-sentence", *(f"people-{name}" for name in ("answer", "and", "or", "not", "count"))}
"""What the outputs say of a table's population; it stands around the study's own words."""


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    """Return a release with a table of each header dimension, one of a question by another, one with a population."""
    world = small.build(tmp_path_factory.mktemp("names"))
    table = {"population": None, "nano_rho": 10_000_000, "reason": "a test", "hypotheses": []}
    asked = [{"dimensions": [name]} for name in HEADER_DIMENSIONS]
    asked += [{"dimensions": ["AGE", "@stratum"], "population": {"item": "HOW", "in": [1, 2]}}, {"dimensions": ["GAP"]}]
    plan = [table | one | {"id": f"T{number}"} for number, one in enumerate(asked, 1)]
    made = make_release(world.request(small.plan(each=10_000_000, tables=plan))).release.to_json()
    labels, title = made["labels"]["en"], made["title"]["en"]
    return Release.from_bytes(
        small.canonical(made | {"labels": dict.fromkeys(NAMES, labels), "title": dict.fromkeys(NAMES, title)})
    )


@pytest.fixture(params=["shipped", "marked"])
def names(request, monkeypatch) -> dict[str, Wording]:
    """Return the catalogue in every locale: as shipped, and with marks for texts, which no table of another has."""
    shipped = dict(load_wordings("release"))
    if request.param == "shipped":
        return shipped
    marked = {name: Wording(name, {key: f"{name} {key}" for key in one.texts}) for name, one in shipped.items()}
    monkeypatch.setattr(level_labels, "catalogues", lambda: marked)
    return marked


def csv(release: Release, locale: str) -> str:
    return "\n".join(content.decode() for _, content in csv_files(release, locale))


def excel(release: Release, locale: str) -> str:
    ((_, content),) = xlsx_files(release, locale)
    book = load_workbook(io.BytesIO(content), read_only=True)
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def parquet(release: Release, locale: str) -> str:
    ((_, content),) = parquet_files(release, locale)
    return str(read_table(io.BytesIO(content)).to_pydict())


def statistics(release: Release, locale: str) -> str:
    made = variables(release, locale)
    return str((made.labels, made.levels))


def ddi(release: Release, locale: str) -> str:
    return "\n".join(content.decode() for name, content in ddi_files(release, locale) if name.endswith(".xml"))


def web(release: Release, locale: str) -> str:
    return str(asdict(show(release.digest, release, load_languages()[locale])))


def pictures(release: Release, locale: str) -> str:
    return "\n".join(text for one in release.tables for text in picture(Reader.of(release, locale), one).texts)


def report(release: Release, locale: str) -> str:
    reader = Reader.of(release, locale)
    return unescape(page(reader, view(reader, None, dict.fromkeys((one.id for one in release.tables), ""))))


def terminal(release: Release, locale: str) -> str:
    out = Console(width=2000, file=io.StringIO(), highlight=False)
    tables(out, release, locale)
    return out.file.getvalue()


SHOWN = DIMENSIONS | LEVELS
OUTPUTS = {
    csv: SHOWN | RESERVED,
    excel: SHOWN | RESERVED,
    parquet: SHOWN | RESERVED,
    statistics: SHOWN | RESERVED,
    ddi: SHOWN | RESERVED - {"level-254"},
    web: SHOWN,
    pictures: SHOWN,
    report: SHOWN,
    terminal: SHOWN,
}
"""Which names stand in which output: reserved levels have no estimates, so only files of cells and codes show them."""


@pytest.mark.parametrize("locale", NAMES)
@pytest.mark.parametrize("output", OUTPUTS, ids=lambda one: one.__name__)
def test_every_output_uses_the_names_of_the_catalogue(release, names, output, locale):
    """An output with names of its own, as pictures and files once had, says something else than the catalogue."""
    text = output(release, locale)
    assert [] == sorted(key for key in OUTPUTS[output] if names[locale].texts[key] not in text)


def test_the_catalogue_names_every_header_dimension_level_and_reserved_code():
    """A mode or a quality without a name would be shown as the word that documents have for it."""
    assert DIMENSIONS | LEVELS | RESERVED | BASED | ELSEWHERE | OF_WHOM == load_wordings("release")["en"].texts.keys()


def json(release: Release, locale: str) -> str:
    return "\n".join(text.decode() for name, text in json_files(release, locale) if name.startswith("T"))


def sdmx(release: Release, locale: str) -> str:
    return "\n".join(content.decode() for _, content in sdmx_files(release, locale))


def frame(release: Release, locale: str) -> str:
    return str(variables(release, locale).frame.to_dict())


def of_table(release: Release, table: str) -> Release:
    """Return the release with this table alone."""
    return release.model_copy(update={"tables": tuple(one for one in release.tables if one.id == table)})


FILTERED, UNFILTERED = "T6", "T7"
ROWS = (csv, json, sdmx, excel, parquet, frame)
"""Outputs with a row for each number: every row says of whom it is."""


@pytest.mark.parametrize("locale", NAMES)
@pytest.mark.parametrize("output", [*ROWS, ddi, web, pictures, report, terminal], ids=lambda one: one.__name__)
def test_every_output_says_of_whom_a_filtered_table_is(release, output, locale):
    """A table of those who answered HOW with 1 or 2 goes out as everyone's; a table of everyone says no such thing."""
    filtered, plain = (output(of_table(release, name), locale).casefold() for name in (FILTERED, UNFILTERED))
    who = population_text(release, release.table(FILTERED), locale).casefold()
    answers = [level_labels.label(release, "HOW", code, locale).casefold() for code in (1, 2)]
    assert all(answer in who for answer in answers)
    assert level_labels.dimension_text(release, "HOW", locale).casefold() in who
    assert (True, False) == (who in filtered, who in plain)


@pytest.mark.parametrize("rows", [estimate_rows, cell_rows])
def test_every_row_of_a_filtered_table_says_of_whom_it_is(release, rows):
    """A row that is copied out of a file alone would be everyone's; the rows of a table of everyone are empty there."""
    filtered, plain = (
        {row["population"] for row in rows(release, release.table(name), "en")} for name in (FILTERED, UNFILTERED)
    )
    assert {population_text(release, release.table(FILTERED), "en")} == filtered
    assert {""} == plain


@pytest.mark.parametrize(
    ("population", "words"),
    [
        ({"item": "HOW", "in": [1]}, "only of those who said: HOW? one"),
        ({"item": "GAP", "range": [0, 2]}, "only of those who said: GAP? 0–2"),
        ({"not": {"item": "HOW", "in": [1]}}, "only of those who said: not (HOW? one)"),
        (
            {"all": [{"item": "HOW", "in": [1]}, {"item": "GAP", "range": [1, 1]}]},
            "only of those who said: HOW? one, and GAP? 1",
        ),
        (
            {"count": [{"item": "HOW", "in": [1]}, {"item": "GAP", "range": [1, 1]}], "range": [1, 2]},
            "only of those who said: 1–2 of: HOW? one, or GAP? 1",
        ),
    ],
    ids=["in", "range", "not", "all", "count"],
)
def test_each_kind_of_condition_has_words(release, population, words):
    """A condition that is put into words as another one would name other people."""
    label = {"HOW": {"text": "HOW?", "levels": {"1": "one"}}, "GAP": {"text": "GAP?", "levels": {}}}
    document = release.to_json()
    document["tables"] = [one for one in document["tables"] if one["id"] == FILTERED]
    document["tables"][0]["population"] = population
    document["labels"]["en"] |= label
    changed = Release.from_bytes(small.canonical(document))
    assert words == population_text(changed, changed.tables[0], "en")
