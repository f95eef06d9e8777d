"""A study's lifetime budget stands in its manifests, and its ledger takes it from there."""

from analysis.budget.entries import DeclaredBudget
from analysis.budget.price import delta_text
from analysis.study.folder import StudyError, StudyFolder
from survey.plan.plan import rho_text
from survey.wave.manifest import LifetimeBudget, Manifest


def announced_budget(manifest: Manifest) -> DeclaredBudget:
    """Return the budget of a study's ledger, as a manifest announces it."""
    budget = manifest.budget
    return DeclaredBudget(manifest.study, manifest.signer, budget.nano_rho, budget.atto_delta)


def of_ledger(budget: DeclaredBudget) -> LifetimeBudget:
    """Return a ledger's budget as the manifests of later waves announce it."""
    return LifetimeBudget(nano_rho=budget.total, atto_delta=budget.total_delta)


# Decision 112.
def require_announced(folder: StudyFolder, budget: DeclaredBudget, manifest: Manifest) -> None:
    """Raise StudyError unless a ledger was declared for the signing key and the budget of a wave's manifest."""
    if budget.signer != manifest.signer:
        raise StudyError(
            f"{folder.ledger_path} was declared for another signing key than the one that the manifest names: restore "
            "the study's own ledger and anchor (nothing was spent)"
        )
    if budget != announced_budget(manifest):
        raise StudyError(
            f"{folder.ledger_path} was declared with {_text(of_ledger(budget))}, and the manifest of wave "
            f"{manifest.wave} announced {_text(manifest.budget)}: only what was announced may be spent; restore the "
            "study's own ledger and anchor (nothing was spent)"
        )


def _text(budget: LifetimeBudget) -> str:
    return f"rho = {rho_text(budget.nano_rho)} and delta = {delta_text(budget.atto_delta)}"
