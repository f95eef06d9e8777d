"""Signs that a Chinese input method writes where YAML and this format read others, found at lines with a fault.

A full-width colon behind a key, quotes, brackets and commas of their kind, letters in full width (Unicode Standard
Annex 11), and spaces that are none to YAML, such as U+00A0 and U+3000.
"""

import re
import unicodedata

from survey.faults import said

# ruff: noqa: RUF001 - signs that look like others are what it is about

_KEY = r"^\s*(?:-\s*)?[\"“']?[A-Za-z_][\w-]*[\"”']?\s*"
_SIGNS = (
    (re.compile(rf"{_KEY}(：)"), said(": and a space")),
    (re.compile(r"(?:^|[:,\[{-]\s*)([“”„])"), '"'),
    (re.compile(r"(?:^|[:,\[{-]\s*)([‘’])"), "'"),
    (re.compile(r":\s*([［【｛〔])"), said("[ or {")),
    (re.compile(r":\s*[\[{][^\"'“]*?([，、；])"), said(", and a space")),
    (re.compile(r"^\s*([－—–•·])\s*\S"), said("- and a space")),
    (re.compile(r"(?:^|\s)(＃)"), "#"),
    (re.compile(r"^ *([\u00a0\u3000\u2002\u2003\u2009])"), said("plain spaces")),
    (re.compile(rf"{_KEY}:([\u00a0\u3000])"), said("a plain space")),
)
_PLACEHOLDER = re.compile(r"｛\s*[A-Za-z_]+[^｝}]*[｝}]|\{\s*[A-Za-z_]+\s*｝|\{[A-Z][A-Z0-9_]*｜[^{}]*\}")


def wide_sign(line: str) -> str:
    """Return what to type instead of the first sign in a line that YAML does not read as meant, empty where none is."""
    found = ((match.start(1), match[1], instead) for sign, instead in _SIGNS if (match := sign.search(line)))
    _, sign, instead = min(found, default=(0, "", ""))
    if not sign:
        return ""
    return said(
        "the line holds {sign}, which is not read as it looks: type {instead}, the input method switched off",
        sign=named(sign),
        instead=instead,
    )


def named(sign: str) -> str:
    """Return a sign with its number, and alone by its number where it shows nothing."""
    shown = "" if sign.isspace() or unicodedata.category(sign) == "Cf" else f"{sign} "
    return f"{shown}(U+{ord(sign):04X})"


def plain_letters(text: str) -> str:
    """Return a name with its full-width letters, digits and spaces as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def wide_placeholder(text: str) -> str:
    """Return a placeholder in full-width brackets, or with a full-width bar; empty where there is none."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else ""
