"""Eight words of a public list (BIP-39) and what people make of them: the code with which an answer is withdrawn."""

import re
import unicodedata
from functools import cache

from mnemonic import Mnemonic

from crypto.errors import SottoError

WORDS = 8
LIST_SIZE = 2048
LISTS = {"en": "english", "zh-Hans": "chinese_simplified", "zh-Hant": "chinese_traditional"}
SUGGESTIONS = 3

_NEAR = 2
# Letters are a word; each Chinese character is one, because nobody writes spaces between them.
_WORD = re.compile(r"[a-z]+|[\u4e00-\u9fff]")

Places = tuple[int, ...]
"""Eight places in the list, 0 to 2047: 88 bits, the same code whatever language it is written in."""


class CodeWordsError(SottoError):
    """Words that are no code. The message says which and suggests, but never repeats what was typed."""

    def __init__(self, said: str, *, count: int | None = None, unknown: int | None = None, near: Places = ()) -> None:
        super().__init__(said)
        self.count, self.unknown, self.near = count, unknown, near


@cache
def words(locale: str) -> tuple[str, ...]:
    """Return the 2048 words of a language; the English ones where it has no list of its own."""
    return tuple(Mnemonic(LISTS.get(locale, LISTS["en"])).wordlist)


def spelt(places: Places, locale: str) -> str:
    """Return a code as it is shown: eight words of the list of `locale`."""
    return " ".join(words(locale)[place] for place in places)


def read_words(typed: str) -> Places:
    """
    Return the code that was typed, in any of the lists and any case, with anything between the words.

    Raises CodeWordsError: `unknown` is the first word (from 1) that no list has, with the places of the English words
    next to it in `near`; `count` is how many words there are where they are not eight.
    """
    found = _WORD.findall(unicodedata.normalize("NFKC", typed).lower())
    places = [_places().get(word) for word in found]
    if None in places:
        at = places.index(None)
        raise _unknown(at + 1, _nearest(found[at]))
    if len(places) != WORDS:
        raise CodeWordsError(f"a code has {WORDS} words: {len(places)} were given", count=len(places))
    return tuple(place for place in places if place is not None)


@cache
def _places() -> dict[str, int]:
    """Return the place of every word; a character that both Chinese lists have has one place in both."""
    return {word: at for locale in ("zh-Hant", "zh-Hans", "en") for at, word in enumerate(words(locale))}


def _unknown(number: int, near: Places) -> CodeWordsError:
    meant = ", ".join(words("en")[place] for place in near)
    hint = f"did you mean {meant}?" if near else "look at it again"
    return CodeWordsError(f"word {number} is not in the list: {hint}", unknown=number, near=near)


def _nearest(word: str) -> Places:
    """Return the places of the English words at most two letters away, the nearest first."""
    far = [(_distance(word, other), at) for at, other in enumerate(words("en")) if abs(len(other) - len(word)) <= _NEAR]
    return tuple(at for distance, at in sorted(far) if distance <= _NEAR)[:SUGGESTIONS]


def _distance(a: str, b: str) -> int:
    """Return how many letters must be added, dropped or changed to make `b` of `a` (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
