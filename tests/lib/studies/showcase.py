"""The showcase study with a key that its tests hold, and a person who answers every type of item in it."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from paths import ROOT
from phone.site import Phone, Site, serving
from playwright.sync_api import expect

from studies.market import Study
from survey.authoring.compiler import Compiled, compile_with_media
from survey.publication.media import publish_media

SOURCE = ROOT / "survey/studies/showcase/questionnaire.yaml"
# Screens take presses at once: that a double tap is spent is tested elsewhere, and each wait costs a quarter second.
AT_ONCE = """
const later = window.setTimeout;
window.setTimeout = (run, wait, ...more) => later(run, wait === 250 ? 0 : wait, ...more);
"""
# What the person means, by item: a code, codes, typed words, or dates; orders are drawn, so it holds no order.
WISHES: Mapping[str, object] = {
    "READER": 1, "AGE": "３４", "HOUSE": "٢", "SINCE": ("1998",), "STALL": 2, "GOODS": (1, 3), "LATEST": ("2026", "5"),  # noqa: RUF001 - digits of other keyboards
    "LIKE": 4, "VIEWS_1": 3, "VIEWS_2": 1, "VIEWS_3": 98, "KIND": 2, "TOP": (4, 2), "BARGAIN": 1, "QUEUE": 99,
    "WORDS": ("  Fresh FISH!", "新鲜", ""), "WORRY": 2, "CHANGE": 2,
}  # fmt: skip
# What the analysis must find of it; WORRY and CHANGE are drawn, and compared by the tests themselves.
FOUND = {
    "READER": 1, "AGE": 2, "HOUSE": 2, "SINCE": 1, "STALL": 2, "GOODS": (1, 3), "LATEST": 2, "LIKE": 4, "VIEWS_1": 3,
    "VIEWS_2": 1, "VIEWS_3": 98, "KIND": 2, "TOP_1": 4, "TOP_2": 2, "BARGAIN": 1, "QUEUE": 99,
    "WORDS": ("fresh fish", "新鲜"),
}  # fmt: skip

REFUSED = 99


def showcase() -> tuple[Compiled, Study]:
    """Compile the showcase and give it a wave."""
    whole = compile_with_media(SOURCE)
    return whole, Study(whole.questionnaire, dict(whole.texts))


@contextmanager
def showing(whole: Compiled, study: Study) -> Iterator[Site]:
    """Serve the showcase with its pictures and recordings."""
    with serving(study) as site:
        publish_media(site.app.extensions["sotto"].published.root, whole.media)
        yield site


class Person:
    """Answers the item on the screen, by finger or by a given `press`."""

    def __init__(self, phone: Phone, locale: str = "en", press: Callable[[str], None] | None = None) -> None:
        self.phone, self.page, self.locale = phone, phone.page, locale
        self.press = press or phone.press
        self.page.add_init_script(AT_ONCE)
        self.texts = phone.site.study.texts[locale]
        self.titles = {_pattern(item.text): name for name, item in self.texts.items.items()}

    def begin(self) -> "Person":
        """Choose the language and agree."""
        self.phone.open()
        self.phone.choose(self.locale)
        self.press("[data-press=agree]")
        return self

    def item(self) -> str:
        """Return what is asked now: an item's id, a ranking's, or "" where nothing is asked."""
        self.phone.settled()
        row = self.page.locator("#row")
        title = (row if row.count() else self.page.locator("h1")).inner_text()
        ranking = [name for name, text in (self.texts.groups or {}).items() if text == title]
        return (ranking or [name for text, name in self.titles.items() if re.fullmatch(text, title)] or [""])[0]

    def answer(self, name: str, wish: object) -> None:
        """Give one answer and go on."""
        fields = self.page.locator("main input, main select")
        if fields.count() and isinstance(wish, str | tuple):
            for at, words in enumerate(_words(wish)):
                self.enter(fields.nth(at), words)
        elif name == "WORRY" and wish != REFUSED:
            self.press(f".row button:has-text('{wish}')")
        else:
            for code in wish if isinstance(wish, tuple) else (wish,):
                self.press(f"[data-code='{code}']")
        if self.item() == name:
            self.press("[data-press=next]")

    def enter(self, field, words: str) -> None:
        """Fill in a field, or choose from a list."""
        if field.evaluate("(one) => one.tagName") == "SELECT":
            field.select_option(words)
        else:
            field.fill(words)

    def until(self, wanted: str, wishes: Mapping[str, object] = WISHES) -> Iterator[str]:
        """Answer from the current item up to the item `wanted`; yield each item before it is answered."""
        while (name := self.item()) != wanted:
            yield name
            if name in wishes:
                self.answer(name, wishes[name])
            else:
                self.press("[data-press=next]")
            expect(self.page.locator("h1")).to_be_focused()

    def go_to(self, wanted: str) -> None:
        """Answer from the current item up to the item `wanted`."""
        for name in self.until(wanted):
            assert name, f"{wanted} is not asked"

    def to_send(self, wishes: Mapping[str, object] = WISHES) -> list[str]:
        """Answer everything; return the items in the order in which they were asked."""
        seen = [*self.until("", wishes)]
        self.phone.heading(self.phone.word("ready-title", self.locale))
        return seen


def _words(wish: str | tuple[str, ...]) -> tuple[str, ...]:
    return (wish,) if isinstance(wish, str) else wish


def _pattern(text: str) -> str:
    """Return a pattern that matches `text` with any answer in the place of {ITEM|words}."""
    return ".*".join(re.escape(part) for part in re.split(r"\{[A-Z0-9_]+\|[^}]*\}", text))
