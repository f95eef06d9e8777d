"""Refuses findings that ask for what no plan of their study tabulates, before a plan is paid for."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from survey.authoring.findings_compiler import Comparison, Findings, FindingsFile, Hypothesis
from survey.authoring.table_choice import Tabulation, choose_compared, choose_tables, tabulations_of
from survey.faults import AuthoringError, Fault
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire

REMEDY = "give a plan a table of it, name the plan that has one in `plans`, or ask for what they tabulate"


def compile_covered_findings(
    path: Path, questionnaire: Questionnaire, known: Mapping[str, Plan] | None = None
) -> Findings:
    """Return the findings in `path`; raise AuthoringError with every fault, and each number that no plan can give.

    The plans are those that the findings name; where they name none, nothing is said of tables. `known`: plans beside
    the file that are compiled already, by file name.
    """
    file = FindingsFile.read(path)
    plans = file.read_plans(questionnaire, known)
    findings = file.compiled(questionnaire, plans)
    tables = [table for plan in plans.values() for table in tabulations_of(plan, questionnaire)]
    faults = [*coverage_faults(findings, tables)] if plans else []
    if faults:
        for fault in faults:
            file.source.report_fault(fault)
        raise AuthoringError(file.source.problems)
    return findings


def coverage_faults(findings: Findings, tables: list[Tabulation]) -> Iterator[Fault]:
    """Yield every measure without a table, alternatives together, and every comparison without one for its groups."""
    for hypothesis in findings.hypotheses:
        for group in hypothesis.alternatives:
            if not any(choose_tables(measure, hypothesis, tables) for measure in group):
                where = ("hypotheses", hypothesis.id, "measures", hypothesis.measures.index(group[0]))
                names = " or ".join(" with ".join(measure.dimensions) for measure in group)
                yield Fault(where, f"no plan tabulates {names}", REMEDY)
        for index, comparison in enumerate(hypothesis.comparisons):
            yield from _compared(comparison, hypothesis, index, tables)


def _compared(comparison: Comparison, hypothesis: Hypothesis, index: int, tables: list[Tabulation]) -> Iterator[Fault]:
    for by in comparison.by:
        if not choose_compared(comparison, by, hypothesis, tables):
            where = ("hypotheses", hypothesis.id, "comparisons", index, "by", by)
            yield Fault(where, f"no plan has a table of {comparison.of} by {by}", REMEDY)
