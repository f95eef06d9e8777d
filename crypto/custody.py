"""Keeps a study's secret seed with k of n custodians as lists of words (SLIP-39): no one of them can open alone."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from crypto.seed import SEED_SIZE, SeedError, expand, public_bytes

QUORUM_MIN = 2
CUSTODIANS_MAX = 16
_COMMITMENT_LABEL = b"sotto share\x00"


class CustodyError(ValueError):
    """A split that protects nothing, or shares that do not belong together; names shares by commitment, no words."""


def new_seed() -> bytes:
    """Return 32 fresh secret bytes: one study, one seed."""
    return secrets.token_bytes(SEED_SIZE)


def public_key(seed: bytes) -> bytes:
    """Return the public key (1216 bytes) of `seed`; raise CustodyError unless it has 32 bytes."""
    try:
        return public_bytes(expand(seed))
    except SeedError as error:
        raise CustodyError(str(error)) from None


def split(seed: bytes, threshold: int, custodians: int, *, demo: bool = False) -> list[str]:
    """
    Return one list of 33 words a custodian; any `threshold` of them give `seed` back, fewer tell nothing of it.

    More than half must come together (and at least two), so that two disjoint groups can never both open; one
    custodian alone is for demonstrations. SLIP-39, one group, no passphrase: a wrong one would give another seed
    in silence. Raises CustodyError.
    """
    _check_quorum(threshold, custodians, demo=demo)
    if len(seed) != SEED_SIZE:
        raise CustodyError(f"a study's secret seed has {SEED_SIZE} bytes")
    shares: list[str] = generate_mnemonics(1, [(threshold, custodians)], seed, extendable=True, iteration_exponent=0)[0]
    # Every share takes part in one of these; whoever holds the ceremony still drills every quorum.
    for start in range(custodians):
        quorum = [shares[(start + i) % custodians] for i in range(threshold)]
        if combine(quorum) != seed:
            raise CustodyError("the shares do not give the seed back: throw them away and hold the ceremony again")
    return shares


def combine(shares: Sequence[str], *, commitments: Collection[str] = ()) -> bytes:
    """
    Return the seed (32 bytes) of at least a threshold of `shares`; further ones are checked too.

    With the published `commitments` a share that is none of the ceremony's is named; without them a forged share is
    found out but not which of the quorum it is. Raises CustodyError.
    """
    if not shares:
        raise CustodyError("no share was given")
    parsed = [_parse(place, share, commitments) for place, share in enumerate(shares, 1)]
    if len({share.index for share in parsed}) != len(parsed):
        raise CustodyError("one share was given twice: each custodian gives their own")
    if len({share.group_parameters() for share in parsed}) != 1:
        raise CustodyError(f"these shares are not of one ceremony: {', '.join(map(commitment, shares))}")
    threshold = parsed[0].member_threshold
    if len(shares) < threshold:
        raise CustodyError(f"{len(shares)} shares were given, {threshold} are needed")
    quorum, further = shares[:threshold], shares[threshold:]
    seed = _combine(quorum, quorum)
    for share in further:
        _combine([*quorum[1:], share], [share])
    return seed


def commitment(share: str) -> str:
    """Return the hex SHA-256 by which a share is published and named; 256 secret bits keep it from being guessed."""
    return hashlib.sha256(_COMMITMENT_LABEL + _normal(share).encode()).hexdigest()


def _check_quorum(threshold: int, custodians: int, *, demo: bool) -> None:
    if demo and (threshold, custodians) == (1, 1):
        return
    if not QUORUM_MIN <= threshold <= custodians <= CUSTODIANS_MAX:
        raise CustodyError(
            f"a seed is split among {QUORUM_MIN} to {CUSTODIANS_MAX} custodians, at least two of whom come together"
        )
    if 2 * threshold <= custodians:
        raise CustodyError("more than half of the custodians must come together: raise the threshold")


def _parse(place: int, text: str, commitments: Collection[str]) -> Share:
    name = f"share {place} of those given ({commitment(text)})"
    share = None
    # Raised outside `suppress`, so that the library's message, which repeats words, is in no traceback.
    with suppress(MnemonicError):
        share = Share.from_mnemonic(_normal(text))
    if share is None:
        raise CustodyError(f"{name} has a wrong or missing word: read it again from the paper")
    if not _is_ours(share):
        raise CustodyError(f"{name} is not a share of a study's seed")
    if commitments and commitment(text) not in commitments:
        raise CustodyError(f"{name} is not among the ceremony's published commitments")
    return share


def _is_ours(share: Share) -> bool:
    # Other parameters are another program's; a large exponent would also keep this machine busy for hours.
    groups = share.group_index, share.group_threshold, share.group_count
    return groups == (0, 1, 1) and share.extendable and share.iteration_exponent == 0 and len(share.value) == SEED_SIZE


def _combine(shares: Sequence[str], suspects: Sequence[str]) -> bytes:
    with suppress(MnemonicError):
        return bytes(combine_mnemonics([_normal(share) for share in shares], b""))
    raise CustodyError(f"a wrong share is among: {', '.join(map(commitment, suspects))}")


def _normal(share: str) -> str:
    return " ".join(share.lower().split())
