"""The independent verifier compares pages, headers and files of an open wave with those that the log names."""

import gzip
import importlib.util
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from forged.open_wave import PAGE_HEADERS, STATIC, STUDY, page_of
from forged.served import compared
from forged.site import WrittenSite
from paths import ROOT

SPEC = importlib.util.spec_from_file_location("independent_verifier", ROOT / "verifier" / "verify.py")
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
FIRST = f"/s/{STUDY}"


class Host(SimpleHTTPRequestHandler):
    """A host: published files from its folder, pages and scripts as `answers` makes them of path and headers."""

    def __init__(self, *given, answers, **more):
        self.answers = answers
        super().__init__(*given, **more)

    def do_GET(self):
        status, headers, body = self.answers(self.path, self.headers)
        if status is None:
            super().do_GET()
            return
        self.answer(*((405, [], b"") if "/questions" in self.path else (status, headers, body)))

    def do_POST(self):
        given = self.rfile.read(int(self.headers["Content-Length"]))
        asked = "/questions" in self.path and given == b""
        status, headers, body = self.answers(self.path, self.headers) if asked else (405, [], b"")
        self.answer(status or 501, headers, body)  # a server of files knows no POST

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def honest(path, _headers):
    """Answer as the log says."""
    if path.startswith("/static/"):
        content = STATIC.get(path.removeprefix("/static/"))
        return (
            (404, [], b"")
            if content is None
            else (200, [*{**PAGE_HEADERS, "content-type": "text/javascript"}.items()], content)
        )
    if path.startswith(("/s/", "/w/", "/c/", "/k/", "/f/", "/blank")):
        body = page_of(path)
        return (200, [*PAGE_HEADERS.items()], body) if body else (404, [], b"")
    return None, [], b""


def changed(path, change):
    """Return what answers honestly but for a path, where `change` gets the headers and the honest answer."""

    def answers(asked, headers):
        answer = honest(asked, headers)
        return change(headers, *answer) if asked == path else answer

    return answers


@contextmanager
def serving(folder, answers):
    """Serve a published folder and pages; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder), answers=answers))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with an open wave."""
    return WrittenSite(tmp_path_factory.mktemp("written")).write()


def told(folder, answers, *, mirror=False):
    """Return what is wrong with the pages of the open wave, and whether any was compared."""
    with serving(folder, answers) as address:
        return compared(VERIFY, address, mirror=mirror)


def with_header(name, value):
    return lambda _headers, status, headers, body: (status, [*headers, (name, value)], body)


def without_header(_headers, status, headers, body):
    return status, headers[1:], body


def with_script(_headers, status, headers, body):
    return status, headers, body.replace(b"</html>", b"<script>steal()</script></html>")


def for_phones(headers, status, own, body):
    return (status, own, body + b" ") if "Android" in headers.get("User-Agent", "") else (status, own, body)


def for_scripts(headers, status, own, body):
    return (status, own, body) if "Android" in headers.get("User-Agent", "") else (status, own, body + b" ")


