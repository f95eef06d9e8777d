"""A phone whose owner keeps a draft and comes back to it."""

from playwright.sync_api import BrowserContext, expect
from studies.showcase import AT_ONCE

from phone.site import Phone, Site

KEPT = "localStorage.getItem('kept')"


class Saver(Phone):
    """A person who has to go before the end."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        super().__init__(context, site)
        self.page.add_init_script(AT_ONCE)

    def saved(self, locale: str = "en") -> str:
        """Answer two questions, save, and return the code that the screen shows."""
        self.start(locale)
        self.answer(2)
        self.answer(90)
        self.do("draft-save")
        self.do("draft-go")
        expect(self.page.locator(".code li")).to_have_count(8)
        return " ".join(self.page.locator(".code li").all_inner_texts())

    def come_back(self, locale: str = "en") -> "Saver":
        """Open the link again and press to go on with a code."""
        self.open()
        self.choose(locale)
        self.do("draft-continue")
        return self

    def code(self, words: str) -> None:
        self.page.locator("#code").fill(words)
        self.do("draft-open")

    def keeps(self, value: str) -> None:
        self.page.evaluate("(value) => localStorage.setItem('kept', value)", value)

    def kept(self) -> str | None:
        return self.page.evaluate(KEPT)
