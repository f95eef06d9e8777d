"""Says of each hypothesis which table of a plan will answer it, and why none does, before anything is spent.

Tables are chosen by the rule by which the report of a release chooses them (survey/authoring/table_choice.py). What
they will tell is expected from the prices, from the number of answers and from invented ones, as for every table.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from analysis.estimates.inference import ReleaseModel
from analysis.estimates.joint_cells import Wanted, joint_sums
from analysis.planning.check import Outlook
from analysis.planning.consistent_margins import typical_noise, without_counts
from analysis.planning.expected_margins import ExpectedNoise, row
from analysis.planning.expected_shares import (
    Shares,
    equal_shares,
    groups,
    groups_of_several,
    sizes_of_groups,
    wanted_shares,
)
from survey.authoring.findings_compiler import Comparison, Findings, Hypothesis, Measure
from survey.authoring.table_choice import (
    Tabulation,
    base_of_comparison,
    base_of_measure,
    choose_compared,
    choose_tables,
    reads_joint_cells,
    tabulations_of,
)
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, Shape, dimensions
from survey.questionnaire.bases import Base
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.reachability import names_of
from survey.release.reliability import too_few

State = Literal["answered", "filtered", "uncertain", "too-few", "no-table"]
STATES: tuple[State, ...] = ("answered", "filtered", "uncertain", "too-few", "no-table")
"""The most telling first."""


@dataclass(frozen=True)
class MeasureCheck:
    """What a plan will say of one measure, or of a comparison of two groups (`by`); `reason`: why it will say nothing.

    `levels`: of each dimension that a table must have those that are asked for, none of a mean. `joint`: cells of
    several dimensions are added up. `share` of about `n` answers is what invented ones give; None of a mean. `pilot`:
    what a few people said, such as "4 of 7".
    """

    words: Mapping[str, str]
    levels: Wanted
    state: State
    table: str = ""
    reason: str = ""
    joint: bool = False
    by: str = ""
    n: float | None = None
    share: float | None = None
    pilot: str = ""

    @property
    def words_key(self) -> tuple[tuple[str, str], ...]:
        """The words, to find what is asked in several ways."""
        return tuple(sorted(self.words.items()))


@dataclass(frozen=True)
class HypothesisCheck:
    """One hypothesis with what a plan will say of its measures and comparisons."""

    id: str
    claim: Mapping[str, str]
    measures: tuple[MeasureCheck, ...]
    comparisons: tuple[MeasureCheck, ...]

    @property
    def answered(self) -> bool:
        """Whether the plan gives a number of everyone that is above its noise."""
        return any(one.state == "answered" for one in (*self.measures, *self.comparisons))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why parts of it will have no number, each reason once; of comparisons those without any groups left."""
        tabulated = {one.words_key for one in self.comparisons if one.table}
        without = [one for one in self.comparisons if one.table or one.words_key not in tabulated]
        return tuple(dict.fromkeys(one.reason for one in (*self.measures, *without) if one.reason))


@dataclass(frozen=True)
class FindingsCheck:
    """Every hypothesis of a study against one plan; `promised`: those that the plan says that it answers.

    `promised` is None where the plan says nothing, and where no invented answers tell who is asked and how they answer.
    """

    hypotheses: tuple[HypothesisCheck, ...]
    promised: tuple[str, ...] | None = None

    @property
    def answered(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.hypotheses if one.answered)

    @property
    def open(self) -> tuple[str, ...]:
        """The hypotheses that the plan will not answer."""
        return tuple(one.id for one in self.hypotheses if not one.answered)

    @property
    def broken(self) -> tuple[str, ...]:
        """What the plan says that it answers, and will not."""
        return tuple(name for name in self.promised or () if name not in self.answered)

    @property
    def unlisted(self) -> tuple[str, ...]:
        """What the plan will answer and does not list, where it lists any."""
        return () if self.promised is None else tuple(name for name in self.answered if name not in self.promised)

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        hypotheses = [asdict(one) | {"answered": one.answered} for one in self.hypotheses]
        listed = {"broken": [*self.broken], "unlisted": [*self.unlisted]}
        return {"answered": [*self.answered], "open": [*self.open]} | listed | {"hypotheses": hypotheses}


