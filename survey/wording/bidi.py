"""Text of two directions in one line: which way a text runs, and how it is set apart from its surroundings. Pure."""

import unicodedata

LEFT_TO_RIGHT, RIGHT_TO_LEFT, END = "\u2066", "\u2067", "\u2069"
"""LRI, RLI and PDI of the Unicode Bidirectional Algorithm (UAX 9, section 2.4): seen by no reader, part of no line."""
SET_APART = (LEFT_TO_RIGHT, RIGHT_TO_LEFT)
_BACKWARDS = {"R", "AL"}


def runs_backwards(text: str) -> bool:
    """Say whether a text runs from right to left: whether its first letter with a direction does (UAX 9, rule P2)."""
    strong = (kind for sign in text if (kind := unicodedata.bidirectional(sign)) in {"L", *_BACKWARDS})
    return next(strong, "L") in _BACKWARDS


def set_apart(text: str, *, within_backwards: bool = False) -> str:
    """Return a text that keeps its own order of words and signs wherever it stands.

    A text that runs as its surroundings do is returned as it is, where no letter of it runs the other way;
    `within_backwards` says that they run from right to left.
    """
    if text.startswith(SET_APART) or not text:
        return text
    backwards = runs_backwards(text)
    if backwards == within_backwards and not _mixed(text, within_backwards=within_backwards):
        return text
    return (RIGHT_TO_LEFT if backwards else LEFT_TO_RIGHT) + text + END


def _mixed(text: str, *, within_backwards: bool) -> bool:
    other = {"L"} if within_backwards else _BACKWARDS
    return any(unicodedata.bidirectional(sign) in other for sign in text)
