"""The field kit in Chromium: interviews with no network, kept sealed, handed in once, saved as a file, never lost."""

import json
import re
from collections import Counter

import pytest
from phone.site import Site, own_reply
from phone.tablet import DUMP, TABLET, Tablet
from playwright.sync_api import Browser, expect
from studies.market import Study
from studies.showcase import showcase, showing

from crypto.kit_file import QueueFile

# Writing to the tablet's memory fails as it does where there is no room.
NO_ROOM = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (value, key) {
  if (window.noRoom && this.name === "waiting") throw new DOMException("", "QuotaExceededError");
  return put.call(this, value, key);
};
"""
# All that caches and databases of this origin hold, as one text.
KEPT = """
async () => {
  const parts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const response = await cache.match(request, { ignoreVary: true });
      if (response) parts.push(request.url, await response.text());
    }
  }
  for (const { name } of await indexedDB.databases()) {
    const open = indexedDB.open(name);
    await new Promise((done) => (open.onsuccess = done));
    for (const store of open.result.objectStoreNames) {
      const all = open.result.transaction(store).objectStore(store).getAll();
      await new Promise((done) => (all.onsuccess = done));
      parts.push(JSON.stringify(all.result));
    }
    open.result.close();
  }
  return parts.join("\\n");
}
"""


@pytest.fixture
def tablet(browser: Browser, site: Site):
    with browser.new_context(**TABLET) as context:
        yield Tablet(context, site)


def test_interviews_without_a_network_are_handed_in_once_when_it_returns(tablet: Tablet, site: Site, study: Study):
    """Two interviews wait sealed while the network is cut, then each is posted once and acknowledged by its hash."""
    tablet.prepared()
    tablet.offline()
    for locale in ("en", "zh-Hans"):
        tablet.interview(locale)
    tablet.counts(waiting=2, acknowledged=0)
    assert [] == site.posts
    tablet.offline(False)
    tablet.counts(waiting=0, acknowledged=2)
    assert 2 == len(set(site.posts))
    answers = [study.opened(body) for body in set(site.posts)]
    assert Counter(["en", "zh-Hans"]) == Counter(answer.locale for answer in answers)
    assert {"assisted"} == {answer.mode for answer in answers}
    assert [] == tablet.violations()


def test_the_tablet_keeps_sealed_envelopes_under_their_hash_and_nothing_else(tablet: Tablet, study: Study):
    """The tablet's memory holds bodies of one size with their state, no time, no order, no answer, no cookie."""
    tablet.prepared()
    tablet.offline()
    tablet.interview()
    dump = tablet.page.evaluate(DUMP)
    size = 1499 + study.manifest.plaintext_size
    assert [["sealed", size, {}]] == dump["values"]
    assert all(re.fullmatch("[0-9a-f]{64}", name) for name in dump["names"])
    assert ["link"] == dump["facts"]
    storage = "({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie })"
    assert {"local": {}, "session": {}, "cookie": ""} == tablet.page.evaluate(storage)


def test_a_reload_and_a_crash_without_a_network_lose_no_sealed_interview(tablet: Tablet, site: Site):
    """The kit starts again from the tablet alone; what was sealed still waits, what was half answered is gone."""
    tablet.prepared()
    tablet.offline()
    tablet.interview()
    tablet.page.reload()
    tablet.counts(waiting=1)
    tablet.interview(finish=False)
    again = Tablet(tablet.page.context, site)
    tablet.page.close(run_before_unload=False)
    again.home(site.base + "/k/market")
    again.counts(waiting=2)
    again.press("[data-start=en]")
    again.do("agree")
    again.answer(2)
    again.page.reload()
    again.counts(waiting=2)
    again.offline(False)
    again.counts(waiting=0, acknowledged=2)


def test_a_lost_acknowledgement_counts_once(tablet: Tablet, site: Site):
    """Where the receipt is lost the identical bytes are sent again, and one interview is acknowledged."""
    tablet.prepared()
    tablet.offline()
    tablet.interview()
    site.replies = ["0" * 64]
    tablet.offline(False)
    expect(tablet.page.locator("[data-count=waiting]")).to_be_visible()
    while site.replies:
        tablet.page.wait_for_timeout(20)
    tablet.page.reload()
    tablet.counts(waiting=0, acknowledged=1)
    assert 1 == len(set(site.posts)) < len(site.posts)


