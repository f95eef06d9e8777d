"""Reads the sheets of a reviewed workbook back as the plain data of an authored questionnaire."""

from collections.abc import Iterable, Mapping
from typing import Any

from survey.authoring.schema import AuthoredItem, AuthoredOption
from survey.authoring.xlsform.review.cells import OWN, put, read_path, read_text, read_value
from survey.authoring.xlsform.review.item_rows import ADDED
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport, Place
from survey.authoring.xlsform.sheets.workbook import Row
from survey.faults import said

Data = dict[str, Any]
_ITEM_KEYS = [field.alias or name for name, field in AuthoredItem.model_fields.items()]
_OPTION_KEYS = [field.alias or name for name, field in AuthoredOption.model_fields.items()]
_BANDED = ("number", "date")


class ReturnedSheets:
    """The data of a questionnaire, and the row of everything in it that has an id."""

    def __init__(self, sheets: Mapping[str, tuple[Row, ...]], report: ImportReport) -> None:
        self._sheets = sheets
        self._report = report
        self._lists = self._read_lists()
        self.places: dict[str, Place] = {}
        self.data = self._study()

    def _rows(self, name: str) -> tuple[Row, ...]:
        return self._sheets.get(name, ())

    def _study(self) -> Data:
        settings: Mapping[str, str] = next((row.cells for row in self._rows("settings")), {})
        data: Data = {"study": settings.get("form_id", ""), "version": settings.get("version", "")}
        for row in self._rows(f"{OWN}study"):
            self._put(data, row, read_value(row.cells.get("value", "")))
        data["items"], data["derived"] = [], []
        self._read_survey(data)
        sets = {name: options for name, options in self._lists.items() if name not in self.places}
        data |= {"option_sets": sets} if sets else {}
        for row in self._rows(f"{OWN}texts"):
            self._put(data, row, read_text(row.cells, "text"))
        return {key: value for key, value in data.items() if key != "derived" or value}

    def _put(self, data: Data, row: Row, value: object) -> None:
        place = Place(row.sheet, row.number, row.cells.get("path", ""))
        if value is None or not place.name:
            self._report.refuse(
                place, ConstructError("the row has no path or no text", "write it, or take the row out")
            )
            return
        try:
            put(data, read_path(place.name), value)
        except (KeyError, IndexError, TypeError, AttributeError):
            error = ConstructError(
                "its path leads to nothing in this workbook", "put the path back, or take the row out"
            )
            self._report.refuse(place, error)

    def _read_lists(self) -> dict[str, list[Data]]:
        lists: dict[str, list[Data]] = {}
        for row in self._rows("choices"):
            if not row.cells.get(ADDED):
                lists.setdefault(row.cells.get("list_name", ""), []).append(_option(row))
        return lists

    def _read_survey(self, data: Data) -> None:
        grid: Data | None = None
        for row in self._rows("survey"):
            kind, name = row.cells.get("type", ""), row.cells.get("name", "")
            if kind in ("end_group", "end group"):
                grid = None
            elif grid is not None:
                self.places[name] = Place("survey", row.number, name)
                grid["rows"].append(_grid_row(grid, row))
            elif not name.startswith(OWN):
                entry = self._entry(data, row)
                grid = entry if entry is not None and entry.get("type") == "grid" else None

    def _entry(self, data: Data, row: Row) -> Data | None:
        name = row.cells.get("name", "")
        place = self.places[name] = Place("survey", row.number, name)
        if cell := row.cells.get(f"{OWN}derived"):
            rest = read_value(cell)
            data["derived"].append({"id": name, **(rest if isinstance(rest, dict) else {"unreadable": cell})})
        elif row.cells.get(f"{OWN}type"):
            item = self._item(row)
            data["items"].append(item)
            return item
        else:
            reason = said("a row of this workbook needs {own}type, which says what it is to the questionnaire", own=OWN)
            remedy = said(
                "give it {own}type, {own}block and {own}missing as other rows have them, or take it out", own=OWN
            )
            self._report.refuse(place, ConstructError(reason, remedy))
        return None

    def _item(self, row: Row) -> Data:
        name = row.cells.get("name", "")
        item: Data = {"id": name, **_own(row, "label"), "hint": read_text(row.cells, "hint")}
        if item["type"] == "grid":
            item["rows"] = []
        checks, message = item.get("checks"), read_text(row.cells, "constraint_message")
        if message and isinstance(checks, list) and len(checks) == 1 and isinstance(checks[0], dict):
            checks[0]["text"] = message
        if name in self._lists and not isinstance(item.get("options"), str):
            item["bands" if item["type"] in _BANDED else "options"] = self._lists[name]
        return _ordered(item, _ITEM_KEYS)


def _own(row: Row, label: str) -> Data:
    """Return the columns of our own by key, and the text."""
    own = {
        header.removeprefix(OWN): read_value(content)
        for header, content in row.cells.items()
        if header.startswith(OWN) and header != ADDED
    }
    return own | {"text": read_text(row.cells, label)}


def _option(row: Row) -> Data:
    code = row.cells.get("name", "")
    option: Data = {"code": read_value(code), **_own(row, "label"), "picture": row.cells.get("media::image")}
    return _ordered(option, _OPTION_KEYS)


def _grid_row(grid: Data, row: Row) -> Data:
    name, number = row.cells.get("name", ""), len(grid["rows"]) + 1
    given = {} if name == f"{grid['id']}_{number}" else {"id": name}
    return {"text": read_text(row.cells, "label") or "", **given}


def _ordered(data: Data, keys: Iterable[str]) -> Data:
    """Return what has a value, in the order of the schema; what the schema does not know stands behind."""
    known = {key: data[key] for key in keys if data.get(key) is not None}
    return known | {key: value for key, value in data.items() if key not in known and value is not None}
