"""Every type of item on a tablet without a network: pictures and recordings are there, and what is sealed is right."""

import pytest
from phone.site import Site
from phone.tablet import TABLET, Tablet
from playwright.sync_api import Browser, expect
from studies.showcase import FOUND, Person, showcase, showing

KEPT = """async () => {
  const name = (await caches.keys()).find((name) => name.endsWith("-documents"));
  return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
}"""


@pytest.fixture(scope="module")
def site():
    with showing(*showcase()) as site:
        yield site


def test_a_whole_interview_of_every_type_without_a_network(browser: Browser, site: Site):
    """With the network cut before the first question pictures show, recordings are kept, and the seal holds it all."""
    with browser.new_context(**TABLET) as context:
        tablet = Tablet(context, site)
        person = Person(tablet)
        tablet.prepared()
        tablet.offline()
        media = {path.name for path in (site.app.extensions["sotto"].published.root / "media").iterdir()}
        kept = tablet.page.evaluate(KEPT)
        named = {
            name for name in media if any(name in texts.to_bytes().decode() for texts in site.study.texts.values())
        }
        assert named == {path.split("/")[2] for path in kept if path.startswith("/m/")}
        tablet.do("kiosk")
        tablet.press("[data-start=en]")
        tablet.do("agree")
        person.go_to("STALL")
        expect(tablet.page.locator("main img")).not_to_have_count(0)
        assert tablet.page.locator("main img").first.evaluate(
            "(image) => image.decode().then(() => image.naturalWidth)"
        )
        person.to_send()
        tablet.send()
        tablet.heading(tablet.word("kept-title"))
        tablet.do("close")
        tablet.counts(waiting=1)
        tablet.offline(False)
        tablet.counts(waiting=0, acknowledged=1)
        assert [] == tablet.violations()
    answers = site.study.opened(site.posts[0])
    assert "kiosk" == answers.mode
    assert FOUND == {name: answers.answers.get(name) for name in FOUND}
