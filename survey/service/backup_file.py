"""The file of a backup: lines of JSON under age, padded, so that its size tells no number of answers.

`age-encryption.org/v1` to X25519 recipients, written and read by pyrage. Inside, one JSON object a line, as
docs/deployment.md specifies: first what it is, then rows and files, padding, and last the number of lines before it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyrage

from crypto.durable import written_whole
from crypto.errors import ContentError, SottoError

FORMAT = "sotto-backup-1"
LEAST = 1 << 20
"""A backup is padded to a power of two of bytes, at least this one."""
PAD = 1 << 16
LAST = 64
"""The bytes of the last line, whatever number it holds."""
Line = dict[str, Any]
Identity: TypeAlias = pyrage.x25519.Identity
"""The secret half of a recipient."""


class BackupError(ContentError):
    """A backup cannot be written or read; the message says why and holds nothing of it."""


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """Return a recipient (age1…); raise BackupError for any other text."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError(
            "the recipient is no age1… line: `age-keygen` makes a pair on another machine, which keeps the secret half"
        ) from None


def identities_of(path: Path) -> list[Identity]:
    """Return the secret halves of a file of age-keygen; raise BackupError where there is none."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise BackupError("there is no line AGE-SECRET-KEY-1… in it: give the file that age-keygen made")
    return found


def write_backup(path: Path, lines: Iterable[Line], recipients: list[pyrage.x25519.Recipient]) -> int:
    """Write a backup to `path` (0600), whole or not at all; return its size in bytes."""
    with written_whole(path) as file:
        pyrage.encrypt_io(_Reader(_padded(lines)), file, recipients)
    return path.stat().st_size


def read_backup(path: Path, identities: list[Identity], take: Callable[[Line], None]) -> None:
    """
    Give each line to `take`; raise BackupError for a file that is damaged, cut off, or for somebody else.

    Lines are given as they are decrypted: what `take` does must be undone where this raises.
    """
    sink = _Sink(take)
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, sink, identities)
    except (pyrage.DecryptError, OSError):
        if sink.fault:
            raise sink.fault from None
        raise BackupError(
            "it is no backup for this key, or it is damaged: try another copy (nothing was changed)"
        ) from None
    sink.finish()


def _padded(lines: Iterable[Line]) -> Iterator[bytes]:
    """Yield lines as bytes, then padding up to a power of two, then their number."""
    size, number = 0, 0
    for line in lines:
        data = _bytes(line)
        size, number = size + len(data), number + 1
        yield data
    whole = max(LEAST, 1 << (size + 2 * PAD - 1).bit_length()) - LAST
    around = len(_bytes({"pad": ""}))
    while size < whole:
        # The last line of padding is as long as it must be: twice PAD at most.
        room = whole - size - around
        data = _bytes({"pad": "0" * (room if room < 2 * PAD else PAD)})
        size, number = size + len(data), number + 1
        yield data
    yield _bytes({"lines": number}).rstrip().ljust(LAST - 1) + b"\n"


def _bytes(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class _Reader:
    """Bytes of an iterator as a file to read from."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, b""

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, none at the end."""
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return b""
            self._rest = part
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


class _Sink:
    """A file to write to that gives whole lines on."""

    def __init__(self, take: Callable[[Line], None]) -> None:
        self._take, self._rest, self._number, self._done = take, b"", 0, False
        self.fault: SottoError | None = None

    def write(self, data: bytes) -> int:
        """Take bytes."""
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        try:
            for line in lines:
                self._line(line)
        except SottoError as error:
            # The library tells no exception of ours from one of a disk.
            self.fault = error
            raise OSError from None
        return len(data)

    def flush(self) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Raise BackupError where the last line has not come."""
        if self._rest or not self._done:
            raise BackupError("it is cut off: try another copy (nothing was changed)")

    def _line(self, data: bytes) -> None:
        try:
            line = json.loads(data)
        except ValueError:
            raise BackupError("it holds a line that is none of a backup (nothing was changed)") from None
        if "lines" in line:
            self._done = line["lines"] == self._number
            return
        self._number += 1
        if "pad" not in line:
            self._take(line)
