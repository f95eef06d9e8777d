"""XLSForm workbooks that tests write, rows as lists and sheets by name, and what an import makes of them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlwt
import yaml
from openpyxl import Workbook

from survey.authoring.compiler import compile_study
from survey.authoring.xlsform.form_import import ImportedForm
from survey.questionnaire.questionnaire import Questionnaire, Texts

Sheet = Sequence[Sequence[object]]
CHOICES = [
    ("list_name", "name", "label::English (en)", "label::中文 (zh-Hans)"),
    ("yn", "yes", "Yes", "是"),
    ("yn", "no", "No", "否"),
    ("yn", "-88", "Don't know", "不知道"),
    ("fruit", "apple", "Apple", "苹果"),
    ("fruit", "pear", "Pear", "梨"),
    ("fruit", "plum", "Plum", "李子"),
    ("fruit", "none", "None of these", "都没有"),
]


def saved(book: Workbook | xlwt.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsx(sheets: Mapping[str, Sheet]) -> bytes:
    """Return a workbook of these sheets; None leaves a cell empty."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def many_cells(workbook: bytes, count: int) -> bytes:
    """Return an .xlsx workbook with `count` rows and cells of one digit behind those of its first sheet."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    sheet = next(name for name in parts if name.endswith("sheet1.xml"))
    rows = b"<row><c><v>1</v></c></row>" * (count // 2)
    parts[sheet] = parts[sheet].replace(b"</sheetData>", rows + b"</sheetData>", 1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def xls(sheets: Mapping[str, Sheet]) -> bytes:
    """Return a workbook of these sheets in Excel's older format."""
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, column, cell)
    return saved(book)


def survey(*rows: Mapping[str, object]) -> Sheet:
    """Return the sheet survey of rows given by column; `label` stands for the label in English."""
    named = [{("label::English (en)" if key == "label" else key): value for key, value in row.items()} for row in rows]
    columns = list(dict.fromkeys(["type", "name", "label::English (en)", *(key for row in named for key in row)]))
    return [columns, *([row.get(column) for column in columns] for row in named)]


def form(folder: Path, *rows: Mapping[str, object], choices: Sheet | None = None, **settings: object) -> Path:
    """Write a form in English of these questions, and return its path; its list has Yes and No where none is given."""
    english = choices or [row[:3] for row in CHOICES]
    path = folder / "form.xlsx"
    sheets = {"survey": survey(*rows), "choices": english}
    path.write_bytes(xlsx(sheets | ({"settings": [list(settings), list(settings.values())]} if settings else {})))
    return path


def entry(imported: ImportedForm, name: str) -> dict:
    """Return one item or indicator of what was written."""
    data = yaml.safe_load(imported.yaml)
    return next(one for one in (*data["items"], *data.get("derived", ())) if one["id"] == name)


def kinds(imported: ImportedForm, row: int, sheet: str = "survey") -> list[str]:
    """Return the kinds of the remarks on one row."""
    return [one.kind for one in imported.report.remarks if (one.place.sheet, one.place.row) == (sheet, row)]


def compiled(imported: ImportedForm, folder: Path) -> tuple[Questionnaire, dict[str, Texts]]:
    """Return what the compiler makes of what was written."""
    path = folder / "questionnaire.yaml"
    path.write_text(imported.yaml, encoding="utf-8")
    return compile_study(path)
