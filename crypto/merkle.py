"""The Merkle tree hash of RFC 9162: one hash that changes if any record is added, changed or left out."""

import hashlib
from collections.abc import Iterable

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return the 32-byte hash of a leaf (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of a node over two subtrees (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


class MerkleTree:
    """A tree to which leaves are appended; it stores one hash per level, so memory grows logarithmically."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._size = 0

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        node, size = leaf_hash(leaf), self._size
        # Each set bit of the size is a perfect subtree waiting for its right neighbour.
        while size & 1:
            node, size = node_hash(self._peaks.pop(), node), size >> 1
        self._peaks.append(node)
        self._size += 1

    def __len__(self) -> int:
        return self._size

    def root(self) -> bytes:
        """Return the tree hash of the leaves so far; of none, SHA-256 of nothing."""
        if not self._peaks:
            return hashlib.sha256().digest()
        node, *larger = reversed(self._peaks)
        for peak in larger:
            node = node_hash(peak, node)
        return node


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the tree hash (32 bytes) of `leaves`, which may be a stream."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()
