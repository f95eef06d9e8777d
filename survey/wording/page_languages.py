"""The languages of the pages for staff and the public, with their texts from gettext files. No Flask."""

import gettext
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.mofile import write_mo

from survey.wording.po_files import DEFAULT, FOLDER, read_catalogue

# In display order; each language is named in itself. Uyghur, which studies may have, is not offered here: decision 36.
NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
# From a language tag, as forms write it, to a locale: Chinese of a region means the script used there.
LOCALE_OF_TAG = {
    **{name: name for name in NAMES},
    "zh": "zh-Hans",
    "zh-CN": "zh-Hans",
    "zh-SG": "zh-Hans",
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "zh-MO": "zh-Hant",
}


@dataclass(frozen=True)
class Language:
    """One language of the pages: its locale, its name in itself, its Babel locale, its texts."""

    locale: str
    name: str
    babel: Locale
    texts: gettext.NullTranslations

    def say(self, message: str) -> str:
        """Return the text for an English message."""
        return self.texts.gettext(message)

    def say_number(self, one: str, many: str, number: int) -> str:
        """Return the text for an English message that depends on a number."""
        return self.texts.ngettext(one, many, number)


@cache
def load_languages() -> Mapping[str, Language]:
    """Return the languages of the pages, by locale, with their shipped texts."""
    return MappingProxyType(
        {
            locale: Language(locale, name, Locale.parse(locale, sep="-"), _texts(FOLDER / locale / "pages.po"))
            for locale, name in NAMES.items()
        }
    )


def preferred_locale(tags: Iterable[str]) -> str:
    """
    Return the first of the pages' locales that a browser's language tags ask for, most wanted first; else English.

    As preferred_locale.ts does on a phone (tests/vectors/browser-languages.json).
    """
    locale_of_written = {_written(locale): locale for locale in NAMES}
    return next((found for tag in tags if (found := locale_of_written.get(_written(tag)))), DEFAULT)


def _written(tag: str) -> str:
    """Return a tag's language; of Chinese its script, which follows from the place where the tag names none."""
    language, *others = tag.lower().split("-")
    if language not in {"zh", "yue"}:
        return language
    scripts = [other for other in others if other in {"hans", "hant"}]
    # Who reads Cantonese reads Chinese, in the letters of Hong Kong where the tag does not name the mainland.
    is_traditional = {"tw", "hk", "mo"} & {*others} if language == "zh" else "cn" not in others
    return "zh-" + (scripts or ["hant" if is_traditional else "hans"])[0]


def _texts(path: Path) -> gettext.NullTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(path))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
