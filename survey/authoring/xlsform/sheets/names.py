"""Ids, blocks and option codes made out of the names of a form, each once."""

import re
import unicodedata
from collections.abc import Iterator

from survey.questionnaire.codes import RESERVED

_MOST_ID, _MOST_SLUG = 32, 48


class Ids:
    """Gives each name of a form an id of the questionnaire: capitals, digits and _, at most 32, no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        """Return the next free id that reads like `name`."""
        stem = re.sub(r"[^A-Z0-9]+", "_", _ascii(name).upper()).strip("_")
        if not stem or not stem[0].isalpha():
            stem = f"Q_{stem}".rstrip("_")
        chosen, number = stem[:_MOST_ID], 2
        while chosen in self._taken:
            end = f"_{number}"
            chosen, number = stem[: _MOST_ID - len(end)] + end, number + 1
        self._taken.add(chosen)
        return chosen


def slug(name: str) -> str:
    """Return `name` in small letters, digits and hyphens, as blocks have it; `form` where nothing is left of it."""
    stem = re.sub(r"[^a-z0-9]+", "-", _ascii(name).lower()).strip("-")
    if not stem:
        return "form"
    return (stem if stem[0].isalpha() else f"b-{stem}")[:_MOST_SLUG].rstrip("-")


def codes_by_order() -> Iterator[int]:
    """Yield 1, 2, 3 …, without the codes that mean something else in every study."""
    code = 0
    while True:
        code += 1
        if code not in RESERVED:
            yield code


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
