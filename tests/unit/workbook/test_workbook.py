"""The workbook of a release, opened again with openpyxl and compared number by number."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from studies import small_study as small
from studies.exported import FORMULA as PLANTED
from studies.exported import numbers, planted

from analysis.releasing.run import make_release
from survey.questionnaire.bases import BASES
from survey.release.corrections import ReleasedVersion
from survey.release.format_rules import SHEET
from survey.release.level_labels import base_text
from survey.release.long_columns import KINDS, LONG
from survey.release.release import Release
from survey.release.release_rows import CODEBOOK, MARGINS, WORDS, fact_rows
from survey.wording.catalogues import load_wordings
from survey.workbook.column_names import MEASURES, column
from survey.workbook.xlsx import CELL_COLUMNS, ESTIMATE_COLUMNS, sheet_names, xlsx_files


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("xlsx"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


@pytest.fixture(scope="module")
def book(release):
    return opened(release, "en")


def opened(release, locale):
    return openpyxl.load_workbook(io.BytesIO(dict(xlsx_files(release, locale))["release.xlsx"]))


def table(sheet, top=2):
    """Return the rows under a sheet's header as dictionaries of cells."""
    header = [cell.value for cell in sheet[top]]
    return [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=top + 1)]


def test_every_estimate_is_a_number_in_its_tables_sheet(release, book):
    """One sheet a table holds each of its numbers once and as a number, with sigma and price beside it."""
    sheet_numbers = []
    for one in release.tables:
        rows = table(book[one.id])
        valued = [row for row in rows if row["Value"].value is not None]
        kinds = {row[name].data_type for row in valued for name in ("Value", "Sigma of the noise", "Price (rho)")}
        assert kinds <= {"n"}
        assert [one.sigma] * len(rows) == pytest.approx([row["Sigma of the noise"].value for row in rows], rel=1e-14)
        assert all(row["± (95 %)"].value is not None or row["From (95 %)"].value is not None for row in valued)
        sheet_numbers += [(one.id, row["Value"].value) for row in valued]
    assert sorted(numbers(release)) == sorted(sheet_numbers)


def test_every_cell_and_variance_is_there(release, book):
    """The sheet of cells holds noisy and consistent numbers of all tables in the release's order."""
    rows = table(book["Noisy cells"], 1)
    expected = [pair for one in release.tables for pair in zip(one.counts, one.consistent, strict=True)]
    values = [row["Value"].value for row in rows]
    assert expected == list(zip(values[::2], values[1::2], strict=True))
    variances = [row["Variance of the noise"].value for row in rows][1::2]
    assert [variance for one in release.tables for variance in one.variances] == variances


def test_words_margins_codebook_and_cover_have_sheets(release, book):
    """Open words, public margins and every level are there, and the cover says the hash and lists the sheets."""
    assert [("鱼", 90), ("+fish", 71)] == [(r["Phrase"].value, r["Number (noisy)"].value) for r in table(book["W1"])]
    assert [0.3, 0.4, 0.3] == [row["Share"].value for row in table(book["Public margins"], 1)]
    axes = {axis.id: axis for one in release.tables for axis in one.dimensions}
    assert sum(len(axis.codes) for axis in axes.values()) == book["Code book"].max_row - 1
    cover = [[cell.value for cell in row] for row in book["About this release"].iter_rows()]
    assert ["release (SHA-256)", release.digest] in [row[:2] for row in cover]
    assert {one.id for one in release.tables} | {"W1", "W2"} <= {row[0] for row in cover}


def test_no_cell_is_a_formula_or_an_error(book):
    """Labels like =1+1 are strings, quoted for whoever edits them, on every sheet."""
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {"s", "n", "b"} == {cell.data_type for cell in cells}
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@\t\r"]
    assert PLANTED in {cell.value for cell in risky}
    assert all(cell.quotePrefix for cell in risky)


