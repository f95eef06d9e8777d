"""Questions for numbers and dates: bounds from the constraint, levels of their own where they are few, else bands."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from survey.authoring.xlsform.bands import number_bands, own_levels, year_bands
from survey.authoring.xlsform.expressions.constraints import Allowed, allowed_numbers, alone_and_between
from survey.authoring.xlsform.expressions.grammar import Call, Expression, Number, Text
from survey.authoring.xlsform.expressions.known import Answered, Known, Span
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.sheets.choices import LIKE_MISSING
from survey.authoring.xlsform.sheets.names import codes_by_order
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.document import today
from survey.faults import said
from survey.questionnaire.codes import DONT_KNOW, REFUSED, RESERVED
from survey.questionnaire.number_words import band_words
from survey.questionnaire.rules.questionnaire_rules import MOST_OPTIONS

_DATE = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}")
_PARAMETER = re.compile(r"(\w+)\s*=\s*(-?[0-9.]+)")
_CALENDARS = ("ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist")
WITH_BANDS = ("integer", "decimal", "date", "datetime")
"""The types of questions that may have bands of an author's own."""
_SHOWN_BANDS = 4
_COMPARED = ("<", "<=", ">", ">=", "=", "!=")
_DECIDING = (*_COMPARED, "and", "or", "not", "boolean", "if", "selected")
_OPEN = "only the band of a number is sent, and {count} are proposed ({shown}); the form gives no upper bound"
_BOUNDED = "only the band of a number is sent, and {count} are proposed ({shown}); between the bounds of its constraint"
_CONFIRM = "confirm the bands in the file, or give your own: --bands NAME=0-17,18-64,65-120"


@dataclass(frozen=True, slots=True)
class NumberItem:
    """The members of an item that a question for a number becomes, and its answers by code."""

    kind: str
    members: dict[str, Any]
    answers: dict[int, Answered]
    missing: tuple[int, ...] = ()


def number_item(question: FormQuestion, form: FormContext) -> NumberItem:
    """Return a question for whole or decimal numbers as a number item."""
    allowed = _allowed(question, form)
    missing = _numbers_apart(question, allowed, form)
    if allowed.low is None and allowed.high is not None and allowed.high < 0:
        raise ConstructError("it has an upper bound below zero, and no lower one", "give one, such as . >= -50")
    if question.type == "decimal":
        form.report.add(
            "changed", question.place, "it is asked in whole numbers", "ask in a smaller unit if it matters"
        )
    low = allowed.low or 0
    high = None if allowed.low is None or question.name in form.bands else allowed.high
    if high is not None and own_levels(low, high):
        numbers = range(low, high + 1)
        codes = iter(numbers) if low >= 0 else codes_by_order()
        levels: dict[int, Answered] = {next(codes): Span(n, n) for n in numbers}
        return NumberItem("number", {"from": low, "to": high}, levels, missing)
    bands: list[dict[str, int]] = [*form.bands.get(question.name, ())]
    if not bands:
        bands = number_bands(low, allowed.high, form.cuts.get(question.name, ()))
        _propose(question, form, bands, open_end=allowed.high is None)
    answers: dict[int, Answered] = {band["code"]: Span(band["from"], band["to"]) for band in bands}
    return NumberItem("number", {"bands": bands}, answers, missing)


def _allowed(question: FormQuestion, form: FormContext) -> Allowed:
    source = question.cells.get("constraint")
    if not source:
        return Allowed(None, None)
    alone, _ = alone_and_between(form.parse(source))
    return Allowed(None, None) if alone is None else allowed_numbers(alone)


def _numbers_apart(question: FormQuestion, allowed: Allowed, form: FormContext) -> tuple[int, ...]:
    if not allowed.apart:
        return ()
    if odd := [n for n in allowed.apart if n >= 0 and n not in LIKE_MISSING]:
        raise ConstructError(
            said("the constraint allows {value} apart from its range", value=odd[0]), "give one range of numbers"
        )
    message = "{listed} stands for no answer, which the phone offers as buttons of its own"
    reason = said(message, listed=tuple(allowed.apart))
    form.report.add("changed", question.place, reason)
    return (DONT_KNOW, REFUSED)


def _propose(question: FormQuestion, form: FormContext, bands: list[dict[str, Any]], *, open_end: bool) -> None:
    shown = ", ".join(dict.fromkeys(_words(band) for band in bands[:_SHOWN_BANDS]))
    more = " …" if len(bands) > _SHOWN_BANDS else ""
    message = _OPEN if open_end else _BOUNDED
    reason = said(message, count=len(bands), shown=f"{shown}{more}")
    form.report.add("proposed", question.place, reason, _CONFIRM)


def _words(band: dict[str, Any]) -> str:
    return band_words(band["from"], band["to"])


