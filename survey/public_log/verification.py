"""Checks a published log and looks up receipts in it, from the published files alone.

`verifier/verify.py` checks more, with code of its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crypto.box import BoxFile
from crypto.canonical import CanonicalError, canonical, parse
from crypto.checkpoints import Checkpoint, CheckpointError, LogVerifier
from crypto.errors import RefusedError
from crypto.merkle import leaf_hash
from crypto.proofs import ProofError, check_consistency, check_inclusion, consistency_proof, root_of
from survey.document import DocumentError
from survey.public_log.document_checks import DocumentCheck
from survey.public_log.log_entry import LogEntry
from survey.public_log.published_corrections import correction_faults, correction_lines, version_lines
from survey.public_log.published_facts import release_faults
from survey.public_log.published_source import PublishedSource
from survey.public_log.published_splits import key_faults
from survey.public_log.receipts import BUCKETS, FORMAT, ReceiptBuckets

RECEIPT = re.compile(r"[0-9a-f]{16,64}")
_BETWEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u2212-]+")


class LogCheckError(RefusedError):
    """An invalid published log or list of receipts, or a malformed receipt; the message says what to do."""


@dataclass(frozen=True)
class PublishedLog:
    """The entries under a log's newest head, after its signature and the Merkle tree were checked."""

    source: PublishedSource
    verifier: LogVerifier
    head: Checkpoint
    entries: tuple[LogEntry, ...]

    @classmethod
    def read(cls, source: PublishedSource, key: str | None = None) -> "PublishedLog":
        """Read and check a log; raise LogCheckError where it does not hold, or is not the log of `key`."""
        try:
            verifier = LogVerifier.from_text(source.read_required("log/key").decode("utf-8"))
            head = verifier.open(source.read_required("log/checkpoint"))
        except (CheckpointError, UnicodeDecodeError) as error:
            raise LogCheckError(f"log/checkpoint or log/key does not hold: {error}. Fetch both again") from None
        if not head.size:
            raise LogCheckError("the log is empty: it was wiped, or nothing was decided yet. Keep this head")
        if key is not None and key.strip() != verifier.to_text():
            raise LogCheckError(
                f"this log is signed by {verifier.to_text()} and not by the key that you gave: it is another log"
            )
        return cls(source, verifier, head, _entries(source.read_required("log/entries.jsonl"), head))

    @cached_property
    def leaves(self) -> tuple[bytes, ...]:
        """The leaf hashes of the entries."""
        return tuple(entry.leaf for entry in self.entries)

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each fault of older heads, of documents, and of what releases say of their wave."""
        for size in range(1, self.head.size + 1):
            note = self.source.read(f"log/heads/{size}")
            try:
                if note is None:
                    yield f"log/heads/{size} is missing: ask the host for it"
                else:
                    self.require_continued(note, f"log/heads/{size}")
            except LogCheckError as error:
                yield str(error)
        documents = DocumentCheck(self.source)
        yield from documents.faults(self.entries)
        yield from release_faults(documents.read, self.entries)
        yield from key_faults(documents.read, self.entries)
        yield from correction_faults(documents.read, self.entries)

    def corrections(self) -> list[str]:
        """Return, for people, each correction of wording that was published: since when, for which links, and why."""
        documents = DocumentCheck(self.source)
        logged = tuple(entry for entry in self.entries if entry.kind == "correction")
        for _ in documents.faults(logged):
            pass  # `faults` names them
        return [*correction_lines(documents.read, logged)]

    def versions(self) -> list[str]:
        """Return, for people, each new version of a study's questionnaire: since when, and since which wave."""
        documents = DocumentCheck(self.source)
        logged = tuple(entry for entry in self.entries if entry.kind == "manifest")
        for _ in documents.faults(logged):
            pass  # `faults` names them
        return [*version_lines(documents.read, logged)]

    def require_continued(self, note: bytes, name: str) -> None:
        """Raise LogCheckError unless this log is a continuation of the head in `note` (consistency proof)."""
        try:
            older = self.verifier.open(note)
        except CheckpointError as error:
            raise LogCheckError(f"{name} is no head of this log: {error}") from None
        if older.size > self.head.size:
            raise LogCheckError(
                f"the log shrank: {name} counts {older.size} entries, and it has {self.head.size} now. Keep that head: "
                "it proves that something was taken back"
            )
        try:
            if older.size:
                proof = consistency_proof(self.leaves, older.size)
                check_consistency(older.size, self.head.size, older.root, self.head.root, proof)
        except ProofError:
            raise LogCheckError(
                f"the log forked: its first {older.size} entries are not those of {name}. Keep both heads: they prove "
                "that the host showed two different logs"
            ) from None

    def require_box(self, path: Path) -> LogEntry:
        """Return the entry of a box; raise LogCheckError unless the log has it, with the receipts of its records."""
        with BoxFile.open(path) as box:
            header, receipts = box.header, ReceiptBuckets.of(box.verified_records())
        entry = next((one for one in self.entries if one.kind == "box" and one.hash == header.digest), None)
        if entry is None:
            raise LogCheckError(f"the log has no box like {path}: it was not made, or not logged, by this host")
        if entry.receipts != receipts.root:
            raise LogCheckError(
                f"the published receipts are not those of the records in {path}: somebody's receipt is missing or was "
                "added. Do not open the box before this is explained"
            )
        return entry


