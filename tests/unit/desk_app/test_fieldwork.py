"""The page of fieldwork: links that phones follow, squares that hold them, batches, reminders; none from elsewhere."""

import re
from html import unescape

import pytest
import zxingcpp
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import HTTPS, get, post, token_in
from hosts.host_acts import store_records
from PIL import Image

from survey.desk_app.checklist.fieldwork import REMINDERS, WAYS
from survey.office_db.people.role import Role
from survey.operations.boxes import compact_answers
from survey.operations.invitations import BatchRequest, close_batch, invite
from survey.operations.staff import add_user, give_role
from survey.wording.page_languages import NAMES, load_languages

FIELDWORK = f"/studies/{STUDY}/waves/1/fieldwork"
HOST = "https://survey.example"


def typed(client, address: str, stratum: str = "open", token: str | None = None):
    """Send an address with the token of the page, or with another."""
    form = {"csrf_token": token_in(get(client, FIELDWORK)) if token is None else token}
    return post(client, FIELDWORK, form | {"address": address, "stratum": stratum}, f"{HTTPS}{FIELDWORK}")


def links(page) -> list[str]:
    """Return the links that a page shows, in its order."""
    return [unescape(one) for one in re.findall(r"<code>(https?://[^<]+)</code>", page.text)]


def scanned(svg: str) -> str:
    """Return what a reader finds in a square that is drawn as lines of one unit."""
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    picture, x, y = Image.new("L", (side, side), 255), 0, 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)[1]):
        first, *second = map(float, numbers.split())
        if step == "h":
            picture.paste(0, (x, int(y), x + int(first), int(y) + 1))
            x += int(first)
        else:
            x, y = (int(first), second[0]) if step == "M" else (x + int(first), y + second[0])
    (found,) = zxingcpp.read_barcodes(picture.resize((side * 6, side * 6)))
    return found.text


def test_the_links_are_those_of_the_wave_at_the_address_that_was_typed(open_collection, desk):
    """One for each way to answer, with the wave's pin, and its square; the field kit has its own page."""
    staff = desk(open_collection)
    pin = open_collection.manifests[1].pin
    assert [] == links(get(staff, FIELDWORK))
    page = typed(staff, f" {HOST}/ ")
    shown = links(page)
    assert shown == [scanned(one) for one in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL)]
    fragment = f"k={pin}&s=open"
    expected = [f"{HOST}/s/{STUDY}#{fragment}{more}" for more in ("", "&m=kiosk", "&m=assisted")]
    assert [*expected, f"{HOST}/k/{STUDY}#{fragment}&m=assisted"] == shown
    assert len(WAYS) == len(shown)


@pytest.mark.parametrize(
    "address",
    ["", "survey.example", "http://survey.example", f"{HOST}/path", f"{HOST}#k=x", "javascript:alert(1)",
     'https://x"><script>', "https://" + "x" * 300],
)  # fmt: skip
def test_no_link_is_made_of_what_no_phone_can_use(open_collection, desk, address):
    """It is said what to type, nothing comes back as markup, and no link stands there; a good one is the control."""
    staff = desk(open_collection)
    page = typed(staff, address)
    assert (400, []) == (page.status_code, links(page))
    assert "No link was made." in page.text
    assert "<script" not in page.text
    assert 200 == typed(staff, HOST).status_code


def test_no_link_from_elsewhere_fills_the_page_in(open_collection, desk):
    """An address in a query, a form without the page's token and a stratum that is none make no link."""
    staff = desk(open_collection)
    assert "evil" not in get(staff, f"{FIELDWORK}?address=https://evil.example&stratum=open").text
    without = typed(staff, "https://evil.example", token="")
    assert (400, False) == (without.status_code, "https://evil.example/s/" in without.text)
    assert (400, []) == ((page := typed(staff, HOST, "nowhere")).status_code, links(page))


def test_where_no_wave_is_open_there_is_no_link(open_collection, desk):
    """Of a wave to come and of a closed one the page says so, and takes no address."""
    staff = desk(open_collection)
    coming = f"/studies/{STUDY}/waves/2/fieldwork"
    token = token_in(get(staff, FIELDWORK))
    open_collection.box(open_collection.settings.public.parent / "box")
    for path in (coming, FIELDWORK):
        assert "Nobody can answer now" in get(staff, path).text
        page = post(staff, path, {"csrf_token": token, "address": HOST, "stratum": "open"}, f"{HTTPS}{path}")
        assert (400, []) == (page.status_code, links(page))
    assert 404 == get(staff, f"/studies/{STUDY}/waves/3/fieldwork").status_code


def test_no_answer_that_comes_in_changes_the_page_until_the_day_ends(open_collection, desk):
    """Fieldwork moves by compaction alone, in three words; between two of them the page stays as it is."""
    staff = desk(open_collection)
    plain = lambda page: re.sub(r'value="[^"]*"', "", page.text)  # noqa: E731 - twice in one test
    before = plain(get(staff, FIELDWORK))
    store_records(open_collection, 4)
    assert before == plain(get(staff, FIELDWORK))
    compact_answers(open_collection.settings)
    after = plain(get(staff, FIELDWORK))
    assert ("<span>few</span>" in before, "<span>enough</span>" in after) == (True, True)


def test_batches_and_their_close_stand_there_for_who_may_ask(invited, desk, tmp_path):
    """A fieldworker sees the batches, a researcher also the way to close one; a closed one is told."""
    for name, role in (("wei", Role.FIELDWORKER), ("mei", Role.RESEARCHER)):
        add_user(invited.settings, name, PASSWORD)
        give_role(invited.settings, name, role, (STUDY,))
    invite(invited.settings, BatchRequest(STUDY, "library", "city", 50), tmp_path / "codes.json")
    pages = {name: get(desk(invited, name), FIELDWORK).text for name in ("wei", "mei")}
    assert all("<code>library</code>" in page for page in pages.values())
    assert ["mei"] == [name for name, page in pages.items() if "/close-batch" in page]
    close_batch(invited.settings, STUDY, "library")
    assert 'state closed">closed' in get(desk(invited, "wei"), FIELDWORK).text
    assert f"{HOST}/s/{STUDY}#k={invited.manifests[1].pin}&s=country" in links(
        typed(desk(invited, "wei"), HOST, "country")
    )


@pytest.mark.parametrize("mode", REMINDERS)
def test_a_reminder_stands_in_every_language_and_names_no_topic(mode, open_collection, invited, desk):
    """Each text as it is said in its language, whatever the page is in; no title of the study is part of one."""
    host = open_collection if mode == "open" else invited
    if mode == "invitation":
        add_user(host.settings, "li", PASSWORD)
    page = unescape(get(desk(host), f"{FIELDWORK}?lang=zh-Hans").text)
    for locale in NAMES:
        text = load_languages()[locale].say(REMINDERS[mode])
        assert f'lang="{locale}">{text}</p>' in page
        assert not any(one.title in text for one in host.documents[1].values())
