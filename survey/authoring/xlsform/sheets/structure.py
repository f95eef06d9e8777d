"""The rows of the sheet survey as questions within their groups, each type under one name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from survey.authoring.xlsform.sheets.columns import Cells
from survey.authoring.xlsform.sheets.report import ConstructError, FormError, ImportReport, Place
from survey.faults import said

_SELECT = re.compile(
    r"(?P<kind>select[ _]?one|select1|select[ _]multiple|select all that apply|select|rank"
    r"|add select one prompt using|add select multiple prompt using)"
    r"(?P<file>[ _]from[ _]file|[ _]external)?(?:\s+from)?\s+(?P<list>.+?)"
    r"(?P<other>\s+(?:or|and)[ _](?:specify[ _])?other)?",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(r"(?P<end>begin|end)[ _](?P<kind>group|repeat|loop|lgroup|looped group)", re.IGNORECASE)
_WRAPPED = re.compile(r"(add (?P<long>\w+) prompt)|(q (?P<short>\w+))")
_ALIASES = {
    "int": "integer", "number": "integer", "string": "text", "photo": "image", "acknowledge": "trigger",
    "geopoint": "gps", "location": "gps", "geotrace": "gps", "geoshape": "gps",
    "background-audio": "audio", "background-geopoint": "gps",
}  # fmt: skip
METADATA = frozenset({
    "start", "end", "today", "deviceid", "device id", "imei", "subscriberid", "subscriber id", "simserial", "sim id",
    "phonenumber", "phone number", "username", "email", "audit", "start-geopoint", "get start time", "get end time",
    "get today", "get device id", "get phone number", "start time", "end time", "property", "uri:deviceid",
    "uri:username", "uri:phonenumber", "uri:subscriberid", "uri:simserial",
})  # fmt: skip
SILENT = METADATA | {"calculate", "hidden", "xml-external", "csv-external"}
"""Rows that ask nothing: their refusal is named, and they are not counted as questions."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group that is open where a question stands."""

    cells: Cells
    repeated: bool

    @property
    def table(self) -> bool:
        return "table-list" in self.cells.get("appearance").split()


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One row that asks something, or calculates: its type, list of choices, and the groups around it."""

    cells: Cells
    type: str
    choices: str = ""
    from_file: bool = False
    or_other: bool = False
    groups: tuple[Group, ...] = ()

    @property
    def place(self) -> Place:
        return self.cells.place

    @property
    def name(self) -> str:
        return self.cells.get("name")

    @property
    def appearances(self) -> tuple[str, ...]:
        return tuple(self.cells.get("appearance").lower().split())


Step = FormQuestion | Group
"""What a form is in its order: a question, or a group where it begins."""


def read_structure(rows: Iterable[Cells]) -> Iterator[Step]:
    """Yield the groups and questions of the sheet survey in order; raise FormError where groups do not close."""
    groups: list[Group] = []
    for cells in rows:
        kind = cells.get("type")
        if not kind or kind.startswith("#") or cells.get("disabled").lower() in ("yes", "true"):
            continue
        boundary = _BOUNDARY.fullmatch(kind)
        if boundary is None:
            yield replace(_question(cells), groups=tuple(groups))
        elif boundary["end"].lower() == "begin":
            groups.append(Group(cells, repeated="group" not in boundary["kind"].lower()[:5]))
            yield groups[-1]
        elif groups:
            groups.pop()
        else:
            reason = said("`{kind}` closes a group that was never opened", kind=kind)
            raise FormError(cells.place, reason, "remove the row")
    if groups:
        raise FormError(groups[-1].cells.place, "this group is never closed", "add a row of type end_group")


def _question(cells: Cells) -> FormQuestion:
    written = cells.get("type")
    select = _SELECT.fullmatch(written)
    if select is None:
        plain = written.lower()
        wrapped = _WRAPPED.fullmatch(plain)
        plain = (wrapped["long"] or wrapped["short"]) if wrapped else plain
        return FormQuestion(cells, _ALIASES.get(plain, plain))
    kind = select["kind"].lower().replace("_", " ")
    several = "multiple" in kind or "all" in kind
    return FormQuestion(
        cells,
        "rank" if kind == "rank" else "select_multiple" if several else "select_one",
        choices=select["list"].strip(),
        from_file="file" in (select["file"] or "").lower(),
        or_other=bool(select["other"]),
    )


def check_names(questions: Iterable[FormQuestion], report: ImportReport) -> frozenset[str]:
    """Refuse names that stand twice in one group; return those that several groups have, which no `${}` can mean."""
    seen: dict[tuple[str, tuple[int, ...]], Place] = {}
    counted: dict[str, int] = {}
    for question in questions:
        key = question.name, tuple(group.cells.place.row for group in question.groups)
        counted[question.name] = counted.get(question.name, 0) + 1
        if not question.name or key not in seen:
            seen[key] = question.place
            continue
        reason = said(
            "the name {name} stands in row {row} of the same group too", name=question.name, row=seen[key].row
        )
        report.refuse(question.place, ConstructError(reason, "give each question a name of its own"))
    return frozenset(name for name, number in counted.items() if number > 1)


@dataclass(frozen=True, slots=True)
class Grid:
    """Neighbouring questions with one list and one condition, which are rows of one table; `header` has its text."""

    header: Cells
    rows: tuple[FormQuestion, ...]


def with_grids(steps: Iterable[Step]) -> Iterator[Step | Grid]:
    """Yield the steps of a form, neighbouring rows of a table-list or list-nolabel as one grid."""
    waiting: list[FormQuestion] = []
    banner: FormQuestion | None = None
    for step in steps:
        if waiting and not (isinstance(step, FormQuestion) and _joins(waiting[-1], step, banner)):
            yield from _closed(waiting, banner)
            waiting, banner = [], None
        if isinstance(step, FormQuestion) and _is_banner(step):
            yield from [banner] if banner else []
            banner = step
        elif isinstance(step, FormQuestion) and _in_table(step, banner):
            waiting.append(step)
        else:
            yield from [banner] if banner else []
            banner = None
            yield step
    yield from _closed(waiting, banner)


def _closed(waiting: list[FormQuestion], banner: FormQuestion | None) -> Iterator[Step | Grid]:
    if len(waiting) > 1:
        yield Grid(banner.cells if banner else waiting[0].groups[-1].cells, tuple(waiting))
        return
    yield from [banner] if banner else []
    yield from waiting


def _is_banner(question: FormQuestion) -> bool:
    return question.type == "select_one" and "label" in question.appearances


def _in_table(question: FormQuestion, banner: FormQuestion | None) -> bool:
    if question.type != "select_one" or question.or_other or question.from_file:
        return False
    if banner is not None:
        return "list-nolabel" in question.appearances and question.choices == banner.choices
    return bool(question.groups) and question.groups[-1].table


def _joins(last: FormQuestion, question: FormQuestion, banner: FormQuestion | None) -> bool:
    columns: tuple[Literal["relevant", "required", "choice_filter", "constraint"], ...]
    columns = ("relevant", "required", "choice_filter", "constraint")
    alike = all(last.cells.get(column) == question.cells.get(column) for column in columns)
    return alike and question.choices == last.choices and _in_table(question, banner) and question.groups == last.groups
