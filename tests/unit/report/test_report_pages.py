"""Pages and PDF of a report: every language, no script, no markup from labels, and what cannot be written."""

import html
import io
import re
import sys
from base64 import b64encode
from hashlib import sha256

import pytest
from click.testing import CliRunner
from kinds import in_long
from paths import ROOT
from pypdf import PdfReader
from studies.chinese_script import CHINESE, foreign
from truth.report_text import card, words

from analysis.__main__ import main
from analysis.exports.export import ExportError
from analysis.pictures.wording import Reader
from analysis.report.method import method
from analysis.report.page import ReportError, require_pdf
from analysis.report.report import findings_of, write_report
from analysis.report.report import html as report_html
from crypto.errors import MissingExtraError
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata

pytestmark = pytest.mark.slow


def test_every_hypothesis_and_finding_stands_in_every_language(pages, findings):
    """Each page has the four findings and thirty-one cards with claim and what was said, and nothing left to fill."""
    for locale, page in pages.items():
        page_text = words(page)
        for one in findings.findings:
            assert one.title[locale] in page_text
        for one in findings.hypotheses:
            assert one.claim[locale] in card(page, one.id)
            assert one.before[locale] in card(page, one.id)
        assert [] == re.findall(r"\{\w*\}|\bNone\b|\[\]", page_text)


@pytest.mark.parametrize("locale", CHINESE)
def test_a_chinese_page_is_in_its_own_script(pages, locale):
    """No sign of the other script stands in a Chinese report."""
    assert "" == foreign(words(pages[locale]), locale)


def test_that_no_number_comes_from_seven_people_alone_is_said(pages, release):
    """Every page says so at its top, names its sources, the price, the open link and the demonstration."""
    for locale, page in pages.items():
        reader, page_text = Reader.of(release, locale), words(page)
        keys = (
            "method-who-open",
            "method-envelopes",
            "report-demo-text",
            "method-margin",
            "method-pairs",
            "method-pilot",
            "method-count",
        )
        assert [] == [key for key in keys if reader.say(key) not in page_text]
        assert reader.say("report-no-pilot", people="7") in page_text
        assert "digitalcreditobservatory.org" in page_text
        assert [] == [e["1e-6"] for e in release.budget.epsilons if reader.bound(e["1e-6"], 2) not in page_text]
        assert len(release.budget.epsilons) == 2
        assert release.digest in page_text


def test_a_page_loads_and_runs_nothing(pages):
    """No script, handler, style attribute or outside resource; the policy holds the hash of the one style."""
    for page in pages.values():
        assert not re.search(r"<script|\son\w+=|\sstyle=|<link|<img|<iframe|@import|url\(|javascript:", page)
        style = re.search(r"<style>(.*?)</style>", page, flags=re.DOTALL)[1]
        name = b64encode(sha256(style.encode()).digest()).decode()
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{name}';")
        assert {"digitalcreditobservatory.org"} == set(re.findall(r'href="https?://([^/"]+)', page))


def test_a_label_never_becomes_markup(release, findings):
    """A label and a title that look like a script stay text in the page, in its pictures too."""
    evil = "<script>alert(1)</script>{{ 7 * 7 }}"
    label = release.labels["en"]["TURNOFF"].model_copy(update={"text": evil})
    changed = release.model_copy(
        update={
            "labels": release.labels | {"en": release.labels["en"] | {"TURNOFF": label}},
            "title": release.title | {"en": evil},
        }
    )
    page = report_html(changed, findings, "en")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 3
    assert "{{ 7 * 7 }}" in page


def test_a_study_without_findings_has_its_tables(release):
    """Without findings every table has its picture, and nothing is said of interviews."""
    page = report_html(release, None, "en")
    assert {table.id for table in release.tables} == set(re.findall(r'<figure id="(T\d+)"', page))
    assert not re.search(r"\b(?<!,)7 people|interview", words(page))
    assert 'id="hypotheses"' not in page


def test_each_picture_stands_once_and_is_pointed_at_from_elsewhere(pages, release):
    """No picture is drawn twice; a hypothesis that shares one says where it stands."""
    names = re.findall(r'<figure id="(T\d+)"', pages["en"])
    assert sorted(table.id for table in release.tables) == sorted(names)
    assert "For the picture of table T02 see H06" in card(pages["en"], "H08")


