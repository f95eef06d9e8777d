"""Texts by key from gettext files, for everything but the staff and public pages. No Flask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from survey.wording.po_files import DEFAULT, FOLDER, keyed_texts, read_catalogue

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """The texts of one catalogue in one locale, by key."""

    locale: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its `{placeholders}` replaced once; placeholders within a value are not replaced."""
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), self.texts[key])


Wordings = Mapping[str, Wording]


def load_wordings(name: str, folder: Path = FOLDER) -> Wordings:
    """Read the catalogue `name` (such as `plain`) in every locale that has one; English always has."""
    paths = sorted(folder.glob(f"*/{name}.po"))
    return {path.parent.name: Wording(path.parent.name, keyed_texts(read_catalogue(path))) for path in paths}


def in_locale(wordings: Wordings, locale: str) -> Wording:
    """Return the texts in `locale`, or in English where there is no translation."""
    return wordings.get(locale, wordings[DEFAULT])
