"""Pictures as PNG: the SVG drawn with this machine's fonts, refused where they would show crossed boxes."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import unescape

import vl_convert

from analysis.pictures.wording import LATIN, font, is_chinese
from analysis.study.release_file import ReleaseError
from survey.typesetting import font_packages

SCALE = 3.0
"""Pixels of a PNG for each of the picture's: 288 to the inch."""
FONTS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/local/share/fonts")
_TEXT = re.compile("<text[^>]*>([^<]*)</text>")
# The library puts the letter behind SARA AM (Thai, Lao) over it; of its two parts, with a tone between, it does not.
_AM = re.compile("([\u0e48-\u0e4b]?)\u0e33|([\u0ec8-\u0ecb]?)\u0eb3")
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
_NO_SIGN = "\ufdd0"
"""A code point that no font ever has, because Unicode keeps it free."""


class PlotError(ReleaseError):
    """A picture that cannot be drawn; the message says what to do."""


def png_of(picture: str) -> bytes:
    """Return an SVG of these pictures as PNG; raise PlotError for signs that would be drawn as crossed boxes."""
    for folder in FONTS:
        if Path(folder).is_dir():
            vl_convert.register_font_directory(folder)
    lines = [unescape(line) for line in _TEXT.findall(picture)]
    if missing := without_a_font(sign for line in lines for sign in line):
        named = ", ".join(f"U+{ord(sign):04X} {unicodedata.name(sign, 'without a name')}" for sign in missing[:3])
        packages = " ".join(font_packages(missing))
        raise PlotError(
            f"no font here has {named}: crossed boxes would be drawn. Install one (Debian: apt-get install "
            f"{packages}), or ask for --format svg"
        )
    if any(_mixes(line) for line in lines):
        raise PlotError(
            "a line of this picture has Tibetan and Chinese signs together, which the PNG library draws as crossed "
            "boxes: ask for --format svg, which browsers and word processors draw right"
        )
    return bytes(vl_convert.svg_to_png(_AM.sub(_parts_of_am, picture), scale=SCALE))


def without_a_font(signs: Iterable[str]) -> list[str]:
    """Return one letter of each script that no font here draws, in the order of the scripts' names."""
    letters = {sign for sign in signs if sign > "\u024f" and unicodedata.category(sign).startswith("L")}
    of_script = {unicodedata.name(sign, "").split(" ")[0]: sign for sign in sorted(letters, reverse=True)}
    return [sign for _, sign in sorted(of_script.items()) if not _is_drawn(sign)]


def _is_drawn(sign: str) -> bool:
    """Say whether a sign is drawn otherwise than one that no font has, and than nothing."""
    family = font(sign, "") if is_chinese(sign) else LATIN
    sample = f'{_HEAD}<text y="15" font-family="{family}">{{}}</text></svg>'
    drawn, none, missing = (vl_convert.svg_to_png(sample.format(text)) for text in (sign, "", _NO_SIGN))
    return bool(drawn not in (none, missing))


def _mixes(line: str) -> bool:
    return any(is_chinese(sign) for sign in line) and any("\u0f00" <= sign <= "\u0fff" for sign in line)


def _parts_of_am(found: re.Match[str]) -> str:
    thai = found[0].endswith("\u0e33")
    nikhahit, aa = ("\u0e4d", "\u0e32") if thai else ("\u0ecd", "\u0eb2")
    return f"{nikhahit}{found[1] or found[2] or ''}{aa}"
