"""What a form's workbook holds beside the text of its cells is named, or the workbook refused."""

import io
import re
import zipfile

import pytest
import xlwt
from openpyxl import Workbook
from studies.forms import entry, saved, survey, xlsx

from survey.authoring.xlsform.form_import import import_form
from survey.authoring.xlsform.sheets.report import FormError


def test_hidden_rows_are_read_and_named(tmp_path):
    """A hidden row is imported like any other, and the report says that it was hidden."""
    for suffix, content in ((".xlsx", _hidden_xlsx()), (".xls", _hidden_xls())):
        path = tmp_path / f"form{suffix}"
        path.write_bytes(content)
        imported = import_form(path)
        assert entry(imported, "N")["type"] == "note"
        assert [one.place.row for one in imported.report.remarks if "hidden" in one.reason] == [2]


def _hidden_xlsx() -> bytes:
    book = Workbook()
    book.active.title = "survey"
    for row in survey({"type": "note", "name": "n", "label": "N"}):
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    return saved(book)


def _hidden_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("survey")
    for at, row in enumerate(survey({"type": "note", "name": "n", "label": "N"})):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    sheet.row(1).hidden = True
    return saved(book)


def test_cells_merged_over_rows_are_refused(tmp_path):
    """Of a condition that is merged over its questions only the first would be read."""
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label", "relevant"])
    book.active.append(["note", "n", "N", "1 = 1"])
    book.active.append(["note", "m", "M"])
    book.active.merge_cells("D2:D3")
    path = tmp_path / "form.xlsx"
    path.write_bytes(saved(book))
    with pytest.raises(FormError, match="survey!2 to 3: of cells that are merged"):
        import_form(path)


def test_formulas_without_values_are_refused(tmp_path):
    """A workbook that no spreadsheet program has worked out would lose every text that a formula makes."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsx({"survey": [("type", "name", "label"), ("note", "n", '="N"')]}))
    with pytest.raises(FormError, match=r"none of its formulas \(1\) has a stored value"):
        import_form(path)


def test_a_formula_without_a_value_beside_others_is_named(tmp_path):
    """Its cell is read as empty, and the report says so of this cell alone."""
    rows = [("type", "name", "label", "hint"), ("note", "n", '="N"', '=""'), ("note", "m", "M", "Hint")]
    path, content = tmp_path / "form.xlsx", io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx({"survey": rows}))) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            valued = re.sub(rb'"C2"(.*?)<v ?/>|"C2"(.*?)<v></v>', rb'"C2" t="str"\1\2<v>N</v>', old.read(name))
            new.writestr(name, valued)
    path.write_bytes(content.getvalue())
    imported = import_form(path)
    assert "N" == entry(imported, "N")["text"]["en"]
    named = [str(one.place) for one in imported.report.remarks if "column D has no stored value" in one.reason]
    assert (["survey!2"], 1) == (named, imported.report.text().count("no stored value"))
