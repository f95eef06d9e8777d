"""One way through every kind of screen that a respondent can meet, in any locale, pausing at each."""

from collections.abc import Iterator
from contextlib import contextmanager

from paths import ROOT
from playwright.sync_api import Locator, expect
from studies.market import Study
from studies.pseudo import widened

from phone.site import Phone, Site, serving
from survey.authoring.compiler import compile_with_media
from survey.publication.media import publish_media

SHOWCASE = ROOT / "survey/studies/showcase/questionnaire.yaml"
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0"
# What tells the kinds of question apart on the screen, the most telling first; and what is done there.
KINDS = {
    "picture": (".picture", ["[data-code='1']"]),
    "list": (".lines", [".step"]),
    "scale": (".step", [".step"]),
    "chance": (".chance", ["main summary", ".single"]),
    "ranking": (".rank", [".rank", ".rank:not([aria-pressed=true])", "next"]),
    "grid": ("[data-row]", [".single"]),
    "multi": (".multi", [".multi", ".multi:not([aria-pressed=true])", "next"]),
    "month": ("main select + * select, .fields label:nth-of-type(2)", ["dates", "next"]),
    "date": ("main select", ["dates", "next"]),
    "number": ("main [inputmode=numeric]", ["=999", "next", "=45", "next"]),
    "phrase": ("main input", ["=green tea", "next"]),
    "single": (".single", [".single"]),
    "note": ("h1", ["next"]),
}


@contextmanager
def every_screen(*more: str) -> Iterator[Site]:
    """Serve the showcase study in three locales and `more` (studies/pseudo.py), with its pictures and recordings."""
    whole = compile_with_media(SHOWCASE)
    study = widened(Study(whole.questionnaire, dict(whole.texts)), *more)
    with serving(study, lambda folder: publish_media(folder, whole.media)) as site:
        yield site


class Walk:
    """Goes from screen to screen by presses that need no waiting."""

    def __init__(self, phone: Phone, locale: str) -> None:
        self.phone, self.page, self.locale = phone, phone.page, locale

    def screens(self) -> Iterator[str]:
        """Yield the name of each screen as soon as it is shown."""
        yield from self.before()
        yield from self.questions()
        yield from self.sending()
        yield from self.ends()

    def before(self) -> Iterator[str]:
        self.phone.open("about:blank")
        self.phone.open()
        yield "01-first"
        self.press(".display summary")
        yield "02-first-display"
        self.open()
        yield "03-consent"
        self.press(".consent + details summary")
        yield "04-consent-open"
        self.press("[data-press=agree]")

    def questions(self) -> Iterator[str]:
        seen: set[str] = set()
        ready = self.phone.word("ready-title", self.locale)
        while self.page.locator("h1").inner_text() != ready:
            kind = next(name for name, (selector, _) in KINDS.items() if self.page.locator(selector).count())
            if kind == "picture":
                expect(self.page.locator(".picture img")).to_have_count(4)
            yield from self.question(kind, kind not in seen)
            seen.add(kind)
        assert {*KINDS} == seen, "the showcase study asks every kind of question"

    def question(self, kind: str, is_new: bool) -> Iterator[str]:
        """Yield the screen as it comes and, where more is done than one press, before going on."""
        if is_new:
            yield f"1-{kind}"
        # Bounds differ from number to number: only the first is typed.
        for step in KINDS[kind][1] if is_new or kind != "number" else [".light"]:
            if is_new and step in {"next", ".single", ".step"} and len(KINDS[kind][1]) > 1:
                yield f"1-{kind}-answered"
            self.do(step)

    def do(self, step: str) -> None:
        if step == "dates":
            for select in self.page.locator("main select").all():
                select.select_option(index=1)
        elif step.startswith("="):
            self.page.locator("main input").first.fill(step[1:])
        else:
            self.press("[data-press=next]" if step == "next" else step)

    def to_ready(self) -> None:
        """Go to the screen before Send without pausing."""
        self.open()
        self.press("[data-press=agree]")
        for _ in self.questions():
            pass

    def sending(self) -> Iterator[str]:
        yield "30-ready"
        self.press(".display summary")
        yield "30-ready-display"
        self.phone.site.replies = [500]
        self.press("[data-press=send]")
        expect(self.page.locator("[data-press=stop]")).to_be_visible()
        yield "31-failed"
        self.press("[data-press=stop]")
        yield "32-stopped"
        self.press("[data-press=retry]")
        self.phone.heading(self.phone.word("stored-title", self.locale))
        for summary in self.page.locator("main summary").all():
            press(summary)
        yield "33-stored"

    def ends(self) -> Iterator[str]:
        self.open()
        self.press("[data-press=decline]")
        yield "40-declined"
        self.open()
        hide(self.phone)
        yield "41-cover"
        self.phone.open("about:blank")
        self.phone.open(self.phone.site.link + "x")
        expect(self.page.locator("[data-note=link]").first).to_be_visible()
        yield "42-link"

    def open(self) -> None:
        self.phone.open("about:blank")
        self.phone.open()
        self.press(f"[data-locale={self.locale}] summary")
        expect(self.page.locator("h2#ask")).to_be_visible()

    def press(self, selector: str) -> None:
        press(self.page.locator(selector).first)


def press(control: Locator) -> None:
    control.evaluate("(one) => one.click()")


def hide(phone: Phone) -> None:
    """Have the page believe that it went out of sight."""
    phone.page.evaluate(
        "() => { Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
