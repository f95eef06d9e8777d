"""What a study wants to know, in words for readers: findings, hypotheses and the numbers that answer them, from YAML.

A report puts the hypotheses beside a release; nothing here is a number of the survey.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from survey.authoring.schema_errors import shaped
from survey.authoring.yaml_source import Source
from survey.document import Document
from survey.faults import AuthoringError, Fault
from survey.names import Id, Name, Slug
from survey.plan.dimension import ShapeError, dimension
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire

Texts = dict[str, Annotated[str, Field(min_length=1)]]
Where = tuple[str | int, ...]
LEVELS = Annotated[list[int], Field(min_length=1)]


class Seven(Document):
    """How many of the people interviewed before said so; the exact interval is computed, never written."""

    said: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _part(self) -> Self:
        if self.said > self.of:
            raise ValueError("said is more than of")
        return self


class Verdicts(Document):
    """What it means that a number is larger or smaller than `against`, or cannot be told apart from it."""

    larger: Texts
    smaller: Texts
    open: Texts


class Measure(Document):
    """One number of the survey: a share of `codes` of a dimension together, or the mean of a score.

    `against`: what the hypothesis compares it with, a part of one ("0.5") or a score; `seven` what was said before.
    """

    words: Texts
    of: Name
    codes: LEVELS | None = None
    against: Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,3})?$")] | None = None
    verdicts: Verdicts | None = None
    seven: Seven | None = None

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.seven and not self.codes:
            raise ValueError("seven are compared with a share: name its codes")
        if self.verdicts and self.against is None:
            raise ValueError("verdicts say how the number stands to `against`: add it")
        return self


class Comparison(Document):
    """The same number in two groups: a share of one level, or a mean, by levels of a second dimension."""

    words: Texts
    of: Name
    code: int | None = None
    by: dict[Name, tuple[int, int]]


class Hypothesis(Document):
    """A claim that can be wrong, what was said before the survey, and the numbers that answer it.

    `now`: what has changed since, where a reader would otherwise take the past for the present.
    """

    id: Id
    claim: Texts
    before: Texts
    now: Texts | None = None
    measures: list[Measure] = Field(default_factory=list)
    comparisons: list[Comparison] = Field(default_factory=list)
    tables: list[Id] = Field(default_factory=list)


class Finding(Document):
    """A finding of the time before, which the hypotheses named make measurable."""

    id: Id
    title: Texts
    before: Texts
    hypotheses: Annotated[list[Id], Field(min_length=1)]


class Reference(Document):
    """Where something said before is written."""

    text: str
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class Findings(Document):
    """The file: who was asked before, findings, hypotheses, and the plans that answer them."""

    study: Slug
    before: Texts
    people: Annotated[int, Field(ge=1)]
    sources: list[Reference]
    plans: list[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+\.yaml$")]] = Field(default_factory=list)
    findings: list[Finding]
    hypotheses: Annotated[list[Hypothesis], Field(min_length=1)]

    def hypothesis(self, name: str) -> Hypothesis:
        """Return the hypothesis of this id; the compiler has seen that it is there."""
        return next(one for one in self.hypotheses if one.id == name)


PARTS = (Findings, Finding, Hypothesis, Measure, Verdicts, Comparison, Seven, Reference)
KNOWN_KEYS = frozenset(name for part in PARTS for name in part.model_fields)


def compile_findings(path: Path, questionnaire: Questionnaire, plans: Mapping[str, Plan] | None = None) -> Findings:
    """Return the findings in `path`; raise AuthoringError with every problem at once.

    `plans`: the plans that the file names, by their file; without them table ids are not checked.
    """
    source = Source(path)
    written, _ = shaped(source, Findings, KNOWN_KEYS)
    for fault in [] if written is None else _faults(written, questionnaire, plans):
        source.report_fault(fault)
    if source.problems or written is None:
        raise AuthoringError(source.problems)
    return written


def read_plans(path: Path, questionnaire: Questionnaire) -> dict[str, Plan]:
    """Return the plans that a file of findings names, from the files beside it; raise AuthoringError."""
    from survey.authoring.plan_compiler import compile_plan  # noqa: PLC0415 - reports of a release need no plan

    named, _ = shaped(Source(path), Findings, KNOWN_KEYS)
    return {name: compile_plan(path.parent / name, questionnaire) for name in (named.plans if named else ())}


def _faults(written: Findings, questionnaire: Questionnaire, plans: Mapping[str, Plan] | None) -> Iterator[Fault]:
    if written.study != questionnaire.study:
        yield Fault(("study",), f"{written.study} is not the study {questionnaire.study}", "correct the name")
    yield from _texts_faults(("before",), written.before, questionnaire)
    yield from _twice("findings", [one.id for one in written.findings])
    yield from _twice("hypotheses", [one.id for one in written.hypotheses])
    known = {one.id for one in written.hypotheses}
    for finding in written.findings:
        where = ("findings", finding.id)
        for name in ("title", "before"):
            yield from _texts_faults((*where, name), getattr(finding, name), questionnaire)
        for missing in (name for name in finding.hypotheses if name not in known):
            yield Fault((*where, "hypotheses"), f"there is no hypothesis {missing}", "correct the name, or write it")
    tables = None if plans is None else {table.id for plan in plans.values() for table in plan.tables}
    for hypothesis in written.hypotheses:
        yield from _hypothesis_faults(hypothesis, written.people, questionnaire, tables)


def _hypothesis_faults(
    written: Hypothesis, people: int, questionnaire: Questionnaire, tables: set[str] | None
) -> Iterator[Fault]:
    where: Where = ("hypotheses", written.id)
    for name in ("claim", "before", "now"):
        yield from _texts_faults((*where, name), getattr(written, name), questionnaire)
    for place, measure in enumerate(written.measures):
        here = (*where, "measures", place)
        yield from _texts_faults((*here, "words"), measure.words, questionnaire)
        for verdict in ("larger", "smaller", "open") if measure.verdicts else ():
            yield from _texts_faults((*here, "verdicts", verdict), getattr(measure.verdicts, verdict), questionnaire)
        yield from _levels_faults(here, measure.of, measure.codes, questionnaire)
        if measure.seven and measure.seven.of > people:
            yield Fault((*here, "seven"), f"only {people} people were asked", "correct `of`, or `people` above")
    for place, one in enumerate(written.comparisons):
        here = (*where, "comparisons", place)
        yield from _texts_faults((*here, "words"), one.words, questionnaire)
        yield from _levels_faults(here, one.of, None if one.code is None else [one.code], questionnaire)
        for name, pair in one.by.items():
            yield from _levels_faults((*here, "by", name), name, list(pair), questionnaire)
    for missing in (name for name in written.tables if tables is not None and name not in tables):
        yield Fault((*where, "tables"), f"no plan has a table {missing}", "correct it, or name its plan in `plans`")


def _levels_faults(where: Where, name: str, codes: list[int] | None, questionnaire: Questionnaire) -> Iterator[Fault]:
    try:
        axis = dimension(name, questionnaire)
    except ShapeError as error:
        yield Fault(where, str(error), error.remedy)
        return
    if codes is None and not axis.score:
        yield Fault(where, f"{name} is no score, so it has no mean", "name codes, or an indicator with score: true")
    levels = {*axis.substantive}
    for code in [] if codes is None else sorted({*codes} - levels):
        yield Fault(where, f"{name} has no level {code}", f"use one of {', '.join(map(str, sorted(levels)))}")
    if codes is not None and len({*codes}) < len(codes):
        yield Fault(where, "a level stands there twice", "name each once")
    if codes is not None and len(codes) > 1 and axis.multi:
        yield Fault(where, f"options of {name} cannot be added: a person may have chosen several", "name one of them")


def _texts_faults(where: Where, texts: Texts | None, questionnaire: Questionnaire) -> Iterator[Fault]:
    there = {*(texts or questionnaire.locales)}
    for locale in sorted({*questionnaire.locales} - there):
        yield Fault(where, f"the text in {locale} is missing", "write it")
    for locale in sorted(there - {*questionnaire.locales}):
        yield Fault((*where, locale), f"the study has no locale {locale}", "remove it")


def _twice(section: str, names: list[str]) -> Iterator[Fault]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault((section, name), f"{name} stands here twice", "keep one of them", again=True)
