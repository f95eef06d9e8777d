"""Splits a study's secret seed among n custodians as lists of words (SLIP-39), any k of whom can combine it."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import combinations

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.shamir import EncryptedMasterSecret, ShareGroup, recover_ems

from crypto.errors import RefusedError
from crypto.seed import SEED_SIZE, SeedError, expand, public_bytes
from crypto.share_words import WORDS, normalised, suspect_positions, unlisted_positions

QUORUM_MIN = 2
CUSTODIANS_MAX = 16
SHORT_COMMITMENT_DIGITS = 16
"""Hex digits of a commitment that stand on a card: enough to find a wrong copy of one's own card."""

_COMMITMENT_LABEL = b"sotto share\x00"
_IDENTIFIER_TRIES = 100


class CustodyError(RefusedError):
    """A quorum that is too small, or shares of different splits; the message names cards by number, never a word."""


class WrongWordsError(CustodyError):
    """A share that has a wrong, misspelt or missing word; `positions` are those of the words, from 1, or empty."""

    def __init__(self, message: str, positions: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.positions = tuple(positions)


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
    Return one list of 33 words a custodian; any `threshold` of them give `seed`, fewer reveal nothing about it.

    More than half must come together (and at least two), so that two disjoint groups can never both open; one
    custodian alone is for demonstrations. SLIP-39, one group, no passphrase: with a wrong one
    SLIP-39 returns another seed without an error. Shares of `unlike`, an older split of the seed, never combine with
    these. Every quorum is combined once before anything is returned: at most 11,440 of them, about a second;
    `on_progress` is called with each number. Raises CustodyError.
    """
    check_quorum(threshold, custodians, demo=demo)
    if len(seed) != SEED_SIZE:
        raise CustodyError(f"a study's secret seed has {SEED_SIZE} bytes")
    used_identifiers = {_parse(text).identifier for text in unlike}
    for _ in range(_IDENTIFIER_TRIES):
        shares: list[str] = generate_mnemonics(
            1, [(threshold, custodians)], seed, extendable=True, iteration_exponent=0
        )[0]
        if _parse(shares[0]).identifier not in used_identifiers:
            _check_every_quorum(seed, shares, threshold, on_progress or (lambda _: None))
            return shares
    raise CustodyError("this machine's random numbers repeat themselves: hold the ceremony on another machine")


def check_quorum(threshold: int, custodians: int, *, demo: bool = False) -> None:
    """Raise CustodyError unless a split needs at least two custodians, and more than half of them."""
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

    With the published `commitments`, in the order of the cards, a share of another ceremony is identified, and messages
    name every share by its card's number. Without them a forged share is detected, but not which one of the quorum it
    is. Raises CustodyError, and WrongWordsError where a share was mistyped.
    """
    if not shares:
        raise CustodyError("no share was given")
    labelled = [
        LabelledShare(share, f"share {number} of those given ({commitment(share)})", commitments)
        for number, share in enumerate(shares, 1)
    ]
    parsed = [check_share(candidate) for candidate in labelled]
    _refuse_mixed(labelled, parsed)
    threshold = parsed[0].member_threshold
    if len(shares) < threshold:
        raise CustodyError(f"{len(shares)} shares were given, {threshold} are needed")
    quorum, further = labelled[:threshold], labelled[threshold:]
    seed = _combine(quorum, quorum)
    for candidate in further:
        _combine([*quorum[1:], candidate], [candidate])
    return seed


class LabelledShare:
    """A share and its label in messages: its card's number if it is one of `commitments`. Its repr holds no word."""

    __slots__ = ("commitments", "label", "text")

    def __init__(self, text: str, label: str, commitments: Sequence[str] = ()) -> None:
        self.text, self.label, self.commitments = text, label, commitments

    @property
    def is_committed(self) -> bool:
        """Whether the share's hash is one of the published commitments."""
        return commitment(self.text) in self.commitments

    def __repr__(self) -> str:
        return f"LabelledShare({self})"

    def __str__(self) -> str:
        hashed = commitment(self.text)
        if hashed in self.commitments:
            return f"card {self.commitments.index(hashed) + 1}"
        return self.label


def check_share(labelled: LabelledShare) -> Share:
    """Return the parsed share; raise CustodyError unless it is complete, of a study, and among any commitments."""
    words = labelled.text.split()
    unlisted = unlisted_positions(words)
    if unlisted:
        positions = ", ".join(map(str, unlisted))
        raise WrongWordsError(
            f"{labelled} has a wrong or missing word: not on the list that cards use is word {positions}; read it "
            "again from the card",
            unlisted,
        )
    share = _parsed(labelled.text)
    if share is None and len(words) != WORDS:
        raise WrongWordsError(
            f"{labelled} has a wrong or missing word: it has {len(words)} words and a card has {WORDS}"
        )
    if share is None:
        raise _wrong_checksum(labelled, words)
    if not _is_ours(share):
        raise CustodyError(f"{labelled} is not a share of a study's seed")
    if labelled.commitments and not labelled.is_committed:
        raise CustodyError(f"{labelled} is not among the ceremony's published commitments")
    return share


def card_number(share: str) -> int:
    """Return the card number, from 1, of a complete `share`; raise CustodyError for anything else."""
    return int(_parse(share).index) + 1


def commitment(share: str) -> str:
    """Return the hex SHA-256 that is published for a share; its 256 secret bits cannot be guessed from it."""
    return hashlib.sha256(_COMMITMENT_LABEL + normalised(share).encode()).hexdigest()


def _check_every_quorum(seed: bytes, shares: Sequence[str], threshold: int, on_progress: Callable[[int], None]) -> None:
    wrong = CustodyError("the shares do not give the seed back: throw them away and hold the ceremony again")
    parsed = [_parse(share) for share in shares]
    recovered: set[EncryptedMasterSecret] = set()
    with suppress(MnemonicError):
        for quorum in combinations(parsed, threshold):
            group = ShareGroup()
            for share in quorum:
                group.add(share)
            recovered.add(recover_ems({0: group}))
            on_progress(1)
        if len(recovered) == 1 and recovered.pop().decrypt(b"") == seed:
            return
    raise wrong


def _refuse_mixed(labelled: Sequence[LabelledShare], parsed: Sequence[Share]) -> None:
    indexes: set[int] = set()
    for candidate, share in zip(labelled, parsed, strict=True):
        if share.index in indexes and any(share == other for other in parsed if other is not share):
            raise CustodyError(f"{candidate} was given twice: each custodian gives their own")
        indexes.add(share.index)
    if len({share.group_parameters() for share in parsed}) != 1 or len(indexes) != len(parsed):
        raise CustodyError(f"these shares are not of one ceremony: {', '.join(map(str, labelled))}")


def _wrong_checksum(labelled: LabelledShare, words: Sequence[str]) -> WrongWordsError:
    positions = suspect_positions(words)
    if len(positions) == 1:
        hint = f"look at word {positions[0]}"
    elif positions:
        hint = f"words {positions[0]} and {positions[1]} may have changed places"
    else:
        hint = "more than one word is wrong, or they are in another order"
    return WrongWordsError(f"{labelled} has a wrong or missing word: {hint}; read it again from the card", positions)


def _parse(text: str) -> Share:
    return check_share(LabelledShare(text, "the share"))


def _parsed(text: str) -> Share | None:
    # The library's messages repeat words, so none of them leaves this function, not even as a context.
    with suppress(MnemonicError):
        return Share.from_mnemonic(normalised(text))
    return None


def _is_ours(share: Share) -> bool:
    # Shares with other parameters were made by another program; a large exponent would also take hours to compute.
    groups = share.group_index, share.group_threshold, share.group_count
    return groups == (0, 1, 1) and share.extendable and share.iteration_exponent == 0 and len(share.value) == SEED_SIZE


def _combine(shares: Sequence[LabelledShare], suspected: Sequence[LabelledShare]) -> bytes:
    with suppress(MnemonicError):
        return bytes(combine_mnemonics([normalised(share.text) for share in shares], b""))
    raise CustodyError(f"a wrong share is among: {', '.join(map(str, suspected))}")