def test_a_full_tablet_says_so_and_the_interview_can_still_be_saved_and_sent(tablet: Tablet, study: Study, site: Site):
    """Where there is no room the sealed interview stays in the page, no other begins, and it is saved or handed in."""
    tablet.page.add_init_script(NO_ROOM)
    tablet.prepared()
    tablet.offline()
    tablet.interview()
    tablet.page.evaluate("window.noRoom = true")
    tablet.interview()
    expect(tablet.page.get_by_role("alert")).to_contain_text("only in this open page: 1")
    expect(tablet.page.locator("[data-start]")).to_have_count(0)
    tablet.counts(waiting=2)
    file = QueueFile.from_bytes(tablet.saved())
    assert (2, "market", study.manifest.key_id) == (file.header.count, file.header.study, file.header.key_id)
    tablet.page.evaluate("window.noRoom = false")
    tablet.offline(False)
    tablet.counts(waiting=0, acknowledged=2)
    assert {record.to_bytes() for record in file.records} == {body[1:] for body in site.posts}
    expect(tablet.page.locator("[data-start]")).to_have_count(3)


def test_after_the_wave_late_interviews_are_kept_until_somebody_deletes_them(tablet: Tablet, site: Site):
    """A 410 is said plainly, no interview begins any more, and only two presses delete what came too late."""
    tablet.prepared()
    tablet.offline()
    tablet.interview()
    site.replies = [own_reply(410)]
    site.bundles = {}
    tablet.offline(False)
    tablet.counts(waiting=0, acknowledged=0, late=1)
    expect(tablet.page.get_by_text("No more interviews can be taken")).to_be_visible()
    expect(tablet.page.locator("[data-start]")).to_have_count(0)
    tablet.page.reload()
    tablet.counts(late=1)
    tablet.do("discard")
    tablet.do("discard-no")
    tablet.counts(late=1)
    tablet.do("discard")
    tablet.do("discard-yes")
    expect(tablet.page.locator("[data-count=late]")).to_have_count(0)


def test_documents_that_are_not_the_links_are_refused_by_the_kit_too(tablet: Tablet, site: Site):
    """A host that swaps the key gets no interview out of the kit, and what it sent is not kept."""
    other = json.loads(site.bundles["en"]["manifest"]) | {"plaintext_size": 512}
    site.bundles["en"]["manifest"] = json.dumps(other)
    tablet.home()
    expect(tablet.page.get_by_text("does not match the link")).to_be_visible()
    expect(tablet.page.locator("[data-start]")).to_have_count(0)
    assert '"plaintext_size": 512' not in tablet.page.evaluate(KEPT).replace("\\", "")
    # The control: documents that are kept are seen by the same look.
    site.bundles = dict(site.sound)
    tablet.open("about:blank").prepared()
    assert json.dumps(tablet.site.sound["en"]["manifest"]) in tablet.page.evaluate(KEPT)


def test_a_kit_without_a_link_asks_for_one(tablet: Tablet, site: Site):
    """An address without a pin starts no interview on a tablet that has never had the whole link."""
    tablet.home(site.base + "/k/market")
    expect(tablet.page.get_by_text("Open the whole link once")).to_be_visible()
    expect(tablet.page.locator("[data-start]")).to_have_count(0)


@pytest.mark.parametrize("wrong", ["#k=" + "A" * 32, "#k=AAAA", "{}&s=nowhere", "{}&m=self"])
def test_a_wrong_link_starts_nothing_and_does_not_take_the_place_of_the_right_one(
    tablet: Tablet, site: Site, wrong: str
):
    """A link that was cut or mistyped is refused; opened without one, the tablet still works with its own."""
    tablet.prepared()
    address, right = tablet.link.split("#")
    # Of a pin that never was, the host has nothing.
    site.bundles = {} if "AAAAA" in wrong else site.bundles
    tablet.open("about:blank").home(address + wrong.format(f"#{right}"))
    expect(tablet.page.get_by_text("does not match the link")).to_be_visible()
    expect(tablet.page.locator("[data-start]")).to_have_count(0)
    site.bundles = dict(site.sound)
    tablet.open("about:blank").prepared(address)
    tablet.offline()
    tablet.interview()


def test_a_picture_that_is_not_the_one_of_its_hash_is_not_kept_but_asked_for_again(browser: Browser):
    """A tablet says that not everything is there until the host sends the very files that the texts name."""
    whole, study = showcase()
    with showing(whole, study) as site, browser.new_context(**TABLET) as context:
        name = next(iter(whole.media))
        file = site.app.extensions["published"].root / "media" / name
        right = file.read_bytes()
        file.write_bytes(right + b"?")
        tablet = Tablet(context, site).home()
        expect(tablet.page.get_by_text("Not everything is on this device yet")).to_be_visible()
        file.write_bytes(right)
        tablet.page.evaluate("dispatchEvent(new Event('online'))")
        expect(tablet.page.get_by_text("Everything needed is on this device")).to_be_visible(timeout=10_000)
