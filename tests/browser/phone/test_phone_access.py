"""The page for every reader: axe's rules on each screen in each language and dress, sizes, letters, the keyboard."""

import re

import pytest
from kinds import in_long
from phone.axe import AXE, DRESS, RUN, STILL, TAGS, violations
from phone.every_screen import WECHAT, Walk, every_screen
from phone.site import LOST, PHONE, Phone, Site, another_shell, own_reply, serving
from playwright.sync_api import Browser, expect
from studies.market import Study

BARS = "[data-press=leave], .skips button, [data-press=next], [data-press=back]"
LETTERS = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
ROOM = """[...document.querySelectorAll(".choice button")].map((one) => {
  const {paddingLeft, paddingRight, fontSize} = getComputedStyle(one);
  const mark = one.matches(".single, .multi") ? 2.05 : 0;
  return (one.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)) / parseFloat(fontSize) - mark;
})"""
COLOURS = """() => ['--paper', '--card', '--ink', '--quiet', '--accent', '--alarm', '--tint', '--line'].map(
  (name) => getComputedStyle(document.documentElement).getPropertyValue(name))"""


@pytest.fixture(scope="module")
def site():
    with every_screen("ug", "en-XA", "ar-XB") as site:
        yield site


@pytest.mark.parametrize("locale", ["en", "ug", *in_long("zh-Hans", "zh-Hant", "en-XA", "ar-XB")])
def test_axe_finds_nothing_on_any_screen(browser: Browser, site: Site, locale: str):
    """Every screen passes axe-core's rules in light, and those on looks in dark, strong contrast and large letters."""
    with browser.new_context(**STILL) as context:
        phone = Phone(context, site)
        phone.page.add_init_script(AXE)
        assert [] == [one for name in Walk(phone, locale).screens() for one in violations(phone.page, name)]


def test_axe_finds_nothing_on_pages_without_a_question(browser: Browser, site: Site):
    """The warning inside another app, a lost address and a survey that has ended pass the same rules."""
    published = site.app.extensions["sotto"].published
    state = published.study(site.study.questionnaire.study)
    closed = state.model_copy(update={"study": "closed-one", "state": "closed"})
    published.write_study(closed)
    with browser.new_context(**STILL, user_agent=WECHAT) as context:
        page = context.new_page()
        page.add_init_script(AXE)
        wrong = []
        for path in (site.link.removeprefix(site.base), "/s/lost-one", "/s/closed-one"):
            page.goto(site.base + path)
            wrong += violations(page, path)
            for summary in page.locator(".more summary").all():
                summary.click()
            wrong += violations(page, f"{path} opened")
    assert [] == wrong


@pytest.mark.parametrize("reply", [410, 400, 507, LOST])
def test_axe_finds_nothing_on_any_failure(browser: Browser, site: Site, reply: int):
    """What is said when the survey is closed, refuses, is full or does not reply passes the same rules."""
    with browser.new_context(**STILL) as context:
        phone = Phone(context, site)
        phone.page.add_init_script(AXE)
        walk = Walk(phone, "zh-Hant")
        walk.to_ready()
        site.replies = [reply if reply == LOST else own_reply(reply)]
        walk.press("[data-press=send]")
        expect(phone.page.locator("footer [data-press=retry], footer [data-press=close]")).to_be_visible()
        assert [] == violations(phone.page, str(reply))
        site.replies = []


def test_axe_finds_a_planted_fault(browser: Browser, site: Site):
    """A button without a name and letters too pale to read are found: the gate can fail."""
    with browser.new_context(**STILL) as context:
        page = Phone(context, site).open().page
        page.evaluate(AXE)
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        page.evaluate("document.querySelector('h1').style.color = '#ccc'")
        faults = violations(page, "")
        assert {"button-name", "color-contrast"} <= {rule for _, dress, rule, _ in faults if dress == "light"}


@pytest.mark.parametrize("chosen", ["dark", "light"])
def test_the_phone_asks_for_colours_as_a_person_does(browser: Browser, site: Site, chosen: str):
    """A phone that is set to dark or light gets exactly the colours that pressing dark or light gives."""
    with browser.new_context(**PHONE, color_scheme=chosen) as context:
        page = Phone(context, site).open().page
        own = page.evaluate(COLOURS)
        page.evaluate(DRESS, [chosen, "1"])
        assert own == page.evaluate(COLOURS)
        page.evaluate(DRESS, ["phone", "1"])
        assert own == page.evaluate(COLOURS)


