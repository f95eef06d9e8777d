"""Texts by key from gettext files, for everything but the staff and public pages. No Flask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from survey.wording.bidi import runs_backwards, set_apart
from survey.wording.po_files import DEFAULT, FOLDER, keyed_texts, read_catalogue

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """The texts of one catalogue in one locale, by key; `apart`: what is put into them keeps its own order of words."""

    locale: str
    texts: Mapping[str, str]
    apart: bool = False

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its `{placeholders}` replaced once; placeholders within a value are not replaced."""
        text = self.texts[key]
        backwards = self.apart and runs_backwards(text)

        def value(match: re.Match[str]) -> str:
            put = str(values.get(match[1], match[0]))
            return set_apart(put, within_backwards=backwards) if self.apart else put

        return _PLACEHOLDER.sub(value, text)


Wordings = Mapping[str, Wording]


@cache
def load_wordings(name: str) -> Wordings:
    """Return the shipped catalogue `name` (such as `plain`) in every locale that has one; English always has."""
    return MappingProxyType({locale: _read(locale, path) for locale, path in _paths(name, FOLDER).items()})


def load_wording(name: str, locale: str, folder: Path = FOLDER) -> Wording:
    """Read the catalogue `name` in `locale` alone, or in English where there is no translation."""
    paths = _paths(name, folder)
    chosen = locale if locale in paths else DEFAULT
    return _read(chosen, paths[chosen])


def locales_of(name: str, folder: Path = FOLDER) -> frozenset[str]:
    """Return the locales that the catalogue `name` is translated into, English among them; reads none of them."""
    return frozenset(_paths(name, folder))


def within(words: Wording, direction: str) -> Wording:
    """Return the texts to stand in a page of this direction: each keeps its own order of words and signs."""
    backwards = direction == "rtl"
    texts = {key: set_apart(text, within_backwards=backwards) for key, text in words.texts.items()}
    return replace(words, texts=texts, apart=True)


def in_locale(wordings: Wordings, locale: str) -> Wording:
    """Return the texts in `locale`, or in English where there is no translation."""
    return wordings.get(locale, wordings[DEFAULT])


def _paths(name: str, folder: Path) -> dict[str, Path]:
    return {path.parent.name: path for path in sorted(folder.glob(f"*/{name}.po"))}


def _read(locale: str, path: Path) -> Wording:
    return Wording(locale, keyed_texts(read_catalogue(path)))
