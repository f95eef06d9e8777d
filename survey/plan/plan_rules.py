"""The rules of a plan for its questionnaire, checked before the plan is registered or paid for."""

from collections import Counter
from collections.abc import Iterator, Sequence

from survey.faults import Fault, Where
from survey.plan.dimension import ShapeError, dimension, is_single_plain_answer, most_cells
from survey.plan.margins import Margin
from survey.plan.plan import MAX_WEIGHTING, Plan, PlanTable, dimension_errors
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.condition_rules import condition_faults
from survey.questionnaire.rules.reachability import Reachability


def plan_faults(plan: Plan, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield every fault of a plan: dimensions unknown to `questionnaire`, prices that do not add up, repeated tables.

    `plan` may be a draft whose tables have too many or too few dimensions, as a compiler has it before it is validated.
    """
    if plan.study != questionnaire.study:
        message = f"the plan is of another study: it is for {plan.study}, and this is {questionnaire.study}"
        yield Fault(("study",), message, "correct the name, or give the plan of this study")
    if plan.allocated_nano_rho > plan.nano_rho:
        yield Fault(("nano_rho",), "the plan's tables cost more than the plan says", "compile it again")
    yield from _repeated_ids(plan)
    yield from _repeated_tables(plan)
    reach = Reachability(questionnaire)
    for table in plan.tables:
        yield from _dimensions(table, questionnaire)
        yield from _population(table, questionnaire, reach)
        yield from _weighting(plan, table, questionnaire)
    for phrases in plan.words or ():
        item = questionnaire.by_id.get(phrases.item)
        if item is None or not item.phrase:
            where = ("words", phrases.id, "item")
            yield Fault(where, f"{phrases.item} is no item of phrases", "ask for the words of an item of type phrase")
    yield from margin_faults(plan.margins or (), questionnaire)
    yield from _expectations(plan, questionnaire)


def fault_text(fault: Fault) -> str:
    """Return a fault as one line, for a plan without an authored file."""
    section, *rest = fault.where
    kind = {"tables": "table", "words": "list"}.get(str(section))
    prefix = f"{kind} {rest[0]}: " if kind and rest else ""
    part = "its population: " if "population" in rest[1:] else ""
    return f"{prefix}{part}{fault.message}: {fault.remedy}"


def margin_faults(margins: Sequence[Margin], questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield the faults of public margins for the dimensions of `questionnaire`, with paths as in a plan."""
    first: dict[str, int] = {}
    for number, margin in enumerate(margins):
        where = ("margins", number)
        if first.setdefault(margin.dimension, number) != number:
            yield Fault((*where, "dimension"), f"{margin.dimension} stands here twice", "keep one of them")
        yield from _levels(margin, where, questionnaire)


def _levels(margin: Margin, where: Where, questionnaire: Questionnaire) -> Iterator[Fault]:
    try:
        axis = dimension(margin.dimension, questionnaire)
    except ShapeError as error:
        yield Fault((*where, "dimension"), str(error), error.remedy)
        return
    if most_cells(margin.dimension, questionnaire) > 1:
        message = f"in {margin.dimension} a person stands in several cells"
        yield Fault((*where, "dimension"), message, "weight to items of one answer")
    surplus, missing = margin.differences(axis.options)
    for code in surplus:
        yield Fault((*where, "shares"), f"{margin.dimension} has no level {code}", "remove it")
    for code in missing:
        message = f"level {code} of {margin.dimension} has no percentage"
        remedy = "add it, or name it in `without` if the source does not count it"
        yield Fault((*where, "shares"), message, remedy)
    for code, number in Counter([*margin.shares, *map(str, margin.without)]).items():
        if number > 1:
            message = f"level {code} of {margin.dimension} stands here {number} times"
            yield Fault((*where, "without"), message, "give its percentage, or name it in `without` once")


def _expectations(plan: Plan, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield a fault for each expectation that names no table of the plan or no level of it, or repeats another."""
    tables = {table.id: table.dimensions for table in plan.tables}
    seen: set[tuple[str, int, str]] = set()
    for number, expected in enumerate(plan.expects or ()):
        where = ("expects", number)
        having = [name for name, axes in tables.items() if expected.dimension in axes]
        if not having:
            message = f"no table of the plan has {expected.dimension}"
            yield Fault((*where, "dimension"), message, "correct the name, or remove it")
            continue
        for name in (name for name in expected.tables or () if name not in having):
            yield Fault((*where, "tables"), f"the plan has no table {name} of {expected.dimension}", "correct the name")
        codes = _substantive(expected.dimension, questionnaire)
        for code in (code for code in expected.codes if code not in codes):
            yield Fault((*where, "codes"), f"{expected.dimension} has no level {code}", "remove it")
        here = [(expected.dimension, code, name) for code in expected.codes for name in expected.tables or having]
        if len({*here}) < len(here) or seen & {*here}:
            yield Fault((*where, "codes"), f"a level of {expected.dimension} stands here twice", "name it once")
        seen |= {*here}


def _substantive(name: str, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Return the levels of a dimension; none where it is a fault of its table that it is none."""
    try:
        return dimension(name, questionnaire).substantive
    except ShapeError:
        return ()


def _repeated_ids(plan: Plan) -> Iterator[Fault]:
    lists = [phrases.id for phrases in plan.words or ()]
    for name, number in Counter([*(table.id for table in plan.tables), *lists]).items():
        if number > 1:
            where = ("words" if name in lists else "tables", name)
            yield Fault(where, f"it stands in the plan {number} times", "give each its own name", again=True)


def _repeated_tables(plan: Plan) -> Iterator[Fault]:
    """Yield a fault for each table with the dimensions and population of an earlier one: it would be paid twice."""
    first_by_question: dict[tuple[tuple[str, ...], str], str] = {}
    for table in plan.tables:
        question = tuple(sorted(table.dimensions)), repr(table.population)
        first = first_by_question.setdefault(question, table.id)
        if first != table.id:
            message, names = f"it asks what table {first} asks", frozenset({first, table.id})
            yield Fault(("tables", table.id), message, "keep one, with the budget of both", names)


def _dimensions(table: PlanTable, questionnaire: Questionnaire) -> Iterator[Fault]:
    for error in dimension_errors(table.dimensions, questionnaire):
        yield Fault(("tables", table.id, "dimensions"), str(error), error.remedy)


def _population(table: PlanTable, questionnaire: Questionnaire, reach: Reachability) -> Iterator[Fault]:
    if table.population is None:
        return
    where = ("tables", table.id, "population")
    items, derived = [*questionnaire.by_id], [*questionnaire.derived_by_id]
    faults = list(condition_faults(table.population, where, questionnaire, items=items, derived=derived))
    yield from faults
    if not faults and not reach.allows(table.population):
        message = "nobody can ever belong to this population"
        yield Fault(where, message, "its conditions contradict the questionnaire's routing")


def _weighting(plan: Plan, table: PlanTable, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield the reasons why a table cannot be weighted."""
    if table.weight_by is None:
        return
    where = ("tables", table.id, "weight_by")
    margins = {margin.dimension for margin in plan.margins or ()}
    if not 1 <= len(set(table.weight_by)) == len(table.weight_by) <= MAX_WEIGHTING:
        yield Fault(where, f"a table is weighted by 1 to {MAX_WEIGHTING} different dimensions", "correct the list")
    for name in table.weight_by:
        if name not in table.dimensions[1:]:
            yield Fault(where, f"{name} is not a later dimension of this table", "add it after the first dimension")
        elif name not in margins:
            yield Fault(where, f"there is no margin of {name}", "name the file in `margins`, and the margin in it")
    people = {margin.of for margin in plan.margins or () if margin.dimension in table.weight_by}
    if len(people) > 1:
        message = f"its margins are of different people: {'; '.join(sorted(people))}"
        yield Fault(where, message, "weight to margins of one population, or by one dimension")
    if not all(is_single_plain_answer(name, questionnaire) for name in table.dimensions):
        remedy = "leave out grids, rankings, questions of several answers, list experiments and randomised items"
        yield Fault(where, "only tables of one plain answer for each dimension can be weighted", remedy)
