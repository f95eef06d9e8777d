"""By invitation, in Chromium with the real issuer and door: a code redeemed after a press, its token, its messages."""

import re
from urllib.parse import urlsplit

import pytest
from phone.invited_site import AFTER, Guest, InvitedSite, InvitedStudy, by_invitation, inviting
from phone.meter import Meter
from phone.site import LOST, PHONE
from playwright.sync_api import Browser, expect

from crypto.envelope import parse_body
from crypto.invitation_codes import ALPHABET, grouped, new_code

KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href])"
SIZE = 1 + 17 + 256


@pytest.fixture(scope="module")
def served():
    with inviting() as site:
        yield site


@pytest.fixture
def site(served: InvitedSite):
    for kept in (served.posts, served.asked, served.heads, served.requests, served.cookies):
        kept.clear()
    served.replies, served.issued = [], []
    return served


@pytest.fixture
def guest(browser: Browser, site: InvitedSite):
    with browser.new_context(**PHONE) as context:
        yield Guest(context, site)


def signed_for(site: InvitedSite) -> list[bytes]:
    return [body for _, body in site.asked]


def test_nothing_is_asked_before_the_press_and_nothing_after_the_consent(guest: Guest, site: InvitedSite):
    """A link that is opened uses up no slip; the press redeems it once; from the consent to Send nothing is sent."""
    (code,) = site.slips()
    guest.enter(site.slip(code))
    guest.heading(guest.word("invite-given-title"))
    expect(guest.page.locator("#how")).to_have_text(guest.word("invite-given-how"))
    expect(guest.page.locator("#invitation")).to_have_value(grouped(code))
    expect(guest.page.locator("#stay")).to_have_text(guest.word("invite-opens"))
    assert [] == site.heads
    guest.do("code")
    guest.consent()
    guest.answer_all()
    assert ["/t/market"] == [path for path, _ in site.heads]
    guest.send()
    guest.stored()
    assert ["/t/market", "/s/market"] == [path for path, _ in site.heads]


def test_an_invited_answer_is_stored_with_a_token_of_its_own(guest: Guest, site: InvitedSite):
    """From a slip's link to the stored answer: one blind signature, one hand-in, and a token that holds and opens."""
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    expect(guest.page.locator("#stay")).to_have_text(guest.word("invite-stay"))
    guest.send()
    guest.stored()
    manifest = site.study.manifest
    manifest.record_rules.checked(parse_body(site.posts[0], manifest.plaintext_size))
    answers = site.study.opened(site.posts[0])
    assert ("country", 2) == (answers.stratum, answers.answers["AGE"])
    assert ([], []) == (guest.violations(), guest.problems)


def test_what_the_issuer_sees_is_no_part_of_what_is_handed_in(guest: Guest, site: InvitedSite):
    """The blinded message and the code stand nowhere in the body; no cookie or header of its own joins the requests."""
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    guest.send()
    guest.stored()
    (blinded,) = signed_for(site)
    assert (SIZE, code.encode()) == (len(blinded), blinded[1:18])
    body, record = site.posts[0], parse_body(site.posts[0], site.study.manifest.plaintext_size)
    signs = [blinded[18:], record.signature, record.prefix, record.t, record.c, record.row_key]
    assert [True] + [False] * 5 == [one in blinded for one in signs]
    assert (False, False) == (code.encode() in body, blinded[18:] in body)
    issue, hand_in = (dict(heads) for _, heads in site.heads)
    assert issue == hand_in
    assert [] == [name for name in issue if "COOKIE" in name or "REFERER" in name or "AUTHOR" in name]
    assert ([], []) == (site.cookies, guest.page.context.cookies())


