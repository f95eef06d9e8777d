"""What must hold in every browser engine; test_chromium, test_firefox and test_webkit each run it in theirs."""

import contextlib
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import get_args

import pytest
from adversaries.payloads import TAGS, TEMPLATES, Evil, evil_server, payloads
from kinds import in_long
from phone.person import Person
from phone.site import Site, serving
from studies.market import Study
from studies.showcase import showcase, showing
from studies.substitutes import CHANGES

from crypto.canonical import canonical
from engines.engine import Engine, EngineError, Visitor, until
from survey.authoring.compiler import Compiled, compile_study
from survey.demo import demo
from survey.questionnaire.items import ItemType

LOCALES = ("en", "zh-Hans", "zh-Hant")
# Chromium before 72 cannot list its databases: there only the rest is asked.
NOTHING_KEPT = """
(indexedDB.databases ? indexedDB.databases() : Promise.resolve([]))
  .then((all) => [localStorage.length, sessionStorage.length, all.length, document.cookie])
"""
SESAME = {"user": ("zh-Hans", {"MODE": 1, "USE": 1}), "refuser": ("zh-Hant", {"MODE": 1, "USE": 4})}
# Runs `run` after every language that the page offers has been chosen; nothing is drawn between two questions asked.
EVERY_LANGUAGE = """
(async () => {
  const expected = %s, found = {};
  const OWN = "img[src^='blob:'], svg.ten, svg.one, a.link[href^='/r/'], a.link[href^='/c/']";
  const shown = (locale) => document.documentElement.lang === locale && document.querySelector("h1");
  for (const locale of Object.keys(expected)) {
    // Chosen again after two seconds, as a person would where the page says that the language could not be loaded.
    for (let turn = 0; turn < 4000 && !shown(locale); turn++) {
      const list = document.querySelector("header select");
      if (turn %% 400 === 0 && list) {
        list.value = locale;
        list.dispatchEvent(new Event("change"));
      }
      await new Promise((done) => setTimeout(done, 5));
    }
    if (!shown(locale)) return {[locale]: ["never shown"]};
    let right = 0;
    // Answers that skip a question stand in the bar at the bottom.
    for (const part of document.querySelectorAll("main, footer")) {
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) right += texts.currentNode.data.includes(expected[locale]);
    }
    const added = [...document.querySelectorAll("body :is(%s)")].filter((one) => !one.matches(OWN));
    found[locale] = [right, added.length, document.title];
  }
  return found;
})()
"""
# Everything is on the device that an interview without a network needs.
KIT_READY = """!!document.querySelector("[data-start=en]") && !document.querySelector("main > p.note")"""
COUNT = "Number(document.querySelector('[data-count=%s]')?.textContent.match(/[0-9]+$/))"
NOTES_SEEN = """
[...new Set([...document.querySelectorAll("[data-note]:not([data-note=late])")]
  .filter((one) => one.getClientRects().length).map((one) => one.dataset.note))]
"""
LATE_SEEN = "[...document.querySelectorAll('[open] .late')].map((one) => getComputedStyle(one).visibility)"
THROWN = {"markup": "TypeError", "script": "TypeError", "code": "EvalError", "policy": "TypeError"}
# Returns what each way to script or markup threw; null where one was let through.
SINKS = """
(() => {
  const ways = {
    markup: () => { document.createElement("p").innerHTML = "<b>x</b>"; },
    script: () => { document.createElement("script").src = "data:,window.ran=1"; },
    code: () => { new Function("window.ran=1")(); },
    policy: () => { trustedTypes.createPolicy("own", {createHTML: (text) => text}); },
  };
  // From a task of the page's own: engines let a debugger's evaluation do what the policy forbids.
  const threw = ([name, way]) => new Promise((done) => setTimeout(() => {
    try { way(); done([name, null]); } catch (error) { done([name, error.name]); }
  }));
  return Promise.all(Object.entries(ways).map(threw)).then(Object.fromEntries);
})()
"""


