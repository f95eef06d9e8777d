"""A tablet in a study by invitation, in Chromium: slips taken a day ahead, answers handed in a day later."""

import json
from datetime import datetime

import pytest
from phone.invited_site import InvitedSite, inviting
from phone.tablet import TABLET, Tablet
from playwright.sync_api import Browser, expect

from crypto.envelope import parse_body
from crypto.invitation_codes import grouped
from crypto.kit_file import QueueFile
from survey.wording.catalogues import load_wordings

PHRASE = "a phrase of this tablet"
FIRST, SECOND, THIRD = (datetime(2026, 5, day, 10) for day in (4, 5, 6))  # noqa: DTZ001 - the tablet's own calendar
LOCKED = 16 + 12 + 336 + 16
# The slips in the tablet's memory, as [name, bytes], and all of its memory as text.
SLIPS = """
async () => {
  const open = indexedDB.open("kit-market");
  await new Promise((done) => (open.onsuccess = done));
  const read = (store, what) => new Promise((done) => {
    const request = open.result.transaction(store).objectStore(store)[what]();
    request.onsuccess = () => done(request.result);
  });
  const names = await read("slips", "getAllKeys");
  const slips = (await read("slips", "getAll")).map((one, at) => [names[at], [...one]]);
  const facts = Object.fromEntries((await read("facts", "getAllKeys")).map((name) => [name, 0]));
  open.result.close();
  return { slips, facts };
}
"""


# What of the staff's part comes closer than 8 pixels to the edge of its card, or over another part of it.
LOOSE = """
() => {
  const card = document.querySelector(".staff"), {left, right} = card.getBoundingClientRect(), wrong = [];
  let above = -Infinity;
  for (const one of card.querySelectorAll(":scope > :not(summary)")) {
    for (const line of one.getClientRects()) {
      if (!line.width || !line.height) continue;
      if (line.left < left + 8 || line.right > right - 8) wrong.push([one.id || one.tagName, "beside"]);
      if (line.top < above - 1) wrong.push([one.id || one.tagName, "over"]);
    }
    above = Math.max(above, one.getBoundingClientRect().bottom);
  }
  return wrong;
}
"""


@pytest.fixture
def site():
    with inviting() as site:
        yield site


@pytest.fixture
def tablet(browser: Browser, site: InvitedSite):
    with browser.new_context(**TABLET) as context:
        tablet = Tablet(context, site)
        tablet.page.clock.set_fixed_time(FIRST)
        yield tablet


def word(key: str, **values: int) -> str:
    return load_wordings("kit")["en"](key, **values)


def note(tablet: Tablet, key: str, **values: int) -> None:
    expect(tablet.page.locator("[data-note]")).to_have_text(word(key, **values), timeout=20_000)


def take(tablet: Tablet, codes: list[str]) -> None:
    """Type codes and the pass phrase, and put the slips on the tablet."""
    tablet.page.locator("#codes").fill("\n".join(map(grouped, codes)))
    if tablet.page.locator("#phrase").count():
        tablet.page.locator("#phrase").fill(PHRASE)
    tablet.do("slips-fetch")


def unlocked(tablet: Tablet) -> None:
    tablet.page.locator("#phrase").fill(PHRASE)
    tablet.do("slips-open")
    expect(tablet.page.locator("[data-start=en]")).to_be_visible(timeout=20_000)


def on(tablet: Tablet, day: datetime) -> None:
    """Open the page anew on a day."""
    tablet.page.clock.set_fixed_time(day)
    tablet.page.reload()
    expect(tablet.page.locator(".staff")).to_be_attached()


def held(tablet: Tablet, key: str) -> None:
    """See why no interview can begin."""
    expect(tablet.page.locator("main > .note").first).to_have_text(word(key))
    expect(tablet.page.locator("[data-start]")).to_have_count(0)


