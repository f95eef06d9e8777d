"""The page as a person meets it: the whole way in each language, by finger and by keyboard, leaving nothing behind."""

import pytest
from phone.site import Phone, Site
from playwright.sync_api import Browser, expect
from studies.market import LANGUAGES, Study

LOCALES = [locale for locale, _, _ in LANGUAGES]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_whole_way_by_finger(phone: Phone, site: Site, study: Study, locale: str):
    """What is found in the opened envelope is what was pressed, and nothing remains: no cookie, storage, history."""
    before = phone.open().page.evaluate("history.length")
    phone.choose(locale)
    phone.do("agree")
    phone.answer(2)
    phone.asks("BUY", locale)
    phone.answer(4, 1)
    phone.do("next")
    phone.asks("WHY", locale)
    phone.answer(98)
    asked = {study.texts[locale].items[name].text: name for name in ("TA", "TB")}
    for _ in asked:
        phone.answer({"TA": 0, "TB": 99}[asked[phone.page.locator("h1").inner_text()]])
        expect(phone.page.locator("h1")).to_be_focused()
    phone.asks("LAST", locale)
    phone.answer(1)
    phone.heading(phone.word("ready-title", locale))
    assert [] == site.posts
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    phone.press(".debrief summary")
    expect(phone.page.get_by_text(study.texts[locale].debrief)).to_be_visible()
    (body,) = site.posts
    answers = study.opened(body)
    assert (locale, "self", "all", "open") == (answers.locale, answers.mode, answers.form, answers.stratum)
    assert {"AGE": 2, "BUY": (1, 4), "WHY": 98, "TA": 0, "TB": 99, "LAST": 1} == answers.answers
    # One entry in all, for the back button, however many screens there were.
    assert before + 1 == phone.page.evaluate("history.length")
    assert [] == phone.page.context.cookies()
    assert "0 0 0" == phone.page.evaluate(
        "indexedDB.databases().then((all) => `${localStorage.length} ${sessionStorage.length} ${all.length}`)"
    )
    assert ([], []) == (phone.violations(), phone.problems)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_thanks_lead_to_results_and_receipts(phone: Phone, site: Site, study: Study, locale: str):
    """The last page begins with thanks; results and the check open beside it, and its receipt stays to be read."""
    phone.start(locale)
    phone.to_send(locale)
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    assert phone.word("stored-title", locale).startswith(("Thank you", "谢谢", "謝謝"))
    first = phone.page.locator("main p:not([aria-hidden])").first
    expect(first).to_have_text(study.texts[locale].thanks[0])
    phone.press(".folded:has(.receipt) summary")
    links = [one.get_attribute("href") for one in phone.page.locator("a.link").all()]
    assert [f"/r/market?lang={locale}", f"/c/market?lang={locale}"] == links
    with phone.page.expect_popup() as results:
        phone.page.locator("a.link").first.tap()
    expect(results.value).to_have_url(f"{site.base}/r/market?lang={locale}")
    expect(phone.page.locator("main")).to_contain_text(phone.word("receipt", locale))


def test_five_requests_make_a_survey(phone: Phone, site: Site):
    """The page asks its own host five times and nobody else, and only the last request carries anything."""
    hosts = set()
    phone.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert 5 == len(site.requests)
    assert ["POST /s/market"] == [line for line in site.requests if line.startswith("POST")]
    assert {site.base.removeprefix("http://")} == hosts