@pytest.fixture(scope="module")
def sesame() -> Study:
    """Return the shipped study with a key that tests hold."""
    questionnaire, texts = compile_study(demo.SOURCES / "questionnaire.yaml")
    return Study(questionnaire, dict(texts))


@pytest.fixture(scope="module")
def evil():
    with evil_server() as evil:
        yield evil


PAYLOADS = pytest.mark.parametrize("step", [5, *in_long(1)], ids={1: "all", 5: "every fifth"}.get)


class Proof:
    """What `make test` runs in each engine; a subclass in a module with an `engine` fixture runs it."""

    def test_the_whole_way(self, engine: Engine):
        """Through every type of item, what opens is what was pressed, and nothing else left or stays."""
        whole, study = showcase()
        with showing(whole, study) as site:
            pressed, opened = answered_and_gone(Visitor(engine, site), "en", {"READER": 1})
            drawn = pressed.pop("CHANGE"), opened.pop("CHANGE")
            assert set(study.questionnaire.item("CHANGE").domain) >= set(drawn)
            assert pressed == opened
            assert set(get_args(ItemType)) == {item.type for item in study.questionnaire.items}

    @PAYLOADS
    def test_script_in_a_text_is_only_read(self, engine: Engine, evil: Evil, step: int):
        """Payloads, each as every text of a language, stand as text on the first screens; none runs or asks."""
        with poisoned_visit(engine, evil, step) as (visitor, study):
            assert_only_read(visitor, study, WAY[0][0])
            visitor.do("decline")
            assert_only_read(visitor, study, DECLINED)

    def test_a_page_whose_check_is_lost_goes_no_further(self, engine: Engine, site: Site):
        """Where the first script is lost, the main one says that the page is not whole, and offers nothing."""
        site.lost = "/static/check-"
        visitor = Visitor(engine, site).open()
        visitor.expect_value(NOTES_SEEN, ["offline"])
        visitor.expect_value("document.getElementById('languages').hidden", wanted=True)

    def test_a_page_without_any_script_says_what_to_do(self, engine: Engine, site: Site):
        """After 20 seconds the style alone shows who pressed a language what to do; before them it does not."""
        site.lost = "/static/"
        visitor = Visitor(engine, site).open()
        visitor.read("document.querySelector('[data-locale=en]').open = true")
        visitor.expect_value(LATE_SEEN, ["hidden"])
        visitor.read("document.getAnimations().forEach((one) => { one.currentTime = 20000; })")
        visitor.expect_value(LATE_SEEN, ["visible"])

    def test_a_request_elsewhere_would_be_noticed(self, engine: Engine, evil: Evil, site: Site):
        """A page that shows a picture of another host is caught: where none is noticed, none was made."""
        visitor = Visitor(engine, site).open(f"{evil.base}/elsewhere")
        requests = until(lambda: foreign(engine.seen().requests, site), lambda all_: len(all_) > 0, engine.name)
        assert any("elsewhere.invalid" in line for line in requests), visitor.text()

    def test_the_policy_stops_script_that_got_in(self, engine: Engine, site: Site):
        """Markup, script addresses, code from text and own policies each throw in our page, and are reported."""
        visitor = Visitor(engine, site).open().choose("en")
        assert [] == site.violations
        assert THROWN == visitor.read(SINKS)
        until(lambda: len(site.violations), lambda number: number > 0, f"{engine.name} reports nothing")

    def test_back_and_forward_after_send_show_nothing(self, engine: Engine, study: Study, site: Site):
        """However often somebody goes back and forward after Send, no question and no option comes back."""
        visitor = Visitor(engine, site).open(f"{site.base}/healthz").open().choose("en")
        visitor.do("agree")
        visitor.answer(2, 90)
        visitor.do("next")
        visitor.answer(3, 1, 2)
        visitor.stored("en")
        texts = [text for item in study.texts["en"].items.values() for text in (item.text, *item.options.values())]
        for move in (engine.back, engine.forward, engine.back, engine.back, engine.forward, engine.forward):
            move()
            page = until(visitor.text, lambda text: text is not None, f"{engine.name} shows no page")
            assert [] == [text for text in texts if text in page]
        assert 1 == len(site.posts)


