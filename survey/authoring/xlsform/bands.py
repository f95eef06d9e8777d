"""Proposes bands of numbers and years: along the bounds of a form and the numbers at which it decides something."""

import math
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from survey.authoring.xlsform.expressions.grammar import Call, Expression, Number, Ref, walk
from survey.authoring.xlsform.sheets.names import codes_by_order
from survey.authoring.xlsform.sheets.report import ConstructError, FormError
from survey.faults import said
from survey.questionnaire.codes import RESERVED

FEW_LEVELS = 21
"""Numbers that are each a level of their own; more become bands."""
MOST_BANDS = 60
"""Bands that are proposed: an author has to confirm each."""
HIGHEST = 1_000_000
"""The upper end of a proposal where the form gives none."""
_LADDER = (0, 1, 2, 3, 6, 11, 21, 51, 101, 1_001, 10_001)
_YEARS = (1900, 1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020, 2030, 2050)
_WANTED = 8
_BAND = re.compile(r"(-?[0-9]{1,9})(?:-(-?[0-9]{1,9}))?")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def own_levels(low: int, high: int) -> bool:
    """Say whether each number from `low` to `high` can be a code of its own."""
    return high - low < FEW_LEVELS and not {*range(low, high + 1)} & RESERVED and high < min(RESERVED)


def given_bands(written: Iterable[str]) -> dict[str, list[dict[str, int]]]:
    """Return the bands of each question that are written as `NAME=0-17,18-64,65-120`; raise FormError for no such.

    A band of one number is written once.
    """
    bands: dict[str, list[dict[str, int]]] = {}
    for one in written:
        name, _, listed = one.partition("=")
        ends = [_BAND.fullmatch(part.strip()) for part in listed.split(",")]
        if not name.strip() or None in ends:
            raise FormError(f"--bands {one}", "these are no bands", "write NAME=0-17,18-64,65-120")
        pairs = [(int(end[1]), int(end[2] or end[1])) for end in ends if end]
        if any(low > high for low, high in pairs) or any(b[0] != a[1] + 1 for a, b in pairwise(pairs)):
            raise FormError(f"--bands {one}", "bands ascend, without gaps and without overlap", "correct the numbers")
        codes = codes_by_order()
        bands[name.strip()] = [{"code": next(codes), "from": low, "to": high} for low, high in pairs]
    return bands


def number_bands(low: int, high: int | None, cuts: Iterable[int]) -> list[dict[str, Any]]:
    """Return bands from `low` to `high` (None: open), each with a code; a band begins at every one of `cuts`.

    Raises ConstructError where that needs more than MOST_BANDS.
    """
    below = [1 - step for step in _LADDER[2:]]
    steps = _even_steps(low, high) if high is not None else [step for step in (*below, *_LADDER) if step > low]
    return _bands(low, HIGHEST if high is None else high, {*steps, *cuts})


def year_bands(low: int | None, high: int | None, cuts: Iterable[int]) -> list[dict[str, Any]]:
    """Return bands of years from `low` to `high`, each with a code."""
    first, last = _YEARS[0] if low is None else low, _YEARS[-1] - 1 if high is None else high
    return _bands(first, last, {*_YEARS, *cuts})


def _bands(low: int, high: int, starts: set[int]) -> list[dict[str, Any]]:
    begins = sorted({low, *(start for start in starts if low < start <= high)})
    if len(begins) > MOST_BANDS:
        reason = said(
            "the form's conditions tell {count} bands of it apart, and at most {most} are proposed",
            count=len(begins),
            most=MOST_BANDS,
        )
        raise ConstructError(reason, "compare it with fewer numbers, or give its bands: --bands NAME=0-17,18-64,65-120")
    ends = [*(begin - 1 for begin in begins[1:]), high]
    codes = codes_by_order()
    return [{"code": next(codes), "from": begin, "to": end} for begin, end in zip(begins, ends, strict=True)]


def _even_steps(low: int, high: int) -> list[int]:
    width = _round_width((high - low + 1) / _WANTED)
    return [*range((low // width + 1) * width, high + 1, width)]


def _round_width(width: float) -> int:
    """Return the next of 1, 2, 5, 10, 20, 50 … that is at least `width`."""
    power = int(10 ** max(0, math.floor(math.log10(max(width, 1)))))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width)


def cuts_by_name(trees: Iterable[Expression]) -> dict[str, set[int]]:
    """Return for each question the numbers at which an expression tells its answers apart: where a band must begin."""
    cuts: dict[str, set[int]] = {}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Call) and node.name in _MIRRORED:
                _cut(cuts, node)
    return cuts


def _cut(cuts: dict[str, set[int]], node: Call) -> None:
    left, right = node.args
    name = node.name
    if isinstance(right, Ref):
        left, right, name = right, left, _MIRRORED[name]
    if isinstance(left, Ref) and isinstance(right, Number) and math.isfinite(right.value):
        below, above = math.ceil(right.value), math.floor(right.value) + 1
        at = {"<": {below}, ">=": {below}, ">": {above}, "<=": {above}}.get(name, {below, above})
        cuts.setdefault(left.name, set()).update(at)
