"""An authored plan in YAML becomes the registered document: what is asked of the answers, with exact integer prices."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Annotated

from pydantic import Field

from crypto.canonical import canonical
from survey.authoring.margins_compiler import compile_margins, weighting_faults
from survey.authoring.named_conditions import Conditions
from survey.authoring.schema import Written
from survey.authoring.schema_errors import shaped
from survey.authoring.yaml_source import Source
from survey.document import Document
from survey.faults import AuthoringError, Fault
from survey.plan.plan import LEAST_DELTA, MAX_DIMENSIONS, Plan, PlanTable, ShapeError
from survey.plan.plan import dimension as axis
from survey.plan.plan import dimensions as shape_of
from survey.questionnaire.questionnaire import Id, Questionnaire, Sha256, Slug
from survey.questionnaire.rules.questionnaire_rules import condition_faults
from survey.questionnaire.rules.reachability import Reach

NANO, ATTO = 10**9, 10**18
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")


class AuthoredTable(Document):
    """One table as written; `weight` is its part of the plan's rho against the other tables.

    `weight_by`: later dimensions whose public margins its shares are weighted to; it costs nothing.
    """

    id: Id
    dimensions: list[str]
    population: Written | None = None
    weight: int | str = 1
    reason: str
    hypotheses: list[Id] = Field(default_factory=list)
    weight_by: list[str] | None = None


class AuthoredWords(Document):
    """A list of phrases as written; `weight` is its part of rho beside the tables', `delta` a power of ten: "1e-11"."""

    id: Id
    item: Id
    weight: int | str = 1
    delta: Annotated[str, Field(pattern=r"^1e-[0-9]{1,2}$")]
    reason: str
    hypotheses: list[Id] = Field(default_factory=list)


