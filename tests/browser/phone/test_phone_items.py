"""Every type of item on the phone: pressed or typed, sealed, handed in, opened with the key, and compared."""

import hashlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from phone.site import PHONE, Phone, own_reply
from playwright.sync_api import expect
from studies.market import LANGUAGES
from studies.showcase import FOUND, WISHES, Person, showcase, showing

from crypto.envelope import parse_body

LOCALES = [locale for locale, _, _ in LANGUAGES]
# Gives the numbers of `window.draws` in turn wherever one 32-bit number is drawn; randomness is as ever elsewhere.
SCRIPTED_DRAWS = """
window.draws = [];
const drawn = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = (into) => {
  if (into instanceof Uint32Array && into.length === 1 && window.draws.length) {
    into[0] = window.draws.shift();
    return into;
  }
  return drawn(into);
};
"""
# Seconds that are counted down pass fifty times as fast.
FAST_SECONDS = "const every = window.setInterval; window.setInterval = (run, wait) => every(run, wait / 50);"
# Every look at the clock finds a minute gone.
SLOW_READER = "let looks = 0; performance.now = () => 60000 * ++looks;"


@pytest.fixture(scope="module")
def served():
    """Serve the showcase with its pictures, once."""
    with showing(*showcase()) as site:
        yield site


@pytest.fixture
def site(served):
    """Give each test the same server with nothing handed in yet."""
    link = served.link
    for noted in (served.posts, served.requests, served.replies):
        noted.clear()
    yield served
    served.link = link


@pytest.fixture
def study(site):
    return site.study


def sent(phone: Phone, locale: str = "en") -> bytes:
    """Press Send and return the body that was handed in."""
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    (body,) = phone.site.posts
    return body


def differences(wanted: dict[str, object], answers: dict[str, object]) -> set[str]:
    return {name for name in wanted if answers.get(name) != wanted[name]}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_type_arrives_as_it_was_pressed(phone: Phone, study, locale: str):
    """The opened envelope holds exactly what was meant, the bands of what was typed, and nothing else."""
    phone.page.add_init_script(SCRIPTED_DRAWS)
    person = Person(phone, locale).begin()
    seen = person.to_send()
    phone.page.evaluate("window.draws = [0]")
    opened = study.opened(sent(phone, locale))
    header = (opened.locale, opened.mode, opened.form, opened.stratum, opened.quality)
    assert (locale, "self", "full", "open", 1) == header
    assert {*FOUND, "WORRY", "CHANGE"} == opened.answers.keys()
    assert set() == differences({**FOUND, "CHANGE": 2}, opened.answers)
    assert opened.answers["WORRY"] in (12, 42)
    assert {item.id for item in study.questionnaire.items} - {"TOP_1", "TOP_2"} | {"TOP"} == {*seen}
    assert [] == phone.violations()
    assert [] == phone.problems


@pytest.mark.parametrize("name", FOUND)
def test_another_expectation_would_be_noticed(name: str):
    """The comparison of the test above fails for every item when that item alone is expected otherwise."""
    assert {name} == differences({**FOUND, name: "something else"}, dict(FOUND))


def test_a_randomised_answer_is_drawn_at_send_and_once(phone: Phone, study):
    """The draw decides what is sealed: another code in the order of levels; trying again sends the same bytes."""
    phone.page.add_init_script(SCRIPTED_DRAWS)
    Person(phone).begin().to_send()
    phone.site.replies = [own_reply(500)]
    phone.page.evaluate("window.draws = [2 ** 32 - 1, 3]")
    phone.send()
    expect(phone.page.get_by_role("alert")).to_have_text(phone.word("not-stored-text"))
    assert [] == phone.page.evaluate("window.draws")
    phone.do("retry")
    phone.heading(phone.word("stored-title"))
    assert 1 == len({*phone.site.posts})
    assert 99 == study.opened(phone.site.posts[0]).answers["CHANGE"]


def test_a_private_question_says_that_chance_protects_it(phone: Phone):
    """Before the options stands one sentence; a picture of ten phones opens on a press, four of them drawn."""
    person = Person(phone).begin()
    person.go_to("CHANGE")
    expect(phone.page.locator("p.chance")).to_have_text(phone.word("chance"))
    expect(phone.page.locator("svg.ten")).to_be_hidden()
    phone.press("main summary")
    expect(phone.page.locator("svg.ten")).to_be_visible()
    assert (10, 4) == (phone.page.locator(".ten .body").count(), phone.page.locator(".ten .die").count())
    expect(phone.page.locator("main details")).to_contain_text(phone.word("chance-picture").replace("{n}", "4"))


