"""What a process gives up before it reads a stranger's file: time, memory, files, and every way to others."""

import resource
import signal
import sys
from pathlib import Path

from crypto.errors import SottoError

CPU_SECONDS = 15
WALL_SECONDS = 25
"""A little more than the desk waits (survey/desk_process/child.py): for a child whose desk was killed."""
MEMORY = 1536 * 1024**2
"""Bytes of address space; a large form takes a third."""
FILE_BYTES = 32 * 1024**2
OPEN_FILES = 64
LIMITS = (
    (resource.RLIMIT_CPU, CPU_SECONDS),
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_FSIZE, FILE_BYTES),
    (resource.RLIMIT_NOFILE, OPEN_FILES),
    # No thread and no child either; the kernel excuses root alone.
    (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_CORE, 0),
)
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")


class ConfinedError(SottoError):
    """Code that reads a stranger's file tried to reach a network or to start a program."""


# Decision 155.
def confine() -> None:
    """
    Give it up for good: no limit can be raised again by an account without privileges.

    The hook refuses what Python code asks for; who runs machine code of their own passes it by. What such code reaches
    is for the unit to say (deploy/systemd/sotto-desk.service: no network, no right on answers, no key).
    """
    for name, most in LIMITS:
        hard = resource.getrlimit(name)[1]
        own = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (own, own))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    # Where the machine's memory runs out, this process goes first and neither the desk nor the database.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    sys.addaudithook(_refuse)


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise ConfinedError(f"{event} is refused while a file is read")
