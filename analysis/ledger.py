"""What was spent: one lifetime budget a study, in integers, debited before any noise is drawn and never refunded."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any, Self

from analysis.anchor import Anchor, AnchorError
from analysis.price import DEFAULT_TOTAL
from crypto.canonical import canonical, digest
from survey.plan import rho_text

VERSION = 1
SCHEMA = """
CREATE TABLE budget (
  study TEXT PRIMARY KEY NOT NULL,
  total INTEGER NOT NULL CHECK (total > 0),
  total_delta INTEGER NOT NULL CHECK (total_delta >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (0 <= spent AND spent <= total),
  spent_delta INTEGER NOT NULL DEFAULT 0 CHECK (0 <= spent_delta AND spent_delta <= total_delta)
) STRICT, WITHOUT ROWID;
CREATE TABLE wave (
  wave INTEGER PRIMARY KEY NOT NULL,
  manifest TEXT NOT NULL,
  box TEXT NOT NULL UNIQUE,
  count INTEGER NOT NULL
) STRICT;
CREATE TABLE entry (
  sequence INTEGER PRIMARY KEY NOT NULL,
  previous TEXT NOT NULL UNIQUE,
  study TEXT NOT NULL REFERENCES budget,
  wave INTEGER NOT NULL REFERENCES wave,
  manifest TEXT NOT NULL,
  plan TEXT NOT NULL,
  box TEXT NOT NULL,
  count INTEGER NOT NULL,
  nano_rho INTEGER NOT NULL CHECK (nano_rho > 0),
  atto_delta INTEGER NOT NULL CHECK (atto_delta >= 0),
  spent INTEGER NOT NULL,
  total INTEGER NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  UNIQUE (plan, box, manifest)
) STRICT;
"""


class LedgerError(ValueError):
    """What went wrong with the ledger; its kinds name public facts only (hashes, sequence numbers, nano-rho)."""


class LedgerMissing(LedgerError):  # noqa: N818 - the name says what happened
    """There is no ledger, or it is not one that this version can keep."""


class LedgerCorrupt(LedgerError):  # noqa: N818 - the name says what happened
    """The hash chain, the sums or the anchor's record of them do not agree: somebody edited a file."""


class LedgerBehindAnchor(LedgerError):  # noqa: N818 - the name says what happened
    """The anchor knows entries that the database lacks: an older copy was put back, and would spend twice."""


class SecondBox(LedgerError):  # noqa: N818 - the name says what happened
    """Another box of this wave was already released from: one box a wave, ever."""


class Overspent(LedgerError):  # noqa: N818 - the name says what happened
    """The plan asks for more than is left; `requested` and `remaining` are nano-rho."""

    def __init__(self, requested: int, remaining: int) -> None:
        super().__init__(
            f"the plan asks for rho = {rho_text(requested)} and {rho_text(remaining)} is left: "
            "ask fewer tables, or accept wider margins with a smaller rho"
        )
        self.requested, self.remaining = requested, remaining


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
class Entry:
    """One debit. `spent` is the study's nano-rho after it, `previous` the hash of the entry (or budget) before it."""

    sequence: int
    previous: str
    charge: Charge
    spent: int
    total: int

    @property
    def hash(self) -> str:
        """The entry's name in the chain; an outsider recomputes it from a release (analysis.verify)."""
        body = {"sequence": self.sequence, "previous": self.previous, "spent": self.spent, "total": self.total}
        return digest(canonical({"format": "sotto-ledger-entry-1", **asdict(self.charge), **body}))


@dataclass(frozen=True)
class Debit:
    """An entry, and whether it was already there (`replayed`: the stored release is the answer, at no cost)."""

    entry: Entry
    replayed: bool


@dataclass
class Ledger:
    """The ledger of one study, open and locked: use it with `with`, briefly."""

    database: sqlite3.Connection
    anchor: Anchor

    @classmethod
    def create(cls, path: Path, anchor: Path, study: str, total: int = DEFAULT_TOTAL, total_delta: int = 0) -> None:
        """Make the ledger and its anchor; FileExistsError where there is one, for a budget is declared once."""
        if path.exists():
            raise FileExistsError(path)
        Anchor.create(anchor, genesis(study, total, total_delta)).close()
        with contextlib.closing(_connect(path, "rwc")) as database:
            database.executescript(SCHEMA)
            database.execute(
                "INSERT INTO budget (study, total, total_delta) VALUES (?, ?, ?)", (study, total, total_delta)
            )
            database.execute(f"PRAGMA user_version = {VERSION}")

    @classmethod
    def open(cls, path: Path, anchor: Path) -> Self:
        """Open, check the whole chain against the anchor, and repair an anchor that a crash left one step behind."""
        if not path.is_file():
            raise LedgerMissing(f"{path} is missing: restore it; a new ledger would spend the budget again")
        try:
            remembered = Anchor.open(anchor)
        except AnchorError as error:
            raise LedgerCorrupt(str(error)) from None
        try:
            ledger = cls(_checked(path), remembered)
        except LedgerError:
            remembered.close()
            raise
        try:
            ledger._agree()
        except LedgerError:
            ledger.__exit__()
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()
        self.anchor.close()

    def entries(self) -> list[Entry]:
        """All debits in order."""
        return _entries(self.database)

    @property
    def head(self) -> str:
        """The hash the next entry will build on; custodians compare it before they give a share."""
        entries = self.entries()
        return entries[-1].hash if entries else genesis(*_budget(self.database)[:3])

    @property
    def study(self) -> str:
        return str(_budget(self.database)[0])

    @property
    def total(self) -> int:
        return int(_budget(self.database)[1])

    @property
    def spent(self) -> int:
        return int(_budget(self.database)[3])

    @property
    def remaining(self) -> int:
        """Nano-rho that is left for the rest of the study's life."""
        return self.total - self.spent

    def look_up(self, charge: Charge) -> Entry | None:
        """Return the entry of this very plan, box and manifest if it was debited; refuse what debit would refuse."""
        known = {(e.charge.plan, e.charge.box, e.charge.manifest): e for e in self.entries()}
        entry = known.get((charge.plan, charge.box, charge.manifest))
        if entry is None:
            self._refuse(charge)
        return entry

    def next_entry(self, charge: Charge) -> Entry:
        """Return the entry that a debit of `charge` would write now; nothing is spent by asking."""
        return Entry(len(self.entries()) + 1, self.head, charge, self.spent + charge.nano_rho, self.total)

    def debit(self, charge: Charge) -> Debit:
        """Spend, durably, before anything is shown: intent to the anchor, one transaction, head to the anchor.

        Raises Overspent or SecondBox and spends nothing then. There is no refund.
        """
        intent = {"parent": self.head, "plan": charge.plan, "box": charge.box, "manifest": charge.manifest}
        self._remember({"intent": intent})
        with _transaction(self.database):
            entry = self.look_up(charge)
            if entry is not None:
                return Debit(entry, replayed=True)
            entry = self._insert(charge)
        self._remember({"sequence": entry.sequence, "head": entry.hash})
        return Debit(entry, replayed=False)

    def _refuse(self, charge: Charge) -> None:
        if charge.study != self.study:
            raise LedgerError("this ledger belongs to another study")
        if charge.nano_rho > self.remaining:
            raise Overspent(charge.nano_rho, self.remaining)
        row = self.database.execute(
            "SELECT manifest, box, count FROM wave WHERE wave = ? OR box = ?", (charge.wave, charge.box)
        ).fetchone()
        if row and row != (charge.manifest, charge.box, charge.count):
            raise SecondBox("this wave was already released from another box: a wave has one box, ever")

    def _insert(self, charge: Charge) -> Entry:
        entry = self.next_entry(charge)
        changed = self.database.execute(
            "UPDATE budget SET spent = spent + :rho, spent_delta = spent_delta + :delta "
            "WHERE study = :study AND spent + :rho <= total AND spent_delta + :delta <= total_delta",
            {"rho": charge.nano_rho, "delta": charge.atto_delta, "study": charge.study},
        ).rowcount
        if changed != 1:
            raise Overspent(charge.nano_rho, self.remaining)
        self.database.execute(
            "INSERT INTO wave (wave, manifest, box, count) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (charge.wave, charge.manifest, charge.box, charge.count),
        )
        self.database.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.sequence, entry.previous, *astuple(charge), entry.spent, entry.total, entry.hash),
        )
        return entry

    def _agree(self) -> None:
        """Compare every head the anchor remembers with the chain; append what a crash kept from it."""
        chain = [genesis(*_budget(self.database)[:3]), *(entry.hash for entry in self.entries())]
        heads = self.anchor.heads()
        if not heads:
            raise LedgerCorrupt(f"{self.anchor.path} remembers no head: restore it from its copy")
        newest = max(sequence for sequence, _ in heads)
        if newest >= len(chain):
            raise LedgerBehindAnchor(
                f"the ledger ends at entry {len(chain) - 1} and its anchor at {newest}: "
                "an older copy of the database was put back; restore the newest one"
            )
        if any(chain[sequence] != head for sequence, head in heads):
            raise LedgerCorrupt("the ledger and its anchor tell different stories: restore both from their copies")
        for sequence in range(newest + 1, len(chain)):
            self._remember({"sequence": sequence, "head": chain[sequence]})

    def _remember(self, line: dict[str, Any]) -> None:
        try:
            self.anchor.append(line)
        except AnchorError as error:
            raise LedgerError(str(error)) from None


