"""A read-only report of a ledger: every debit with its result, and checks of the ledger against other files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from analysis.budget.anchor import Anchor, AnchorError
from analysis.budget.entries import DeclaredBudget, Entry, LedgerCorruptError, LedgerError
from analysis.budget.ledger import checked, missing_heads, rewound_text
from analysis.budget.ledger_table import read_budget, read_entries
from analysis.study.folder import StudyError, StudyFolder, read_document
from analysis.study.least_sigma import ledger_sigma, stored_plan
from analysis.study.release_file import signed_by
from survey.release.budget import Delta
from survey.release.release import Release

Result = Literal["released", "lost"]


@dataclass(frozen=True)
class DebitLine:
    """One debit, the title of its plan if the study folder still has it, and whether its release exists."""

    entry: Entry
    title: str | None
    result: Result

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints of one debit."""
        entry = self.entry
        charge = {name: getattr(entry.charge, name) for name in ("wave", "plan", "box", "nano_rho", "atto_delta")}
        summary = {"sequence": entry.sequence, "entry": entry.hash, "title": self.title, "result": self.result}
        return summary | charge | {"spent": entry.spent, "spent_delta": entry.spent_delta}


@dataclass(frozen=True)
class LedgerCheck:
    """One check: its name, whether it passed, and what was checked or what to do."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class LedgerReport:
    """A study's ledger: the declared budget, the amount spent, every debit, and the checks.

    `least_sigma`: of everything that was paid for; None where nothing was.
    """

    budget: DeclaredBudget
    head: str
    lines: tuple[DebitLine, ...]
    checks: tuple[LedgerCheck, ...]
    least_sigma: float | None

    @property
    def sound(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)

    @property
    def spent(self) -> int:
        """Nano-rho spent in the study's life."""
        return self.lines[-1].entry.spent if self.lines else 0

    @property
    def spent_delta(self) -> int:
        """Atto-delta spent in the study's life."""
        return self.lines[-1].entry.spent_delta if self.lines else 0

    def to_json(self, epsilons: tuple[dict[Delta, float], ...]) -> dict[str, Any]:
        """Return what `--json` prints; `epsilons` are of all that is spent, by the curve and by the conversion."""
        budget, (by_curve, converted) = self.budget, epsilons
        curve = {"least_sigma": self.least_sigma, "epsilon": by_curve}
        sums = {"spent": self.spent, "total": budget.total, "left": budget.total - self.spent}
        rho = {**sums, "curve": curve, "epsilon": converted}
        delta = {"spent": self.spent_delta, "total": budget.total_delta}
        checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in self.checks]
        entries = [line.to_json() for line in self.lines]
        report = {"study": budget.study, "head": self.head, "nano_rho": rho, "atto_delta": delta, "entries": entries}
        return report | {"sound": self.sound, "checks": checks}


def read_ledger(folder: StudyFolder) -> LedgerReport:
    """Read a study's ledger, anchor and releases, and change none of them.

    Raises LedgerMissingError and LedgerCorruptError where the database itself is missing or corrupt: nothing of it is
    shown then.
    """
    if not folder.ledger_path.is_file():
        raise StudyError(f"{folder.ledger_path} is missing: is this a study folder? If it is, restore the ledger")
    with closing(_anchor(folder)) as anchor, closing(_database(folder)) as database:
        budget, _, _ = read_budget(database)
        entries = [entry for entry, _ in read_entries(database)]
        checks = (
            LedgerCheck("chain", True, f"{len(entries)} entries follow from the declared budget and add up"),
            *_checks(folder, budget, entries, anchor),
        )
    head = entries[-1].hash if entries else budget.genesis
    lines = tuple(_line(folder, entry) for entry in entries)
    return LedgerReport(budget, head, lines, checks, ledger_sigma(folder, entries))


def _anchor(folder: StudyFolder) -> Anchor:
    try:
        return Anchor.read(folder.anchor_path)
    except AnchorError as error:
        raise LedgerCorruptError(str(error)) from None