def test_every_type_can_be_answered_by_keyboard_alone(browser, site, study):
    """Tab, Space, Enter and typing lead from the language to the same answers."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        phone = Phone(context, site)
        phone.page.add_init_script(SCRIPTED_DRAWS)
        person = Keyboard(phone)
        phone.open()
        person.press("[data-locale=en] summary")
        expect(phone.page.locator("h2#ask")).to_be_visible()
        person.press("[data-press=agree]")
        person.to_send()
        phone.page.evaluate("window.draws = [0]")
        person.press("[data-press=send]")
        phone.heading(phone.word("stored-title"))
    assert set() == differences({**FOUND, "CHANGE": 2}, study.opened(site.posts[0]).answers)


class Keyboard(Person):
    """A person without a pointer."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(phone, press=self.press_key)

    def press_key(self, selector: str) -> None:
        self.reach(self.page.locator(selector))
        self.page.keyboard.press("Enter")

    def reach(self, wanted) -> None:
        self.phone.settled()
        expect(wanted).to_be_visible()
        for _ in range(40):
            if wanted.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"the keyboard does not reach {wanted}")

    def enter(self, field, words: str) -> None:
        self.reach(field)
        if field.evaluate("(one) => one.tagName") == "SELECT":
            label = field.locator(f"option[value='{words}']").inner_text()
            self.page.keyboard.type(label)
        else:
            self.page.keyboard.type(words)


@pytest.mark.parametrize(
    ("typed", "key", "numbers"),
    [("abc", "number-whole", {}), ("3.5", "number-whole", {}), ("13", "number-range", {"low": 1, "high": 12})],
)
def test_a_number_that_cannot_be_is_explained_at_its_field(phone: Phone, typed: str, key: str, numbers: dict[str, int]):
    """Next stays, the fault is an alert that describes the field, the focus is in it, and typing on takes it away."""
    person = Person(phone).begin()
    person.go_to("HOUSE")
    field = phone.page.locator("main input")
    field.fill(typed)
    phone.do("next")
    fault = re.sub(r"\{(\w+)\}", lambda hole: str(numbers[hole[1]]), phone.word(key))
    expect(phone.page.get_by_role("alert")).to_have_text(fault)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "fault" in field.get_attribute("aria-describedby").split()
    field.fill("4")
    expect(phone.page.locator("#fault")).to_be_empty()
    phone.do("next")
    assert "SINCE" == person.item()


def test_only_the_band_of_a_number_is_said_to_leave_the_phone(phone: Phone):
    """As soon as a number is typed the page names its band; a number that is its own band needs no such line."""
    person = Person(phone).begin()
    person.go_to("AGE")
    phone.page.locator("main input").fill("34")
    expect(phone.page.locator("#sent")).to_contain_text(person.texts.items["AGE"].options["2"])
    person.answer("AGE", "34")
    phone.page.locator("main input").fill("4")
    expect(phone.page.locator("#sent")).to_be_empty()


def test_a_typed_number_can_end_the_interview(phone: Phone):
    """Under eighteen Next says that the survey ends, a second one ends it, and nothing is sent."""
    person = Person(phone).begin()
    person.go_to("AGE")
    phone.page.locator("main input").fill("17")
    phone.do("next")
    expect(phone.page.locator(".live")).to_have_text(phone.word("end-next"))
    phone.do("next")
    expect(phone.page.locator("main")).to_contain_text(person.texts.endings["too-young"])
    assert [] == phone.site.posts


def test_half_typed_words_survive_a_change_of_language_and_going_back(phone: Phone):
    """What stands in a field stays there in another language, and when the person comes back to it."""
    person = Person(phone).begin()
    person.go_to("AGE")
    phone.page.locator("main input").fill("3x")
    phone.page.locator("header select").select_option("zh-Hant")
    phone.asks("AGE", "zh-Hant")
    expect(phone.page.locator("main input")).to_have_value("3x")
    phone.do("back")
    phone.do("next")
    expect(phone.page.locator("main input")).to_have_value("3x")


