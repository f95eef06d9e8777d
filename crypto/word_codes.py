"""Withdrawal codes: eight words of a public list (BIP-39), written in each language and read as people type them."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mnemonic import Mnemonic

from crypto.errors import SottoError

WORDS = 8
LIST_SIZE = 2048
LISTS = {"en": "english", "zh-Hans": "chinese_simplified", "zh-Hant": "chinese_traditional"}
SUGGESTIONS = 3

_NEAR = 2
# Letters are a word; each Chinese character is one, because nobody writes spaces between them.
_WORD = re.compile(r"[a-z]+|[\u4e00-\u9fff]")

WordIndexes = tuple[int, ...]
"""Eight indexes into the list, 0 to 2047: 88 bits, the same code in every language."""


class CodeWordsError(SottoError):
    """Words that are not a code. The message names the position and similar words, but never repeats the typed ones."""

    def __init__(
        self, message: str, *, count: int | None = None, unknown: int | None = None, near: WordIndexes = ()
    ) -> None:
        super().__init__(message)
        self.count, self.unknown, self.near = count, unknown, near


# Decision 99.
@cache
def words(locale: str) -> tuple[str, ...]:
    """Return the 2048 words of a language; the English ones where it has no list of its own."""
    return tuple(Mnemonic(LISTS.get(locale, LISTS["en"])).wordlist)


def write_words(indexes: WordIndexes, locale: str) -> str:
    """Return a code as eight words of the list of `locale`."""
    return " ".join(words(locale)[index] for index in indexes)


def read_words(typed: str) -> WordIndexes:
    """
    Return the code that was typed, in any of the lists and any case, with anything between the words.

    Raises CodeWordsError: `unknown` is the position (from 1) of the first word that is in no list, `near` the indexes
    of similar English words; `count` is the number of words where it is not eight.
    """
    typed_words = _WORD.findall(unicodedata.normalize("NFKC", typed).lower())
    indexes = [_word_indexes().get(word) for word in typed_words]
    if None in indexes:
        at = indexes.index(None)
        raise _unknown_word(at + 1, _nearest(typed_words[at]))
    if len(indexes) != WORDS:
        raise CodeWordsError(f"a code has {WORDS} words: {len(indexes)} were given", count=len(indexes))
    return tuple(index for index in indexes if index is not None)


@cache
def _word_indexes() -> Mapping[str, int]:
    """Return the index of every word; a character that is in both Chinese lists has the same index in both."""
    indexes = {word: at for locale in ("zh-Hant", "zh-Hans", "en") for at, word in enumerate(words(locale))}
    return MappingProxyType(indexes)


def _unknown_word(number: int, near: WordIndexes) -> CodeWordsError:
    meant = ", ".join(words("en")[index] for index in near)
    hint = f"did you mean {meant}?" if near else "look at it again"
    return CodeWordsError(f"word {number} is not in the list: {hint}", unknown=number, near=near)


def _nearest(word: str) -> WordIndexes:
    """Return the indexes of the English words at edit distance two or less, the nearest first."""
    far = [(_distance(word, entry), at) for at, entry in enumerate(words("en")) if abs(len(entry) - len(word)) <= _NEAR]
    return tuple(at for distance, at in sorted(far) if distance <= _NEAR)[:SUGGESTIONS]


def _distance(a: str, b: str) -> int:
    """Return the edit distance of two words: letters added, dropped or changed (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