def test_the_whole_way_by_keyboard(browser: Browser, site: Site, study: Study):
    """Tab, Space and Enter alone lead from the language to an envelope with the answers chosen."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        phone = Phone(context, site).open()
        press_until(phone, "summary:has-text('English')")
        press_until(phone, "[data-press=agree]")
        press_until(phone, "[data-code='1']")
        phone.asks("BUY")
        press_until(phone, "[data-code='90']", "Space")
        press_until(phone, "[data-press=next]")
        for code in (2, 2, 1):
            press_until(phone, f"[data-code='{code}']")
        press_until(phone, "[data-press=send]")
        phone.heading(phone.word("stored-title"))
    assert {"AGE": 1, "BUY": 90, "TA": 2, "TB": 2, "LAST": 1} == study.opened(site.posts[0]).answers


def press_until(phone: Phone, selector: str, key: str = "Enter") -> None:
    """Move on with Tab until the wanted control has the focus, then press it."""
    wanted = phone.page.locator(selector)
    expect(wanted).to_be_visible()
    for _ in range(20):
        phone.page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            phone.page.keyboard.press(key)
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_going_back_shows_what_was_chosen_and_a_changed_way_drops_what_is_off_it(
    phone: Phone, site: Site, study: Study
):
    """An answer that is no longer on the path is 97 in the envelope, and coming back marks the chosen button."""
    phone.start()
    phone.answer(1)
    phone.answer(2)
    phone.do("next")
    phone.answer(3)
    phone.do("back")
    phone.asks("WHY")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "3")
    phone.do("back")
    phone.answer(90)
    phone.do("next")
    for code in (1, 1, 2):
        phone.answer(code)
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert {"AGE": 1, "BUY": 90, "TA": 1, "TB": 1, "LAST": 2} == study.opened(site.posts[0]).answers


def test_orders_stay_as_drawn_when_going_back(phone: Phone):
    """A shuffled item shows its options in the same order every time it is shown."""
    phone.start()
    phone.answer(1)
    codes = "elements => elements.map((one) => one.dataset.code).join()"
    drawn = phone.page.locator("[data-code]").evaluate_all(codes)
    for _ in range(4):
        phone.do("back")
        phone.answer(1)
        assert drawn == phone.page.locator("[data-code]").evaluate_all(codes)


def test_a_multi_item_needs_an_answer_and_keeps_its_cap(phone: Phone):
    """Next without an answer and a choice over the cap each say why; a missing code stands alone."""
    phone.start()
    phone.answer(1)
    phone.do("next")
    expect(phone.page.get_by_role("status")).to_have_text(phone.word("choose-first"))
    phone.asks("BUY")
    phone.answer(1, 2, 3, 4)
    expect(phone.page.get_by_role("status")).to_have_text(phone.word("cap-reached").replace("{n}", "3"))
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(3)
    phone.answer(98)
    expect(phone.page.locator(":is(main, footer) [aria-pressed=true]")).to_have_count(1)


def test_two_fast_taps_answer_one_question(phone: Phone):
    """The second tap of a double tap is spent, wherever it lands on the next screen."""
    phone.start()
    phone.settled()
    spot = phone.page.locator("[data-code='2']").bounding_box()
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    phone.page.touchscreen.tap(x, y)
    phone.page.touchscreen.tap(x, y)
    phone.asks("BUY")
    phone.settled()
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(0)
    phone.page.touchscreen.tap(x, y)
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(1)


def test_the_language_can_change_at_any_moment(phone: Phone, site: Site, study: Study):
    """Another language shows the same screen with the same choices; the envelope names the language at Send."""
    phone.start()
    phone.answer(1)
    phone.answer(3, 5)
    phone.page.locator("select").select_option("zh-Hant")
    phone.asks("BUY", "zh-Hant")
    assert "zh-Hant" == phone.page.evaluate("document.documentElement.lang")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(2)
    phone.do("next")
    for code in (1, 1, 1):
        phone.answer(code)
    phone.send()
    phone.heading(phone.word("stored-title", "zh-Hant"))
    answers = study.opened(site.posts[0])
    assert ("zh-Hant", (3, 5)) == (answers.locale, answers.answers["BUY"])


@pytest.mark.parametrize("way", ["missing", "changed"])
def test_a_language_that_cannot_be_had_changes_nothing(phone: Phone, site: Site, way: str):
    """Where the other language does not come or is not the link's, the page says so and stays as it is."""
    phone.start()
    phone.answer(1)
    phone.answer(3)
    site.bundles["zh-Hans"]["texts"] += " "
    if way == "missing":
        del site.bundles["zh-Hans"]
    phone.page.locator("select").select_option("zh-Hans")
    expect(phone.page.get_by_role("status")).to_have_text(phone.word("switch-failed"))
    phone.asks("BUY")
    expect(phone.page.locator("select")).to_have_value("en")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(1)


@pytest.mark.parametrize("way", ["decline", "end"])
def test_an_interview_that_ends_early_sends_nothing(phone: Phone, site: Site, study: Study, way: str):
    """Declining, or Next after an answer that ends the interview, shows that ending's text and no button to send."""
    phone.open()
    phone.choose("en")
    if way == "decline":
        phone.do("decline")
    else:
        phone.do("agree")
        phone.answer(0)
        expect(phone.page.locator(".live")).to_have_text(phone.word("end-next"))
        phone.do("next")
    texts = study.texts["en"]
    expect(phone.page.locator("main")).to_contain_text(texts.endings["no-consent" if way == "decline" else "too-young"])
    expect(phone.page.locator("main button")).to_have_count(0)
    expect(phone.page.locator("footer button")).to_have_text([phone.word("close")])
    phone.do("close")
    phone.page.wait_for_url("about:blank")
    assert [] == site.posts


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_leaving_takes_one_step_and_leaves_nothing_to_go_back_to(phone: Phone, site: Site, way: str):
    """After Leave the page is blank, it stands in the survey's place in the history, and nothing was sent."""
    phone.page.goto("about:blank#before")
    phone.start()
    phone.answer(1)
    phone.answer(3)
    length = phone.page.evaluate("history.length")
    if way == "button":
        phone.do("leave")
    else:
        phone.page.keyboard.press("Escape")
    phone.page.wait_for_url("about:blank")
    assert (length, "") == (phone.page.evaluate("history.length"), phone.page.evaluate("document.body.innerText"))
    for place in (f"{site.base}/blank", "about:blank#before"):
        phone.page.go_back()
        expect(phone.page).to_have_url(place)
        assert "" == phone.page.evaluate("document.body.innerText")
    assert [] == site.posts


def test_coming_back_to_the_page_starts_over(phone: Phone):
    """Who goes to another page and back finds the choice of language, not the answers."""
    phone.start()
    phone.answer(1)
    phone.page.goto("about:blank")
    phone.page.go_back()
    expect(phone.page.locator("#languages")).to_be_visible()
    expect(phone.page.locator("[data-code]")).to_have_count(0)


def test_a_reload_starts_over(phone: Phone):
    """Nothing is kept for a reload."""
    phone.start()
    phone.answer(1)
    phone.page.reload()
    expect(phone.page.locator("#languages")).to_be_visible()
