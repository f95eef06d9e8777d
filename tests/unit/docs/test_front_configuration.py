"""The shipped nginx configuration: no TLS session is resumed, no connection is kept, nothing is noted or written."""

import re
from collections.abc import Iterator

import pytest
from paths import ROOT

FILE = ROOT / "deploy/nginx.conf"
TOKEN = re.compile(r'#[^\n]*|"[^"]*"|[{};]|[^\s{};"#]+')


def directives(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each directive of an nginx configuration, name and arguments, behind its block ("" is the file's)."""
    blocks: list[str] = [""]
    words: list[str] = []
    for token in TOKEN.findall(text):
        if token == "{":
            blocks.append(" ".join(words))
        elif token == "}":
            blocks.pop()
        elif token == ";":
            yield blocks[-1], tuple(words)
        elif not token.startswith("#"):
            words.append(token.strip('"'))
        if token in {"{", "}", ";"}:
            words = []


def said(name: str) -> set[tuple[str, ...]]:
    """Return where a directive stands and what it says there, each as (block, arguments …)."""
    every = directives(FILE.read_text(encoding="utf-8"))
    return {(block, *words[1:]) for block, words in every if words[0] == name}


def test_no_tls_session_is_resumed_and_no_idle_connection_stays():
    """No ticket of TLS 1.2 or 1.3, no session cache, no early data; idle connections are closed after 10 seconds."""
    assert {("server", "off")} == said("ssl_session_tickets") == said("ssl_session_cache") == said("ssl_early_data")
    assert {("server", "NumTickets", "0")} == said("ssl_conf_command")
    assert {("server", "10s")} == said("keepalive_timeout")
    assert set() == said("ssl_session_ticket_key") == said("ssl_session_timeout") == said("keepalive_requests")


def test_every_answer_tells_browsers_to_come_by_tls_only():
    """The header stands in the server for answers of every status, and no location has headers that take its place."""
    assert {("server", "Strict-Transport-Security", "max-age=63072000", "always")} == said("add_header")
    assert all("ssl" in words for _, *words in said("listen"))


def test_nothing_is_noted_written_or_passed_on():
    """No access log, no error log that names anybody, bodies and answers in memory, no address to the applications."""
    assert {("", "off")} == said("access_log")
    assert {("", "/dev/null", "crit")} == said("error_log")
    ((_, buffer),) = said("client_body_buffer_size")
    assert all(
        int(limit.removesuffix("k")) < int(buffer.removesuffix("k")) for _, limit in said("client_max_body_size")
    )
    assert {("server", "0")} == said("proxy_max_temp_file_size")
    assert {("server", "Host", "$host"), ("server", "Connection", "")} == said("proxy_set_header")
    assert "$remote_addr" not in FILE.read_text(encoding="utf-8")


def test_two_processes_stand_behind_one_name_and_no_file_is_sent_from_disk():
    """Codes go to the issuer and everything else to the respond process; nginx itself serves and compresses nothing."""
    sockets = {"location /t/": "issuer", "location /": "respond"}
    assert {(block, f"http://unix:/run/sotto/{name}.sock") for block, name in sockets.items()} == said("proxy_pass")
    assert {("server", "off")} == said("gzip")
    assert all(set() == said(name) for name in ("root", "alias", "try_files", "gzip_static", "brotli", "brotli_static"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            'a on; server { b 1 ""; location / { c "x y"; } d; }',
            [("", ("a", "on")), ("server", ("b", "1", "")), ("location /", ("c", "x y")), ("server", ("d",))],
        ),
        ("# ssl_session_cache off;\nssl_session_cache shared:a:1m;", [("", ("ssl_session_cache", "shared:a:1m"))]),
    ],
)
def test_the_reader_of_the_configuration_sees_blocks_and_no_comments(text, found):
    """Control: directives are found with their blocks, and one in a comment is none."""
    assert found == [*directives(text)]
