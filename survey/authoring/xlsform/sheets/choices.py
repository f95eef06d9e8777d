"""The lists of a form's choices: each choice with a code, and those that mean "no answer" as missing codes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey.authoring.item_options import MAX_CODE
from survey.authoring.xlsform.sheets.columns import MEDIA, Cells
from survey.authoring.xlsform.sheets.missing_words import missing_code
from survey.authoring.xlsform.sheets.names import codes_by_order
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport
from survey.faults import said
from survey.questionnaire.codes import RESERVED

_NUMBER = re.compile(r"-?[0-9]+")
LIKE_MISSING = frozenset({66, 77, 88, 97, 98, 99, 555, 666, 777, 888, 997, 998, 999, 7777, 8888, 9999})


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A choice of a form: its name, its label by language, its other columns, which filters name."""

    cells: Cells
    name: str
    label: Mapping[str | None, str]

    @property
    def picture(self) -> str:
        """The file of its picture, empty where it has none."""
        return next((file for column in MEDIA[:1] for file in self.cells.texts.get(column, {}).values()), "")


@dataclass(frozen=True, slots=True)
class CodedChoice:
    """A choice that is an option of an item, under its code."""

    code: int
    choice: FormChoice


@dataclass(frozen=True, slots=True)
class CodedChoices:
    """The options of a list in their order, and the names of choices that are missing codes instead."""

    options: tuple[CodedChoice, ...]
    missing: Mapping[str, int]


def read_choices(rows: Iterable[Cells], report: ImportReport) -> dict[str, list[FormChoice]]:
    """Return the choices of each list; a row without list or name is refused, and one without label keeps its name."""
    lists: dict[str, list[FormChoice]] = {}
    for cells in rows:
        list_name, name = cells.get("list_name"), cells.get("name")
        if not list_name and not name:
            continue
        if not list_name or not name:
            missing = "list_name" if name else "name"
            report.refuse(
                cells.place,
                ConstructError(said("a choice has no {missing}", missing=missing), "write it, or empty the row"),
            )
            continue
        label = {language: text for language, text in cells.texts.get("label", {}).items() if text}
        lists.setdefault(list_name, []).append(FormChoice(cells, name, label))
    return lists


def without_repeats(choices: list[FormChoice], report: ImportReport) -> list[FormChoice]:
    """Return choices of one list each once; the same name under two labels is refused."""
    first: dict[str, FormChoice] = {}
    for choice in choices:
        other = first.setdefault(choice.name, choice)
        if other is choice:
            continue
        if other.label != choice.label:
            rows = (other.cells.place.row, choice.cells.place.row)
            message = "its choices have the name {name} twice, in rows {first} and {second}"
            reason = said(message, name=choice.name, first=rows[0], second=rows[1])
            raise ConstructError(reason, "give each choice a name of its own")
        report.add(
            "changed",
            choice.cells.place,
            said("the choice {name} stood twice with one label and is kept once", name=choice.name),
        )
    return [*first.values()]


def coded(choices: list[FormChoice], report: ImportReport, *, several: bool) -> CodedChoices:
    """Return a list's options with their codes: the names where all are numbers that may be codes, else by order."""
    missing = {
        choice.name: code
        for choice in choices
        if (code := missing_code(choice.label.values(), several=several)) is not None
    }
    for name in _second_of_a_code(missing):
        del missing[name]
    kept = [choice for choice in choices if choice.name not in missing]
    for choice in choices:
        _remark_on(choice, missing, report)
    numbers = [int(choice.name) for choice in kept if _NUMBER.fullmatch(choice.name)]
    if len({*numbers}) < len(kept) or any(not 0 <= number <= MAX_CODE or number in RESERVED for number in numbers):
        codes = codes_by_order()
        numbers = [next(codes) for _ in kept]
    return CodedChoices(tuple(CodedChoice(*pair) for pair in zip(numbers, kept, strict=True)), missing)


def _second_of_a_code(missing: Mapping[str, int]) -> Iterator[str]:
    seen: set[int] = set()
    for name, code in missing.items():
        if code in seen:
            yield name
        seen.add(code)


def _remark_on(choice: FormChoice, missing: Mapping[str, int], report: ImportReport) -> None:
    place = replace(choice.cells.place, name=choice.name)
    if choice.name in missing:
        code = missing[choice.name]
        report.add(
            "mapped",
            place,
            said("the choice is the missing code {code}, worded as the study words it everywhere", code=code),
        )
    elif _NUMBER.fullmatch(choice.name) and (int(choice.name) < 0 or int(choice.name) in LIKE_MISSING):
        reason = said(
            "the name {name} looks like a missing code and its label does not say which, so it is an answer",
            name=choice.name,
        )
        report.add("changed", place, reason, "word it as do not know, prefer not to say or none of these if it is one")


def option(coded_choice: CodedChoice, text: dict[str, str]) -> dict[str, Any]:
    """Return a coded choice as an option of the questionnaire's file, with the name that it had."""
    named = {} if coded_choice.choice.name == str(coded_choice.code) else {"name": coded_choice.choice.name}
    return {"code": coded_choice.code, **named, "text": text}


def free_code(options: Iterable[CodedChoice]) -> int:
    """Return a code for one more option."""
    taken = {coded_choice.code for coded_choice in options}
    return next(code for code in codes_by_order() if code not in taken)
