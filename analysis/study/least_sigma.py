"""The least sigma of everything that a ledger paid for; the privacy curve needs it beside the total rho."""

import math
from collections.abc import Iterable

from analysis.budget.entries import Entry
from analysis.study.folder import StudyFolder, read_document
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, dimensions
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.questionnaire import Questionnaire

UNDER = 1 - 1e-12
"""Relative allowance for floating point: the sigma computed from a price may exceed the one drawn by this much."""


def ledger_sigma(folder: StudyFolder, entries: Iterable[Entry]) -> float | None:
    """Return a lower bound, in records, on the sigma of everything paid for by `entries`; None for no entries.

    Lost results count, because their noise may have been drawn. For a plan that is no longer in the folder, the bound
    follows from its price alone; raises StudyError for one that is there and damaged, ShapeError for one that does not
    fit the questionnaire.
    """
    return min((_entry_sigma(folder, entry) for entry in entries), default=None)


def plan_sigma(plan: Plan, questionnaire: Questionnaire) -> float:
    """Return the least sigma, in records, of the tables and phrase lists of `plan`; raise ShapeError."""
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
    plan = stored_plan(folder, entry.charge.plan)
    if plan is not None:
        return plan_sigma(plan, folder.questionnaire(plan.wave))
    # A table moves two cells or more, and costs no more than its whole plan.
    return UNDER * math.sqrt(NANO_RHO / entry.charge.nano_rho)