class WholeProof:
    """The long ways, and what no engine does its own way: `make test` runs them in one, `make long` in the others."""

    def test_a_randomised_answer_is_drawn_once(self, engine: Engine):
        """Of three people who press the same, somebody's answer is drawn anew; a second try sends the same bytes.

        All three are kept with probability (e^0.1 / (e^0.1 + 149))^3 = 4e-7.
        """
        study = chancy()
        with serving(study) as site:
            site.replies = [500]
            for _ in range(3):
                visitor = Visitor(engine, site).open().choose("en")
                visitor.do("agree")
                visitor.answer(100)
                visitor.do("send")
                if len(site.posts) <= 1:
                    visitor.do("retry")
                visitor.sees("[data-press=close]")
            bodies = list(dict.fromkeys(site.posts))
            assert (3, site.posts[0]) == (len(bodies), site.posts[1])
            assert any(study.opened(body).answers["AGE"] != 100 for body in bodies)

    def test_a_language_switch_keeps_the_answers(self, engine: Engine, study: Study, site: Site):
        """Every language in turn shows the same question with the same choice; the envelope names the last."""
        visitor = Visitor(engine, site).open().choose("en")
        visitor.do("agree")
        visitor.answer(1, 3, 5)
        for locale in (*LOCALES[1:], "en", "zh-Hant"):
            visitor.speak(locale)
            visitor.heading(study.texts[locale].items["BUY"].text)
            visitor.expect_value("document.querySelectorAll('[aria-pressed=true], :checked').length >= 2", True)
        visitor.do("next")
        visitor.answer(1, 1, 1)
        visitor.stored("zh-Hant")
        answers = study.opened(site.posts[0])
        assert ("zh-Hant", (3, 5)) == (answers.locale, answers.answers["BUY"])

    @pytest.mark.parametrize("change", CHANGES)
    def test_what_the_server_swaps_is_refused(self, engine: Engine, site: Site, change: str):
        """A key, question, text, size or hash swapped behind the pin ends at a refusal; nothing is the control."""
        name, changed = CHANGES[change]
        site.bundles["en"][name] = canonical(changed(json.loads(site.bundles["en"][name]))).decode()
        visitor = Visitor(engine, site).open()
        visitor.press("[data-locale=en] summary")
        visitor.sees("[data-press=agree]" if change == "nothing" else "[data-note=refused][lang=en]")
        assert (change == "nothing") == visitor.read("!!document.querySelector('[data-press=agree]')")
        assert [] == site.posts

    def test_the_payloads_run_where_nothing_stops_them(self, engine: Engine, evil: Evil):
        """On a page that believes its text half of the payloads run or ask elsewhere: they are sharp."""
        visitor = Visitor(engine, SimpleNamespace(link=evil.base))
        sharp = [number for number in range(len(TEMPLATES)) if runs(visitor, evil, number)]
        assert len(sharp) >= len(TEMPLATES) / 2

    def test_the_field_kit_waits_for_the_network(self, engine: Engine, study: Study, site: Site):
        """With the network cut two interviews wait sealed, over a reload; once it is back each is handed in once."""
        visitor = Visitor(engine, site).open(site.link.replace("/s/", "/k/"))
        visitor.expect_value(KIT_READY, wanted=True)
        site.cut = True
        for codes in ((2, 90), (1, 98)):
            visitor.press("[data-start=en]")
            visitor.do("agree")
            visitor.answer(*codes)
            visitor.do("next")
            visitor.answer(99, 99, 1)
            visitor.do("send")
            visitor.do("close")
        engine.reload()
        visitor.expect_value(COUNT % "waiting", 2)
        assert [] == site.posts
        site.cut = False
        until(lambda: send_now(visitor), lambda waiting: waiting == 0, f"{engine.name} hands in nothing")
        visitor.expect_value(COUNT % "acknowledged", 2)
        opened = [study.opened(body) for body in set(site.posts)]
        assert {("assisted", 2, 90), ("assisted", 1, 98)} == {
            (one.mode, one.answers["AGE"], one.answers["BUY"]) for one in opened
        }
        assert ([], []) == (engine.cookies(), site.violations)

    @pytest.mark.parametrize("who", SESAME)
    def test_the_sesame_study(self, engine: Engine, sesame: Study, who: str):
        """A user and a refuser go the shipped study's long way; what opens is what they pressed, and no more."""
        with serving(sesame) as site:
            pressed, opened = answered_and_gone(Visitor(engine, site), *SESAME[who])
            assert pressed == opened

    @PAYLOADS
    def test_script_in_any_text_is_only_read(self, engine: Engine, evil: Evil, step: int):
        """Payloads, each as every text of a language, stand on every screen as text; none runs or asks elsewhere."""
        with poisoned_visit(engine, evil, step) as (visitor, study):
            for texts, go_on in WAY:
                assert_only_read(visitor, study, texts)
                go_on(visitor)
            visitor.expect_value("location.href", "about:blank")
            visitor.open().choose("en-payl00").do("decline")
            assert_only_read(visitor, study, DECLINED)


