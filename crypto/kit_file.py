"""The queue file that a field kit without a network exports: a header line, then sealed records as in a box."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from crypto.canonical import HASH, KEY_ID, STUDY, CanonicalError, canonical, digest, impossible_member, parse
from crypto.envelope import PLAINTEXT_MAX, PLAINTEXT_STEP, EnvelopeError, Record, envelope_key_id, record_size
from crypto.errors import ContentError

FORMAT = "sotto-queue-2"
HEADER_MAX = 1024
SIZE_MAX = 512 * 1024 * 1024
"""Bytes of a whole file: a hundred thousand interviews of a large questionnaire; a tablet's queue is read at once."""

_SAVE_AGAIN = "save the file on the tablet again; nothing was taken in"
_SIZES = {record_size(size): size for size in range(PLAINTEXT_STEP, PLAINTEXT_MAX + 1, PLAINTEXT_STEP)}
_TEXTS = {"study": STUDY, "key_id": KEY_ID, "sha256": HASH}
_LEAST = {"count": 1, "record_size": min(_SIZES)}


class QueueFileError(ContentError):
    """A queue file that is incomplete or invalid; the message says what is wrong and what to do."""


# Decision 38.
@dataclass(frozen=True, slots=True)
class QueueHeader:
    """The header of a queue file: study, the wave's key id, size (bytes), number and SHA-256 (hex) of its records."""

    study: str
    key_id: str
    record_size: int
    count: int
    sha256: str

    def __post_init__(self) -> None:
        name = impossible_member(self, _TEXTS, _LEAST)
        if name is None and self.record_size not in _SIZES:
            name = "record_size"
        if name is not None:
            raise QueueFileError(f"the file's header has an impossible {name}: {_SAVE_AGAIN}")

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the canonical JSON of a header, without its newline; raise QueueFileError for anything else."""
        try:
            value = parse(data)
        except CanonicalError:
            raise QueueFileError(f"the file's first line is not a whole header: {_SAVE_AGAIN}") from None
        if value.pop("format", None) != FORMAT or value.keys() != set(cls.__slots__):
            raise QueueFileError(f"this is not a file of format {FORMAT}: give the file that the kit saved")
        return cls(**value)

    def to_bytes(self) -> bytes:
        """Return the header as canonical JSON, without its newline."""
        return canonical({"format": FORMAT, **asdict(self)})


@dataclass(frozen=True, slots=True)
class QueueFile:
    """A complete, checked queue file: its header and its records, in ascending order of row key."""

    header: QueueHeader
    records: tuple[Record, ...]

    @property
    def digest(self) -> str:
        """The file's identifier: hex SHA-256 of its header, which holds the hash of all records."""
        return digest(self.header.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Parse a file; raise QueueFileError unless every byte agrees with the header."""
        line = data[: max(data.find(b"\n", 0, HEADER_MAX), 0)]
        header = QueueHeader.from_bytes(line)
        content = memoryview(data)[len(line) + 1 :]
        _check_whole(header, content)
        if hashlib.sha256(content).hexdigest() != header.sha256:
            raise QueueFileError(f"the records were changed on their way: {_SAVE_AGAIN}")
        size = header.record_size
        parts = (bytes(content[at : at + size]) for at in range(0, len(content), size))
        return cls(header, tuple(_checked(header, parts)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file at `path`; raise QueueFileError, and OSError where it cannot be read."""
        if path.stat().st_size > SIZE_MAX:
            raise QueueFileError(f"the file is larger than {SIZE_MAX // 1024**2} MiB: it is not a tablet's queue")
        return cls.from_bytes(path.read_bytes())


def _check_whole(header: QueueHeader, content: bytes | memoryview) -> None:
    if len(content) != header.count * header.record_size:
        raise QueueFileError(f"the file does not hold the {header.count} records that its header says: {_SAVE_AGAIN}")


def _checked(header: QueueHeader, parts: Iterable[bytes]) -> Iterator[Record]:
    """Yield the records; raise QueueFileError for one of another wave, out of order or repeated."""
    last = b""
    for part in parts:
        try:
            record = Record.from_bytes(part, _SIZES[header.record_size])
        except EnvelopeError:
            raise QueueFileError(f"a record is not a sealed envelope: {_SAVE_AGAIN}") from None
        if envelope_key_id(record.envelope).hex() != header.key_id:
            raise QueueFileError(f"the records are of more than one wave: {_SAVE_AGAIN}")
        if record.row_key <= last:
            raise QueueFileError(f"the records are out of order, or one stands twice: {_SAVE_AGAIN}")
        last = record.row_key
        yield record
