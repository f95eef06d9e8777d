"""The shipped nginx file under the real nginx: who comes back is not known by TLS, and nothing of a visit stays."""

import http.client
import ssl
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from front.nginx_front import Front, asked, front

from survey.web.headers import COMMON_HEADERS, DOCUMENT_HEADERS, PLAIN_TEXT

pytestmark = pytest.mark.slow
RESUMING = {"ssl_session_tickets off": "ssl_session_tickets on", "NumTickets 0": "NumTickets 2",
            "ssl_session_cache off": "ssl_session_cache shared:sessions:1m"}  # fmt: skip


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("front")) as running:
        yield running


def resumed(one: Front, version: ssl.TLSVersion) -> tuple[bool, bool]:
    """Come twice with one client; return whether a ticket was given, and whether the second visit was a resumed one."""
    client = one.client(version)
    with one.connection(client) as secure:
        asked(secure, "GET", "/s/q26").read()  # tickets of TLS 1.3 come with the first answer
        session = secure.session
        assert version.name.replace("_", ".") == secure.version()
    with one.connection(client, session) as secure:
        return session.has_ticket, secure.session_reused


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: one.name)
def test_a_client_that_comes_back_is_given_no_ticket_and_resumes_nothing(shipped, version):
    """Neither TLS 1.2 nor TLS 1.3 ties a hand-in to the request for its token, for a client that would."""
    assert (False, False) == resumed(shipped, version)


def test_the_same_client_resumes_where_the_front_lets_it(tmp_path):
    """Control: with tickets and a cache in the same file both versions are resumed, and by tickets."""
    with front(tmp_path, RESUMING) as careless:
        assert [(True, True)] * 2 == [resumed(careless, version) for version in VERSIONS]


def test_an_idle_connection_is_closed_after_ten_seconds(shipped):
    """The connection over which a token came is gone, without a word, before an interview ends."""
    with shipped.connection(shipped.client(ssl.TLSVersion.TLSv1_3)) as secure:
        answer = asked(secure, "GET", "/s/q26")
        assert b"respond" == answer.read()
        began = time.monotonic()
        assert b"" == secure.recv(1)
        assert 9 < time.monotonic() - began < 25


def test_codes_go_to_the_issuer_and_no_address_goes_anywhere(shipped):
    """Of who asks the processes get no header, nor what a client says of its way; answers have browsers come by TLS."""
    hsts = "max-age=63072000"
    assert (200, "issuer", hsts) == shipped.request("POST", "/t/q26", b"x" * 274)
    assert (200, "respond", hsts) == shipped.request("POST", "/s/q26", b"x" * 2000)
    status, _, header = shipped.request("POST", "/t/q26", b"x" * 1100)
    assert (413, hsts) == (status, header)
    assert b"desk" == shipped.answer("GET", "/login", name="desk.example").content
    stated = ("X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl", "X-Forwarded-For", "Forwarded")
    sent = dict.fromkeys((*stated, "X-Forwarded-Host", "X-Control"), "https")
    for path, name in (("/t/q26", "survey.example"), ("/s/q26", "survey.example"), ("/login", "desk.example")):
        assert 200 == shipped.answer("GET", path, name=name, headers=sent).status
    for one in shipped.applications.values():
        assert "X-Control" in one.seen, "the control: headers of a client are handed on"
        assert one.seen <= {"Host", "Accept-Encoding", "Content-Length", "X-Control"}


def test_documents_and_files_of_authors_reach_the_desk(shipped):
    """A megabyte comes to the pages that take one, and to no other."""
    pages = {"/new-study": 200, "/new-study/page": 200, "/studies/q26/waves/1/preview": 200, "/login": 413}
    body = b"x" * 1024 * 1024
    assert pages == {path: shipped.answer("POST", path, body, name="desk.example").status for path in pages}


def test_nothing_of_a_visit_is_written(shipped):
    """After requests with a word in path and body no file of nginx's folder holds it, a log neither."""
    shipped.request("GET", "/s/zkanari")
    shipped.request("POST", "/s/q26", b"zkanari" * 2000)
    shipped.request("GET", "/t/" + "zkanari" * 2000)
    files = [path for path in shipped.folder.rglob("*") if path.is_file()]
    assert {"pid", "sotto.conf", "visits.log", "faults.log"} <= {path.name for path in files}
    assert [] == [path for path in files if b"zkanari" in path.read_bytes()]


def test_no_body_is_in_a_file_while_it_is_on_its_way(shipped, tmp_path):
    """Of a body that has come all but its end no open file of nginx holds a byte; with a small buffer one does."""
    assert [] == files_of_a_body(shipped)
    with front(tmp_path, {"client_body_buffer_size 32k": "client_body_buffer_size 1k"}) as other:
        assert [] != files_of_a_body(other)


