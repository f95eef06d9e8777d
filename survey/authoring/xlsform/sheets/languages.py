"""The languages of a form as locales of a study, and a text of a form in each of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from survey.authoring.xlsform.sheets.columns import Cells
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport, Place
from survey.faults import said
from survey.names import LOCALE
from survey.wording.page_languages import LOCALE_OF_TAG, NAMES
from survey.wording.po_files import DEFAULT

_TAG = re.compile(r"\(([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\)\s*$")
_OWN_NAMES = (
    "ar",
    "de",
    "en",
    "es",
    "fa",
    "fr",
    "hi",
    "id",
    "it",
    "ja",
    "ko",
    "pt",
    "ru",
    "sw",
    "th",
    "tr",
    "ug",
    "uk",
    "vi",
    "zh",
)
HEADER_ROW = 1
_ADD_WORDS = (
    "add the interface's texts in it; left out, its texts stand under English buttons only where the form has no other "
    "language"
)


@dataclass(frozen=True, slots=True)
class Languages:
    """The locales of a study, each with the language of the form (None: unnamed) whose texts it has; the first counts.

    `of` maps a language as a column names it to its locale.
    """

    of: Mapping[str | None, str]

    @property
    def locales(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.of.values()))

    def localised(self, texts: Mapping[str | None, str], default: str = "") -> dict[str, str]:
        """Return a text by locale; a locale without one has that of no language, `default`, or the first language's."""
        here = {locale: texts[language] for language, locale in self.of.items() if texts.get(language)}
        unnamed = texts.get(None) or default
        first = unnamed or next((here[locale] for locale in self.locales if locale in here), "")
        return {locale: here.get(locale, first) for locale in self.locales}

    def without(self, texts: Mapping[str | None, str]) -> tuple[str, ...]:
        """Return the locales in which `texts` lacks one."""
        for_all = None not in self.of and bool(texts.get(None))
        here = {locale for language, locale in self.of.items() if texts.get(language) or for_all}
        return tuple(locale for locale in self.locales if locale not in here)


def languages_of(rows: Iterable[Cells]) -> tuple[str | None, ...]:
    """Return the languages that labels of a form are in, in their order; None is that of a column that names none.

    It counts where no column names one, or questions have labels in it: choices may have one label for all languages.
    """
    labels = [
        (cells.place.sheet, language)
        for cells in rows
        for language, text in cells.texts.get("label", {}).items()
        if text
    ]
    found = dict.fromkeys(language for _, language in labels)
    if ("survey", None) not in labels:
        found.pop(None, None)
    return tuple(found) or (None,)


def locale_of(language: str) -> str | None:
    """Return the locale of a language as a form names it: `English (en)`, `English`, `en`; None where it is unknown."""
    tag = _TAG.search(language)
    written = (tag[1] if tag else language).strip().replace("_", "-")
    by_name = _codes_by_name().get(written.lower())
    code = LOCALE_OF_TAG.get(written) or by_name or (written if LOCALE.fullmatch(written) else None)
    return LOCALE_OF_TAG.get(code, code) if code else None


def _codes_by_name() -> dict[str, str]:
    ours = {name.lower(): locale for locale, name in NAMES.items()}
    own = {(Locale(code).get_language_name() or code).lower(): code for code in _OWN_NAMES}
    english = {name.lower(): code.replace("_", "-") for code, name in Locale(DEFAULT).languages.items()}
    return own | {name: code for name, code in english.items() if LOCALE.fullmatch(code)} | ours


def own_name(locale: str) -> str:
    """Return a locale's name in itself."""
    try:
        return Locale.parse(locale, sep="-").get_display_name() or locale
    except (UnknownLocaleError, ValueError):
        return locale


def choose_languages(
    found: tuple[str | None, ...], default: str, supported: frozenset[str], report: ImportReport
) -> Languages:
    """Return the languages of a form that the phone speaks, the form's default first; refuse the others by name."""
    place = Place("survey", HEADER_ROW, "languages")
    named = {language: _locale(language, default, place, report) for language in found}
    first = [
        language
        for language in named
        if default in (language, named[language]) or locale_of(default) == named[language]
    ]
    kept: dict[str | None, str] = {}
    for language in (*first, *(other for other in named if other not in first)):
        locale = named[language]
        if locale in supported and locale not in kept.values():
            kept[language] = locale
        elif language is not None or locale not in kept.values():
            # Texts of no language beside those of the same one stand in where these lack one.
            report.refuse(place, _unsupported(language, locale, supported, twice=locale in kept.values()))
    return Languages(kept or {next(iter((*first, *named)), None): DEFAULT})


def _locale(language: str | None, default: str, place: Place, report: ImportReport) -> str | None:
    if language is not None:
        return locale_of(language)
    if default and default != "default":
        return locale_of(default)
    reason = "the column label names no language, so its texts are taken for English"
    report.add("changed", place, reason, "name the column label::LANGUAGE (code), such as label::English (en)")
    return DEFAULT


def _unsupported(language: str | None, locale: str | None, supported: frozenset[str], *, twice: bool) -> ConstructError:
    name = language or said("the language of the column label")
    if twice:
        return ConstructError(
            said("{name} is a second column of the language {locale}", name=name, locale=locale), "keep one of them"
        )
    if locale is None:
        return ConstructError(
            said("{name} names no language that is known", name=name), "write its code behind it: English (en)"
        )
    spoken = tuple(sorted(supported))
    named = name if _TAG.search(name) else said("{name} ({locale})", name=name, locale=locale)
    reason = said("the phone's own buttons and notices do not speak {named}, but {spoken}", named=named, spoken=spoken)
    return ConstructError(reason, _ADD_WORDS)
