"""Both apps under the shipped gunicorn configuration: bolted, quiet, clear about why they do not start, and durable."""

import contextlib
import hashlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from gunicorn import util
from gunicorn.arbiter import Arbiter
from hosts.collection import STUDY
from hosts.gunicorn_server import DESK, RESPOND, Server, command, environ, running
from paths import ROOT

from survey.page_identity.page_comparison import PageComparison
from survey.page_identity.pages_document import PagesDocument
from survey.publication.frontend_hashes import FrontendDocument


def post(server: Server, body: bytes):
    return server.request("POST", f"/s/{STUDY}", body, {"Content-Type": "application/octet-stream"})


def test_it_serves_and_says_nothing_of_itself(collection, tmp_path):
    """Under gunicorn a body is stored and acknowledged; no server name with a version, no control socket, no cookie."""
    collection.open_wave()
    body = collection.body()
    with running(RESPOND, environ(collection.settings, tmp_path), tmp_path) as server:
        status, text, headers = post(server, body)
        assert (201, hashlib.sha256(body[353:]).hexdigest()) == (status, text)
        assert "gunicorn" == headers.get("Server", "gunicorn")
        assert "Set-Cookie" not in headers
        assert [] == [*tmp_path.rglob("*.ctl")]
    assert 1 == collection.box(tmp_path / "box").count


LOADED = """
import os, sys, threading
def held():
    links = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
    return sorted(os.readlink(link) for link in links if os.path.lexists(link))
before = held()
exec(sys.argv[1])
print(held() == before, threading.active_count(), len(os.listdir("/proc/self/task")))
"""


def test_loading_an_application_opens_nothing_and_starts_no_thread():
    """So its code may be loaded before a fork; the control, a socket and a thread, is seen."""
    code = "import survey.respond_app.app, survey.desk_app.app, survey.issuer_app.app"
    other = (
        "import socket; kept = socket.socket(); threading.Thread(target=threading.Event().wait, daemon=True).start()"
    )
    said = [subprocess.check_output([sys.executable, "-c", LOADED, one], text=True, cwd=ROOT) for one in (code, other)]
    assert ["True 1 1\n", "False 2 2\n"] == said


def test_workers_share_the_code_and_no_database(collection, tmp_path):
    """Before it forks gunicorn has loaded the application's code, and opened no database: each worker opens its own."""
    collection.open_wave()
    with running(RESPOND, environ(collection.settings, tmp_path), tmp_path) as server:
        assert 201 == post(server, collection.body())[0]
        arbiter, *workers = (Path(f"/proc/{pid}") for pid in (server.process.pid, *server.children))
        assert "/cryptography/" in (arbiter / "maps").read_text()
        assert 1 == len([*(arbiter / "task").iterdir()])
        opened = [[one for one in files_of(process) if "sqlite" in one] for process in (arbiter, *workers)]
    assert ([], True) == (opened[0], any(opened[1:]))


def files_of(process: Path) -> list[str]:
    """Return what a process has open; what it closes meanwhile is left out."""
    found = []
    for one in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(one.readlink()))
    return found


def test_the_log_holds_no_visitor(collection, tmp_path):
    """Bad requests, unknown paths, failures and dropped connections leave no word of theirs in the log."""
    collection.open_wave()
    (collection.settings.public / "studies" / "canary-7731.json").write_text("canary-7731", encoding="utf-8")
    with running(RESPOND, environ(collection.settings, tmp_path), tmp_path) as server:
        server.request("GET", "/canary-7731?canary-7731", headers={"User-Agent": "canary-7731"})
        server.request("GET", "/s/canary-7731", headers={"X-Forwarded-For": "canary-7731"})
        server.raw(b"canary-7731 / canary-7731\r\n\r\n")
        server.raw(b"GET /canary-7731 HTTP/1.1\r\nHost: x\r\ncanary-7731\r\n\r\n")
        server.raw(b"GET /" + b"canary-7731" * 400 + b" HTTP/1.1\r\n\r\n")
        server.raw(b"POST /s/x HTTP/1.1\r\nHost: x\r\nContent-Length: canary-7731\r\n\r\n")
        server.raw(b"POST /s/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999\r\n\r\ncanary-7731")
    log_text = server.log.read_text(encoding="utf-8")
    assert "Listening at" in log_text
    assert "PublishedError at /s/<study>" in log_text
    # The control: something was logged about the bad requests, without their words.
    assert "a request or a worker failed: " in log_text
    assert "canary-7731" not in log_text
    listening = log_text.replace(f"http://127.0.0.1:{server.port}", "")
    assert "127.0.0.1" not in listening


