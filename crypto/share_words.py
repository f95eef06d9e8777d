"""The words on a custodian's card (SLIP-39): which place is wrong, what word may be meant; nothing is repaired."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from shamir_mnemonic import rs1024
from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

WORDS = 33
"""A share of 256 bits: 4 words of header, 26 of value, 3 of checksum."""

_SUGGESTIONS = 3
_CLOSE = 0.6


def normal(share: str) -> str:
    """Return the words in small letters with one space between: what is committed to."""
    return " ".join(share.lower().split())


def unknown(words: Sequence[str]) -> list[int]:
    """Return the places, from 1, of words that are not on the list of 1,024."""
    return [place for place, word in enumerate(words, 1) if word.lower() not in WORD_INDEX_MAP]


def nearest(word: str) -> list[str]:
    """Return up to three words of the list that `word` may stand for, the likeliest first; for a terminal alone."""
    typed = word.lower()
    # No two words begin with the same four letters (SLIP-39), so a right beginning says more than anything else.
    begun = [known for known in WORDLIST if len(typed) >= _SUGGESTIONS and known[:4] == typed[:4]]
    close = get_close_matches(typed, WORDLIST, n=_SUGGESTIONS, cutoff=_CLOSE)
    return list(dict.fromkeys([*begun, *close]))[:_SUGGESTIONS]


def suspects(words: Sequence[str]) -> tuple[int, ...]:
    """
    Return the place of the one word, or of the two swapped neighbours, that a wrong checksum is due to; () for more.

    The checksum (RS1024, at least four words apart) tells where a single error stands. SLIP-39 allows to say where an
    error may be and asks not to suggest the correction: only places leave this function.
    """
    values = [WORD_INDEX_MAP[word.lower()] for word in words]
    for first in range(len(values) - 1):
        swapped = [*values[:first], values[first + 1], values[first], *values[first + 2 :]]
        if swapped != values and _holds(swapped):
            return first + 1, first + 2
    return next(((place,) for place in range(1, len(values) + 1) if any(map(_holds, _changed(values, place)))), ())


def _changed(values: list[int], place: int) -> Iterator[list[int]]:
    for value in range(len(WORDLIST)):
        yield [*values[: place - 1], value, *values[place:]]


def _holds(values: list[int]) -> bool:
    return bool(rs1024.verify_checksum(values, CUSTOMIZATION_STRING_EXTENDABLE))