def _database(folder: StudyFolder) -> sqlite3.Connection:
    if folder.ledger_path.with_name(folder.ledger_path.name + "-journal").exists():
        raise LedgerError("a debit was interrupted: the next `sotto release` undoes it; ask again afterwards")
    return checked(folder.ledger_path, "ro")


def _checks(folder: StudyFolder, budget: DeclaredBudget, entries: list[Entry], anchor: Anchor) -> Iterator[LedgerCheck]:
    yield _agreement([budget.genesis, *(entry.hash for entry in entries)], anchor)
    yield _announced(entries, anchor)
    if anchor.rewound():
        yield _rewound(anchor)
    entry_by_hash = {entry.hash: entry for entry in entries}
    for path in sorted(folder.root.glob("releases/*/release.json")):
        name = f"releases/{path.parent.name[:8]}"
        try:
            release = read_document(path, Release)
            signer = folder.manifest(release.wave).signer
            yield LedgerCheck(name, *_paid(release, path.parent.name, entry_by_hash, signer))
        except StudyError as error:
            yield LedgerCheck(name, False, str(error))


def _agreement(chain: list[str], anchor: Anchor) -> LedgerCheck:
    try:
        late = len(missing_heads(chain, anchor))
    except LedgerError as error:
        return LedgerCheck("anchor", False, str(error))
    summary = (
        f"it lacks the newest {late}, which the next opening appends and says" if late else "it ends at the same entry"
    )
    return LedgerCheck("anchor", True, f"{len(anchor.heads())} heads agree; {summary}")


def _announced(entries: list[Entry], anchor: Anchor) -> LedgerCheck:
    """Check that every debit was announced in the anchor before it was made; other announcements spent nothing."""
    rewound = {*anchor.rewound()} if anchor.acknowledged else set[int]()
    entries = [entry for entry in entries if entry.sequence not in rewound]
    intents = {(i.get("parent"), i.get("plan"), i.get("box"), i.get("nonce")) for i in anchor.intents()}
    debits = {(e.previous, e.charge.plan, e.charge.box, e.nonce) for e in entries}
    if debits - intents:
        return LedgerCheck(
            "intents",
            False,
            "a debit was never announced in the anchor: it was made past this program, or an older copy of the anchor "
            "was put back; restore the newest",
        )
    return LedgerCheck(
        "intents", True, f"every debit was announced; {len(intents - debits)} more were, and spent nothing"
    )


def _rewound(anchor: Anchor) -> LedgerCheck:
    """Show for ever that an older copy of the anchor was put back; wrong until a person has compared the head."""
    if not anchor.acknowledged:
        return LedgerCheck("rewound", False, rewound_text(anchor))
    numbers = ", ".join(map(str, anchor.rewound()))
    return LedgerCheck(
        "rewound", True, f"an older anchor once lacked entry {numbers}; the head was compared with a note since"
    )


def _paid(release: Release, folder_name: str, entry_by_hash: dict[str, Entry], signer: str) -> tuple[bool, str]:
    if release.plan != folder_name:
        return False, "it is the release of another plan: restore the right one from its copy"
    entry = entry_by_hash.get(release.ledger.entry)
    if entry is None:
        return False, "it was paid by an entry that the ledger lacks: restore the newest ledger and anchor together"
    if (release.plan, release.box.root, release.budget.cost) != (
        entry.charge.plan,
        entry.charge.box,
        entry.charge.nano_rho,
    ):
        return False, f"it is not what entry {entry.sequence} paid for: it was edited"
    if signed_by(release) != signer:
        return False, "its signature does not hold: it was edited, or is of another key; restore it from its copy"
    return True, f"paid by entry {entry.sequence}, and signed"


def _line(folder: StudyFolder, entry: Entry) -> DebitLine:
    stored = folder.release_folder(entry.charge.plan) / "release.json"
    result: Result = "released" if stored.is_file() else "lost"
    plan = stored_plan(folder, entry.charge.plan)
    return DebitLine(entry, None if plan is None else plan.title, result)