def range_item(question: FormQuestion, form: FormContext) -> NumberItem:
    """Return a range as a scale between its ends, each step an answer."""
    start, end, step = _range(question)
    number = int((end - start) / step) + 1
    if not 2 <= number <= MOST_OPTIONS:  # noqa: PLR2004 - a scale has two ends
        raise ConstructError(
            said("the range has {number} steps, and a scale 2 to {most}", number=number, most=MOST_OPTIONS),
            "choose a larger step",
        )
    values = [start + step * index for index in range(number)]
    if question.cells.get("constraint"):
        raise ConstructError("a range has a constraint beside its ends", "give the ends as start and end")
    texts = [f"{value.normalize():f}" for value in values]
    plain = step == 1 and start == int(start) and start >= 0 and not {*range(int(start), int(end) + 1)} & RESERVED
    codes = [int(value) for value in values] if plain else [*range(1, number + 1)]
    ends = {"ends": [form.texts.own("lowest"), form.texts.own("highest")]}
    members: dict[str, Any] = {
        "options": [{"code": code, "text": text} for code, text in zip(codes, texts, strict=True)]
    }
    if plain:
        members = {"from": codes[0], "to": codes[-1]}
    answers: dict[int, Answered] = {code: Span(float(v), float(v)) for code, v in zip(codes, values, strict=True)}
    return NumberItem("scale", {**ends, **members}, answers)


def _range(question: FormQuestion) -> tuple[Decimal, Decimal, Decimal]:
    given = {name.lower(): value for name, value in _PARAMETER.findall(question.cells.get("parameters"))}
    try:
        start, end, step = (
            Decimal(given.get(name, default)) for name, default in (("start", "0"), ("end", "10"), ("step", "1"))
        )
    except InvalidOperation:
        raise ConstructError(
            "start, end and step of its range are no numbers", "correct the column parameters"
        ) from None
    if step <= 0 or end <= start:
        raise ConstructError("its range has no steps between start and end", "correct the column parameters")
    return start, end, step


def date_item(question: FormQuestion, form: FormContext) -> NumberItem:
    """Return a question for a day as one for the year, in bands."""
    if calendar := next((one for one in question.appearances if one in _CALENDARS), None):
        reason = said(
            "the calendar {calendar} is not shown: the year is asked as the Gregorian calendar counts it",
            calendar=calendar,
        )
        form.report.add("changed", question.place, reason, "say so in its text")
    if question.type == "datetime":
        form.report.add("changed", question.place, "the time of day is not asked")
    source = question.cells.get("constraint")
    allowed = allowed_numbers(_years(form.parse(source))) if source else Allowed(None, None)
    if allowed.apart:
        raise ConstructError("its constraint allows years apart from one range", "give one range")
    bands: list[dict[str, int]] = [*form.bands.get(question.name, ())]
    if not bands:
        bands = year_bands(allowed.low, allowed.high, ())
        message = "of a date only the band of its year is sent, and {count} are proposed ({first} to {last})"
        reason = said(message, count=len(bands), first=bands[0]["from"], last=bands[-1]["to"])
        form.report.add("proposed", question.place, reason, _CONFIRM)
    return NumberItem("date", {"bands": bands}, {band["code"]: "" for band in bands})


def hour_item(question: FormQuestion, form: FormContext) -> NumberItem:
    """Return a question for a time of day as one for its hour."""
    if question.cells.get("constraint"):
        raise ConstructError("the constraint of a time cannot be checked by the hour", "take it out")
    form.report.add("changed", question.place, "a time of day is asked as its hour, 0 to 23", "say so in its text")
    return NumberItem("number", {"from": 0, "to": 23}, dict.fromkeys(range(24), ""))


def _years(tree: Expression, *, some: bool = True) -> Expression:
    """Return a constraint on a date as one on its year: it holds for a year of which some day, else every day, fits.

    Under `not` a year that fits must be one of which every day does: what is left out must not leave out the rest of
    its year. Raises ConstructError where it cannot be told which of the two is meant.
    """
    match tree:
        case Call("not", (inner,)):
            return Call("not", (_years(inner, some=not some),))
        case Call("and" | "or" | "boolean", args):
            return Call(tree.name, tuple(_years(arg, some=some) for arg in args))
        case Call("=" | "!=", (_, _)) if some == (tree.name == "!="):
            return Call("true" if some else "false", ())  # each year has some day that is another, and none is one day
        case Call(name, (left, right)) if name in _COMPARED:
            bound = f"{name[0]}=" if some else name[0]
            return Call(bound if name[0] in "<>" else name, (_year(left), _year(right)))
    return _year(tree)


def _year(tree: Expression) -> Expression:
    """Return a day as its year: `today()` and days in quotes."""
    match tree:
        case Call("today" | "now", ()):
            return Number(today().year)
        case Call("date", (Text() as day,)):
            return _year(day)
        case Text() if match := _DATE.fullmatch(tree.value.strip()):
            return Number(int(match[1]))
        case Call(name, args):
            if name in _DECIDING:
                reason = said(
                    "its constraint has {name} where days are compared, which the year alone does not settle", name=name
                )
                raise ConstructError(reason, "compare `.` with days, and join that by and, or, not")
            return Call(name, tuple(map(_year, args)))
    return tree


def known_number(item_id: str, item: NumberItem, passed: tuple[int, ...]) -> Known:
    """Return what expressions may know of a question for a number."""
    return Known(item_id, "number", item.answers, passed=passed, pipes=True)