@dataclass(frozen=True)
class ReceiptSearch:
    """The search in one box: its number of answers, and how many of its receipts begin like this one (`alike`)."""

    study: str
    wave: int
    day: str
    count: int
    alike: int
    found: bool


def normal_receipt(typed: str) -> str:
    """Return a typed receipt as 16 to 64 hex digits; raise LogCheckError for anything else."""
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed).lower())
    if not RECEIPT.fullmatch(text):
        raise LogCheckError("a receipt has 16 to 64 digits, 0 to 9 and a to f: compare it with what was written down")
    return text


def look_up(log: PublishedLog, receipt: str) -> tuple[ReceiptSearch, ...]:
    """Look for a receipt (in its normal form) in every box of a log; only its first two digits are sent."""
    return tuple(_search(log, entry, receipt) for entry in log.entries if entry.kind == "box")


def _search(log: PublishedLog, entry: LogEntry, receipt: str) -> ReceiptSearch:
    name = f"receipts/{entry.study}/{entry.wave}/{receipt[:2]}.json"
    receipts = _list(log.source.read_required(name), entry, receipt[:2], name)
    is_listed = any(one.startswith(receipt) for one in receipts)
    return ReceiptSearch(entry.study, entry.wave, entry.day, entry.count or 0, len(receipts), is_listed)


def _list(content: bytes, entry: LogEntry, bucket: str, name: str) -> list[str]:
    """Return a list of receipts; raise LogCheckError unless it matches the root in the log."""
    about = {"format": FORMAT, "study": entry.study, "wave": entry.wave, "bucket": bucket}
    try:
        content_read = parse(content)
        receipts, proof = content_read.pop("receipts"), [bytes.fromhex(node) for node in content_read.pop("proof")]
        leaf, root = leaf_hash(canonical(receipts)), bytes.fromhex(entry.receipts or "")
        check_inclusion(leaf, int(bucket, 16), BUCKETS, root, proof)
        valid = content_read == about and all(one.startswith(bucket) for one in receipts)
    except (CanonicalError, ProofError, KeyError, TypeError, ValueError, AttributeError):
        valid, receipts = False, []
    if not valid:
        raise LogCheckError(f"{name} is not the list that the log names: it was edited. Keep your receipt, and ask")
    return list(receipts)


def _entries(content: bytes, head: Checkpoint) -> tuple[LogEntry, ...]:
    lines = content.split(b"\n")
    if lines.pop() or len(lines) < head.size:
        raise LogCheckError(
            f"the log shrank: its head counts {head.size} entries, log/entries.jsonl has {len(lines)} whole lines"
        )
    if len(lines) > head.size:
        raise LogCheckError(
            f"log/entries.jsonl has {len(lines) - head.size} lines more than its head counts: an entry may just be "
            "added, so look again in a minute; if it stays so, the log was edited"
        )
    try:
        entries = tuple(LogEntry.from_bytes(line) for line in lines)
    except DocumentError:
        raise LogCheckError("a line of log/entries.jsonl is no entry: it was edited") from None
    if root_of([entry.leaf for entry in entries]) != head.root:
        raise LogCheckError("log/entries.jsonl was edited, or shows another log than its head: a fork. Keep the head")
    return entries
