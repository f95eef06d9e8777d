"""The pages that the log names are those that are served, the same for everybody who asks."""

import hashlib
import re
from base64 import b64encode

import pytest
from hosts.applications import respond_app
from studies.plain_study import STUDY, fresh

from crypto.canonical import digest
from crypto.tokens import issuer_key_text
from survey.page_identity.pages_document import NOT_OF_FILES, PATHS, compared_headers, method_of, missing_paths
from survey.page_identity.visits import phone_headers
from survey.publication.frontend_files import load_assets
from survey.respond_app.served_pages import PageError, StudyPages
from survey.respond_app.settings import RespondSettings

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
BROWSERS = (
    {},
    phone_headers("/s/x"),
    {"Accept-Language": "zh-TW", "User-Agent": "curl/8", "Cookie": "sotto=1; lang=zh-Hant", "Referer": "https://a.b/"},
    {"Accept-Language": "ug,de;q=0.5", "Accept": "application/json", "Save-Data": "on", "DNT": "1"},
    {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http", "Authorization": "Basic eDp5", "Sec-GPC": "1"},
    {"If-None-Match": "*", "If-Modified-Since": "Sun, 29 Nov 2026 00:00:00 GMT", "Range": "bytes=0-9"},
)


@pytest.fixture
def host(tmp_path):
    return fresh(tmp_path)


def document(host):
    known = RespondSettings(host.settings.answers_url, host.settings.public, host.settings.work_key, ("localhost",))
    return StudyPages(known).document(STUDY, 1, "0" * 64)


def test_the_document_names_every_page_with_its_languages(host):
    """Pages of every study, that for receipts and both of the plain form by language; no form once closed."""
    every = {path.format(study=STUDY) for path in PATHS} | {f"/c/{STUDY}?lang={tag}" for tag in LANGUAGES}
    tags = ("", *(f"?lang={tag}" for tag in LANGUAGES))
    forms = {f"/f/{STUDY}{after}{tag}" for after in ("", "/questions") for tag in tags}
    assert every | forms == {*document(host).pages}
    host.state("closed")
    assert every == {*document(host).pages}


def test_a_form_without_its_questions_is_incomplete(host):
    """A document that names the first page of a form in some language and not its questions leaves these out."""
    pages = dict(document(host).pages)
    assert () == missing_paths(pages, STUDY)
    for path in (f"/f/{STUDY}/questions", f"/f/{STUDY}/questions?lang=en"):
        left = {other: page for other, page in pages.items() if other != path}
        assert (path,) == missing_paths(left, STUDY)
    assert "GET" == method_of("/s/questions") == method_of("/f/questions") == method_of("/f/questions?lang=en")


def test_no_page_depends_on_who_asks(host):
    """Whatever a browser says of itself, it gets the bytes and headers that the log names, and no page varies by it."""
    app = respond_app(host.settings)
    client = app.test_client()
    for path, page in document(host).pages.items():
        for headers in BROWSERS:
            plain = {name: value for name, value in headers.items() if name != "Accept-Encoding"}
            answer = client.open(path, method=method_of(path), headers=plain)
            got = (answer.status_code, digest(answer.data), compared_headers(answer.headers))
            assert (200, page.sha256, page.headers) == got, (path, headers)
            assert answer.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    app.extensions["sotto"].engine.dispose()


def test_every_file_has_the_headers_of_the_empty_page(host):
    """What verifiers hold each script, style and picture to: but for three names the headers are those of that page."""
    app = respond_app(host.settings)
    client, due = app.test_client(), document(host).pages["/blank"].headers
    for name in load_assets().files:
        sent = compared_headers(client.get(f"/static/{name}").headers)
        assert {**due, **sent} == {**due, "content-type": sent["content-type"]}, name
        assert {*due} - {*sent} <= NOT_OF_FILES, name
    app.extensions["sotto"].engine.dispose()


def test_no_page_can_be_recognised_again_or_kept(host):
    """No page has an ETag, a date of change, ranges or a cookie: each browser stores nothing and asks anew."""
    for page in document(host).pages.values():
        assert not {"etag", "last-modified", "accept-ranges", "set-cookie"} & {*page.headers}
        assert "no-store" == page.headers["cache-control"]


def tagged(client, html: str) -> list[str]:
    """Return each script and style that a page loads, after its tag was compared with what is served under its path."""
    tags = re.findall(r"<script[^>]*>|<link[^>]*rel=\"stylesheet\"[^>]*>", html)
    assert all("integrity=" in tag for tag in tags), tags
    found = [re.search(r'(?:src|href)="([^"]+)" integrity="([^"]+)"', tag).groups() for tag in tags]
    for path, integrity in found:
        content = client.get(path).data
        assert f"sha384-{b64encode(hashlib.sha384(content).digest()).decode()}" == integrity, path
    return [path.removeprefix("/static/").partition("-")[0] for path, _ in found]


def test_each_tag_of_a_script_or_style_has_the_hash_of_what_is_served(host):
    """Phone page, kit, withdrawal and results name what they load by SHA-384, as it is served; no tag lacks it."""
    app = respond_app(host.settings)
    client = app.test_client()
    assert ["check", "main"] == tagged(client, client.get(f"/s/{STUDY}").text)
    assert ["check", "kit"] == tagged(client, client.get(f"/k/{STUDY}").text)
    assert (
        ["language", "pages.css"]
        == tagged(client, client.get(f"/c/{STUDY}").text)
        == tagged(client, client.get(f"/r/{STUDY}").text)
    )
    host.state("open", mode="invitation", sealing="phone", issuer=issuer_key_text(2**2047 + 1))
    assert ["check", "withdraw"] == tagged(client, client.get(f"/w/{STUDY}").text)
    app.extensions["sotto"].engine.dispose()


def test_the_page_for_receipts_names_its_script_by_its_hash(boxed_collection):
    """Where there is a box its page loads a script, which it names by SHA-384 too."""
    app = respond_app(boxed_collection[0].settings)
    client = app.test_client()
    assert ["language", "pages.css", "receipt"] == tagged(client, client.get("/c/q26").text)
    app.extensions["sotto"].engine.dispose()


def test_a_page_that_fails_is_not_left_out_in_silence(host):
    """Where the application fails over a page the command says so, and names nothing."""
    (host.settings.public / f"studies/{STUDY}.json").write_bytes(b"{")
    with pytest.raises(Exception, match="is not what `sotto study` writes"):
        document(host)
    host.state("open")
    for path in (host.settings.public / "manifests").iterdir():
        path.unlink()
    for path in (host.settings.public / "b").rglob("*.json"):
        path.write_bytes(b"{}")
    with pytest.raises(PageError, match=rf"/f/{STUDY} answers 503"):
        document(host)
