"""What the answers database stores of a proof of work that was used."""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True)
class SpentProof:
    """A used proof: `id`, a hash of the challenge, and `proof`, a hash of challenge and row key (32 bytes each).

    `day` (days since 1970) is the last on which the challenge is valid; compaction deletes the row afterwards.
    """

    id: bytes
    proof: bytes
    day: int
