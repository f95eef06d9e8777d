"""The questionnaire on paper: whole, in every language, with one name for what is approved, and nothing but text."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from budgets import BUDGET
from click.testing import CliRunner
from paths import ROOT, STUDIES
from pypdf import PdfReader
from studies.plain_study import questionnaire, texts

from crypto.canonical import canonical, digest
from survey.authoring.compiler import compile_study
from survey.commands.main import main
from survey.faults import AuthoringError
from survey.paper import files
from survey.paper.files import Sheet, _rendered, sheets
from survey.paper.questionnaire_page import Background, fingerprint, questionnaire_page
from survey.paper.translation_table import table
from survey.typesetting import pdf
from survey.wave.manifest import build_manifest
from survey.wording.catalogues import load_wordings
from survey.wording.routing_words import ConditionRenderer

SHOWCASE = STUDIES / "showcase" / "questionnaire.yaml"
SESAME = STUDIES / "sesame_credit" / "questionnaire.yaml"
LOCALES = ("en", "zh-Hans", "zh-Hant")
WORDS = load_wordings("print")
# e^2 / (e^2 + 4) = 0.6488; e^2 = 7.389, rounded up.
CHANCE = (
    "Randomised on the phone (epsilon 2): the true answer is sent with a probability of 64.9 %, else one of the "
    "other 4, each as likely. No answer sent makes any true answer more than 7.4 times as likely as another."
)


@pytest.fixture(scope="module")
def showcase():
    return compile_study(SHOWCASE)


@pytest.fixture(scope="module")
def printed() -> dict[str, Sheet]:
    """The showcase's documents, by name."""
    return {sheet.name: sheet for sheet in sheets(SHOWCASE)}


@pytest.fixture(scope="module")
def pages(printed) -> dict[str, PdfReader]:
    """Every document as PDF."""
    import io

    return {name: PdfReader(io.BytesIO(pdf(sheet.html, sheet.fingerprint))) for name, sheet in printed.items()}


def text_of(reader: PdfReader) -> str:
    """Return the text of all pages with no white space, which PDF does not keep."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def packed(text: str) -> str:
    return "".join(text.split())


def made(locale: str = "en", **changes: object):
    """Return the paper of the study of every type that the plain form asks."""
    asked = questionnaire(**changes)
    study_texts = {name: texts(name, asked) for name in LOCALES}
    renderer = ConditionRenderer(asked, study_texts[locale], load_wordings("plain")[locale])
    return questionnaire_page(renderer, WORDS[locale], study_texts, {}, Background())


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_of_every_question_is_on_paper(showcase, pages, locale):
    """From the PDF one can read back each question, hint, answer, missing code, ending and paragraph of the consent."""
    asked, study_texts = showcase
    text, own = text_of(pages[f"s1-{locale}"]), study_texts[locale]
    wanted = [own.title, *own.consent.paragraphs, own.consent.agree, *own.endings.values(), *own.thanks, own.debrief]
    wanted += [*own.groups.values(), *own.hints.values(), *own.missing.values()]
    for item in asked.items:
        ranked = any(group.kind == "ranking" and item.id in group.items for group in asked.groups)
        parts = [own.items[item.id].text] if not ranked else []
        wanted += [
            part for part in (*parts, *own.items[item.id].options.values()) if "|" not in part and "," not in part
        ]
        assert packed(item.id) in text
    assert [] == [part for part in wanted if packed(part) not in text and not part.isdigit()]


@pytest.mark.slow
def test_pages_are_numbered_named_and_carry_their_fonts(printed, pages):
    """Each page has its number of how many, the study and the fingerprint; every font is embedded; text is tagged."""
    for name, reader in pages.items():
        total = len(reader.pages)
        assert total >= 5
        for number, page in enumerate(reader.pages, 1):
            text = packed(page.extract_text())
            assert f"{number}/{total}" in text
            assert printed[name].fingerprint[:16] in text
            for font in page["/Resources"]["/Font"].values():
                inner = font.get_object()["/DescendantFonts"][0].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert reader.trailer["/Root"]["/Lang"]


@pytest.mark.slow
def test_chinese_is_set_in_the_font_of_its_script(pages):
    """Simplified pages use the Simplified font, Traditional ones the Traditional, which draw characters differently."""
    for locale, mark in (("zh-Hans", "SC"), ("zh-Hant", "TC")):
        names = {
            str(font.get_object()["/BaseFont"])
            for page in pages[f"s1-{locale}"].pages
            for font in page["/Resources"]["/Font"].values()
        }
        if not any("CJK" in name for name in names):
            pytest.skip("this machine has no Noto CJK")
        body = [name for name in names if "CJK" in name and mark in name]
        assert body, names


@pytest.mark.slow
def test_the_same_study_makes_the_same_pdf(printed):
    """Printing again gives the same bytes: no time, no chance in the file."""
    again = pdf("<p lang=en>Again</p>", printed["s1-en"].fingerprint)
    assert again == pdf("<p lang=en>Again</p>", printed["s1-en"].fingerprint)
    assert b"CreationDate" not in again


def test_the_fingerprint_is_of_what_the_manifest_pins(showcase, printed):
    """The name on every page follows from the manifest's hashes alone, and each of these stands on the first page."""
    asked, study_texts = showcase
    manifest = json.loads(
        build_manifest(asked, study_texts, wave=1, key=bytes(1216), signer="0" * 64, budget=BUDGET).to_bytes()
    )
    name = digest(canonical({key: manifest[key] for key in ("questionnaire", "texts")}))
    assert {name} == {sheet.fingerprint for sheet in printed.values()}
    for sheet in printed.values():
        assert name in sheet.html
    for part in (asked.digest, *(text.digest for text in study_texts.values())):
        assert part in printed["s1-en"].html


