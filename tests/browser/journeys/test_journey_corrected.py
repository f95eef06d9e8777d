"""The whole way of a correction: signed, published, read under new links, named by page, report and verifiers."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from hosts.journey import opened_answers
from pages.squares import read_squares
from paths import ROOT
from phone.axe import AXE, RUN, TAGS
from phone.site import PHONE, VIOLATIONS, Phone
from playwright.sync_api import Browser

from survey.authoring.compiler import compile_study
from survey.demo.folder import create_folder
from survey.serving.servers import Server, free_port, running

pytestmark = pytest.mark.slow
SOTTO = [sys.executable, "-c", "from survey.commands.main import main; main(prog_name='sotto')"]
PICTURES = ROOT / "test-output" / "corrected"
SIZES = {"360": {"width": 360, "height": 640}, "1280": {"width": 1280, "height": 800}}
SAID = {
    "en": "The wording was corrected on",
    "zh-Hans": "作了更正",
    "zh-Hant": "作了更正",
}
REASON = "A typing error: “marked” stands for “market” in the first question"
OLD = {
    "en": "How do you usually pay at the marked?",
    "zh-Hans": "您在市扬一般怎么付款？",
    "zh-Hant": "您在市揚一般怎麼付款？",
}
NEW = {
    "en": "How do you usually pay at the market?",
    "zh-Hans": "您在市场一般怎么付款？",
    "zh-Hant": "您在市場一般怎麼付款？",
}
LONG = {
    "en": "With a card or a phone, and whoever sells writes the amount into a buk for the end of the month",
    "zh-Hans": "刷卡或者用手机，卖家把钱数记在本子里，到月底一起算帐",
    "zh-Hant": "刷卡或者用手機，賣家把錢數記在本子裡，到月底一起算帳",
}
FILE = f"""\
study: q31
version: "1"
title: {{en: "Buying food", zh-Hans: "买菜", zh-Hant: "買菜"}}
locales:
  en: {{name: English, dir: ltr}}
  zh-Hans: {{name: 简体中文, dir: ltr}}
  zh-Hant: {{name: 繁體中文, dir: ltr}}
mode: open
sealing: phone
strata: [open]
facts:
  org: "A test"
  ethics: "None"
  contact: "test@example.org"
  close_date: "2026-12-31"
  results_place: "the page of results"
  mainland_fieldwork: false
consent:
  paragraphs: [{{text: "Q31 {{ORG}} {{ETHICS}} {{CONTACT}} {{CLOSE_DATE}} ~ {{MINUTES}}"}}]
  question: {{en: "Do you agree?", zh-Hans: "您同意吗？", zh-Hant: "您同意嗎？"}}
  agree: {{en: "I agree", zh-Hans: "同意", zh-Hant: "同意"}}
  decline: {{en: "I do not", zh-Hans: "不同意", zh-Hant: "不同意"}}
endings:
  no-consent: {{en: "Thank you.", zh-Hans: "谢谢。", zh-Hant: "謝謝。"}}
thanks: [{{text: "{{RESULTS_PLACE}}"}}]
debrief: {{en: "That was all.", zh-Hans: "就这些。", zh-Hant: "就這些。"}}
missing:
  98: {{en: "I don't know", zh-Hans: "不知道", zh-Hant: "不知道"}}
forms: [{{id: full}}]
items:
  - id: PAY
    type: single
    block: market
    missing: [98]
    text: {json.dumps(OLD, ensure_ascii=False)}
    options:
      - {{code: 1, text: {{en: "Cash", zh-Hans: "现金", zh-Hant: "現金"}}}}
      - {{code: 2, text: {json.dumps(LONG, ensure_ascii=False)}}}
  - id: OFTEN
    type: single
    block: market
    missing: [98]
    text: {{en: "How often do you go there?", zh-Hans: "您多久去一次？", zh-Hant: "您多久去一次？"}}
    options:
      - {{code: 1, text: {{en: "Each day", zh-Hans: "每天", zh-Hant: "每天"}}}}
      - {{code: 2, text: {{en: "Less often", zh-Hans: "没有那么经常", zh-Hant: "沒有那麼經常"}}}}
"""
PLAN = """\
study: q31
wave: 1
title: "How people pay"
reason: "To try a correction; what is answered is invented."
rho: "0.1"
tables:
  - {id: T01, dimensions: [PAY], reason: "how people pay", hypotheses: []}
