"""Taking an answer back in Chromium: eight words after Send, typed on their own page, become that row's tombstone."""

import sqlite3
from contextlib import closing

import pytest
from phone.axe import AXE
from phone.invited_site import Guest, InvitedSite, inviting
from phone.site import PHONE, serving
from playwright.sync_api import Browser, expect
from studies.market import Study
from werkzeug import Response

from crypto.envelope import parse_body, study_id
from crypto.withdrawal import owner_secret
from crypto.word_codes import read_words
from survey.answers_db.owner_access import connect_owner, stop_accepting
from survey.wording.catalogues import load_wordings

WORDS = load_wordings("withdraw")
STILL = {**PHONE, "bypass_csp": True, "reduced_motion": "reduce", "viewport": {"width": 360, "height": 1800}}


@pytest.fixture(scope="module")
def site():
    with inviting() as site:
        yield site


@pytest.fixture
def guest(browser: Browser, site: InvitedSite):
    site.posts.clear()
    with browser.new_context(**PHONE, locale="en-GB") as context:
        yield Guest(context, site)


class Returned(Guest):
    """The same person, who comes back with the words."""

    def page_of(self, study: str = "market") -> "Returned":
        self.open(f"{self.site.base}/w/{study}")
        return self

    def expect_heading(self, key: str, locale: str = "en", **values: object) -> None:
        self.heading(WORDS[locale](key, **values))

    def take_back(self, words: str) -> None:
        self.type("#code", words)
        self.do("withdraw")


def answered(guest: Guest, site: InvitedSite, locale: str = "en") -> list[str]:
    """Answer by invitation and return the eight words."""
    (code,) = site.slips()
    guest.redeem(site.slip(code), locale)
    guest.answer_all(locale)
    guest.send()
    guest.stored(locale)
    return guest.words()


def withdrawn(site: InvitedSite) -> set[bytes]:
    """Return the row keys that the store was asked to delete."""
    path = site.settings.answers_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        return {row for (row,) in database.execute("SELECT row_key FROM withdrawn")}


@pytest.mark.parametrize(("asked", "locale"), [("zh-CN", "zh-Hans"), ("zh-HK", "zh-Hant"), ("fr", "en")])
def test_the_page_opens_in_the_browsers_language(browser: Browser, site: InvitedSite, asked: str, locale: str):
    """It follows what the browser speaks, and calls the eight words by the name that consent and thanks give them."""
    with browser.new_context(**PHONE, locale=asked) as context:
        person = Returned(context, site).page_of()
        person.expect_heading("title", locale)
        name = {"en": "ithdrawal code", "zh-Hans": "撤回码", "zh-Hant": "撤回碼"}[locale]
        expect(person.page.locator("label[for=code]")).to_contain_text(name)
        for text in (site.study.texts[locale].interface["invite-takeback"], WORDS[locale]("how")):
            assert name in text


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_words_take_back_exactly_the_answer_that_was_stored(guest: Guest, site: InvitedSite, locale: str):
    """The words shown after Send, typed on the other page, name the stored row's key; w itself was not sent before."""
    words = answered(guest, site, locale)
    manifest = site.study.manifest
    row_key = parse_body(site.posts[0], manifest.plaintext_size).row_key
    secret = owner_secret(read_words(" ".join(words)), study_id("market"), bytes.fromhex(manifest.key_id))
    assert row_key not in withdrawn(site)
    back = Returned(guest.page.context, site).page_of()
    back.take_back(" ".join(words))
    back.expect_heading("taken-title")
    expect(back.page.locator("main p").first).to_have_text(WORDS["en"]("taken-text"))
    assert row_key in withdrawn(site)
    assert [b"\x02" + bytes.fromhex(manifest.key_id) + secret] == site.posts[1:]
    assert (False, [], []) == (secret in site.posts[0], back.violations(), back.problems)
    expect(back.page.locator("#code")).to_have_count(0)


def test_the_words_are_shown_only_to_who_asks_and_their_lists_are_fetched_for_everyone(guest: Guest, site: InvitedSite):
    """Before the press no word stands in the page, and the script with the lists was fetched all the same."""
    (code,) = site.slips()
    guest.redeem(site.slip(code))
    guest.answer_all()
    guest.send()
    guest.stored()
    expect(guest.page.locator(".code")).to_have_count(0)
    expect(guest.page.locator("[data-press=takeback]")).to_be_visible()
    guest.page.wait_for_timeout(300)
    fetched = [line for line in site.requests if "drafts-" in line]
    words = guest.words()
    assert (8, fetched) == (len(words), [line for line in site.requests if "drafts-" in line])
    expect(guest.page.locator("#takeback")).to_contain_text(f"{site.base}/w/market")
    guest.do("close")
    guest.page.wait_for_url("about:blank")
    assert "" == guest.page.evaluate("document.body.innerText.trim()")


def test_a_misspelt_word_gets_the_nearest_and_too_few_are_counted(guest: Guest, site: InvitedSite):
    """Nothing is sent for what is no code; a press puts the right word there, and then it is taken."""
    words = answered(guest, site)
    back = Returned(guest.page.context, site).page_of()
    back.take_back(" ".join(words[:7]))
    expect(back.page.locator("#said")).to_have_text(WORDS["en"]("count", n=7))
    back.take_back(" ".join([f"{words[0]}{'zq' if len(words[0]) > 6 else 'z'}", *words[1:]]))
    expect(back.page.locator("#said")).to_contain_text(WORDS["en"]("unknown", n=1))
    assert [] == site.posts[1:]
    back.press(f"[data-press=near]:text-is('{words[0]}')")
    back.do("withdraw")
    back.expect_heading("taken-title")


