"""Pictures of a release: every kind of table, grey and silent cells, Chinese signs, footers, and nothing that runs."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from itertools import cycle
from pathlib import Path

import altair as alt
import pytest
import vl_convert
from fontTools.ttLib import TTFont
from jsonschema.exceptions import ValidationError
from paths import ROOT
from PIL import Image
from studies import demo_release

from analysis.commands.release_bundle import write_bundle
from analysis.exports.export import ExportError
from analysis.pictures.draw import chart, plot, png, svg
from analysis.pictures.layout import WIDTH, drawn
from analysis.pictures.raster import PlotError, png_of
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader, font, wide, wrapped
from survey.release import level_labels
from survey.release.page_view_builder import show
from survey.release.reader import Amount
from survey.release.release import Release
from survey.release.table_rows import estimates_csv
from survey.wording import catalogues
from survey.wording.page_languages import load_languages

pytestmark = pytest.mark.slow

FAINT, HOLLOW = "#e3e7e9", "#ffffff"
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")
"""It comes with Debian's fontconfig, which everything that draws needs."""


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Release:
    """Return a release with a grid, a ranking, several answers, a list experiment, random answers and scores."""
    return demo_release.released(tmp_path_factory.mktemp("market"), "showcase", "plan.yaml", 500)


@pytest.fixture(scope="module")
def sesame(tmp_path_factory) -> Release:
    """Return a release with groups, weights, and cells that are drowned."""
    return demo_release.released(tmp_path_factory.mktemp("sesame"), "sesame_credit", "plan.yaml", 2000)


def texts(drawn: str) -> list[str]:
    """Return the lines of text of an SVG, from top to bottom."""
    elements = [one for one in ET.fromstring(drawn).iter() if one.tag.endswith("}text")]
    height = {id(one): [float(part) for part in re.findall(r"[-\d.]+", one.get("transform"))] for one in elements}
    return ["".join(one.itertext()) for one in sorted(elements, key=lambda one: height[id(one)][::-1])]


def changed(release: Release, table: str, **members) -> Release:
    """Return the release with members of one table replaced (its signature no longer holds)."""
    tables = [one.model_copy(update=members) if one.id == table else one for one in release.tables]
    return release.model_copy(update={"tables": tuple(tables)})


def test_every_kind_of_table_has_a_picture(market, sesame):
    """Each table of both releases draws, the locales by turns, with its question, its number and its noise."""
    for release in (market, sesame):
        for table, locale in zip(release.tables, cycle(release.labels), strict=False):
            reader = Reader.of(release, locale)
            drawn_text = "".join(texts(svg(release, table.id, locale))).replace(" ", "")
            wanted = [reader.question(table.dimensions[0].id), table.id, reader.number(table.sigma, 1)]
            assert [] == [part for part in wanted if part.replace(" ", "") not in drawn_text], (table.id, locale)


def test_a_picture_says_the_numbers_of_the_release(sesame):
    """Every share and mean of a table with groups stands in its picture with its margin, and no other percentage."""
    table = sesame.table("T02")
    reader = Reader.of(sesame, "en")
    shares = [share for one in table.estimates for share in one.shares] + list(table.weighted.shares)
    expected = [" ± ".join(reader.share(Amount.of_share(one))) for one in shares]
    drawn = [text.strip("()") for text in texts(svg(sesame, "T02", "en")) if "% ±" in text]
    assert sorted(expected) == sorted(drawn)


def test_signs_that_no_xml_holds_are_replaced(sesame):
    """A question with NUL, U+0001 or U+FFFE is drawn with U+FFFD for it; without the mend the process is aborted."""
    labels = sesame.labels["en"]
    odd = labels["KOFF"].model_copy(update={"text": "Odd\u0001 \u0000 \ufffe"})
    drawing = svg(sesame.model_copy(update={"labels": {"en": {**labels, "KOFF": odd}}}), "T20", "en")
    assert "Odd\ufffd \ufffd \ufffd" in texts(drawing)


