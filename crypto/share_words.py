"""The words on a custodian's card (SLIP-39): positions of likely errors and similar words; nothing is corrected."""

import string
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from shamir_mnemonic import rs1024
from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

WORDS = 33
"""A share of 256 bits: 4 words of header, 26 of value, 3 of checksum."""

_SUGGESTIONS = 3
_CLOSE = 0.6
_FULL_WIDTH = 0xFEE0
"""So far above its ASCII sign stands a full-width one (Unicode, Halfwidth and Fullwidth Forms)."""
_SIGNS = string.ascii_lowercase + string.digits + "-"
_FOLDED = (
    {ord(sign) + _FULL_WIDTH: sign for sign in _SIGNS}
    | {ord(sign): sign.lower() for sign in string.ascii_uppercase}
    | {ord(sign) + _FULL_WIDTH: sign.lower() for sign in string.ascii_uppercase}
    | {0x3000: " "}
)


# Decision 114.
def folded(typed: str) -> str:
    """
    Return what was typed from a card in the width and case that the card has; every other sign stays as it is.

    For full-width letters, digits and hyphen and the ideographic space it is what NFKC gives; input methods type them
    where somebody types unseen. No two cards become one. Nothing else is folded: no sign that merely looks alike.
    """
    return typed.translate(_FOLDED)


def normalised(share: str) -> str:
    """Return the words as a card has them, separated by one space: the text that a commitment hashes."""
    return " ".join(folded(share).split())


def unlisted_positions(words: Sequence[str]) -> list[int]:
    """Return the positions, from 1, of words that are not on the list of 1,024."""
    return [position for position, word in enumerate(words, 1) if folded(word) not in WORD_INDEX_MAP]


def closest_words(word: str) -> list[str]:
    """Return up to three words of the list that are similar to `word`, the likeliest first; for terminals only."""
    typed = folded(word)
    # No two words begin with the same four letters (SLIP-39), so a matching beginning is the best evidence.
    begun = [candidate for candidate in WORDLIST if len(typed) >= _SUGGESTIONS and candidate[:4] == typed[:4]]
    close = get_close_matches(typed, WORDLIST, n=_SUGGESTIONS, cutoff=_CLOSE)
    return list(dict.fromkeys([*begun, *close]))[:_SUGGESTIONS]


def suspect_positions(words: Sequence[str]) -> tuple[int, ...]:
    """
    Return the position of the one word, or of the two swapped neighbours, that explain a wrong checksum; else ().

    The checksum (RS1024, at least four words apart) locates a single error. SLIP-39 allows an error to be located and
    asks not to suggest its correction, so this function returns positions only.
    """
    values = [WORD_INDEX_MAP[folded(word)] for word in words]
    for first in range(len(values) - 1):
        swapped = [*values[:first], values[first + 1], values[first], *values[first + 2 :]]
        if swapped != values and _checksum_holds(swapped):
            return first + 1, first + 2
    return next(
        (
            (position,)
            for position in range(1, len(values) + 1)
            if any(map(_checksum_holds, _with_any_word(values, position)))
        ),
        (),
    )


def _with_any_word(values: list[int], position: int) -> Iterator[list[int]]:
    for value in range(len(WORDLIST)):
        yield [*values[: position - 1], value, *values[position:]]


def _checksum_holds(values: list[int]) -> bool:
    return bool(rs1024.verify_checksum(values, CUSTOMIZATION_STRING_EXTENDABLE))
