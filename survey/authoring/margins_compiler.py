"""A file of census margins becomes exact integer shares; what does not sum or does not match the levels is refused."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from survey.authoring.schema_errors import shaped
from survey.authoring.yaml_source import Source
from survey.document import Document
from survey.faults import AuthoringError, Fault
from survey.plan.margins import PARTS, Margin, Name, Status, Text
from survey.plan.plan import ShapeError, plain_answer
from survey.plan.plan import dimension as axis
from survey.questionnaire.items import RESERVED
from survey.questionnaire.questionnaire import Questionnaire

MOST = 2
"""Raking to more margins needs a table of more dimensions than there are."""
_PERCENT = re.compile(r"(0|[1-9][0-9]?)(\.[0-9]{1,3})?")


class AuthoredMargin(Document):
    """One margin as written: percentages in quotes, as they were published."""

    dimension: Name
    percent: Annotated[dict[str, str], Field(min_length=2)]
    without: list[int] = Field(default_factory=list)
    of: Text
    source: Text
    status: Status


class AuthoredMargins(Document):
    """The file: one margin a dimension."""

    margins: list[AuthoredMargin]


KNOWN_KEYS = frozenset({*AuthoredMargin.model_fields, *AuthoredMargins.model_fields})


def compile_margins(path: Path, questionnaire: Questionnaire) -> tuple[Margin, ...]:
    """Return the margins in `path`; raise AuthoringError with every problem at once.

    Published percentages may miss 100 by half a unit of the last digit for each of them; they are then scaled to
    100,000 parts by largest remainders.
    """
    source = Source(path)
    written, _ = shaped(source, AuthoredMargins, KNOWN_KEYS)
    for fault in [] if written is None else _faults(written, questionnaire):
        source.report_fault(fault)
    if source.problems or written is None:
        raise AuthoringError(source.problems)
    return tuple(_margin(margin) for margin in written.margins)


class _Weighted(Protocol):
    """What is asked of a table as written: its dimensions, and by which of them it is weighted."""

    @property
    def id(self) -> str: ...
    @property
    def dimensions(self) -> list[str]: ...
    @property
    def weight_by(self) -> list[str] | None: ...


def weighting_faults(
    tables: Iterable[_Weighted], margins: tuple[Margin, ...] | None, questionnaire: Questionnaire
) -> Iterator[Fault]:
    """Yield what is wrong with the weights that a plan's tables ask for."""
    known = {margin.dimension for margin in margins or ()}
    for table in tables:
        where = ("tables", table.id, "weight_by")
        asked = table.weight_by or []
        if table.weight_by is not None and not 1 <= len(set(asked)) == len(asked) <= MOST:
            yield Fault(where, f"a table is weighted by 1 to {MOST} different dimensions", "correct the list")
        for name in asked:
            if name not in table.dimensions[1:]:
                yield Fault(where, f"{name} is not a later dimension of this table", "add it after the first dimension")
            elif name not in known:
                yield Fault(where, f"there is no margin of {name}", "name the file in `margins`, and the margin in it")
        if asked and not all(plain_answer(name, questionnaire) for name in table.dimensions):
            remedy = "leave out grids, rankings, questions of several answers, list experiments and randomised items"
            yield Fault(where, "only tables of one plain answer for each dimension can be weighted", remedy)


def _margin(written: AuthoredMargin) -> Margin:
    shares = {code: Fraction(text) for code, text in written.percent.items()}
    rest = written.model_dump(include={"dimension", "of", "source", "status"})
    return Margin(shares=_parts(shares), without=tuple(written.without), **rest)


def _parts(shares: dict[str, Fraction]) -> dict[str, int]:
    """Scale shares to parts of a hundred thousand that sum exactly: largest remainders."""
    total = sum(shares.values())
    exact = {code: share / total * PARTS for code, share in shares.items()}
    parts = {code: floor(share) for code, share in exact.items()}
    missing = PARTS - sum(parts.values())
    for code in sorted(exact, key=lambda code: parts[code] - exact[code])[:missing]:
        parts[code] += 1
    return parts


def _faults(written: AuthoredMargins, questionnaire: Questionnaire) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, margin in enumerate(written.margins):
        where = ("margins", place)
        if margin.dimension in seen:
            yield Fault((*where, "dimension"), f"{margin.dimension} stands here twice", "keep one of them")
        seen.add(margin.dimension)
        yield from _sums(margin, where)
        yield from _levels(margin, where, questionnaire)


def _sums(margin: AuthoredMargin, where: tuple[str | int, ...]) -> Iterator[Fault]:
    wrong = [text for text in margin.percent.values() if not _PERCENT.fullmatch(text)]
    for text in wrong:
        yield Fault((*where, "percent"), f"{text} is no percentage", 'write it in quotes, such as "50.8"')
    if wrong:
        return
    shares = [Fraction(text) for text in margin.percent.values()]
    digits = max(len(text.partition(".")[2]) for text in margin.percent.values())
    total = sum(shares, Fraction(0))
    if abs(total - 100) > Fraction(len(shares), 2 * 10**digits) or any(share == 0 for share in shares):
        message = f"the percentages sum to {float(total):g}, or one of them is 0"
        yield Fault((*where, "percent"), message, "correct them: rounding explains half a unit of the last digit each")


def _levels(margin: AuthoredMargin, where: tuple[str | int, ...], questionnaire: Questionnaire) -> Iterator[Fault]:
    try:
        shape = axis(margin.dimension, questionnaire)
    except ShapeError as error:
        yield Fault((*where, "dimension"), str(error), error.remedy)
        return
    if shape.most > 1:
        message = f"in {margin.dimension} a person stands in several cells"
        yield Fault((*where, "dimension"), message, "weight to items of one answer")
    there = {str(code) for code in shape.levels if code not in RESERVED}
    told = {*margin.percent, *map(str, margin.without)}
    for code in sorted(told - there):
        yield Fault((*where, "percent"), f"{margin.dimension} has no level {code}", "remove it")
    for code in sorted(there - told):
        message = f"level {code} of {margin.dimension} has no percentage"
        yield Fault((*where, "percent"), message, "add it, or name it in `without` if the source does not count it")
