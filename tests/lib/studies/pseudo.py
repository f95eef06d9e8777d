"""Pseudo-locales made from the English for tests alone: one accented and longer, one right to left."""

import re
from collections.abc import Callable
from typing import Any

from crypto.canonical import canonical, parse
from studies.market import Study
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wording.phone_catalogue import read_interface

LONGER = 0.4
# Kept as they are: {n} and {AGE|your age}.
HOLES = re.compile(r"(\{[^{}]*\})")
HASH = re.compile(r"[0-9a-f]{64}")
PLAIN = "abcdefghijklmnopqrstuvwxyz"
ACCENTS = str.maketrans(PLAIN + PLAIN.upper(), "åƀçđéƒĝħîĵķļɱñöþɋŕšţûṽŵẋýžÅƁÇĐÉƑĜĦÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ")
ARABIC = str.maketrans(PLAIN + PLAIN.upper(), "ابجدەفگھىژكلمنوپقرستۇۋئخيز" * 2)
# What stands in no language: formats, names of things, hashes.
FIXED = {"format", "study", "locale", "dir", "name", "title", "pictures", "audio", "interface"}


def accented(text: str) -> str:
    """Return the English with accents on every letter, and 40 % longer."""
    extra = "~" * round(len(HOLES.sub("", text)) * LONGER)
    return _outside_holes(text, lambda part: part.translate(ACCENTS)) + (extra and f" {extra}")


def mirrored(text: str) -> str:
    """Return the English in Arabic letters, so that everything runs from right to left."""
    return _outside_holes(text, lambda part: part.translate(ARABIC))


def widened(study: Study, *locales: str) -> Study:
    """Return the study with more locales: `ug`, Uyghur around mirrored questions, and the invented en-XA and ar-XB."""
    english = parse(study.texts["en"].to_bytes())
    uyghur = dict(read_interface(["ug"]).texts["ug"])
    more = {
        "ug": _texts(english, "ug", "rtl", "ئۇيغۇرچە", mirrored) | {"interface": uyghur},
        "en-XA": _texts(english, "en-XA", "ltr", accented("English"), accented),
        "ar-XB": _texts(english, "ar-XB", "rtl", mirrored("English"), mirrored),
    }
    texts = {**study.texts, **{locale: Texts.from_bytes(canonical(more[locale])) for locale in locales}}
    document = parse(study.questionnaire.to_bytes()) | {"locales": list(texts)}
    return Study(Questionnaire.from_bytes(canonical(document)), texts)


def _texts(
    english: dict[str, Any], locale: str, direction: str, name: str, change: Callable[[str], str]
) -> dict[str, Any]:
    own = {"locale": locale, "dir": direction, "name": name, "interface": _changed(english["interface"], change)}
    return {key: value if key in FIXED else _changed(value, change) for key, value in english.items()} | own


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: one if key in FIXED else _changed(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    return change(value) if isinstance(value, str) and not HASH.fullmatch(value) else value


def _outside_holes(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if HOLES.fullmatch(part) else change(part) for part in HOLES.split(text))
