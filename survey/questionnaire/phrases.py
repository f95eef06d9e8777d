"""Phrases (short open answers): how they are normalised on the phone, and which of them a payload may hold."""

import re
import unicodedata
from collections.abc import Iterable

_SPACE = re.compile("[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# One sign for what keyboards write in several ways: hyphens, apostrophes and middle dots.
_SIGNS = str.maketrans({"\u2010": "-", "\u2013": "-", "\u2018": "'", "\u2019": "'", "\u30fb": "\xb7", "\u2027": "\xb7"})
# Signs that only stretch a word: tatweel (kashida) and its like in Arabic, N'Ko and Mongolian script.
_STRETCHES = "\u0640\u07fa\u0883\u0884\u0885\u180a"
# Tsheg, the dot between the syllables of a Tibetan word: it parts no words, and at their ends it says nothing.
_TSHEG = "\u0f0b"
_PART = re.compile(f"{_TSHEG}* [ {_TSHEG}]*")
_SYLLABLES = re.compile(f"{_TSHEG}+")
_SIGNS_IN_PHRASES = f"-' \xb7{_TSHEG}"
_WORDLIKE = ("L", "N", "Cn")


# Decision 91.
def normalised(text: str) -> str:
    """Return the normal form of a phrase, "" where nothing of it can stay; phrases.ts does the same on the phone.

    NFKC, lower case, NFKC again (lower case may undo it); signs that stretch a word and format characters (Cf) are
    taken out, decimal digits of every script become 0 to 9, and whatever is no letter, mark, number, space, hyphen,
    apostrophe, middle dot or tsheg becomes a space; every run of white space becomes one space, ends are trimmed. A
    tsheg, which stands between the syllables of Tibetan words, stays there alone, once. A phrase needs a letter or a
    number. Code points that this Python does not know yet (Cn) stay, because the phone's Unicode may be newer. Source:
    Unicode Standard Annex 15 and section 3.13 of the standard.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).translate(_SIGNS)
    plain = "".join(_normalised_character(character) for character in folded)
    # What stood between two characters may be gone, so that they now compose.
    plain = _SYLLABLES.sub(_TSHEG, _PART.sub(" ", _SPACE.sub(" ", plain)))
    plain = unicodedata.normalize("NFKC", plain).strip(f" {_TSHEG}")
    return plain if any(_category(character).startswith(_WORDLIKE) for character in plain) else ""


def words_of(phrase: str) -> int:
    """Return the number of words of a normalised phrase."""
    return len(phrase.split(" "))


def fits(phrases: Iterable[str], *, count: int, words: int, length: int) -> bool:
    """Say whether `phrases` may stand in a payload: 1 to `count`, each normalised and short enough, none twice."""
    several = [*phrases]
    return (
        1 <= len(several) <= count
        and len({*several}) == len(several)
        and all(_short(phrase, words, length) for phrase in several)
    )


def ordered(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return phrases by their UTF-8 bytes, so that the order in which they were typed leaves no trace."""
    return tuple(sorted(phrases, key=lambda phrase: phrase.encode()))


def _short(phrase: str, words: int, length: int) -> bool:
    return 0 < len(phrase) <= length and words_of(phrase) <= words and normalised(phrase) == phrase


def _normalised_character(character: str) -> str:
    if character in _STRETCHES:
        return ""
    category = _category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LMN" or category == "Cn" or character in _SIGNS_IN_PHRASES:
        return character
    return "" if category == "Cf" else " "


def _category(character: str) -> str:
    return unicodedata.category(character)
