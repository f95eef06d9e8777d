"""Conditions of the questionnaire as plain data, put together so that they stay short: true, false, or a condition."""

from collections.abc import Iterable
from typing import Any

MOST_TESTS = 1_000
"""Tests that one condition may have: a phone works all of them out for each screen."""
Formula = bool | dict[str, Any]
"""True: everybody. False: nobody. Else a condition as `ask_if` has it."""


def item_in(item: str, codes: Iterable[int]) -> Formula:
    """Return the condition that an item has one of `codes`."""
    listed = sorted({*codes})
    return {"item": item, "in": listed} if listed else False


def all_of(parts: Iterable[Formula]) -> Formula:
    """Return the condition that all of `parts` hold; two tests of one item become one."""
    return _joined(parts, "all", neutral=True)


def any_of(parts: Iterable[Formula]) -> Formula:
    """Return the condition that one of `parts` holds; two tests of one item become one."""
    return _joined(parts, "any", neutral=False)


def negated(formula: Formula) -> Formula:
    """Return the condition that `formula` does not hold."""
    if isinstance(formula, bool):
        return not formula
    inner: Formula | None = formula.get("not")
    return {"not": formula} if inner is None else inner


def tests_in(formula: Formula) -> int:
    """Return how many tests a condition has, its parts' parts included."""
    waiting, number = [formula], 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            inner = [*part.get("all", ()), *part.get("any", ()), *([part["not"]] if "not" in part else [])]
            waiting += inner
            number += not inner
    return number


def _joined(parts: Iterable[Formula], key: str, *, neutral: bool) -> Formula:
    kept: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return part
        elif part not in kept:
            kept += [one for one in part.get(key, [part]) if one not in kept]
    merged = _merged(kept, key)
    if merged is None:
        return False
    if len(merged) > 1:
        return {key: merged}
    return merged[0] if merged else neutral


def _merged(parts: list[dict[str, Any]], key: str) -> list[dict[str, Any]] | None:
    """Return `parts` with the tests of one item's codes made one; None where no code is left to hold."""
    codes: dict[str, set[int]] = {}
    merged: list[dict[str, Any]] = []
    for part in parts:
        if "in" not in part:
            merged.append(part)
            continue
        item, here = part["item"], {*part["in"]}
        if item not in codes:
            codes[item] = here
            merged.append({"item": item})
        else:
            codes[item] = codes[item] & here if key == "all" else codes[item] | here
    if any(not left for left in codes.values()):
        return None
    return [{**part, "in": sorted(codes[part["item"]])} if part.keys() == {"item"} else part for part in merged]
