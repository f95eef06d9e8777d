"""By invitation, in Chromium and Firefox: what a reload keeps of a slip, and that nothing else does (decision 109)."""

import json

import pytest
from engines.chromium import Chromium
from engines.engine import Visitor
from engines.firefox import firefox
from phone.invited_site import AFTER, Guest, InvitedSite, InvitedStudy, by_invitation, inviting
from phone.site import LOST, PHONE, chromium
from playwright.sync_api import Browser

from crypto.envelope import parse_body

NAME = "window.name"
SIZE = 850
CODE_SCREEN = "#invitation"


@pytest.fixture(scope="module", params=["Chromium", "Firefox"])
def engine(request: pytest.FixtureRequest):
    if request.param == "Firefox":
        with firefox() as engine:
            yield engine
        return
    with chromium() as browser:
        engine = Chromium(browser)
        yield engine
        engine.finish()


@pytest.fixture(scope="module")
def served():
    with inviting() as site:
        yield site


@pytest.fixture
def site(served: InvitedSite):
    for kept in (served.posts, served.asked, served.heads, served.requests):
        kept.clear()
    served.replies, served.issued = [], []
    return served


@pytest.fixture
def visitor(engine, site: InvitedSite):
    return Visitor(engine, site)


def entered(visitor: Visitor, code: str, link: str | None = None, said: str | None = None) -> None:
    """Choose the language, see what is said of a reload, type the code, and press."""
    if link:
        # From the page itself its own address would load nothing.
        visitor.open("about:blank")
        visitor.open(link)
    visitor.press("[data-locale=en] summary")
    visitor.sees(CODE_SCREEN)
    again = visitor.read("document.querySelector('#again')?.textContent ?? null")
    assert said is None or visitor.word(said, "en") == again
    visitor.type(CODE_SCREEN, code)
    visitor.do("code")


def redeemed(visitor: Visitor, code: str, link: str | None = None) -> str:
    """Redeem a code; return the tab's name."""
    entered(visitor, code, link or visitor.site.link)
    visitor.sees("[data-press=agree]")
    return str(visitor.read(NAME))


def finished(visitor: Visitor) -> None:
    """Answer everything and send."""
    visitor.do("agree")
    for code in (2, 90):
        visitor.answer(code)
    visitor.do("next")
    visitor.answer(3, 1, 2)
    visitor.stored("en")


def message(visitor: Visitor, key: str) -> None:
    visitor.expect_value("document.querySelector('#said')?.textContent", visitor.word(key, "en"))


def test_after_a_reload_the_slip_goes_on_without_a_request(visitor: Visitor, site: InvitedSite):
    """The code typed again opens the interview anew with the same token; nothing is asked, and one answer is stored."""
    (code,) = site.slips()
    name = redeemed(visitor, code)
    assert SIZE == len(name)
    visitor.do("agree")
    visitor.answer(2)
    for _ in range(2):
        visitor.engine.reload()
        entered(visitor, code, said="invite-reloaded")
        visitor.sees("[data-press=agree]")
        assert name == visitor.read(NAME)
    assert 1 == len(site.asked)
    finished(visitor)
    record = parse_body(site.posts[0], site.study.manifest.plaintext_size)
    site.study.manifest.record_rules.checked(record)
    assert ["/t/market", "/s/market"] == [path for path, _ in site.heads]


@pytest.mark.parametrize("fault", [AFTER, LOST])
def test_a_reply_that_was_lost_before_a_reload_costs_no_slip(visitor: Visitor, site: InvitedSite, fault: int):
    """Before the request it is kept: after the reload the same bytes are sent again, and signed."""
    (code,) = site.slips()
    site.issued = [fault]
    entered(visitor, code, site.link)
    message(visitor, "invite-away")
    assert SIZE == len(visitor.read(NAME))
    visitor.engine.reload()
    entered(visitor, code)
    visitor.sees("[data-press=agree]")
    assert (2, 1) == (len(site.asked), len({body for _, body in site.asked}))
    finished(visitor)


