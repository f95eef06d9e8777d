"""The receipts of a box in 256 lists by their first byte: a respondent looks theirs up without revealing it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crypto.canonical import canonical
from crypto.envelope import TOKEN_SIZE
from crypto.merkle import leaf_hash
from crypto.proofs import inclusion_proofs, root_of

FORMAT = "sotto-receipts-1"
BUCKETS = 256


@dataclass(frozen=True)
class ReceiptBuckets:
    """The receipts of one box: for each first byte, the hex SHA-256 of every envelope, sorted."""

    buckets: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, records: Iterable[bytes]) -> "ReceiptBuckets":
        """Sort a box's records (a stream) into buckets by the SHA-256 of their envelopes."""
        buckets: list[list[str]] = [[] for _ in range(BUCKETS)]
        for record in records:
            receipt = hashlib.sha256(record[TOKEN_SIZE:]).hexdigest()
            buckets[int(receipt[:2], 16)].append(receipt)
        return cls(tuple(tuple(sorted(bucket)) for bucket in buckets))

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """The RFC 9162 leaf hash of each bucket: of the canonical JSON of its list."""
        return tuple(leaf_hash(canonical(list(bucket))) for bucket in self.buckets)

    @property
    def root(self) -> str:
        """The hex tree hash over the 256 buckets."""
        return root_of(self.leaves).hex()

    def documents(self, study: str, wave: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the name (00 to ff) and the document of each bucket, with its inclusion proof, lowest first."""
        paths = inclusion_proofs(self.leaves)
        for number, (bucket, path) in enumerate(zip(self.buckets, paths, strict=True)):
            name = f"{number:02x}"
            header = {"format": FORMAT, "study": study, "wave": wave, "bucket": name}
            yield name, {**header, "receipts": [*bucket], "proof": [node.hex() for node in path]}