def test_one_changed_word_in_any_language_is_another_fingerprint(showcase):
    """Whoever approves one language approves all: a change anywhere changes the name."""
    asked, study_texts = showcase
    changed = study_texts | {"zh-Hant": study_texts["zh-Hant"].model_copy(update={"debrief": "x"})}
    assert fingerprint(asked, study_texts) != fingerprint(asked, changed)


def test_who_answers_what_stands_in_words_with_codes_and_chance(printed):
    """Routing, forms, pairs, bands, endings, randomisation and the list's two arms are said in plain words."""
    html = printed["s1-en"].html
    for sentence in (
        "Only if you marked 1 to 3 answers in question 6.",
        "several answers, up to 3",
        "Before or after question 16: the order is drawn on the phone.",
        "· ends the interview (too-young)",
        "· stands alone",
        "Each phone draws fairly which list it shows: 3 lines, or all 4.",
        CHANCE,
        "answer to question 5; without one: none in particular",
        "full: everyone else",
        "data:image/png;base64,",
        "each number is its own code",
    ):
        assert sentence in html, sentence


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_unfilled_or_in_another_language(printed, locale):
    """No placeholder is left over, and the words around the texts are those of the document's language."""
    html = printed[f"s1-{locale}"].html
    body = html[html.index("<body>") :]
    assert "{" not in body
    for key in ("questions-title", "consent-title", "indicators-title", "how-title"):
        assert WORDS[locale](key) in body


def test_reasons_are_printed_only_where_they_are_asked_for():
    """Why a question is asked, what is the right answer and the hypotheses stand in the version for boards alone."""
    plain, boards = (next(sheets(SESAME, ["en"], reasons=reasons)).html for reasons in (False, True))
    for sentence in (
        "Ticking everything earns 2 of 5 points",
        "a distinct group with reasons of privacy",
        "1, 2, 3, 4, 5",
    ):
        assert sentence in boards
    assert "Ticking everything" not in plain
    assert "Decides the form" not in plain


EVIL = "<script>alert(1)</script><img src='http://evil.example/x'>{{7*7}}{% raw %}\"'&"


def test_texts_that_look_like_something_else_are_printed_as_text():
    """HTML, template marks and addresses in any text are escaped, and the PDF of them loads nothing."""
    asked = questionnaire()
    study_texts = {name: texts(name, asked) for name in LOCALES}
    evil = {name: one.model_copy(update={"text": EVIL, "options": dict.fromkeys(one.options, EVIL)})
            for name, one in study_texts["en"].items.items()}  # fmt: skip
    own = study_texts["en"].model_copy(update={"items": evil, "title": EVIL, "debrief": EVIL})
    renderer = ConditionRenderer(asked, own, load_wordings("plain")["en"])
    background = Background(((EVIL, EVIL),), {"USE": ((EVIL, EVIL),)}, ((EVIL, EVIL),), ((EVIL, EVIL),))
    sheet = questionnaire_page(renderer, WORDS["en"], study_texts | {"en": own}, {}, background)
    html = _rendered("questionnaire.html", sheet, WORDS["en"], reasons=True)
    assert "<script" not in html
    assert "src='http" not in html
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&#39;http://evil.example/x&#39;&gt;{{7*7}}{% raw %}" in html
    )
    assert html.count("7*7") > 20