def test_slips_of_one_day_answer_on_the_next_and_are_handed_in_on_a_third(tablet: Tablet, site: InvitedSite):
    """Three slips taken, two interviews without a network, both handed in by row key with good tokens of their own."""
    tablet.prepared()
    held(tablet, "slips-none")
    take(tablet, site.slips(3))
    note(tablet, "slips-fetched", n=3)
    held(tablet, "slips-tomorrow")
    tablet.offline()
    on(tablet, SECOND)
    held(tablet, "slips-locked")
    unlocked(tablet)
    for _ in range(2):
        tablet.interview()
    tablet.counts(waiting=2, slips=1)
    tablet.offline(False)
    tablet.do("send-now")
    note(tablet, "send-tomorrow")
    assert (3, []) == (len(site.asked), site.posts)
    on(tablet, THIRD)
    tablet.counts(waiting=0, acknowledged=2, slips=1)
    manifest = site.study.manifest
    records = [parse_body(body, manifest.plaintext_size) for body in site.posts]
    for body, record in zip(site.posts, records, strict=True):
        manifest.record_rules.checked(record)
        assert ("assisted", 2) == ((answers := site.study.opened(body)).mode, answers.answers["AGE"])
    assert sorted({record.row_key for record in records}) == [record.row_key for record in records]
    assert ([], []) == (tablet.violations(), [one for one in tablet.problems if "ERR_INTERNET" not in one])


def test_a_slip_lies_locked_and_is_gone_once_its_answer_is_sealed(tablet: Tablet, site: InvitedSite):
    """In the tablet's memory slips are random names with 380 locked bytes; leaving spends none, sealing one."""
    codes = site.slips(2)
    tablet.prepared()
    take(tablet, codes)
    note(tablet, "slips-fetched", n=2)
    kept = tablet.page.evaluate(SLIPS)
    assert [LOCKED, LOCKED] == [len(locked) for _, locked in kept["slips"]]
    text = json.dumps(kept) + "".join(bytes(locked).decode("latin-1") for _, locked in kept["slips"])
    assert [] == [one for one in (*codes, PHRASE) if one in text]
    on(tablet, SECOND)
    unlocked(tablet)
    tablet.press("[data-start=en]")
    tablet.do("agree")
    tablet.do("leave")
    tablet.counts(slips=2)
    tablet.interview()
    tablet.counts(slips=1, waiting=1)
    assert 1 == len(tablet.page.evaluate(SLIPS)["slips"])
    on(tablet, SECOND)
    tablet.counts(slips=1, waiting=1)
    assert [] == site.posts


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_part_for_slips_stays_within_its_card(browser: Browser, site: InvitedSite, width: int):
    """Labels, fields and hints, in every language and before and after slips were taken; control: a wider field."""
    with browser.new_context(**{**TABLET, "viewport": {"width": width, "height": 700}}) as context:
        tablet = Tablet(context, site)
        tablet.page.clock.set_fixed_time(FIRST)
        tablet.prepared()
        for locale in ("en", "zh-Hans", "zh-Hant"):
            tablet.page.locator("header select").select_option(locale)
            expect(tablet.page.locator("#phrase")).to_be_visible()
            assert [] == tablet.page.evaluate(LOOSE)
        take(tablet, site.slips(1))
        expect(tablet.page.locator("#phrase")).to_have_count(0, timeout=20_000)
        assert [] == tablet.page.evaluate(LOOSE)
        tablet.page.evaluate("document.querySelector('#codes').style.width = '100%'")
        assert [["codes", "beside"]] == tablet.page.evaluate(LOOSE)


def test_another_pass_phrase_opens_nothing(tablet: Tablet, site: InvitedSite):
    """Who has the tablet and not the phrase begins no interview, and puts no slip beside those that are there."""
    first, second = site.slips(2)
    tablet.prepared()
    take(tablet, [first])
    note(tablet, "slips-fetched", n=1)
    on(tablet, SECOND)
    tablet.page.locator("#phrase").fill("another phrase")
    tablet.do("slips-open")
    note(tablet, "slips-wrong")
    held(tablet, "slips-locked")
    tablet.page.locator("#codes").fill(second)
    tablet.page.locator("#phrase").fill("another phrase")
    tablet.do("slips-fetch")
    note(tablet, "slips-wrong")
    assert 1 == len(site.asked)


def test_a_saved_file_of_invited_answers_is_read_by_the_host(tablet: Tablet, site: InvitedSite):
    """A tablet that never finds a network: its file is whole, its records stand in order of row key, tokens hold."""
    tablet.prepared()
    take(tablet, site.slips(3))
    note(tablet, "slips-fetched", n=3)
    on(tablet, SECOND)
    unlocked(tablet)
    for _ in range(3):
        tablet.interview()
    file = QueueFile.from_bytes(tablet.saved())
    assert ("market", 3) == (file.header.study, len(file.records))
    for record in file.records:
        site.study.manifest.record_rules.checked(record)
