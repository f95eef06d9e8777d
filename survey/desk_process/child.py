"""The child process that reads an author's file: without this process's environment, within limits, and then gone."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from survey.desk_app.authoring.examination import Examination
from survey.desk_app.authoring.reader import AuthorFile, UnreadFileError
from survey.document import DocumentError

SECONDS = 20.0
"""For how long it may run; gunicorn ends a worker that gives no answer in 30."""
MOST_BYTES = 24 * 1024**2
"""Of the document that it writes."""
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
    """Starts `command` for each file, which ends within `seconds` or is killed."""

    command: tuple[str, ...] = EXAMINE
    seconds: float = SECONDS

    def __call__(self, file: AuthorFile) -> Examination:
        """Return what the child found; raise UnreadFileError where it took too long, ended badly or wrote no such."""
        with tempfile.TemporaryDirectory(prefix="sotto-file-") as folder:
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
            output.seek(0)
            written = output.read(MOST_BYTES + 1)
        if code != 0 or len(written) > MOST_BYTES:
            raise UnreadFileError("failed")
        return written

    def _ended(self, child: subprocess.Popen[bytes]) -> int:
        """Return how a child ended; kill it with all its own where it does not in time."""
        try:
            return child.wait(self.seconds)
        except subprocess.TimeoutExpired:
            raise UnreadFileError("slow") from None
        finally:
            if child.returncode is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
