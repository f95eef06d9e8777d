"""What a workbook holds beside the text of its cells: formulas without values, merged cells, hidden rows."""

import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import xlrd
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from survey.authoring.xlsform.sheets.report import FormError, ImportReport, Place
from survey.faults import said

SHEETS = ("survey", "choices", "settings", "external_choices")
_REMEDY = "write it into each of its rows, and unmerge them"


def check_marks(path: Path, content: bytes, kind: str, report: ImportReport) -> None:
    """Remark on hidden rows and formulas without a value; raise FormError for merged rows and errors for values."""
    sheets = _of_xls(content) if kind == ".xls" else _of_xlsx(path, content, report)
    for name, merged, hidden in sheets:
        for first, last in merged:
            reason = "of cells that are merged over several rows only the first has a value"
            raise FormError(f"{path}: {name}!{first} to {last}", reason, _REMEDY)
        for row in hidden:
            report.add("mapped", Place(name, row), "the row is hidden in the workbook, and is read like any other")


_Marks = tuple[str, list[tuple[int, int]], list[int]]
"""A sheet's name, the first and last rows of what is merged over rows, and the hidden rows."""


def _of_xls(content: bytes) -> Iterator[_Marks]:
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True)
    except (xlrd.XLRDError, NotImplementedError, AssertionError, IndexError):
        return  # formats that are not understood hide nothing that is read
    for sheet in book.sheets():
        if sheet.name.lower() in SHEETS:
            merged = [
                (low + 1, high)
                for low, high, left, _ in sheet.merged_cells
                if high - low > 1 and _has(sheet, low, left)
            ]
            hidden = [row + 1 for row, info in sorted(sheet.rowinfo_map.items()) if info.hidden and row < sheet.nrows]
            yield sheet.name.lower(), merged, hidden


def _has(sheet: Any, row: int, column: int) -> bool:  # noqa: ANN401 - a sheet of xlrd, which has no types
    return row < sheet.nrows and column < sheet.ncols and bool(sheet.cell_value(row, column))


def _of_xlsx(path: Path, content: bytes, report: ImportReport) -> Iterator[_Marks]:
    formulas, values = _opened(content, data_only=False), _opened(content, data_only=True)
    if formulas is None or values is None:
        return
    _check_values(path, formulas, values, report)
    for sheet in formulas.worksheets:
        if sheet.title.lower() in SHEETS:
            ranges = [one for one in sheet.merged_cells.ranges if one.max_row > one.min_row]
            merged = [(one.min_row, one.max_row) for one in ranges if sheet.cell(one.min_row, one.min_col).value]
            hidden = [row for row, info in sheet.row_dimensions.items() if info.hidden and row <= sheet.max_row]
            yield sheet.title.lower(), sorted(merged), sorted(hidden)


def _opened(content: bytes, *, data_only: bool) -> Any:  # noqa: ANN401 - a workbook of openpyxl, which has no types
    reader = ExcelReader(BytesIO(content), data_only=data_only)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about formats that openpyxl does not keep
            reader.read()
    except (KeyError, OSError, TypeError, ValueError, AttributeError, InvalidFileException):
        return None
    return reader.wb


def _check_values(path: Path, formulas: Any, values: Any, report: ImportReport) -> None:  # noqa: ANN401 - as above
    """Name formulas without a value; raise FormError where one has an error for its value, or none has any."""
    stored, empty = 0, []
    for place, cell in _formulas(formulas):
        value = values[cell.parent.title][cell.coordinate]
        if value.data_type == "e":
            reason = said("the formula has the value {value}", value=value.value)
            raise FormError(f"{path}: {cell.parent.title}!{cell.coordinate}", reason, "correct it, or write its text")
        stored += value.value is not None
        empty += [(place, cell.column_letter)] if value.value is None else []
    if empty and not stored:
        reason = said("none of its formulas ({count}) has a stored value", count=len(empty))
        raise FormError(path, reason, "open it in a spreadsheet program and save it")
    for place, column in empty:
        reason = said("the formula in column {column} has no stored value: its cell is read as empty", column=column)
        report.add("mapped", place, reason, "save the form in a spreadsheet program if it has one")


def _formulas(workbook: Any) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401 - as above
    for sheet in workbook.worksheets:
        if sheet.title.lower() in SHEETS:
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
                yield Place(sheet.title.lower(), cell.row), cell
