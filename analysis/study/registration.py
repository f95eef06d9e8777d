"""Registration of plans: a plan is checked, signed with the day, and stored before any answers are opened."""

from collections.abc import Sequence

from analysis.budget.ledger import Ledger
from analysis.study.folder import StudyError, StudyFolder
from analysis.study.registered_plans import find_unpaid, refuse_withdrawn, registration_of, require_uncommitted
from crypto.durable import write_file
from crypto.signing import SigningKey
from survey.document import today
from survey.plan.plan import Plan
from survey.plan.plan_rules import fault_text, plan_faults
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire
from survey.signed import SchemePair


def register(
    folder: StudyFolder, plan: Plan, key: SigningKey | None = None, instead: Sequence[str] = ()
) -> Registration:
    """Return the registration of a plan, made today or before: its hash, its day, the study's signature over both.

    `key` is the study's signing key where the caller has checked it; else it is read from the folder. `instead`: the
    hashes (or first digits) of unpaid plans that are withdrawn by it, for ever. It waits for the ledger's lock, so
    never call it while the ledger is open.

    Raises StudyError for a plan that the questionnaire cannot answer, that names no parent beside another plan, whose
    parent is not registered here, or that was withdrawn; OverspentError or DeltaOverspentError for one that costs more
    than is left, and CommittedError for one that needs what other registered plans need. Nothing is written then. It
    opens nothing and spends nothing.
    """
    if (existing := _existing(folder, plan, instead)) is not None:
        return existing
    key = key or folder.signing_key()
    # Locked until it is written: two plans that are registered at once see each other.
    with folder.open_ledger() as ledger:
        withdrawn = _check_new(folder, plan, ledger, instead)
        registration = _signed(plan, key, withdrawn)
        target = folder.plan_folder(plan.digest)
        write_file(target / "plan.json", plan.to_bytes())
        write_file(target / "registration.json", registration.to_bytes())
    return registration


def check_registrable(folder: StudyFolder, plan: Plan) -> None:
    """Raise what `register` would without `instead`; write nothing. Never call it while the ledger is open."""
    if _existing(folder, plan, ()) is None:
        with folder.open_ledger() as ledger:
            _check_new(folder, plan, ledger, ())


def _existing(folder: StudyFolder, plan: Plan, instead: Sequence[str]) -> Registration | None:
    """Return the plan's registration, if there is one and it stands; raise StudyError if it says another `instead`."""
    existing = registration_of(folder, plan)
    if existing is None:
        return None
    refuse_withdrawn(folder, plan)
    unsaid = [name for name in instead if not any(held.startswith(name.lower()) for held in existing.instead)]
    if unsaid:
        raise StudyError(
            f"the plan was registered on {existing.day} and did not withdraw {', '.join(unsaid)}: a registration is "
            "not changed afterwards; give a plan that is not registered yet (nothing was written)"
        )
    return existing


def _check_new(folder: StudyFolder, plan: Plan, ledger: Ledger, instead: Sequence[str]) -> tuple[str, ...]:
    """Return the whole hashes of the plans that `instead` names; raise where `plan` may not be registered."""
    check_plan(plan, folder.questionnaire(plan.wave))
    _require_parent(folder, plan)
    withdrawn = tuple(sorted({find_unpaid(folder, ledger, name).plan.digest for name in instead}))
    require_uncommitted(folder, ledger, plan.nano_rho, plan.atto_delta, withdrawn)
    return withdrawn


def _signed(plan: Plan, key: SigningKey, withdrawn: tuple[str, ...]) -> Registration:
    return Registration(
        format="sotto-registration-2",
        study=plan.study,
        wave=plan.wave,
        plan=plan.digest,
        parent=plan.parent,
        nano_rho=plan.nano_rho,
        instead=withdrawn,
        day=today().isoformat(),
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)


def check_plan(plan: Plan, questionnaire: Questionnaire) -> None:
    """Raise StudyError with the first fault of `plan` for `questionnaire`."""
    for fault in plan_faults(plan, questionnaire):
        raise StudyError(f"{fault_text(fault)} (nothing was spent)")


def _require_parent(folder: StudyFolder, plan: Plan) -> None:
    registered = {path.parent.name for path in folder.root.glob("plans/*/registration.json")}
    if plan.parent is None and registered:
        raise StudyError(
            "this study has a plan already: a later plan is an amendment and names its parent; write the hash of the "
            "plan before it as `parent` and ask again (nothing was spent)"
        )
    if plan.parent is not None and plan.parent not in registered:
        raise StudyError(
            f"the plan's parent {plan.parent[:12]}… is not registered in this study folder: register that one first, "
            "or correct the hash (nothing was spent)"
        )
