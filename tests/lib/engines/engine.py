"""What every browser engine can do for a test, in the same few words: journeys are written once, for all engines."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

PATIENCE = 60.0  # seconds for one screen, on a slow and busy machine
SHOWN = """
(() => { const found = [...document.querySelectorAll(%s)].filter((one) => one.getClientRects().length && !one.disabled);
  return !document.documentElement.classList.contains("settling") && found.length > 0; })()
"""
# Brings the first such control to where a finger would reach it, and says whether the finger would be on it.
REACHED = """
["nearest", "center", "start", "end"].some((block) => {
  const one = document.querySelector(%s);
  one.scrollIntoView({block, behavior: "instant"});
  const {left, top, width, height} = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
})
"""
CHOOSE = """
(() => { const list = document.querySelector(%s); list.value = %s; list.dispatchEvent(new Event("change")); })()
"""


@dataclass
class Seen:
    """What the engine noticed: requests as "METHOD URL", dialogs, errors of scripts and of the console."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class EngineError(Exception):
    """The browser could not do what the test asked."""


class Engine(Protocol):
    """One browser; `begin` opens a page that shares nothing with the one before."""

    name: str

    def begin(self) -> None: ...
    def open(self, url: str) -> None: ...
    def evaluate(self, script: str) -> Any: ...
    def click(self, selector: str) -> None: ...
    def type(self, selector: str, text: str) -> None: ...
    def key(self, name: str) -> None: ...
    def back(self) -> None: ...
    def forward(self) -> None: ...
    def reload(self) -> None: ...
    def cookies(self) -> list[str]: ...
    def seen(self) -> Seen: ...


def until(ask: Callable[[], Any], wanted: Callable[[Any], bool], what: str, patience: float = PATIENCE) -> Any:
    """Ask again and again until the answer is wanted; raise EngineError with the last answer when it never is."""
    end = time.monotonic() + patience
    while not wanted(answer := ask()):
        if time.monotonic() > end:
            raise EngineError(f"{what}: {answer!r}")
        time.sleep(0.02)
    return answer


class Visitor:
    """A person at an engine's page: waits as a person would until a control is there, then presses it."""

    def __init__(self, engine: Engine, site: Any) -> None:
        self.engine, self.site = engine, site
        engine.begin()

    def open(self, link: str | None = None) -> "Visitor":
        self.engine.open(link or self.site.link)
        return self

    def needs_library(self) -> bool:
        """Say whether the browser cannot seal by itself, so that the page fetches one more file, which can."""
        return self.read("!(window.SubtleCrypto && SubtleCrypto.prototype.encapsulateBits)")

    def read(self, script: str) -> Any:
        """Evaluate an expression in the page; None during a navigation."""
        try:
            return self.engine.evaluate(script)
        except EngineError:
            return None

    def sees(self, selector: str) -> None:
        """Wait until something that can be pressed is there, and presses count."""
        until(lambda: self.read(SHOWN % json.dumps(selector)), bool, f"{self.engine.name} does not show {selector}")

    def press(self, selector: str) -> None:
        """Press a control as soon as nothing lies over it."""
        self.sees(selector)
        reached = REACHED % json.dumps(selector)
        until(lambda: self.read(reached), bool, f"{self.engine.name}: something lies over {selector}")
        self.engine.click(selector)

    def do(self, action: str) -> None:
        """Press what is named so in the page: agree, decline, next, back, send, retry, close, leave."""
        self.press(f"[data-press={action}]")

    def answer(self, *codes: int) -> None:
        for code in codes:
            self.press(f"[data-code='{code}']")

    def choose(self, locale: str) -> "Visitor":
        """Choose the first language."""
        self.press(f"[data-locale={locale}] summary")
        self.sees("[data-press=agree]")
        return self

    def type(self, selector: str, text: str) -> None:
        self.sees(selector)
        self.engine.type(selector, text)

    def pick(self, selector: str, value: str) -> None:
        """Choose an entry of a list."""
        self.sees(selector)
        self.read(CHOOSE % (json.dumps(selector), json.dumps(value)))

    def speak(self, locale: str) -> None:
        """Choose another language on any screen, and wait for it."""
        self.pick("header select", locale)
        self.expect_value("document.documentElement.lang", locale)

    def expect_value(self, script: str, wanted: Any) -> None:
        """Wait until an expression has this value."""
        until(
            lambda: self.read(script), lambda value: value == wanted, f"{self.engine.name}: {script} is not {wanted!r}"
        )

    def title(self) -> str:
        """Return the heading of the screen, once presses count on it."""
        self.sees("h1")
        return str(self.read("document.querySelector('h1').textContent"))

    def heading(self, text: str) -> None:
        self.expect_value("document.querySelector('h1')?.textContent", text)

    def word(self, key: str, locale: str) -> str:
        return str(self.site.study.texts[locale].interface[key])

    def stored(self, locale: str) -> None:
        """Send, and see that it was stored."""
        self.do("send")
        self.heading(self.word("stored-title", locale))

    def text(self) -> str | None:
        """Return all that can be read on the page; None during a navigation."""
        return self.read("document.body.innerText")
