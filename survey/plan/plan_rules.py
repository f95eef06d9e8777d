"""What is wrong with a compiled plan for a questionnaire, told before anything is registered, opened or spent; pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from survey.plan.plan import Plan, PlanTable, ShapeError, dimension, dimensions, plain_answer
from survey.questionnaire.questionnaire import RESERVED, Questionnaire
from survey.questionnaire.rules.questionnaire_rules import condition_faults
from survey.questionnaire.rules.reachability import Reach


@dataclass(frozen=True)
class PlanFault:
    """One thing that is wrong, in which table (None: the whole plan), and what to do."""

    table: str | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"table {self.table}: " if self.table else ""
        return f"{place}{self.message}: {self.remedy}"


def plan_faults(plan: Plan, questionnaire: Questionnaire) -> Iterator[PlanFault]:
    """Yield every fault of a plan: what `questionnaire` cannot answer, prices that do not add up, one table twice."""
    if plan.study != questionnaire.study:
        message = f"the plan is for study {plan.study} and this is study {questionnaire.study}"
        yield PlanFault(None, message, "give the plan of this study")
        return
    if plan.shared_out > plan.nano_rho:
        yield PlanFault(None, "the plan's tables cost more than the plan says", "compile it again")
    for name, number in Counter([*(table.id for table in plan.tables), *(one.id for one in plan.words or ())]).items():
        if number > 1:
            yield PlanFault(name, f"it stands in the plan {number} times", "give each its own name")
    yield from _repeated(plan)
    reach = Reach(questionnaire)
    for table in plan.tables:
        yield from _shape(table, questionnaire)
        yield from _population(table, questionnaire, reach)
        yield from _weighted(plan, table, questionnaire)
    for one in plan.words or ():
        item = questionnaire.by_id.get(one.item)
        if item is None or not item.phrase:
            yield PlanFault(one.id, f"{one.item} is no item of phrases", "ask for the words of an item of type phrase")


def _repeated(plan: Plan) -> Iterator[PlanFault]:
    """Two tables that ask the same would pay twice for one answer."""
    seen: dict[tuple[tuple[str, ...], str], str] = {}
    for table in plan.tables:
        asked = tuple(sorted(table.dimensions)), repr(table.population)
        first = seen.setdefault(asked, table.id)
        if first != table.id:
            yield PlanFault(table.id, f"it asks what table {first} asks", "keep one, with the budget of both")


def _shape(table: PlanTable, questionnaire: Questionnaire) -> Iterator[PlanFault]:
    try:
        dimensions(table, questionnaire)
    except ShapeError as error:
        yield PlanFault(table.id, str(error), error.remedy)


def _weighted(plan: Plan, table: PlanTable, questionnaire: Questionnaire) -> Iterator[PlanFault]:
    """Yield what stops a table from being weighted: found here, and not after it was paid for."""
    margins = {margin.dimension: margin for margin in plan.margins or ()}
    for name in table.weight_by or ():
        margin = margins.get(name)
        if name not in table.dimensions[1:] or margin is None:
            message = f"it cannot be weighted by {name}"
            yield PlanFault(table.id, message, "make it a later dimension and give its margin")
            continue
        mismatch = margin.mismatch(_substantive(name, questionnaire))
        if mismatch:
            yield PlanFault(table.id, f"the margin of {name} does not match: {mismatch}", "correct the margins")
    if table.weight_by and not all(plain_answer(name, questionnaire) for name in table.dimensions):
        yield PlanFault(table.id, "only tables of plain answers can be weighted", "remove `weight_by`")


def _substantive(name: str, questionnaire: Questionnaire) -> tuple[int, ...]:
    try:
        return tuple(level for level in dimension(name, questionnaire).levels if level not in RESERVED)
    except ShapeError:
        return ()


def _population(table: PlanTable, questionnaire: Questionnaire, reach: Reach) -> Iterator[PlanFault]:
    if table.population is None:
        return
    names = [*questionnaire.by_id], [*questionnaire.derived_by_id]
    found = condition_faults(table.population, (), questionnaire, items=names[0], derived=names[1])
    fault = next(iter(found), None)
    if fault is not None:
        yield PlanFault(table.id, f"its population: {fault.message}", fault.remedy)
    elif not reach.allows(table.population):
        message = "nobody can ever belong to its population"
        yield PlanFault(table.id, message, "its conditions contradict the questionnaire's routing")