def test_the_code_leaves_the_address_at_once_and_is_kept_nowhere(guest: Guest, site: InvitedSite):
    """Before a language is chosen the address has no code, nor has storage, history or the page, then or later."""
    (code,) = site.slips()
    guest.open(site.slip(code))
    expect(guest.page.locator("html[data-ready]")).to_have_count(1)
    assert site.link + "&s=country" == guest.page.url
    guest.page.locator("[data-locale=en] summary").tap()
    guest.do("code")
    guest.consent()
    guest.answer_all()
    guest.send()
    guest.stored()
    words = guest.words()
    held = guest.page.evaluate(KEPT)
    assert [] == [one for one in (code, *words) if re.search(rf"\b{one}\b", held)]
    assert [] == guest.page.evaluate(
        "indexedDB.databases().then((all) => caches.keys().then((more) => [...all, ...more]))"
    )
    guest.do("close")
    guest.page.wait_for_url("about:blank")
    guest.page.go_back()
    assert ("/blank", "") == (guest.page.url[-6:], guest.page.evaluate("document.body.innerText.trim()"))


def typed_badly(code: str) -> str:
    """Return a code as a person might copy it: small letters, O for 0, l for 1, other gaps."""
    return grouped(code).lower().replace("-", " ").replace("0", "o").replace("1", "l")


def test_a_code_is_typed_in_any_way_people_write_it(guest: Guest, site: InvitedSite):
    """Small letters, spaces, look-alikes and full-width signs: shown in groups, and accepted."""
    for way in (typed_badly, lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code)):
        (code,) = site.slips()
        guest.enter(site.link)
        guest.heading(guest.word("invite-title"))
        field = guest.page.locator("#invitation")
        field.press_sequentially(way(code))
        assert [4, 4, 4, 5] == [len(group) for group in field.input_value().split("-")]
        field.press("Enter")
        guest.consent()
        assert b"\x02" + code.encode() == site.asked[-1][1][:18]


def wrong(code: str, at: int = 3) -> str:
    """Return the code with another symbol at a place."""
    return code[:at] + ALPHABET[(ALPHABET.index(code[at]) + 5) % 32] + code[at + 1 :]


def test_a_mistyped_code_is_noticed_on_the_phone(guest: Guest, site: InvitedSite):
    """Nobody is asked about a code that cannot be one; each fault has its sentence, and the typing stays."""
    (code,) = site.slips()
    guest.enter(site.link)
    guest.do("code")
    guest.expect_message("invite-empty")
    for typed, text_key in ((wrong(code), "check"), (code[:-1], "length"), (code[:-1] + "U", "symbol")):
        guest.code(typed)
        guest.expect_message(f"invite-{text_key}", n=len(typed))
        expect(guest.page.locator("#invitation")).to_have_attribute("aria-invalid", "true")
        expect(guest.page.locator("#invitation")).to_be_focused()
    assert [] == site.asked
    guest.code(code)
    guest.consent()


def test_a_link_with_a_mistyped_code_asks_for_the_slip(guest: Guest, site: InvitedSite):
    """A code that was copied wrongly into the link is said to be wrong, and can be typed."""
    (code,) = site.slips()
    guest.enter(site.slip(wrong(code)))
    guest.expect_message("invite-check")
    guest.code(code)
    guest.consent()


def test_used_unknown_and_closed_are_said_before_the_first_question(guest: Guest, site: InvitedSite):
    """Each has its own plain sentence, from the link and from the field, and another slip goes on from there."""
    used, good = site.slips(2)
    site.use(used)
    (closed,) = site.slips(open_=False)
    cases = ((used, "used"), (new_code(), "unknown"), (closed, "closed"))
    for code, text_key in cases:
        guest.enter(site.slip(code))
        guest.do("code")
        guest.expect_message(f"invite-{text_key}")
    for code, text_key in cases:
        guest.code(code)
        guest.expect_message(f"invite-{text_key}")
    site.issued = [503]
    guest.code(good)
    guest.expect_message("invite-away")
    guest.code(good)
    guest.consent()
    assert {"/t/market"} == {path for path, _ in site.heads}


@pytest.mark.parametrize("fault", [AFTER, LOST, 503])
def test_a_lost_answer_of_the_issuer_costs_no_slip(guest: Guest, site: InvitedSite, fault: int):
    """Whatever broke off, pressing again sends the same blinded bytes, and the answer is stored once."""
    (code,) = site.slips()
    guest.enter(site.slip(code))
    site.issued = [fault]
    guest.do("code")
    guest.expect_message("invite-away")
    guest.do("code")
    guest.consent()
    guest.answer_all()
    guest.send()
    guest.stored()
    assert (2, 1) == (len(signed_for(site)), len({*signed_for(site)}))
    assert 1 == len(site.posts)