def answered_and_gone(visitor: Visitor, locale: str, fixed: dict[str, int]) -> tuple[dict, dict]:
    """Answer and send; check the one POST, that nothing was asked elsewhere, and that nothing stays in this browser."""
    site, engine = visitor.site, visitor.engine
    pressed = Person(visitor, site, locale, 7, fixed).answer_all()
    assert [] == site.posts
    visitor.stored(locale)
    answers, noticed = site.study.opened(site.posts[0]), engine.seen()
    assert (locale, 1) == (answers.locale, sum(line.startswith("POST") for line in site.requests))
    assert 5 + visitor.needs_library() == len([line for line in site.requests if not line.startswith("GET /m/")])
    assert ([], [], []) == (noticed.dialogs, noticed.problems, foreign(noticed.requests, site))
    assert ([], [], []) == (engine.cookies(), site.cookies, site.violations)
    assert [0, 0, 0, ""] == visitor.read(NOTHING_KEPT)
    return pressed, dict(answers.answers)


@contextlib.contextmanager
def poisoned_visit(engine: Engine, evil: Evil, step: int = 1) -> Iterator[tuple[Visitor, Study]]:
    """Have a visitor choose a language of the showcase poisoned with every payload, or one in `step`; check the end."""
    words = payloads(evil.base)[::step]
    whole, study = poisoned(words)
    before = len(evil.asked)
    with showing(whole, study) as site:
        visitor = Visitor(engine, site).open()
        names = visitor.read("[...document.querySelectorAll('#languages summary')].map((one) => one.textContent)")
        assert words == names
        yield visitor.choose("en-payl00"), study
        assert [None, []] == [visitor.read("window.ran"), site.violations]
        noticed = engine.seen()
        assert ([], []) == (noticed.dialogs, foreign(noticed.requests, site))
    assert before == len(evil.asked)


def send_now(visitor: Visitor) -> int:
    """Press Send now where it is still shown: the kit may be about to send by itself. Return how many wait."""
    visitor.read("document.querySelector('[data-press=send-now]')?.click()")
    return visitor.read(COUNT % "waiting")


def foreign(requests: list[str], site: Site) -> list[str]:
    """Return the requests that went anywhere but to the site."""
    local = (f"{site.base}/", f"blob:{site.base}/", "data:", "about:")
    return [line for line in requests if not line.split(" ", 1)[1].startswith(local)]


def poisoned(words: list[str]) -> tuple[Compiled, Study]:
    """Return the showcase in one language a payload, where that payload is every text there is."""
    whole, study = showcase()
    model = study.texts["en"]
    document = model.model_dump(mode="json", exclude_none=True, by_alias=True)
    texts = {}
    for number, payload in enumerate(words):
        locale = f"en-payl{number:02d}"
        filled = {**_filled(document, payload), **_kept(model), "locale": locale}
        filled["items"]["LIKE"]["options"] = document["items"]["LIKE"]["options"]  # short: so its ends are shown
        texts[locale] = type(model).from_bytes(canonical(filled))
    asked = study.questionnaire.model_copy(update={"locales": tuple(texts)})
    return whole, Study(type(asked).from_bytes(asked.to_bytes()), texts)