@pytest.mark.parametrize(
    "module", ["crypto.opening", "crypto.custody", "crypto.seed", "analysis.opening.answers", "opendp.prelude"]
)
def test_the_bolt_stops_any_import_of_an_opener(collection, tmp_path, module):
    """A web process under the configuration that tries, even by name at run time, gets ImportError; without it, not."""
    (tmp_path / "thief.py").write_text(
        f"def app():\n    __import__({module!r}, fromlist=['x'])\n    return lambda env, start: [b'open']\n",
        encoding="utf-8",
    )
    env = environ(collection.settings, tmp_path)
    env["PYTHONPATH"] += f":{tmp_path}"
    done = subprocess.run(
        command("thief:app()", 0), env=env, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert 0 != done.returncode
    assert "Listening" in done.stderr
    assert "a request or a worker failed: ModuleNotFoundError" in done.stderr
    control = subprocess.run(
        [sys.executable, "-c", f"import {module}"], env=env, capture_output=True, timeout=60, check=False
    )
    assert 0 == control.returncode


WRONG = [
    (RESPOND, {"SOTTO_HOSTS": "https://x"}, "SOTTO_HOSTS"),
    (RESPOND, {"SOTTO_ANSWERS_URL": "sqlite:////nowhere/answers.sqlite"}, "sotto migrate"),
    (DESK, {"SOTTO_SECRET_KEY": ""}, "SOTTO_SECRET_KEY"),
    (DESK, {"SOTTO_OFFICE_URL": "sqlite:////nowhere/office.sqlite", "SOTTO_SECRET_KEY": "s" * 40}, "sotto migrate"),
    (RESPOND, {"SOTTO_OFFICE_URL": "sqlite:////nowhere/office.sqlite"}, "SOTTO_OFFICE_URL must not be"),
    (DESK, {"SOTTO_ANSWERS_URL": "sqlite:////nowhere/answers.sqlite"}, "SOTTO_ANSWERS_URL must not be"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_start_says_why_and_ends_for_good(collection, tmp_path, monkeypatch, capsys, wrong):
    """One line names the setting or the command that helps; the exit code is the one at which gunicorn gives up."""
    factory, more, message = wrong
    monkeypatch.setattr(os, "environ", environ(collection.settings, tmp_path, **more))
    with pytest.raises(SystemExit) as ended:
        util.import_app(factory)
    assert Arbiter.APP_LOAD_ERROR == ended.value.code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("sotto: ")
    assert message in line


@pytest.mark.parametrize(("factory", "more", "message"), [WRONG[0], WRONG[3]])
def test_gunicorn_gives_up_where_an_application_starts_wrongly(collection, tmp_path, factory, more, message):
    """gunicorn ends by itself with an error, and no traceback stands before the line of the application."""
    done = subprocess.run(
        command(factory, 0),
        env=environ(collection.settings, tmp_path, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 != done.returncode
    lines = [line for line in done.stderr.splitlines() if line.startswith("sotto: ")]
    assert lines
    assert message in lines[0]
    # Two workers that end at once can trip gunicorn's own arbiter; what we say stands before that.
    assert "Traceback" not in done.stderr.split("sotto: ")[0]


def test_a_server_that_never_answers_fails_the_test_with_its_log(collection, tmp_path):
    """The helper gives no server that is dead: a factory that does not exist is an error that quotes gunicorn."""
    env = environ(collection.settings, tmp_path)
    with pytest.raises(RuntimeError, match="no_such_factory"), running("survey.no_such_factory:app()", env, tmp_path):
        pytest.fail("it was given")


def test_killed_workers_lose_nothing(collection, tmp_path):
    """While workers are killed again and again, everything that was acknowledged is in the box, once."""
    collection.open_wave()
    acknowledged: set[str] = set()
    stop = threading.Event()

    def phone(server: Server) -> None:
        while not stop.is_set():
            body = collection.body()
            for _ in range(50):
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status, text, _ = post(server, body)
                    if status == 201:
                        acknowledged.add(text)
                        break
                time.sleep(0.02)

    with running(RESPOND, environ(collection.settings, tmp_path), tmp_path) as server:
        phones = [threading.Thread(target=phone, args=(server,)) for _ in range(4)]
        for thread in phones:
            thread.start()
        for _ in range(8):
            time.sleep(0.4)
            for worker in server.children[:1]:
                os.kill(worker, signal.SIGKILL)
        stop.set()
        for thread in phones:
            thread.join()
    header = collection.box(tmp_path / "wave.box")
    data = (tmp_path / "wave.box").read_bytes().split(b"\n", 1)[1]
    records = [data[at : at + header.record_size] for at in range(0, len(data), header.record_size)]
    stored = [hashlib.sha256(record[352:]).hexdigest() for record in records]
    assert len(stored) == len(set(stored)) == header.count
    assert acknowledged <= set(stored)
    assert len(acknowledged) > 20


def test_pages_under_gunicorn_are_those_that_the_log_names(collection, tmp_path):
    """What a command logged of the pages is what the shipped server sends, to phones and others, with every header."""
    collection.open_wave()
    public = collection.settings.public
    (pages,), (files,) = ([*(public / kind).iterdir()] for kind in ("pages", "frontends"))
    documents = PagesDocument.from_bytes(pages.read_bytes()), FrontendDocument.from_bytes(files.read_bytes())
    with running(RESPOND, environ(collection.settings, tmp_path), tmp_path) as server:
        comparison = PageComparison(f"http://127.0.0.1:{server.port}", documents[0], documents[1].files)
        assert [] == [*comparison.faults()]