def test_refusing_every_question_is_one_press_each(phone: Phone, study):
    """Whoever does not want to answer gets through every type, and the envelope says so."""
    refused = {item.id: 99 if 99 in item.missing else 98 for item in study.questionnaire.items if item.missing}
    person = Person(phone).begin()
    wishes = {"READER": 1, **refused, "TOP": 99}
    person.to_send(wishes)
    answers = study.opened(sent(phone)).answers
    drawn = answers.pop("CHANGE")
    assert drawn in (1, 2, 3, 98, 99)
    assert {"READER": 1, **{name: code for name, code in refused.items() if name in answers}} == answers


def test_a_ranking_is_taken_back_and_filled_in_order(phone: Phone):
    """Pressing a choice again frees its place, the next ones move up, and one too many is refused in words."""
    person = Person(phone).begin()
    person.go_to("TOP")
    places = phone.page.locator(".place:not(:empty)")
    phone.answer(4, 2, 1)
    expect(phone.page.get_by_role("status")).to_have_text(phone.word("rank-full").replace("{n}", "2"))
    phone.answer(4)
    expect(places).to_have_text(["1"])
    phone.do("next")
    expect(phone.page.get_by_role("status")).to_have_text(phone.word("choose-first"))
    phone.answer(3)
    assert {("2", "1"), ("3", "2")} == {
        (one.get_attribute("data-code"), one.locator(".place").inner_text())
        for one in phone.page.locator("[data-code][aria-pressed=true]").all()
    }


def test_an_exclusive_option_stands_alone(phone: Phone):
    """Pressing it takes the others away, and pressing another takes it away."""
    person = Person(phone).begin()
    person.go_to("GOODS")
    pressed = phone.page.locator("main [aria-pressed=true]")
    for codes, left in (((1, 3), ["1", "3"]), ((9,), ["9"]), ((2,), ["2"])):
        phone.answer(*codes)
        assert left == sorted(pressed.evaluate_all("all => all.map((one) => one.dataset.code)"))


def test_pictures_are_asked_for_alike_by_everyone(phone: Phone):
    """All pictures come in one order once the person agrees, before any answer, and none later; each has its words."""
    person = Person(phone).begin()
    wanted = [f"GET /m/{name}" for name in person.texts.items["STALL"].pictures.values()]
    phone.page.wait_for_load_state("networkidle")
    early = [line for line in phone.site.requests if "/m/" in line]
    person.go_to("STALL")
    expect(phone.page.locator(".picture img")).to_have_count(4)
    assert wanted == early == [line for line in phone.site.requests if "/m/" in line]
    names = {phone.page.locator(f".picture[data-code='{code}'] img").get_attribute("alt") for code in range(1, 5)}
    assert {text for code, text in person.texts.items["STALL"].options.items() if code in "1234"} == names


@pytest.mark.parametrize("way", ["changed", "missing"])
def test_a_picture_that_is_not_the_pinned_one_is_never_shown(phone: Phone, way: str):
    """Where a picture is another one or does not come, its words stand in its place and the answer counts."""
    changed = {"status": 200, "body": b"\x89PNG\r\n\x1a\n", "content_type": "image/png"}
    reply = changed if way == "changed" else {"status": 404}
    phone.page.route("**/m/*", lambda route: route.fulfill(**reply))
    person = Person(phone).begin()
    person.go_to("STALL")
    phone.page.wait_for_load_state("networkidle")
    expect(phone.page.locator(".picture img")).to_have_count(0)
    expect(phone.page.get_by_role("button", name=person.texts.items["STALL"].options["3"])).to_be_visible()
    person.answer("STALL", 3)
    assert "GOODS" == person.item()


def test_the_phone_tries_again_by_itself(phone: Phone, study):
    """After a fault it counts down and sends the same bytes again without a press."""
    phone.page.add_init_script(FAST_SECONDS)
    Person(phone).begin().to_send()
    phone.site.replies = [own_reply(503)]
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert (2, 1) == (len(phone.site.posts), len({*phone.site.posts}))
    phone.press("main details:nth-of-type(2) summary")
    short = phone.page.locator(".receipt").inner_text().replace(" ", "")
    record = parse_body(phone.site.posts[0], study.manifest.plaintext_size)
    assert hashlib.sha256(record.envelope).hexdigest()[:16] == short


