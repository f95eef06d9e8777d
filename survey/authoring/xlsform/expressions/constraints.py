"""What a constraint allows, found by trying it: the numbers of a range, or how many and which choices together.

A constraint is worked out for every case that it can tell apart, so that what the questionnaire says instead (bounds,
`cap`, `exclusive`) is the same for every answer, or the constraint is refused.
"""

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations

from survey.authoring.xlsform.expressions.grammar import (
    Call,
    Column,
    Current,
    Expression,
    Number,
    Ref,
    Text,
    number_text,
    walk,
)
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.faults import said

Value = float | str | bool | frozenset[str]
"""What an expression has for one answer; the answer itself is a number or the set of chosen names."""
MOST_NAMED = 12
"""Choices that a constraint may name: each doubles what is tried."""
FAR = 10**9
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_REMEDY = "write it with `.`, numbers, names of choices, and, or, not, selected, count-selected"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The whole numbers that a constraint allows: one run, and single numbers that stand apart from it.

    A bound that is None is not given by the constraint.
    """

    low: int | None
    high: int | None
    apart: tuple[int, ...] = ()


def alone_and_between(tree: Expression) -> tuple[Expression | None, Expression | None]:
    """Return the part of a constraint that looks at the answer alone, and the part that compares it with others.

    Only parts that must all hold can be told apart: of others nothing stands alone.
    """
    parts = tree.args if isinstance(tree, Call) and tree.name == "and" else (tree,)
    between = tuple(part for part in parts if any(isinstance(node, Ref) for node in walk(part)))
    alone = tuple(part for part in parts if part not in between)
    return (Call("and", alone) if alone else None), (Call("and", between) if between else None)


def allowed_numbers(tree: Expression) -> Allowed:
    """Return the numbers that a constraint on a number allows; raise ConstructError where they are no one run."""
    constants = sorted({node.value for node in walk(tree) if isinstance(node, Number) and abs(node.value) < FAR})
    points = sorted(
        {-FAR, FAR, *(n for c in constants for n in (math.floor(c) - 1, math.floor(c), math.ceil(c), math.ceil(c) + 1))}
    )
    runs: list[list[int]] = []
    for before, point in zip([None, *points], points, strict=False):
        if not _truth(_value(tree, float(point))):
            continue
        if runs and runs[-1][1] == before:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return _one_run(runs)


def _one_run(runs: list[list[int]]) -> Allowed:
    wide = [run for run in runs if run[0] < run[1]]
    apart = tuple(run[0] for run in runs if run[0] == run[1])
    if not wide and len(apart) == 1:
        return Allowed(apart[0], apart[0])
    if len(wide) != 1:
        raise ConstructError("the constraint allows no one range of whole numbers", "give one lowest and one highest")
    low, high = wide[0]
    return Allowed(None if low == -FAR else low, None if high == FAR else high, apart)


class TooMuchError(ConstructError):
    """A constraint on several choices that says more than how many and which of them stand alone."""


@dataclass(frozen=True, slots=True)
class ChoiceLimits:
    """How many choices may be chosen together, and those that stand alone."""

    most: int
    exclusive: frozenset[str] = frozenset()


def choice_limits(tree: Expression, names: list[str]) -> ChoiceLimits:
    """Return what a constraint on several choices allows; raise ConstructError where it is more than that."""
    named = {node.value for node in walk(tree) if isinstance(node, Text)} & {*names}
    if len(named) > MOST_NAMED:
        raise ConstructError(said("the constraint names more than {most} choices", most=MOST_NAMED), "name fewer")
    others = [name for name in names if name not in named]
    tried = [
        frozenset({*some, *others[:number]})
        for some in _subsets(sorted(named))
        for number in range(len(others) + 1)
        if some or number
    ]
    allowed = {chosen: _truth(_value(tree, chosen)) for chosen in tried}
    exclusive = frozenset(name for name in named if _stands_alone(name, allowed))
    most = max((len(chosen) for chosen, good in allowed.items() if good), default=0)
    for chosen, good in allowed.items():
        if good != (len(chosen) <= most and not (chosen & exclusive and len(chosen) > 1)):
            reason = "the constraint is more than a highest number of choices and choices that stand alone"
            raise TooMuchError(reason, "split the question, or leave the constraint out")
    return ChoiceLimits(most, exclusive)


def allowed_names(tree: Expression, names: Iterable[str]) -> frozenset[str]:
    """Return the choices that a constraint on a question of one choice allows."""
    return frozenset(name for name in names if _truth(_value(tree, name)))


def _stands_alone(name: str, allowed: dict[frozenset[str], bool]) -> bool:
    """Say whether a choice is allowed alone, and never beside another one."""
    together = [good for chosen, good in allowed.items() if name in chosen and len(chosen) > 1]
    return allowed.get(frozenset({name}), False) and bool(together) and not any(together)


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, number) for number in range(len(names) + 1))


def _value(tree: Expression, current: Value) -> Value:
    match tree:
        case Text() | Number():
            return tree.value
        case Current():
            return current
        case Ref():
            raise ConstructError(
                said("the constraint compares the answer with {name}", name=f"${{{tree.name}}}"),
                "check one answer at a time",
            )
        case Column():
            raise ConstructError(
                said("the constraint names `{name}`, which is neither `.` nor in quotes", name=tree.name), _REMEDY
            )
        case Call():
            return _called(tree, current)


def _called(tree: Call, current: Value) -> Value:
    name, args = tree.name, tree.args
    found: Value | None = None
    match name, len(args):
        case "or", _:
            found = any(_truth(_value(part, current)) for part in args)
        case "and", _:
            found = all(_truth(_value(part, current)) for part in args)
        case "if", 3:
            found = _value(args[1 if _truth(_value(args[0], current)) else 2], current)
        case (("true" | "false"), 0):
            found = name == "true"
        case "not", 1:
            found = not _truth(_value(args[0], current))
        case (("number" | "int" | "string" | "boolean"), 1):
            found = _value(args[0], current)
        case "count-selected", 1 if isinstance(chosen := _value(args[0], current), frozenset):
            found = float(len(chosen))
        case _, 2:
            found = _of_two(name, _value(args[0], current), _value(args[1], current))
    if found is None:
        raise ConstructError(said("the constraint asks for {name}()", name=name), _REMEDY)
    return found


def _of_two(name: str, left: Value, right: Value) -> Value:
    if name == "selected":
        return _plain(right) in (left if isinstance(left, frozenset) else _plain(left).split())
    if name in ("=", "!="):
        return _equal(left, right) == (name == "=")
    if name in _ORDER and not isinstance(left, frozenset) and not isinstance(right, frozenset):
        return _ORDER[name](_number(left), _number(right))
    raise ConstructError(said("the constraint asks for {name}", name=name), _REMEDY)


def _equal(left: Value, right: Value) -> bool:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, frozenset):
            return {*one} == {*_plain(other).split()}
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return _number(left) == _number(right)


def _plain(value: Value) -> str:
    return number_text(value) if isinstance(value, float) else str(value)


def _number(value: Value) -> float:
    try:
        return float(value) if not isinstance(value, frozenset) else math.nan
    except ValueError:
        return math.nan


def _truth(value: Value) -> bool:
    return bool(value) and value == value  # noqa: PLR0124 - what is no number is not true
