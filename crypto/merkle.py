"""The Merkle tree hash of RFC 9162: one hash that changes if any record is added, changed or left out."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

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
        return _joined(self._peaks)


@dataclass(slots=True)
class TreeSpan:
    """The hashes of a run of leaves of a larger tree, from number `start`: a few nodes, whatever its length.

    Runs that were hashed in different processes are joined by `extend`; a run from 0 is a whole tree.
    """

    start: int = 0
    stop: int = 0
    nodes: list[tuple[int, int, bytes]] = field(default_factory=list)
    """Of each perfect subtree within the run its level, its number on that level and its hash, from left to right."""

    @classmethod
    def at(cls, start: int) -> "TreeSpan":
        """Return an empty run that begins at leaf number `start`."""
        return cls(start, start)

    def __len__(self) -> int:
        return self.stop - self.start

    def passing(self, leaves: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each leaf once it is hashed: what the caller works on are the bytes that stand under the root."""
        for leaf in leaves:
            self._push(0, self.stop, leaf_hash(leaf))
            self.stop += 1
            yield leaf

    def extend(self, after: "TreeSpan") -> None:
        """Append the run that follows; raise ValueError for any other."""
        if after.start != self.stop:
            raise ValueError(f"a run of leaves from {after.start} does not follow one that ends at {self.stop}")
        for node in after.nodes:
            self._push(*node)
        self.stop = after.stop

    def root(self) -> bytes:
        """Return the tree hash of a run from leaf 0; raise ValueError for a part of a tree."""
        if self.start:
            raise ValueError("a run that does not begin with the first leaf has no tree hash")
        return _joined([node for _, _, node in self.nodes])

    def _push(self, level: int, number: int, node: bytes) -> None:
        # An odd node is the right child of the perfect subtree whose left child may be waiting.
        while number & 1 and self.nodes and self.nodes[-1][:2] == (level, number - 1):
            level, number, node = level + 1, number >> 1, node_hash(self.nodes.pop()[2], node)
        self.nodes.append((level, number, node))


def _joined(peaks: Sequence[bytes]) -> bytes:
    """Return the tree hash over perfect subtrees, the largest first; of none, SHA-256 of nothing."""
    if not peaks:
        return hashlib.sha256().digest()
    node, *larger = reversed(peaks)
    for peak in larger:
        node = node_hash(peak, node)
    return node


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the tree hash (32 bytes) of `leaves`, which may be a stream."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()