def test_the_same_release_gives_the_same_bytes(sesame):
    """SVG is deterministic, whatever was drawn in between."""
    first = svg(sesame, "T05", "zh-Hant")
    svg(sesame, "T02", "en")
    assert first == svg(sesame, "T05", "zh-Hant")


def test_uncertain_shares_are_grey_and_in_brackets(sesame):
    """A share that is not reliable has the faint fill and brackets; made reliable it has neither."""
    table = sesame.table("T02")
    share = table.estimates[0].shares[0]
    fills = []
    for reliable in (False, True):
        one = table.estimates[0].model_copy(update={"shares": (share.model_copy(update={"reliable": reliable}),)})
        drawn = svg(changed(sesame, "T02", estimates=(one,), weighted=None), "T02", "en")
        fills.append((FAINT in drawn, any(text.startswith("(") and "%" in text for text in texts(drawn))))
    assert [(True, True), (False, False)] == fills


def test_a_group_that_abstains_says_so_instead_of_a_bar(sesame):
    """Where a group abstains its name stands beside the sentence, once a level, and no bar of it is drawn."""
    table = sesame.table("T09")
    group = table.estimates[1]
    silent = group.model_copy(update={"abstained": "too-few", "shares": (), "mean": None, "median": None, "top": None})
    drawn = svg(changed(sesame, "T09", estimates=(table.estimates[0], silent)), "T09", "en")
    levels = len(table.dimensions[0].asked)
    assert levels == texts(drawn).count("too few for a private answer")
    assert levels == texts(drawn).count(sesame.labels["en"]["HARD2"].levels[str(group.group)])
    assert levels == sum("% ±" in text for text in texts(drawn))


def test_an_average_that_too_few_have_is_a_row_of_its_own(sesame):
    """A score without a mean has its row "too few" in the picture, on the page and in the CSV; with one it has none."""
    table = next(one for one in sesame.tables if one.dimensions[0].score and one.estimates[0].mean)
    lost = {"mean": None, "median": None, "top": None}
    estimates = tuple(one.model_copy(update=lost) for one in table.estimates[:1])
    outcomes = []
    for one in (changed(sesame, table.id, estimates=table.estimates[:1], weighted=None),
                changed(sesame, table.id, estimates=estimates, weighted=None)):  # fmt: skip
        few = sum("too few for a private answer" in text for text in texts(svg(one, table.id, "en")))
        page = next(part for part in show(one.digest, one, load_languages()["en"]).tables if part.id == table.id)
        rows = [(row["value"] != "", row["abstained"]) for row in csv.DictReader(
            io.StringIO(estimates_csv(one, one.table(table.id), "en"))) if row["measure"] == "mean"]  # fmt: skip
        outcomes.append((few, page.everyone.mean_lost, rows))
    assert [(0, False, [(True, "")]), (1, True, [(False, "too-few")])] == outcomes


def test_nobody_left_out_is_not_counted(sesame):
    """How many more were asked than have an average is said where there are any, and not where that rounds to none."""
    table = next(one for one in sesame.tables if one.dimensions[0].score and one.estimates[0].mean)
    whole, outcomes = table.estimates[0], []
    for more in (0.4, 7.0):
        size = whole.sizes.substantive
        asked = size.model_copy(update={"number": size.number + more})
        sizes = whole.sizes.model_copy(update={"asked": asked})
        one = changed(sesame, table.id, estimates=(whole.model_copy(update={"sizes": sizes}),), weighted=None)
        page = next(part for part in show(one.digest, one, load_languages()["en"]).tables if part.id == table.id)
        outcomes.append(("more were asked" in " ".join(texts(svg(one, table.id, "en"))), page.everyone.scored.left))
    assert [(False, ""), (True, "7")] == outcomes


