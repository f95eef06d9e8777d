"""The shipped nginx configuration: no TLS session is resumed, no connection is kept, nothing is noted or written."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from paths import ROOT

from survey.desk_app.request_views import SIGNED_SIZE
from survey.web.headers import COMMON_HEADERS, DOCUMENT_HEADERS

FOLDER = ROOT / "deploy/nginx"
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


def said(name: str, file: str = "sotto.conf") -> set[tuple[str, ...]]:
    """Return where a directive stands in a file and what it says there, each as (block, arguments …)."""
    every = directives((FOLDER / file).read_text(encoding="utf-8"))
    return {(block, *words[1:]) for block, words in every if words[0] == name}


def servers(file: str = "sotto.conf") -> list[dict[str, list[tuple[str, ...]]]]:
    """Return each server of the site with its own directives, by their names."""
    found: list[dict[str, list[tuple[str, ...]]]] = []
    for block, words in directives(
        re.sub(r"^server \{", "server { begins;", (FOLDER / file).read_text("utf-8"), flags=re.MULTILINE)
    ):
        if words == ("begins",):
            found.append({})
        elif block == "server":
            found[-1].setdefault(words[0], []).append(words[1:])
    return found


FILES = ("sotto.conf", "onion.conf", "server.inc", "tls.inc", "headers.inc")


def test_no_tls_session_is_resumed_and_no_idle_connection_stays():
    """No ticket of TLS 1.2 or 1.3, no session cache, no early data; idle connections are closed after 10 seconds."""
    for name in ("ssl_session_tickets", "ssl_session_cache", "ssl_early_data"):
        assert {("", "off")} == said(name, "tls.inc")
    assert {("", "NumTickets", "0")} == said("ssl_conf_command", "tls.inc")
    assert {("", "TLSv1.2", "TLSv1.3")} == said("ssl_protocols", "tls.inc")
    assert {("", "10s")} == said("keepalive_timeout", "server.inc")
    for name in ("ssl_session_ticket_key", "ssl_session_timeout", "keepalive_requests"):
        assert all(set() == said(name, file) for file in FILES)


def test_every_server_has_what_is_decided_for_all_and_every_tls_server_what_is_decided_for_tls():
    """Four answer, two of them by TLS to a name, and for each port one refuses whoever asks for another name."""
    every = servers()
    for server in every:
        secure = any("ssl" in words for words in server["listen"])
        wanted = {("sotto/server.inc",), *([("sotto/tls.inc",)] if secure else [])}
        assert wanted == {*server["include"]}
    strangers = [server for server in every if any("default_server" in words for words in server["listen"])]
    assert [{"return": [("444",)]}, {"ssl_reject_handshake": [("on",)]}] == [
        {name: words for name, words in one.items() if name in {"return", "ssl_reject_handshake"}} for one in strangers
    ]
    assert all("server_name" not in server for server in strangers)
    assert 5 == len(every)


def test_every_answer_tells_browsers_to_come_by_tls_only():
    """The header stands in each server for answers of every status, and where others take its place it stands again."""
    assert {("map $https $strict_transport_security", "max-age=63072000")} == said("on")
    header = ("", "Strict-Transport-Security", "$strict_transport_security", "always")
    assert {header} == said("add_header", "tls.inc")
    assert header in said("add_header", "headers.inc")
    assert set() == said("add_header")
    others = {block for block, *_ in said("add_header", "server.inc")}
    assert others <= {block for block, name in said("include", "server.inc") if name == "sotto/headers.inc"}


def test_nginx_says_of_itself_what_the_applications_say():
    """Own answers have exactly the headers of every page, under every status that nginx gives by itself."""
    every = {**COMMON_HEADERS, **DOCUMENT_HEADERS, "Referrer-Policy": "no-referrer"}
    strict = ("", "Strict-Transport-Security", "$strict_transport_security", "always")
    assert {("", name, value, "always") for name, value in every.items()} | {strict} == said(
        "add_header", "headers.inc"
    )
    statuses = {status for _, *words in said("error_page", "server.inc") for status in words if status.isdigit()}
    assert {"400", "404", "405", "408", "413", "414", "421", "429", "494", "500", "502", "503", "504"} <= statuses


def test_nothing_is_noted_written_or_passed_on():
    """No access log, no error log that names anybody, bodies and answers in memory, no address to the applications."""
    assert {("", "off")} == said("access_log", "server.inc")
    assert {("", "/dev/null", "crit")} == said("error_log", "server.inc")
    ((_, buffer),) = said("client_body_buffer_size", "server.inc")
    limits = said("client_max_body_size") | said("client_max_body_size", "server.inc")
    buffers = dict(said("client_body_buffer_size"))
    kilobytes = [(int(limit[:-1]), int(buffers.get(block, buffer)[:-1])) for block, limit in limits]
    assert all(limit <= held for limit, held in kilobytes)
    assert 3 == len(kilobytes), "the control: that of strangers, of codes and of staff's documents"
    assert SIGNED_SIZE <= 1024 * max(limit for limit, _ in kilobytes), "the desk takes no more than reaches it"
    assert {("", "0")} == said("proxy_max_temp_file_size", "server.inc")
    stated = (
        *(f"X-Forwarded-{what}" for what in ("Proto", "Protocol", "Ssl", "For", "Host")),
        "Forwarded",
        "Connection",
    )
    assert {("", "Host", "$host"), *(("", name, "") for name in stated)} == said("proxy_set_header", "tls.inc")
    for file in FILES:
        assert "remote_addr" not in (FOLDER / file).read_text(encoding="utf-8")
        assert file == "server.inc" or set() == said("access_log", file) == said("error_log", file)
        assert file == "tls.inc" or set() == said("proxy_set_header", file)


LARGE = "location ~ ^/(new-study(/|$)|studies/[^/]+/waves/)"
"""Where the desk takes documents and files of authors (allow_uploads of its pages)."""


@pytest.mark.parametrize(
    ("path", "large"),
    [
        ("/studies/q26/waves/1/open-wave", True),
        ("/studies/q26/waves/1/open-wave/signed", True),
        ("/studies/q26/waves/1/preview", True),
        ("/new-study", True),
        ("/new-study/questionnaire", True),
        ("/new-study/page", True),
        ("/new-studyish", False),
        ("/studies/new", False),
        ("/studies/q26", False),
        ("/login", False),
        ("/account/password", False),
    ],
)
def test_what_the_desk_takes_reaches_it_and_strangers_forms_stay_small(path, large):
    """A spreadsheet and a release come through nginx; where the desk takes no document, nginx takes none either."""
    assert (LARGE, "5632k") in said("client_max_body_size")
    assert large == bool(re.match(LARGE.removeprefix("location ~ "), path))


def test_processes_stand_behind_their_names_and_no_file_is_sent_from_disk():
    """Codes go to the issuer, other paths to the respond process, staff to the desk; nginx itself serves no file."""
    sockets = {
        "location /t/": {"issuer"}, "location /": {"respond", "desk"}, LARGE: {"desk"}
    }  # fmt: skip
    expected = {(block, f"http://unix:/run/sotto/{name}.sock") for block, names in sockets.items() for name in names}
    assert expected == said("proxy_pass")
    assert {("", "off")} == said("gzip", "server.inc")
    for name in ("root", "alias", "try_files", "gzip_static", "brotli", "brotli_static"):
        assert all(set() == said(name, file) for file in FILES)


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


def places(file: str, name: str) -> dict[str, list[tuple[str, ...]]]:
    """Return what each location of a named server says."""
    text = (FOLDER / file).read_text("utf-8")
    (server,) = (part for part in text.split("\nserver {") if f"server_name {name};" in part and "proxy_pass" in part)
    found: dict[str, list[tuple[str, ...]]] = {}
    for block, words in directives(f"server {{{server}"):
        if block.startswith("location"):
            found.setdefault(block, []).append(words)
    return found


@pytest.mark.parametrize("name", ["survey", "desk"])
def test_an_onion_service_hands_on_what_the_name_of_the_web_hands_on(name):
    """Every path goes to the same process with the same limits; a change of one file alone fails here."""
    assert places("sotto.conf", f"{name}.example") == places("onion.conf", f"{name}.onion") != {}


def test_onion_services_are_asked_on_the_loopback_alone_and_by_their_names_alone():
    """nginx listens where tor asks, for nobody outside of this machine, and other names get no answer."""
    every = servers("onion.conf")
    assert all(words[0].startswith("127.0.0.1:") for one in every for words in one["listen"])
    assert all(("sotto/server.inc",) in one["include"] for one in every)
    refusing, *named = every
    assert [("444",)] == refusing["return"]
    assert {words[0] for words in refusing["listen"]} == {words[0] for one in named for words in one["listen"]}
    assert all("default_server" in words for words in refusing["listen"])
    torrc = (ROOT / "deploy/tor/torrc").read_text("utf-8").splitlines()
    said = [line.split() for line in torrc if line and not line.startswith("#")]
    ports = [words[1:] for words in said if words[0] == "HiddenServicePort"]
    assert [["80", one["listen"][0][0]] for one in named] == ports
    assert [["/var/lib/tor/sotto-survey"], ["/var/lib/tor/sotto-desk"]] == [
        words[1:] for words in said if words[0] == "HiddenServiceDir"
    ]
    assert {"SocksPort 0", "Log err syslog", "SafeLogging 1"} <= {*torrc}


@pytest.mark.slow  # `make quick` installs no tor
def test_tor_takes_the_lines(tmp_path):
    """tor itself finds no fault in them, and finds one in a word that there is not."""
    text = (ROOT / "deploy/tor/torrc").read_text("utf-8").replace("/var/lib/tor", str(tmp_path))
    for file, ends in ((text, 0), (text.replace("HiddenServicePort", "HiddenServicePrt", 1), 1)):
        (tmp_path / "torrc").write_text(f"DataDirectory {tmp_path}/data\n{file}", encoding="utf-8")
        done = subprocess.run(
            ["tor", "--verify-config", "-f", tmp_path / "torrc"], capture_output=True, text=True, check=False
        )
        assert ends == done.returncode, done.stdout
