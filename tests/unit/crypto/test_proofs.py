"""Inclusion and consistency (RFC 9162): every honest proof holds, and no other leaf, place, size, root or order."""

import hashlib

import pytest

from crypto.merkle import leaf_hash, merkle_root
from crypto.proofs import (
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proofs,
    root_of,
)

SIZES = range(1, 34)
LEAVES = [bytes([number]) * 3 for number in range(40)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_two_ways_to_a_root_agree(size):
    """The tree hash over leaf hashes is that of the stream of leaves."""
    assert merkle_root(LEAVES[:size]) == root_of(HASHES[:size])


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_shown_at_its_place_alone(size):
    """Each leaf's path leads to the root; with another leaf, place, size, a longer or a shorter path it does not."""
    hashes = HASHES[:size]
    root = root_of(hashes)
    proofs = inclusion_proofs(hashes)
    assert size == len(proofs)
    for index, proof in enumerate(proofs):
        check_inclusion(hashes[index], index, size, root, proof)
        wrong = [
            (HASHES[size], index, size, root, proof),
            (hashes[index], index, size, hashlib.sha256(root).digest(), proof),
            (hashes[index], index, size, root, (*proof, bytes(32))),
            (hashes[index], size, size, root, proof),
            (hashes[index], -1, size, root, proof),
            *(
                [(hashes[index], (index + 1) % size, size, root, proof), (hashes[index], index, size, root, proof[:-1])]
                if proof
                else []
            ),
        ]
        for case in wrong:
            with pytest.raises(ProofError):
                check_inclusion(*case)


@pytest.mark.parametrize("size", SIZES)
def test_a_log_that_grew_is_shown_and_one_that_was_rewritten_is_not(size):
    """Each earlier tree is shown to begin this one; with a changed, shortened or lengthened proof or root it is not."""
    hashes = HASHES[:size]
    root = root_of(hashes)
    for earlier in range(1, size + 1):
        before, proof = root_of(hashes[:earlier]), consistency_proof(hashes, earlier)
        check_consistency(earlier, size, before, root, proof)
        rewritten = root_of([HASHES[39], *hashes[1:earlier]])
        wrong = [
            (earlier, size, rewritten, root, proof),
            (earlier, size, before, bytes(32), proof),
            (earlier, size, before, root, (*proof, bytes(32))),
            (size + 1, size, before, root, proof),
            (0, size, before, root, proof),
            *([(earlier, size, before, root, proof[:-1])] if proof else []),
        ]
        for case in wrong:
            with pytest.raises(ProofError):
                check_consistency(*case)


def test_what_is_not_there_has_no_proof():
    """A tree without a leaf has no path, and a tree before the first leaf or beyond the last is refused."""
    assert [] == inclusion_proofs([])
    for earlier in (0, 4):
        with pytest.raises(ProofError):
            consistency_proof(HASHES[:3], earlier)
