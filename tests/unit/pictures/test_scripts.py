"""Pictures in scripts without spaces, with stacked marks, and from right to left; what cannot be drawn is refused."""

import re

import pytest
import vl_convert

from analysis.pictures.raster import PlotError, png_of, without_a_font
from analysis.pictures.wording import LATIN, wide, wrapped
from survey.wording.bidi import END, RIGHT_TO_LEFT

THAI = "ผักและผลไม้สดจากสวนที่อยู่ใกล้เมืองซึ่งชาวสวนนำมาขายเองทุกเช้า"
TIBETAN = "གྲོང་ཁྱེར་ཉེ་འགྲམ་གྱི་ཞིང་ཁའི་སྔོ་ཚལ་དང་ཤིང་ཏོག་གསར་པ།"
ARABIC = "50 أو أكثر من المزارع (القريبة) من المدينة"
FIRST_NEVER = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e\u0f0b-\u0f0e\u0f71-\u0fbc]")
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60">'


def picture(line: str) -> str:
    """Return a picture of one line, as pictures of tables set it."""
    return f'{HEAD}<text y="30" font-size="20" font-family="{LATIN}">{line}</text></svg>'


@pytest.mark.parametrize("text", [THAI, TIBETAN])
@pytest.mark.parametrize("width", [20, 40, 75, 118])
def test_a_line_ends_between_letters_with_all_their_marks(text, width):
    """No line begins with a vowel, tone or stacked letter of the letter before, and nothing is lost."""
    lines = wrapped(text, width, 9.5)
    assert ("".join(lines), len(lines) > 1) == (text, True)
    assert [] == [line for line in lines if FIRST_NEVER.match(line)]
    assert [] == [line for line in lines if line[-1] in "เแโใไ"]
    assert max(wide(line, 9.5) for line in lines) <= width


def test_tibetan_is_broken_behind_the_dot_of_a_syllable():
    """Every line but the last ends with it, where a syllable fits into a line."""
    assert {"\u0f0b"} == {line[-1] for line in wrapped(TIBETAN, 75, 9.5)[:-1]}


def test_marks_take_no_width():
    """A Thai letter with its vowel and tone is as wide as the letter alone."""
    assert wide("ที่", 10) == wide("ท", 10)


def test_lines_from_right_to_left_each_say_so():
    """The number with which an Arabic label begins stays at its beginning, in every line."""
    lines = wrapped(ARABIC, 80, 9.5)
    assert len(lines) > 1
    assert all(line[0] == RIGHT_TO_LEFT and line[-1] == END for line in lines)
    assert " ".join(line[1:-1] for line in lines) == ARABIC


@pytest.mark.parametrize("word", ["นำมา", "น้ำก็"])
def test_the_letter_behind_sara_am_is_not_drawn_over_it(word):
    """A PNG is as wide as the word of two parts; drawn as it is written, the library lays letters over each other."""
    plain, mended = vl_convert.svg_to_png(picture(word), scale=3), png_of(picture(word))
    parts = word.replace("น้ำ", "น\u0e4d้า").replace("ำ", "\u0e4dา")
    assert mended == vl_convert.svg_to_png(picture(parts), scale=3)
    assert mended != plain


def test_every_script_of_a_picture_needs_a_font(monkeypatch):
    """Letters of a script that no font here has are named with the package; those that are there are not."""
    assert [] == without_a_font("tea شاي ཇ ชา 茶")
    assert ["\U00010500"] == without_a_font("tea \U00010500")
    with pytest.raises(PlotError, match=r"U\+10500 ELBASAN LETTER A.*apt-get install fonts-noto-core.*--format svg"):
        png_of(picture("\U00010500"))


def test_tibetan_beside_chinese_is_refused_as_png():
    """The library would draw crossed boxes for such a line without a word."""
    with pytest.raises(PlotError, match=r"Tibetan and Chinese signs together.*--format svg"):
        png_of(picture(f"{TIBETAN} (微信)"))
