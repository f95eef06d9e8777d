"""What will be opened, said before any custodian gives a share: the signed intent that the public log shows."""

from analysis.budget.entries import Charge
from analysis.custody.custody_record import refuse_destroyed
from analysis.study.folder import StudyError, StudyFolder, read_document
from analysis.study.registered_plans import refuse_withdrawn
from analysis.study.registration import register
from crypto.durable import write_file
from survey.document import today
from survey.plan.plan import Plan
from survey.signed import SchemePair
from survey.wave.custody import Intent, StatementError
from survey.wave.manifest import Manifest


def sign_intent(folder: StudyFolder, plan: Plan, manifest: Manifest, charge: Charge, head: str) -> Intent:
    """
    Sign and keep that `plan` is about to be released from the box of `charge`, on top of the ledger's `head`.

    The same plan, box and head give the stored intent again; the plan is registered where it was not. It opens nothing
    and spends nothing. Raises StudyError, also for a plan that was withdrawn, WaveDestroyedError for a wave whose key
    is gone, and what `register` raises.
    """
    refuse_destroyed(folder, manifest)
    refuse_withdrawn(folder, plan)
    declared = read_intent(folder, plan, manifest)
    if declared is not None and (declared.box, declared.head) == (charge.box, head):
        return declared
    key = folder.signing_key_of(manifest)
    register(folder, plan, key)
    intent = Intent(
        format="sotto-intent-1",
        study=plan.study,
        wave=plan.wave,
        manifest=manifest.digest,
        day=today().isoformat(),
        plan=plan.digest,
        box=charge.box,
        count=charge.count,
        head=head,
        signer=SchemePair.of(key.verifying_key),
    ).signed(key)
    write_file(folder.plan_folder(plan.digest) / "intent.json", intent.to_bytes())
    return intent


def read_intent(folder: StudyFolder, plan: Plan, manifest: Manifest) -> Intent | None:
    """Return the intent of `plan`, or None; raise StudyError where the study did not sign it for this plan and wave."""
    path = folder.plan_folder(plan.digest) / "intent.json"
    if not path.exists():
        return None
    intent = read_document(path, Intent)
    try:
        signer = intent.check().fingerprint
    except StatementError as error:
        raise StudyError(f"{path}: {error}") from None
    if (signer, intent.manifest, intent.plan) != (manifest.signer, manifest.digest, plan.digest):
        raise StudyError(f"{path} is of another plan or wave: restore it, or take it away and run `sotto key intent`")
    return intent


# Decision 113.
def require_intent(folder: StudyFolder, plan: Plan, manifest: Manifest, charge: Charge, head: str) -> Intent | None:
    """Return the intent to open the box of `charge` for this plan; None where a demonstration has declared none.

    Raises StudyError where nothing was declared, or now something else would be opened.
    """
    intent = read_intent(folder, plan, manifest)
    if intent is None and not manifest.demo:
        raise StudyError(
            "no intent to release this plan was declared, and what nobody could see in the public log is not opened: "
            "run `sotto key intent` with this plan and box, `sotto publish intent.json` on the collection host, and "
            "give custodians time to see it (nothing was opened)"
        )
    if intent is not None and (intent.box, intent.count, intent.head) != (charge.box, charge.count, head):
        raise StudyError(
            "the intent to release this plan names another box or an older head of the ledger: run `sotto key intent` "
            "and `sotto publish` again, and give custodians time to see it (nothing was opened)"
        )
    return intent