def test_pdf_has_its_fonts_and_its_chinese_text(release, tmp_path):
    """A PDF holds every font that it uses, its Chinese text can be read out, and it is the same each time."""
    few = release.model_copy(update={"tables": release.tables[:1]})
    path = write_report(few, tmp_path / "report.pdf", None, "zh-Hant")
    content = path.read_bytes()
    reader = PdfReader(io.BytesIO(content))
    pdf_text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert "芝麻信用：了解與信任" in pdf_text
    assert Reader.of(few, "zh-Hant").question("KBAND") in pdf_text
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    inner = [
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts if "/DescendantFonts" in font
    ]
    assert inner
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & {*one.get_object()} for one in inner)
    assert any("CJK" in one.get_object()["/FontName"] for one in inner)
    assert content == write_report(few, tmp_path / "again.pdf", None, "zh-Hant").read_bytes()


@pytest.mark.parametrize("locale", ["en", *in_long("zh-Hans", "zh-Hant")])
def test_every_page_of_a_demonstration_says_so_and_none_of_a_real_study(release, tmp_path, locale):
    """On paper the line stands on each page outside of the pictures, on screen above everything; really nowhere."""
    said, few = Reader.of(release, locale).say("chart-demo"), release.tables[:1]
    for demo in (True, False):
        real = release.model_copy(update={"demo": demo, "intent": release.intent or "0" * 64, "tables": few})
        pages = PdfReader(write_report(real, tmp_path / f"{demo}.pdf", None, locale)).pages
        stamped = [any(text == said for _, down, text in printed_lines(page)) for page in pages]
        assert len(stamped) > 1
        assert {demo} == {*stamped}
        assert demo == (f'<p class="stamp">{said}</p>' in report_html(real, None, locale))


@pytest.mark.parametrize(
    ("locale", "quoted"),
    [("en", "“{}; {}” (as its"), ("zh-Hans", "“{}；{}”（引文照录"), ("zh-Hant", "「{}；{}」（引文照錄")],
)
def test_the_source_of_a_margin_is_a_marked_quotation(pages, release, locale, quoted):
    """Whose shares a margin has and where they were read is in the source's language: it stands in quotes, as such."""
    used = {name for one in release.tables if one.weighted for name in one.weighted.by}
    margins = [one for one in release.margins if one.dimension in used]
    assert margins
    assert {True} == {quoted.format(one.of, one.source) in words(pages[locale]) for one in margins}


@pytest.mark.parametrize("locale", ["en", *in_long("zh-Hans")])
def test_a_printed_claim_stands_with_its_answer_and_apart_from_the_claim_above(signed, findings, tmp_path, locale):
    """On paper no claim is parted from what people said and what the survey found, and each has room above it."""
    reader, room, parts = Reader.of(signed, locale), 35, []
    headings = [reader.say("report-before", people=findings.people), reader.say("report-found")]
    for page in PdfReader(write_report(signed, tmp_path / "report.pdf", findings, locale)).pages:
        lines = printed_lines(page)
        edges = {x for x, _, text in lines if text == headings[0]}
        for left, down, name in lines:
            if re.fullmatch(r"H\d\d", name) and (edge := next((x for x in edges if 5 < left - x < 10), None)):
                column = sorted((y, text) for x, y, text in lines if edge - 1 < x < edge + 330)
                below = [text for y, text in column if y > down and text in headings]
                assert headings == below[:2], name
                assert [] == [text for y, text in column if down - room < y < down - 3], name
                parts.append(name)
    assert [one.id for one in findings.hypotheses] == sorted(parts)


def printed_lines(page):
    """Return the lines of a page outside of its pictures with where they stand, in CSS pixels: (left, down, text)."""
    lines = []

    def keep(text, _, matrix, *__):
        if text.strip() and matrix[5]:
            lines.append((matrix[4], matrix[5], text.strip()))

    page.extract_text(visitor_text=keep)
    return lines