def test_a_closed_tab_costs_the_slip(visitor: Visitor, site: InvitedSite):
    """In a new tab the same code is used, and what another slip's tab kept is of no use for it."""
    code, other = site.slips(2)
    redeemed(visitor, code)
    visitor.engine.begin()
    entered(visitor, code, site.link)
    message(visitor, "invite-used")
    visitor.engine.begin()
    redeemed(visitor, other)
    visitor.engine.reload()
    entered(visitor, code)
    message(visitor, "invite-used")
    assert "" == visitor.read(NAME)


def test_a_name_that_another_page_planted_is_emptied_and_not_used(visitor: Visitor, site: InvitedSite):
    """The true name of a slip, planted before a page is opened or gone back to, is gone before anything is pressed."""
    (code,) = site.slips()
    planted = redeemed(visitor, code)
    visitor.engine.begin()
    visitor.open(f"{site.base}/blank")
    visitor.read(f"{NAME} = {json.dumps(planted)}")
    visitor.open(site.link)
    visitor.expect_value(NAME, "")
    visitor.open(f"{site.base}/blank")
    visitor.read(f"{NAME} = {json.dumps(planted)}")
    visitor.engine.back()
    visitor.expect_value(NAME, "")
    entered(visitor, code)
    message(visitor, "invite-used")


def test_leaving_declining_and_sending_empty_the_name(visitor: Visitor, site: InvitedSite):
    """Leave (from the code screen too), the answer No and Send each empty it, whether or not the door answers."""
    codes = site.slips(4)
    site.issued = [LOST]
    entered(visitor, codes[0], site.link)
    message(visitor, "invite-away")
    visitor.do("leave")
    visitor.expect_value(f"[location.href, {NAME}].join()", "about:blank,")
    for code, ways in zip(codes[1:], (["leave"], ["decline"], []), strict=True):
        assert SIZE == len(redeemed(visitor, code))
        for way in ways:
            visitor.do(way)
        if not ways:
            sent_in_vain(visitor)
        visitor.expect_value(NAME, "")
    assert 1 == len(site.posts)


def sent_in_vain(visitor: Visitor) -> None:
    """Answer everything and send, where the door does not answer."""
    visitor.site.replies = [LOST]
    visitor.do("agree")
    for code in (2, 90):
        visitor.answer(code)
    visitor.do("next")
    visitor.answer(3, 1, 2)
    visitor.do("send")
    visitor.sees("[data-press=retry]")


@pytest.mark.parametrize("mode", ["kiosk", "assisted"])
def test_a_shared_device_keeps_nothing(visitor: Visitor, site: InvitedSite, mode: str):
    """On a kiosk and with an assistant the name stays empty, and one that is there is gone after a reload."""
    (code,) = site.slips()
    planted = redeemed(visitor, code)
    visitor.engine.begin()
    assert "" == redeemed(visitor, *site.slips(), f"{site.link}&m={mode}")
    visitor.read(f"{NAME} = {json.dumps(planted)}")
    visitor.engine.reload()
    visitor.expect_value(NAME, "")
    entered(visitor, code)
    message(visitor, "invite-used")


def test_a_study_that_forbids_it_keeps_nothing(engine):
    """With `resume: none` a reload costs the slip, and nothing is ever in the name."""
    with inviting(InvitedStudy(by_invitation(resume=None))) as site:
        visitor = Visitor(engine, site)
        (code,) = site.slips()
        assert "" == redeemed(visitor, code)
        visitor.engine.reload()
        entered(visitor, code)
        message(visitor, "invite-used")


def test_the_browser_asks_before_a_page_with_a_token_is_closed(browser: Browser, site: InvitedSite):
    """With a token on the page Chromium asks, and with a withdrawal code that only this page has; not after Close."""
    (code,) = site.slips()
    with browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        guest.redeem(site.slip(code))
        with guest.page.expect_event("dialog") as asked:
            guest.page.close(run_before_unload=True)
        assert "beforeunload" == asked.value.type
        asked.value.dismiss()
        guest.answer_all()
        guest.send()
        guest.stored()
        with guest.page.expect_event("dialog") as asked:
            guest.page.close(run_before_unload=True)
        assert "beforeunload" == asked.value.type
        asked.value.dismiss()
        # A dialog that nobody answers would keep the page where it is.
        guest.page.on("dialog", lambda _: None)
        guest.do("close")
        guest.page.wait_for_url("about:blank")
