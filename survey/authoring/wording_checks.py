"""What a colleague would say of the words themselves: what cannot be seen, what turns direction, what stands twice."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from survey.authoring.item_options import included, written
from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy, Localised
from survey.authoring.texts import texts_of
from survey.authoring.yaml_source import YamlSource
from survey.faults import Fault, Where, said

FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters by their category that show nothing: Hangul fillers and the blank Braille pattern."""
# Unicode Standard Annex 9, table of explicit formatting characters: these turn what follows, also beyond their line.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e")
ISOLATES, POP = frozenset("\u2066\u2067\u2068"), "\u2069"
# Unicode Standard, 23.9: tags show nothing, and text can be hidden in them from every reader. Only an emoji takes them,
# and only these flags are recommended for general interchange (Unicode Technical Standard 51, emoji-sequences.txt).
TAGS = re.compile("[\U000e0000-\U000e007f]")
FLAGS = re.compile(
    "\U0001f3f4(?:"
    + "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
    + ")\U000e007f"
)
"""The flags of England, Scotland and Wales: a black flag, a region in tags, and the end of the tags."""
_SHOWS_NOTHING = ("Z", "C", "M")
"""Categories (Unicode Standard Annex 44) of spaces, controls and formats, and of marks, which need a letter."""
Labelled = tuple[Where, str, Localised]
"""A place, how a person calls what stands there, and its words."""


def check_wording(source: YamlSource, study: AuthoredStudy) -> None:
    """Report texts that show nothing or turn their direction, and answers or rows that look alike."""
    for where, text in texts_of(study):
        for locale, words in _by_locale(study, text).items():
            for message, remedy in letter_faults(words):
                source.report(where, said("in {locale} {message}", locale=locale, message=message), remedy)
    for fault in likeness_faults(study):
        source.report(fault.where, fault.message, fault.remedy)


def letter_faults(words: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the letters of a text, with what to do; nothing for an empty one."""
    if words.strip() and not any(_is_visible(sign) for sign in words):
        named = ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in words if not sign.isspace()))
        yield said("the text shows nothing on a screen ({named})", named=named), "write words that can be read"
    if sign := next((sign for sign in words if sign in OVERRIDES), "") or _isolate_left(words):
        yield (
            said("a hidden sign (U+{ord}) turns the direction of what stands behind it", ord=format(ord(sign), "04X")),
            "take it out: the direction of a language is that of `locales`",
        )
    if hidden := TAGS.search(FLAGS.sub("", words)):
        yield said("a hidden tag (U+{ord}) stands in the text", ord=format(ord(hidden[0]), "05X")), "take it out"


def likeness_faults(study: AuthoredStudy) -> Iterator[Fault]:
    """Yield each answer that nobody can tell from another or from a missing answer of its item, and equal rows."""
    for name, options in study.option_sets.items():
        places = [_option(("option_sets", name), option) for option in options if option.text is not None]
        yield from _alike(study, places, said("an answer with other words"))
    for item in study.items:
        if included(item, study):
            yield from _item_faults(study, item)


def folded(words: str) -> str:
    """Return words as a reader compares them: without case, width, punctuation or spaces, but with signs of numbers."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    kept = "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LNMS" or sign in "-+%")
    return kept or plain.strip()


def _item_faults(study: AuthoredStudy, item: AuthoredItem) -> Iterator[Fault]:
    where = ("items", item.id)
    for part, options in (("options", item.options), ("bands", item.bands)):
        if isinstance(options, list):
            places = [_option((*where, part), option) for option in options if option.text is not None]
            yield from _alike(study, places, said("an answer with other words"))
    rows: list[Labelled] = [((*where, "rows", at, "text"), said("row {number}", number=at + 1), row.text)
                            for at, row in enumerate(item.rows or ())]  # fmt: skip
    yield from _alike(study, rows, said("a row with other words"))
    yield from _like_missing(study, item)


def _like_missing(study: AuthoredStudy, item: AuthoredItem) -> Iterator[Fault]:
    """Yield answers worded like a missing answer that the item offers too: the two would be counted apart."""
    offered = {str(code) for code in item.missing or ()}
    for option in written(item, study):
        for code, text in study.missing.items():
            if option.text is None or code not in offered:
                continue
            for locale in study.locales:
                words = _by_locale(study, option.text).get(locale, "")
                if words.strip() and folded(words) == folded(_by_locale(study, text).get(locale, "")):
                    yield Fault(
                        ("items", item.id, "options"),
                        said(
                            "answer {code} says in {locale} what the missing answer {missing} says ({words})",
                            code=option.code,
                            locale=locale,
                            missing=code,
                            words=words.strip(),
                        ),
                        said("take the answer out: `missing` offers {code} already", code=code),
                    )


def _alike(study: AuthoredStudy, places: list[Labelled], instead: str) -> Iterator[Fault]:
    """Yield a fault for each place whose words stand at an earlier one too, in the same locale."""
    for locale in study.locales:
        seen: dict[str, str] = {}
        for where, called, text in places:
            words = _by_locale(study, text).get(locale, "").strip()
            first = seen.setdefault(folded(words), called) if words else called
            if first != called:
                message = said(
                    "{first} and {called} have the same words in {locale} ({words})",
                    first=first,
                    called=called,
                    locale=locale,
                    words=words,
                )
                yield Fault(where, message, said("write {instead}, or take one of them out", instead=instead))


def _option(where: Where, option: AuthoredOption) -> Labelled:
    return (*where, str(option.code), "text"), said("answer {code}", code=option.code), option.text or ""


def _by_locale(study: AuthoredStudy, text: Localised) -> Mapping[str, str]:
    return dict.fromkeys(study.locales, text) if isinstance(text, str) else text


def _is_visible(sign: str) -> bool:
    return sign not in FILLERS and unicodedata.category(sign)[0] not in _SHOWS_NOTHING


def _isolate_left(words: str) -> str:
    """Return the first sign that ends no isolate, else the innermost isolate that does not end in the text, else ""."""
    opened: list[str] = []
    for sign in words:
        if sign in ISOLATES:
            opened.append(sign)
        elif sign == POP and not opened:
            return sign
        elif sign == POP:
            opened.pop()
    return opened[-1] if opened else ""
