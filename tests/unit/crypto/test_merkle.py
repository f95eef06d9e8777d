"""The tree hash: known answers of RFC 9162, the recursive definition, and memory that stays small."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.merkle import MerkleTree, TreeSpan, leaf_hash, merkle_root, node_hash

# The reference leaves and roots of Certificate Transparency (RFC 6962 and RFC 9162 hash alike), from the test data of
# github.com/google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_reference_roots_are_reproduced(size):
    """The tree hash of the first leaves of the reference data is the published one."""
    assert ROOTS[size] == merkle_root(LEAVES[:size]).hex()


def test_leaf_and_node_hashes_are_kept_apart():
    """A leaf that looks like two hashes is no node: RFC 9162 section 2.1.1 prefixes 00 and 01."""
    assert hashlib.sha256(b"\x00leaf").digest() == leaf_hash(b"leaf")
    assert hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest() == node_hash(b"l" * 32, b"r" * 32)


def _defined(leaves):
    """The definition of RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(_defined(leaves[:split]), _defined(leaves[split:]))


@pytest.mark.slow
@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_stream_gives_what_the_definition_gives(leaves):
    """Adding leaves one by one gives the recursive definition's hash for every number of leaves."""
    assert _defined(leaves) == merkle_root(iter(leaves))


@given(st.lists(st.binary(max_size=2), min_size=2, max_size=20), st.data())
def test_a_changed_missing_or_moved_leaf_changes_the_root(leaves, data):
    """No record can be altered, left out or moved under the same root."""
    place = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle_root(leaves)
    assert root != merkle_root([*leaves[:place], leaves[place] + b"x", *leaves[place + 1 :]])
    assert root != merkle_root(leaves[:place] + leaves[place + 1 :])
    turned = leaves[::-1]
    assert (turned == leaves) == (root == merkle_root(turned))


def test_memory_grows_with_the_logarithm():
    """After 10 000 leaves, no more than 14 hashes are kept; the root may be asked at any time."""
    tree = MerkleTree()
    for number in range(10_000):
        tree.add(number.to_bytes(4, "big"))
        assert len(tree._peaks) <= len(tree).bit_length()
    assert 10_000 == len(tree)
    assert tree.root() == merkle_root(number.to_bytes(4, "big") for number in range(10_000))


@given(st.lists(st.binary(max_size=3), max_size=70), st.lists(st.integers(0, 70), max_size=6))
def test_runs_of_leaves_join_to_the_root_of_them_all(leaves, cuts):
    """However leaves are cut into runs, the runs, hashed apart and joined in order, have the whole tree's hash."""
    places = sorted({0, len(leaves), *(cut for cut in cuts if cut < len(leaves))})
    whole = TreeSpan()
    for start, stop in pairwise(places):
        span = TreeSpan.at(start)
        assert leaves[start:stop] == list(span.passing(leaves[start:stop]))
        whole.extend(span)
    assert (merkle_root(leaves), len(leaves)) == (whole.root(), len(whole))


def test_a_run_is_joined_in_its_place_alone_and_a_part_has_no_root():
    """A gap between two runs, and the root of a run that leaves the first leaf out, are refused."""
    span = TreeSpan.at(3)
    with pytest.raises(ValueError, match="does not follow"):
        TreeSpan().extend(span)
    with pytest.raises(ValueError, match="does not begin"):
        span.root()


def test_a_run_of_ten_thousand_leaves_is_a_fewnodes():
    """What is sent between processes does not grow with the run: two nodes a level at most."""
    span = TreeSpan.at(1)
    assert 10_000 == sum(1 for _ in span.passing(b"" for _ in range(10_000)))
    assert len(span.nodes) <= 2 * 14
