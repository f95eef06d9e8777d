"""Paper in any script: a font that has the signs is embedded, and a sign without one is an error, no crossed box."""

import io
import json
import os
import subprocess
import sys

import pytest
from paths import ROOT
from pypdf import PdfReader

from survey.typesetting import FontError, pdf

pytestmark = pytest.mark.slow
TEXTS = {
    "Arabic": "هل تثق بالسوق؟",
    "Persian": "آیا به بازار اعتماد دارید؟",
    "Tibetan": "ཁྲོམ་ར་ལ་ཡིད་ཆེས་ཡོད་དམ།",
    "Thai": "คุณไว้ใจตลาดไหม",
    "Chinese": "您信得过市场吗？",
}
# What Debian has without another package: Arabic letters among Latin ones, no Tibetan, no Thai, no Chinese.
LATIN_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>{cache}</cachedir></fontconfig>"""
CODE = """
import json, sys
from survey.typesetting import FontError, pdf
said = {}
for script, text in json.load(sys.stdin).items():
    try:
        said[script] = len(pdf(f"<p>{text}</p>"))
    except FontError as error:
        said[script] = str(error)
print(json.dumps(said))
"""


def embedded(content: bytes) -> list[str]:
    """Return the names of the fonts whose programs a PDF holds."""
    fonts = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"].values()
    kinds = ("/FontFile", "/FontFile2", "/FontFile3")
    descriptors = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    return [str(one["/FontName"]) for one in descriptors if any(kind in one for kind in kinds)]


def made(text: str) -> tuple[bytes, str]:
    """Return a page of this text as PDF, or why it is refused."""
    try:
        return pdf(f"<p>{text}</p>"), ""
    except FontError as error:
        return b"", str(error)


@pytest.mark.parametrize("script", TEXTS)
def test_a_script_is_set_in_a_font_that_is_embedded_or_refused_by_name(script):
    """Where this machine has a font, the page holds it and gives the letters back; else the package is named."""
    content, refused = made(TEXTS[script])
    if refused:
        assert "fonts-noto-core" in refused
        assert script in {"Tibetan", "Thai"}  # what setup does not install
        return
    assert embedded(content)
    said = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    letters = {sign for sign in TEXTS[script] if sign.isalpha()}
    assert len(letters & {*said}) > len(letters) / 2


def test_a_machine_with_latin_fonts_refuses_each_script_that_they_lack(tmp_path):
    """Tibetan, Thai and Chinese name their signs and their packages there; Arabic and Persian are set."""
    (tmp_path / "fonts.conf").write_text(LATIN_FONTS.format(cache=tmp_path / "cache"), encoding="utf-8")
    environ = os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], input=json.dumps(TEXTS), env=environ, capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert {"Arabic", "Persian"} == {script for script, one in said.items() if isinstance(one, int)}
    assert "TIBETAN LETTER" in said["Tibetan"]
    assert "THAI CHARACTER" in said["Thai"]
    assert all("apt-get install fonts-noto-core)" in said[script] for script in ("Tibetan", "Thai"))
    assert "apt-get install fonts-noto-cjk)" in said["Chinese"]
