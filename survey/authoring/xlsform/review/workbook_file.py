"""The file of a reviewed workbook, written and read with openpyxl: every cell is text, and stays the text it is."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font

from survey.authoring.xlsform.review.cells import FORMAT, OWN, SheetRow, SheetRows
from survey.authoring.xlsform.sheets.report import FormError
from survey.authoring.xlsform.sheets.workbook import MOST_ROWS, Row
from survey.faults import said

_FIRST = ("type", "list_name", "path", "name", "value")
_WORKED_OUT = ("required", "relevant", "constraint", "calculation", "appearance", "parameters", "choice_filter")
_WIDE, _NARROW = 44, 16


def workbook_content(sheets: SheetRows) -> bytes:
    """Return a workbook of these sheets as .xlsx."""
    book = Workbook(write_only=False)
    book.remove(book.active)
    for name, rows in sheets.items():
        _write(book.create_sheet(name), rows)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def columns_of(rows: list[SheetRow]) -> list[str]:
    """Return the columns of a sheet: names, then texts, then what is worked out, then our own."""
    found = [*dict.fromkeys(key for row in rows for key in row)]
    return sorted(found, key=_rank)


def _rank(column: str) -> tuple[int, int]:
    if column in _FIRST:
        return 0, _FIRST.index(column)
    if column in _WORKED_OUT:
        return 2, _WORKED_OUT.index(column)
    return (3 if column.startswith(OWN) else 1), 0


def _write(sheet: Any, rows: list[SheetRow]) -> None:  # noqa: ANN401 - a sheet of openpyxl, which has no types
    columns = columns_of(rows)
    for index, column in enumerate(columns, 1):
        _put(sheet.cell(1, index), column).font = Font(bold=True)
        wide = "::" in column or column in ("path", "value", "relevant")
        sheet.column_dimensions[sheet.cell(1, index).column_letter].width = _WIDE if wide else _NARROW
    for number, row in enumerate(rows, 2):
        for index, column in enumerate(columns, 1):
            if row.get(column):
                _put(sheet.cell(number, index), row[column]).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"


def _put(cell: Cell, content: str) -> Cell:
    """Write text that stays text: no number, and no formula, whatever it begins with."""
    cell.value = content
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def exported_rows(path: Path, content: bytes) -> dict[str, tuple[Row, ...]] | None:
    """Return the rows of every sheet of a workbook that was exported for review, None of any other workbook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about formats that openpyxl does not keep
        try:
            book = load_workbook(BytesIO(content), data_only=True)
        except Exception:  # noqa: BLE001 - the reader raises whatever it stumbles over; the form's reader names it
            return None
    marked = "settings" in book.sheetnames and f"{OWN}format" in _cells(book["settings"], 1)
    if not marked:
        return None
    rows = {sheet.title: _rows(path, sheet) for sheet in book.worksheets}
    settings = next((row.cells for row in rows["settings"]), {})
    if settings.get(f"{OWN}format") != FORMAT:
        found = settings.get(f"{OWN}format") or said("nothing")
        reason = said("{own}format is {found}, and this version reads {format}", own=OWN, found=found, format=FORMAT)
        raise FormError(path, reason, "export the workbook anew")
    return rows


def _rows(path: Path, sheet: Any) -> tuple[Row, ...]:  # noqa: ANN401 - as above
    if sheet.max_row > MOST_ROWS:
        count, most = f"{sheet.max_row:,}", f"{MOST_ROWS:,}"
        message = "the sheet {sheet} has {count} rows, and at most {most} are read"
        reason = said(message, sheet=sheet.title, count=count, most=most)
        raise FormError(path, reason, "export a workbook of its own for each part")
    header = _cells(sheet, 1)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        reason = said("two columns are called {name}", name=twice[0])
        raise FormError(f"{path}: {sheet.title}", reason, "give each its own name")
    rows = (
        Row(
            sheet.title,
            number,
            {name: content for name, content in zip(header, cells, strict=True) if name and content},
        )
        for number in range(2, sheet.max_row + 1)
        if any(cells := _cells(sheet, number))
    )
    return tuple(rows)


def _cells(sheet: Any, number: int) -> list[str]:  # noqa: ANN401 - as above
    return [_text(cell.value) for cell in sheet[number]] if sheet.max_row >= number else []


def _text(value: object) -> str:
    """Return what a cell shows, as the text that was written: a spreadsheet program may have made a number of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
