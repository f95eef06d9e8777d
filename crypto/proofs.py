"""Inclusion and consistency proofs of RFC 9162 over leaf hashes: a leaf is in a tree, a log was only appended to."""

import hashlib
from collections.abc import Sequence

from crypto.errors import PublicTextError
from crypto.merkle import node_hash


class ProofError(PublicTextError):
    """An invalid proof: the leaf is not in the tree, or the log shrank or was rewritten."""


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the tree hash over leaf hashes (32 bytes each), equal to `merkle.merkle_root` over their leaves."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def inclusion_proofs(hashes: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """Return the audit path of each leaf, the lowest sibling first (section 2.1.3.1)."""
    if len(hashes) < 2:  # noqa: PLR2004 - a leaf alone is the root
        return [() for _ in hashes]
    split = _split(len(hashes))
    near, far = hashes[:split], hashes[split:]
    near_root, far_root = root_of(near), root_of(far)
    paths = [(*path, far_root) for path in inclusion_proofs(near)]
    return paths + [(*path, near_root) for path in inclusion_proofs(far)]


def check_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless `leaf` (its hash) is at `index` in the tree of `size` leaves (section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError("there is no such leaf")
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last or node != root:
        raise ProofError("the leaf is not in the tree")


def consistency_proof(hashes: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of the first `earlier` leaves is a prefix of this one (section 2.1.4.1)."""
    if not 0 < earlier <= len(hashes):
        raise ProofError("there was no such tree")
    return _subproof(hashes, earlier, whole=True)


def check_consistency(earlier: int, later: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the tree of `later` leaves begins with that of `earlier` (section 2.1.4.2)."""
    if not 0 < earlier <= later:
        raise ProofError("the log shrank")
    if earlier == later:
        if proof or earlier_root != root:
            raise ProofError("the log was rewritten")
        return
    old, new = _roots_of_path(earlier, later, [earlier_root, *proof] if _power_of_two(earlier) else list(proof))
    if (old, new) != (earlier_root, root):
        raise ProofError("the log was rewritten")


def _roots_of_path(earlier: int, later: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the earlier and the later root computed from a consistency proof."""
    if not path:
        raise ProofError("the proof is too short")
    position, last = earlier - 1, later - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, node)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    return old, new


def _subproof(hashes: Sequence[bytes], earlier: int, *, whole: bool) -> tuple[bytes, ...]:
    if earlier == len(hashes):
        return () if whole else (root_of(hashes),)
    split = _split(len(hashes))
    if earlier <= split:
        return (*_subproof(hashes[:split], earlier, whole=whole), root_of(hashes[split:]))
    return (*_subproof(hashes[split:], earlier - split, whole=False), root_of(hashes[:split]))


def _split(size: int) -> int:
    """Return the largest power of two below `size` (size >= 2)."""
    return 1 << (size - 1).bit_length() - 1


def _power_of_two(number: int) -> bool:
    return number & (number - 1) == 0