def test_weighted_shares_stand_beside_the_others(sesame):
    """A table with weights has a hollow bar a certain level and says what it was weighted to; without them neither."""
    table = sesame.table("T02")
    assert table.weighted
    assert not table.weighted.abstained
    with_weights, without = (svg(one, "T02", "en") for one in (sesame, changed(sesame, "T02", weighted=None)))
    assert (True, False) == tuple("Everyone, weighted" in texts(one) for one in (with_weights, without))
    assert (True, False) == tuple("Weighted: as if" in "".join(texts(one)) for one in (with_weights, without))
    hollow = f'fill="{HOLLOW}" stroke="#0a5c66"'
    certain = sum(share.reliable for share in table.weighted.shares)
    assert (certain, 0) == tuple(one.count(hollow) for one in (with_weights, without))


def test_the_demonstration_and_the_open_link_are_marked_in_every_locale(sesame):
    """The mark of a demonstration and the sentence on envelopes stand in the picture; a real release has no mark."""
    real = sesame.model_copy(update={"demo": False})
    for locale in sesame.labels:
        reader = Reader.of(sesame, locale)
        for key in ("chart-demo", "chart-envelopes", "chart-margin"):
            assert reader.say(key).replace(" ", "") in "".join(texts(svg(sesame, "T36", locale))).replace(" ", "")
        assert reader.say("chart-demo") not in texts(svg(real, "T36", locale))


def test_a_label_never_becomes_markup(market):
    """A label that looks like a script or an entity stays text, and the SVG holds no script, style, link or image."""
    evil = "<script>alert(1)</script>&lt;\"'"
    label = market.labels["en"]["AGE"].model_copy(update={"text": evil, "levels": {"1": evil, "2": evil, "3": evil}})
    release = market.model_copy(update={"labels": market.labels | {"en": market.labels["en"] | {"AGE": label}}})
    drawn = svg(release, "T01", "en")
    assert evil in texts(drawn)
    names = {one.tag.partition("}")[2] for one in ET.fromstring(drawn).iter()}
    assert set() == names - {"svg", "g", "path", "text", "rect", "tspan", "line"}
    assert not re.search(r"<script|style=|href=|url\(|\son\w+=", drawn)


