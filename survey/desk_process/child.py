"""The child process that reads an author's file: without this process's environment, within limits, and then gone."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from survey.desk_app.authoring.examination import Examination
from survey.desk_app.authoring.reader import NO_WORKBOOKS, AuthorFile, UnreadFileError
from survey.document import DocumentError

SECONDS = 20.0
"""For how long it may run; gunicorn ends a worker that gives no answer in 30."""
MOST_BYTES = 24 * 1024**2
"""Of the document that it writes."""
BETWEEN_LOOKS = 0.02
"""Seconds between two looks whether it has ended."""
BEFORE = ".before.yaml"
"""No file of an author has this name here."""
_TOO_MUCH = (-signal.SIGXCPU, -signal.SIGKILL)
"""How a child ends that used up its time, or the memory of the machine."""
EXAMINE = (
    sys.executable, "-I", "-X", "utf8", "-c", "from survey.commands.main import main; main()", "study", "examine",
)  # fmt: skip


# Decision 155.
@dataclass(frozen=True)
class Child:
    """
    Starts `command` for each file, which ends within `seconds` or is killed.

    Whoever has the file `lock` is the only one who does at that time: all workers of a desk share it, so that no more
    than one of them waits for a file, and no more than one file is in memory.
    """

    lock: Path
    command: tuple[str, ...] = EXAMINE
    seconds: float = SECONDS

    def __call__(self, file: AuthorFile) -> Examination:
        """
        Return what the child found.

        Raises UnreadFileError where another file is being read, and where the child took too long, ended badly, wrote
        no such document or cannot read workbooks.
        """
        with self._alone(), tempfile.TemporaryDirectory(prefix="sotto-file-") as folder:
            (Path(folder) / file.name).write_bytes(file.content)
            arguments = [file.name, "--language", file.language, f"--page={file.page}"]
            if file.before:
                (Path(folder) / BEFORE).write_bytes(file.before)
                arguments += ["--before", BEFORE]
            written = self._run(folder, arguments)
        try:
            return Examination.from_bytes(written)
        except DocumentError:
            raise UnreadFileError("failed") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Not waited for: who waits here takes a worker from everybody else.
        held = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            raise UnreadFileError("occupied") from None
        try:
            yield
        finally:
            os.close(held)

    def _run(self, folder: str, arguments: list[str]) -> bytes:
        # Into a file without a name: a pipe would let a child fill this process's memory.
        with tempfile.TemporaryFile(dir=folder) as output:
            child = subprocess.Popen(
                [*self.command, *arguments], cwd=folder, env={"TMPDIR": folder}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            code = self._ended(child)
            if code in _TOO_MUCH:
                raise UnreadFileError("slow")
            if code == NO_WORKBOOKS:
                raise UnreadFileError("workbooks")
            output.seek(0)
            written = output.read(MOST_BYTES + 1)
        if code != 0 or len(written) > MOST_BYTES:
            raise UnreadFileError("failed")
        return written

    def _ended(self, child: subprocess.Popen[bytes]) -> int:
        """Return how a child ended; kill what is left of its own, and itself where it does not end in time."""
        end = time.monotonic() + self.seconds
        try:
            while not _has_ended(child) and time.monotonic() < end:
                time.sleep(BETWEEN_LOOKS)
            in_time = _has_ended(child)
        finally:
            # While nobody has taken note of its end its number is nobody else's, and so is that of its group.
            os.killpg(child.pid, signal.SIGKILL)
            code = child.wait()
        if not in_time:
            raise UnreadFileError("slow")
        return code


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Say whether a child has ended, without taking note of it."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
