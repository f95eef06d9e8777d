"""What people see at a lost address or after a failure: one page in every language, and no page for scripts."""

import re

import pytest
from hosts.applications import respond_app
from studies.plain_study import STUDY, fresh

from survey.page_identity.pages_document import compared_headers
from survey.page_identity.visits import phone_headers
from survey.publication.frontend_files import load_assets

PEOPLE = (
    "/", "/nowhere", "/s", "/s/", "/s/lost", "/w/lost", "/k/lost", "/f/lost", "/f/lost/questions", "/r/lost", "/c/lost",
    f"/r/{STUDY}?release={'0' * 64}", f"/r/{STUDY}/{'0' * 64}/T01.csv", f"/r/{STUDY}/{'0' * 64}/release.json",
    f"/s/{STUDY}/more", "/lost/lost/lost", "/favicon.ico",
)  # fmt: skip
SCRIPTS = (
    "/b/xxxx/00.json", "/m/0", "/static/lost.js", "/log/checkpoint", "/log/heads/9", f"/receipts/{STUDY}/1/00.json",
    "/s/lost/work", "/k/lost/sw.js", "/k/lost/app.webmanifest", f"/manifests/{'0' * 64}.json",
)  # fmt: skip
LINK = ("This link is incomplete", "这个链接不完整", "這個連結不完整", "بۇ ئۇلىنىش تولۇق ئەمەس")
AWAY = ("wait a few minutes", "请过几分钟", "請過幾分鐘", "بىر نەچچە مىنۇتتىن كېيىن")
BROWSERS = (
    {},
    phone_headers("/s/x"),
    {
        "Accept-Language": "ug,zh-TW;q=0.5",
        "Accept": "application/json",
        "Cookie": "lang=zh-Hant",
        "Sec-Fetch-Dest": "empty",
    },
)


@pytest.fixture
def app(tmp_path):
    app = respond_app(fresh(tmp_path).settings)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("path", PEOPLE)
def test_a_lost_address_is_answered_in_every_language(client, path):
    """Whoever mistypes an address reads in their own language what to do; one page for all, whatever a browser says."""
    first = client.get("/nowhere")
    for headers in BROWSERS:
        answer = client.get(path, headers={k: v for k, v in headers.items() if k != "Accept-Encoding"})
        assert (404, first.data) == (answer.status_code, answer.data)
        assert compared_headers(first.headers) == compared_headers(answer.headers)
        assert "Accept-Encoding" == answer.headers["Vary"]
    assert all(sentence in first.text for sentence in LINK)


@pytest.mark.parametrize("path", SCRIPTS)
def test_a_script_gets_the_surveys_own_word_that_there_is_no_such_file(client, path):
    """What a script or a program asks for is answered as before, in the form that phones know."""
    answer = client.get(path)
    assert (404, b"404 Not Found\n", "text/plain") == (answer.status_code, answer.data, answer.mimetype)


def test_what_is_sent_to_a_lost_address_gets_no_page(client):
    """A sealed answer, a withdrawal or anything else that is sent to an unknown address gets one short line."""
    for path in ("/s/lost", "/w/lost", "/nowhere"):
        assert not client.post(path, data=b"x").data.startswith(b"<")


def test_a_failure_is_told_in_every_language_too(app, client, capsys):
    """A page that fails says so as well, and what to do; its text repeats nothing of the failure; control: a file."""
    published = app.extensions["published"].root
    (published / "studies/broken.json").write_bytes(b"{")
    for path in ("/s/broken", "/w/broken", "/k/broken", "/f/broken", "/r/broken", "/c/broken"):
        answer = client.get(path)
        assert 500 == answer.status_code
        assert all(sentence in answer.text for sentence in AWAY)
        assert "broken" not in answer.text
    assert b"500 Internal Server Error\n" == client.get("/k/broken/sw.js").data
    capsys.readouterr()


def test_the_page_asks_nothing_and_loads_one_script(client):
    """It has no field and no link; its only script puts the browser's language first, and is named by its hash."""
    text = client.get("/nowhere").text
    assert [] == re.findall(r"<(?:a|form|input|button|iframe|link rel=.stylesheet)\b", text)
    still = load_assets().script("still")
    assert [(still.url, still.integrity)] == re.findall(r'<script defer src="([^"]+)" integrity="([^"]+)"', text)
    assert 1 == text.count("<script")