def test_the_translation_table_holds_every_text_in_order(showcase):
    """Each text of each locale has a row; the questions come in the order in which they are asked."""
    asked, study_texts = showcase
    translation_table = table(asked, study_texts, WORDS["en"])
    rows = {row.path: row for section in translation_table.sections for row in section.rows}
    assert {"title", "consent.question", "endings.too-young", "groups.VIEWS", "items.WORRY.lines.4", "missing.98"} <= {
        *rows
    }
    assert {f"interface.{key}" for key in study_texts["en"].interface} <= {*rows}
    assert [study_texts[name].items["AGE"].text for name in LOCALES] == [
        cell.text for cell in rows["items.AGE.text"].cells
    ]
    assert [study_texts[name].hints["VIEWS"] for name in LOCALES] == [cell.text for cell in rows["hints.VIEWS"].cells]
    order = [place.split(".")[1] for place in rows if place.startswith("items.")]
    assert [item.id for item in asked.items] == [*dict.fromkeys(order)]
    assert [*dict.fromkeys(section.heading for section in translation_table.sections)] == [
        s.heading for s in translation_table.sections
    ]
    assert not any("pictures" in place or "audio" in place for place in rows)


def test_empty_and_equal_texts_are_marked_and_counted():
    """A text that is empty, or in two languages the same, is flagged; numbers alone are not."""
    asked = questionnaire()
    study_texts = {name: texts(name, asked) for name in LOCALES}
    study_texts["zh-Hant"] = study_texts["zh-Hant"].model_copy(update={"debrief": ""})
    translation_table = table(asked, study_texts, WORDS["en"])
    rows = {
        row.path: [cell.flag for cell in row.cells] for section in translation_table.sections for row in section.rows
    }
    assert ["", "", "empty"] == rows["debrief"]
    assert ["", "", "same as zh-Hans"] == rows["missing.99"]
    assert ["", "", ""] == rows["missing.98"]
    assert 1 == translation_table.empty
    assert translation_table.same == sum(flag.startswith("same") for flags in rows.values() for flag in flags)


def test_the_plain_form_s_words_are_in_the_table_where_a_study_has_it(showcase):
    """A study that a server may lock has that form's own texts for translators; another has not."""
    plain = load_wordings("plain")
    places = [row.path for section in table(*showcase, WORDS["en"], plain).sections for row in section.rows]
    assert {f"plain.{key}" for key in plain["en"].texts} == {place for place in places if place.startswith("plain.")}
    assert not [r for s in table(*showcase, WORDS["en"]).sections for r in s.rows if r.path.startswith("plain.")]


def test_every_indicator_says_what_it_is_computed_from(printed):
    """Sums, cases and where an indicator is undefined are in words, with their levels."""
    html = printed["s1-en"].html
    assert "1 where you chose “Yes” in question 9" in html
    assert "where you marked “Nothing, I only look” in question 6" in html
    assert "the number of questions answered with “I don&#39;t want to answer”" in html
    assert "Its mean is published too." in html


def test_a_study_of_one_form_and_none_randomised_says_so():
    """What does not apply is said in a sentence or left out."""
    one = made(
        forms=[{"id": "short"}], items=[dict(i) | {"forms": ["short"]} for i in questionnaire().to_json()["items"]]
    )
    assert () == one.forms
    assert WORDS["en"]("randomised-none") in one.how
    assert WORDS["en"]("sealing-phone-or-server") in one.how
    assert 2 == len(made().forms)


def test_an_unknown_locale_is_refused():
    """Asking for a language that the study does not have names those that it has."""
    with pytest.raises(AuthoringError, match=r"Give one of en, zh-Hans, zh-Hant"):
        [*sheets(SHOWCASE, ["fr"])]