def chancy() -> Study:
    """Return a study of one question, of whose 150 answers a phone mostly sends another."""
    study = Study()
    options = [{"code": code} for code in range(100, 250)]
    item = {
        "id": "AGE", "type": "single", "block": "main", "forms": ["all"], "options": options, "missing": [],
        "shuffle": False, "randomise": {"epsilon": "0.1"},
    }  # fmt: skip
    asked = json.loads(study.questionnaire.to_bytes()) | {"items": [item], "pairs": [], "locales": ["en"]}
    texts = json.loads(study.texts["en"].to_bytes())
    texts["items"] = {"AGE": {"text": "?", "options": {str(one["code"]): str(one["code"]) for one in options}}}
    questionnaire = type(study.questionnaire).from_bytes(canonical(asked))
    return Study(questionnaire, {"en": type(study.texts["en"]).from_bytes(canonical(texts))})


def _filled(value, payload: str):
    """Return a document with `payload` in place of every text."""
    if isinstance(value, dict):
        return {key: one if key in ("pictures", "audio") else _filled(one, payload) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, payload) for one in value]
    return payload if isinstance(value, str) else value


def _kept(model) -> dict[str, str]:
    return {"format": model.format, "study": model.study, "dir": model.dir}


def assert_only_read(visitor: Visitor, study: Study, texts: tuple[int, ...]) -> None:
    """Check that this screen shows each language's payload so many times, as text, and adds no element."""
    visitor.sees("h1")
    wanted = {locale: text.title for locale, text in study.texts.items()}
    shown = visitor.read(EVERY_LANGUAGE % (json.dumps(wanted), TAGS))
    title = visitor.read("document.title")
    wrong = {locale: one for locale, one in shown.items() if one[1:] != [0, title] or one[0] not in texts}
    assert {} == wrong, visitor.engine.name


def do(*actions: str) -> Callable[[Visitor], None]:
    """Return what presses each of these, by name or by code."""

    def press(visitor: Visitor) -> None:
        for action in actions:
            visitor.answer(int(action)) if action.isdigit() else visitor.do(action)

    return press


# The way through the showcase, to every kind of text: how many stand there, and what leads on. Beside its own texts a
# question has the share of the way that is done, listening, "save for later", its ways to skip, Back, and Next in some.
WAY = (
    ((14,), do("agree")),  # heading, paragraphs, protection and its points, warning, question, two buttons
    ((6,), do("next")),  # a note
    ((7,), do("1", "99", "99", "99")),  # two options; then numbers and a year
    ((11,), do("99")),  # pictures: four labels
    ((18,), do("99", "next")),  # tick boxes: how many; eight things and none of these
    ((9,), do("99")),  # a scale: two ends
    ((11,), do("98", "98", "98", "98")),  # a grid: the row's own text, a hint, three options
    ((9,), do("99", "99", "99")),  # a question whose place is drawn: two options; then phrases
    ((10, 11), do("99", "next", "99", "send")),  # a list: three or four lines, as is drawn; how many
    ((10,), do("close")),  # thanks, results, debrief and receipt
)
# After No: heading, two sentences, Close.
DECLINED = (4,)


def runs(visitor: Visitor, evil: Evil, number: int) -> bool:
    """Open a page that believes a payload; say whether it ran or asked for more than the page itself."""
    before, spoken = len(evil.asked), len(visitor.engine.seen().dialogs)
    with contextlib.suppress(EngineError):  # a page that runs script may well stop what the driver does
        visitor.open(f"{evil.base}/?{number}")
    ran = visitor.read("window.ran === 1")
    return bool(ran) or len(evil.asked) > before + 1 or len(visitor.engine.seen().dialogs) > spoken
