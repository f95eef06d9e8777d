"""The witness (verifier/witness.py) compares the pages of an open wave with the log before it signs."""

import gzip
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from forged.witnesses import witness_program

from crypto.canonical import canonical
from crypto.checkpoints import LogSigner
from crypto.merkle import leaf_hash
from crypto.proofs import root_of

WITNESS = witness_program()
PATHS = [path.format("q26") for path in WITNESS.PAGES]
HEADERS = {"content-type": "text/html", "content-security-policy": "default-src 'none'"}


class Host:
    """A host whose log names its pages; `answers` may be changed before it is asked, path -> status, body, headers."""

    def __init__(self) -> None:
        self.signer, self.files = LogSigner.generate("sotto/local"), {}
        self.answers = {path: (200, f"<p>{path}</p>".encode(), dict(HEADERS)) for path in PATHS}
        self.asked: list[tuple[str, bool]] = []
        self.bare_only: set[str] = set()
        self.log()

    def log(self, *more: dict, paths: list[str] | None = None) -> None:
        """Write the log: a wave that opened, its pages as they are now, and `more`."""
        pages = {
            path: {"sha256": hashlib.sha256(self.answers[path][1]).hexdigest(), "headers": self.answers[path][2]}
            for path in (PATHS if paths is None else paths)
        }
        about = {"format": "sotto-pages-1", "study": "q26", "wave": 1, "frontend": "0" * 64, "pages": pages}
        name = hashlib.sha256(canonical(about)).hexdigest()
        common = {"format": "sotto-log-entry-1", "study": "q26", "wave": 1, "day": "2026-11-22"}
        entries = [{**common, "kind": "manifest", "hash": "1" * 64, "drill": "2" * 64}]
        entries += [{**common, "kind": "pages", "hash": name}] * (paths != []) + [{**common, **one} for one in more]
        lines = [canonical(one) for one in entries]
        self.files = {
            "/log/key": self.signer.verifier.to_text().encode() + b"\n",
            "/log/entries.jsonl": b"".join(line + b"\n" for line in lines),
            "/log/checkpoint": self.signer.sign(len(lines), root_of([leaf_hash(line) for line in lines])),
            f"/pages/{name}.json": canonical(about),
        }

    def answer(self, path: str, phone: bool) -> tuple[int, bytes, dict[str, str]]:
        self.asked.append((path, phone))
        if path in self.files:
            return 200, self.files[path], {}
        status, body, headers = self.answers.get(path, (404, b"", {}))
        if path in self.bare_only and phone:
            return 200, body + b"<script>evil()</script>", headers
        return status, body, headers


