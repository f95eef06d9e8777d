"""The HTTP client of commands: what it takes from a host is bounded, and no host can lead it elsewhere."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import pytest
from forged.raw_server import dripping, head, raw_server
from hosts.threaded_server import answering
from werkzeug import Request, Response
from werkzeug.serving import make_server

from survey.http_client import Client, HttpError
from survey.page_identity.visits import VisitedHost
from survey.public_log.published_source import PublishedSource, PublishedSourceError

CLIENT = Client(5, 100, direct=True)
SENT: list[tuple[str, bytes, str | None, str | None]] = []


def site(request: Request) -> Response:
    """Answer as the path says: a status, so many bytes, or a redirect to what follows `/to/`."""
    SENT.append((request.method, request.get_data(), request.content_type, request.headers.get("User-Agent")))
    kind, _, rest = request.path.lstrip("/").partition("/")
    if kind == "to":
        return Response(status=302, headers={"Location": rest or "/"})
    return Response(b"x" * int(rest)) if kind == "bytes" else Response(b"told", int(rest or 200), {"X-Kind": kind})


@contextmanager
def served() -> Iterator[str]:
    """Serve the site; give its origin."""
    with answering(make_server("127.0.0.1", 0, Request.application(site), threaded=True)) as url:
        yield url


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    SENT.clear()
    with served() as url:
        yield url


@pytest.mark.parametrize("status", [200, 202, 404, 410, 500])
def test_any_status_is_an_answer(origin, status):
    """No status is a fault of the client: who asked decides what it means."""
    answer = CLIENT.get(f"{origin}/status/{status}")
    assert (status, b"told", "status", status == 200) == (
        answer.status, answer.content, answer.headers["x-kind"], answer.ok,
    )  # fmt: skip


def test_bytes_are_posted_and_nothing_is_said_of_the_client(origin):
    """A body arrives as it is, as bytes; no header names program or version."""
    CLIENT.post(f"{origin}/status/202", b"\x00\xff")
    assert ("POST", b"\x00\xff", "application/octet-stream", None) == SENT[-1]


def test_an_answer_larger_than_agreed_is_none(origin):
    """A hundred bytes are taken, and of a hundred and one not even the first hundred."""
    assert 100 == len(CLIENT.get(f"{origin}/bytes/100").content)
    with pytest.raises(HttpError, match="more than 100 bytes"):
        CLIENT.get(f"{origin}/bytes/101")


def test_a_redirect_stays_on_its_host(origin):
    """On the same host a GET follows; to another port, host or scheme, in a circle, or with a body it does not."""
    assert b"told" == CLIENT.get(f"{origin}/to//status/200").content
    with served() as other:
        before = len(SENT)
        for place in (f"{other}/status/200", "http://localhost/", "//survey.example/", "file:///etc/passwd"):
            with pytest.raises(HttpError, match=r"elsewhere|no address"):
                CLIENT.get(f"{origin}/to/{place}")
        assert 4 == len(SENT) - before
    with pytest.raises(HttpError, match="too often"):
        CLIENT.get(f"{origin}/to//to//to//to//status/200")
    assert 302 == CLIENT.post(f"{origin}/to//status/200", b"x").status


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://survey.example/", "survey.example", "http://", "http://[", "http://a:b/"]
)
def test_what_is_no_address_is_refused(address):
    """Only http and https are asked for: a file of this machine never is."""
    with pytest.raises(HttpError, match="no address"):
        CLIENT.get(address)


def test_a_host_that_is_not_there_cannot_be_reached():
    """A closed port is told in words, with the kind of error and nothing else."""
    with pytest.raises(HttpError, match=r"cannot be reached \(ConnectionRefusedError\)"):
        CLIENT.get("http://127.0.0.1:1/")


def test_a_proxy_of_the_environment_is_used_unless_the_client_is_direct(origin, monkeypatch):
    """A reader behind a proxy reaches a mirror; what is sent to a host directly passes no proxy."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert CLIENT.get(f"{origin}/status/200").ok
    with pytest.raises(HttpError, match="ConnectionRefusedError"):
        Client(5, 100).get(f"{origin}/status/200")


def test_whom_the_system_trusts_is_read_only_where_tls_is_spoken(origin, monkeypatch):
    """Some hundred authorities, thirty milliseconds of work, are not read over http; for a proxy over TLS they are."""
    read, made = [], ssl.create_default_context
    monkeypatch.setattr(
        ssl, "create_default_context", lambda *given, **more: read.append(given) or made(*given, **more)
    )
    assert CLIENT.get(f"{origin}/status/200").ok
    assert [] == read
    monkeypatch.setenv("http_proxy", origin.replace("http", "https"))
    monkeypatch.delenv("no_proxy", raising=False)
    for client, address in ((CLIENT, origin.replace("http", "https")), (Client(5, 100), "http://survey.example")):
        with pytest.raises(HttpError, match=r"cannot be reached \(SSL"):
            client.get(address)
    assert [(), ()] == read


def test_whom_the_system_trusts_is_read_once_for_many_requests(origin, monkeypatch):
    """A log read or pages visited over https: one context for all requests; over http none, and a given one stays."""
    read, made = [], ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: read.append(1) or made())
    secure, own = origin.replace("http", "https"), Client(5, 100, tls=made())
    source, host = PublishedSource(secure), VisitedHost(secure)
    for _ in range(3):
        with pytest.raises(PublishedSourceError, match=r"cannot be reached \(SSL"):
            source.read("log/key")
        with pytest.raises(HttpError, match=r"cannot be reached \(SSL"):
            host.visit("/blank", {})
    assert [1, 1] == read
    assert (own, CLIENT) == (own.for_many(secure), CLIENT.for_many(origin))
    assert [1, 1] == read


@pytest.mark.parametrize("junk", [b"no colon", b"From somebody", b"Name : spaced", b": nameless", b"\x00: x", b"\r"])
def test_an_answer_with_a_line_that_is_no_header_is_none(junk):
    """What follows such a line is hidden from Python and obeyed by browsers; without the line the answer is taken."""
    lines = {"/junk": (b"A: b", junk, b"Set-Cookie: a=b"), "/honest": (b"A: b", b"Set-Cookie: a=b")}
    with raw_server(lambda path: iter([head(b"told", *lines[path]), b"told"])) as url:
        assert "a=b" == CLIENT.get(f"{url}/honest").headers["set-cookie"]
        with pytest.raises(HttpError, match="a line among its headers that is none"):
            CLIENT.get(f"{url}/junk")


@pytest.mark.parametrize("part", ["/headers", "/body"])
def test_an_answer_that_never_ends_is_given_up(part):
    """A byte now and then, of headers or of the body, is waited for no longer than the whole answer may take."""
    slow = {"/headers": dripping(head(b"told"), 0.05), "/body": chain([head(b"told")], dripping(b"told", 1))}
    with raw_server(lambda path: slow.get(path, iter([head(b"told"), b"told"]))) as url:
        client = Client(5, 100, direct=True, whole=0.4)
        assert b"told" == client.get(f"{url}/quick").content
        begun = time.monotonic()
        with pytest.raises(HttpError, match=r"takes longer than 0\.4 seconds"):
            client.get(f"{url}{part}")
        assert time.monotonic() - begun < 2
