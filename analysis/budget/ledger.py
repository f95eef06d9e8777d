"""What was spent: one lifetime budget a study, in integers, debited before any noise is drawn and never refunded."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Self

from analysis.budget.anchor import Anchor, AnchorError
from analysis.budget.entries import (
    HEAD_DIGITS,
    AnchorRewoundError,
    Charge,
    Debit,
    DeclaredBudget,
    DeltaOverspentError,
    Entry,
    HeadNotRecognisedError,
    LedgerBehindAnchorError,
    LedgerCorruptError,
    LedgerError,
    LedgerMissingError,
    OverspentError,
    SecondBoxError,
    check_chain,
    new_nonce,
)
from analysis.budget.ledger_table import SCHEMA, VERSION, insert_entry, read_budget, read_entries

CRASH_TEXT = (
    "the anchor lacked entry {entry} of the ledger, which it had announced: a crash came in between. The entry stands "
    "and was added to the anchor; nothing was lost or spent twice"
)


@dataclass
class Ledger:
    """The ledger of one study, open and locked: use it with `with`, briefly."""

    database: sqlite3.Connection
    anchor: Anchor

    @classmethod
    def create(cls, path: Path, anchor: Path, budget: DeclaredBudget) -> None:
        """Make the ledger and its anchor; FileExistsError where there is one, for a budget is declared once."""
        if path.exists():
            raise FileExistsError(path)
        Anchor.create(anchor, budget.genesis).close()
        with contextlib.closing(connect(path, "rwc")) as database:
            database.executescript(SCHEMA)
            database.execute(
                "INSERT INTO budget (study, signer, total, total_delta) VALUES (?, ?, ?, ?)", astuple(budget)
            )
            database.execute(f"PRAGMA user_version = {VERSION}")

    @classmethod
    def open(cls, path: Path, anchor: Path) -> Self:
        """Open, and check the whole chain against the anchor.

        An anchor that lacks the newest entries is given them, and a logged warning says which and why.
        """
        if not path.is_file():
            raise LedgerMissingError(f"{path} is missing: restore it; a new ledger would spend the budget again")
        try:
            remembered = Anchor.open(anchor)
        except AnchorError as error:
            raise LedgerCorruptError(str(error)) from None
        try:
            ledger = cls(checked(path), remembered)
        except BaseException:
            remembered.close()
            raise
        try:
            ledger._agree()
        except BaseException:
            ledger.__exit__()  # or the lock would outlive the refusal
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()
        self.anchor.close()

    def entries(self) -> list[Entry]:
        """All debits in order."""
        return [entry for entry, _ in read_entries(self.database)]

    @property
    def head(self) -> str:
        """The hash the next entry will build on; custodians compare it before they give a share."""
        return self.chain[-1]

    @property
    def chain(self) -> list[str]:
        """The declared budget's hash and that of every entry, oldest first."""
        return [self.budget.genesis, *(entry.hash for entry in self.entries())]

    @property
    def budget(self) -> DeclaredBudget:
        """What was declared at the ceremony."""
        return read_budget(self.database)[0]

    @property
    def study(self) -> str:
        return self.budget.study

    @property
    def total(self) -> int:
        return self.budget.total

    @property
    def spent(self) -> int:
        return read_budget(self.database)[1]

    @property
    def spent_delta(self) -> int:
        return read_budget(self.database)[2]

    @property
    def remaining(self) -> int:
        """Nano-rho that is left for the rest of the study's life."""
        return self.total - self.spent

    @property
    def remaining_delta(self) -> int:
        """Atto-delta that is left for the rest of the study's life."""
        return self.budget.total_delta - self.spent_delta

    def require_left(self, nano_rho: int, atto_delta: int = 0) -> None:
        """Raise OverspentError or DeltaOverspentError for a price over what is left."""
        if nano_rho > self.remaining:
            raise OverspentError(nano_rho, self.remaining, self.total)
        if atto_delta > self.remaining_delta:
            raise DeltaOverspentError(atto_delta, self.remaining_delta)

    def check_noted_head(self, noted: str) -> None:
        """Raise HeadNotRecognisedError unless the head begins with what custodians noted (16 hex digits or more)."""
        digits = noted.replace(" ", "").lower()
        if len(digits) < HEAD_DIGITS or not self.head.startswith(digits):
            raise HeadNotRecognisedError(
                "the ledger's head is not the one that was noted: look at `sotto ledger show`; if an older copy was "
                "put back, restore the newest ledger and anchor (nothing was opened)"
            )

    # Decision 103.
    def acknowledge(self, noted: str) -> tuple[int, ...]:
        """Note in the anchor that a person compared the head; return the entries that an older anchor had lacked.

        Raises HeadNotRecognisedError where the head is not the noted one, LedgerError where there is nothing to say.
        """
        if self.anchor.acknowledged:
            raise LedgerError(f"{self.anchor.path} was not put back from an older copy since the last acknowledgement")
        self.check_noted_head(noted)
        self._remember({"acknowledged": self.head})
        return tuple(self.anchor.rewound())

    def look_up(self, charge: Charge) -> Entry | None:
        """Return the entry of this very plan, box and manifest if it was debited; refuse what debit would refuse."""
        entry_by_charge = {(e.charge.plan, e.charge.box, e.charge.manifest): e for e in self.entries()}
        entry = entry_by_charge.get((charge.plan, charge.box, charge.manifest))
        if entry is None:
            self._refuse(charge)
        return entry

    def next_entry(self, charge: Charge, nonce: str | None = None) -> Entry:
        """Return the entry that a debit of `charge` would write now; nothing is spent by asking."""
        budget, spent, spent_delta = read_budget(self.database)
        return Entry(
            len(self.entries()) + 1,
            self.head,
            nonce or new_nonce(),
            charge,
            spent + charge.nano_rho,
            budget.total,
            spent_delta + charge.atto_delta,
            budget.total_delta,
        )

    def debit(self, charge: Charge) -> Debit:
        """Spend, durably, before anything is shown: intent to the anchor, one transaction, head to the anchor.

        Raises OverspentError, DeltaOverspentError or SecondBoxError and spends nothing then. There is no refund.
        """
        nonce = new_nonce()
        subject = {"plan": charge.plan, "box": charge.box, "manifest": charge.manifest}
        self._remember({"intent": subject | {"parent": self.head, "nonce": nonce}})
        with _transaction(self.database):
            entry = self.look_up(charge)
            if entry is not None:
                return Debit(entry, replayed=True)
            entry = self._insert(charge, nonce)
        self._remember({"sequence": entry.sequence, "head": entry.hash})
        return Debit(entry, replayed=False)

    def _refuse(self, charge: Charge) -> None:
        if charge.study != self.study:
            raise LedgerError("this ledger belongs to another study")
        if not self.anchor.acknowledged:
            raise AnchorRewoundError(rewound_text(self.anchor))
        self.require_left(charge.nano_rho, charge.atto_delta)
        box = _box_of(charge)
        # Of the chained entries, which nobody edits unseen: a table of boxes beside them could be emptied.
        earlier = [_box_of(entry.charge) for entry in self.entries()]
        if any(other != box and (other[0] == box[0] or other[2] == box[2]) for other in earlier):
            raise SecondBoxError("this wave was already released from another box: a wave has one box, ever")

    def _insert(self, charge: Charge, nonce: str) -> Entry:
        entry = self.next_entry(charge, nonce)
        changed = self.database.execute(
            "UPDATE budget SET spent = spent + :rho, spent_delta = spent_delta + :delta "
            "WHERE study = :study AND spent + :rho <= total AND spent_delta + :delta <= total_delta",
            {"rho": charge.nano_rho, "delta": charge.atto_delta, "study": charge.study},
        ).rowcount
        if changed != 1:
            raise OverspentError(charge.nano_rho, self.remaining, self.total)
        insert_entry(self.database, entry)
        return entry

    def _agree(self) -> None:
        """Compare every head the anchor remembers with the chain; append what it lacks, and say so.

        Where an older copy of the anchor was put back every opening says so until somebody acknowledges it.
        """
        missing = missing_heads(self.chain, self.anchor)
        appended = self.entries()[-len(missing) :] if missing else []
        crashed = _crashed(appended, self.anchor)
        if missing and not crashed:
            # First of all: whatever breaks afterwards, the next opening finds it.
            self._remember({"rewound": [entry.sequence for entry in appended]})
        for sequence, head in missing:
            self._remember({"sequence": sequence, "head": head})
        # Where nobody set up logging Python writes these to stderr.
        if crashed:
            logging.getLogger(__name__).warning("%s", CRASH_TEXT.format(entry=appended[0].sequence))
        if not self.anchor.acknowledged:
            logging.getLogger(__name__).warning("%s", rewound_text(self.anchor))

    def _remember(self, line: dict[str, Any]) -> None:
        try:
            self.anchor.append(line)
        except AnchorError as error:
            raise LedgerError(str(error)) from None


