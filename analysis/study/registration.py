"""Registration of plans: a plan is checked, signed with the day, and stored before any answers are opened."""

from analysis.study.folder import StudyError, StudyFolder, read_document
from crypto.durable import write_file
from crypto.signing import SigningKey
from survey.document import today
from survey.plan.plan import Plan
from survey.plan.plan_rules import fault_text, plan_faults
from survey.plan.registration import Registration, RegistrationError
from survey.questionnaire.questionnaire import Questionnaire
from survey.signed import SchemePair


def register(folder: StudyFolder, plan: Plan, key: SigningKey | None = None) -> Registration:
    """Return the registration of a plan, made today or before: its hash, its day, the study's signature over both.

    `key` is the study's signing key where the caller has checked it; else it is read from the folder.

    Raises StudyError for a plan that the questionnaire cannot answer, that names no parent beside another plan, or
    whose parent is not registered here, and OverspentError or DeltaOverspentError for one that costs more than is
    left; nothing is written then. It opens nothing and spends nothing.
    """
    existing = registration_of(folder, plan)
    if existing is not None:
        return existing
    check_registrable(folder, plan)
    key = key or folder.signing_key()
    registration = Registration(
        format="sotto-registration-1",
        study=plan.study,
        wave=plan.wave,
        plan=plan.digest,
        parent=plan.parent,
        nano_rho=plan.nano_rho,
        day=today().isoformat(),
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)
    target = folder.plan_folder(plan.digest)
    write_file(target / "plan.json", plan.to_bytes())
    write_file(target / "registration.json", registration.to_bytes())
    return registration


def check_registrable(folder: StudyFolder, plan: Plan) -> None:
    """Raise what `register` would, for a plan that is not registered yet; write nothing."""
    if registration_of(folder, plan) is None:
        check_plan(plan, folder.questionnaire())
        _require_parent(folder, plan)
        _require_affordable(folder, plan)


def registration_of(folder: StudyFolder, plan: Plan) -> Registration | None:
    """Return the registration that lies in the study folder, or None; raise StudyError where it is not ours."""
    path = folder.plan_folder(plan.digest) / "registration.json"
    if not path.exists():
        return None
    registration = read_document(path, Registration)
    try:
        signer = registration.check(plan)
    except RegistrationError as error:
        raise StudyError(f"{path}: {error}") from None
    if signer.fingerprint != folder.signing_key().verifying_key.fingerprint:
        raise StudyError(f"{path} is signed by another key than this study's: restore it from its copy")
    return registration


def check_plan(plan: Plan, questionnaire: Questionnaire) -> None:
    """Raise StudyError with the first fault of `plan` for `questionnaire`."""
    for fault in plan_faults(plan, questionnaire):
        raise StudyError(f"{fault_text(fault)} (nothing was spent)")


def _require_affordable(folder: StudyFolder, plan: Plan) -> None:
    with folder.open_ledger() as ledger:
        ledger.require_left(plan.nano_rho, plan.atto_delta)


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
