"""What became of invitations in a day of traffic: answered, some withdrawn, and what of it is in the box."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from paths import ROOT

from traffic import invited_phones
from traffic.invited_phones import SIGNED, TAKEN, Invited, InvitedAnswer
from traffic.phones import CLOSED, GIVE_UP, STORED


@dataclass
class InvitedDay:
    """The phones of a day, and what they noted once they have ended."""

    phones: subprocess.Popen[bytes]
    folder: Path
    answers: list[InvitedAnswer] = field(default_factory=list)

    def end(self) -> None:
        """Wait until all codes are used or the wave is closed; read what was noted."""
        assert 0 == self.phones.wait(GIVE_UP + 60)
        lines = (line for path in self.folder.glob("*.lines") for line in path.read_text("ascii").splitlines())
        self.answers = [InvitedAnswer(*json.loads(line)) for line in lines]

    def told(self) -> dict[str, int]:
        """Return how many were answered, withdrawn, and came too late."""
        closed = sum(CLOSED in {one.issued, one.stored, one.withdrawn} for one in self.answers)
        return {"stored": len(stored(self.answers)), "withdrawn": len(withdrawn(self.answers)), "closed": closed}


@contextmanager
def invited_day(aim: Invited, program: list[str], folder: Path) -> Iterator[InvitedDay]:
    """Let people with invitations answer until their wave is closed; `program` starts their phones on the host."""
    path = f"PYTHONPATH={ROOT}:{ROOT / 'tests' / 'lib'}"
    command = [*program, "env", path, sys.executable, invited_phones.__file__, json.dumps(asdict(aim))]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield InvitedDay(process, folder)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stored(answers: list[InvitedAnswer]) -> set[str]:
    """Return the receipts of what was acknowledged."""
    return {one.receipt for one in answers if one.stored == STORED}


def withdrawn(answers: list[InvitedAnswer]) -> set[str]:
    """Return the receipts of what was taken back, and that was acknowledged."""
    return {one.receipt for one in answers if one.withdrawn == TAKEN}


def invited_faults(answers: list[InvitedAnswer], boxed: list[str]) -> dict[str, int]:
    """Return how many answers are lost, doubled, there though withdrawn or not acknowledged, or were told otherwise."""
    kept, gone = stored(answers), withdrawn(answers)
    found = {
        "lost": len(kept - gone - {*boxed}),
        "doubled": len(boxed) - len({*boxed}),
        "withdrawn and in the box": len(gone & {*boxed}),
        "not acknowledged": len({*boxed} - kept),
        "told otherwise": sum(not _expected(one) for one in answers),
    }
    return {name: number for name, number in found.items() if number}


def _expected(one: InvitedAnswer) -> bool:
    if one.issued != SIGNED:
        return (one.issued, one.stored, one.withdrawn) == (CLOSED, 0, 0)
    return one.stored in {STORED, CLOSED} and one.withdrawn in {0, TAKEN, CLOSED}