def genesis(study: str, total: int, total_delta: int) -> str:
    """The hash that the first entry builds on: it binds the budget that was declared at the ceremony."""
    return digest(canonical({"format": "sotto-ledger-1", "study": study, "total": total, "total_delta": total_delta}))


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30)
    # EXTRA also syncs the directory after the journal is unlinked: with DELETE journals a commit survives a power cut.
    database.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON")
    return database


def _checked(path: Path) -> sqlite3.Connection:
    try:
        database = _connect(path, "rw")
        version = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError:
        raise LedgerCorrupt(f"{path} is not a ledger: restore it from its copy") from None
    try:
        if version != VERSION:
            raise LedgerMissing(f"{path} has schema {version} and this version keeps {VERSION}: it is not migrated")
        _check_chain(database)
    except sqlite3.DatabaseError:
        database.close()
        raise LedgerCorrupt(f"{path} is damaged: restore it from its copy") from None
    except LedgerError:
        database.close()
        raise
    return database


def _check_chain(database: sqlite3.Connection) -> None:
    study, total, total_delta, spent, spent_delta = _budget(database)
    previous, sum_rho, sum_delta = genesis(study, total, total_delta), 0, 0
    stored = [row[0] for row in database.execute("SELECT hash FROM entry ORDER BY sequence")]
    for number, (entry, name) in enumerate(zip(_entries(database), stored, strict=True), start=1):
        sum_rho, sum_delta = sum_rho + entry.charge.nano_rho, sum_delta + entry.charge.atto_delta
        told = (entry.sequence, entry.previous, entry.spent, entry.total, entry.charge.study, entry.hash)
        if told != (number, previous, sum_rho, total, study, name):
            raise LedgerCorrupt(f"entry {number} of the ledger is not what was written: restore it from its copy")
        previous = name
    if (sum_rho, sum_delta) != (spent, spent_delta):
        raise LedgerCorrupt("the ledger's entries do not add up to what it says was spent: restore it from its copy")


def _budget(database: sqlite3.Connection) -> tuple[Any, ...]:
    rows = database.execute("SELECT study, total, total_delta, spent, spent_delta FROM budget").fetchall()
    if len(rows) != 1:
        raise LedgerCorrupt("a ledger holds the budget of exactly one study")
    row: tuple[Any, ...] = rows[0]
    return row


def _entries(database: sqlite3.Connection) -> list[Entry]:
    rows = database.execute(
        "SELECT sequence, previous, study, wave, manifest, plan, box, count, nano_rho, atto_delta, spent, total "
        "FROM entry ORDER BY sequence"
    )
    return [Entry(row[0], row[1], Charge(*row[2:10]), row[10], row[11]) for row in rows]


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
