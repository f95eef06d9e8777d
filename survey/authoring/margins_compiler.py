"""Compiles a file of census margins into exact integer shares that sum to one and match the dimension's categories."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Annotated

from pydantic import Field

from survey.authoring.schema_errors import parse_model
from survey.authoring.yaml_source import YamlSource
from survey.document import Document
from survey.faults import AuthoringError, Fault, Where
from survey.names import Name
from survey.plan.margins import PARTS_PER_WHOLE, Margin, Status, Text
from survey.plan.plan_rules import margin_faults
from survey.questionnaire.questionnaire import Questionnaire

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


def compile_margins(path: Path, questionnaire: Questionnaire) -> tuple[Margin, ...]:
    """Return the margins in `path`; raise AuthoringError with every problem at once.

    Published percentages may miss 100 by half a unit of the last digit for each of them; they are then scaled to
    100,000 parts by largest remainders.
    """
    source = YamlSource(path)
    written, _ = parse_model(source, AuthoredMargins)
    if written is None:
        raise AuthoringError(source.problems)
    for number, margin in enumerate(written.margins):
        for fault in _sums(margin, ("margins", number)):
            source.report_fault(fault)
    drafts = tuple(map(_draft, written.margins))
    for fault in margin_faults(drafts, questionnaire):
        source.report_fault(replace(fault, where=_written_as(fault.where)))
    if source.problems:
        raise AuthoringError(source.problems)
    return tuple(draft.validated() for draft in drafts)


def _draft(written: AuthoredMargin) -> Margin:
    """Return the margin before it is validated; its shares are 0 where a percentage is invalid."""
    shares = dict.fromkeys(written.percent, 0) if any(_sums(written, ())) else _parts(written.percent)
    return Margin.model_construct(
        dimension=written.dimension,
        shares=shares,
        without=tuple(written.without),
        of=written.of,
        source=written.source,
        status=written.status,
    )


def _parts(percent: dict[str, str]) -> dict[str, int]:
    """Scale percentages to parts of a hundred thousand that sum exactly: largest remainders."""
    shares = {code: Fraction(text) for code, text in percent.items()}
    total = sum(shares.values())
    exact = {code: share / total * PARTS_PER_WHOLE for code, share in shares.items()}
    parts = {code: floor(share) for code, share in exact.items()}
    missing = PARTS_PER_WHOLE - sum(parts.values())
    for code in sorted(exact, key=lambda code: parts[code] - exact[code])[:missing]:
        parts[code] += 1
    return parts


def _written_as(where: Where) -> Where:
    """Return the path in the authored file of `where` in the margins: percentages for shares."""
    return tuple("percent" if step == "shares" else step for step in where)


def _sums(margin: AuthoredMargin, where: Where) -> Iterator[Fault]:
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