def test_who_stops_the_tries_is_left_alone(phone: Phone):
    """After "stop" nothing is sent until the person presses; leaving during the countdown sends nothing more."""
    phone.page.add_init_script(FAST_SECONDS.replace("50", "2"))
    Person(phone).begin().to_send()
    phone.site.replies = [own_reply(503), own_reply(503)]
    phone.send()
    phone.do("stop")
    expect(phone.page.locator("#wait")).to_have_count(0)
    phone.page.wait_for_timeout(3500)
    assert 1 == len(phone.site.posts)
    phone.do("retry")
    expect(phone.page.locator("#wait")).to_be_visible()
    phone.do("leave")
    phone.page.wait_for_timeout(3500)
    assert 2 == len(phone.site.posts)


def test_a_slow_reader_is_not_called_hasty(phone: Phone, study):
    """With a minute on every screen the flag is 0; answering within seconds, as the tests above do, it is 1."""
    phone.page.add_init_script(SLOW_READER)
    Person(phone).begin().to_send()
    assert 0 == study.opened(sent(phone)).quality


def test_the_link_gives_the_stratum(phone: Phone, study):
    """A stratum in the link that the questionnaire has is sealed, with the form that the answers give."""
    phone.site.link += "&s=market-hall"
    Person(phone).begin().to_send({**WISHES, "READER": 2})
    opened = study.opened(sent(phone))
    assert ("market-hall", "aloud") == (opened.stratum, opened.form)
    assert "WORDS" not in opened.answers


def test_a_link_with_an_unknown_stratum_is_not_counted_among_others(phone: Phone):
    """A mistyped stratum is a link that is no longer valid; with the right one, as above, the interview begins."""
    phone.site.link += "&s=market-hal"
    phone.open().page.locator("[data-locale=en] summary").tap()
    expect(phone.page.locator("[data-note=link]:visible")).to_have_count(1)


def test_an_assistant_never_sees_a_private_answer(phone: Phone, study):
    """The device changes hands before and after a private question, and no way back or forth shows it again."""
    phone.site.link += "&m=assisted"
    person = Person(phone).begin()
    wishes = {name: wish for name, wish in WISHES.items() if name != "CHANGE"}
    for name in person.until(""):
        assert name in {*wishes, "WELCOME", "DICE"}
    phone.heading(phone.word("handover-title"))
    phone.do("handover")
    assert "CHANGE" == person.item()
    phone.answer(2)
    phone.heading(phone.word("giveback-title"))
    expect(phone.page.locator("[data-code], [data-press=back]")).to_have_count(0)
    phone.do("handover")
    phone.heading(phone.word("ready-title"))
    phone.do("back")
    assert "DICE" == person.item()
    phone.do("next")
    phone.heading(phone.word("ready-title"))
    phone.send()
    phone.heading(phone.word("stored-title"))
    opened = study.opened(phone.site.posts[0])
    assert ("assisted", True) == (opened.mode, "CHANGE" in opened.answers)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_type(browser, site, scheme: str):
    """Every type of item, with its faults and what it folds away, passes all of axe-core's rules."""
    with browser.new_context(**PHONE, bypass_csp=True, color_scheme=scheme) as context:
        phone = Phone(context, site)
        person = Person(phone, "zh-Hans").begin()
        violations = {}
        for name in person.until(""):
            if name in ("AGE", "WORDS"):
                phone.page.locator("main input").first.fill("?")
                phone.do("next")
            for fold in phone.page.locator("main details:not([open]) summary").all():
                fold.tap()
            violations[name] = [one["id"] for one in Axe().run(phone.page).response["violations"]]
    assert {name: [] for name in violations} == violations


def test_nothing_is_cut_off_on_the_narrowest_phone_with_letters_twice_as_large(browser, site):
    """At 320 pixels and 200 % no type needs sideways scrolling, and no target is smaller than 44 pixels."""
    small = "all => all.filter((e) => e.checkVisibility() && Math.min(e.offsetHeight, e.offsetWidth) < 44).map(String)"
    with browser.new_context(**{**PHONE, "viewport": {"width": 320, "height": 568}}) as context:
        phone = Phone(context, site)
        devtools = context.new_cdp_session(phone.page)
        devtools.send("Page.enable")
        person = Person(phone).begin()
        for name in person.until(""):
            for size in (16, 32):
                devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
                assert (name, size, 320) == (name, size, phone.page.evaluate("document.documentElement.scrollWidth"))
                targets = phone.page.locator("main button, main input")
                assert (name, size, []) == (name, size, targets.evaluate_all(small))
