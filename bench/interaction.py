"""How long a slow phone takes from a press to the next painted screen, for the seal, and for another language."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engines.chromium import Chromium
from engines.engine import Visitor, until
from phone.person import Person
from phone.site import serving
from playwright.sync_api import Browser
from studies.market import Study
from studies.showcase import showcase, showing

from survey.authoring.compiler import compile_study
from survey.demo import demo

CPU_SLOWDOWN = 6
PRESSES = 40
# Event Timing gives each press from its input to the paint that follows; a change of language ends with the paint
# after its words stand in the page.
OBSERVE = """
window.presses = []; window.switches = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) presses.push([one.name, one.startTime, one.duration]);
}).observe({type: "event", durationThreshold: 16, buffered: true});
addEventListener("change", ({target}) => {
  if (!target.closest || !target.closest("header")) return;
  const start = performance.now();
  new MutationObserver((_, own) => {
    own.disconnect();
    requestAnimationFrame(() => setTimeout(() => switches.push(performance.now() - start)));
  }).observe(document.documentElement, {attributeFilter: ["lang"]});
}, true);
"""
SEALED = """
(() => {
  const sent = performance.getEntriesByType("resource").filter((one) => one.name.includes("/s/")).pop();
  const before = presses.filter(([, start]) => start < sent.startTime).map(([, start, took]) => start + took);
  return sent.startTime - Math.max(...before);
})()
"""


class SlowPhone(Chromium):
    """Chromium as a phone whose processor is slowed down, and whose presses are timed."""

    def begin(self) -> None:
        super().begin()
        self.page.add_init_script(OBSERVE)
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


def interactions(browser: Browser) -> dict[str, dict[str, float]]:
    """Return the median and the slowest press of both studies, the seals and the changes of language, in ms."""
    times: dict[str, list[float]] = {"press": [], "seal": [], "language": []}
    questionnaire, texts = compile_study(demo.SOURCES / "questionnaire.yaml")
    whole, study = showcase()
    opened: tuple[tuple[Callable[[], Any], dict[str, int]], ...] = (
        (lambda: showing(whole, study), {"READER": 1}),
        (lambda: serving(Study(questionnaire, dict(texts))), {"MODE": 1, "USE": 1}),
    )
    for serve, fixed in opened:
        with serve() as site, slow(browser) as engine:
            for name, values in walk(Visitor(engine, site), fixed).items():
                times[name] += values
    with slow(browser) as engine:
        times["floor"] = floor(engine)
    return {name: figures(values) for name, values in times.items()}


def floor(engine: SlowPhone) -> list[float]:
    """Return how long presses take on a page that does nothing but show another word."""
    engine.begin()
    engine.open("data:text/html,<button>0</button>")
    button = engine.page.locator("button")
    button.evaluate("(one) => one.addEventListener('click', () => { one.textContent = Number(one.textContent) + 1; })")
    for _ in range(PRESSES):
        button.tap()
    until(lambda: engine.evaluate("document.body.innerText"), lambda text: text == str(PRESSES), "presses are lost")
    return press_times(engine.evaluate("presses"))


def press_times(presses: list[tuple[str, float, float]]) -> list[float]:
    return [took for name, _, took in presses if name in ("click", "keydown")]


@contextmanager
def slow(browser: Browser) -> Iterator[SlowPhone]:
    engine = SlowPhone(browser)
    try:
        yield engine
    finally:
        engine.finish()


def walk(visitor: Visitor, fixed: dict[str, int]) -> dict[str, list[float]]:
    """Answer a whole survey with two changes of language on the last screen; return what took how long."""
    Person(visitor, visitor.site, "en", 3, fixed).answer_all()
    for number, locale in enumerate(("zh-Hans", "en"), 1):
        visitor.speak(locale)
        until(lambda: visitor.read("switches.length"), lambda have, want=number: have == want, "no change of language")
    visitor.stored("en")
    return {
        "press": press_times(visitor.read("presses")),
        "seal": [visitor.read(SEALED)],
        "language": visitor.read("switches"),
    }


def figures(values: list[float]) -> dict[str, float]:
    """Return how many, the median, the 98th percentile (as INP takes it) and the slowest, in ms."""
    ranked = sorted(values)
    late = ranked[min(len(ranked) - 1, int(0.98 * len(ranked)))]
    return {
        "number": len(ranked),
        "median": round(statistics.median(ranked)),
        "p98": round(late),
        "slowest": round(ranked[-1]),
    }
