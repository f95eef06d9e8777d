"""Writes a release as one workbook: a cover, a codebook, one sheet a table, numbers as numbers, never a formula."""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from crypto.errors import RefusedError
from survey.plan.privacy_units import NANO_RHO
from survey.release import release_rows
from survey.release.format_rules import SHEET, XLSX_CELL, XLSX_ROWS, XML, cut
from survey.release.level_labels import dimension_text
from survey.release.population import population_text
from survey.release.release import Release, Table
from survey.release.table_rows import FORMULA, Row, estimate_rows
from survey.workbook.column_names import code_name, column, fact, value
from survey.workbook.long_rows import long_rows

ESTIMATE_COLUMNS = (
    "measure", "population", "row_label", "label", "code", "codes", "group_label", "group", "weighted_by", "base",
    "value", "margin_95", "low_95", "high_95", "reliable", "total", "total_margin_95", "left_out", "abstained", "kish",
    "notes", "sigma", "rho", "nano_rho",
)  # fmt: skip
ALWAYS = {"measure", "label", "code", "base", "value", "margin_95", "notes", "sigma", "rho"}
CELL_COLUMNS = (
    "table", "population", "dimension", "row", "code", "label", "group", "group_label", "measure", "value", "margin_95",
    "variance", "notes", "sigma", "rho",
)  # fmt: skip
PARTS = {"share", "top", "weighted share"}
NARROW, WIDE = 9, 60
FORMATS = {"sigma": "0.00", "total": "#,##0", "total_margin_95": "#,##0", "kish": "0.00", "variance": "#,##0.0"}
FORMATS |= {"left_out": "#,##0", "share": "0.0%", "count": "#,##0", "threshold": "#,##0"}
NUMBERS = {"value", "margin_95", "low_95", "high_95"}
HEAD = Font(bold=True)
SHADE = PatternFill("solid", fgColor="E8EEF2")
GREY = Font(color="808080")


class SheetError(RefusedError):
    """A sheet that Excel could not read; the message says which."""


def xlsx_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one workbook; texts are string cells whatever they begin with, so that none is ever run."""
    book = Workbook()
    book.remove(book.active)
    names = sheet_names(release)
    _cover(book, release, locale, names)
    _sheet(book, value("Code book", locale), release_rows.CODEBOOK, release_rows.codebook_rows(release, locale), locale)
    for table in release.tables:
        _table(book, names[table.id], release, table, locale)
    for words in release.words or ():
        rows = release_rows.words_rows(release, words, locale)
        _sheet(
            book,
            names[words.id],
            release_rows.WORDS[2:],
            rows,
            locale,
            title=dimension_text(release, words.item, locale),
        )
    if release.margins:
        rows = release_rows.margin_rows(release, locale)
        _sheet(book, value("Public margins", locale), release_rows.MARGINS[2:], rows, locale)
    cells = (row for row in long_rows(release, locale) if row["kind"] == "cell")
    _sheet(book, value("Noisy cells", locale), CELL_COLUMNS, cells, locale)
    file = io.BytesIO()
    book.save(file)
    yield "release.xlsx", file.getvalue()


def sheet_names(release: Release) -> dict[str, str]:
    """Return the sheet of each table and list: its id, or a shortened one where Excel cannot hold the id."""
    ids = [table.id for table in release.tables] + [words.id for words in release.words or ()]
    return {name: SHEET.name(name) for name in ids}


def _cover(book: Workbook, release: Release, locale: str, names: dict[str, str]) -> None:
    sheet = book.create_sheet(value("About this release", locale))
    _row(sheet, 1, [column("fact", locale), value("Value", locale)], HEAD)
    for line, row in enumerate(release_rows.fact_rows(release, locale), 2):
        _row(sheet, line, [fact(row["fact"], locale), _fact_value(row["fact"], row["value"], locale)])
    top = sheet.max_row + 2
    contents = ("sheet", "table", "dimension_label", "reason", "hypotheses", "rho")
    _row(sheet, top, [column(name, locale) for name in contents], HEAD)
    for line, (entry, rho) in enumerate(_contents(release, locale), top + 1):
        _row(sheet, line, [names[entry[0]], *entry, rho])
    top = sheet.max_row + 2
    for line, name in enumerate(dict.fromkeys((*ESTIMATE_COLUMNS, *CELL_COLUMNS)), top):
        _row(sheet, line, [column(name, locale), name])
    _look(sheet, frozen="A2")


def _fact_value(name: str, content: object, locale: str) -> object:
    """Return a fact's value, translated where it is a choice or a sentence of the catalogue."""
    if isinstance(content, bool):
        return value("yes" if content else "no", locale)
    if name == "method":
        return value("method", locale)
    return value(str(content), locale) if name in {"mode", "protected unit"} else content