def test_strong_contrast_is_taken_from_the_phone(browser: Browser, site: Site):
    """A phone that asks for more contrast gets black on white, and axe's stricter contrast rule holds there."""
    with browser.new_context(**STILL, contrast="more") as context:
        page = Phone(context, site).open().page
        assert ["#fff", "#fff", "#000", "#000"] == page.evaluate(COLOURS)[:4]
        page.evaluate(AXE)
        assert [] == page.evaluate(RUN, ["wcag2aaa", *TAGS])


def test_a_chosen_answer_shows_where_the_person_rules_the_colours(browser: Browser, site: Site):
    """With forced colours, which take ours away, a chosen answer differs by the width of its edge, and axe holds."""
    with browser.new_context(**STILL, forced_colors="active") as context:
        phone = Phone(context, site)
        phone.page.add_init_script(AXE)
        walk = Walk(phone, "en")
        for name in walk.screens():
            if name == "1-multi-answered":
                break
        edge = "(one) => getComputedStyle(one).borderTopWidth"
        chosen, other = (phone.page.locator(f".multi[aria-pressed={state}]").first for state in ("true", "false"))
        assert "3px" == chosen.evaluate(edge) != other.evaluate(edge)
        assert [] == phone.page.evaluate(RUN, TAGS)


def test_nothing_moves_for_who_wants_no_motion(browser: Browser, site: Site):
    """With reduced motion no element has a transition or an animation; without it, as a control, buttons have one."""
    moving = """[...document.querySelectorAll("*")].map((one) => getComputedStyle(one)).filter(
      (style) => style.transitionDuration !== "0s" || style.animationName !== "none").length"""
    for wish, expected in (("reduce", False), ("no-preference", True)):
        with browser.new_context(**PHONE, reduced_motion=wish) as context:
            phone = Phone(context, site).open()
            phone.choose("en")
            assert (wish, expected) == (wish, phone.page.evaluate(moving) > 0)


def test_the_display_control_holds_through_the_interview_and_is_kept_nowhere(browser: Browser, site: Site):
    """What is chosen before a language holds on every screen after it, and a reload forgets it."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open()
        phone.press(".display summary")
        for name in ("size-3", "colours-dark"):
            phone.press(f".{name}")
        phone.choose("en")
        dress = "(({colours, size}) => [colours, size])(document.documentElement.dataset)"
        assert ["dark", "3"] == phone.page.evaluate(dress)
        phone.press(".display summary")
        expect(phone.page.locator(".panel [aria-pressed=true]")).to_have_count(2)
        expect(phone.page.locator(".panel .size-3")).to_have_attribute("aria-pressed", "true")
        phone.press(".size-1")
        assert ["dark", "1"] == phone.page.evaluate(dress)
        phone.open("about:blank")
        assert [None, None] == phone.open().page.evaluate(dress)
        assert [0, 0] == phone.page.evaluate("[localStorage.length, sessionStorage.length]")


def test_everything_pressed_is_at_least_44_pixels(browser: Browser, site: Site):
    """No button, language, list or summary is smaller than 44 by 44 CSS pixels on a phone."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        for name in Walk(phone, "en").screens():
            assert (name, []) == (name, phone.page.locator("button, summary, select, input, a").evaluate_all(SMALL))


@pytest.mark.parametrize("locale", ["en-XA", "ar-XB"])
def test_nothing_is_cut_off_at_320_pixels_with_letters_twice_as_large(browser: Browser, site: Site, locale: str):
    """On the narrowest phone with letters at 200 % longer words need no scrolling sideways, and the bars stay whole."""
    with browser.new_context(**{**PHONE, "viewport": {"width": 320, "height": 568}}) as context:
        phone = Phone(context, site)
        devtools = context.new_cdp_session(phone.page)
        devtools.send("Page.enable")
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
        for name in Walk(phone, locale).screens():
            assert (name, 320) == (name, phone.page.evaluate("document.documentElement.scrollWidth"))
            assert "36px" == phone.page.evaluate("getComputedStyle(document.body).fontSize")
            for control in phone.page.locator(BARS).locator("visible=true").all():
                expect(control).to_be_in_viewport(ratio=0.99)