"""


@dataclass
class Corrected:
    """A study that was corrected while its wave was open: its folders, links, and what people pressed."""

    root: Path
    environ: dict[str, str]
    server: Server
    links: dict[str, str] = field(default_factory=dict)
    pressed: dict[str, int] = field(default_factory=dict)
    verified: dict[str, object] = field(default_factory=dict)

    def sotto(self, *arguments: object) -> dict[str, object]:
        """Run a command in a process of its own; return what it prints as JSON, or raise with what it said."""
        command = [*SOTTO, *map(str, arguments), "--json"]
        done = subprocess.run(command, cwd=self.root, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def file(self, name: str = "questionnaire.yaml") -> Path:
        return self.root / name

    def place(self, link: str) -> SimpleNamespace:
        """What the phone's helper reads: where a link leads, and the texts of the page itself."""
        questionnaire, texts = compile_study(self.file())
        study = SimpleNamespace(questionnaire=questionnaire, texts=texts)
        return SimpleNamespace(study=study, link=self.links[link])


def opened(life: Corrected) -> None:
    """From the questionnaire's file to an open wave with a published plan."""
    life.file().write_text(FILE, encoding="utf-8")
    life.file("plan.yaml").write_text(PLAN, encoding="utf-8")
    life.sotto("migrate")
    life.sotto("study", "new", life.file())
    split = ("--threshold", 1, "--custodians", 1, "--demo", "--shares", "shares")
    life.sotto("key", "ceremony", life.file(), *split, "--wave", 1, "-o", "study")
    shares = sorted(life.file("shares").glob("*.txt"))
    life.sotto("key", "drill", "study", "--wave", 1, "--shares", *shares)
    wave = Path("study/waves/1")
    said = life.sotto("study", "open", "q31", "--manifest", wave / "manifest.json", "--drill", wave / "drill.json",
                      "--demo")  # fmt: skip
    life.links["old"] = f"{life.server.url}{said['link']}"
    life.sotto("publish", wave / "custody.json")
    life.sotto("plan", "publish", life.sotto("plan", "register", "plan.yaml", "--study", "study")["folder"])


def corrected(life: Corrected) -> None:
    """Sign and publish other words of the same meaning, and print a poster that leads to them."""
    words = life.file().read_text(encoding="utf-8")
    for old, new in [*zip(OLD.values(), NEW.values(), strict=True), ("into a buk", "into a book")]:
        words = words.replace(old, new)
    life.file("corrected.yaml").write_text(words, encoding="utf-8")
    said = life.sotto("study", "correct", "study", "corrected.yaml", "--reason", REASON, "--yes")
    published = life.sotto("publish", said["file"])
    life.links["new"] = f"{life.server.url}{published['link']}"
    life.sotto("study", "new", "corrected.yaml")  # harmless: the words are those that were published
    asked = ("--stratum", "open", "--url", "https://survey.example", "--manifest", "study/waves/1/manifest.json")
    poster = life.sotto("poster", "q31", *asked, "--correction", "study/corrections/1.json", "-o", "poster.pdf")
    life.links["poster"] = str(poster["link"])


def answered(life: Corrected, browser: Browser, link: str, locale: str, code: int) -> None:
    """One person answers under a link on a phone, and sees the words that the link pins."""
    words = (OLD if link == "old" else NEW)[locale]
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, life.place(link))
        phone.open()
        phone.choose(locale)
        phone.do("agree")
        phone.heading(words)
        body = phone.page.locator("main").inner_text()
        assert ("into a buk" in body, "into a book" in body) == (
            (link == "old", link == "new") if locale == "en" else (False, False)
        )
        phone.page.screenshot(path=PICTURES / f"phone-{link}-{locale}.png")
        phone.answer(code)
        phone.answer(1)
        phone.send()
        phone.heading(phone.word("stored-title", locale))
        assert ([], []) == (phone.violations(), phone.problems)
    life.pressed[f"{link} {locale}"] = code


def released(life: Corrected) -> None:
    """Close the wave, make its box, release it, publish, and write the reports."""
    life.sotto("study", "close", "q31", "--yes")
    life.sotto("box", "q31", 1, "-o", "wave-1.box", "--yes")
    shares = sorted(life.file("shares").glob("*.txt"))
    opening = ("--box", "wave-1.box", "--study", "study", "--shares", *shares)
    life.sotto("release", "plan.yaml", *opening, "-o", "release", "--yes")
    life.sotto("publish", "release/release.json")
    life.verified = life.sotto("verify", "release/release.json", "--study", "study", "--box", "wave-1.box")
    for locale in SAID:
        life.sotto("report", "release/release.json", "--lang", locale, "--tables-only", "-o", f"report-{locale}.html")


