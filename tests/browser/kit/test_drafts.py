"""Drafts in Chromium: saved under a code that only the person has, unreadable otherwise, gone when they should be."""

import base64
import re

import pytest
from phone.draft_phone import Saver
from phone.site import PHONE, Phone, Site
from playwright.sync_api import Browser, BrowserContext, expect
from studies.market import Study, questionnaire

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire

DAY = 86_400_000


def market(days: int | None = 7, version: str = "1") -> Study:
    document = {**questionnaire().to_json(), "version": version, **({"drafts": {"days": days}} if days else {})}
    return Study(questionnaire=Questionnaire.from_bytes(canonical(document)))


@pytest.fixture(scope="module")
def study():
    return market()


@pytest.fixture
def context(browser: Browser):
    with browser.new_context(**PHONE) as context:
        yield context


@pytest.fixture
def saver(context: BrowserContext, site: Site):
    return Saver(context, site)


def again(saver: Saver, site: Site) -> Saver:
    """Return a new page of the same phone, as after days."""
    context = saver.page.context
    saver.page.close()
    return Saver(context, site)


def test_a_draft_is_taken_up_where_it_was_left_and_wiped_by_send(saver: Saver, site: Site, study: Study):
    """The code, however untidily typed, opens the answers later; after Send nothing is kept and one body is sent."""
    code = saver.saved()
    saver.do("draft-close")
    expect(saver.page).to_have_url("about:blank")
    saver = again(saver, site).come_back()
    saver.code(f"  {code.upper().replace(' ', ',  ')}.")
    expect(saver.page.locator("h2#ask")).to_be_visible()
    saver.do("agree")
    assert saver.title() in {study.texts["en"].items[name].text for name in ("TA", "TB")}
    for one in (1, 1, 2):
        saver.answer(one)
    assert saver.kept()
    saver.send()
    saver.heading(saver.word("stored-title"))
    answers = study.opened(site.posts[0]).answers
    assert (2, 90, 1, 1, 2) == tuple(answers.get(name) for name in ("AGE", "BUY", "TA", "TB", "LAST"))
    assert saver.kept() is None
    assert 1 == len(set(site.posts))
    assert [] == saver.violations()


def test_the_phone_holds_no_answer_and_no_word_of_the_code(saver: Saver, study: Study):
    """What is kept is a day and bytes of one size, whatever was answered, and no answer, code or study name."""
    code = saver.saved()
    first = saver.kept()
    assert re.fullmatch(r"\d{5}\.[A-Za-z0-9_-]+", first)
    sealed = base64.urlsafe_b64decode(first.split(".")[1] + "==")
    assert 16 + 12 + 32_768 + 16 == len(sealed)
    canaries = [*code.split(), "AGE", "BUY", "given", study.questionnaire.study, study.manifest.pin]
    held = saver.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert [] == [one for one in canaries if one in held.replace(first, "") or one.encode() in sealed]
    assert ["kept"] == saver.page.evaluate("Object.keys(localStorage)")
    assert [] == saver.page.evaluate("indexedDB.databases()")
    second = Saver(saver.page.context, saver.site)
    assert code != second.saved("zh-Hans")
    assert len(first) == len(second.kept())


def test_the_code_is_in_the_persons_language_and_opens_in_any(saver: Saver, site: Site):
    """Eight Chinese characters for who reads Chinese; they open the draft on the English page too."""
    code = saver.saved("zh-Hant")
    assert re.fullmatch("([\u4e00-\u9fff] ){7}[\u4e00-\u9fff]", code)
    saver = again(saver, site).come_back()
    saver.code(code.replace(" ", ""))
    expect(saver.page.locator("h2#ask")).to_be_visible()


def test_a_wrong_code_says_so_and_a_misspelt_word_gets_the_nearest(saver: Saver, site: Site):
    """Another code opens nothing and says no more; a word of no list is named, and a press puts the right one there."""
    code = saver.saved()
    saver = again(saver, site).come_back()
    saver.code("abandon " * 8)
    expect(saver.page.locator("#said")).to_have_text(saver.word("draft-wrong"))
    saver.code("abandon " * 7)
    expect(saver.page.locator("#said")).to_have_text(saver.word("draft-count").replace("{n}", "7"))
    words = code.split()
    saver.code(" ".join([f"{words[0]}zq" if len(words[0]) > 6 else f"{words[0]}z", *words[1:]]))
    expect(saver.page.locator("#said")).to_contain_text(saver.word("draft-unknown").replace("{n}", "1"))
    saver.press(f"[data-press=near]:text-is('{words[0]}')")
    saver.do("draft-open")
    expect(saver.page.locator("h2#ask")).to_be_visible()


