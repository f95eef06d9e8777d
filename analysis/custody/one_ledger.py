"""A study has one signing key and one ledger: a ceremony adds a wave to them, and never makes a second pair."""

from analysis.budget.price import DEFAULT_TOTAL, DEFAULT_TOTAL_DELTA
from analysis.study.announced_budget import of_ledger, require_announced
from analysis.study.folder import StudyError, StudyFolder
from survey.plan.plan import rho_text
from survey.wave.manifest import LifetimeBudget


# Decision 87.
def check_one_ledger(folder: StudyFolder, wave: int, total: int | None) -> None:
    """Raise StudyError where a ceremony for `wave` in `folder` would begin a second ledger, with a full budget.

    `total` is the budget in nano-rho that was asked for: it is declared once, with the first wave.
    """
    if wave > 1 and not _has_ceremony(folder, wave - 1):
        raise StudyError(
            f"{folder.root} has had no ceremony for wave {wave - 1}: a later wave is added to the study folder of the "
            "waves before it, which holds the study's signing key and its ledger. Give that folder with -o; where it "
            "is lost, restore it from its copy. Here a new key and a full new budget would be made, which the "
            "collection host refuses (nothing was made)"
        )
    if not folder.ledger_path.exists() and folder.anchor_path.exists():
        raise StudyError(f"{folder.ledger_path} is missing but its anchor is there: restore the ledger")
    # A broken ceremony leaves a ledger without a manifest: what it declared holds for the next try as well.
    if folder.ledger_path.exists() or wave > 1:
        _check_kept(folder, wave, total)


def budget_of(folder: StudyFolder, total: int | None) -> LifetimeBudget:
    """Return the budget that a wave's manifest announces: the ledger's, else what was asked for, or the default."""
    if folder.ledger_path.exists():
        with folder.open_ledger() as ledger:
            return of_ledger(ledger.budget)
    return LifetimeBudget(nano_rho=DEFAULT_TOTAL if total is None else total, atto_delta=DEFAULT_TOTAL_DELTA)


def _check_kept(folder: StudyFolder, wave: int, total: int | None) -> None:
    """Raise StudyError where the study's key or ledger is gone, is another, or has another budget."""
    for path in (folder.signing_key_path, folder.ledger_path, folder.anchor_path):
        if not path.exists():
            raise StudyError(
                f"{path} is missing, and an earlier ceremony of this study has used it: restore it from its copy; a "
                "new one could not be used with the rest, or would spend the budget again (nothing was made)"
            )
    signer = folder.signing_key().verifying_key.fingerprint
    with folder.open_ledger() as ledger:
        budget = ledger.budget
    if budget.signer != signer:
        raise StudyError(
            f"{folder.ledger_path} was declared for another signing key than {folder.signing_key_path}: restore both "
            "from one copy (nothing was made)"
        )
    if wave > 1:
        require_announced(folder, budget, folder.manifest(wave - 1))
    if total not in {None, budget.total}:
        raise StudyError(
            f"the study's lifetime budget was announced with its first wave, rho = {rho_text(budget.total)}, and is "
            "announced once: leave --rho out (nothing was made)"
        )


def _has_ceremony(folder: StudyFolder, wave: int) -> bool:
    return (folder.wave(wave) / "manifest.json").exists()
