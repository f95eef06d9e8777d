"""A day of hand-ins: phones in processes of their own, what is done to the host meanwhile, and what came of it."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from crypto.box import BoxHeader
from survey.service.backup_file import Identity, Line, read_backup
from traffic import phones
from traffic.phones import CLOSED, STORED, Aim

ENVELOPE = 352
"""Where a record's envelope begins, in bytes."""


@dataclass(frozen=True)
class HandIn:
    """One answer: when it was first sent, the seconds until the last answer and from the first refusal to it."""

    began: float
    seconds: float
    refused: float
    status: int
    receipt: str


@dataclass
class Day:
    """What happened: the spans of what was done to the host, by name, and every hand-in once the phones have ended."""

    phones: subprocess.Popen[str]
    folder: Path
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    hand_ins: list[HandIn] = field(default_factory=list)
    stored: int = 0

    def until(self, stored: int) -> None:
        """Wait until so many answers were acknowledged."""
        while self.stored < stored:
            line = self.phones.stdout.readline()
            assert line, "phones ended before the wave was closed"
            self.stored += int(line)

    def do(self, name: str, act: Callable[[], object]) -> None:
        """Do something to the host while phones hand in, and note when."""
        began = time.time()
        act()
        self.spans[name] = (began, time.time())

    def end(self) -> None:
        """Wait until all phones were told that the wave is closed; read what they noted."""
        self.phones.communicate(timeout=phones.GIVE_UP + 60)
        lines = (line for path in self.folder.glob("*.json") for line in path.read_text("ascii").splitlines())
        self.hand_ins = [HandIn(*json.loads(line)) for line in lines]

    @property
    def receipts(self) -> set[str]:
        """The receipts of all that was acknowledged."""
        return {one.receipt for one in self.hand_ins if one.status == STORED}

    def before(self, moment: float) -> set[str]:
        """Return the receipts of what was acknowledged before a moment."""
        return {one.receipt for one in self.hand_ins if one.status == STORED and one.began + one.seconds < moment}

    def during(self, name: str) -> list[HandIn]:
        """Return the hand-ins that were on their way in a span."""
        began, ended = self.spans[name]
        return [one for one in self.hand_ins if one.began < ended and one.began + one.seconds > began]

    def longest(self, name: str) -> float:
        """Return the seconds of the longest hand-in of a span."""
        return max(one.seconds for one in self.during(name))

    def refused(self, name: str) -> float:
        """Return the most seconds for which one hand-in of a span was refused."""
        return max(one.refused for one in self.during(name))

    def told(self) -> dict[str, object]:
        """Return the figures of the day, in seconds."""
        spans = {
            name: {"took": round(ended - began, 1), "hand_ins": len(self.during(name)),
                   "longest": round(self.longest(name), 2), "refused": round(self.refused(name), 2)}
            for name, (began, ended) in self.spans.items()
        }  # fmt: skip
        whole = max(one.began + one.seconds for one in self.hand_ins) - min(one.began for one in self.hand_ins)
        return {"stored": len(self.receipts), "seconds": round(whole), "spans": spans}


@contextmanager
def day(aim: Aim, program: list[str], folder: Path) -> Iterator[Day]:
    """Let phones hand in until the wave is closed; `program` starts them, `folder` is aim's as this process sees it."""
    command = [*program, sys.executable, phones.__file__, json.dumps(asdict(aim))]
    path = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=path, start_new_session=True)
    try:
        yield Day(process, folder)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def boxed_receipts(path: Path) -> list[str]:
    """Return the receipt of each record of a box, in the order of the box."""
    with path.open("rb") as file:
        header = BoxHeader.from_bytes(file.readline().rstrip(b"\n"))
        return [hashlib.sha256(file.read(header.record_size)[ENVELOPE:]).hexdigest() for _ in range(header.count)]


def copied_receipts(path: Path, identity: Identity) -> set[str]:
    """Return the receipts of the answers in a backup."""
    found = set()

    def take(line: Line) -> None:
        if line.get("table") == "sealed":
            record = dict(zip(line["columns"], line["row"], strict=True))["record"]
            found.add(hashlib.sha256(base64.b64decode(record["bytes"])[ENVELOPE:]).hexdigest())

    read_backup(path, [identity], take)
    return found


def faults(one: Day, boxed: list[str]) -> dict[str, int]:
    """Return how many answers are lost, doubled, stored and not acknowledged, or were told something else."""
    found = {
        "lost": len(one.receipts - {*boxed}),
        "doubled": len(boxed) - len({*boxed}),
        "not acknowledged": len({*boxed} - one.receipts),
        "told otherwise": sum(each.status not in {STORED, CLOSED} for each in one.hand_ins),
    }
    return {name: number for name, number in found.items() if number}
