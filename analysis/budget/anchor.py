"""Beside the ledger: an append-only file remembers the chain's head, so that a rewound database cannot spend twice."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from crypto.canonical import CanonicalError, canonical, parse
from crypto.durable import sync_folder
from crypto.errors import BudgetError


class AnchorError(BudgetError):
    """The anchor file is missing, cannot be written or holds a line that is not ours; the message holds its path."""


@dataclass
class Anchor:
    """One JSON line per event, each synced before the next step.

    `{"sequence", "head"}`, `{"intent"}`, `{"destroyed"}`; `{"rewound": [entries]}` where an older copy of this file was
    noticed, and `{"acknowledged": head}` once a person has compared the ledger's head with a note. The file is locked
    (flock) for as long as this object lives: one process at a time debits, adds noise and writes.
    """

    path: Path
    descriptor: int
    lines: list[dict[str, Any]]

    @classmethod
    def create(cls, path: Path, head: str) -> Self:
        """Start an anchor whose chain has no entry yet; FileExistsError where one is already there."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        anchor = cls(path, _locked(path), [])
        anchor.append({"sequence": 0, "head": head})
        sync_folder(path.parent)
        return anchor

    @classmethod
    def open(cls, path: Path) -> Self:
        """Lock and read the anchor; a last line torn by a power cut is cut off (the ledger then repairs it)."""
        if not path.is_file():
            raise AnchorError(f"{path} is missing: restore it from its copy; without it nothing is released")
        descriptor = _locked(path)
        try:
            return cls(path, descriptor, _read(path, descriptor))
        except AnchorError:
            os.close(descriptor)
            raise

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the anchor as it is and change nothing; waits while a debit or a release is under way."""
        if not path.is_file():
            raise AnchorError(f"{path} is missing: restore it from its copy; without it nothing is released")
        descriptor = os.open(path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            return cls(path, descriptor, _parsed(path, _whole_lines(path)))
        except AnchorError:
            os.close(descriptor)
            raise

    def append(self, line: dict[str, Any]) -> None:
        """Write one line and wait until the disk has it; raise AnchorError unless it has every byte.

        What a short write leaves is a torn last line, which the next opening cuts off.
        """
        data = canonical(line) + b"\n"
        try:
            written = os.write(self.descriptor, data)
            os.fsync(self.descriptor)
        except OSError as error:
            raise AnchorError(
                f"{self.path} could not be written ({error.strerror}): make room, then try again"
            ) from None
        if written != len(data):
            raise AnchorError(f"{self.path} was not written whole (is the disk full?): make room, then try again")
        self.lines.append(line)

    def heads(self) -> list[tuple[int, str]]:
        """Every head ever recorded, as (sequence, hash), in the order of writing."""
        return [(line["sequence"], line["head"]) for line in self.lines if "head" in line]

    def intents(self) -> list[dict[str, Any]]:
        """Every debit that was about to be made, in the order of writing; not all of them were."""
        return [line["intent"] for line in self.lines if "intent" in line]

    def destroyed(self) -> list[dict[str, Any]]:
        """Every wave whose key was destroyed, as `{"wave", "manifest", "statement"}`."""
        return [line["destroyed"] for line in self.lines if "destroyed" in line]

    def rewound(self) -> list[int]:
        """The entries, each once, that an older copy of this file lacked when it was noticed."""
        return sorted({entry for line in self.lines for entry in line.get("rewound", ())})

    @property
    def acknowledged(self) -> bool:
        """Whether a head was compared with a note since an older copy of this file was last noticed, if it ever was."""
        kinds = [kind for line in self.lines for kind in ("rewound", "acknowledged") if kind in line]
        return kinds[-1:] != ["rewound"]

    def close(self) -> None:
        """Let the next process in."""
        os.close(self.descriptor)


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _read(path: Path, descriptor: int) -> list[dict[str, Any]]:
    whole = _whole_lines(path)
    os.ftruncate(descriptor, len(whole))
    return _parsed(path, whole)


def _whole_lines(path: Path) -> bytes:
    """Return the file without the last line where a power cut tore it."""
    whole, newline, _ = path.read_bytes().rpartition(b"\n")
    return whole + newline


def _parsed(path: Path, whole: bytes) -> list[dict[str, Any]]:
    try:
        lines = [parse(line) for line in whole.split(b"\n") if line]
    except CanonicalError:
        lines = [{}]
    if not all(map(_ours, lines)):
        raise AnchorError(f"{path} holds a line that Sotto did not write: restore it from its copy")
    return lines


def _ours(line: dict[str, Any]) -> bool:
    if set(line) == {"intent"}:
        return isinstance(line["intent"], dict)
    if set(line) == {"destroyed"}:
        ended = line["destroyed"]
        return (
            isinstance(ended, dict) and set(ended) == {"wave", "manifest", "statement"} and type(ended["wave"]) is int
        )
    if set(line) == {"rewound"}:
        return isinstance(line["rewound"], list) and all(type(entry) is int for entry in line["rewound"])
    if set(line) == {"acknowledged"}:
        return isinstance(line["acknowledged"], str)
    sequence, head = line.get("sequence"), line.get("head")
    return set(line) == {"sequence", "head"} and type(sequence) is int and sequence >= 0 and isinstance(head, str)
