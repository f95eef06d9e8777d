"""Beside the ledger: an append-only file remembers the chain's head, so that a rewound database cannot spend twice."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from crypto.canonical import CanonicalError, canonical, parse


class AnchorError(ValueError):
    """The anchor file is missing or holds a line that is not ours; the message holds the path and nothing else."""


@dataclass
class Anchor:
    """One JSON line per event, each synced before the next step: `{"sequence", "head"}` and `{"intent": {...}}`.

    The file is locked (flock) for as long as this object lives: one process at a time debits, adds noise and writes.
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

    def append(self, line: dict[str, Any]) -> None:
        """Write one line and wait until the disk has it."""
        os.write(self.descriptor, canonical(line) + b"\n")
        os.fsync(self.descriptor)
        self.lines.append(line)

    def heads(self) -> list[tuple[int, str]]:
        """Every head ever recorded, as (sequence, hash), in the order of writing."""
        return [(line["sequence"], line["head"]) for line in self.lines if "head" in line]

    def close(self) -> None:
        """Let the next process in."""
        os.close(self.descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed name in `folder` durable (POSIX: fsync of the directory)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _read(path: Path, descriptor: int) -> list[dict[str, Any]]:
    whole, newline, torn = path.read_bytes().rpartition(b"\n")
    if torn:
        os.ftruncate(descriptor, len(whole) + len(newline))
    try:
        return [parse(line) for line in whole.split(b"\n") if line]
    except CanonicalError:
        raise AnchorError(f"{path} holds a line that Sotto did not write: restore it from its copy") from None
