"""The languages of the pages for staff and the public, with their texts from gettext files. No Flask."""

import gettext
import io
from dataclasses import dataclass
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo

from survey.wording.po_files import FOLDER, read_catalogue

# In display order; each language is named in itself. Uyghur, which studies may have, is not offered here: decision 36.
NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
# From a browser's language tag to a locale: Chinese of a region means the script used there.
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


def load_languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Read the texts of every language."""
    return {
        locale: Language(locale, name, Locale.parse(locale, sep="-"), _texts(folder / locale / "pages.po"))
        for locale, name in NAMES.items()
    }


def _texts(path: Path) -> gettext.NullTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(path))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
