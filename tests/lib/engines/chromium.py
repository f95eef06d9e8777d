"""Chromium, by Playwright, as a phone."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from phone.site import ARGUMENTS, PHONE
from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from engines.chromium_command import chromium_path
from engines.engine import EngineError, Seen

STEP = 3000  # ms


@contextmanager
def lasting_chromium(folder: Path) -> Iterator["Chromium"]:
    """Run Chromium on a profile in `folder`, as a person does, and let it quit at the end of the block."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium_path(), args=ARGUMENTS, env={**os.environ, "HOME": str(folder)},
            # Pages that are kept in memory to go back to are part of what is tested.
            ignore_default_args=["--disable-back-forward-cache"], **PHONE,
        )  # fmt: skip
        yield Chromium(None, context)
        context.close()


class Chromium:
    """An engine of `engine.Engine`; `lasting` is the context of a profile that stays, where there is one."""

    name = "Chromium"

    def __init__(self, browser: Browser | None, lasting: BrowserContext | None = None) -> None:
        self.browser, self.lasting = browser, lasting
        self.context: BrowserContext | None = None

    def begin(self) -> None:
        self.finish()
        self.context = self.lasting or self.browser.new_context(**PHONE)
        self.noticed = Seen()
        self.page = self.context.new_page()
        self.page.on("request", lambda one: self.noticed.requests.append(f"{one.method} {one.url}"))
        self.page.on("pageerror", lambda error: self.noticed.problems.append(str(error)))
        self.page.on("console", lambda one: self.noticed.problems.append(one.text) if one.type == "error" else None)
        self.page.on("dialog", self._dismiss)

    def resize(self, width: int, height: int) -> None:
        """Give the page a screen of this size, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def finish(self) -> None:
        """Close the page and, where it is its own, what belongs to it."""
        if self.context and not self.lasting:
            self.context.close()
        self.context = None

    def _dismiss(self, dialog: Any) -> None:
        self.noticed.dialogs.append(dialog.message)
        # A person who reloads or leaves a page that asks whether to stay says that they go.
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()

    def open(self, url: str) -> None:
        try:
            self.page.goto(url)
        except Error as error:
            raise EngineError(str(error)) from None

    def evaluate(self, script: str) -> Any:
        try:
            return self.page.evaluate(script)
        except Error as error:
            raise EngineError(str(error)) from None

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.tap()

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).press_sequentially(text)

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)

    def back(self) -> None:
        with contextlib.suppress(Error):  # where the page itself answers the step, no page is loaded
            self.page.go_back(timeout=STEP)

    def forward(self) -> None:
        with contextlib.suppress(Error):
            self.page.go_forward(timeout=STEP)

    def reload(self) -> None:
        self.page.reload()

    def cookies(self) -> list[str]:
        return [cookie["name"] for cookie in self.page.context.cookies()]

    def seen(self) -> Seen:
        return self.noticed
