"""The kit, the hand-over, the idle warning and drafts for every reader: axe's rules in each dress and width."""

import pytest
from phone.axe import AXE, STILL, violations
from phone.draft_phone import Saver
from phone.shared_device import Shared, private_study
from phone.site import Site, own_reply
from phone.tablet import TABLET, Tablet
from playwright.sync_api import Browser, expect

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def study():
    return private_study()


class Looking:
    """Looks at one screen after another and remembers what is wrong."""

    def __init__(self, phone: Tablet | Shared | Saver) -> None:
        self.phone = phone
        self.wrong: list[object] = []

    def at(self, name: str) -> None:
        self.phone.settled()
        self.phone.page.evaluate(AXE)
        self.wrong += violations(self.phone.page, name)
        if self.phone.page.evaluate(WIDE) > 0:
            self.wrong.append((name, "scrolls sideways"))


@pytest.mark.parametrize("width", [360, 800])
def test_axe_finds_nothing_in_the_kit(browser: Browser, site: Site, width: int):
    """Start screen, what waits, and late interviews pass axe's rules on a phone and on a tablet."""
    with browser.new_context(**{**TABLET, **STILL, "viewport": {"width": width, "height": 2000}}) as context:
        tablet = Tablet(context, site)
        look = Looking(tablet.prepared())
        look.at("start")
        tablet.offline()
        tablet.do("kiosk")
        tablet.interview(finish=False)
        look.at("kept")
        tablet.do("close")
        tablet.counts(waiting=1)
        look.at("waiting")
        site.replies, site.bundles = [own_reply(410)], {}
        tablet.offline(False)
        tablet.counts(late=1)
        tablet.do("discard")
        look.at("late")
    assert [] == look.wrong


def test_axe_finds_nothing_where_a_device_changes_hands(browser: Browser, site: Site):
    """Hand-over, private question, giving back and the last screen pass axe's rules."""
    with browser.new_context(**STILL) as context:
        phone = Shared(context, site, "assisted")
        look = Looking(phone)
        phone.to_private()
        look.at("handover")
        phone.do("handover")
        look.at("private")
        phone.answer(1)
        phone.answer(1)
        look.at("giveback")
        phone.do("handover")
        phone.finished()
        look.at("finish")
    assert [] == look.wrong


def test_axe_finds_nothing_in_the_idle_warning(browser: Browser, site: Site):
    """The warning that a kiosk gives passes axe's rules."""
    with browser.new_context(**STILL) as context:
        phone = Shared(context, site, "kiosk", clock=True)
        phone.choose("en")
        phone.page.clock.run_for(92_000)
        expect(phone.page.get_by_role("alertdialog")).to_be_visible()
        look = Looking(phone)
        look.phone.page.clock.resume()
        look.at("idle")
    assert [] == look.wrong


def test_axe_finds_nothing_in_drafts(browser: Browser, site: Site):
    """Warning, code, the line on the consent screen, typing and a misspelt word pass axe's rules."""
    with browser.new_context(**STILL) as context:
        saver = Saver(context, site)
        look = Looking(saver)
        saver.start()
        saver.answer(2)
        saver.do("draft-save")
        look.at("warning")
        saver.do("draft-go")
        expect(saver.page.locator(".code li")).to_have_count(8)
        look.at("code")
        saver = look.phone = Saver(context, site).open()
        saver.choose("en")
        look.at("consent")
        saver.do("draft-continue")
        saver.code("citisen " * 8)
        look.at("typing")
    assert [] == look.wrong