def test_a_lost_answer_of_the_door_sends_the_same_body_again(guest: Guest, site: InvitedSite):
    """The token is fetched once; the same bytes are handed in until the door says stored."""
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    site.replies = [LOST, 500]
    guest.send()
    for _ in range(2):
        expect(guest.page.locator("[data-press=retry]")).to_be_visible()
        guest.do("retry")
    guest.stored()
    assert (1, 3, 1) == (len(signed_for(site)), len(site.posts), len({*site.posts}))


@pytest.mark.parametrize("mode", ["kiosk", "assisted"])
def test_on_a_shared_device_each_interview_asks_for_its_own_slip(guest: Guest, site: InvitedSite, mode: str):
    """The link's code is the first person's alone; the second is asked, and two answers are stored with two tokens."""
    first, second = site.slips(2)
    guest.redeem(f"{site.link}&m={mode}&c={first}")
    guest.answer_all()
    guest.send()
    guest.stored()
    guest.do("close")
    guest.page.locator("[data-locale=en] summary").tap()
    guest.heading(guest.word("invite-title"))
    guest.code(first)
    guest.expect_message("invite-used")
    guest.code(second)
    guest.consent()
    guest.answer_all()
    guest.send()
    guest.stored()
    assert 2 == len({parse_body(body, site.study.manifest.plaintext_size).row_key for body in site.posts})


def test_an_interview_by_invitation_is_within_80_kilobytes_and_eight_requests(guest: Guest, site: InvitedSite):
    """
    Page, check, script, documents, the invitation's script, token, hand-in, and the word lists that everyone fetches.

    The bytes are those that Chromium counts on the wire, headers included.
    """
    meter = Meter(guest.page.context.new_cdp_session(guest.page))
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    guest.send()
    guest.stored()
    guest.words()
    asked = [address.removeprefix(site.base) for address in meter.requests if address.startswith(site.base)]
    assert 8 == len(asked)
    assert ["/t/market", "/s/market"] == [address for address in asked if address[:3] in {"/t/", "/s/"}][1:]
    guest.page.wait_for_timeout(500)
    assert 60_000 < meter.bytes < 80_000


def test_leaving_from_the_code_screen_empties_it(guest: Guest, site: InvitedSite):
    """On one's own phone Leave closes the page; on a kiosk the first screen comes back and nothing stands in it."""
    (code,) = site.slips()
    guest.enter(f"{site.link}&m=kiosk")
    guest.page.locator("#invitation").fill(code[:5])
    guest.do("leave")
    expect(guest.page.locator("#languages")).to_be_visible()
    expect(guest.page.locator("#invitation")).to_have_count(0)
    guest.enter(site.link)
    guest.page.locator("#invitation").fill(code[:5])
    guest.do("leave")
    guest.page.wait_for_url("about:blank")


def test_the_language_can_be_changed_where_the_code_is_asked(guest: Guest, site: InvitedSite):
    """The code screen speaks the language that was chosen, and so does the interview after it."""
    (code,) = site.slips()
    guest.enter(site.link)
    guest.heading(guest.word("invite-title"))
    guest.page.locator("header select").select_option("zh-Hans")
    guest.heading(guest.word("invite-title", "zh-Hans"))
    guest.code(code)
    guest.consent()
    expect(guest.page.locator("h1")).to_have_text(guest.word("consent-title", "zh-Hans"))


def test_inside_an_app_the_code_stays_in_the_address_until_the_person_goes_on(browser: Browser, site: InvitedSite):
    """ "Open in browser" needs the whole link; who goes on there all the same takes it out by choosing a language."""
    from phone.every_screen import WECHAT

    (code,) = site.slips()
    with browser.new_context(**PHONE, user_agent=WECHAT) as context:
        guest = Guest(context, site)
        guest.open(site.slip(code))
        expect(guest.page.locator("html[data-ready]")).to_have_count(1)
        assert site.slip(code) == guest.page.url
        guest.page.locator("[data-note=inapp] summary").first.tap()
        guest.page.locator("[data-press=anyway]").first.tap()
        guest.page.locator("[data-locale=en] summary").tap()
        guest.do("code")
        guest.consent()
        assert code not in guest.page.url


