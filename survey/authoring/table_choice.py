"""Chooses which table of a plan or of its release answers a measure of the findings: one rule for both. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure
from survey.plan.dimension import Dimension
from survey.plan.plan import Plan, dimensions
from survey.questionnaire.bases import OF_SCORES, Base, base_of_levels
from survey.questionnaire.questionnaire import Questionnaire


@dataclass(frozen=True)
class Tabulation:
    """What is public about one table, in a plan and in its release.

    `filtered`: it is of a part of the people only. `weighted`: its shares are also weighted to public margins.
    `hypotheses`: those that its plan names.
    """

    id: str
    axes: tuple[Dimension, ...]
    filtered: bool
    weighted: bool
    hypotheses: tuple[str, ...]

    @property
    def first(self) -> str:
        """The dimension whose shares the release itself states."""
        return self.axes[0].id

    @property
    def plain(self) -> bool:
        """Whether every person stands in one cell, by answers that nobody drew: then cells may be added freely."""
        return not any(axis.multi or axis.rows or axis.threshold or axis.list for axis in self.axes)


# Decision 93.
def choose_tables(measure: Measure, hypothesis: Hypothesis, tables: Iterable[Tabulation]) -> list[Tabulation]:
    """Return the tables that a measure can be read from, the best first.

    Tables of everyone stand before filtered ones: what a part of the people said is no answer for all. Then those that
    state it themselves before those whose joint cells must be added, then weighted ones, then those that the hypothesis
    names.
    """
    suitable = [table for table in tables if _states(table, measure) or _holds(table, measure)]

    def key(table: Tabulation) -> tuple[bool, bool, bool, bool, str]:
        joint = reads_joint_cells(measure, table)
        return (table.filtered, joint, joint or not table.weighted, *_rank(table, hypothesis))

    return sorted(suitable, key=key)


def choose_compared(
    comparison: Comparison, by: str, hypothesis: Hypothesis, tables: Iterable[Tabulation]
) -> list[Tabulation]:
    """Return the tables with the groups `by` as their second dimension, the best first, by the same rule."""
    suitable = [
        table for table in tables if _first_axis(table, comparison.of) and [axis.id for axis in table.axes[1:2]] == [by]
    ]
    return sorted(suitable, key=lambda table: (table.filtered, *_rank(table, hypothesis)))


def reads_joint_cells(measure: Measure, table: Tabulation) -> bool:
    """Say whether cells of several dimensions, or of a later one, must be added: no table states the share itself."""
    return measure.joint_with is not None or table.first != measure.of


def base_of_measure(measure: Measure, axis: Dimension) -> Base:
    """Return what a measure's number is of; `axis` is the dimension `of`, which has a base where the measure has none.

    A mean is of those with a score. With other dimensions beside it one stands in the base of each.
    """
    codes = [code for levels in (measure.codes or (), *(measure.joint_with or {}).values()) for code in levels]
    return base_of_levels(codes, measure.base or axis.base) if measure.codes else OF_SCORES


def base_of_comparison(comparison: Comparison, axis: Dimension) -> Base:
    """Return what the two numbers of a comparison are of; `axis` has a base where the comparison has none.

    Means are of those with a score.
    """
    if comparison.code is None:
        return OF_SCORES
    return base_of_levels((comparison.code,), comparison.base or axis.base)


def tabulations_of(plan: Plan, questionnaire: Questionnaire) -> Iterator[Tabulation]:
    """Yield what is public about each table of a plan; raise ShapeError where the questionnaire cannot answer one."""
    for table in plan.tables:
        axes = dimensions(table, questionnaire).dimensions
        yield Tabulation(table.id, axes, table.population is not None, table.weight_by is not None, table.hypotheses)


def _states(table: Tabulation, measure: Measure) -> bool:
    return measure.joint_with is None and _first_axis(table, measure.of)


def _holds(table: Tabulation, measure: Measure) -> bool:
    """Whether the table's joint cells add up to the measure."""
    return table.plain and {*measure.dimensions} <= {axis.id for axis in table.axes}


def _first_axis(table: Tabulation, name: str) -> bool:
    """Whether a dimension is the table's first, and neither a grid's rows nor a list experiment."""
    first = table.axes[0]
    return first.id == name and first.rows is None and not first.list


def _rank(table: Tabulation, hypothesis: Hypothesis) -> tuple[bool, str]:
    return table.id not in hypothesis.tables and hypothesis.id not in table.hypotheses, table.id