def test_the_answer_is_the_same_for_words_of_nobody_and_says_so(guest: Guest, site: InvitedSite):
    """Words that belong to no answer are taken like any others, and the page says that nobody can tell."""
    back = Returned(guest.page.context, site).page_of()
    back.take_back("abandon " * 8)
    back.expect_heading("taken-title")
    expect(back.page.locator("main")).to_contain_text(WORDS["en"]("taken-check"))
    back.do("again")
    back.expect_heading("title")
    expect(back.page.locator("#code")).to_have_value("")


def test_a_lost_or_foreign_reply_leaves_it_open_whether_the_answer_was_withdrawn(guest: Guest, site: InvitedSite):
    """The request may have been taken: the page says that, or that the network answered, and trying again works."""
    back = Returned(guest.page.context, site).page_of()
    site.replies = [0, 500, Response("<html>202</html>", status=202, content_type="text/html")]
    for said in ("unanswered", "unanswered", "portal"):
        back.take_back("able " * 8)
        expect(back.page.locator("[role=alert]")).to_have_text(WORDS["en"](said))
        back.do("again")
    back.take_back("able " * 8)
    back.expect_heading("taken-title")


@pytest.mark.parametrize(("width", "height"), [(320, 480), (360, 300), (640, 320)])
@pytest.mark.parametrize("locale", ["en", "zh-Hans", "ug"])
def test_the_press_that_withdraws_is_in_sight_at_once(
    browser: Browser, site: InvitedSite, width: int, height: int, locale: str
):
    """On small screens, in landscape and over a keyboard it stands whole in the bar, and more below is shown."""
    with browser.new_context(viewport={"width": width, "height": height}, locale=locale, has_touch=True) as context:
        page = Returned(context, site).page_of().page
        expect(page.locator("[data-press=withdraw]")).to_be_in_viewport(ratio=1)
        expect(page.locator("[data-press=leave]")).to_be_in_viewport(ratio=1)
        below = page.locator("#code").bounding_box()["y"] > height - page.locator("footer").bounding_box()["height"]
        assert not below or page.evaluate("document.documentElement.classList.contains('more-below')")


def test_the_page_speaks_every_language_and_passes_axe(browser: Browser, site: InvitedSite):
    """In each locale, light and contrasting, the screen with the field and the last one pass axe's rules."""
    run = "() => axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations.map((one) => one.id))"
    with browser.new_context(**STILL) as context:
        back = Returned(context, site)
        back.page.add_init_script(AXE)
        back.page_of()
        for locale in ("en", "zh-Hans", "zh-Hant"):
            back.page.locator("header select").select_option(locale)
            back.expect_heading("title", locale)
            for colours in ("light", "dark", "contrast"):
                back.page.evaluate("(colours) => { document.documentElement.dataset.colours = colours; }", colours)
                assert [] == back.page.evaluate(run)
        back.take_back("able " * 8)
        back.expect_heading("taken-title", "zh-Hant")
        assert [] == back.page.evaluate(run)


def test_a_round_that_ended_while_the_page_was_open_is_too_late(browser: Browser):
    """The door's word that the wave is closed becomes the reason why not; so does the page that is opened later."""
    with inviting() as site, browser.new_context(**PHONE) as context:
        back = Returned(context, site).page_of()
        owner = connect_owner(site.settings.answers_url)
        stop_accepting(owner, bytes.fromhex(site.study.manifest.key_id))
        owner.dispose()
        back.take_back("able " * 8)
        back.expect_heading("closed-title")
        published = site.app.extensions["published"]
        published.write_study(published.study("market").model_copy(update={"state": "closed"}))
        back.page_of()
        expect(back.page.locator("h2").first).to_have_text(WORDS["en"]("closed-title"))
        expect(back.page.locator("textarea, script:not([src^='/static/still-'])")).to_have_count(0)


def test_an_open_study_has_nothing_to_take_back_and_an_unknown_one_no_page(browser: Browser, study: Study):
    """Where nobody was invited the page says why, in every language; another address is not found."""
    with serving(study) as site, browser.new_context(**PHONE) as context:
        back = Returned(context, site).page_of()
        for locale in ("en", "zh-Hans", "zh-Hant"):
            expect(back.page.locator(f"section[lang={locale}] p")).to_have_text(WORDS[locale]("open-text"))
        assert 404 == back.page.request.get(f"{site.base}/w/none").status


def test_the_page_names_no_topic_and_its_notes_stand_without_a_script(browser: Browser, site: InvitedSite):
    """A neutral title; without JavaScript each language says that it is needed and that nothing was taken back."""
    with browser.new_context(**PHONE, java_script_enabled=False) as context:
        back = Returned.__new__(Returned)
        back.site, back.page = site, context.new_page()
        back.page.goto(f"{site.base}/w/market")
        assert "问答 · Q&A" == back.page.title()
        for locale in ("en", "zh-Hans", "zh-Hant"):
            expect(back.page.locator(f"noscript p[lang={locale}]")).to_have_text(WORDS[locale]("noscript"))
