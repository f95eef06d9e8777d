"""Custody: every quorum gives the seed back, nothing less does, a wrong share is named, and no word is ever shown."""

import itertools
import traceback
from dataclasses import replace

import pytest
from paths import vectors
from shamir_mnemonic import Share, generate_mnemonics

from crypto import custody
from crypto.custody import CustodyError, combine, commitment, new_seed, public_key, split
from crypto.keys import load_public_key

SEED = bytes(range(32))
SHARES = split(SEED, 3, 5)
OTHER = split(SEED, 3, 5)
PUBLISHED = [commitment(share) for share in SHARES]


def _forged(share):
    """Change the secret value inside a share and give it a valid checksum again."""
    parsed = Share.from_mnemonic(share)
    return replace(parsed, value=bytes([parsed.value[0] ^ 1]) + parsed.value[1:]).mnemonic()


def _mistyped(share):
    first, second, *rest = share.split()
    return " ".join([first, second, *rest[:-1], rest[-2]])


def _refusal(shares, **options):
    """Return what is said of `shares`, having checked that the whole traceback shows no run of their words."""
    with pytest.raises(CustodyError) as caught:
        combine(shares, **options)
    shown = "".join(traceback.format_exception(caught.value))
    for share in shares:
        words = share.split()
        assert not any(" ".join(pair) in shown for pair in itertools.pairwise(words) if len(set(pair)) > 1)
    return str(caught.value)


@pytest.mark.parametrize("quorum", list(itertools.combinations(range(5), 3)), ids=str)
def test_every_quorum_gives_the_seed_back(quorum):
    """Any three of five custodians suffice, in any order."""
    chosen = [SHARES[i] for i in quorum]
    assert [SEED, SEED] == [combine(chosen), combine(chosen[::-1], commitments=PUBLISHED)]


def test_further_shares_are_welcome_and_checked():
    """Four or five honest custodians open as well as three do, and a wrong fourth share is named."""
    assert [SEED, SEED] == [combine(SHARES[:4]), combine(SHARES)]
    forged = _forged(SHARES[3])
    assert f"a wrong share is among: share 4 of those given ({commitment(forged)})" == _refusal([*SHARES[:3], forged])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_a_quorum_is_refused(count):
    """Two of five get nothing."""
    assert _refusal(SHARES[:count]) in {"no share was given", f"{count} shares were given, 3 are needed"}


def test_a_share_given_twice_is_refused():
    """One custodian is not two."""
    assert "given twice" in _refusal([SHARES[0], SHARES[1], SHARES[1]])


@pytest.mark.slow
def test_a_mistyped_share_is_named_by_its_place():
    """A typing slip is found by the share's own checksum, and the message says which paper to read again."""
    refusal = _refusal([SHARES[0], _mistyped(SHARES[1]), SHARES[2]])
    assert refusal.startswith("share 2 of those given")
    assert "wrong or missing word" in refusal


@pytest.mark.parametrize("bad", ["", "zebra", "not words at all", "academic " * 33, "é 学"])
def test_what_is_no_share_is_refused(bad):
    """Arbitrary text is no share, and is not repeated."""
    assert "share 3 of those given" in _refusal([SHARES[0], SHARES[1], bad])


def test_a_forged_share_is_found_out_and_with_commitments_named():
    """A forger can mend the checksum but not the commitment published at the ceremony."""
    forged = _forged(SHARES[1])
    shares = [SHARES[0], forged, SHARES[2]]
    assert all(name in _refusal(shares) for name in map(commitment, shares))
    refusal = _refusal(shares, commitments=PUBLISHED)
    assert refusal.startswith(f"share 2 of those given ({commitment(forged)})")
    assert PUBLISHED[0] not in refusal


def test_shares_of_two_ceremonies_do_not_mix():
    """Splitting the same seed again gives shares that fit only each other."""
    assert SEED == combine(OTHER[:3])
    assert "not of one ceremony" in _refusal([SHARES[0], OTHER[1], OTHER[2]])


