"""Reads the sheets of an XLSForm workbook as rows of text with their numbers, by pyxform's spreadsheet reader."""

import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from survey.authoring.xlsform.sheets.report import FormError
from survey.faults import said

MOST_BYTES = 20_000_000
MOST_UNPACKED = 30_000_000
"""Bytes of all parts of a workbook together: real forms unpack to one or two million."""
MOST_PARTS = 2_000
MOST_CELLS = 300_000
"""Rows and cells of all sheets together, empty ones too: the readers make objects of each, three times."""
MOST_ROWS = 20_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ANEW = "open it in a spreadsheet program and save it anew as .xlsx"
_CELL = re.compile(rb"<(?:\w+:)?(?:row|c)[\s/>]")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number as a spreadsheet shows it, and its cells that are not empty by column."""

    sheet: str
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of a form that an import reads; empty rows are left out, the numbers of the others stay."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]


def workbook_bytes(path: Path) -> bytes:
    """Return the bytes of a workbook; raise FormError where it is too large to be one of a form."""
    if (size := path.stat().st_size) > MOST_BYTES:
        reason = said("{size} bytes are no form (at most {most} MB)", size=f"{size:,}", most=MOST_BYTES // 1_000_000)
        raise FormError(path, reason, "take pictures and data out of the workbook")
    return path.read_bytes()


def kind_of_workbook(path: Path, content: bytes) -> str:
    """Return `.xlsx` or `.xls` by a workbook's first bytes, whatever its name says; raise FormError for others."""
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise FormError(path, "the workbook is encrypted", "save it without a password, and import that")
        return ".xls"
    if not content.startswith(_ZIP):
        raise FormError(path, "this is no workbook by its first bytes", "save the form as .xlsx or .xls")
    _check_archive(path, content)
    return ".xlsx"


def _check_archive(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise FormError(path, "the workbook is damaged", "open it in a spreadsheet program and save it anew") from None
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        reason = said(
            "unpacked the workbook has {unpacked} bytes in {parts} parts, and a form at most {most} in {few}",
            unpacked=f"{unpacked:,}",
            parts=f"{len(parts):,}",
            most=f"{MOST_UNPACKED:,}",
            few=f"{MOST_PARTS:,}",
        )
        raise FormError(path, reason, "copy the form's sheets into a new workbook")
    _check_cells(path, content)


def _check_cells(path: Path, content: bytes) -> None:
    """Raise FormError for more rows and cells than a form has, before a reader makes an object of each."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            # In every part: what a sheet's part is called is for the workbook to say.
            count = sum(1 for part in archive.infolist() for _ in _CELL.finditer(archive.read(part)))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError):
        raise FormError(path, "the workbook is damaged", "open it in a spreadsheet program and save it anew") from None
    if count > MOST_CELLS:
        reason = said(
            "the workbook has {count} rows and cells, and a form at most {most}",
            count=f"{count:,}",
            most=f"{MOST_CELLS:,}",
        )
        raise FormError(path, reason, "copy the form's sheets into a new workbook")


def read_sheets(path: Path, content: bytes, kind: str) -> Sheets:
    """Return the sheets of the workbook in `content`; raise FormError for what pyxform's reader cannot read."""
    data = _definition(path, content, kind)
    if data.survey is None:
        names = tuple(data.sheet_names or ()) or said("none")
        reason = said("there is no sheet `survey` (there are: {names})", names=names)
        raise FormError(path, reason, "name the sheet of questions survey")
    columns = {"survey": _columns(data.survey_header), "choices": _columns(data.choices_header)}
    if "type" not in {column.strip().lower() for column in columns["survey"]}:
        raise FormError(path, "the sheet survey has no column `type`", "write the columns' names into its first row")
    choices = [*_rows(path, "choices", data.choices or ())]
    choices += _rows(path, "external_choices", data.external_choices or ())
    settings = next((dict(row) for row in data.settings or () if row), {})
    return Sheets(_rows(path, "survey", data.survey), tuple(choices), settings, columns)


def _definition(path: Path, content: bytes, kind: str) -> DefinitionData:
    try:
        return get_xlsform(content, file_type=kind)
    except PyXFormError as error:
        if "Duplicate column header" in str(error):
            reason = said("two columns have one name ({columns})", columns=str(error).partition(": ")[2])
            raise FormError(path, reason, "give each its own name") from None
        raise FormError(path, "its sheets cannot be read", _ANEW) from None
    except Exception as error:  # noqa: BLE001 - as said below
        # The readers of both formats raise whatever they stumble over in a damaged file.
        reason = said("its sheets cannot be read ({kind})", kind=type(error).__name__)
        raise FormError(path, reason, _ANEW) from None


def _columns(header: Sequence[Mapping[str, Any]] | None) -> tuple[str, ...]:
    return tuple(header[0]) if header else ()


def _rows(path: Path, sheet: str, rows: Sequence[Mapping[str, str]]) -> tuple[Row, ...]:
    if len(rows) > MOST_ROWS:
        count, most = f"{len(rows):,}", f"{MOST_ROWS:,}"
        reason = said(
            "the sheet {sheet} has {count} rows, and a form at most {most}", sheet=sheet, count=count, most=most
        )
        raise FormError(path, reason, "split it")
    # The first row holds the columns' names; the reader keeps empty rows, so that the others keep their numbers.
    return tuple(Row(sheet, number, row) for number, row in enumerate(rows, 2) if row)