def _box_of(charge: Charge) -> tuple[int, str, str, int]:
    return charge.wave, charge.manifest, charge.box, charge.count


def _crashed(appended: Sequence[Entry], anchor: Anchor) -> bool:
    """Say whether a crash explains what the anchor lacks: one entry, which it had announced."""
    announced = {intent.get("nonce") for intent in anchor.intents()}
    return len(appended) == 1 and appended[0].nonce in announced


def rewound_text(anchor: Anchor) -> str:
    """Say which entries an older copy of the anchor lacked, what else may be lost, and what to do before spending."""
    numbers = ", ".join(map(str, anchor.rewound()))
    return (
        f"{anchor.path} lacked entry {numbers} of the ledger and its announcement: an older copy of the anchor was put "
        "back. What the ledger has was added to it, but what else the lost lines said (debits announced, keys "
        "destroyed, entries that an older ledger lacks too) is gone, so nothing is spent now. Restore the newest copy "
        "of the anchor; where there is none, ask custodians for the head that they noted at the last release, and say "
        "theirs with `sotto ledger acknowledge STUDY --head DIGITS`"
    )


def missing_heads(chain: list[str], anchor: Anchor) -> list[tuple[int, str]]:
    """Compare every head the anchor remembers with the chain; return those that it lacks.

    Raises LedgerBehindAnchorError where the anchor remembers entries that the chain lacks, LedgerCorruptError where
    they differ.
    """
    heads = anchor.heads()
    if not heads:
        raise LedgerCorruptError(f"{anchor.path} remembers no head: restore it from its copy")
    newest = max(sequence for sequence, _ in heads)
    if newest >= len(chain):
        raise LedgerBehindAnchorError(
            f"the ledger ends at entry {len(chain) - 1} and its anchor at {newest}: "
            "an older copy of the database was put back; restore the newest one"
        )
    if any(chain[sequence] != head for sequence, head in heads):
        raise LedgerCorruptError("the ledger and its anchor tell different stories: restore both from their copies")
    return list(enumerate(chain))[newest + 1 :]


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the database file durably; `mode` is SQLite's: ro, rw or rwc."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30)
    # EXTRA also syncs the directory after the journal is unlinked: with DELETE journals a commit survives a power cut.
    database.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON")
    return database


def checked(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a ledger and check its whole chain; raise LedgerMissingError or LedgerCorruptError."""
    try:
        database = connect(path, mode)
        version = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError:
        raise LedgerCorruptError(f"{path} is not a ledger: restore it from its copy") from None
    try:
        if version != VERSION:
            raise LedgerMissingError(
                f"{path} has schema {version} and this version keeps {VERSION}: it is not migrated"
            )
        budget, spent, spent_delta = read_budget(database)
        check_chain(budget, read_entries(database), spent, spent_delta)
    except sqlite3.DatabaseError:
        database.close()
        raise LedgerCorruptError(f"{path} is damaged: restore it from its copy") from None
    except LedgerError:
        database.close()
        raise
    return database


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except sqlite3.Error:
        _roll_back(database)
        raise LedgerError("the ledger could not be written (disk full, or read-only?): nothing was released") from None
    except BaseException:
        _roll_back(database)
        raise


def _roll_back(database: sqlite3.Connection) -> None:
    if database.in_transaction:
        database.execute("ROLLBACK")
