"""What is filled in without JavaScript reaches no disk and no log: canaries in every field, faults and all."""

import contextlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hosts.applications import respond_app
from hosts.gunicorn_server import RESPOND, Server, environ, running
from studies.plain_study import FORM, QUESTIONS, URL, WHOLE, body, fresh
from werkzeug.formparser import default_stream_factory

from survey.plain_form import sealing
from survey.plain_form.fields import LIMIT
from survey.questionnaire.payload import encode

CANARIES = ("kanarienvogel", "grünfink", "丝雀九七三", "7731-7732")
MARKS = WHOLE | {"WORDS_p1": CANARIES[0], "WORDS_p2": CANARIES[2]}
WATCHED: list[list[str]] = []


def _watch(event: str, arguments: tuple) -> None:
    if WATCHED and event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        WATCHED[-1].append(str(arguments[0]))
    if WATCHED and event in {"tempfile.mkstemp", "tempfile.mkdtemp", "os.rename", "os.truncate"}:
        WATCHED[-1].append(event)


sys.addaudithook(_watch)


@contextlib.contextmanager
def watched():
    """Yield a list of everything that this interpreter opens for writing meanwhile."""
    WATCHED.append([])
    try:
        yield WATCHED[-1]
    finally:
        WATCHED.pop()


@pytest.fixture
def study(tmp_path):
    return fresh(tmp_path)


@pytest.fixture
def client(study):
    app = respond_app(study.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def spellings(canary: str) -> set[bytes]:
    """Return how a text may stand in a file: UTF-8, UTF-16, as a form sends it, as JSON and Python escape it."""
    form = "".join(f"%{byte:02X}" for byte in canary.encode())
    quoted = quote(canary)
    escaped = canary.encode("unicode_escape")
    utf16 = {canary.encode("utf-16-le"), canary.encode("utf-16-be")}
    return {canary.encode(), quoted.encode(), form.encode(), escaped, repr(canary.encode()).encode()[2:-1], *utf16}


def holding(files: list[Path], needles: set[bytes]) -> list[tuple[str, bytes]]:
    """Return which of the files hold which needle."""
    hits = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            content = path.read_bytes()
            hits += [(path.name, needle) for needle in needles if needle in content]
    return hits


def everything(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def sent_to(server: Server, data: bytes, kind: str = FORM["Content-Type"], **headers: str) -> int:
    return server.request("POST", URL, data, {"Content-Type": kind} | headers)[0]


def test_no_word_of_an_answer_is_on_the_host(study, tmp_path):
    """With the server still running, its data, WAL, temp folder and log hold no canary of any request, good or bad."""
    temp = tmp_path / "tmp"
    temp.mkdir()
    with running(RESPOND, environ(study.settings, temp), tmp_path) as server:
        page = server.request("POST", f"{QUESTIONS}?lang=en", b"", FORM)[1]
        good, large = body(page, MARKS), body(page).replace(b"WORDS_p1=", b"WORDS_p1=" + b"kanarienvogel" * 1400)
        statuses = [
            sent_to(server, good),
            sent_to(server, body(page, MARKS | {"AGE": "256"})),
            sent_to(server, body(page, MARKS | {"AGE": "000"})),
            sent_to(server, body(page, MARKS, agreed=False)),
            sent_to(server, good.replace(b"USE=001", b"USE=kanarienvogel")),
            sent_to(server, good + b"&kanarienvogel=7731-7732"),
            sent_to(server, large),
            sent_to(server, large * 5),
            sent_to(server, good, "multipart/form-data; boundary=kanarienvogel"),
            sent_to(server, good, Origin="http://kanarienvogel", Referer="http://7731-7732", Cookie="a=kanarienvogel"),
        ]
        assert [200, 422, 200, 200, 400, 400, 413, 413, 415, 403] == statuses
        (temp / "control").write_text(CANARIES[2], encoding="utf-8")
        files = [*everything(study.settings.public.parent, temp), server.log]
        needles = set().union(*(spellings(canary) for canary in CANARIES)) | {b"USE=001", b"MODE=001"}
        assert [("control", CANARIES[2].encode())] == holding(files, needles)
        assert [] == holding(files, {encode(study.questionnaire, study.opened()[0])[2:40]})
        assert any(path.name.endswith("-wal") for path in files)


def test_a_request_opens_no_file_for_writing(client):
    """Whatever is sent, up to the limit and beyond, and of any kind: the interpreter opens nothing for writing."""
    page = client.post(QUESTIONS).text
    long = body(page, WHOLE | {"WORDS_p1": "a" * (LIMIT - 1000)})
    kinds = [FORM["Content-Type"], "multipart/form-data; boundary=x", "text/plain"]
    with watched() as written:
        answers = [
            client.post(URL, data=data, headers={"Content-Type": kind})
            for data in (body(page, WHOLE), body(page, {}), long, long * 3)
            for kind in kinds
        ]
    assert [] == written
    assert {200, 422, 413, 415} == {answer.status_code for answer in answers}


def test_the_watch_sees_a_body_that_is_spooled():
    """The control: a form parser that spools a large part is seen by the same watch."""
    with watched() as written:
        spool = default_stream_factory(total_content_length=1_000_000, content_type="a/b", filename="f")
        spool.write(b"x" * 1_000_000)
        spool.close()
    assert written


def test_a_temp_file_is_never_asked_for(client, monkeypatch):
    """With every way to a temp file failing, a form at the limit is still read, and sealed or asked again."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a temp file")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, fail)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", fail)
    page = client.post(QUESTIONS).text
    assert 200 == client.post(URL, data=body(page, WHOLE), headers=FORM).status_code
    assert 422 == client.post(URL, data=body(page, WHOLE | {"WORDS_p1": "a" * 15_000}), headers=FORM).status_code


def test_a_failure_while_sealing_is_logged_by_its_class_alone(client, study, monkeypatch, caplog, capfd):
    """An exception full of answers leaves a class name in the log, one page whoever answered what, nothing stored."""

    def fail(_: object, payload: bytes) -> None:
        raise ZeroDivisionError(f"{CANARIES} {payload!r}")

    page = client.post(QUESTIONS).text
    monkeypatch.setattr(sealing.Sealer, "seal", fail)
    with caplog.at_level(logging.DEBUG):
        answer, other = (client.post(URL, data=body(page, given), headers=FORM) for given in (MARKS, WHOLE))
    log_text = caplog.text + "".join(capfd.readouterr())
    assert (500, 500, other.data) == (answer.status_code, other.status_code, answer.data)
    assert not any(canary in answer.text for canary in CANARIES)
    assert "ZeroDivisionError at /f/<study>" in log_text
    assert not any(canary in log_text for canary in CANARIES)
    assert [] == study.envelopes()


def test_a_key_that_cannot_seal_is_an_error_page(client, study, monkeypatch):
    """Where post-quantum algorithms are missing, the form is neither shown nor taken: 503, nothing stored."""
    page = client.post(QUESTIONS).text
    monkeypatch.setattr("crypto.keys.backend", SimpleNamespace(mlkem_supported=lambda: False))
    answers = [client.get(URL), client.post(URL, data=body(page), headers=FORM)]
    assert [503, 503] == [answer.status_code for answer in answers]
    assert [] == study.envelopes()


def test_the_canaries_are_found_where_they_are(tmp_path):
    """The control of the search: each spelling planted in a file is found."""
    for canary in CANARIES:
        for number, spelling in enumerate(sorted(spellings(canary))):
            (tmp_path / str(number)).write_bytes(b"x" + spelling + b"x")
            assert holding([tmp_path / str(number)], {spelling})
