"""Words of a picture: numbers as a locale writes them, labels broken to a width, which font draws them. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babel import Locale
from babel.numbers import format_decimal, format_percent

from survey.release.level_labels import dimension_text, label, row_label
from survey.release.release import Release, Share
from survey.wording.catalogues import Wording, in_locale, load_wordings

FINE = 0.02
"""Below this margin a share is given with one decimal."""
WIDE, NARROW, SPACE = 1.0, 0.56, 0.28
"""Widths in em: of Chinese signs exactly, of Latin letters in the mean of sans-serif fonts, of spaces."""
NEVER_FIRST = "，。、；：？！）」』”’》】…,.;:?!)]}%"
"""Signs that begin no line (GB/T 15834, kinsoku shori)."""
NEVER_LAST = "（「『“《【([{"
CHINESE = {"zh-Hans": "Noto Sans CJK SC", "zh-Hant": "Noto Sans CJK TC"}
LATIN = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Reader:
    """One release in one locale: its labels, its numbers, and the words that every picture and report shares."""

    release: Release
    locale: str
    words: Wording

    @classmethod
    def of(cls, release: Release, locale: str) -> "Reader":
        """Read the catalogue of `locale`; where nobody has translated it the words are English."""
        return cls(release, locale, in_locale(load_wordings("report"), locale))

    @property
    def babel(self) -> Locale:
        return Locale.parse(self.words.locale, sep="-")

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue with its places filled."""
        return self.words(key, **values)

    def level(self, dimension: str, code: int) -> str:
        """Return what a level is called."""
        return label(self.release, dimension, code, self.locale)

    def question(self, dimension: str) -> str:
        """Return what a dimension is called."""
        return dimension_text(self.release, dimension, self.locale)

    def row(self, row: str) -> str:
        """Return what a grid's row is called."""
        return row_label(self.release, row, self.locale)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a decimal with `digits` places; what rounds to nothing has no sign."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(round(value, digits) + 0.0, pattern, locale=self.babel))

    def significant(self, value: float) -> str:
        """Return a decimal with at most three significant digits."""
        return str(format_decimal(value, "@##", locale=self.babel))

    def percent(self, value: float, digits: int = 0) -> str:
        """Return a share as percent."""
        return str(format_percent(value, "#,##0" + ("." + "0" * digits if digits else "") + "%", self.babel))

    def share(self, share: float, margin: float) -> str:
        """Return a share with its margin, such as 57% ± 4; noise may put a share outside 0 to 1, the words do not."""
        digits = 1 if margin < FINE else 0
        return f"{self.percent(min(max(share, 0.0), 1.0), digits)} ± {self.number(100 * margin, digits)}"

    def mean(self, value: float, margin: float) -> str:
        """Return a mean with its margin."""
        return f"{self.number(value, 2)} ± {self.number(margin, 2)}"


def interval(share: Share) -> tuple[float, float]:
    """Return the ends of a share's whisker within 0 and 1: the Bayesian ones where the margin leaves them."""
    low, high = share.bayes or (share.share - share.margin, share.share + share.margin)
    return within(low), within(high)


def within(value: float) -> float:
    """Return a part of one that a picture can show."""
    return min(max(value, 0.0), 1.0)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return `text` in lines of at most `width` pixels at a font size: broken at spaces, and between Chinese signs.

    A word that is wider than a line stands on a line of its own, cut where it must be.
    """
    lines, line = [], ""
    for part in _parts(" ".join(text.split()), width, size):
        if line and wide(line + part.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = part.lstrip()
        else:
            line += part
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def wide(text: str, size: float) -> float:
    """Return about how wide a text is, in pixels."""
    return size * sum(_em(sign) for sign in text)


def font(texts: Iterable[str], locale: str) -> str:
    """Return the font family list of a picture: one font for all of it, with Chinese signs where any is Chinese."""
    if not any(is_chinese(sign) for text in texts for sign in text):
        return LATIN
    first = CHINESE.get(locale, CHINESE["zh-Hans"])
    return ", ".join([first, *(name for name in CHINESE.values() if name != first), "sans-serif"])


def is_chinese(sign: str) -> bool:
    """Say whether a sign is drawn a whole em wide: Han, their punctuation, kana, hangul."""
    return unicodedata.east_asian_width(sign) in "WF"


def _em(sign: str) -> float:
    if is_chinese(sign):
        return WIDE
    return SPACE if sign == " " else 0.0 if unicodedata.combining(sign) else NARROW


def _parts(text: str, width: float, size: float) -> Iterator[str]:
    """Yield the pieces between which a line may break."""
    part = ""
    for sign in text:
        if (part and _breaks(part[-1], sign)) or wide(part + sign, size) > width:
            yield part
            part = ""
        part += sign
    if part:
        yield part


def _breaks(before: str, after: str) -> bool:
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or is_chinese(before) or is_chinese(after)
