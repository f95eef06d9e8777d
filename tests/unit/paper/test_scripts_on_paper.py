"""The questionnaire on paper in Arabic, Persian, Tibetan and Thai: every sign has a font, every line its direction."""

import pytest
from pypdf import PdfReader
from studies.four_scripts import LOCALES, four_scripts

from survey.paper.files import print_study, sheets
from survey.wording.bidi import END, LEFT_TO_RIGHT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return four_scripts(tmp_path_factory.mktemp("scripts")).parent


def test_every_language_is_printed_with_its_own_fonts(folder):
    """All PDFs are written, because no sign lacks a font, and the Tibetan one embeds a Tibetan font."""
    written = print_study(folder / "questionnaire.yaml", folder / "print")
    pdfs = {path.stem: PdfReader(path) for path in written if path.suffix == ".pdf"}
    assert {*pdfs} == {*(f"l4-{locale}" for locale in LOCALES), "l4-translations"}
    fonts = {str(font) for page in pdfs["l4-bo"].pages for font in _fonts(page)}
    assert any("Tibetan" in name or "Uchen" in name for name in fonts), fonts


def _fonts(page):
    return [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]


def test_english_sentences_stand_apart_where_the_page_runs_from_right_to_left(folder):
    """In Arabic and Persian every text of ours keeps its own order, and long ones run as English does."""
    html = {sheet.name: sheet.html for sheet in sheets(folder / "questionnaire.yaml")}
    for locale in ("ar", "fa"):
        assert f"{LEFT_TO_RIGHT}Nothing is kept on the phone.{END}" in html[f"l4-{locale}"]
        assert f'<html lang="{locale}" dir="rtl" data-said="en">' in html[f"l4-{locale}"]
    assert LEFT_TO_RIGHT not in html["l4-th"]