def pixels(signs: list[str], locale: str) -> list[bytes]:
    """Return how each sign is drawn, as the pixels of its own place in one picture."""
    places = [
        f'<text x="{30 * at + 2}" y="22" font-size="20" font-family="{font(signs, locale)}">{sign}</text>'
        for at, sign in enumerate(signs)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{30 * len(signs)}" height="30">'
    image = Image.open(io.BytesIO(png_of(head + "".join(places) + "</svg>")))
    return [image.crop((90 * at, 0, 90 * at + 90, 90)).tobytes() for at in range(len(signs))]


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_chinese_signs_are_drawn(sesame, locale):
    """Every sign of a Chinese picture is drawn, and otherwise than a sign that no font has."""
    every = {sign for text in picture(Reader.of(sesame, locale), sesame.table("T49")).texts for sign in text}
    signs = sorted(every - set(" <>&"))
    missing, empty, *drawn = pixels(["\ufdd0", " ", *signs], locale)
    assert [] == [sign for sign, one in zip(signs, drawn, strict=True) if one in {missing, empty}]
    assert 60 < len(signs)


def test_a_png_has_the_sharpness_of_print(sesame):
    """PNG is three pixels for each of the picture's, which is 288 to the inch over 9.5 cm and more."""
    drawn = png(sesame, "T36", "zh-Hans")
    assert b"\x89PNG" == drawn[:4]
    assert 3 * 372 == int.from_bytes(drawn[16:20], "big")


def test_without_a_chinese_font_png_is_refused_and_svg_drawn(sesame, monkeypatch, tmp_path):
    """Where Chinese signs would be boxes the message names the package, and SVG alone still works."""
    monkeypatch.setattr(vl_convert, "svg_to_png", lambda *_args, **_more: b"a box")
    with pytest.raises(PlotError, match="fonts-noto-cjk"):
        png(sesame, "T36", "zh-Hans")
    assert 1 == len(plot(sesame, tmp_path, tables=("T36",), formats=("svg",), lang="zh-Hans"))


def test_what_is_not_there_is_refused_before_anything_is_written(sesame, tmp_path):
    """An unknown table, format or locale is named with those there are, and no file is written."""
    with pytest.raises(PlotError, match="no table T99: it has T02, T03"):
        plot(sesame, tmp_path, tables=("T02", "T99"))
    with pytest.raises(PlotError, match="no format gif: there are svg, png"):
        plot(sesame, tmp_path, formats=("svg", "gif"))
    with pytest.raises(PlotError, match="no format given"):
        plot(sesame, tmp_path, formats=())
    with pytest.raises(ExportError, match="no labels in de"):
        plot(sesame, tmp_path, lang="de")
    assert [] == list(tmp_path.iterdir())


def test_lines_are_broken_at_their_width_and_lose_nothing():
    """No line is too wide, none begins with a closing mark or a margin's number, and joined they are the text."""
    chinese = "计算机自动做的决定对您影响很大，按法律，您能要求公司说明原因吗？"
    for text in (chinese, "A phone app lent me, but a bank said no", "unbreakable" * 9, "中文 and English（混合）。"):
        lines = wrapped(text, 90, 10)
        assert [] == [line for line in lines if wide(line, 10) > 90 + 10]
        assert [] == [line for line in lines if line[0] in "，。？）"]
        assert text.replace(" ", "") == "".join(lines).replace(" ", "")
    assert [""] == wrapped("", 90, 10)
    assert ["about 1,441", "people", "(± 74)."] == wrapped("about 1,441 people (± 74).", 72, 10)


def test_bold_lines_fit_where_no_machine_has_a_narrower_font(sesame):
    """Every title and demonstration line, set in DejaVu Sans Bold is within the picture."""
    font_file = TTFont(DEJAVU)
    letters, em = font_file.getBestCmap(), font_file["head"].unitsPerEm
    bold = [
        text for table in sesame.tables for text in drawn(picture(Reader.of(sesame, "en"), table)).texts if text["bold"]
    ]
    widths = {
        text["text"]: sum(font_file["hmtx"][letters[ord(sign)]][0] for sign in text["text"]) * text["size"] / em
        for text in bold
    }
    assert len(widths) > 20
    assert {} == {text: width for text, width in widths.items() if width > WIDTH}


def test_every_chart_is_vega_lite_and_a_notebook_shows_it(sesame):
    """Vega-Lite's own schema takes every specification and refuses a changed one; shown it is the picture itself."""
    for table in sesame.tables:
        specification = chart(sesame, table.id, "en").specification
        alt.LayerChart.from_dict(specification).to_dict()
    assert sesame.labels["en"]["KBAND"].text in str(chart(sesame, "T02", "en").specification)
    assert svg(sesame, "T02", "en") == chart(sesame, "T02", "en")._repr_svg_()
    with pytest.raises(ValidationError, match="none of them"):
        alt.LayerChart.from_dict(specification | {"autosize": {"type": "none of them"}})


def test_pictures_read_the_words_of_their_language_once(sesame, tmp_path, monkeypatch):
    """Twelve pictures open one catalogue, in their own language; before it was three for each picture."""
    level_labels.catalogues()  # of every language, kept by the process
    opened = []
    read = catalogues.read_catalogue
    monkeypatch.setattr(catalogues, "read_catalogue", lambda path: opened.append(path) or read(path))
    assert len(sesame.tables) == len(plot(sesame, tmp_path, formats=("svg",), lang="zh-Hant")) > 10
    assert ["zh-Hant/report.po"] == [f"{path.parent.name}/{path.name}" for path in opened]


def test_the_bundle_holds_tables_charts_and_what_is_signed_of_them(sesame, tmp_path):
    """A release's folder has a CSV and a picture a table, and a README that says which file the signature covers."""
    write_bundle(sesame, tmp_path, "zh-Hans")
    assert {f"{table.id}-zh-Hans.svg" for table in sesame.tables} == {
        one.name for one in (tmp_path / "charts").iterdir()
    }
    assert {f"{table.id}.csv" for table in sesame.tables} <= {one.name for one in (tmp_path / "tables").iterdir()}
    assert "not signed" in (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "charts" in (ROOT / "docs/report.md").read_text(encoding="utf-8")
