"""A reviewed workbook as the questionnaire that it was exported from, with what was changed in it.

Nothing that a reviewer writes is lost without a word: the questionnaire that was read is exported again, and a cell
that then differs was changed where nothing is read. Decision 127.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from survey.authoring.compiler import Compiled, compile_with_media
from survey.authoring.xlsform.review.cells import OWN
from survey.authoring.xlsform.review.returned_sheets import Data, ReturnedSheets
from survey.authoring.xlsform.review.study_sheets import SHEETS, study_sheets
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport, Place
from survey.authoring.xlsform.sheets.workbook import Row
from survey.faults import AuthoringError, Problem, said
from survey.yaml_text import dump

_INSTEAD = {
    "type": f"{OWN}type",
    "required": f"{OWN}missing",
    "relevant": said("{own}ask_if, or {own}forms", own=OWN),
    "calculation": f"{OWN}derived",
    "constraint": said("the bands, {own}cap, {own}exclusive or {own}checks", own=OWN),
    "constraint_message": said("the message in the sheet {own}texts", own=OWN),
    "parameters": f"{OWN}shuffle",
}


def returned_study(
    path: Path, sheets: Mapping[str, tuple[Row, ...]], report: ImportReport
) -> tuple[Data, Compiled | None]:
    """Return the authored study of a reviewed workbook, and what it compiles to; None where something is refused.

    Pictures and recordings are looked for beside the workbook.
    """
    returned = ReturnedSheets(sheets, report)
    report.questions += [returned.places[item["id"]] for item in returned.data["items"]]
    if report.refused:
        return returned.data, None
    compiled = _compiled(path, returned, report)
    if compiled is not None:
        _check_unread(sheets, compiled, report)
    return returned.data, None if report.refused else compiled


def _compiled(path: Path, returned: ReturnedSheets, report: ImportReport) -> Compiled | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "questionnaire.yaml"
        file.write_text(dump(returned.data, flow_leaves=True), encoding="utf-8")
        try:
            return compile_with_media(file, media_folder=path.parent)
        except AuthoringError as error:
            for problem in error.problems:
                report.refuse(_place(problem, returned), ConstructError(_reason(problem), problem.remedy))
    return None


def _place(problem: Problem, returned: ReturnedSheets) -> Place:
    section, name, *_ = [*problem.where.split("."), ""]
    if section in ("items", "derived") and name in returned.places:
        return returned.places[name]
    return Place(f"{OWN}study", 1, problem.where)


def _reason(problem: Problem) -> str:
    part = ".".join(problem.where.split(".")[2:])
    return said("{part}: {message}", part=part, message=problem.message) if part else problem.message


def _check_unread(sheets: Mapping[str, tuple[Row, ...]], compiled: Compiled, report: ImportReport) -> None:
    """Refuse cells that are worked out of others and were changed; name columns and sheets that are not read."""
    again = study_sheets(compiled.authored, compiled.questionnaire)
    for name in sheets:
        if name not in SHEETS:
            report.add("dropped", Place(name, 1), "this sheet is not read")
    for name in SHEETS:
        expected, found = again[name], sheets.get(name, ())
        known = {column for row in expected for column in row} | set(_INSTEAD)
        for column in sorted({column for row in found for column in row.cells} - known):
            report.add("dropped", Place(name, 1), said("the column {column} is not read", column=column))
        if name in ("survey", "choices", "settings"):
            for place, column, wanted in _differences(found, expected, known):
                report.refuse(place, _changed_cell(column, wanted))


def _changed_cell(column: str, wanted: str) -> ConstructError:
    """Say of a cell that is worked out of others what it would be, and which to change instead."""
    would_be = "{column} is worked out of other cells, and would be {wanted}"
    empty = said("{column} is worked out of other cells, and would be empty", column=column)
    instead = _INSTEAD.get(column.partition("::")[0], said("the cells that it is worked out of"))
    reason = said(would_be, column=column, wanted=repr(wanted[:120])) if wanted else empty
    return ConstructError(reason, said("change {instead}, or put it back", instead=instead))


def _differences(
    found: tuple[Row, ...], expected: list[dict[str, str]], known: set[str]
) -> Iterator[tuple[Place, str, str]]:
    for index, row in enumerate(found):
        wanted = expected[index] if index < len(expected) else {}
        place = Place(row.sheet, row.number, row.cells.get("name", ""))
        if not wanted:
            yield place, said("the row"), ""
            return
        for column in sorted(known):
            if not column.startswith(OWN) and row.cells.get(column, "").strip() != wanted.get(column, "").strip():
                yield place, column, wanted.get(column, "")
    if len(found) < len(expected):
        last = found[-1].number if found else 1
        lost = expected[len(found)]
        yield (
            Place(SHEETS[0] if not found else found[-1].sheet, last),
            said("a row behind this one"),
            lost.get("name", ""),
        )
