"""The collection host's public log: appends entries and signs a new head for each, safe against crashes.

The newest head and its entry are also stored beside the log's key, outside the published folder, and written there
first: the next append completes an interrupted one, and a published log that is shorter than or different from what
was signed is refused.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crypto.canonical import CanonicalError, canonical, parse
from crypto.checkpoints import Checkpoint, CheckpointError, LogSigner
from crypto.durable import write_file
from crypto.proofs import root_of
from survey.document import DocumentError
from survey.errors import OfficeError
from survey.public_log.log_entry import LogEntry

HEAD_FORMAT = "sotto-log-head-1"
ENTRIES, CHECKPOINT, VKEY = "log/entries.jsonl", "log/checkpoint", "log/key"
REMEDY = (
    "nothing was added. Put the folder log/ back as it was (from a copy, or from somebody who mirrors it), and tell "
    "those who keep older heads: they will ask"
)


class LogError(OfficeError):
    """The public log differs from what was signed, or its key is missing; the message says what to do."""


@dataclass(frozen=True)
class Log:
    """The log in the published folder `public`, signed with the key in the file `key` (mode 0600).

    `origin` is the name of a new log, `sotto/HOST`; an existing log has the name in its key.
    """

    public: Path
    key: Path
    origin: str

    def prepare(self) -> str:
        """Create the key unless it exists; return the log's public key as a vkey line."""
        with self.locked():
            return self._signer().verifier.to_text()

    # Decision 67.
    def append(self, entry: LogEntry) -> Checkpoint:
        """Add an entry and sign the new head; an entry that is in the log already changes nothing.

        Raises LogError, and adds nothing, where the log shrank or was edited since its last head, or its key is gone.
        """
        with self.locked():
            signer = self._signer()
            entries = self._recovered(signer)
            if not entry.is_logged_in(entries):
                entries.append(entry)
                root = root_of([one.leaf for one in entries])
                note = signer.sign(len(entries), root)
                self._remember(entry, note)
                self._publish(entries, note)
            return signer.verifier.open(self._read(CHECKPOINT))

    def entries(self) -> tuple[LogEntry, ...]:
        """Return the published entries, not checked against a head; raise LogError for an invalid line."""
        try:
            return tuple(LogEntry.from_bytes(line) for line in _lines(self._read(ENTRIES)))
        except DocumentError as error:
            raise LogError(f"the log was edited: a line of it is no entry ({error}). {REMEDY}") from None

    def _recovered(self, signer: LogSigner) -> list[LogEntry]:
        """Return the entries under the newest head, after completing an interrupted append."""
        entries, state = list(self.entries()), self._state()
        if not state:
            if entries or self._read(CHECKPOINT):
                raise LogError(
                    f"{self._head} is missing though there is a log: put it back from the copy of the log's key. "
                    "It holds the newest head"
                )
            return []
        try:
            head = signer.verifier.open(state["note"].encode())
            last = LogEntry.from_bytes(canonical(state["entry"]))
        except (CheckpointError, DocumentError):
            raise LogError(f"{self._head} is damaged or of another log: put it back from its copy") from None
        if len(entries) == head.size - 1:
            entries.append(last)
        _require_head(entries, head)
        self._require_signed(signer, head.size)
        self._publish(entries, state["note"].encode())
        return entries

    def _require_signed(self, signer: LogSigner, size: int) -> None:
        """Raise LogError unless the published checkpoint is signed by this log and not newer than the stored head."""
        note = self._read(CHECKPOINT)
        try:
            ahead = bool(note) and signer.verifier.open(note).size > size
        except CheckpointError as error:
            raise LogError(f"log/checkpoint was edited: {error}. {REMEDY}") from None
        if ahead:
            raise LogError(
                f"the published log is newer than {self._head}: the key's folder was put back from an older copy; put "
                "back the newest one"
            )

    def _publish(self, entries: list[LogEntry], note: bytes) -> None:
        """Write the missing entries and the checkpoint; the next append can continue after any step."""
        self._write(ENTRIES, b"".join(entry.to_bytes() + b"\n" for entry in entries))
        self._write(f"log/heads/{len(entries)}", note)
        self._write(CHECKPOINT, note)

    def _signer(self) -> LogSigner:
        try:
            signer = LogSigner.from_text(self.key.read_text(encoding="utf-8"))
        except FileNotFoundError:
            signer = self._new_key()
        except (CheckpointError, UnicodeDecodeError):
            raise LogError(f"{self.key} is no log key: put it back from its copy") from None
        vkey = f"{signer.verifier.to_text()}\n".encode()
        if self._read(VKEY) not in {b"", vkey}:
            raise LogError(f"log/key is of another key than {self.key}. {REMEDY}")
        self._write(VKEY, vkey)
        return signer

    def _new_key(self) -> LogSigner:
        if self._read(CHECKPOINT) or self._head.exists():
            raise LogError(
                f"{self.key}, the key of the public log, is missing though there is a log: put it back from its copy. "
                "A log that goes on under another key is another log"
            )
        signer = LogSigner.generate(self.origin)
        write_file(self.key, signer.to_text().encode(), 0o600)
        return signer

    @property
    def _head(self) -> Path:
        return self.key.with_name(f"{self.key.name}.head")

    def _state(self) -> Mapping[str, str]:
        """Return the stored newest head with its entry, empty before the first."""
        try:
            state = parse(self._head.read_bytes())
        except FileNotFoundError:
            return {}
        except CanonicalError:
            state = {}
        if state.keys() != {"format", "entry", "note"} or state["format"] != HEAD_FORMAT:
            raise LogError(f"{self._head} is damaged: put it back from its copy")
        return state

    def _remember(self, entry: LogEntry, note: bytes) -> None:
        state = {"format": HEAD_FORMAT, "entry": entry.to_json(), "note": note.decode("utf-8")}
        write_file(self._head, canonical(state), 0o600)

    def _read(self, name: str) -> bytes:
        try:
            return (self.public / name).read_bytes()
        except FileNotFoundError:
            return b""

    def _write(self, name: str, content: bytes) -> None:
        if self._read(name) != content:
            write_file(self.public / name, content)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the log, so that one process appends at a time."""
        self.key.parent.mkdir(parents=True, exist_ok=True)
        with self.key.with_name(f"{self.key.name}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _require_head(entries: list[LogEntry], head: Checkpoint) -> None:
    if len(entries) < head.size:
        raise LogError(
            f"the log shrank: its last head counts {head.size} entries and {len(entries)} are there; {REMEDY}"
        )
    if len(entries) > head.size:
        raise LogError(
            f"the log was edited: {len(entries)} entries are there and its last head counts {head.size}; {REMEDY}"
        )
    if root_of([entry.leaf for entry in entries]) != head.root:
        raise LogError(f"the log was edited: its entries are not those that its last head signed; {REMEDY}")


def _lines(data: bytes) -> list[bytes]:
    if data and not data.endswith(b"\n"):
        raise LogError(f"the log was edited or cut short: its last line is not whole. {REMEDY}")
    return data.split(b"\n")[:-1]
