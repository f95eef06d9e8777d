"""Many people on one device: hand-over for private questions, no way back, and a wipe when nobody is there."""

import re

import pytest
from phone.shared_device import Shared, private_study
from phone.site import PHONE, Site
from playwright.sync_api import Browser, BrowserContext, expect
from studies.market import STUDY, Study


@pytest.fixture(scope="module")
def study():
    return private_study()


@pytest.fixture
def context(browser: Browser):
    with browser.new_context(**PHONE) as context:
        yield context


def test_an_assistant_hands_over_for_private_questions_and_cannot_go_back_to_them(
    context: BrowserContext, site: Site, study: Study
):
    """Before them and after them stands a screen; afterwards Back leads past them; the mode is sealed as assisted."""
    phone = Shared(context, site, "assisted")
    phone.to_private()
    expect(phone.page.locator("#aloud")).to_have_count(0)
    phone.do("handover")
    expect(phone.page.locator("#aloud")).to_have_text(phone.word("assist-private"))
    phone.answer(1)
    phone.answer(2)
    phone.heading(phone.word("giveback-title"))
    phone.do("handover")
    phone.asks("LAST")
    expect(phone.page.locator("#aloud")).to_have_text(phone.word("assist-aloud"))
    phone.do("back")
    phone.asks("BUY")
    phone.do("next")
    phone.finished()
    answers = study.opened(site.posts[0])
    assert "assisted" == answers.mode
    assert {1, 2} == {answers.answers["TA"], answers.answers["TB"]}
    assert [] == phone.violations()


def test_after_an_interview_the_next_one_starts_empty(context: BrowserContext, site: Site, study: Study):
    """Finish returns to the start screen; the next interview knows nothing of the one before; both are counted once."""
    phone = Shared(context, site, "assisted")
    for code in (1, 2):
        phone.to_private()
        phone.do("handover")
        phone.answer(code)
        phone.answer(code)
        phone.do("handover")
        phone.finished()
        phone.do("close")
        phone.at_start()
        phone.page.go_back()
        phone.at_start()
    assert [1, 2] == [study.opened(body).answers["TA"] for body in dict.fromkeys(site.posts)]
    assert 2 == len(set(site.posts))


def test_leaving_returns_to_the_start_screen_and_keeps_the_device_in_use(context: BrowserContext, site: Site):
    """Leave now, in the middle, clears the answers and shows the start; nothing is sent and no draft is offered."""
    phone = Shared(context, site, "kiosk")
    phone.choose("en")
    phone.do("agree")
    phone.asks("AGE")
    expect(phone.page.locator("[data-press=draft-save], #aloud")).to_have_count(0)
    phone.answer(2)
    phone.page.keyboard.press("Escape")
    phone.at_start()
    phone.page.keyboard.press("Escape")
    phone.at_start()
    phone.choose("en")
    phone.do("agree")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(0)
    assert [] == site.posts


def test_a_kiosk_that_nobody_touches_warns_and_then_wipes(context: BrowserContext, site: Site, study: Study):
    """After 90 s a warning counts 20 s; a press keeps the interview, else the start screen stands, nothing is sent."""
    phone = Shared(context, site, "kiosk", clock=True)
    phone.choose("en")
    phone.do("agree")
    phone.page.clock.run_for(300)
    phone.answer(2)
    phone.page.clock.run_for(89_000)
    expect(phone.page.get_by_role("alertdialog")).to_have_count(0)
    phone.page.clock.run_for(2_000)
    dialog = phone.page.get_by_role("alertdialog")
    expect(dialog.locator(".left")).to_have_text(re.compile("20|19"))
    expect(dialog.locator("button")).to_be_focused()
    phone.page.locator("[data-press=here]").tap()
    expect(dialog).to_have_count(0)
    phone.asks("BUY")
    phone.page.clock.run_for(91_000)
    expect(dialog).to_be_visible()
    phone.page.clock.run_for(21_000)
    phone.at_start()
    phone.page.clock.run_for(300)
    phone.choose("en")
    phone.do("agree")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(0)
    assert [] == site.posts


def test_a_kiosk_asks_private_questions_like_others_and_seals_its_mode(
    context: BrowserContext, site: Site, study: Study
):
    """Without an assistant nothing is handed over; the mode is sealed as kiosk."""
    phone = Shared(context, site, "kiosk")
    phone.choose("en")
    phone.do("agree")
    phone.to_send()
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert "kiosk" == study.opened(site.posts[0]).mode
    phone.do("close")
    phone.at_start()


def test_where_the_script_of_a_shared_device_does_not_come_nothing_is_asked(context: BrowserContext, site: Site):
    """Without it an interview would leave its answers to the next person, so there is none, and the page says why."""
    context.route("**/static/modes-*.js", lambda route: route.abort())
    phone = Shared(context, site, "kiosk")
    phone.page.locator("[data-locale=en] summary").tap()
    expect(phone.page.locator("[data-note=offline][lang=en]")).to_be_visible()
    expect(phone.page.locator("h2#ask")).to_have_count(0)
    assert STUDY == phone.page.locator("body").get_attribute("data-study")