def test_the_way_out_is_always_in_view(browser: Browser, site: Site):
    """From the consent on, Leave now stands at the top of the screen, however far one scrolled."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        for name in Walk(phone, "ug").screens():
            if not phone.page.locator("[data-press=leave]:visible").count():
                continue
            phone.page.evaluate("scrollTo(0, document.body.scrollHeight)")
            expect(phone.page.locator("[data-press=leave]")).to_be_in_viewport(ratio=1)
            assert (name, True) == (name, phone.page.locator("[data-press=leave]").bounding_box()["y"] < 60)


SMALL = """all => all.filter((e) => e.checkVisibility() && Math.min(e.offsetHeight, e.offsetWidth) < 44)
  .map((e) => e.outerHTML)"""
# The focused element's middle and both ends belong to it, not to a bar over it (WCAG 2.2, 2.4.11).
UNCOVERED = """() => {
  const focus = document.activeElement, box = focus.getBoundingClientRect();
  if (focus === document.body) return true;
  const x = box.left + box.width / 2;
  const hit = [box.top + 2, box.bottom - 2].map((y) => document.elementFromPoint(x, y));
  return Boolean(focus.closest("header, footer")) || hit.every((one) => one && !one.closest("header, footer"));
}"""


OUTLINED = """document.activeElement === document.body ||
  getComputedStyle(document.activeElement).outlineStyle !== 'none'"""


def test_the_keyboard_reaches_everything_and_the_focus_is_never_under_the_bar(browser: Browser, site: Site):
    """Tab leads through each control of each screen, each shows that it has the focus, and nothing lies over it."""
    with browser.new_context(viewport={"width": 360, "height": 480}, reduced_motion="reduce") as context:
        phone = Phone(context, site)
        for name in Walk(phone, "en-XA").screens():
            if not phone.page.locator("footer").is_visible():
                continue
            controls = phone.page.locator("button:visible, summary:visible, select:visible, input:visible").count()
            for _ in range(controls):
                phone.page.keyboard.press("Tab")
                assert (name, True) == (name, phone.page.evaluate(UNCOVERED))
                assert phone.page.evaluate(OUTLINED)


def test_each_screen_is_told_to_a_screen_reader(browser: Browser, site: Site):
    """A new screen has the focus on its heading, which is described by the progress; faults are alerts."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        total = 0
        for name in Walk(phone, "en").screens():
            if name.startswith("1-") and not name.endswith("-answered"):
                heading = phone.page.locator("h1")
                expect(heading).to_be_focused()
                if phone.page.get_by_role("progressbar").count():
                    count = re.escape(phone.page.locator("#count").inner_text())
                    expect(heading).to_have_accessible_description(re.compile(f"{count}$"))
                    total += 1
            if name == "1-number-answered":
                fault = phone.page.get_by_role("alert").filter(has_text="between")
                total += fault.count()
        assert 10 < total


def test_on_paper_the_page_is_empty(browser: Browser, site: Site):
    """Printing shows nothing of the page, whatever stands on it."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open()
        phone.choose("en")
        phone.page.emulate_media(media="print")
        expect(phone.page.locator("body > *:visible")).to_have_count(0)


@pytest.mark.parametrize(
    ("system", "sizes"), [(16, [18, 22, 27]), (20, [22.5, 27.5, 30]), (24, [27, 30, 30]), (32, [36, 36, 36])]
)
def test_the_two_sizes_do_not_multiply(browser: Browser, system: int, sizes: list[float]):
    """The page's sizes reach 30 px at most, and never less than its normal size; a line has room for three letters."""
    with (
        another_shell(browser, f"--blink-settings=defaultFontSize={system}") as shell,
        serving(Study()) as site,
        shell.new_context(**{**PHONE, "viewport": {"width": 360, "height": 640}}) as context,
    ):
        phone = Phone(context, site)
        phone.start("en")
        found = []
        for size in (1, 2, 3):
            phone.page.evaluate(f"document.documentElement.dataset.size = {size}")
            found.append(phone.page.evaluate(LETTERS))
            assert all(room >= 3 for room in phone.page.evaluate(ROOM))
    assert sizes == pytest.approx(found, abs=0.1)
