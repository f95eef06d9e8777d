"""Compiles an authored plan in YAML into the document that is registered, with exact integer prices of its tables."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Annotated

from pydantic import Field

from survey.authoring.margins_compiler import compile_margins
from survey.authoring.named_conditions import Conditions
from survey.authoring.schema import Written
from survey.authoring.schema_errors import parse_model
from survey.authoring.yaml_source import YamlSource
from survey.document import Document
from survey.faults import AuthoringError, Fault, Where
from survey.names import Id, Sha256, Slug
from survey.plan.margins import Margin
from survey.plan.plan import LEAST_DELTA, Expected, PhraseList, Plan, PlanTable
from survey.plan.plan_rules import plan_faults
from survey.plan.privacy_units import ATTO_DELTA, NANO_RHO
from survey.questionnaire.conditions import Condition
from survey.questionnaire.questionnaire import Questionnaire

_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")


class AuthoredTable(Document):
    """One table as written; `weight` is its share of the plan's rho relative to the other tables.

    `weight_by`: later dimensions whose public margins its shares are weighted to; it costs nothing.
    """

    id: Id
    dimensions: list[str]
    population: Written | None = None
    weight: int | str = 1
    reason: str
    hypotheses: list[Id] = Field(default_factory=list)
    weight_by: list[str] | None = None


class AuthoredPhraseList(Document):
    """A phrase list as written; `weight` is its share of rho as for tables, `delta` a power of ten: "1e-11"."""

    id: Id
    item: Id
    weight: int | str = 1
    delta: Annotated[str, Field(pattern=r"^1e-[0-9]{1,2}$")]
    reason: str
    hypotheses: list[Id] = Field(default_factory=list)


class AuthoredPlan(Document):
    """A plan as written; `rho` is a quoted decimal, so that no program rounds it.

    `margins`: the file with the public margins, beside the plan. `expects`: levels that noise may drown, with reasons.
    `answers`: the hypotheses that `sotto plan check --findings` must find answered.
    """

    study: Slug
    wave: Annotated[int, Field(ge=1)]
    parent: Sha256 | None = None
    title: str
    reason: str
    rho: str
    conditions: dict[str, Written] = Field(default_factory=dict)
    margins: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+\.yaml$")] | None = None
    tables: list[AuthoredTable]
    words: Annotated[list[AuthoredPhraseList], Field(min_length=1)] | None = None
    expects: Annotated[list[Expected], Field(min_length=1)] | None = None
    answers: Annotated[list[Id], Field(min_length=1)] | None = None

    @property
    def weights(self) -> list[int | str]:
        """The weights of all tables and lists, as written."""
        return [*(table.weight for table in self.tables), *(phrases.weight for phrases in self.words or ())]


PARTS = (AuthoredPlan, AuthoredTable, AuthoredPhraseList, Expected)


def compile_plan(path: Path, questionnaire: Questionnaire) -> Plan:
    """Return the plan in `path` for `questionnaire`; raise AuthoringError with every problem at once.

    Each table's price is its weight's share of rho in billionths, rounded down with exact fractions.
    """
    source = YamlSource(path)
    plan, broken = parse_model(source, AuthoredPlan)
    if plan is None:
        raise AuthoringError(source.problems)
    conditions = Conditions(source, plan.conditions, broken)
    populations = [_population(table, conditions) for table in plan.tables]
    margins = None if plan.margins is None else compile_margins(path.parent / plan.margins, questionnaire)
    draft = _draft(plan, populations, margins)
    unread = {table.id for table, read in zip(plan.tables, populations, strict=True) if not read and table.population}
    for fault in (*_faults(plan), *plan_faults(draft, questionnaire)):
        if not _compares(fault, unread):
            source.report_fault(replace(fault, where=_written_as(fault.where)))
    if source.problems:
        raise AuthoringError(source.problems)
    return draft.validated()


def authored_wave(path: Path) -> int | None:
    """Return the wave of an authored plan, None where none is to be read there; raise AuthoringError for no YAML."""
    data = YamlSource(path).data
    wave = data.get("wave") if isinstance(data, dict) else None
    return wave if type(wave) is int else None


def _population(table: AuthoredTable, conditions: Conditions) -> Condition | None:
    if table.population is None:
        return None
    return conditions.condition(table.population, ("tables", table.id, "population"))


def _compares(fault: Fault, unread: set[str]) -> bool:
    """Say whether a fault compares tables, at least one of them with a population that could not be read."""
    return fault.where[:1] == ("tables",) and len(fault.where) == len(("tables", "id")) and bool(fault.names & unread)


def _written_as(where: Where) -> Where:
    """Return the path in the authored file of `where` in the plan."""
    return ("rho",) if where == ("nano_rho",) else where


def _draft(plan: AuthoredPlan, populations: list[Condition | None], margins: tuple[Margin, ...] | None) -> Plan:
    """Return the plan before it is validated, so that its rules can report every problem at once."""
    unit = _unit(plan)
    tables = [_table(table, read, unit) for table, read in zip(plan.tables, populations, strict=True)]
    return Plan.model_construct(
        format="sotto-plan-2",
        study=plan.study,
        wave=plan.wave,
        parent=plan.parent,
        title=plan.title,
        reason=plan.reason,
        nano_rho=floor((_positive_decimal(plan.rho) or 0) * NANO_RHO),
        tables=tuple(tables),
        margins=margins,
        words=None if plan.words is None else tuple(_phrase_list(phrases, unit) for phrases in plan.words),
        expects=None if plan.expects is None else tuple(plan.expects),
        answers=None if plan.answers is None else tuple(plan.answers),
    ).compact()


def _table(table: AuthoredTable, population: Condition | None, unit: Fraction | None) -> PlanTable:
    return PlanTable.model_construct(
        id=table.id,
        dimensions=tuple(table.dimensions),
        population=population,
        nano_rho=_price(table, unit),
        reason=table.reason,
        hypotheses=tuple(table.hypotheses),
        weight_by=None if table.weight_by is None else tuple(table.weight_by),
    ).compact()


def _phrase_list(phrases: AuthoredPhraseList, unit: Fraction | None) -> PhraseList:
    return PhraseList.model_construct(
        id=phrases.id,
        item=phrases.item,
        nano_rho=_price(phrases, unit),
        atto_delta=floor(Fraction(phrases.delta) * ATTO_DELTA),
        reason=phrases.reason,
        hypotheses=tuple(phrases.hypotheses),
    )


def _unit(plan: AuthoredPlan) -> Fraction | None:
    """Return what a weight of one costs in billionths of rho, None where a number of the plan is invalid."""
    total, weights = _positive_decimal(plan.rho), [_positive_decimal(weight) for weight in plan.weights]
    sound = [weight for weight in weights if weight is not None]
    return None if total is None or not sound or len(sound) < len(weights) else total * NANO_RHO / sum(sound)


def _price(table: AuthoredTable | AuthoredPhraseList, unit: Fraction | None) -> int:
    """Return the price of a table or phrase list in billionths of rho, 0 if a number of the plan is invalid."""
    mine = _positive_decimal(table.weight)
    return 0 if unit is None or mine is None else floor(unit * mine)


def _positive_decimal(written: int | str) -> Fraction | None:
    """Return a positive decimal as an exact fraction, or None for anything else."""
    number = Fraction(str(written)) if _DECIMAL.fullmatch(str(written)) else Fraction(0)
    return number or None


def _faults(plan: AuthoredPlan) -> Iterator[Fault]:
    """Yield problems of the numbers as written; the plan's own rules see only the compiled numbers."""
    if _positive_decimal(plan.rho) is None:
        yield Fault(("rho",), "rho is not a positive decimal", 'write it in quotes, such as "0.04"')
    if not plan.tables:
        yield Fault(("tables",), "there is no table", "give at least one")
    unit = _unit(plan)
    for table in plan.tables:
        yield from _weight(table, unit, ("tables", table.id, "weight"))
    for phrases in plan.words or ():
        yield from _weight(phrases, unit, ("words", phrases.id, "weight"))
        if Fraction(phrases.delta) * ATTO_DELTA < LEAST_DELTA:
            yield Fault(("words", phrases.id, "delta"), "delta is under 1e-14", "write a delta of 1e-14 or more")


def _weight(
    table: AuthoredTable | AuthoredPhraseList, unit: Fraction | None, where: tuple[str, str, str]
) -> Iterator[Fault]:
    if _positive_decimal(table.weight) is None:
        yield Fault(where, "the weight is not a positive number", 'write a whole number, or a decimal in quotes: "1.5"')
    elif unit is not None and not _price(table, unit):
        yield Fault(where, "this table's share of rho is under a billionth", "raise its weight or rho")
