"""Compiles a study's findings file (YAML): pilot findings, hypotheses and the measures that answer them.

A report shows the hypotheses beside a release; the file holds no results of the survey.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from survey.authoring.schema_errors import parse_model
from survey.authoring.yaml_source import YamlSource
from survey.document import Document
from survey.faults import AuthoringError, Fault, Where
from survey.names import Id, Name, Slug
from survey.plan.dimension import ShapeError, dimension, is_single_plain_answer
from survey.plan.plan import Plan
from survey.questionnaire.bases import BASES, OF_SCORES, Base, base_of_levels, possible_bases
from survey.questionnaire.questionnaire import Questionnaire

Texts = dict[str, Annotated[str, Field(min_length=1)]]
CODES = Annotated[list[int], Field(min_length=1)]


class PilotShare(Document):
    """How many of the people interviewed in the pilot gave this answer; an exact interval is computed from it.

    `at_least`: so many said it by themselves, or "most" did; the others were not counted.
    """

    said: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=1)]
    at_least: Literal[True] | None = None

    @model_validator(mode="after")
    def _part(self) -> Self:
        if self.said > self.of:
            raise ValueError("said is more than of")
        return self


class VerdictWords(Document):
    """The conclusions for a measure that is larger than `against`, smaller, or not significantly different."""

    larger: Texts
    smaller: Texts
    open: Texts


class Measure(Document):
    """One result of the survey: the share of `codes` of a dimension together, or the mean of a score.

    `joint_with`: levels of other dimensions of the same table that must hold as well, by dimension; the share is then
    of those who stand in the base of each of them. `base`: what the share is of; absent, as the questionnaire declares
    for `of`. `against`: the value the hypothesis compares it with, a proportion ("0.5") or a score; `pilot`: the
    pilot's share. Measures of one hypothesis with the same words are alternatives: the first that a release has
    numbers for is shown.
    """

    words: Texts
    of: Name
    codes: CODES | None = None
    base: Base | None = None
    joint_with: Annotated[dict[Name, CODES], Field(min_length=1)] | None = None
    against: Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,3})?$")] | None = None
    verdicts: VerdictWords | None = None
    pilot: PilotShare | None = None

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.pilot and not self.codes:
            raise ValueError("a pilot's share is compared with a share: name its codes")
        if self.joint_with and (not self.codes or self.of in self.joint_with):
            raise ValueError("joint_with is of a share: name codes of `of`, and other dimensions beside it")
        if self.verdicts and self.against is None:
            raise ValueError("verdicts say how the number stands to `against`: add it")
        return self

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that a table must have for this measure to be read from it, `of` first."""
        return (self.of, *(self.joint_with or ()))


class Comparison(Document):
    """The same measure in two groups: the share of one category, or a mean, by categories of a second dimension.

    `base` as of a measure.
    """

    words: Texts
    of: Name
    code: int | None = None
    base: Base | None = None
    by: dict[Name, tuple[int, int]]


class Hypothesis(Document):
    """A falsifiable claim, the state of knowledge before the survey, and the measures that test it.

    `now`: what has changed since, for claims that readers could otherwise take for current.
    """

    id: Id
    claim: Texts
    before: Texts
    now: Texts | None = None
    measures: list[Measure] = Field(default_factory=list)
    comparisons: list[Comparison] = Field(default_factory=list)
    tables: list[Id] = Field(default_factory=list)

    @property
    def alternatives(self) -> list[list[Measure]]:
        """The measures in their order, those with the same words together."""
        together: dict[tuple[tuple[str, str], ...], list[Measure]] = {}
        for measure in self.measures:
            together.setdefault(tuple(sorted(measure.words.items())), []).append(measure)
        return [*together.values()]


class Finding(Document):
    """A finding of the pilot, and the hypotheses that make it measurable."""

    id: Id
    title: Texts
    before: Texts
    hypotheses: Annotated[list[Id], Field(min_length=1)]


