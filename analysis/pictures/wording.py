"""Words of a picture: the reports' catalogue, labels broken to a width, which font draws them. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from survey.release.reader import Amount, ReleaseReader
from survey.release.release import Release
from survey.wording.catalogues import Wording, in_locale, load_wordings

WIDE, NARROW, SPACE = 1.0, 0.56, 0.28
"""Widths in em: of Chinese signs exactly, of Latin letters in the mean of sans-serif fonts, of spaces."""
BOLD_NARROW, BOLD_SPACE = 0.66, 0.35
"""Of bold Latin letters and spaces in DejaVu Sans, the widest that a machine without Arial or Liberation Sans takes."""
NEVER_FIRST = "，。、；：？！）」』”’》】…,.;:?!)]}%"
"""Signs that begin no line (GB/T 15834, kinsoku shori)."""
NEVER_LAST = "（「『“《【([{"
_NO_BREAK = "\N{NO-BREAK SPACE}"
CHINESE = {"zh-Hans": "Noto Sans CJK SC", "zh-Hant": "Noto Sans CJK TC"}
LATIN = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Reader(ReleaseReader):
    """One release in one locale, with the words that every picture and report shares."""

    words: Wording

    @classmethod
    def of(cls, release: Release, locale: str) -> Self:
        """Read the catalogue of `locale`; without a translation texts and numbers are English."""
        words = in_locale(load_wordings("report"), locale)
        return cls(release, locale, words.locale, words)

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue with its places filled."""
        return self.words(key, **values)

    def amount_text(self, amount: Amount, *, mean: bool) -> str:
        """Return a share or mean with its margin, such as 57% ± 4; in brackets if unreliable, or as a text."""
        if amount.vague:
            return self.say("chart-vague")
        text = " ± ".join(self.mean(amount) if mean else self.share(amount))
        return text if amount.reliable else f"({text})"


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return `text` in lines of at most `width` pixels at a font size: broken at spaces, and between Chinese signs.

    A word that is wider than a line stands on a line of its own, cut where it must be; a margin stays behind its ±.
    """
    lines, line = [], ""
    for part in _parts(" ".join(text.split()).replace("± ", f"±{_NO_BREAK}"), width, size, bold=bold):
        if line and wide(line + part.rstrip(" "), size, bold=bold) > width:
            lines.append(line.rstrip(" "))
            line = part.lstrip(" ")
        else:
            line += part
    whole = [*lines, line.rstrip(" ")] if line.strip(" ") or not lines else lines
    return [one.replace(_NO_BREAK, " ") for one in whole]


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
    return space if sign in {" ", _NO_BREAK} else 0.0 if unicodedata.combining(sign) else letter


def _parts(text: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield the pieces between which a line may break."""
    part = ""
    for sign in text:
        if (part and _breaks(part[-1], sign)) or wide(part + sign, size, bold=bold) > width:
            yield part
            part = ""
        part += sign
    if part:
        yield part


def _breaks(before: str, after: str) -> bool:
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or is_chinese(before) or is_chinese(after)
