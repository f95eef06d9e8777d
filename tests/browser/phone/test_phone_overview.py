"""The overview before Send: what was chosen, seen and changed, and on the page no longer than it is open."""

import pytest
from phone.every_screen import hide
from phone.shared_device import Shared, private_study
from phone.site import PHONE, Phone, Site, serving
from playwright.sync_api import Browser, Locator, expect
from studies.market import Study

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire

OVERVIEW = "main details:has(> summary:text-is('{}'))"


def overview(phone: Phone, locale: str = "en") -> Locator:
    return phone.page.locator(OVERVIEW.format(phone.word("overview", locale)))


def opened(phone: Phone, locale: str = "en") -> Locator:
    """Open the overview and return its lines."""
    phone.settled()
    overview(phone, locale).locator("summary").tap()
    return overview(phone, locale).locator("[data-press=change]")


def labels(phone: Phone, locale: str, **codes: int) -> list[str]:
    """Return the lines for answers of one code, in any order that pairs were drawn in."""
    texts = phone.site.study.texts[locale]
    missing = texts.missing
    return sorted(
        texts.items[name].text + texts.items[name].options.get(str(code), missing.get(str(code), ""))
        for name, code in codes.items()
    )


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_answers_are_on_the_page_only_while_the_overview_is_open(phone: Phone, locale: str):
    """Each question stands there with its answer in words; closed, and before it is opened, no answer does."""
    phone.start(locale)
    phone.to_send(locale)
    answer = phone.site.study.texts[locale].items["AGE"].options["2"]
    assert answer not in phone.page.content()
    lines = opened(phone, locale)
    expect(lines).to_have_count(5)
    trust = {phone.site.study.texts[locale].items[name].text for name in ("TA", "TB")}
    shown = [line.text_content() for line in lines.all()]
    fixed = sorted(line for line in shown if not any(line.startswith(text) for text in trust))
    assert labels(phone, locale, AGE=2, BUY=90, LAST=2) == fixed
    overview(phone, locale).locator("summary").tap()
    expect(lines).to_have_count(0)
    assert answer not in phone.page.content()


def test_a_line_leads_to_its_question_and_an_answer_back_to_send(phone: Phone, site: Site, study: Study):
    """One press to the question, one to another answer, and the screen before Send is back; that answer is sent."""
    phone.start()
    phone.to_send()
    opened(phone).filter(has_text=phone.site.study.texts["en"].items["AGE"].text).tap()
    phone.asks("AGE")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "2")
    phone.answer(1)
    phone.heading(phone.word("ready-title"))
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert 1 == study.opened(site.posts[0]).answers["AGE"]
    assert "" == phone.page.evaluate("document.querySelector('[data-press=change]')?.textContent ?? ''")


def test_a_change_that_opens_a_question_asks_it_first(phone: Phone, site: Site, study: Study):
    """Whoever now bought something is asked why, and only that, before the screen before Send."""
    phone.start()
    phone.to_send()
    opened(phone).filter(has_text=phone.site.study.texts["en"].items["BUY"].text).tap()
    phone.answer(1)
    phone.do("next")
    phone.asks("WHY")
    phone.answer(1)
    phone.heading(phone.word("ready-title"))
    phone.send()
    phone.heading(phone.word("stored-title"))
    answers = study.opened(site.posts[0]).answers
    assert ((1,), 1) == (answers["BUY"], answers["WHY"])


def test_out_of_sight_the_overview_closes(phone: Phone):
    """Whoever takes the cover off sees the screen before Send, and none of the answers."""
    phone.start()
    phone.to_send()
    answer = phone.site.study.texts["en"].items["AGE"].options["2"]
    expect(opened(phone)).to_have_count(5)
    hide(phone)
    phone.page.locator("[data-press=uncover]").tap()
    expect(overview(phone).locator("[data-press=change]")).to_have_count(0)
    assert answer not in phone.page.content()


def test_back_from_a_line_leads_to_send_again(phone: Phone):
    """Both the page's own Back and the browser's: not to a question that nobody asked to see."""
    phone.start()
    phone.to_send()
    for back in (lambda: phone.do("back"), phone.page.go_back):
        opened(phone).filter(has_text=phone.site.study.texts["en"].items["BUY"].text).tap()
        phone.asks("BUY")
        back()
        phone.heading(phone.word("ready-title"))


def test_leaving_with_the_overview_open_leaves_nothing(phone: Phone, site: Site):
    """The page is empty and nothing was sent."""
    phone.start()
    phone.to_send()
    expect(opened(phone)).to_have_count(5)
    phone.do("leave")
    phone.page.wait_for_url("about:blank")
    assert "" == phone.page.evaluate("document.body.innerText.trim()")
    assert [] == site.posts


def test_a_device_of_many_people_shows_no_private_answer(browser: Browser):
    """A kiosk has no overview; with an assistant it has one, in which what was private does not stand."""
    with serving(private_study()) as site:
        with browser.new_context(**PHONE) as context:
            kiosk = Shared(context, site, "kiosk")
            kiosk.choose("en")
            kiosk.do("agree")
            kiosk.to_send()
            expect(overview(kiosk)).to_have_count(0)
        with browser.new_context(**PHONE) as context:
            phone = Shared(context, site, "assisted")
            phone.to_private()
            phone.do("handover")
            phone.answer(1)
            phone.answer(2)
            phone.do("handover")
            phone.answer(2)
            lines = opened(phone)
            expect(lines).to_have_count(3)
            assert labels(phone, "en", AGE=2, BUY=90, LAST=2) == sorted(line.text_content() for line in lines.all())


def test_a_study_may_have_no_overview(browser: Browser):
    """Where the questionnaire says so the screen before Send has none."""
    study = Study()
    without = Questionnaire.from_bytes(canonical(study.questionnaire.to_json() | {"overview": False}))
    with serving(Study(questionnaire=without)) as site, browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        phone.start()
        phone.to_send()
        expect(phone.page.locator("main summary")).to_have_count(0)