def _contents(release: Release, locale: str) -> Iterator[tuple[list[str], float]]:
    for table in release.tables:
        first, *others = (dimension_text(release, axis.id, locale) for axis in table.dimensions)
        title = f"{first} ({value('by', locale)} {' × '.join(others)})" if others else first
        yield (
            [table.id, _of_whom(title, release, table, locale), table.reason, " ".join(table.hypotheses)],
            table.nano_rho / NANO_RHO,
        )
    for words in release.words or ():
        contents = [words.id, dimension_text(release, words.item, locale), words.reason, " ".join(words.hypotheses)]
        yield contents, words.nano_rho / NANO_RHO


def _table(book: Workbook, name: str, release: Release, table: Table, locale: str) -> None:
    rows = list(estimate_rows(release, table, locale))
    filled = {key for row in rows for key, cell in row.items() if cell not in (None, "")}
    columns = tuple(one for one in ESTIMATE_COLUMNS if one in ALWAYS or one in filled)
    first, *others = (dimension_text(release, axis.id, locale) for axis in table.dimensions)
    title = f"{table.id}  {first}" + (f" ({value('by', locale)} {' × '.join(others)})" if others else "")
    _sheet(book, name, columns, rows, locale, title=_of_whom(title, release, table, locale))


def _of_whom(title: str, release: Release, table: Table, locale: str) -> str:
    """Return a table's title, and of whom it is where that is not everyone."""
    return "; ".join(part for part in (title, population_text(release, table, locale)) if part)


def _sheet(
    book: Workbook, name: str, columns: tuple[str, ...], rows: Iterable[Row], locale: str, *, title: str = ""
) -> None:
    """Add a sheet: a title where there is one, a frozen header, one row a number."""
    sheet = book.create_sheet(name)
    top = 1
    if title:
        _row(sheet, 1, [title], HEAD)
        top = 2
    _row(sheet, top, [column(key, locale) for key in columns], HEAD)
    line = top
    for line, row in enumerate(rows, top + 1):
        if line > XLSX_ROWS:
            raise SheetError(f"the sheet {name} has more than {XLSX_ROWS:,} rows, the most that Excel reads")
        _row(sheet, line, [_cell_value(key, row.get(key), locale) for key in columns])
        _numbers(sheet, line, columns, row)
    last = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A{top}:{last}{max(line, top)}"
    _look(sheet, frozen=f"A{top + 1}", skip=top - 1)


def _cell_value(name: str, cell: object, locale: str) -> object:
    if name == "rho" and isinstance(cell, str):
        return float(cell)
    return (
        code_name(name, cell, locale)
        if name in {"measure", "kind", "base", "abstained"} and isinstance(cell, str)
        else cell
    )


def _numbers(sheet: Worksheet, line: int, columns: tuple[str, ...], row: Row) -> None:
    """Show shares as percentages, means with their decimals, and pale what is not reliable."""
    number_format = "0.0%" if row.get("measure") in PARTS else "#,##0.00"
    for at, name in enumerate(columns, 1):
        if row.get(name) is None:
            continue
        cell = sheet.cell(line, at)
        if shown := number_format if name in NUMBERS else FORMATS.get(name):
            cell.number_format = shown
        if row.get("reliable") is False:
            cell.font = GREY


def _row(sheet: Worksheet, line: int, cells: list[Any], font: Font | None = None) -> None:
    for at, content in enumerate(cells, 1):
        if content is None:
            continue
        cell = sheet.cell(line, at)
        if isinstance(content, str):
            _text(cell, content)
        else:
            cell.value = content
        if font:
            cell.font = font
            cell.fill = SHADE


def _text(cell: Cell, content: str) -> None:
    """Write a text as a text: openpyxl would take "=1+1" for a formula and "#N/A" for an error."""
    cell.value = cut(XML.text(content), XLSX_CELL)
    cell.data_type = "s"
    # Who edits such a cell in a spreadsheet keeps a text.
    cell.quotePrefix = content.startswith(FORMULA)


def _look(sheet: Worksheet, frozen: str, skip: int = 0) -> None:
    """Freeze the header and make columns as wide as what they hold, within bounds."""
    sheet.freeze_panes = frozen
    for at, cells in enumerate(sheet.iter_cols(min_row=skip + 1), 1):
        widths = [_width(cell) for cell in cells]
        widest = max(widths, default=NARROW)
        sheet.column_dimensions[get_column_letter(at)].width = min(max(widest + 2, NARROW), WIDE)
        for cell, width in zip(cells, widths, strict=True):
            if width > WIDE:
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def _width(cell: Cell) -> int:
    """Return about how many letters wide a cell is shown; letters of Chinese are two."""
    if isinstance(cell.value, float):
        return len("0.000000")
    text = "" if cell.value is None else str(cell.value)
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