@pytest.mark.slow
def test_a_sheet_that_cannot_be_set_leaves_no_folder_of_the_others(tmp_path, monkeypatch):
    """Every sheet is set before the first is written, and a locale that is not there makes no folder."""
    set_pdf, done = files.pdf, []

    def fails_later(html, identifier):
        done.append(identifier)
        if len(done) > 1:
            raise OSError("no font")
        return set_pdf(html, identifier)

    monkeypatch.setattr(files, "pdf", fails_later)
    with pytest.raises(OSError, match="no font"):
        files.print_study(SHOWCASE, tmp_path / "paper", ["en"])
    with pytest.raises(AuthoringError):
        files.print_study(SHOWCASE, tmp_path / "paper", ["fr"])
    assert (2, False) == (len(done), (tmp_path / "paper").exists())


def test_nothing_is_set_for_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    """Below a file the command ends before it sets a page, which takes seconds; the control: elsewhere it sets one."""
    done = []
    monkeypatch.setattr(files, "pdf", lambda html, identifier: done.append(identifier) or b"pdf")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="below"):
        files.print_study(SHOWCASE, tmp_path / "file" / "below", ["en"])
    assert [] == done
    files.print_study(SHOWCASE, tmp_path / "paper", ["en"])
    assert 2 == len(done)


@pytest.mark.slow
def test_the_command_writes_the_files_of_one_locale(tmp_path):
    """`sotto study print` writes HTML and PDF of the locale asked for and of the table, and lists them."""
    arguments = ["study", "print", str(SHOWCASE), "--to", str(tmp_path / "new"), "--locale", "zh-Hans", "--json"]
    result = CliRunner().invoke(main, arguments)
    assert 0 == result.exit_code, result.output
    names = {Path(name).name for name in json.loads(result.output)["files"]}
    expected = {f"s1-{what}.{ending}" for what in ("zh-Hans", "translations") for ending in ("html", "pdf")}
    assert expected == names == {path.name for path in (tmp_path / "new").iterdir()}


def test_without_the_extra_the_command_says_what_to_install(tmp_path, monkeypatch):
    """Where WeasyPrint is missing nothing is written and the remedy is said."""
    import importlib.util

    real_find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "weasyprint" else real_find_spec(name, *rest)
    )
    result = CliRunner().invoke(main, ["study", "print", str(SHOWCASE), "--to", str(tmp_path / "new")])
    assert (3, True) == (result.exit_code, "pip install 'sotto-survey[print]'" in result.output)
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_no_other_process_loads_what_draws_pages():
    """Neither the web apps nor the command line import WeasyPrint before something is printed."""
    modules = "survey.respond_app.app, survey.commands.main, survey.paper.files"
    code = f"import sys, {modules}; sys.exit('weasyprint' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode


@pytest.mark.parametrize("name", ["plain", "print"])
def test_every_word_stands_in_every_language(name):
    """Each key has a text in each locale, with the same placeholders, and the English is the message itself."""
    import re

    wordings = load_wordings(name)
    assert {*LOCALES} == {*wordings}
    places = {
        locale: {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in one.texts.items()}
        for locale, one in wordings.items()
    }
    assert places["en"] == places["zh-Hans"] == places["zh-Hant"]
    assert all(text.strip() or key in {"or", "and"} for one in wordings.values() for key, text in one.texts.items())


@pytest.mark.parametrize("name", ["plain", "print"])
def test_chinese_words_are_in_their_own_script(name):
    """Every Simplified word can be written in GB 2312 and every Traditional one in Big5."""
    marks = dict.fromkeys(map(ord, "“”「」–…"))
    for locale, encoding in (("zh-Hans", "gb2312"), ("zh-Hant", "big5")):
        for text in load_wordings(name)[locale].texts.values():
            text.translate(marks).encode(encoding)


def test_what_a_phone_keeps_is_printed():
    """A board reads whether drafts, a slip over a reload, both or nothing is kept on the phone."""
    kept = {"": ["no-drafts"], "resume": ["resume"], "drafts": ["drafts"], "drafts resume": ["drafts", "resume"]}
    settings = {
        "resume": {"mode": "invitation", "sealing": "phone", "resume": "tab"},
        "drafts": {"drafts": {"days": 7}},
    }
    for wanted, keys in kept.items():
        page = made(**{name: value for one in wanted.split() for name, value in settings[one].items()})
        said = [words_of(key) for key in ("no-drafts", "drafts", "resume") if words_of(key) in page.how]
        assert [words_of(key) for key in keys] == said


def words_of(key: str) -> str:
    return WORDS["en"](key, days=7) if key == "drafts" else WORDS["en"](key)