class AuthoredPlan(Document):
    """A plan as written; `rho` is a decimal in quotes, so that no computer rounds it on the way.

    `margins`: the file with the public margins, beside the plan.
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
    words: Annotated[list[AuthoredWords], Field(min_length=1)] | None = None

    @property
    def weights(self) -> list[int | str]:
        """The weights of all tables and lists, as written."""
        return [*(table.weight for table in self.tables), *(one.weight for one in self.words or ())]


KNOWN_KEYS = frozenset({*AuthoredPlan.model_fields, *AuthoredTable.model_fields, *AuthoredWords.model_fields})


def compile_plan(path: Path, questionnaire: Questionnaire) -> Plan:
    """Return the plan in `path` for `questionnaire`; raise AuthoringError with every problem at once.

    Each table's price is its weight's share of rho in billionths, rounded down with exact fractions.
    """
    source = Source(path)
    plan, broken = shaped(source, AuthoredPlan, KNOWN_KEYS)
    if plan is None:
        raise AuthoringError(source.problems)
    conditions = Conditions(source, plan.conditions, broken)
    margins = None if plan.margins is None else compile_margins(path.parent / plan.margins, questionnaire)
    for fault in (*_faults(plan, questionnaire), *weighting_faults(plan.tables, margins, questionnaire)):
        source.report_fault(fault)
    tables = [_table(table, plan, questionnaire, conditions, source) for table in plan.tables]
    if source.problems:
        raise AuthoringError(source.problems)
    document = plan.model_dump(include={"study", "wave", "parent", "title", "reason"})
    total = floor(Fraction(plan.rho) * NANO)
    weighting = {} if margins is None else {"margins": [margin.to_json() for margin in margins]}
    words = {} if plan.words is None else {"words": [_words(one, plan) for one in plan.words]}
    whole = {"format": "sotto-plan-1", **document, "nano_rho": total, "tables": tables, **weighting, **words}
    return Plan.from_bytes(canonical(whole))


def _table(
    table: AuthoredTable, plan: AuthoredPlan, questionnaire: Questionnaire, conditions: Conditions, source: Source
) -> dict[str, object]:
    where = ("tables", table.id, "population")
    condition = None if table.population is None else conditions.condition(table.population, where)
    if condition is not None:
        names = [*questionnaire.by_id], [*questionnaire.derived_by_id]
        found = list(condition_faults(condition, where, questionnaire, items=names[0], derived=names[1]))
        if not found and not Reach(questionnaire).allows(condition):
            found = [Fault(where, "nobody can ever belong to this population", "its conditions contradict the routing")]
        for fault in found:
            source.report_fault(fault)
    return {
        "id": table.id,
        "dimensions": table.dimensions,
        "population": condition and condition.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "nano_rho": _price(table, plan),
        "reason": table.reason,
        "hypotheses": table.hypotheses,
        **({} if table.weight_by is None else {"weight_by": table.weight_by}),
    }


def _words(one: AuthoredWords, plan: AuthoredPlan) -> dict[str, object]:
    delta = floor(Fraction(one.delta) * ATTO)
    rest = one.model_dump(include={"id", "item", "reason", "hypotheses"})
    return rest | {"nano_rho": _price(one, plan), "atto_delta": delta}


def _price(table: AuthoredTable | AuthoredWords, plan: AuthoredPlan) -> int:
    """Return the price of a table or list in billionths of rho, 0 where a number of the plan is at fault."""
    total, mine = _number(plan.rho), _number(table.weight)
    weights = [_number(weight) for weight in plan.weights]
    if total is None or mine is None or None in weights:
        return 0
    return floor(total * NANO * mine / sum(weight for weight in weights if weight))


def _number(written: int | str) -> Fraction | None:
    """Return a positive decimal exactly, or None where it is none."""
    number = Fraction(str(written)) if _DECIMAL.fullmatch(str(written)) else Fraction(0)
    return number or None


def _faults(plan: AuthoredPlan, questionnaire: Questionnaire) -> Iterator[Fault]:
    if plan.study != questionnaire.study:
        yield Fault(("study",), "the plan is of another study", f"write {questionnaire.study}")
    if _number(plan.rho) is None:
        yield Fault(("rho",), "rho is not a positive decimal", 'write it in quotes, such as "0.04"')
    if not plan.tables:
        yield Fault(("tables",), "there is no table", "give at least one")
    for name, number in Counter([*(table.id for table in plan.tables), *(one.id for one in plan.words or ())]).items():
        if number > 1:
            message = f"table {name} stands here {number} times"
            yield Fault(("tables", name), message, "give each its own name", again=True)
    for table in plan.tables:
        yield from _dimensions(table, questionnaire)
        yield from _weight(table, plan, ("tables", table.id, "weight"))
    for one in plan.words or ():
        yield from _weight(one, plan, ("words", one.id, "weight"))
        item = questionnaire.by_id.get(one.item)
        if item is None or not item.phrase:
            remedy = "ask for the words of an item of type phrase"
            yield Fault(("words", one.id, "item"), f"{one.item} is no item of phrases", remedy)
        if Fraction(one.delta) * ATTO < LEAST_DELTA:
            yield Fault(("words", one.id, "delta"), "delta is under 1e-14", "write a delta of 1e-14 or more")
    yield from _twice(plan)


def _weight(table: AuthoredTable | AuthoredWords, plan: AuthoredPlan, where: tuple[str, str, str]) -> Iterator[Fault]:
    if _number(table.weight) is None:
        yield Fault(where, "the weight is not a positive number", 'write a whole number, or a decimal in quotes: "1.5"')
    elif _number(plan.rho) and all(map(_number, plan.weights)) and not _price(table, plan):
        yield Fault(where, "this table's share of rho is under a billionth", "raise its weight or rho")


def _dimensions(table: AuthoredTable, questionnaire: Questionnaire) -> Iterator[Fault]:
    where = ("tables", table.id, "dimensions")
    if not 1 <= len(table.dimensions) <= MAX_DIMENSIONS:
        yield Fault(where, f"a table has 1 to {MAX_DIMENSIONS} dimensions", "split it into several tables")
    repeated = [name for name, number in Counter(table.dimensions).items() if number > 1]
    for name in repeated:
        number = table.dimensions.count(name)
        yield Fault(where, f"{name} stands here {number} times", "name each dimension once")
    unknown = False
    for name in table.dimensions:
        try:
            axis(name, questionnaire)
        except ShapeError as error:
            unknown = True
            yield Fault(where, str(error), error.remedy)
    if not (unknown or repeated) and 1 <= len(table.dimensions) <= MAX_DIMENSIONS:
        yield from _together(table, questionnaire)


def _together(table: AuthoredTable, questionnaire: Questionnaire) -> Iterator[Fault]:
    asked = PlanTable(
        id=table.id, dimensions=tuple(table.dimensions), population=None, nano_rho=1, reason="", hypotheses=()
    )
    try:
        shape_of(asked, questionnaire)
    except ShapeError as error:
        yield Fault(("tables", table.id, "dimensions"), str(error), error.remedy)


def _twice(plan: AuthoredPlan) -> Iterator[Fault]:
    """Two tables that ask the same would pay twice for one answer."""
    seen: dict[tuple[tuple[str, ...], str], str] = {}
    for table in plan.tables:
        first = seen.setdefault((tuple(sorted(table.dimensions)), repr(table.population)), table.id)
        if first != table.id:
            message = f"it asks what table {first} asks"
            yield Fault(("tables", table.id), message, "keep one, with the weight of both")
