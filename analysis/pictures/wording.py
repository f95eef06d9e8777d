"""Words of a picture: the reports' catalogue, labels broken to a width, which font draws them. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from survey.release.reader import Amount, ReleaseReader
from survey.release.release import Release
from survey.wording.bidi import END, RIGHT_TO_LEFT, runs_backwards, set_apart
from survey.wording.catalogues import Wording, load_wording

WIDE, NARROW, SPACE = 1.0, 0.56, 0.28
"""Widths in em: of Chinese signs exactly, of Latin letters in the mean of sans-serif fonts, of spaces."""
BOLD_NARROW, BOLD_SPACE = 0.66, 0.35
"""Of bold Latin letters and spaces in DejaVu Sans, the widest that a machine without Arial or Liberation Sans takes."""
NEVER_FIRST = "，。、；：？！）」』”’》】…,.;:?!)]}%"
"""Signs that begin no line (GB/T 15834, kinsoku shori)."""
NEVER_LAST = "（「『“《【([{"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_NO_WIDTH = {"Mn", "Me", "Cf"}
"""Categories of signs that stand over or under a letter, or are not seen at all."""
_SYLLABLE_END = "\u0f0b"
"""Tsheg: Tibetan writes no spaces between words, and breaks lines behind it (UAX 14, class BA)."""
_FOLLOWING = "\u0e30\u0e32\u0e33\u0e45\u0e46\u0e2f\u0eb0\u0eb2\u0eb3\u0ec6\u0eaf\u0f0b\u0f0c\u0f0d\u0f0e\u0f14"
"""Vowels and signs of Thai, Lao and Tibetan that begin no line, because they belong to the letter before."""
_LEADING = "\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"
"""Vowels of Thai and Lao that end no line, because they belong to the letter behind."""
CHINESE = {"zh-Hans": "Noto Sans CJK SC", "zh-Hant": "Noto Sans CJK TC"}
LATIN = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Reader(ReleaseReader):
    """One release in one locale, with the words that every picture and report shares."""

    words: Wording

    @classmethod
    def of(cls, release: Release, locale: str) -> Self:
        """Read the catalogue of `locale`; without a translation texts and numbers are English."""
        words = load_wording("report", locale)
        return cls(release, locale, words.locale, words)

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue with its places filled; what runs from right to left keeps its own order."""
        return self.words(key, **{name: set_apart(str(value)) for name, value in values.items()})

    def amount_text(self, amount: Amount, *, mean: bool) -> str:
        """Return a share or mean with its margin, such as 57% ± 4; in brackets if unreliable, or as a text."""
        if amount.vague:
            return self.say("chart-vague")
        text = " ± ".join(self.mean(amount) if mean else self.share(amount))
        return text if amount.reliable else f"({text})"


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return `text` in lines of at most `width` pixels at a font size.

    They are broken at spaces, between Chinese signs, and behind the dot that ends a Tibetan syllable. A word that is
    wider than a line (Thai writes no spaces between words) is cut where it must be, but never within a letter with its
    marks; a margin stays behind its ±. Lines of a text that runs from right to left say so, each for itself.
    """
    lines, line = [], ""
    for part in _parts(" ".join(text.split()).replace("± ", f"±{_NO_BREAK}"), width, size, bold=bold):
        if line and wide(line + part.rstrip(" "), size, bold=bold) > width:
            lines.append(line.rstrip(" "))
            line = part.lstrip(" ")
        else:
            line += part
    whole = [*lines, line.rstrip(" ")] if line.strip(" ") or not lines else lines
    plain = [one.replace(_NO_BREAK, " ") for one in whole]
    return [f"{RIGHT_TO_LEFT}{one}{END}" for one in plain] if runs_backwards(text) else plain


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is, in pixels."""
    return size * sum(_em(sign, bold=bold) for sign in text)


def font(texts: Iterable[str], locale: str) -> str:
    """Return the font family list of a picture: one font for all of it, with Chinese signs where any is Chinese."""
    if not any(is_chinese(sign) for text in texts for sign in text):
        return LATIN
    first = CHINESE.get(locale, CHINESE["zh-Hans"])
    return ", ".join([first, *(name for name in CHINESE.values() if name != first), "sans-serif"])


def is_chinese(sign: str) -> bool:
    """Say whether a sign is drawn a whole em wide: Han, their punctuation, kana, hangul."""
    return unicodedata.east_asian_width(sign) in "WF"


def _em(sign: str, *, bold: bool) -> float:
    if is_chinese(sign):
        return WIDE
    letter, space = (BOLD_NARROW, BOLD_SPACE) if bold else (NARROW, SPACE)
    return space if sign in {" ", _NO_BREAK} else 0.0 if unicodedata.category(sign) in _NO_WIDTH else letter


def _parts(text: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield the pieces between which a line may break."""
    part = ""
    for sign in text:
        if part and _breaks(part[-1], sign):
            yield part
            part = ""
        elif wide(part + sign, size, bold=bold) > width and (whole := _cut(part, sign)):
            yield whole
            part = part[len(whole) :]
        part += sign
    if part:
        yield part


def _cut(part: str, after: str) -> str:
    """Return as much of a part, at least a letter of it, as a line may end with where `after` comes next."""
    signs = part + after
    ends = (end for end in range(len(part), 0, -1) if not _one_letter(signs[end - 1], signs[end]))
    return part[: next(ends, len(part))]


def _one_letter(before: str, after: str) -> bool:
    """Say whether two signs are parts of one letter with its marks (roughly a grapheme cluster, UAX 29)."""
    return unicodedata.category(after).startswith("M") or after in _FOLLOWING or before in _LEADING


def _breaks(before: str, after: str) -> bool:
    if _one_letter(before, after):
        return False
    if before == _SYLLABLE_END:
        return True
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or is_chinese(before) or is_chinese(after)
