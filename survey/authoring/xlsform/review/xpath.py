"""Conditions of a questionnaire as expressions of a form (ODK XForms Specification, 8: XPath), for who reviews it.

Answers are those of the exported form: choices by their codes, missing codes among them; numbers and days as typed; a
question without choices that has a missing code, or was not asked, is empty.
"""

from collections.abc import Iterable

from survey.questionnaire.codes import MISSING, NOT_ASKED
from survey.questionnaire.conditions import AllOf, AnyOf, Chosen, Condition, CountOf, InRange, ItemHas, ItemIn, Not
from survey.questionnaire.items import Item, Option
from survey.questionnaire.questionnaire import Questionnaire

NEVER, ALWAYS = "false()", "true()"
_MONTHS = 12
_MONTH = 100
"""A month is written YYYYMM."""


def joined(operator: str, parts: Iterable[str], empty: str) -> str:
    """Return parts joined by `and` or `or`, each in parentheses where there are several; `empty` for none."""
    each = [*dict.fromkeys(parts)]
    if len(each) < 2:  # noqa: PLR2004 - one stands for itself
        return each[0] if each else empty
    return f" {operator} ".join(f"({part})" for part in each)


def expression(condition: Condition, whole: Questionnaire) -> str:  # noqa: PLR0911 - one for each kind
    """Return an expression that is true for whom the condition holds."""
    match condition:
        case AllOf():
            return joined("and", (expression(part, whole) for part in condition.all), ALWAYS)
        case AnyOf():
            return joined("or", (expression(part, whole) for part in condition.any), NEVER)
        case Not():
            return f"not({expression(condition.negated, whole)})"
        case CountOf():
            number = " + ".join(f"if({expression(part, whole)}, 1, 0)" for part in condition.count)
            return _within(f"({number})", *condition.range)
        case InRange():
            return _within(f"${{{condition.item}}}", *condition.range)
        case ItemHas():
            return joined("or", (_selected(condition.item, code) for code in condition.has), NEVER)
        case Chosen():
            item = whole.item(condition.item)
            return joined("and", (_some(item), _within(f"count-selected(${{{item.id}}})", *condition.chosen)), ALWAYS)
        case ItemIn():
            return joined("or", (answered(condition.item, code, whole) for code in condition.codes), NEVER)


def answered(name: str, code: int, whole: Questionnaire) -> str:
    """Return an expression that is true where the code of an item, or the status of a multi item, is `code`."""
    item, place = whole.item(name), _place(name, whole)
    if place or code == NOT_ASKED or (code in MISSING and not has_choices(item)):
        if place and code not in (NOT_ASKED, *MISSING):
            return f"selected-at({place[0]}, {place[1]}) = '{code}'"
        return f"{place[0] if place else f'${{{name}}}'} = ''"
    if item.multi:
        return _some(item) if code == 0 else _selected(name, code)
    if has_choices(item):
        return f"${{{name}}} = '{code}'"
    option = next((one for one in item.options if one.code == code), None)
    return NEVER if option is None else _in_band(item, option)


def has_choices(item: Item) -> bool:
    """Say whether a form asks an item as a list of choices; else as a number, a day or a text."""
    return item.type in ("single", "picture", "multi", "list") or (item.type == "scale" and not is_range(item))


def is_range(item: Item) -> bool:
    """Say whether a scale's codes follow each other by one, so that a form asks it as a range; never with missing."""
    codes = [option.code for option in item.options]
    plain = not item.missing and all(option.end is None for option in item.options)
    return item.type == "scale" and plain and len(codes) > 1 and codes == [*range(codes[0], codes[0] + len(codes))]


def _place(name: str, whole: Questionnaire) -> tuple[str, int] | None:
    """Return the question and place, from 0, of one place of a ranking."""
    for group in whole.groups:
        if group.kind == "ranking" and name in group.items:
            return f"${{{group.id}}}", group.items.index(name)
    return None


def _some(item: Item) -> str:
    """Return an expression that is true where options of a multi item are chosen, and no missing code is."""
    chosen = f"${{{item.id}}} != ''"
    return joined("and", (chosen, *(f"not({_selected(item.id, code)})" for code in item.missing)), ALWAYS)


def _selected(name: str, code: int) -> str:
    return f"selected(${{{name}}}, '{code}')"


def _within(number: str, low: int, high: int) -> str:
    return f"{number} = {low}" if low == high else f"{number} >= {low} and {number} <= {high}"


def _in_band(item: Item, option: Option) -> str:
    name = f"${{{item.id}}}"
    if option.low is None or option.high is None:
        return f"{name} = {option.code}"
    if item.type != "date":
        return _within(name, option.low, option.high)
    first, last = (first_day(option.low, item.unit), first_day(_after(option.high, item.unit), item.unit))
    return f"{name} >= date('{first}') and {name} < date('{last}')"


def first_day(bound: int, unit: str | None) -> str:
    """Return the first day of a year, or of a month that is written YYYYMM."""
    return f"{bound // _MONTH:04}-{bound % _MONTH:02}-01" if unit == "month" else f"{bound:04}-01-01"


def _after(bound: int, unit: str | None) -> int:
    if unit != "month":
        return bound + 1
    return bound + 1 if bound % _MONTH < _MONTHS else (bound // _MONTH + 1) * _MONTH + 1


def bounds(item: Item, name: str = ".") -> str:
    """Return the constraint that keeps a number or day between an item's bounds, empty where it has none."""
    lows = [option.low for option in item.options if option.low is not None]
    highs = [option.high for option in item.options if option.high is not None]
    if item.type not in ("number", "date") or not lows or not highs:
        return ""
    if item.type == "number":
        return f"{name} >= {min(lows)} and {name} <= {max(highs)}"
    first, last = first_day(min(lows), item.unit), first_day(_after(max(highs), item.unit), item.unit)
    return f"{name} >= date('{first}') and {name} < date('{last}')"