class Reference(Document):
    """A source of an earlier finding."""

    text: str
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class Findings(Document):
    """The file: the people of the pilot, its findings, the hypotheses, and the plans that answer them."""

    study: Slug
    before: Texts
    people: Annotated[int, Field(ge=1)]
    sources: list[Reference]
    plans: list[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+\.yaml$")]] = Field(default_factory=list)
    findings: list[Finding]
    hypotheses: Annotated[list[Hypothesis], Field(min_length=1)]

    def hypothesis(self, name: str) -> Hypothesis:
        """Return the hypothesis with this id; the compiler has checked that it exists."""
        return next(hypothesis for hypothesis in self.hypotheses if hypothesis.id == name)


PARTS = (Findings, Finding, Hypothesis, Measure, VerdictWords, Comparison, PilotShare, Reference)


@dataclass(frozen=True)
class FindingsFile:
    """A file of findings, parsed once: its lines, and what is written there unless that has another form."""

    path: Path
    source: YamlSource
    written: Findings | None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; its problems are in `source`."""
        source = YamlSource(path)
        return cls(path, source, parse_model(source, Findings)[0])

    def read_plans(self, questionnaire: Questionnaire, known: Mapping[str, Plan] | None = None) -> dict[str, Plan]:
        """Return the plans that it names: those of `known`, by file name, others from the files beside it.

        Raises AuthoringError with every problem of the first plan that does not compile.
        """
        from survey.authoring.plan_compiler import compile_plan  # noqa: PLC0415 - reports of a release need no plan

        known, names = known or {}, self.written.plans if self.written else ()
        return {name: known.get(name) or compile_plan(self.path.parent / name, questionnaire) for name in names}

    def compiled(self, questionnaire: Questionnaire, plans: Mapping[str, Plan] | None = None) -> Findings:
        """Return the findings; raise AuthoringError with every problem at once.

        `plans`: those that the file names, by file name; without them table ids are not checked.
        """
        for fault in [] if self.written is None else _faults(self.written, questionnaire, plans):
            self.source.report_fault(fault)
        if self.source.problems or self.written is None:
            raise AuthoringError(self.source.problems)
        return self.written


def compile_findings(path: Path, questionnaire: Questionnaire, plans: Mapping[str, Plan] | None = None) -> Findings:
    """Return the findings in `path`, as FindingsFile.compiled does."""
    return FindingsFile.read(path).compiled(questionnaire, plans)


def _faults(written: Findings, questionnaire: Questionnaire, plans: Mapping[str, Plan] | None) -> Iterator[Fault]:
    if written.study != questionnaire.study:
        yield Fault(("study",), f"{written.study} is not the study {questionnaire.study}", "correct the name")
    yield from _texts_faults(("before",), written.before, questionnaire)
    yield from _repeated_ids("findings", [entry.id for entry in written.findings])
    yield from _repeated_ids("hypotheses", [entry.id for entry in written.hypotheses])
    defined = {entry.id for entry in written.hypotheses}
    for finding in written.findings:
        where = ("findings", finding.id)
        for name in ("title", "before"):
            yield from _texts_faults((*where, name), getattr(finding, name), questionnaire)
        for missing in (name for name in finding.hypotheses if name not in defined):
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
    for index, measure in enumerate(written.measures):
        here = (*where, "measures", index)
        yield from _texts_faults((*here, "words"), measure.words, questionnaire)
        for verdict in ("larger", "smaller", "open") if measure.verdicts else ():
            yield from _texts_faults((*here, "verdicts", verdict), getattr(measure.verdicts, verdict), questionnaire)
        yield from _levels_faults(here, measure.of, measure.codes, questionnaire)
        yield from _base_faults(here, measure, measure.codes, questionnaire)
        yield from _joint_faults(here, measure, questionnaire)
        if measure.pilot and measure.pilot.of > people:
            yield Fault((*here, "pilot"), f"only {people} people were asked", "correct `of`, or `people` above")
    for index, comparison in enumerate(written.comparisons):
        here = (*where, "comparisons", index)
        yield from _texts_faults((*here, "words"), comparison.words, questionnaire)
        codes = None if comparison.code is None else [comparison.code]
        yield from _levels_faults(here, comparison.of, codes, questionnaire)
        yield from _base_faults(here, comparison, codes, questionnaire)
        for name, pair in comparison.by.items():
            yield from _levels_faults((*here, "by", name), name, list(pair), questionnaire)
    for missing in (name for name in written.tables if tables is not None and name not in tables):
        yield Fault((*where, "tables"), f"no plan has a table {missing}", "correct it, or name its plan in `plans`")


def _joint_faults(where: Where, measure: Measure, questionnaire: Questionnaire) -> Iterator[Fault]:
    for name, codes in (measure.joint_with or {}).items():
        yield from _levels_faults((*where, "joint_with", name), name, codes, questionnaire)
    for name in measure.dimensions if measure.joint_with else ():
        if not is_single_plain_answer(name, questionnaire):
            message = f"{name} is not one plain answer, so its cells with others make no share of people"
            yield Fault((*where, "joint_with"), message, "name items of one answer, or indicators")


def _levels_faults(where: Where, name: str, codes: list[int] | None, questionnaire: Questionnaire) -> Iterator[Fault]:
    try:
        axis = dimension(name, questionnaire)
    except ShapeError as error:
        yield Fault(where, str(error), error.remedy)
        return
    if codes is None and not axis.score:
        yield Fault(where, f"{name} is no score, so it has no mean", "name codes, or an indicator with score: true")
    levels = {*axis.asked}
    for code in [] if codes is None else sorted({*codes} - levels):
        yield Fault(where, f"{name} has no level {code}", f"use one of {', '.join(map(str, sorted(levels)))}")
    if codes is not None and len({*codes}) < len(codes):
        yield Fault(where, "a level stands there twice", "name each once")
    if codes is not None and len(codes) > 1 and axis.multi:
        yield Fault(where, f"options of {name} cannot be added: a person may have chosen several", "name one of them")


def _base_faults(
    where: Where, written: Measure | Comparison, codes: list[int] | None, questionnaire: Questionnaire
) -> Iterator[Fault]:
    """Yield what is wrong with the base that is written: it does not hold the levels, or is impossible for its kind."""
    base, place = written.base, (*where, "base")
    if base is None:
        return
    if codes is None and base != OF_SCORES:
        yield Fault(place, f"a mean is of those with a score ({OF_SCORES}), not of {base}", f"remove `base: {base}`")
    needed = base_of_levels(codes or (), base)
    if needed != base:
        message = f"{', '.join(map(str, codes or ()))} cannot be a share of the base {base}"
        yield Fault(place, message, f"write `base: {needed}`, or leave out codes that say nothing")
    item = questionnaire.by_id.get(written.of)
    possible = BASES if item is None else possible_bases(item.type)
    if base not in possible:
        remedy = f"use {' or '.join(possible)}, or remove it" if possible else "remove it"
        yield Fault(place, f"{written.of} is a {item.type if item else ''} item and has no base {base}", remedy)


def _texts_faults(where: Where, texts: Texts | None, questionnaire: Questionnaire) -> Iterator[Fault]:
    there = {*(texts or questionnaire.locales)}
    for locale in sorted({*questionnaire.locales} - there):
        yield Fault(where, f"the text in {locale} is missing", "write it")
    for locale in sorted(there - {*questionnaire.locales}):
        yield Fault((*where, locale), f"the study has no locale {locale}", "remove it")


def _repeated_ids(section: str, names: list[str]) -> Iterator[Fault]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault((section, name), f"{name} stands here twice", "keep one of them", again=True)
