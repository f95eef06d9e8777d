"""Plural forms of texts that depend on a number: gettext's numbered forms as CLDR's named ones, as browsers choose."""

import gettext

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message

OTHER = "other"
_TRIED = range(1000)
"""Rules for whole numbers look at the last two digits, and at 0, 1 and 2 themselves (CLDR, plural rules)."""


def english(message: Message) -> str:
    """Return the English of a message; of one with plurals that of many."""
    return str(message.id[-1] if isinstance(message.id, tuple | list) else message.id)


def filled(message: Message) -> tuple[str, ...]:
    """Return the texts of a message: one, or one for each plural form of its language, "" for each that is missing."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (str(message.string or ""),)


def named_forms(catalog: Catalog, locale: str) -> dict[str, int]:
    """Return which numbered form of a PO file is used for each of CLDR's categories of a language.

    A language that CLDR does not know has one category, `other`, as browsers say too.
    """
    try:
        category = Locale.parse(locale, sep="-").plural_form
    except (UnknownLocaleError, ValueError):
        return {OTHER: catalog.num_plurals - 1}
    numbered = gettext.c2py(catalog.plural_expr)
    forms: dict[str, int] = {}
    for number in _TRIED:
        forms.setdefault(category(number), numbered(number))
    return {OTHER: catalog.num_plurals - 1} | forms


def texts_of(key: str, message: Message, forms: dict[str, int]) -> dict[str, str]:
    """Return the texts of one key: under the key what is said of any number, under `key.CATEGORY` what differs."""
    texts = filled(message)
    if len(texts) == 1:
        return {key: texts[0]}
    said = {category: texts[min(form, len(texts) - 1)] for category, form in forms.items()}
    other = said.pop(OTHER)
    return {key: other, **{f"{key}.{category}": text for category, text in said.items() if text != other}}