def test_an_open_link_fetches_nothing_of_invitations(browser: Browser):
    """The page of an open study names no such script, fetches none, and ignores a code; an invitation's does, once."""
    from phone.site import Phone, serving
    from studies.market import Study

    with serving(Study()) as site, browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open(site.link + f"&c={new_code()}")
        assert site.link == phone.page.url
        phone.choose("en")
        assert [] == [line for line in site.requests if "invited" in line or "/t/" in line]
        assert "data-invited" not in phone.page.request.get(site.link).text()


def test_a_study_by_invitation_has_no_plain_form(guest: Guest, site: InvitedSite):
    """A server that locks answers of invited people could tell whose they are: the form's address is none."""
    assert 404 == guest.page.request.get(f"{site.base}/f/market").status


def test_stay_on_this_page_is_said_before_send_and_the_overview(guest: Guest, site: InvitedSite):
    """The caution stands above the overview, and both above Send."""
    guest.redeem(site.slip(*site.slips()))
    guest.answer_all()
    shown = guest.page.locator("#stay, [data-press=send], main > details")
    expect(shown).to_have_count(3)
    assert ["stay", "DETAILS", "send"] == shown.evaluate_all(
        "(all) => all.map((one) => one.dataset.press ?? (one.id || one.tagName))"
    )


@pytest.mark.parametrize(("link", "page"), [("results", "r"), ("receipt-check", "c")])
def test_the_thanks_stay_while_a_link_on_them_is_followed(guest: Guest, site: InvitedSite, link: str, page: str):
    """The public page opens in a tab of its own, without a way back to this one, whose receipt and words stay."""
    guest.redeem(site.slip(*site.slips()))
    guest.answer_all()
    guest.send()
    guest.stored()
    words = guest.words()
    guest.page.locator("main details:has(.receipt) summary").tap()
    shown = guest.page.locator(".receipt")
    expect(shown).to_have_count(2)
    receipt = shown.all_inner_texts()
    with guest.page.context.expect_page() as opened:
        guest.page.get_by_role("link", name=guest.word(link)).tap()
    opened.value.wait_for_load_state()
    assert (f"/{page}/market", None) == (urlsplit(opened.value.url).path, opened.value.evaluate("opener"))
    guest.stored()
    expect(shown).to_have_text(receipt)
    expect(guest.page.locator(".code li")).to_have_text(words)


def test_an_opened_draft_by_invitation_asks_before_it_is_closed(browser: Browser):
    """From the code that opens a draft on, its token is held, and a reload is asked about before the consent."""
    study = InvitedStudy(by_invitation(drafts={"days": 3}))
    with inviting(study) as site, browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        guest.redeem(site.slip(*site.slips()))
        guest.do("agree")
        guest.answer(2)
        guest.do("draft-save")
        guest.do("draft-go")
        expect(guest.page.locator(".code li")).to_have_count(8)
        code = " ".join(guest.page.locator(".code li").all_inner_texts())
        again = Guest(context, site).enter(site.link)
        again.do("draft-continue")
        assert again.page.evaluate("onbeforeunload") is None
        again.type("#code", code)
        again.do("draft-open")
        again.consent()
        assert again.page.evaluate("onbeforeunload?.()") == "?"


def test_the_browser_asks_before_a_withdrawal_code_is_lost(guest: Guest, site: InvitedSite):
    """Stored, a reload is asked about and Back stays, since only this page knows the code; Close asks nothing."""
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    guest.send()
    guest.stored()
    dialogs: list[str] = []
    guest.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.dismiss()))
    guest.page.evaluate("setTimeout(() => location.reload())")
    guest.page.wait_for_timeout(300)
    assert ["beforeunload"] == dialogs
    guest.page.go_back()
    expect(guest.page.get_by_role("status").first).to_have_text(guest.word("leave-help"))
    assert 8 == len(guest.words())
    guest.do("close")
    guest.page.wait_for_url("about:blank")
    assert ["beforeunload"] == dialogs