@pytest.mark.slow
@hypothesis_settings(max_examples=20, deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    start=st.sampled_from(("", "=", "+", "#", "{=")),
)
def test_any_label_is_a_string(release, text, start):
    """Whatever a level is called, its cell is a string and the book opens again."""
    document = release.to_json()
    document["tables"] = [one for one in document["tables"] if one["id"] == "T1"]
    document["labels"]["en"]["AGE"]["levels"]["3"] = start + text
    cells = [row["Answer"] for row in table(opened(Release.from_bytes(small.canonical(document)), "en")["T1"])]
    assert {"s"} == {cell.data_type for cell in cells if cell.value is not None}


def test_the_header_stays_and_columns_can_be_read(book):
    """Each sheet is frozen under its header, and no column is narrower than its longest short text."""
    for sheet in book:
        assert sheet.freeze_panes in {"A2", "A3"}
        assert all(9 <= shape.width <= 60 for shape in sheet.column_dimensions.values())


def test_pale_numbers_are_pale(book):
    """A share that is not reliable is grey and says so; the others are not."""
    rows = [row for row in table(book["T1"]) if row["Reliable"].value is not None]
    grey = {
        (row["Reliable"].value, row["Value"].font.color is not None and row["Value"].font.color.rgb == "00808080")
        for row in rows
    }
    assert {(True, False), (False, True)} == grey


@pytest.mark.parametrize("locale", ["zh-Hans"])
def test_headings_and_sheets_speak_the_locale(release, locale):
    """A Chinese workbook has Chinese sheets, headings and measures."""
    book = opened(release, locale)
    assert {"关于本次发布", "代码说明", "公开边际", "含噪声单元格"} <= set(book.sheetnames)
    assert {"指标", "数值", "回答"} <= {cell.value for cell in book["T1"][2]}
    assert "比例" in {row["指标"].value for row in table(book["T1"])}
    heading = column("base", locale)
    used = {row[heading].value for row in table(book["T1"])}
    assert used <= {base_text(base, locale) for base in BASES}


def test_the_cover_speaks_the_locale(release):
    """On a Chinese cover no fact has its English name, and method, mode, unit and demonstration are Chinese too."""
    facts = list(fact_rows(release, "zh-Hans"))
    cover = [[cell.value for cell in row[:2]] for row in opened(release, "zh-Hans")["关于本次发布"].iter_rows()]
    facts_shown = dict(cover[1 : len(facts) + 1])
    assert {row["fact"] for row in facts}.isdisjoint(facts_shown)
    assert ("公开链接", "一份答卷", "否") == (
        facts_shown["参加方式"],
        facts_shown["受保护的单位"],
        facts_shown["是否演示"],
    )
    assert facts_shown["方法"].startswith("零集中差分隐私")
    assert release.digest == facts_shown["本次发布（SHA-256）"]


def test_every_fact_has_a_name_in_every_catalogue(release):
    """No fact of a release is missing from a catalogue, which would show its English name on a cover."""
    later = release.model_copy(update={"version": ReleasedVersion(number=2, since=2)})
    wanted = {f"fact-{row['fact']}" for row in fact_rows(later, "en")}
    assert {"fact-version of the questionnaire", "fact-asked since wave"} <= wanted
    assert {} == {
        name: wanted - wording.texts.keys()
        for name, wording in load_wordings("export").items()
        if wanted - wording.texts.keys()
    }


def test_every_heading_and_measure_has_a_text():
    """No column, kind or measure of an export is missing from the catalogue, which would show its bare name."""
    columns = {*LONG, *ESTIMATE_COLUMNS, *CELL_COLUMNS, *WORDS, *MARGINS, *CODEBOOK}
    values = {*KINDS, *MEASURES, "too-few", "class-lost", "yes", "no"}
    wanted = {f"column-{name}" for name in columns} | {f"value-{name}" for name in values}
    assert set() == wanted - load_wordings("export")["en"].texts.keys()


def test_an_id_that_excel_cannot_hold_gets_a_name_of_its_own(release):
    """Ids of 32 letters that differ in the last one have different sheets within Excel's limit."""
    document = release.to_json()
    for place, letter in ((0, "A"), (1, "B")):
        document["tables"][place]["id"] = "T" * 31 + letter
    names = sheet_names(Release.from_bytes(small.canonical(document)))
    assert len(names) == len(set(names.values()))
    assert all(len(name) <= SHEET.longest for name in names.values())
