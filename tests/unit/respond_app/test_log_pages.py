"""The log, its documents and the lists of receipts are served as they lie in the folder; nothing else is."""

import re

import pytest
from forged.witnesses import Signatory, cosigned
from hosts.applications import respond_app
from hosts.collection import STUDY

from survey.public_log import log_events
from survey.public_log.log_entry import LogEntry
from survey.respond_app.log_pages import KINDS

LOCALES = ("en", "zh-Hans", "zh-Hant")


@pytest.fixture
def client(boxed_collection):
    app = respond_app(boxed_collection[0].settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def test_every_published_file_of_the_log_is_served_in_its_place(boxed_collection, client):
    """A host is its own mirror: each file of the log, each document and list has its place in the folder as address."""
    public = boxed_collection[0].settings.public
    kept = {"log", "receipts", *KINDS}
    places = [path.relative_to(public) for path in public.rglob("*") if path.is_file()]
    served = [place for place in places if place.parts[0] in kept]
    assert 262 < len(served)
    for place in served:
        response = client.get(f"/{place}")
        assert (200, (public / place).read_bytes()) == (response.status_code, response.data), place


@pytest.mark.parametrize(
    "path",
    [
        "/log/heads/9", "/log/other", f"/receipts/{STUDY}/1/0g.json", f"/receipts/{STUDY}/1/000.json",
        f"/receipts/{STUDY}/2/00.json", "/receipts/..%2f..%2fhome/1/00.json", f"/studies/{STUDY}.json",
        f"/manifests/{'0' * 64}.json", "/manifests/..%2flog%2fkey.json", "/c/none", f"/results/{STUDY}/{'0' * 64}.json",
    ],
)  # fmt: skip
def test_nothing_else_is_served(client, path):
    """What is not there, or is no name of the contract, is not found."""
    assert 404 == client.get(path).status_code


def test_the_page_is_the_same_for_everyone_and_its_form_goes_nowhere(client):
    """The page holds no receipt, sets no cookie, and its policy lets no form out and no other host in."""
    one, other = (client.get(f"/c/{STUDY}?lang=en") for _ in range(2))
    assert one.data == other.data
    assert "Set-Cookie" not in one.headers
    policy = one.headers["Content-Security-Policy"]
    assert {"form-action 'none'", "connect-src 'self'", "script-src 'self'"} <= {*policy.split("; ")}
    assert "action=" not in one.text.partition("<form")[2].partition(">")[0]
    assert 'name="' not in one.text.partition("<form")[2].partition("</form>")[0]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_lists_can_be_opened_without_a_script(client, locale):
    """In every language the page links to all 256 lists of the box, and a list with a receipt in it holds it."""
    text = client.get(f"/c/{STUDY}?lang={locale}").text
    links = re.findall(rf'href="(/receipts/{STUDY}/1/[0-9a-f]{{2}}\.json)"', text)
    assert 256 == len({*links})
    assert {200} == {client.get(link).status_code for link in links[:3]}


def test_before_a_box_the_page_says_when_to_come_back(collection):
    """Without a closed wave there is no form, and no script to wait for."""
    collection.open_wave()
    app = respond_app(collection.settings)
    text = app.test_client().get(f"/c/{STUDY}?lang=en").text
    app.extensions["sotto"].engine.dispose()
    assert ("come back then" in text, "<form" in text, "<script" in text) == (True, False, False)


def test_the_log_is_read_again_only_where_it_has_grown(boxed_collection, client, monkeypatch):
    """Two visits parse each entry once; an entry that is added is seen at the next visit."""
    host = boxed_collection[0]
    parsed, parse = [], LogEntry.from_bytes

    def counted(line: bytes) -> LogEntry:
        parsed.append(line)
        return parse(line)

    monkeypatch.setattr(LogEntry, "from_bytes", counted)
    lines = (host.settings.public / "log" / "entries.jsonl").read_bytes().splitlines()
    pages = [client.get(f"/c/{STUDY}").data for _ in range(2)]
    assert pages[0] == pages[1]
    assert lines == parsed
    monkeypatch.undo()
    host.open_wave(2)
    host.box(host.settings.public.parent / "second.box", 2)
    assert pages[0] != client.get(f"/c/{STUDY}").data


def test_the_results_page_leads_to_the_receipts(client):
    """Who reads the results finds where a receipt is checked."""
    assert f'href="/c/{STUDY}' in client.get(f"/r/{STUDY}?lang=en").text


def test_an_empty_log_serves_nothing(collection):
    """Before the first decision there is no head, and asking for one is no fault."""
    assert () == log_events.host_log(collection.settings).entries()
    app = respond_app(collection.settings)
    assert 404 == app.test_client().get("/log/checkpoint").status_code
    app.extensions["sotto"].engine.dispose()


def test_cosignatures_are_served_beside_the_head_that_they_are_of(collection):
    """What witnesses signed is sent as it lies there; a head that nobody signed has none."""
    collection.open_wave()
    head = collection.settings.public / "log/checkpoint"
    cosigned(collection.settings.public, 2, line := Signatory("lin.example").line(head.read_bytes(), 1_800_000_000))
    app = respond_app(collection.settings)
    responses = [app.test_client().get(f"/log/cosignatures/{size}") for size in (2, 1)]
    app.extensions["sotto"].engine.dispose()
    assert [(200, line), 404] == [(responses[0].status_code, responses[0].data), responses[1].status_code]
    assert "text/plain; charset=utf-8" == responses[0].content_type
