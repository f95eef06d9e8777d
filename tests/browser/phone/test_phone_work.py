"""An open link that asks for work, in Chromium with the real door: one sum at Send, nothing of it before or kept."""

import base64
import json
from collections import Counter

import pytest
from phone.site import PHONE, Phone, serving
from phone.tablet import DUMP, TABLET, Tablet
from phone.worked_site import HARD, OLD, WorkedSite, working
from playwright.sync_api import Browser, expect
from studies.market import STUDY, Study

CHALLENGE, HAND_IN = f"GET /s/{STUDY}/work", f"POST /s/{STUDY}"
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href])"
CACHES = "indexedDB.databases().then((all) => caches.keys().then((more) => [...all, ...more]))"
POLICY = "content-security-policy"


@pytest.fixture(scope="module")
def served():
    with working() as site:
        yield site


@pytest.fixture
def site(served: WorkedSite):
    for one in (served.posts, served.works, served.challenges, served.requests, served.cookies, served.replies):
        one.clear()
    return served


@pytest.fixture
def phone(browser: Browser, site: WorkedSite):
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site).start()
        phone.to_send()
        yield phone


def stored(phone: Phone) -> None:
    expect(phone.page.locator("h1")).to_have_text(phone.word("stored-title"), timeout=20_000)


def test_an_answer_is_stored_with_one_sum_done_at_send(phone: Phone, site: WorkedSite):
    """Before Send no challenge is asked for; then one, solved, beside the answer; the policy and the page hold."""
    assert [] == [line for line in site.requests if line in (CHALLENGE, HAND_IN)]
    phone.send()
    stored(phone)
    assert [CHALLENGE, HAND_IN] == [line for line in site.requests if line in (CHALLENGE, HAND_IN)]
    assert 2 == site.study.opened(site.posts[0]).answers["AGE"]
    sent = json.loads(base64.b64decode(site.works[0]))
    assert ({"challenge", "solution"}, {"counter", "derivedKey"}) == (sent.keys(), sent["solution"].keys())
    assert ([], [], [], []) == (phone.violations(), phone.problems, site.violations, site.cookies)


def test_work_that_is_too_old_is_done_again_for_the_same_bytes(phone: Phone, site: WorkedSite):
    """The door says 428 to a challenge that ran out; the phone says not stored, and by itself sends the same body."""
    site.challenges = [OLD]
    phone.send()
    phone.heading(phone.word("not-stored-title"))
    expect(phone.page.locator("[role=alert]")).to_have_text(phone.word("not-stored-text"))
    stored(phone)
    assert [CHALLENGE, HAND_IN] * 2 == [line for line in site.requests if line in (CHALLENGE, HAND_IN)]
    assert (1, 2) == (len(set(site.posts)), len(set(site.works)))


def test_a_lost_reply_costs_no_second_sum(phone: Phone, site: WorkedSite):
    """Where no reply came back the same work goes with the same body."""
    site.replies = [0]
    phone.send()
    phone.heading(phone.word("unconfirmed-title"))
    phone.do("retry")
    stored(phone)
    assert (2, 1, 1) == (len(site.works), len(set(site.posts)), len(set(site.works)))
    assert [CHALLENGE, HAND_IN, HAND_IN] == [line for line in site.requests if line in (CHALLENGE, HAND_IN)]


def test_without_a_challenge_nothing_is_handed_in_and_nothing_is_in_doubt(phone: Phone, site: WorkedSite):
    """A host that gives no challenge: not stored, never perhaps stored; trying again works."""
    site.challenges = [500]
    phone.send()
    phone.heading(phone.word("not-stored-title"))
    assert [] == site.posts
    phone.do("retry")
    stored(phone)


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_leaving_during_the_sum_ends_it(browser: Browser, site: WorkedSite, locale: str):
    """The page says in plain words what the phone does, stays alive, and one press leaves with nothing sent."""
    site.challenges = [HARD]
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site).start(locale)
        phone.to_send(locale)
        phone.send()
        expect(phone.page.locator("#stage")).to_have_text(phone.word("work-sum", locale))
        phone.do("leave")
        phone.page.wait_for_url("about:blank")
        phone.page.go_back()
        assert ("/blank", "") == (phone.page.url[-6:], phone.read("document.body.innerText.trim()"))
    assert [] == site.posts


def test_nothing_of_the_work_is_kept(phone: Phone, site: WorkedSite):
    """Neither the challenge nor its answer is in storage, history or a cache when all is stored."""
    phone.send()
    stored(phone)
    nonce = json.loads(base64.b64decode(site.works[0]))["challenge"]["parameters"]["nonce"]
    assert (False, []) == (nonce in phone.read(KEPT), phone.read(CACHES))


def test_the_script_comes_only_where_the_study_asks_for_work(browser: Browser, phone: Phone, site: WorkedSite):
    """A study without work names no such script and fetches none; with work once. The policies differ by nothing."""
    assert 1 == len([line for line in site.requests if "/static/work-" in line])
    with serving(Study()) as other, browser.new_context(**PHONE) as context:
        plain = Phone(context, other).start()
        plain.to_send()
        plain.send()
        stored(plain)
        assert [] == [line for line in other.requests if "work" in line]
        pages = [one.page.request.get(one.site.link) for one in (plain, phone)]
        assert [False, True] == ["data-work" in one.text() for one in pages]
        assert 1 == len({one.headers[POLICY] for one in pages})


def test_the_kit_does_the_work_when_a_network_is_there(browser: Browser, site: WorkedSite):
    """Two interviews sealed with no network, each handed in with its own work later; the tablet keeps none of it."""
    with browser.new_context(**TABLET) as context:
        tablet = Tablet(context, site).prepared()
        tablet.offline()
        for locale in ("en", "zh-Hans"):
            tablet.interview(locale)
        tablet.counts(waiting=2, acknowledged=0)
        assert ([], [True, True]) == (site.works, [row[2] == {} for row in tablet.page.evaluate(DUMP)["values"]])
        tablet.offline(False)
        tablet.counts(waiting=0, acknowledged=2)
        assert [] == tablet.violations()
    assert (2, 2) == (len(set(site.posts)), len(set(site.works)))
    assert Counter(["en", "zh-Hans"]) == Counter(site.study.opened(body).locale for body in site.posts)
