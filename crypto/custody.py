"""Keeps a study's secret seed with k of n custodians as lists of words (SLIP-39): no one of them can open alone."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import combinations

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.shamir import EncryptedMasterSecret, ShareGroup, recover_ems

from crypto.errors import RefusedError
from crypto.seed import SEED_SIZE, SeedError, expand, public_bytes
from crypto.share_words import WORDS, normal, suspects, unknown

QUORUM_MIN = 2
CUSTODIANS_MAX = 16
SHORT = 16
"""Hex digits of a commitment that stand on a card: enough to find a wrong copy of one's own card."""

_COMMITMENT_LABEL = b"sotto share\x00"
_IDENTIFIER_TRIES = 100


class CustodyError(RefusedError):
    """A split that protects nothing, or shares that do not belong together; names cards by number, repeats no word."""


class WrongWordsError(CustodyError):
    """A share that has a wrong, misspelt or missing word; `places` are those of the words, from 1, where known."""

    def __init__(self, message: str, places: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.places = tuple(places)


def new_seed() -> bytes:
    """Return 32 fresh secret bytes: one wave, one seed."""
    return secrets.token_bytes(SEED_SIZE)


def public_key(seed: bytes) -> bytes:
    """Return the public key (1216 bytes) of `seed`; raise CustodyError unless it has 32 bytes."""
    try:
        return public_bytes(expand(seed))
    except SeedError as error:
        raise CustodyError(str(error)) from None


def split(
    seed: bytes,
    threshold: int,
    custodians: int,
    *,
    demo: bool = False,
    unlike: Sequence[str] = (),
    on_progress: Callable[[int], None] | None = None,
) -> list[str]:
    """
    Return one list of 33 words a custodian; any `threshold` of them give `seed` back, fewer tell nothing of it.

    More than half must come together (and at least two), so that two disjoint groups can never both open; one
    custodian alone is for demonstrations. SLIP-39, one group, no passphrase: a wrong one would give another seed
    in silence. Shares of `unlike`, an older split of the seed, never fit these. Every quorum is tried before anything
    is returned: at most 11,440 of them, about a second; `on_progress` is told of each. Raises CustodyError.
    """
    check_quorum(threshold, custodians, demo=demo)
    if len(seed) != SEED_SIZE:
        raise CustodyError(f"a study's secret seed has {SEED_SIZE} bytes")
    taken = {_parse(text).identifier for text in unlike}
    for _ in range(_IDENTIFIER_TRIES):
        shares: list[str] = generate_mnemonics(
            1, [(threshold, custodians)], seed, extendable=True, iteration_exponent=0
        )[0]
        if _parse(shares[0]).identifier not in taken:
            _check_every_quorum(seed, shares, threshold, on_progress or (lambda _: None))
            return shares
    raise CustodyError("this machine's random numbers repeat themselves: hold the ceremony on another machine")


def check_quorum(threshold: int, custodians: int, *, demo: bool = False) -> None:
    """Raise CustodyError for a split that protects nothing."""
    if demo and (threshold, custodians) == (1, 1):
        return
    if not QUORUM_MIN <= threshold <= custodians <= CUSTODIANS_MAX:
        raise CustodyError(
            f"a seed is split among {QUORUM_MIN} to {CUSTODIANS_MAX} custodians, at least two of whom come together"
        )
    if 2 * threshold <= custodians:
        raise CustodyError("more than half of the custodians must come together: raise the threshold")


def combine(shares: Sequence[str], *, commitments: Sequence[str] = ()) -> bytes:
    """
    Return the seed (32 bytes) of at least a threshold of `shares`; further ones are checked too.

    With the published `commitments`, in the order of the cards, a share that is none of the ceremony's is found and
    every other is named by its card's number; without them a forged share is found out but not which of the quorum
    it is. Raises CustodyError, and WrongWordsError where a share was mistyped.
    """
    if not shares:
        raise CustodyError("no share was given")
    named = [
        Named(share, f"share {place} of those given ({commitment(share)})", commitments)
        for place, share in enumerate(shares, 1)
    ]
    parsed = [check_share(one) for one in named]
    _refuse_mixed(named, parsed)
    threshold = parsed[0].member_threshold
    if len(shares) < threshold:
        raise CustodyError(f"{len(shares)} shares were given, {threshold} are needed")
    quorum, further = named[:threshold], named[threshold:]
    seed = _combine(quorum, quorum)
    for one in further:
        _combine([*quorum[1:], one], [one])
    return seed


class Named:
    """A share with what it is called in messages: its card's number where it is one of `commitments`. Shows no word."""

    __slots__ = ("commitments", "place", "text")

    def __init__(self, text: str, place: str, commitments: Sequence[str] = ()) -> None:
        self.text, self.place, self.commitments = text, place, commitments

    @property
    def known(self) -> bool:
        """Whether it is one of the published commitments."""
        return commitment(self.text) in self.commitments

    def __repr__(self) -> str:
        return f"Named({self})"

    def __str__(self) -> str:
        hashed = commitment(self.text)
        if hashed in self.commitments:
            return f"card {self.commitments.index(hashed) + 1}"
        return self.place


def check_share(named: Named) -> Share:
    """Return the parsed share; raise CustodyError unless it is whole, of a study, and one of the commitments if any."""
    words = named.text.split()
    strange = unknown(words)
    if strange:
        places = ", ".join(map(str, strange))
        raise WrongWordsError(
            f"{named} has a wrong or missing word: not on the list that cards use is word {places}; read it again "
            "from the card",
            strange,
        )
    share = _parsed(named.text)
    if share is None and len(words) != WORDS:
        raise WrongWordsError(f"{named} has a wrong or missing word: it has {len(words)} words and a card has {WORDS}")
    if share is None:
        raise _wrong_checksum(named, words)
    if not _is_ours(share):
        raise CustodyError(f"{named} is not a share of a study's seed")
    if named.commitments and not named.known:
        raise CustodyError(f"{named} is not among the ceremony's published commitments")
    return share


def card_number(share: str) -> int:
    """Return the number, from 1, that the card of a whole `share` bears; raise CustodyError for anything else."""
    return int(_parse(share).index) + 1


def commitment(share: str) -> str:
    """Return the hex SHA-256 by which a share is published and named; 256 secret bits keep it from being guessed."""
    return hashlib.sha256(_COMMITMENT_LABEL + normal(share).encode()).hexdigest()


def _check_every_quorum(seed: bytes, shares: Sequence[str], threshold: int, tell: Callable[[int], None]) -> None:
    wrong = CustodyError("the shares do not give the seed back: throw them away and hold the ceremony again")
    parsed = [_parse(share) for share in shares]
    found: set[EncryptedMasterSecret] = set()
    with suppress(MnemonicError):
        for quorum in combinations(parsed, threshold):
            group = ShareGroup()
            for share in quorum:
                group.add(share)
            found.add(recover_ems({0: group}))
            tell(1)
        if len(found) == 1 and found.pop().decrypt(b"") == seed:
            return
    raise wrong


def _refuse_mixed(named: Sequence[Named], parsed: Sequence[Share]) -> None:
    seen: set[int] = set()
    for one, share in zip(named, parsed, strict=True):
        if share.index in seen and any(share == other for other in parsed if other is not share):
            raise CustodyError(f"{one} was given twice: each custodian gives their own")
        seen.add(share.index)
    if len({share.group_parameters() for share in parsed}) != 1 or len(seen) != len(parsed):
        raise CustodyError(f"these shares are not of one ceremony: {', '.join(map(str, named))}")


def _wrong_checksum(named: Named, words: Sequence[str]) -> WrongWordsError:
    places = suspects(words)
    if len(places) == 1:
        told = f"look at word {places[0]}"
    elif places:
        told = f"words {places[0]} and {places[1]} may have changed places"
    else:
        told = "more than one word is wrong, or they are in another order"
    return WrongWordsError(f"{named} has a wrong or missing word: {told}; read it again from the card", places)


def _parse(text: str) -> Share:
    return check_share(Named(text, "the share"))


def _parsed(text: str) -> Share | None:
    # What the library says repeats words: nothing of it leaves this function, not even as a context.
    with suppress(MnemonicError):
        return Share.from_mnemonic(normal(text))
    return None


def _is_ours(share: Share) -> bool:
    # Other parameters are another program's; a large exponent would also keep this machine busy for hours.
    groups = share.group_index, share.group_threshold, share.group_count
    return groups == (0, 1, 1) and share.extendable and share.iteration_exponent == 0 and len(share.value) == SEED_SIZE


def _combine(shares: Sequence[Named], suspected: Sequence[Named]) -> bytes:
    with suppress(MnemonicError):
        return bytes(combine_mnemonics([normal(share.text) for share in shares], b""))
    raise CustodyError(f"a wrong share is among: {', '.join(map(str, suspected))}")
