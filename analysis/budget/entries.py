"""The ledger's chain: what a debit costs, the entry that it becomes, and what can be wrong with it; no files here."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from analysis.budget.price import DEFAULT_TOTAL, DEFAULT_TOTAL_DELTA, delta_text
from crypto.canonical import canonical, digest
from crypto.errors import BudgetError
from survey.plan.plan import rho_text

HEAD_DIGITS = 16
"""How many hex digits of a ledger's head custodians note and compare.

They are 64 bits because whoever keeps a ledger can try nonces until the hash of an entry begins with given digits.
"""


class LedgerError(BudgetError):
    """What went wrong with the ledger; its kinds name public facts only (hashes, sequence numbers, nano-rho)."""


class LedgerMissingError(LedgerError):
    """There is no ledger, or it is not one that this version can keep."""


class LedgerCorruptError(LedgerError):
    """The hash chain, the sums and the anchor do not agree: a file was edited."""


class LedgerBehindAnchorError(LedgerError):
    """The anchor holds entries that the database lacks: an older copy was restored, which would spend twice."""


class AnchorRewoundError(LedgerError):
    """An older copy of the anchor was put back, and nobody has compared the ledger's head with a note since."""


class SecondBoxError(LedgerError):
    """Another box of this wave was already released from: one box a wave, ever."""


class OverspentError(LedgerError):
    """The plan asks for more than is left; `requested`, `remaining` and `total` (declared) are nano-rho."""

    def __init__(self, requested: int, remaining: int, total: int) -> None:
        ceiling = ", more than it has in all" if requested > total else ""
        super().__init__(
            f"the plan asks for rho = {rho_text(requested)} and {rho_text(remaining)} is left of the "
            f"{rho_text(total)} that the study may spend in its life{ceiling}: ask fewer tables, or accept wider "
            "margins with a smaller rho (nothing was spent)"
        )
        self.requested, self.remaining = requested, remaining


class DeltaOverspentError(LedgerError):
    """The plan asks for more delta than is left; `requested` and `remaining` are atto-delta (10^-18)."""

    def __init__(self, requested: int, remaining: int) -> None:
        super().__init__(
            f"the plan asks for delta = {delta_text(requested)} and {delta_text(remaining)} is left: "
            "ask fewer tables of open words"
        )
        self.requested, self.remaining = requested, remaining


class HeadNotRecognisedError(LedgerError):
    """The ledger's head is not the one that custodians noted: another release was made, or an older copy restored."""


@dataclass(frozen=True)
class Charge:
    """What a plan over a box costs: integer nano-rho and atto-delta, rounded against the spender."""

    study: str
    wave: int
    manifest: str
    plan: str
    box: str
    count: int
    nano_rho: int
    atto_delta: int = 0


@dataclass(frozen=True)
class DeclaredBudget:
    """The lifetime budget of a study as declared at its ceremony: integer nano-rho and atto-delta.

    `signer` is the fingerprint of the study's signing key: one key, one ledger.
    """

    study: str
    signer: str
    total: int = DEFAULT_TOTAL
    total_delta: int = DEFAULT_TOTAL_DELTA

    @property
    def genesis(self) -> str:
        """The hash that the first entry builds on: it binds the budget that was declared."""
        return digest(canonical({"format": "sotto-ledger-2", **asdict(self)}))


@dataclass(frozen=True)
class Entry:
    """One debit: `previous` is the hash of the entry (or budget) before it, `spent` and `spent_delta` sums after it.

    `nonce` (32 hex digits) is drawn for each debit: two copies of one ledger that debit the same plan make two entries,
    so that what came of them can be told apart.
    """

    sequence: int
    previous: str
    nonce: str
    charge: Charge
    spent: int
    total: int
    spent_delta: int
    total_delta: int

    @property
    def hash(self) -> str:
        """The entry's name in the chain; an outsider recomputes it from a release (analysis.verification.verify)."""
        body = {name: value for name, value in asdict(self).items() if name != "charge"}
        return digest(canonical({"format": "sotto-ledger-entry-1", **asdict(self.charge), **body}))


@dataclass(frozen=True)
class Debit:
    """An entry, and whether it was already there (`replayed`: the stored release is the answer, at no cost)."""

    entry: Entry
    replayed: bool


def new_nonce() -> str:
    """Return 128 random bits as hex."""
    return secrets.token_hex(16)


def check_chain(budget: DeclaredBudget, entries: Iterable[tuple[Entry, str]], spent: int, spent_delta: int) -> None:
    """Raise LedgerCorruptError naming the first of `entries` (each with its stored hash) that was changed."""
    previous, sum_rho, sum_delta = budget.genesis, 0, 0
    for number, (entry, name) in enumerate(entries, start=1):
        sum_rho, sum_delta = sum_rho + entry.charge.nano_rho, sum_delta + entry.charge.atto_delta
        recorded = (entry.sequence, entry.previous, entry.spent, entry.spent_delta, entry.hash)
        declared = DeclaredBudget(entry.charge.study, budget.signer, entry.total, entry.total_delta)
        if (recorded, declared) != ((number, previous, sum_rho, sum_delta, name), budget):
            raise LedgerCorruptError(f"entry {number} of the ledger is not what was written: restore it from its copy")
        previous = name
    if (sum_rho, sum_delta) != (spent, spent_delta):
        raise LedgerCorruptError(
            "the ledger's entries do not add up to what it says was spent: restore it from its copy"
        )
