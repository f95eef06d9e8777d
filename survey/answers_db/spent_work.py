"""Proofs of work that were used: what the answers database keeps of one."""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Spent:
    """What is kept of work that was spent (32 bytes each): which challenge, and, without telling, on which row.

    `day` (days since 1970) is the last on which the challenge could have been used; compaction then drops it.
    """

    id: bytes
    proof: bytes
    day: int
