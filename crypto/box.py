"""The box, the file from the collection host to the analysis host: a header line, then sealed records in order."""

import hashlib
import mmap
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from crypto.canonical import HASH, KEY_ID, STUDY, CanonicalError, canonical, digest, impossible_member, parse
from crypto.durable import written_whole
from crypto.envelope import (
    OWNER_HASH_SIZE,
    PLAINTEXT_MAX,
    PLAINTEXT_STEP,
    TOKEN_SIZE,
    ZERO_TOKEN,
    record_size,
    row_key_of,
)
from crypto.errors import ContentError
from crypto.merkle import MerkleTree

FORMAT = "sotto-box-3"
HEADER_MAX = 65_536
Mode = Literal["open", "invitation"]

_COPY_AGAIN = "get the box again from where it was made and compare its hash"
_SMALLEST, _LARGEST = record_size(PLAINTEXT_STEP), record_size(PLAINTEXT_MAX)
_RECORDS_PER_PASS = 8192  # records that are read before their pages are given back
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TEXTS = {"study": STUDY, "mode": r"open|invitation", "manifest": HASH, "key_id": KEY_ID, "root": HASH}
_LEAST = {"wave": 1, "record_size": _SMALLEST, "count": 0}


class BoxError(ContentError):
    """A box that is incomplete or invalid, or records that cannot form one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class BoxHeader:
    """The header of a box; hashes and ids in hex, `record_size` in bytes, `root` over all records (RFC 9162).

    `plans` are the hashes of the plans of this wave that were published before the box was made, in ascending order:
    the host that made the box attests that they existed then. `corrections` are those of wording that it published
    while the wave was open, in their order: each its hash and the day of its publication (YYYY-MM-DD).
    """

    study: str
    wave: int
    mode: Mode
    manifest: str
    key_id: str
    record_size: int
    count: int
    root: str
    plans: tuple[str, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        name = impossible_member(self, _TEXTS, _LEAST)
        if name is not None:
            raise BoxError(f"the box's header has an impossible {name}")
        if self.record_size > _LARGEST or (self.record_size - _SMALLEST) % PLAINTEXT_STEP:
            raise BoxError("the box's header has an impossible record_size")
        _check_plans(self.plans)
        if any(not (re.fullmatch(HASH, name) and re.fullmatch(_DAY, day)) for name, day in self.corrections):
            raise BoxError("the box's header has impossible corrections")

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the canonical JSON of a header, without its newline; raise BoxError for anything else."""
        try:
            value = parse(data)
        except CanonicalError:
            raise BoxError(f"the box's first line is not a whole header: {_COPY_AGAIN}") from None
        if value.pop("format", None) != FORMAT or value.keys() != set(cls.__slots__):
            raise BoxError(f"this is not a box of format {FORMAT}: make it with this version of `sotto box`")
        if not isinstance(value["plans"], list):
            raise BoxError("the box's header has impossible plans")
        return cls(**value | {"plans": tuple(value["plans"]), "corrections": _corrections(value["corrections"])})

    def to_bytes(self) -> bytes:
        """Return the header as canonical JSON, without its newline."""
        corrections = [{"correction": name, "since": day} for name, day in self.corrections]
        return canonical({"format": FORMAT, **asdict(self), "plans": [*self.plans], "corrections": corrections})

    @property
    def digest(self) -> str:
        """The box's identifier: hex SHA-256 of its header, which commits to every record by the root."""
        return digest(self.to_bytes())


def _corrections(value: object) -> tuple[tuple[str, str], ...]:
    """Return hash and day of each correction in a header; raise BoxError for anything else."""
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    pairs = [(one.get("correction"), one.get("since")) for one in rows if len(one) == 2]  # noqa: PLR2004 - these two
    texts = tuple((name, day) for name, day in pairs if isinstance(name, str) and isinstance(day, str))
    if not isinstance(value, list) or len(texts) != len(value):
        raise BoxError("the box's header has impossible corrections")
    return texts


def _check_plans(plans: tuple[object, ...]) -> None:
    texts = [plan for plan in plans if isinstance(plan, str) and re.fullmatch(HASH, plan)]
    if len(texts) != len(plans) or texts != sorted({*texts}):
        raise BoxError("the box's header has impossible plans")


class _Checker:
    """Checks a box's records in order, size, mode and ascending row keys, and computes their tree hash."""

    def __init__(self, mode: Mode, size: int) -> None:
        self._mode, self._size = mode, size
        self._last = b""
        self.tree = MerkleTree()

    def add(self, record: bytes) -> None:
        """Check and add the next record; raise BoxError with its number and what is wrong with it."""
        if len(record) != self._size:
            raise BoxError(
                f"record {len(self.tree)} has {len(record)} bytes and not {self._size}: it is of another study"
            )
        key = self._row_key(record)
        if key == self._last:
            raise BoxError(f"record {len(self.tree)} stands twice: write the box again from the store")
        if key < self._last:
            raise BoxError(f"record {len(self.tree)} is changed or out of order: {_COPY_AGAIN}")
        self._last = key
        self.tree.add(record)

    def _row_key(self, record: bytes) -> bytes:
        is_open, t = self._mode == "open", record[:OWNER_HASH_SIZE]
        if not record.startswith(ZERO_TOKEN) if is_open else not any(t):
            raise BoxError(f"record {len(self.tree)} is changed or not of a box in mode {self._mode}: {_COPY_AGAIN}")
        # Not by Record, whose checks of every field would double the time of reading a large box.
        return hashlib.sha256(record[TOKEN_SIZE:]).digest() if is_open else row_key_of(t)