@pytest.mark.parametrize(
    ("seed", "options"),
    [(bytes(16), {}), (SEED, {"iteration_exponent": 1}), (SEED, {"extendable": False})],
    ids=["a wallet of 16 bytes", "slow", "old kind"],
)
def test_shares_of_another_program_are_refused(seed, options):
    """Only the one kind that a ceremony makes is read; one that would keep the machine busy for hours is not tried."""
    (foreign,) = generate_mnemonics(1, [(2, 3)], seed, **({"iteration_exponent": 0} | options))
    assert "not a share of a study's seed" in _refusal(foreign[:2])


def test_words_may_be_typed_loosely():
    """Capitals, line breaks and spaces do not matter, to the share and to its commitment alike."""
    loose = [f"  {share.upper().replace(' ', chr(10))} " for share in SHARES[:3]]
    assert SEED == combine(loose, commitments=PUBLISHED)
    assert PUBLISHED[:3] == [commitment(share) for share in loose]


@pytest.mark.parametrize(
    ("threshold", "custodians"), [(2, 2), (2, 3), (3, 4), (3, 5), pytest.param(9, 16, marks=pytest.mark.slow), (16, 16)]
)
def test_a_majority_of_at_least_two_is_accepted(threshold, custodians):
    """The control for the refusals below."""
    shares = split(SEED, threshold, custodians)
    assert (custodians, {33}) == (len(shares), {len(share.split()) for share in shares})
    assert SEED == combine(shares[-threshold:])


@pytest.mark.parametrize(
    ("threshold", "custodians"), [(1, 1), (1, 2), (2, 4), (3, 6), (4, 3), (0, 3), (1, 3), (2, 1), (9, 17), (-1, 5)]
)
def test_a_split_that_protects_little_is_refused(threshold, custodians):
    """No single custodian, no half and no impossible number."""
    with pytest.raises(CustodyError, match="custodians"):
        split(SEED, threshold, custodians)


def test_one_custodian_is_for_demonstrations_only():
    """A demonstration may keep its key in one share, and may not weaken any other rule."""
    (share,) = split(SEED, 1, 1, demo=True)
    assert SEED == combine([share])
    with pytest.raises(CustodyError):
        split(SEED, 1, 2, demo=True)


@pytest.mark.parametrize("made", [OTHER[:4] + SHARES[:1], split(bytes(32), 3, 5)], ids=["mixed", "another seed"])
def test_shares_that_do_not_give_the_seed_are_never_handed_out(monkeypatch, made):
    """A split is tried before it is returned: a library that made wrong shares is found out at the ceremony."""
    monkeypatch.setattr(custody, "generate_mnemonics", lambda *_, **__: [made])
    with pytest.raises(CustodyError):
        split(SEED, 3, 5)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_seed_of_another_size_is_refused(size):
    """A seed has 32 bytes."""
    for call in (public_key, lambda seed: split(seed, 3, 5)):
        with pytest.raises(CustodyError, match="32 bytes"):
            call(bytes(size))


def test_new_seeds_are_new_and_their_keys_usable():
    """Two ceremonies never share a key: equal seeds have chance 2^-256."""
    first, second = new_seed(), new_seed()
    assert (32, True) == (len(first), first != second)
    assert load_public_key(public_key(first)) is not None
    assert public_key(first) == public_key(first) != public_key(second)


def test_papers_written_today_are_readable_tomorrow():
    """Shares recorded once still give their seed, public key and commitments, whatever library version reads them."""
    recorded = vectors("custody")
    for quorum in itertools.combinations(recorded["shares"], recorded["threshold"]):
        assert recorded["seed"] == combine(quorum, commitments=recorded["commitments"]).hex()
    assert recorded["commitments"] == [commitment(share) for share in recorded["shares"]]
    assert recorded["public_key"] == public_key(bytes.fromhex(recorded["seed"])).hex()