EVIL = {
    "an inline script": (FIRST, with_script, f"{FIRST}, asked for as by a phone: it is another than the log names"),
    "another page for withdrawing": (f"/w/{STUDY}", with_script, f"/w/{STUDY}, asked for"),
    "another page for receipts": (f"/c/{STUDY}", with_script, f"/c/{STUDY}, asked for"),
    "another kit": (f"/k/{STUDY}", with_script, f"/k/{STUDY}, asked for"),
    "another service worker": (f"/k/{STUDY}/sw.js", for_phones, f"/k/{STUDY}/sw.js, asked for as by a phone"),
    "another plain form": (f"/f/{STUDY}?lang=ug", with_script, f"/f/{STUDY}?lang=ug, asked for"),
    "other questions": (f"/f/{STUDY}/questions?lang=ug", with_script, f"/f/{STUDY}/questions?lang=ug, asked for"),
    "an added header": (FIRST, with_header("Link", "</x.js>; rel=preload"), "its header link is '</x.js>"),
    "a second value": (FIRST, with_header("Content-Security-Policy", "x"), "its header content-security-policy is"),
    "a dropped header": (FIRST, without_header, "its header content-type is None, in the log 'text/html"),
    "a page for phones alone": (FIRST, for_phones, f"{FIRST}, asked for as by a phone: it is another"),
    "a page for nobody's phone": (FIRST, for_scripts, f"{FIRST}, asked for bare: it is another"),
    "no page": (FIRST, lambda *_: (404, [], b""), f"{FIRST} is missing"),
    "an error": (FIRST, lambda *_: (500, [], b""), f"{FIRST} cannot be read: HTTP Error 500"),
    "a page elsewhere": (FIRST, lambda *_: (302, [("Location", f"/w/{STUDY}")], b""), f"{FIRST} answers 302: it leads"),
    "a page that is not whole": (FIRST, lambda _, _status, *rest: (206, *rest), f"{FIRST} answers 206"),
    "a page by somebody else": (FIRST, lambda _, _status, *rest: (203, *rest), f"{FIRST} answers 203"),
    "a form that leads elsewhere": (
        f"/f/{STUDY}", lambda *_: (302, [("Location", "//evil.example/")], b""), f"/f/{STUDY} answers 302"),
    "an unknown encoding": (FIRST, with_header("Content-Encoding", "zstd"), "in an encoding that was not asked"),
    "another script": ("/static/phone.js", for_phones, "/static/phone.js, asked for as by a phone: it is another"),
    "a script with a cookie": ("/static/phone.js", with_header("Set-Cookie", "a=b"), "its header set-cookie is 'a=b'"),
    "a script without a policy": (
        "/static/phone.js", lambda _, status, own, body: (status, own[:1], body),
        "its header content-security-policy is None"),
    "a lost script": ("/static/phone.js", lambda *_: (404, [], b""), "/static/phone.js is missing"),
    "a form nobody logged": (f"/f/{STUDY}", lambda *_: (200, [], b"form"), "is a page that the log does not name"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", EVIL)
def test_what_a_host_serves_otherwise_is_named(written, name):
    """Each thing that is other than the log says is told with its path."""
    path, change, message = EVIL[name]
    faults, _ = told(written.folder, changed(path, change))
    assert [] != [one for one in faults if message in one], faults
    assert [] == [one for one in faults if path not in one]


@pytest.mark.slow
def test_what_the_log_says_is_served_holds(written):
    """An honest host holds, also one that compresses its pages."""

    def zipped(asked, headers):
        status, own, body = honest(asked, headers)
        if status != 200 or "gzip" not in headers.get("Accept-Encoding", ""):
            return status, own, body
        return status, [*own, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")], gzip.compress(body)

    assert ([], True) == told(written.folder, honest)
    assert ([], True) == told(written.folder, zipped)


@pytest.mark.slow
def test_a_script_that_only_a_page_names_is_named(tmp_path):
    """A logged page may load a script that the log's front end lacks: it is told, though the page is the log's."""
    site = WrittenSite(tmp_path, {"frontend 3": lambda said: said["files"].pop("phone.js")}).write()
    faults, _ = told(site.folder, honest)
    assert {"/static/phone.js"} == {one.partition(",")[0] for one in faults}


@pytest.mark.slow
def test_a_mirror_says_that_no_page_was_compared(written):
    """A copy of the published files has no page, which is no fault where the caller says it, as it is of a folder."""
    assert ([], False) == told(written.folder, lambda *_: (None, [], b""), mirror=True)
    verifier = VERIFY.Verifier(str(written.folder))
    assert verifier.run()
    assert not verifier.compared


@pytest.mark.slow
def test_a_host_that_hides_every_page_does_not_pass_for_a_mirror(written):
    """An address is a host's: where it has none of the pages of an open wave, each is named as missing."""
    faults, was_compared = told(written.folder, lambda *_: (None, [], b""))
    assert was_compared
    assert f"{FIRST} is missing" in faults
    assert "/blank is missing" in faults