def check_findings(findings: Findings, plan: Plan, questionnaire: Questionnaire, outlook: Outlook) -> FindingsCheck:
    """Compare findings with a plan; raise ShapeError where the questionnaire cannot answer one of its tables."""
    checker = _Checker.of(plan, questionnaire, outlook)
    promised = None if outlook.priors is None else plan.answers
    return FindingsCheck(tuple(checker.hypothesis(one) for one in findings.hypotheses), promised)


@dataclass(frozen=True)
class _Checker:
    """A plan's tables made to agree without any counts, and what invented answers put into them."""

    plan: Plan
    questionnaire: Questionnaire
    outlook: Outlook
    tables: tuple[Tabulation, ...]
    shapes: Mapping[str, Shape]
    shares: Mapping[str, Shares]
    numbers: ReleaseModel

    @classmethod
    def of(cls, plan: Plan, questionnaire: Questionnaire, outlook: Outlook) -> "_Checker":
        """Read a plan; raise ShapeError where the questionnaire cannot answer it."""
        shapes = {table.id: dimensions(table, questionnaire) for table in plan.tables}
        given, groups = outlook.priors or {}, outlook.groups or {}
        shares = {name: given.get(name, equal_shares(shape, groups)) for name, shape in shapes.items()}
        empty = [
            without_counts(table, questionnaire, sigma_for(table.nano_rho, shapes[table.id].sensitivity_squared))
            for table in plan.tables
        ]
        tables = tuple(tabulations_of(plan, questionnaire))
        return cls(plan, questionnaire, outlook, tables, shapes, shares, ReleaseModel.measured(empty, outlook.n))

    def hypothesis(self, hypothesis: Hypothesis) -> HypothesisCheck:
        """Return what the plan gives for one hypothesis; of alternatives the best one."""
        measures = ([self.measure(one, hypothesis) for one in group] for group in hypothesis.alternatives)
        best = tuple(min(group, key=lambda one: STATES.index(one.state)) for group in measures)
        compared = (self.compared(one, by, hypothesis) for one in hypothesis.comparisons for by in one.by)
        return HypothesisCheck(hypothesis.id, hypothesis.claim, best, tuple(compared))

    def measure(self, measure: Measure, hypothesis: Hypothesis) -> MeasureCheck:
        """Return the result of the best table, chosen as the report will choose it."""
        blank = MeasureCheck(measure.words, _wanted(measure), "no-table", pilot=_pilot(measure))
        read = [self.read(measure, table, blank) for table in choose_tables(measure, hypothesis, self.tables)]
        if not read:
            return replace(blank, reason=self.missing(measure))
        return next((one for one in read if one.state != "too-few"), read[0])

    def read(self, measure: Measure, table: Tabulation, blank: MeasureCheck) -> MeasureCheck:
        """Return the result of one table for a measure: its expected share, or why it will have none."""
        wanted = blank.levels
        joint = reads_joint_cells(measure, table)
        base = base_of_measure(measure, next(axis for axis in table.axes if axis.id == measure.of))
        size, share = wanted_shares(self.shapes[table.id], self.shares[table.id], wanted, base)
        noise, n = self.noise(table, wanted, base, joint=joint), self.outlook.n * size
        mean = measure.codes is None
        here = replace(blank, table=table.id, joint=joint, n=n, share=None if mean else share)
        if too_few(n, math.sqrt(noise.total)):
            reason = f"{table.id}: about {n:.0f} people are too few under its noise"
            return replace(here, state="too-few", reason=reason)
        if table.filtered:
            return replace(here, state="filtered", reason=f"{table.id} is of a part of the people only")
        if not mean and row(0, share, n, noise, self.outlook.deff).hopeless:
            reason = f"{table.id}: about {share:.0%} of {n:.0f} drown in its noise"
            return replace(here, state="uncertain", reason=reason)
        return replace(here, state="answered")

    def noise(self, table: Tabulation, wanted: Wanted, base: Base, *, joint: bool) -> ExpectedNoise:
        """Return the noise of the wanted levels together on a base, once all tables agree."""
        reading = self.numbers.reading(table.id)
        if joint:
            noisy, places = joint_sums(reading, wanted, base)
        else:
            axis = table.axes[0]
            noisy, levels = dict(reading.groups())[None].on(base), axis.levels(base)
            places = [levels.index(code) for code in wanted[axis.id] or levels]
        rows = np.zeros((1, len(noisy.cells)))
        rows[0, places] = 1.0
        return typical_noise(noisy.mapped(rows))

    def compared(self, comparison: Comparison, by: str, hypothesis: Hypothesis) -> MeasureCheck:
        """Return whether two groups can be set side by side, by the best table that describes both."""
        code = () if comparison.code is None else (comparison.code,)
        blank = MeasureCheck(comparison.words, {comparison.of: code}, "no-table", by=by)
        chosen = choose_compared(comparison, by, hypothesis, self.tables)
        if not chosen:
            return replace(blank, reason=f"no table of {comparison.of} by {by}")
        read = [self.read_pair(comparison, table, by, blank) for table in chosen]
        return next((one for one in read if one.state != "too-few"), read[0])

    def read_pair(self, comparison: Comparison, table: Tabulation, by: str, blank: MeasureCheck) -> MeasureCheck:
        """Return the result of one table for two groups."""
        here = replace(blank, table=table.id)
        bases = {table.axes[0].base, base_of_comparison(comparison, table.axes[0])}
        lost = [code for code in comparison.by[by] if any(self.group_is_too_few(table, code, base) for base in bases)]
        if lost:
            names = ", ".join(f"{by} {code}" for code in lost)
            return replace(here, state="too-few", reason=f"{table.id}: too few in {names}")
        if table.filtered:
            return replace(here, state="filtered", reason=f"{table.id} is of a part of the people only")
        return replace(here, state="answered")

    def group_is_too_few(self, table: Tabulation, code: int, base: Base) -> bool:
        """Say whether a group of the second dimension will not be described on a base."""
        answers = dict(self.numbers.reading(table.id).groups()).get(code)
        share = self.inside(table, base).get(code)
        if answers is None or share is None:
            return True
        return too_few(self.outlook.n * share, math.sqrt(answers.on(base).total_variance))

    def inside(self, table: Tabulation, base: Base) -> dict[int, float]:
        """Return each group's share of all people in a base; of several answers by a table that has the groups' sizes.

        The release takes them from such a table too: one of the same people in which each stands in one cell.
        """
        shape, shares = self.shapes[table.id], self.shares[table.id]
        if not shape.dimensions[0].multi:
            return groups(shape, shares, base)
        by, populations = shape.dimensions[1].id, {one.id: one.population for one in self.plan.tables}
        for name, other in self.shapes.items():
            single = not any(axis.multi for axis in other.dimensions)
            if single and populations[name] == populations[table.id] and by in [axis.id for axis in other.dimensions]:
                return groups_of_several(shape, shares, base, sizes_of_groups(other, self.shares[name], by))
        return {}

    def missing(self, measure: Measure) -> str:
        """Say that no table has a measure, and which joint cells hold what its indicator is made of."""
        names = " with ".join(measure.dimensions)
        derived = self.questionnaire.derived_by_id.get(measure.of)
        sources = names_of(derived) if derived else frozenset()
        for table in self.tables:
            axes = [axis.id for axis in table.axes]
            if len(axes) > 1 and sources and table.plain and sources <= self.known(axes):
                cells = " x ".join(axes)
                return (
                    f"no table has {names}, and {table.id} has what it is made of in joint cells ({cells}): write a "
                    f"measure of {axes[0]} with `joint_with: {{{axes[1]}: […]}}`"
                )
        return f"no table has {names}"

    def known(self, axes: list[str]) -> frozenset[str]:
        """Return the dimensions of a table, and what indicators among them are the steps of: KSCORE of KBAND."""
        indicators = (self.questionnaire.derived_by_id.get(name) for name in axes)
        sources = [names_of(one) for one in indicators if one is not None]
        return frozenset(axes).union(*(names for names in sources if len(names) == 1))


def _wanted(measure: Measure) -> Wanted:
    return {measure.of: measure.codes or (), **(measure.joint_with or {})}


def _pilot(measure: Measure) -> str:
    pilot = measure.pilot
    if pilot is None:
        return ""
    return f"{'at least ' if pilot.at_least else ''}{pilot.said} of {pilot.of}"