def test_the_method_says_who_ran_the_study_when_and_how_many_of_those_invited_answered(release):
    """Organisation, contact, ethics review, days and participation stand in the method; nothing where nobody says."""
    wave = {"format": "sotto-fieldwork-1", "study": release.study, "wave": 1, "root": release.box.root}
    days = {"opened": "2026-03-01", "closed": "2026-04-30", "answered": release.box.count}
    days |= {"invited": 8000, "issued": 2100}
    about = StudyMetadata.model_validate(
        {"format": "sotto-about-3", "study": release.study, "version": "1", "organisation": {"en": "An institute"},
         "contact": {"en": "mail@example.org"}, "ethics": {"en": "Board 7"}}
    )  # fmt: skip
    documented = release.model_copy(update={"about": about, "fieldwork": Fieldwork.model_validate(wave | days)})
    text, bare = (
        " ".join(method(Reader.of(one, "en"), interviews=False)[0].paragraphs)
        for one in (documented, release.model_copy(update={"about": None, "fieldwork": None}))
    )
    assert "Run by An institute. Questions go to mail@example.org. Ethics review: Board 7." in text
    assert "People answered from March 1, 2026 to April 30, 2026." in text
    assert "8,000 invitations were handed out and 2,000 answers came: 25% of the invitations." in text
    assert "Run by" not in bare


def test_an_english_pdf_has_no_letter_of_a_chinese_font(release, tmp_path):
    """A font for Chinese sets English quotes a whole em wide: where another is there, English is set in that."""
    few = release.model_copy(update={"tables": release.tables[:1]})
    reader = PdfReader(io.BytesIO(write_report(few, tmp_path / "report.pdf", None, "en").read_bytes()))
    assert "“" in "".join(page.extract_text() for page in reader.pages)
    fonts = [font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert [] == [name for name in fonts if "CJK" in name]


def test_what_cannot_be_written_is_refused(release, findings, tmp_path):
    """Another ending, another study's findings and another locale are refused, and nothing is written."""
    with pytest.raises(ReportError, match=r"neither in \.html nor in \.pdf"):
        write_report(release, tmp_path / "report.docx", findings)
    with pytest.raises(ReportError, match="the release is of s9"):
        report_html(release.model_copy(update={"study": "s9"}), findings)
    with pytest.raises(ExportError, match="no labels in de"):
        write_report(release, tmp_path / "report.html", findings, "de")
    assert [] == list(tmp_path.iterdir())


def test_without_the_print_extra_its_name_is_said(monkeypatch):
    """Where WeasyPrint is not installed the message says what to install, and that HTML needs less."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtraError, match=r"\[analysis,print\].*report\.html"):
        require_pdf()


def test_a_pdf_that_cannot_be_set_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    """Where WeasyPrint is missing the command names scripts/setup paper and never reads the release, here no JSON."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    unreadable = tmp_path / "release.json"
    unreadable.write_bytes(b"no JSON")
    refused = CliRunner().invoke(main, ["report", str(unreadable), "-o", str(tmp_path / "a.pdf")])
    assert (3, True) == (refused.exit_code, "scripts/setup paper" in refused.output)
    read = CliRunner().invoke(main, ["report", str(unreadable), "-o", str(tmp_path / "a.html")])
    assert "scripts/setup paper" not in read.output


def test_the_command_writes_a_report_and_refuses_a_changed_release(signed, tmp_path):
    """The command ends with 0 and the file; after one changed number it ends with 3 and writes nothing."""
    few = tmp_path / "release.json"
    few.write_bytes(signed.to_bytes())
    run = CliRunner().invoke
    good = run(main, ["report", str(few), "-o", str(tmp_path / "a.html"), "--tables-only", "--lang", "zh-Hans"])
    assert (0, True) == (good.exit_code, (tmp_path / "a.html").exists())
    few.write_bytes(signed.to_bytes().replace(b'"title":{"en":"', b'"title":{"en":"Not '))
    bad = run(main, ["report", str(few), "-o", str(tmp_path / "b.html")])
    assert (3, False) == (bad.exit_code, (tmp_path / "b.html").exists())
    assert "changed after it was signed" in bad.output


def test_findings_of_an_unknown_study_are_none(release):
    """The shipped findings belong to their study alone."""
    assert findings_of(release) is not None
    assert findings_of(release.model_copy(update={"study": "another"})) is None
    assert (ROOT / "templates/report/report.html").exists()