@contextmanager
def serving(host: Host):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            phone = "Mozilla" in self.headers["User-Agent"]
            status, body, headers = host.answer(self.path, phone)
            zipped = "gzip" in self.headers.get("Accept-Encoding", "")
            self.send_response(status)
            for name, value in {**headers, **({"Content-Encoding": "gzip"} if zipped else {}), "Vary": "x"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(gzip.compress(body) if zipped else body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def host():
    return Host()


def signed(host, tmp_path, *, mirror=False) -> list[str]:
    """Let a new witness sign the log at the host's address; return what the person reads."""
    key = tmp_path / "lin.key"
    if not key.exists():
        WITNESS.new_key(key, "lin.example")
    with serving(host) as where:
        source, memory = WITNESS.Source(where, mirror), tmp_path / "memory"
        return WITNESS.cosign(source, WITNESS.Key.read(key), memory, None, first=True)[1]


def test_honest_pages_are_asked_for_twice_and_signed(host, tmp_path):
    """Each page is asked for as a phone does and without its headers, in whatever encoding it comes."""
    told = signed(host, tmp_path)
    assert "7 pages are as the log says" in told
    assert "not looked at, which verify.py does: what entries name, a page's files, waves that have their box" in told
    assert {(path, phone) for path in PATHS for phone in (True, False)} <= {*host.asked}


CHANGES = {
    "an inline script": (lambda a: a.update({"/s/q26": (200, b"<p>/s/q26</p><script>", HEADERS)}), "/s/q26 is not the"),
    "another worker": (lambda a: a.update({"/k/q26/sw.js": (200, b"evil()", HEADERS)}), "/k/q26/sw.js is not the one"),
    "a changed header": (
        lambda a: a["/s/q26"][2].update({"content-security-policy": "default-src *"}), "other headers.*policy"),
    "an added header": (lambda a: a["/w/q26"][2].update({"alt-svc": "h3"}), "/w/q26 has other headers .*: alt-svc"),
    "a dropped header": (lambda a: a["/c/q26"][2].pop("content-security-policy"), "other headers .*security-policy"),
    "a page that leads elsewhere": (
        lambda a: a.update({"/s/q26": (302, b"", {"location": "/blank"})}), "/s/q26 answers 302"),
    "a page that is gone": (lambda a: a.pop("/blank"), "/blank answers 404"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_page_is_named_and_nothing_is_signed(host, tmp_path, name):
    """A changed body, a changed, added and dropped header, a redirect and a page that is gone; no memory is left."""
    change, words = CHANGES[name]
    change(host.answers)
    with pytest.raises(WITNESS.Refused, match=words):
        signed(host, tmp_path)
    assert not (tmp_path / "memory").exists()


def test_a_page_that_only_phones_get_is_named(host, tmp_path):
    """A host that shows its script to phones alone is seen, because the page is asked for as a phone does too."""
    host.bare_only = {"/s/q26"}
    with pytest.raises(WITNESS.Refused, match="/s/q26 is not the one"):
        signed(host, tmp_path)


def test_a_log_that_leaves_out_a_page_is_named(host, tmp_path):
    """Refused: a document without a page of every study or a form's questions, and none at all for an open wave."""
    host.log(paths=[path for path in PATHS if path != "/s/q26"])
    with pytest.raises(WITNESS.Refused, match="leaves out pages: /s/q26"):
        signed(host, tmp_path)
    host.answers["/f/q26?lang=en"] = host.answers["/blank"]
    host.log(paths=[*PATHS, "/f/q26?lang=en"])
    with pytest.raises(WITNESS.Refused, match=r"leaves out pages: /f/q26/questions\?lang=en$"):
        signed(host, tmp_path)
    host.log(paths=[])
    with pytest.raises(WITNESS.Refused, match="names no pages of q26, wave 1"):
        signed(host, tmp_path)


def test_where_no_page_was_compared_it_says_so(host, tmp_path):
    """A closed wave, what the witness says is a mirror, and a copied folder are signed, with these words."""
    pages = dict(host.answers)
    host.answers.clear()
    with pytest.raises(WITNESS.Refused, match="answers 404; if this is a mirror of the files, use --mirror"):
        signed(host, tmp_path)
    assert "no page was compared: a copy of the files has none" in signed(host, tmp_path, mirror=True)
    (tmp_path / "memory").unlink()
    host.answers |= pages
    for path, content in host.files.items():
        (tmp_path / "site" / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path[1:]).write_bytes(content)
    key, source = WITNESS.Key.read(tmp_path / "lin.key"), WITNESS.Source(str(tmp_path / "site"))
    assert (
        "no page was compared: a copy of the files has none"
        in WITNESS.cosign(source, key, tmp_path / "m", None, first=True)[1]
    )
    host.log({"kind": "box", "hash": "3" * 64})
    assert "no page was compared: no wave is open" in signed(host, tmp_path)
    assert json.loads((tmp_path / "memory").read_bytes())["log"] == host.signer.verifier.to_text()


def test_a_page_that_only_some_get_is_named(host, tmp_path):
    """A page that phones get and others do not, and the other way round, are refused."""
    honest = host.answer
    for gone in (True, False):
        host.answer = lambda path, phone, gone=gone: (
            (404, b"", {}) if path == "/s/q26" and phone == gone else honest(path, phone)
        )
        with pytest.raises(WITNESS.Refused, match="/s/q26 answers 404"):
            signed(host, tmp_path)


def test_a_document_of_pages_that_the_log_does_not_name_is_refused(host, tmp_path):
    """Where page and document are changed together, the log's hash of the document still says so."""
    host.answers["/s/q26"] = (200, b"evil", dict(HEADERS))
    honest = host.files
    host.log()
    (changed,) = (content for place, content in host.files.items() if place.startswith("/pages/"))
    host.files = {place: changed if place.startswith("/pages/") else content for place, content in honest.items()}
    with pytest.raises(WITNESS.Refused, match="a document of pages is not the one that the log names"):
        signed(host, tmp_path)


def test_an_encoding_that_was_not_asked_for_is_refused(host, tmp_path):
    """A browser would take what this program cannot read: it is not taken for the page."""
    host.answers["/s/q26"][2]["content-encoding"] = "br"
    with pytest.raises(WITNESS.Refused, match="an encoding that was not asked for"):
        signed(host, tmp_path)


def test_an_onion_address_names_itself_nowhere(monkeypatch):
    """Onion-Location stands in the log and is due everywhere but at the onion address, where it must not come."""
    page = {"sha256": hashlib.sha256(b"x").hexdigest(), "headers": {"onion-location": "http://a.onion/s/q26"}}
    without, having = (200, b"x", {}), (200, b"x", dict(page["headers"]))
    for where, right, wrong in (("http://a.onion", without, having), ("https://a.example", having, without)):
        monkeypatch.setattr(WITNESS, "fetched", lambda *_, sent=right: sent)
        WITNESS.compare_page(WITNESS.Source(where), "/s/q26", page)
        monkeypatch.setattr(WITNESS, "fetched", lambda *_, sent=wrong: sent)
        with pytest.raises(WITNESS.Refused, match="other headers than the log names: onion-location"):
            WITNESS.compare_page(WITNESS.Source(where), "/s/q26", page)