def files_of_a_body(one: Front) -> list[Path]:
    """Send all but the end of a body; return nginx's open files that hold it. Their names are deleted at once."""
    with one.connection(one.client(ssl.TLSVersion.TLSv1_3), name="survey.example") as secure:
        secure.sendall(
            b"POST /s/q26 HTTP/1.1\r\nHost: survey.example\r\nContent-Length: 14000\r\n\r\n" + b"zkanari" * 1990
        )
        time.sleep(1)
        main = (one.folder / "pid").read_text().strip()
        workers = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        files = [file for pid in (main, *workers) for file in Path(f"/proc/{pid}/fd").iterdir() if file.is_file()]
        # Not of whoever asks: the processes are ours.
        return [file for file in files if b"zkanari" in file.read_bytes()]


def own_headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    """Return what an answer says beside its length, its server and how its connection goes on."""
    left_out = {"Server", "Date", "Content-Length", "Connection", "Retry-After"}
    return {name: value for name, value in answer.getheaders() if name not in left_out}


EXPECTED = {
    **COMMON_HEADERS,
    **DOCUMENT_HEADERS,
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "Content-Type": PLAIN_TEXT,
}


def test_what_nginx_answers_itself_has_the_headers_of_every_page(shipped):
    """Too large, too long, malformed, hidden: each has its status, the applications' headers and no word of nginx."""
    longest = "/" + "x" * 9_000
    asked_for = {413: ("POST", "/s/q26", b"x" * 20_000), 414: ("GET", longest), 404: ("GET", "/readyz")}
    for status, request in asked_for.items():
        answer = shipped.answer(*request)
        assert (status, f"{status}\n") == (answer.status, answer.content.decode())
        assert EXPECTED == own_headers(answer)
    with shipped.connection(shipped.client(ssl.TLSVersion.TLSv1_3)) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: survey.example\r\nContent-Length: many\r\n\r\n")
        text = secure.recv(10_000).decode()
    assert text.startswith("HTTP/1.1 400 ")
    assert all(f"{name}: {value}" in text for name, value in EXPECTED.items())
    assert "nginx</center>" not in text


def test_a_process_that_is_away_is_told_in_words(tmp_path):
    """Behind no process there is 503 with the same headers, when to come again, and a sentence in four languages."""
    with front(
        tmp_path, {f"proxy_pass http://unix:{tmp_path}/respond.sock": f"proxy_pass http://unix:{tmp_path}/away"}
    ) as one:
        answer = one.answer("GET", "/s/q26")
    assert (503, "60") == (answer.status, answer.getheader("Retry-After"))
    assert EXPECTED == own_headers(answer)
    assert all(word in answer.content.decode() for word in ("Nothing is lost", "没有丢失", "沒有遺失", "يوقاپ كەتمىدى"))


def test_another_name_gets_no_certificate_and_no_answer(shipped):
    """Who scans addresses learns nothing: without the name the handshake ends, and without TLS the connection."""
    for name in ("other.example", None):
        client = shipped.client(ssl.TLSVersion.TLSv1_3)
        client.check_hostname = False
        with (
            pytest.raises(ssl.SSLError, match=r"UNRECOGNIZED_NAME|unrecognized name"),
            shipped.connection(client, name=name),
        ):
            pytest.fail("it was let in")
    for name in ("other.example", "desk.example"):
        with shipped.plain("plain.sock") as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
            assert b"" == plain.recv(100)


def test_without_tls_a_browser_is_led_to_tls(shipped):
    """Port 80 answers the respondents' name alone, with where to come, and names TLS by no header that only TLS may."""
    with shipped.plain("plain.sock") as plain:
        answer = asked(plain, "GET", "/s/q26")
        assert (301, "https://survey.example/s/q26") == (answer.status, answer.getheader("Location"))
        assert answer.getheader("Strict-Transport-Security") is None


def test_old_versions_of_tls_are_refused(shipped):
    """TLS 1.1 gets no connection, whatever name it asks for."""
    client = shipped.client(ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError), shipped.connection(client):
        pytest.fail("it was let in")


@pytest.mark.parametrize("suite", ["AES256-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384"])
def test_weak_cipher_suites_are_refused(shipped, suite):
    """By TLS 1.2 nobody connects without forward secrecy, nor with a cipher that does not authenticate."""
    client = shipped.client(ssl.TLSVersion.TLSv1_2)
    client.set_ciphers(f"{suite}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError), shipped.connection(client):
        pytest.fail("it was let in")
    client.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    with shipped.connection(client) as secure:
        assert "TLSv1.2" == secure.version()
