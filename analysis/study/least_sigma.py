"""The least sigma of everything that a ledger paid for: what the privacy curve needs beside the sum of all rho."""

import math
from collections.abc import Iterable

from analysis.budget.entries import Entry
from analysis.budget.price import NANO, sigma_for
from analysis.study.folder import StudyError, StudyFolder, read_document
from survey.plan.dimension import ShapeError
from survey.plan.plan import Plan, dimensions
from survey.questionnaire.questionnaire import Questionnaire

UNDER = 1 - 1e-12
"""Relative: floating point may put what a price buys so far above the sigma that was drawn."""


def ledger_sigma(folder: StudyFolder, entries: Iterable[Entry]) -> float | None:
    """Return a sigma, in records, that nothing paid for by `entries` is under; None of no entries.

    Results that were lost count: their noise may have been drawn. Of a plan that is not in the folder any more, no more
    is taken than its price allows.
    """
    return min((_entry_sigma(folder, entry) for entry in entries), default=None)


def plan_sigma(plan: Plan, questionnaire: Questionnaire) -> float:
    """Return a sigma, in records, that no table and no list of words of `plan` is under; raise ShapeError."""
    tables = [sigma_for(table.nano_rho, dimensions(table, questionnaire).sensitivity_squared) for table in plan.tables]
    words = [sigma_for(each.nano_rho, 2 * (questionnaire.item(each.item).count or 1)) for each in plan.words or ()]
    return UNDER * min([*tables, *words])


def stored_plan(folder: StudyFolder, digest: str) -> Plan | None:
    """Return a plan that was released from, or registered, in the study folder; raise StudyError for a damaged one."""
    for path in (folder.release_folder(digest) / "plan.json", folder.plan_folder(digest) / "plan.json"):
        if path.is_file():
            return read_document(path, Plan)
    return None


def _entry_sigma(folder: StudyFolder, entry: Entry) -> float:
    charge = entry.charge
    try:
        plan = stored_plan(folder, charge.plan)
        if plan is not None:
            return plan_sigma(plan, folder.questionnaire())
    except (StudyError, ShapeError):
        pass
    # A table moves two cells or more, and costs no more than its whole plan.
    return UNDER * math.sqrt(NANO / charge.nano_rho)