def test_a_draft_that_was_changed_does_not_open(saver: Saver, site: Site):
    """With another character, another day or no end the right code opens nothing; unchanged, as a control, it does."""
    code = saver.saved()
    sound = saver.kept()
    day, text = sound.split(".")
    saver = again(saver, site).come_back()
    bit = f"{day}.{text[:-9]}{'A' if text[-9] != 'A' else 'B'}{text[-8:]}"
    for changed in (bit, f"{int(day) + 1}.{text}", f"{day}.{text[:-4]}", f"{day}.", "nothing"):
        saver.keeps(changed)
        saver.code(code)
        expect(saver.page.locator("#said")).to_have_text(saver.word("draft-wrong"))
    saver.keeps(sound)
    saver.code(code)
    expect(saver.page.locator("h2#ask")).to_be_visible()


def test_another_waves_draft_does_not_open(saver: Saver, site: Site, study: Study):
    """Under another pin of the same study the right code opens nothing."""
    code = saver.saved()
    other = market(version="2")
    site.study, site.bundles = other, {locale: other.bundle(locale) for locale in other.texts}
    site.link = site.link.replace(study.manifest.pin, other.manifest.pin)
    saver = again(saver, site).come_back()
    saver.code(code)
    expect(saver.page.locator("#said")).to_have_text(saver.word("draft-wrong"))


def test_a_draft_goes_at_the_first_visit_after_its_last_day(saver: Saver, site: Site):
    """On its last day a draft is still there; one day later the first screen alone deletes it, and nonsense too."""
    today = saver.open().page.evaluate(f"Math.floor(Date.now() / {DAY})")
    for kept, stays in ((f"{today}.x", True), (f"{today - 1}.x", False), ("x", False), (f"{10**9}.x", False)):
        saver.keeps(kept)
        saver.page.reload()
        expect(saver.page.locator("html[data-ready]")).to_have_count(1)
        assert (kept if stays else None) == saver.kept()


@pytest.mark.parametrize("where", ["first screen", "consent", "question"])
def test_leave_now_wipes_the_draft(saver: Saver, site: Site, where: str):
    """Wherever it is pressed, leaving deletes what was saved on this phone."""
    saver.open().keeps("99999.x")
    if where != "first screen":
        saver.choose("en")
    if where == "question":
        saver.do("agree")
        saver.asks("AGE")
    assert saver.kept()
    saver.page.keyboard.press("Escape")
    expect(saver.page).to_have_url("about:blank")
    saver.page.goto(site.base + "/healthz")
    assert saver.kept() is None


def test_a_draft_lasts_as_many_days_as_the_study_says(saver: Saver):
    """What is kept begins with the day that is seven after today, and with no finer time."""
    saver.saved()
    assert saver.page.evaluate(f"Math.floor(Date.now() / {DAY}) + 7") == int(saver.kept().split(".")[0])


def test_back_from_saving_keeps_nothing_and_loses_nothing(saver: Saver):
    """Who reads the warning and goes back finds the question as it was, and nothing was kept."""
    saver.start()
    saver.answer(2)
    saver.do("draft-save")
    expect(saver.page.locator("#drafting")).to_contain_text("somebody began")
    expect(saver.page.locator("header button:visible, footer button:visible")).to_have_count(1)
    saver.do("draft-back")
    saver.asks("BUY")
    assert saver.kept() is None


def test_a_shared_device_offers_no_draft(saver: Saver, site: Site):
    """In kiosk mode a question has no button to save; the same question on one's own phone, as a control, has one."""
    for link, buttons in ((site.link + "&m=kiosk", 0), (site.link, 1)):
        saver.open(f"{site.base}/healthz").open(link)
        saver.choose("en")
        saver.do("agree")
        saver.asks("AGE")
        expect(saver.page.locator("[data-press=draft-save]")).to_have_count(buttons)


def test_a_study_without_drafts_offers_none(browser: Browser):
    """Off by default: no button, and nothing of the script is fetched."""
    from phone.site import serving

    with serving(market(days=None)) as site, browser.new_context(**PHONE) as context:
        phone = Phone(context, site).start()
        expect(phone.page.locator("[data-press=draft-save]")).to_have_count(0)
        assert [] == [line for line in site.requests if "drafts" in line]