def write_box(
    path: Path,
    *,
    study: str,
    wave: int,
    mode: Mode,
    manifest: str,
    key_id: str,
    record_size: int,
    records: Iterable[bytes],
    plans: Iterable[str] = (),
    corrections: tuple[tuple[str, str], ...] = (),
) -> BoxHeader:
    """
    Write a box and return its header.

    `plans` and `corrections` are those of the wave that were published until now. `records` is a stream of
    `Record.to_bytes()` in ascending order of row key; only one is in memory at a time. The file appears at `path`
    complete and durable, or not at all. Raises BoxError for records out of order, repeated, or of another size or
    mode, and OSError where the file cannot be written.
    """
    published = tuple(sorted({*plans}))

    def header(count: int, root: str) -> BoxHeader:
        described = study, wave, mode, manifest, key_id, record_size
        return BoxHeader(*described, count, root, published, corrections)

    header(0, "0" * 64)  # refuse a bad description before reading a long stream
    checker = _Checker(mode, record_size)
    # The header is first in the file but needs the count and root of all records: they go into an unnamed file before.
    with tempfile.TemporaryFile(dir=path.parent) as waiting:
        for record in records:
            checker.add(record)
            waiting.write(record)
        final = header(len(checker.tree), checker.tree.root().hex())
        waiting.seek(0)
        with written_whole(path) as file:
            file.write(final.to_bytes() + b"\n")
            shutil.copyfileobj(waiting, file, 1 << 20)
    return final


class BoxFile:
    """
    A box on disk, mapped into memory and cut into records without a parser; a context manager.

    Opening checks header and size, which is cheap; `verify` reads every byte.
    """

    __slots__ = ("_map", "_start", "header")

    def __init__(self, header: BoxHeader, mapped: mmap.mmap, start: int) -> None:
        self.header = header
        self._map = mapped
        self._start = start

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map the box at `path`; raise BoxError unless header and size agree, OSError where it cannot be read."""
        try:
            return cls._opened(path)
        except BoxError as error:
            raise BoxError(f"{path}: {error}") from None

    @classmethod
    def _opened(cls, path: Path) -> Self:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise BoxError(f"the box is empty: {_COPY_AGAIN}")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            header = BoxHeader.from_bytes(mapped[: max(mapped.find(b"\n", 0, HEADER_MAX), 0)])
            start = len(header.to_bytes()) + 1
            _check_size(header, len(mapped) - start)
        except BaseException:
            mapped.close()
            raise
        return cls(header, mapped, start)

    def __len__(self) -> int:
        return self.header.count

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield records `start` to `stop` (all by default), each `record_size` bytes; only these are read from disk."""
        end = len(self) if stop is None else stop
        if not 0 <= start <= end <= len(self):
            raise BoxError(f"the box has records 0 to {len(self)} and none from {start} to {end}")
        size = self.header.record_size
        first, after = self._start + start * size, self._start + end * size
        return (self._map[at : at + size] for at in range(first, after, size))

    def verify(self) -> None:
        """Read every record; raise BoxError unless mode, order, row keys and tree hash are what the header says."""
        for _ in self.verified_records():
            pass

    def verified_records(self) -> Iterator[bytes]:
        """Yield every record as `verify` reads it, which raises BoxError only at the end where the tree hash differs.

        What is made of the records may be used after the last one: then they are those that the header names.
        """
        checker = _Checker(self.header.mode, self.header.record_size)
        for first in range(0, len(self), _RECORDS_PER_PASS):
            for record in self.records(first, min(first + _RECORDS_PER_PASS, len(self))):
                checker.add(record)
                yield record
            # Pages that were read stay in memory until the kernel is advised: a box of 10^7 records would fill it.
            self._map.madvise(mmap.MADV_DONTNEED)
        if checker.tree.root().hex() != self.header.root:
            raise BoxError(f"the records are not those the header names (their tree hash differs): {_COPY_AGAIN}")

    def close(self) -> None:
        """Unmap the file."""
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_size(header: BoxHeader, size: int) -> None:
    expected = header.count * header.record_size
    complete, rest = divmod(size, header.record_size)
    if size == expected:
        return
    if not rest:
        raise BoxError(f"the box holds {complete} records where its header says {header.count}: {_COPY_AGAIN}")
    if size < expected:
        raise BoxError(f"the box ends in the middle of record {complete}: the copy was cut short, copy it again")
    raise BoxError(f"{size - expected} bytes stand after the last record: {_COPY_AGAIN}")
