"""What is wrong with a compiled plan for a questionnaire, told before anything is registered, opened or spent; pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from survey.plan import Plan, PlanTable, ShapeError, dimensions
from survey.questionnaire import Questionnaire
from survey.reach import Reach
from survey.soundness import condition_faults


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
    if sum(table.nano_rho for table in plan.tables) > plan.nano_rho:
        yield PlanFault(None, "the plan's tables cost more than the plan says", "compile it again")
    for name, number in Counter(table.id for table in plan.tables).items():
        if number > 1:
            yield PlanFault(name, f"it stands in the plan {number} times", "give each its own name")
    yield from _repeated(plan)
    reach = Reach(questionnaire)
    for table in plan.tables:
        yield from _shape(table, questionnaire)
        yield from _population(table, questionnaire, reach)


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