@contextmanager
def host(root: Path) -> Iterator[Corrected]:
    """Serve a collection host of its own under gunicorn until the block ends."""
    folder = create_folder(root / "host")
    server = Server("respond", "127.0.0.1", free_port())
    environ = folder.environ("localhost,127.0.0.1", https=False)
    home = {"PATH": "/usr/bin:/bin", "HOME": str(root), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    life = Corrected(root, environ | home, server)
    with closing(folder):
        opened(life)
        with running([server], environ, folder.log):
            yield life


@pytest.fixture(scope="module")
def life(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrected]:
    """Answers under the old link, a correction, answers under both links, and a release."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with host(tmp_path_factory.mktemp("corrected")) as life:
        answered(life, browser, "old", "en", 1)
        corrected(life)
        answered(life, browser, "new", "en", 2)
        answered(life, browser, "new", "zh-Hans", 2)
        answered(life, browser, "old", "zh-Hant", 98)
        released(life)
        yield life


def test_answers_under_old_and_new_links_lie_in_one_box(life: Corrected):
    """Each phone showed the words that its link pins; what was pressed under either is in the box, no more, no less."""
    box = opened_answers(life.file("study"), sorted(life.file("shares").glob("*.txt")), life.file("wave-1.box"))
    assert {"old en": 1, "new en": 2, "new zh-Hans": 2, "old zh-Hant": 98} == life.pressed
    given = sorted((answers.locale, answers.answers["PAY"], answers.answers["OFTEN"]) for answers, _ in box)
    assert [("en", 1, 1), ("en", 2, 1), ("zh-Hans", 2, 1), ("zh-Hant", 98, 1)] == given


def test_a_poster_leads_to_the_corrected_words(life: Corrected):
    """Its square has the pin that was printed when the correction was published, and not the first one."""
    (square,) = read_squares(life.file("poster.pdf"))
    pin = life.links["new"].rpartition("#k=")[2]
    assert (f"https://survey.example/s/q31#k={pin}&s=open", square) == (square, life.links["poster"])
    assert pin != life.links["old"].rpartition("#k=")[2]


def test_release_and_report_name_the_correction_with_old_and_new_words(life: Corrected):
    """The release verifies, its labels are the new words, and its report says since when, what and why."""
    assert life.verified["verified"]
    release = json.loads(life.file("release/release.json").read_bytes())
    (named,) = release["corrections"]
    assert REASON == named["reason"]
    assert {(locale, OLD[locale], NEW[locale]) for locale in OLD} <= {
        (one["locale"], one["old"], one["new"]) for one in named["changes"]
    }
    assert NEW == {locale: labels["PAY"]["text"] for locale, labels in release["labels"].items()}
    for locale, said in SAID.items():
        report = life.file(f"report-{locale}.html").read_text(encoding="utf-8")
        assert (True, True, True) == (said in report, OLD["zh-Hans"] in report, NEW[locale] in report)


def test_both_verifiers_name_the_correction(life: Corrected):
    """What the host published is checked from outside: by `sotto log verify`, which prints it, and by verify.py."""
    log = life.sotto("log", "verify", life.server.url)
    assert ([], True) == (log["faults"], log["verified"])
    (said,) = log["corrections"]
    assert NEW["en"] in said
    assert life.links["new"].rpartition("#k=")[2] in said
    command = [sys.executable, ROOT / "verifier" / "verify.py", life.server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "Each correction of words is signed, told whole, and kept by box, result and next wave" in done.stdout


def test_links_of_a_closed_wave_lead_nowhere(life: Corrected):
    """Neither the first link nor the corrected one has documents any more."""
    for link in ("old", "new"):
        pin = life.links[link].rpartition("#k=")[2]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{life.server.url}/b/{pin}/00.json", timeout=30)
        with refused.value as answer:
            assert 404 == answer.code


@pytest.mark.parametrize("width", SIZES)
def test_the_results_page_tells_the_correction_in_every_language(browser: Browser, life: Corrected, width: str):
    """Since when, why, and each text before and after: at two widths, with nothing for axe or beside the screen."""
    wrong: list[object] = []
    with browser.new_context(viewport=SIZES[width], bypass_csp=True) as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        for locale, said in SAID.items():
            page.goto(f"{life.server.url}/r/q31?lang={locale}")
            notice = page.locator(".notice", has_text=said)
            text = notice.inner_text()
            assert all(words in text for words in (*OLD.values(), *NEW.values(), REASON)), text
            assert 4 == notice.locator("li").count()
            wrong += page.evaluate("violations")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{page.url} is wider than the screen")
            notice.scroll_into_view_if_needed()
            page.screenshot(path=PICTURES / f"results-{width}-{locale}.png", full_page=True)
            page.evaluate(AXE)
            wrong += [(page.url, *one) for one in page.evaluate(RUN, TAGS)]
    assert [] == wrong
