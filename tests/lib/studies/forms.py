"""XLSForm workbooks that tests write: rows as lists, sheets by name."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlwt
from openpyxl import Workbook

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


def xlsx(sheets: Mapping[str, Sheet]) -> bytes:
    """Return a workbook of these sheets; None leaves a cell empty."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
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
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


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
