"""Places of words in a texts document: which of them may be corrected, their words, and what depends on these.

A place is a path of names with dots between them, counted from 1 in a list: `items.AGE.options.2`, `thanks.1`.
"""

import re
from collections.abc import Iterator
from typing import Any

from survey.questionnaire.pipes import PIPE
from survey.questionnaire.questionnaire import Texts

_ID, _CODE, _SLUG = "[A-Z][A-Z0-9_]{0,31}", "(?:0|-?[1-9][0-9]*)", "[a-z][a-z0-9-]{0,47}"
PLACE = (
    rf"title|debrief|thanks\.[1-9][0-9]*|endings\.{_SLUG}|missing\.{_CODE}|(?:groups|hints)\.{_ID}"
    rf"|items\.{_ID}\.(?:text|options\.{_CODE}|(?:ends|lines)\.[1-9][0-9]*)"
    rf"|derived\.{_ID}\.(?:text|levels\.{_CODE})"
)
"""
The places that may be corrected. Not the consent, to which people agreed as it stands; not what is no wording: a
recording, a picture, the units that may be typed; not the interface's words, which are the program's.
"""
_CORRECTABLE = re.compile(PLACE)
KEPT = ("format", "study", "locale", "dir", "name", "interface")
"""Members that no author's file changes, or that are the program's own."""


def is_correctable(place: str) -> bool:
    """Say whether the words at a place may be corrected."""
    return _CORRECTABLE.fullmatch(place) is not None


def words_by_place(texts: Texts) -> dict[str, str]:
    """Return every text of a locale, recordings and pictures by their hashes, by its place; without KEPT."""
    return {place: words for place, words in _leaves(texts.to_json(), "") if place.partition(".")[0] not in KEPT}


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - plain JSON
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for name, part in parts:
            yield from _leaves(part, f"{place}.{name}" if place else str(name))


def replace_words(document: Any, place: str, words: str) -> None:  # noqa: ANN401 - plain JSON
    """Put words at a place of a texts document as JSON; raise KeyError or IndexError where there is none."""
    *way, last = place.split(".")
    for name in way:
        document = document[name]
    document[int(last) - 1 if isinstance(document, list) else last] = words


def is_recorded(texts: Texts, place: str) -> bool:
    """Say whether a recording says the words at a place."""
    if texts.audio is None:
        return False
    part, name, *way = [*place.split("."), ""]
    if part == "missing":
        return name in texts.audio.missing
    own = texts.audio.items.get(name) if part in {"items", "groups", "hints"} else None
    if own is None:
        return False
    if part == "hints":
        return own.hint is not None
    return way[1] in own.options if way[:1] == ["options"] else own.text is not None


def piped(words: str) -> list[str]:
    """Return the items whose answers stand in a text, in the order of their names."""
    return sorted(match[1] for match in PIPE.finditer(words))
