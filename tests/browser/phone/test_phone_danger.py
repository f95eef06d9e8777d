"""In a bad place: the back button, the blank cover, leaving at once, and apps that look on."""

from http import HTTPStatus

import pytest
from phone.every_screen import WECHAT, hide, press
from phone.site import PHONE, Phone, Site, own_reply
from playwright.sync_api import Browser, Page, expect

TEXT = "document.body.innerText.trim()"
PUT_BLUR = "dispatchEvent(new Event('blur'))"
PUT_FOCUS = "dispatchEvent(new Event('focus'))"


def left(page: Page) -> None:
    page.wait_for_url("about:blank")
    assert "" == page.evaluate(TEXT)


def test_back_goes_one_screen_back_and_forgets_no_answer(phone: Phone, site: Site):
    """Each press of the browser's back button moves one screen back; at the consent it says what clears the answers."""
    phone.start()
    phone.answer(1)
    phone.answer(3)
    phone.page.go_back()
    phone.asks("AGE")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "1")
    phone.do("next")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "3")
    phone.page.go_back()
    phone.asks("AGE")
    phone.page.go_back()
    expect(phone.page.locator("h2#ask")).to_be_visible()
    for _ in range(2):
        phone.page.go_back()
        expect(phone.page.get_by_role("status")).to_have_text(phone.word("leave-help"))
    phone.do("agree")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "1")
    phone.do("leave")
    left(phone.page)
    assert [] == site.posts


def test_back_leaves_from_a_consent_without_answers(phone: Phone):
    """Where nothing would be lost, the browser's back button leaves the page."""
    phone.open()
    phone.choose("en")
    phone.page.go_back()
    left(phone.page)


def test_after_send_back_and_forward_show_nothing(phone: Phone):
    """Once stored, going back empties the page, and neither further back nor forward is anything of it."""
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("stored-title"))
    phone.page.go_back()
    left(phone.page)
    phone.page.go_back()
    assert ("/blank", "") == (phone.page.url[-6:], phone.page.evaluate(TEXT))
    phone.page.go_forward()
    left(phone.page)


@pytest.mark.parametrize("status", [500, 410])
def test_back_never_loses_what_is_not_sent_yet(phone: Phone, site: Site, status: int):
    """While a send has failed and may be tried again back does nothing; once it is over, it leaves."""
    site.replies = [own_reply(status)]
    phone.start()
    phone.to_send()
    phone.send()
    if status == HTTPStatus.GONE:
        phone.heading(phone.word("closed-title"))
        phone.page.go_back()
        return left(phone.page)
    phone.heading(phone.word("not-stored-title"))
    phone.page.go_back()
    phone.do("retry")
    phone.heading(phone.word("stored-title"))
    return None


def test_leaving_under_any_screen_empties_the_page_in_the_same_turn(phone: Phone):
    """The press of Leave itself, before any other task, leaves no element behind."""
    phone.start()
    phone.answer(1)
    script = "(one) => { one.click(); return document.body.childElementCount; }"
    assert 0 == phone.page.locator("[data-press=leave]").evaluate(script)
    left(phone.page)


def test_a_hidden_page_is_blank_until_a_press(phone: Phone):
    """Out of sight, the page shows one word that says nothing; a press brings back the screen and its focus."""
    phone.start()
    phone.answer(1)
    phone.answer(3)
    phone.page.locator("[data-code='3']").focus()
    hide(phone)
    assert phone.word("cover") == phone.page.evaluate(TEXT)
    expect(phone.page.locator("[data-press=uncover]")).to_be_focused()
    assert [1.0] == phone.page.evaluate("""[...document.elementsFromPoint(180, 100)].slice(0, 1).map((one) =>
        one.id === "cover" ? one.getBoundingClientRect().height / innerHeight : one.outerHTML)""")
    phone.page.go_back()
    assert phone.word("cover") == phone.page.evaluate(TEXT)
    phone.page.locator("[data-press=uncover]").tap()
    phone.asks("BUY")
    expect(phone.page.locator("[data-code='3']")).to_be_focused()


def test_leave_works_under_the_cover(phone: Phone):
    """Escape leaves though the page is covered."""
    phone.start()
    hide(phone)
    phone.page.keyboard.press("Escape")
    left(phone.page)


def test_escape_in_an_input_method_does_not_leave(phone: Phone):
    """Who throws away half-typed Chinese with Escape keeps the page; Escape outside of it, as a control, leaves."""
    phone.start()
    for composing in ("true", "false"):
        escape = f"new KeyboardEvent('keydown', {{key: 'Escape', isComposing: {composing}}})"
        phone.page.evaluate(f"void document.dispatchEvent({escape})")
        if composing == "true":
            phone.asks("AGE")
    left(phone.page)


def test_a_glance_at_a_notice_covers_and_uncovers_by_itself(phone: Phone):
    """On a phone the loss of the focus alone covers the page; it comes back with the focus, unless it was hidden."""
    phone.start()
    for hidden in (False, True):
        phone.page.evaluate(PUT_BLUR)
        expect(phone.page.locator("#cover")).to_be_visible()
        if hidden:
            hide(phone)
        phone.page.evaluate(PUT_FOCUS)
        expect(phone.page.locator("#cover")).to_be_visible(visible=hidden)


def test_a_list_or_a_desk_does_not_call_the_cover(browser: Browser, phone: Phone, site: Site):
    """The language list takes the focus for itself on phones, and windows lie side by side on desks: no cover."""
    phone.start()
    phone.page.locator("header select").focus()
    phone.page.evaluate(PUT_BLUR)
    expect(phone.page.locator("#cover")).to_be_hidden()
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        desk = Phone(context, site).open()
        press(desk.page.locator("[data-locale=en] summary"))
        expect(desk.page.locator("h2#ask")).to_be_visible()
        desk.page.evaluate(PUT_BLUR)
        expect(desk.page.locator("#cover")).to_be_hidden()


def test_a_page_kept_by_the_browser_starts_over(phone: Phone):
    """Where a browser brings the page back from its memory of pages, it is loaded anew."""
    phone.start()
    phone.answer(1)
    phone.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert "" == phone.page.evaluate(TEXT)
    with phone.page.expect_navigation():
        phone.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(phone.page.locator("#languages")).to_be_visible()


def test_title_address_and_icon_say_nothing_on_any_screen(phone: Phone, site: Site):
    """From the first screen to the last the title and the address stay as they were; the page itself knows no topic."""
    html = phone.page.request.get(site.link).text()
    words = [word for texts in site.study.texts.values() for word in (texts.consent.question, *texts.thanks)]
    assert [] == [word for word in words if word in html]
    assert '<link rel="icon" href="data:,">' in html
    phone.start()
    seen = {(phone.page.title(), phone.page.url)}
    phone.to_send()
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert {("问答 · Q&A", site.link)} == seen | {(phone.page.title(), phone.page.url)}


def test_inside_an_app_a_press_made_too_early_does_not_count(browser: Browser, site: Site):
    """A language pressed before the scripts came is closed again there: the warning stands first."""
    site.scripts.clear()
    with browser.new_context(**PHONE, user_agent=WECHAT) as context:
        phone = Phone(context, site)
        phone.page.goto(site.link, wait_until="commit")
        phone.page.locator("[data-locale=en] summary").tap()
        site.scripts.set()
        expect(phone.page.locator("[data-note=inapp]:visible")).to_have_count(3)
        expect(phone.page.locator("html[data-ready]")).to_have_count(1)
        expect(phone.page.locator("details[data-locale][open], #languages:visible")).to_have_count(0)
        assert [] == [line for line in site.requests if "/b/" in line]
