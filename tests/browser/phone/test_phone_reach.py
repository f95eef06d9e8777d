"""In reach of a hurried hand: skipping, Next and Leave on every screen, measured by hit-testing in two engines."""

from collections.abc import Iterator

import pytest
from engines.chromium import Chromium
from engines.engine import Engine, Visitor
from engines.firefox import firefox
from phone.draft_phone import Saver
from phone.every_screen import Walk, every_screen
from phone.reach import KEYBOARD, LANDSCAPE, LETTERS, SIZES, SMALL, UPRIGHT, measurement, unrouted, whole_study
from phone.site import Phone, Site, serving
from playwright.sync_api import Browser, expect
from studies.market import Study

from survey.authoring.compiler import compile_study
from survey.demo import demo

LOCALES = ("en", "zh-Hans", "zh-Hant")
# On the one question that says which form is asked, an answer is needed; the other's "No" is the way to skip.
WITHOUT_SKIP = ("MODE", "CONSENT2")
PLANTED = {
    "footer { position: static !important; }": "answer 99 is not in view",
    ".skips { display: none !important; }": None,
    ".leave { position: fixed; bottom: 90px; left: 30px; z-index: 4; }": "leave and answer",
    ".choice { gap: 4px !important; }": "4 px apart",
    "header { padding-bottom: 150px !important; }": "is left for content",
    "h1 { padding-bottom: 900px; }": "is more than one movement from",
    "footer::after { content: none !important; } .choice { margin-top: 900px; }": "there is more",
}


@pytest.fixture(scope="module")
def sesame() -> Iterator[Site]:
    """Serve the shipped study with every question asked."""
    questionnaire, texts = compile_study(demo.SOURCES / "questionnaire.yaml")
    with serving(unrouted(Study(questionnaire, dict(texts)))) as site:
        yield site


@pytest.fixture(scope="module")
def showcase() -> Iterator[Site]:
    """Serve the study with every kind of question, in Uyghur too, whose words are longer and run from the right."""
    with every_screen("ug") as site:
        yield site


@pytest.fixture(scope="module")
def fox():
    with firefox() as engine:
        yield engine


@pytest.fixture
def chrome(browser: Browser) -> Iterator[Chromium]:
    engine = Chromium(browser)
    yield engine
    engine.finish()


def at_consent(engine: Engine, site: Site, locale: str, size: tuple[int, int]) -> Visitor:
    visitor = Visitor(engine, site)
    engine.resize(*size)
    return visitor.open().choose(locale)


def assert_in_reach(engine: Engine, site: Site, locale: str, size: tuple[int, int], *dress):
    found = at_consent(engine, site, locale, size).read(whole_study(*dress))
    texts = site.study.texts[locale].items
    assert [] == found["faults"]
    assert [texts[name].text for name in WITHOUT_SKIP] == found["unskipped"]
    assert len(site.study.questionnaire.items) == found["screens"]


@pytest.mark.parametrize(("locale", "size"), [("zh-Hans", SMALL), ("en", LANDSCAPE)])
def test_skip_next_and_leave_are_in_reach_in_chromium(chrome: Chromium, sesame: Site, locale: str, size):
    """On every question of the shipped study, fresh and answered, nothing is hidden, too close or left no room."""
    assert_in_reach(chrome, sesame, locale, size, "13", ["light"])


def test_skip_next_and_leave_are_in_reach_in_firefox(fox: Engine, sesame: Site):
    """The same in another engine, upright, in English, whose ways to skip have the longest names."""
    assert_in_reach(fox, sesame, "en", UPRIGHT, "13", ["light"])


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_everything_is_in_reach_in_chromium(chrome: Chromium, sesame: Site, locale: str, size):
    """Every question, language, size of screen and letters, and set of colours."""
    assert_in_reach(chrome, sesame, locale, size)


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_everything_is_in_reach_in_firefox(fox: Engine, sesame: Site, locale: str, size):
    """The same in another engine."""
    assert_in_reach(fox, sesame, locale, size)


# `long`: the other pairs of a language and a size.
SAMPLE = [("ug", SMALL), ("zh-Hans", KEYBOARD)]
ALL = [(locale, size) for locale in (*LOCALES, "ug") for size in SIZES if (locale, size) not in SAMPLE]


@pytest.mark.parametrize(("locale", "size"), [*SAMPLE, *(pytest.param(*one, marks=pytest.mark.long) for one in ALL)])
def test_every_kind_of_screen_is_in_reach(browser: Browser, showcase: Site, locale: str, size):
    """From the consent over each kind of question to what stands after Send, in normal and the largest letters."""
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce") as context:
        phone = Phone(context, showcase)
        found = []
        for name in Walk(phone, locale).screens():
            # Before a language is chosen the page has no bars; a panel and the cover lie over everything on purpose.
            if (name.startswith("0") and "consent" not in name) or name.endswith(("display", "cover", "link")):
                continue
            found += phone.page.evaluate(measurement(name, "13", ["light"]))
    assert [] == found


@pytest.mark.parametrize("size", [UPRIGHT, SMALL, LANDSCAPE])
def test_what_keeps_a_new_draft_is_whole_beside_leave(browser: Browser, showcase: Site, size):
    """With a draft's code the button that keeps it is in view in every size of letters: Leave deletes it."""
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, has_touch=True) as context:
        saver = Saver(context, showcase).open()
        saver.choose("zh-Hans")
        for action in ("agree", "next", "draft-save", "draft-go"):
            saver.do(action)
        expect(saver.page.locator(".code li")).to_have_count(8)
        found = saver.page.evaluate(measurement("code", LETTERS, ["light"]))
        for letters in LETTERS:
            saver.page.evaluate("(size) => { document.documentElement.dataset.size = size; scrollTo(0, 0); }", letters)
            expect(saver.page.locator("[data-press=draft-close]")).to_be_in_viewport(ratio=1)
    assert [] == found


@pytest.mark.parametrize("rule", PLANTED)
def test_what_is_out_of_reach_is_found(chrome: Chromium, sesame: Site, rule: str):
    """Each planted rule of style that hides, covers, crowds or takes room is found by the same measurement."""
    visitor = at_consent(chrome, sesame, "en", SMALL)
    visitor.read(
        f"document.styleSheets[0].insertRule('@media all {{ {rule} }}', document.styleSheets[0].cssRules.length)"
    )
    found = visitor.read(whole_study("1", ["light"]))
    if PLANTED[rule] is None:
        assert len(WITHOUT_SKIP) < len(found["unskipped"])
    else:
        assert [] != [one for one in found["faults"] if PLANTED[rule] in one]
