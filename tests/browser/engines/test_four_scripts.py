"""The phone page in Arabic, Persian, Tibetan and Thai, on a small phone, in Chromium and Firefox."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from engines.chromium import Chromium
from engines.engine import Visitor
from engines.firefox import firefox
from kinds import in_long
from phone.person import Person
from phone.site import headless_shell, serving
from studies.four_scripts import LOCALES, four_scripts
from studies.market import Study

from survey.authoring.compiler import compile_with_media

SIZE = (360, 560)
# What is wider than the screen, but for what only readers hear; and buttons that cut their letters off.
TOO_WIDE = """(() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 1 && !one.closest(".said, .panel, select") && (box.left < -1 || box.right > innerWidth + 1);
}).map((one) => one.outerHTML.slice(0, 80)))()"""
CUT = """(() => [...document.querySelectorAll("button, h1, summary")].filter((one) =>
  one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== "visible"
).map((one) => one.outerHTML.slice(0, 80)))()"""
SIDES = """(() => ["leave", "back"].map((name) => {
  const {left, width} = document.querySelector(`[data-press=${name}]`).getBoundingClientRect();
  return left + width / 2 < innerWidth / 2 ? "left" : "right";
}))()"""


@contextmanager
def chromium_engine() -> Iterator[Chromium]:
    with headless_shell() as browser:
        engine = Chromium(browser)
        yield engine
        engine.finish()


@pytest.fixture(scope="module", params=[chromium_engine, *in_long(firefox)], ids=["chromium", "firefox"])
def engine(request):
    with request.param() as engine:
        yield engine


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    whole = compile_with_media(four_scripts(tmp_path_factory.mktemp("scripts")))
    with serving(Study(whole.questionnaire, dict(whole.texts))) as site:
        yield site


class SmallPhone(Visitor):
    """Looks at every screen that it comes to."""

    def open(self, link: str | None = None) -> "SmallPhone":
        self.engine.resize(*SIZE)
        super().open(link)
        return self

    def title(self) -> str:
        said = super().title()
        assert (self.read(TOO_WIDE), self.read(CUT)) == ([], []), said
        return said


@pytest.mark.parametrize("locale", ["ar", "bo", *in_long("fa", "th")])
def test_a_small_phone_asks_every_question(engine, site, locale):
    """Through the whole way nothing is cut or wider than the screen, and what is sent is what was pressed."""
    visitor = SmallPhone(engine, site)
    site.posts.clear()
    pressed = Person(visitor, site, locale, seed=7).answer_all()
    assert visitor.read("document.documentElement.dir") == {"ar": "rtl", "fa": "rtl"}.get(locale, "ltr")
    assert visitor.read(SIDES) == ["right" if locale in {"ar", "fa"} else "left"] * 2
    visitor.do("send")
    visitor.heading(visitor.word("stored-title", locale))
    opened = site.study.opened(site.posts[0]).answers
    assert pressed == {name: opened[name] for name in pressed}


def test_the_first_page_says_in_english_once_what_has_no_other_words(engine, site):
    """Four languages without words of their own for it are not told four times to choose one; all fit on the screen."""
    visitor = SmallPhone(engine, site).open()
    assert 1 == visitor.read("document.querySelectorAll('h1 > span').length")
    bottom = "[...document.querySelectorAll('#languages summary')].map((one) => one.getBoundingClientRect().bottom)"
    assert (len(LOCALES), True) == (len(visitor.read(bottom)), max(visitor.read(bottom)) <= SIZE[1])
