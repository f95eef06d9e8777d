"""What a reload costs is said before the first question, and the browser asks before it happens."""

from collections.abc import Callable

import pytest
from phone.site import PHONE, Phone, Site, own_reply, serving
from playwright.sync_api import Browser, Dialog, expect
from studies.market import Study, questionnaire

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire

LOCALES = ["en", "zh-Hans", "zh-Hant"]


def reloaded(phone: Phone) -> list[str]:
    """Reload; return the kinds of dialogs that the browser showed, which the person answered with yes."""
    kinds: list[str] = []

    def yes(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.accept()

    phone.page.on("dialog", yes)
    phone.page.reload()
    phone.page.remove_listener("dialog", yes)
    return kinds


def at_the_consent(phone: Phone) -> None:
    phone.open()
    phone.choose("en")


def at_a_question(phone: Phone) -> None:
    phone.start()


def answered(phone: Phone) -> None:
    phone.start()
    phone.answer(2)


def chosen_half(phone: Phone) -> None:
    """Choose something that only Next would take."""
    phone.start()
    phone.answer(2, 90)


def at_send(phone: Phone) -> None:
    phone.start()
    phone.to_send()


def failed(phone: Phone) -> None:
    at_send(phone)
    phone.site.replies = [403, 403]
    phone.send()
    expect(phone.page.locator("[data-press=retry]")).to_be_visible()


def stored(phone: Phone) -> None:
    at_send(phone)
    phone.send()
    phone.heading(phone.word("stored-title"))


def refused(phone: Phone) -> None:
    at_send(phone)
    phone.site.replies = [own_reply(400)]
    phone.send()
    phone.heading(phone.word("refused-title"))


def declined(phone: Phone) -> None:
    at_the_consent(phone)
    phone.do("decline")


ASKED = {answered: 1, chosen_half: 1, at_send: 1, failed: 1}
NOT_ASKED = {at_the_consent: 0, at_a_question: 0, stored: 0, refused: 0, declined: 0}


@pytest.mark.parametrize("walk", ASKED | NOT_ASKED, ids=lambda walk: walk.__name__)
def test_the_browser_asks_before_a_reload_exactly_while_there_are_answers(phone: Phone, walk: Callable[[Phone], None]):
    """From the first answer to the end of Send a reload is asked for; before and after that it is not."""
    walk(phone)
    assert ["beforeunload"] * (ASKED | NOT_ASKED)[walk] == reloaded(phone)


def test_leave_now_is_never_asked_about(phone: Phone):
    """With answers on the page Leave empties it in one press: no dialog holds it up."""
    answered(phone)
    dialogs: list[str] = []
    phone.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    phone.do("leave")
    phone.page.wait_for_url("about:blank")
    assert [] == dialogs


def test_who_stays_after_the_question_keeps_every_answer(phone: Phone, site: Site):
    """A reload that is called off changes nothing: the answers are there and can be sent."""
    answered(phone)
    phone.page.on("dialog", lambda dialog: dialog.dismiss())
    phone.page.evaluate("setTimeout(() => location.reload())")
    phone.page.wait_for_timeout(300)
    phone.do("back")
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_attribute("data-code", "2")
    assert 1 == sum("/static/main-" in line for line in site.requests)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("drafts", [{}, {"drafts": {"days": 3}}], ids=["no drafts", "drafts"])
def test_the_consent_says_what_a_reload_costs(browser: Browser, locale: str, drafts: dict[str, object]):
    """One visible sentence in the person's language, before the buttons; where drafts are on it names their button."""
    document = Questionnaire.from_bytes(canonical(questionnaire().to_json() | drafts))
    with serving(Study(document)) as site, browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open()
        phone.choose(locale)
        sentence = phone.page.locator("#lost")
        expect(sentence).to_have_text(phone.word("draft-stay" if drafts else "stay", locale))
        expect(sentence).to_be_visible()
        assert bool(drafts) == (phone.word("draft-save", locale) in sentence.inner_text())
        assert sentence.evaluate("(one) => one.compareDocumentPosition(document.querySelector('#ask')) & 4")


@pytest.mark.parametrize("mode", ["kiosk", "assisted"])
def test_a_shared_device_speaks_of_no_reload(phone: Phone, site: Site, mode: str):
    """Who holds a device of others cannot mind its page: the sentence is left out there."""
    phone.page.goto(f"{site.link}&m={mode}")
    phone.choose("en")
    expect(phone.page.locator("#lost")).to_have_count(0)
