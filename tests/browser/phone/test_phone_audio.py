"""Reading aloud: only for who asks, from pinned recordings, the same requests for everyone, silent when it must be."""

import json

import pytest
from phone.every_screen import SHOWCASE, every_screen, hide, press
from phone.site import PHONE, Phone, Site, serving
from playwright.sync_api import Browser, BrowserContext, expect
from studies.market import Study

from crypto.canonical import canonical
from survey.authoring.compiler import compile_with_media
from survey.publication.media import publish_media
from survey.questionnaire.questionnaire import Questionnaire

# Notes what is marked, what is played, what is spoken, and how many addresses of blobs are alive.
WITNESS = """
window.marked = []; window.players = []; window.spoken = []; window.alive = new Set();
new MutationObserver((all) => { for (const { target } of all)
  if (target.hasAttribute("data-reading")) marked.push(target.textContent.trim());
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-reading"] });
const Own = Audio;
window.Audio = class extends Own { constructor() { super(); players.push(this); } };
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (blob) => { const url = createObjectURL.call(URL, blob); alive.add(url); return url; };
URL.revokeObjectURL = (url) => { alive.delete(url); revokeObjectURL.call(URL, url); };
"""
VOICES = """
const voices = %s;
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices, cancel: () => {}, addEventListener: () => {},
  speak: (one) => { spoken.push([one.voice.lang, one.voice.localService, one.text]); setTimeout(() => one.onend()); },
}});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
NETWORK, LOCAL = {"lang": "en-US", "localService": False}, {"lang": "en-GB", "localService": True}
FIRST_TIME = 15_000  # ms: several tones and pauses


@pytest.fixture(scope="module")
def site():
    with every_screen() as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: Site):
    site.requests.clear()
    with browser.new_context(**PHONE) as context:
        yield context


def listening(context: BrowserContext, site: Site, locale: str = "en", voices: list[object] | None = None) -> Phone:
    """Return a phone that has pressed Listen on the consent."""
    phone = Phone(context, site)
    phone.page.add_init_script(WITNESS)
    if voices is not None:
        phone.page.add_init_script(VOICES % json.dumps(voices))
    phone.open()
    phone.choose(locale)
    phone.do("listen")
    return phone


def fetched(site: Site) -> list[str]:
    """Return the recordings asked for, pictures left out."""
    texts = site.study.texts.values()
    pictures = {name for text in texts for item in text.items.values() for name in (item.pictures or {}).values()}
    names = [line.removeprefix("GET /m/") for line in site.requests if "/m/" in line]
    return [name for name in names if name not in pictures]


def done(phone: Phone, locale: str = "en") -> None:
    """Wait until the screen has been read."""
    expect(phone.page.locator("[data-press=listen-again]")).to_be_visible(timeout=FIRST_TIME)
    expect(phone.page.locator(".live")).not_to_have_text(phone.word("listen-wait", locale))


def test_who_reads_with_their_eyes_downloads_nothing_of_it(context: BrowserContext, site: Site):
    """Without a press of Listen neither the script that reads nor any recording is fetched."""
    phone = Phone(context, site).open()
    phone.choose("en")
    phone.do("agree")
    phone.do("next")
    expect(phone.page.locator("[data-press=listen]")).to_be_visible()
    assert [] == [line for line in site.requests if "audio" in line]
    assert [] == fetched(site)


def test_a_screen_is_read_in_order_and_each_part_is_marked(context: BrowserContext, site: Site):
    """The consent is read from its first paragraph to its last answer; each is marked while it is read, then none."""
    phone = listening(context, site)
    done(phone)
    consent = site.study.texts["en"].consent
    expected = [*consent.paragraphs, consent.question, consent.agree, consent.decline]
    assert expected == phone.page.evaluate("marked")
    expect(phone.page.locator("[data-reading]")).to_have_count(0)
    assert ([], []) == (phone.violations(), phone.problems)


def test_the_next_screen_is_read_without_another_press_and_again_on_request(context: BrowserContext, site: Site):
    """Once on, arriving reads; Listen again repeats it; Sound off ends it for the screens to come."""
    phone = listening(context, site)
    phone.do("agree")
    welcome = site.study.texts["en"].items["WELCOME"].text
    done(phone)
    phone.do("listen-again")
    done(phone)
    assert 2 == phone.page.evaluate("marked").count(welcome)
    phone.do("listen-off")
    phone.page.evaluate("marked.length = 0")
    phone.do("next")
    expect(phone.page.locator("[data-press=listen]")).to_be_visible()
    assert [] == phone.page.evaluate("marked")
    assert 0 == phone.page.evaluate("alive.size")


def test_requests_are_the_same_whatever_is_answered(browser: Browser, site: Site):
    """Two people who take different ways ask for the same recordings, all at the start, and for none on their way."""
    lists = []
    for code in (1, 2):
        site.requests.clear()
        with browser.new_context(**PHONE) as context:
            phone = listening(context, site)
            done(phone)
            before = fetched(site)
            for action in ("agree", "next"):
                phone.do(action)
            phone.answer(code)
            phone.page.locator("main input").wait_for()
            assert before == fetched(site)
            lists.append(before)
    # Three come at a time, so neighbours may change places on the wire.
    assert sorted(lists[0]) == sorted(lists[1])
    assert 20 < len(lists[0]) == len(set(lists[0]))


def test_a_recording_that_is_not_the_pinned_one_is_never_played(context: BrowserContext, site: Site):
    """A file swapped on the server is not heard, and the page says that it could not be had; the others are."""
    name = site.study.texts["en"].audio.consent[1]
    path = site.app.extensions["sotto"].published.root / "media" / name
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + b"\x7f")
    try:
        phone = listening(context, site)
        expect(phone.page.locator(".live")).to_have_text(phone.word("listen-failed"), timeout=FIRST_TIME)
    finally:
        path.write_bytes(sound)
    consent = site.study.texts["en"].consent
    assert [consent.paragraphs[0], *consent.paragraphs[2:]] == phone.page.evaluate("marked")[
        : len(consent.paragraphs) - 1
    ]


def test_a_screen_without_recordings_says_so(context: BrowserContext, site: Site):
    """Where nothing was recorded and the phone has no voice, the page says so instead of staying silent."""
    phone = listening(context, site, "zh-Hant")
    expect(phone.page.locator(".live")).to_have_text(phone.word("listen-none", "zh-Hant"), timeout=FIRST_TIME)


@pytest.mark.parametrize("way", ["next", "hidden", "leave", "stop"])
def test_it_stops_at_once(context: BrowserContext, site: Site, way: str):
    """Going on, looking away, leaving and Stop each silence the recording that plays, at once."""
    phone = listening(context, site)
    expect(phone.page.locator("[data-reading]")).to_have_count(1, timeout=FIRST_TIME)
    player = phone.page.evaluate_handle("players[0]")
    pressed = {"next": "decline", "stop": "listen-stop", "leave": "leave"}
    if way == "hidden":
        hide(phone)
    else:
        press(phone.page.locator(f"[data-press={pressed[way]}]"))
    if way != "leave":
        assert player.evaluate("(one) => new Promise((done) => setTimeout(() => done(one.paused)))")
        expect(phone.page.locator("[data-reading]")).to_have_count(0)
    else:
        phone.page.wait_for_url("about:blank")
    assert 1 >= len(phone.page.evaluate("window.marked ?? []"))


@pytest.mark.parametrize(("voices", "heard"), [([NETWORK, LOCAL], True), ([NETWORK], False), ([], False)])
def test_only_a_voice_of_the_phone_may_read(context: BrowserContext, site: Site, voices: list[object], heard: bool):
    """A screen without recordings is read by a voice that is on the device, and never by one of a company's server."""
    phone = listening(context, site, "en", voices)
    for action in ("agree", "next"):
        phone.do(action)
    phone.answer(1)
    phone.type("main input", "40")
    phone.do("next")
    if not heard:
        expect(phone.page.locator(".live")).to_have_text(phone.word("listen-none"), timeout=FIRST_TIME)
        assert [] == phone.page.evaluate("spoken")
        return
    done(phone)
    spoken = phone.page.evaluate("spoken")
    assert ["en-GB", True, site.study.texts["en"].items["HOUSE"].text] in spoken
    assert {True} == {local for _, local, _ in spoken}


def test_no_voice_reads_where_the_study_does_not_allow_it(browser: Browser):
    """Without `voice` in the questionnaire a voice on the phone stays silent, and the page says so."""
    whole = compile_with_media(SHOWCASE)
    document = json.loads(whole.questionnaire.to_bytes())
    del document["voice"]
    study = Study(Questionnaire.from_bytes(canonical(document)), dict(whole.texts))
    with (
        serving(study, lambda folder: publish_media(folder, whole.media)) as site,
        browser.new_context(**PHONE) as context,
    ):
        phone = listening(context, site, "zh-Hant", [{"lang": "zh-TW", "localService": True}])
        expect(phone.page.locator(".live")).to_have_text(phone.word("listen-none", "zh-Hant"), timeout=FIRST_TIME)
        assert [] == phone.page.evaluate("spoken")
