"""The registered plans of a study folder: which of them stand, which were withdrawn, and which still need money."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analysis.budget.entries import LedgerError
from analysis.budget.ledger import Ledger
from analysis.budget.price import delta_text
from analysis.study.folder import StudyError, StudyFolder, read_document
from survey.plan.plan import Plan, rho_text
from survey.plan.registration import Registration, RegistrationError

SHORT_HASH = 8
"""So many digits of a plan's hash are shown, and are the fewest that name it."""


@dataclass(frozen=True)
class FiledPlan:
    """A plan of the study folder with its registration, whose signature was checked."""

    plan: Plan
    registration: Registration

    @property
    def short(self) -> str:
        """The first digits of the plan's hash."""
        return self.plan.digest[:SHORT_HASH]


@dataclass(frozen=True)
class Commitments:
    """The registered plans that are to be paid and are not paid yet; their prices in nano-rho and atto-delta."""

    plans: tuple[FiledPlan, ...] = ()

    @property
    def nano_rho(self) -> int:
        return sum(filed.plan.nano_rho for filed in self.plans)

    @property
    def atto_delta(self) -> int:
        return sum(filed.plan.atto_delta for filed in self.plans)

    def beside(self, without: Collection[str]) -> "Commitments":
        """Return the commitments but for the plans of these hashes."""
        return Commitments(tuple(filed for filed in self.plans if filed.plan.digest not in without))

    def __str__(self) -> str:
        """Name each plan with what it costs: its hash's first digits, title, rho, and delta where it asks for any."""
        return "; ".join(f"{filed.short} ({filed.plan.title}) rho {_price(filed.plan)}" for filed in self.plans)


class CommittedError(LedgerError):
    """The plan could be paid, but only with what registered plans still need; `commitments` are those plans."""

    def __init__(self, commitments: Commitments, asked: str, left: str, needed: str) -> None:
        super().__init__(
            f"the plan asks for {asked}; {left} is left, of which registered plans that are not paid yet need "
            f"{needed}: {commitments}. Ask fewer tables, or accept wider margins with a smaller price; or, where one "
            "of those plans is no longer wanted, withdraw it for ever: `sotto plan register PLAN --instead HASH` "
            "(nothing was written)"
        )
        self.commitments = commitments


# Decision 102.
def commitments(folder: StudyFolder, ledger: Ledger) -> Commitments:
    """Return the registered plans that `ledger`, which is open, has not been charged for and may still be.

    Not among them: plans that were withdrawn, and those of a wave whose key was destroyed. Raises StudyError for a
    plan or registration that was changed.
    """
    paid = {entry.charge.plan for entry in ledger.entries()}
    # Read from the open anchor: what else asks for destroyed waves waits for the lock that is held here.
    ended = {line["wave"] for line in ledger.anchor.destroyed()}
    filed = registered_plans(folder, ledger.budget.signer)
    gone = paid | withdrawals(filed).keys()
    return Commitments(tuple(one for one in filed if one.plan.digest not in gone and one.plan.wave not in ended))


def require_uncommitted(
    folder: StudyFolder, ledger: Ledger, nano_rho: int, atto_delta: int = 0, without: Collection[str] = ()
) -> None:
    """Raise unless a price in nano-rho and atto-delta can be paid beside all commitments but the plans `without`.

    Raises OverspentError or DeltaOverspentError where it is over what is left, CommittedError where it is over what
    other registered plans leave.
    """
    ledger.require_left(nano_rho, atto_delta)
    others = commitments(folder, ledger).beside(without)
    if nano_rho > ledger.remaining - others.nano_rho:
        prices = nano_rho, ledger.remaining, others.nano_rho
        raise CommittedError(others, *(f"rho {rho_text(price)}" for price in prices))
    if atto_delta > ledger.remaining_delta - others.atto_delta:
        prices = atto_delta, ledger.remaining_delta, others.atto_delta
        raise CommittedError(others, *(f"delta {delta_text(price)}" for price in prices))


def registered_plans(folder: StudyFolder, signer: str | None = None) -> tuple[FiledPlan, ...]:
    """Return every registered plan, those that were withdrawn included, in the order of their hashes.

    `signer`: the fingerprint of the study's key where the caller has checked it; else the folder's key is read.
    """
    found = []
    for path in sorted(folder.root.glob("plans/*/registration.json")):
        plan = read_document(path.with_name("plan.json"), Plan)
        registration = registration_of(folder, plan, signer)
        if registration is None:
            raise StudyError(f"{path.with_name('plan.json')} is not the plan of its folder: restore it from its copy")
        found.append(FiledPlan(plan, registration))
    return tuple(found)


def withdrawals(filed: Sequence[FiledPlan]) -> dict[str, FiledPlan]:
    """Return the hash of each plan that was withdrawn, with the plan that was registered instead."""
    return {name: one for one in filed for name in one.registration.instead}


def refuse_withdrawn(folder: StudyFolder, plan: Plan, signer: str | None = None) -> None:
    """Raise StudyError for a plan that another was registered instead of; it opens no ledger. `signer`: as above."""
    other = withdrawals(registered_plans(folder, signer)).get(plan.digest)
    if other is not None:
        raise StudyError(
            f"the plan {plan.digest[:SHORT_HASH]} ({plan.title}) was withdrawn on {other.registration.day}: "
            f"{other.short} ({other.plan.title}) was registered instead of it. Release that one; if the older one is "
            "wanted after all, register it under another title as an amendment (nothing was spent)"
        )


def find_unpaid(folder: StudyFolder, ledger: Ledger, written: str) -> FiledPlan:
    """Return the commitment that a person names by its hash or at least 8 first digits; raise StudyError for none."""
    digits = written.strip().lower()
    unpaid = commitments(folder, ledger)
    matches = [one for one in unpaid.plans if len(digits) >= SHORT_HASH and one.plan.digest.startswith(digits)]
    if len(matches) != 1:
        raise StudyError(
            f"{written} names no registered plan that could be withdrawn: give the hash of one, or at least its first "
            f"{SHORT_HASH} digits. Not paid yet and not withdrawn: {str(unpaid) or 'none'} (nothing was written)"
        )
    return matches[0]


def registration_of(folder: StudyFolder, plan: Plan, signer: str | None = None) -> Registration | None:
    """Return the registration that lies in the study folder, or None; raise StudyError where it is not ours."""
    path = folder.plan_folder(plan.digest) / "registration.json"
    if not path.exists():
        return None
    registration = read_document(path, Registration)
    try:
        signed = registration.check(plan).fingerprint
    except RegistrationError as error:
        raise StudyError(f"{path}: {error}") from None
    if signed != (signer or folder.signing_key().verifying_key.fingerprint):
        raise StudyError(f"{path} is signed by another key than this study's: restore it from its copy")
    return registration


def _price(plan: Plan) -> str:
    delta = f" and delta {delta_text(plan.atto_delta)}" if plan.atto_delta else ""
    return f"{rho_text(plan.nano_rho)}{delta}"
