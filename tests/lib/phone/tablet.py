"""A partner's tablet with the field kit on it."""

import re

from playwright.sync_api import BrowserContext, expect
from studies.showcase import AT_ONCE

from phone.site import Phone, Site

TABLET = {"viewport": {"width": 800, "height": 1100}, "has_touch": True, "locale": "en", "accept_downloads": True}
DUMP = """
async () => {
  const open = indexedDB.open("kit-market");
  await new Promise((done) => (open.onsuccess = done));
  const rows = (store, what) => new Promise((done) => {
    const request = open.result.transaction(store).objectStore(store)[what]();
    request.onsuccess = () => done(request.result);
  });
  const names = await rows("waiting", "getAllKeys");
  const values = (await rows("waiting", "getAll")).map(({ state, body, ...rest }) => [state, body.length, rest]);
  return { names, values, facts: await rows("facts", "getAllKeys") };
}
"""


class Tablet(Phone):
    """A partner's tablet with the kit on it."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        super().__init__(context, site)
        self.page.add_init_script(AT_ONCE)
        self.link = site.link.replace("/s/", "/k/")

    def home(self, link: str | None = None) -> "Tablet":
        """Open the kit and wait for its start screen."""
        self.page.goto(link or self.link)
        expect(self.page.locator(".staff")).to_be_attached()
        return self

    def prepared(self, link: str | None = None) -> "Tablet":
        """Open the kit with a network and wait until it works without one."""
        self.home(link)
        expect(self.page.get_by_text("Everything needed is on this device")).to_be_visible(timeout=10_000)
        return self

    def offline(self, off: bool = True) -> None:
        self.site.cut = off
        self.page.context.set_offline(off)

    def interview(self, locale: str = "en", finish: bool = True) -> None:
        """Take one interview from the start screen to its end."""
        self.press(f"[data-start={locale}]")
        self.do("agree")
        self.to_send(locale)
        self.send()
        self.heading(self.word("kept-title", locale))
        if finish:
            self.do("close")
            expect(self.page.locator("[data-start=en], .alarm, main > .note").first).to_be_visible()

    def counts(self, **wanted: int) -> None:
        """Wait until the start screen says these numbers."""
        for name, number in wanted.items():
            expect(self.page.locator(f"[data-count={name}]")).to_have_text(re.compile(rf": {number}$"), timeout=10_000)

    def saved(self) -> bytes:
        """Save what waits as a file and return it."""
        with self.page.expect_download() as download:
            self.do("save")
        return download.value.path().read_bytes()
