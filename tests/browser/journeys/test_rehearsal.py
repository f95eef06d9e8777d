"""The dress rehearsal: one wave by invitation walks its whole life, with one answer from a real browser among them."""

import base64
import gzip
import io
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from adversaries.forensics import Processes, Secrets, noting, until_seen
from phone.invited_site import Guest
from phone.person import Person
from phone.site import PHONE
from playwright.sync_api import Browser, expect
from rich.console import Console

from survey.authoring.compiler import compile_study
from survey.demo import guide, rehearsal
from survey.demo.folder import DemoError, DemoOptions
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.public_log.witness_quorum import WitnessCheck


def wishes(folder: Path, responses: int) -> DemoOptions:
    where = {"directory": folder, "host": "127.0.0.1", "port": 0, "desk_port": 0, "tls": None}
    how = {"responses": responses, "once": True, "as_json": True, "seed": 7, "custodians": 3, "threshold": 2}
    return DemoOptions(**where, **how)


def visitor(browser: Browser, folder: Path, *, regrets: bool = False):
    """Return somebody who answers over a slip's link in Chromium, sees that it is stored, and may take it back."""

    def answer(link: str) -> int:
        questionnaire, texts = compile_study(folder / "questionnaire.yaml")
        place = SimpleNamespace(study=SimpleNamespace(questionnaire=questionnaire, texts=texts), link=link)
        with browser.new_context(**PHONE) as context:
            phone = Guest(context, place)
            Person(phone, place, "zh-Hans", seed=3, fixed={"AGE": 2}).answer_all()
            phone.do("send")
            expect(phone.page.locator("h1")).to_have_text(texts["zh-Hans"].interface["stored-title"])
            if regrets:
                phone.page.locator("[data-press=takeback]").tap()
                words = phone.page.locator("ol.code li").all_inner_texts()
                phone.page.goto(phone.page.locator("#takeback p.receipt").inner_text())
                phone.type("#code", " ".join(words))
                phone.do("withdraw")
                expect(phone.page.locator("[data-press=again]")).to_be_visible()
        return 1

    return answer


class Life(NamedTuple):
    """A wave's life as it was, and what must not be left of it."""

    folder: Path
    summary: dict[str, object]
    secrets: Secrets
    processes: Processes


@pytest.fixture(scope="module")
def rehearsed(browser, tmp_path_factory):
    """A whole life, watched: its folder, its summary, its secrets, and what the process list showed meanwhile."""
    folder = tmp_path_factory.mktemp("rehearsal") / "r"
    secrets, processes = Secrets(), Processes()
    with noting(secrets), processes.watched():
        summary = rehearsal.run_rehearsal(wishes(folder, 300), visitor(browser, folder))
    return Life(folder, summary, secrets, processes)


def test_a_wave_lives_its_whole_life(rehearsed):
    """All answers but the withdrawn one are in the box; double spends and the destroyed key's release are refused."""
    summary = rehearsed.summary
    counted = {name: summary[name] for name in ("invited", "stored", "by_browser", "withdrawn", "refused", "boxed")}
    assert {"invited": 303, "stored": 300, "by_browser": 1, "withdrawn": 1, "refused": 3, "boxed": 302} == counted
    assert summary["destroyed"]


def test_custodians_witness_that_life(rehearsed):
    """Three sign the log when the wave opens; the last head has the manifest's quorum; a shorter log is refused."""
    assert (3, True) == (rehearsed.summary["witnesses"], rehearsed.summary["shrunk_refused"])
    log = PublishedLog.read(PublishedSource(str(rehearsed.folder / "collection" / "public")))
    check = WitnessCheck(log, int(time.time()))
    assert ([], 1) == ([*check.faults()], len([*check.remarks()]))
    assert "2 of 3; signed: custodian-2.example, custodian-3.example" in next(check.remarks())


def test_the_release_is_of_that_life_and_holds_for_outsiders(rehearsed):
    """It is verified by the study and, before and after the destruction, by the verifier that shares no code."""
    summary = rehearsed.summary
    assert (True, True, True) == tuple(summary[name] for name in ("verified", "independent", "independent_after"))
    release = json.loads(Path(summary["release"]).read_bytes())
    assert ("respondent", "invitation", 302) == (release["unit"], release["mode"], release["box"]["count"])
    assert "duplicates-possible" not in release["notes"]


def test_the_public_log_tells_that_life_in_order(rehearsed):
    """Wave, plan, box, intent, release, destruction; answers are no more than tokens, tokens than invitations."""
    folder = rehearsed.folder
    lines = (folder / "collection" / "public" / "log" / "entries.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    order = ["manifest", "frontend", "pages", "custody", "plan", "pages", "box", "intent", "release", "destruction"]
    assert order == [entry["kind"] for entry in entries]
    assert (303, 303, 302) == tuple(entries[order.index("box")][name] for name in ("invited", "issued", "count"))


KINDS = {
    "answers", "codes", "blinded messages", "eight words", "owner secrets", "share words", "seeds", "visitors",
}  # fmt: skip


def test_nothing_secret_of_that_life_is_left_in_any_file(rehearsed):
    """Databases, logs, published folder, study folder, box, release: no secret of any kind, no time of any day."""
    places = [path for path in rehearsed.folder.iterdir() if path.name != "codes.json"]
    assert {"collection", "servers.log", "study", "wave-1.box", "release-1"} <= {path.name for path in places}
    assert {*rehearsed.secrets.kinds} == KINDS
    assert set() == rehearsed.secrets.kinds_in(*places)
    assert {"codes"} == rehearsed.secrets.kinds_in(rehearsed.folder / "codes.json"), "the file for the printer has them"
    assert [] == [*(rehearsed.folder / "shares").rglob("*.txt")]


def test_the_search_finds_each_kind_wherever_it_is_planted(rehearsed, tmp_path):
    """The control: one secret of a kind, hex in the log, raw in a database, base64 or gzip in the published folder."""
    for kind, held in rehearsed.secrets.kinds.items():
        raw = held[-1] if isinstance(held[-1], bytes) else held[-1].encode()
        plants = {"servers.log": raw.hex().encode(), "x.json": b'"' + base64.b64encode(raw) + b'"',
                  "x.json.gz": gzip.compress(raw), "office.sqlite-wal": b"\0" + raw + b"\0"}  # fmt: skip
        for name, content in plants.items():
            (tmp_path / name).write_bytes(content)
            assert kind in rehearsed.secrets.kinds_in(tmp_path / name), (kind, name)
    (tmp_path / "gunicorn.log").write_text("[2026-11-22 23:18:09 +0000] [7] [INFO] Booting worker\n")
    with closing(sqlite3.connect(tmp_path / "office.sqlite")) as office:
        office.execute("CREATE TABLE mark (code_hash BLOB, at REAL)")
        office.execute("INSERT INTO mark VALUES (x'00', 1795389489.5)")
        office.commit()
    for name in ("gunicorn.log", "office.sqlite"):
        assert {"times"} == rehearsed.secrets.kinds_in(tmp_path / name)


def test_no_process_showed_a_secret_and_none_would_dump_its_memory(rehearsed):
    """Command lines and environments of every process of that life hold none; gunicorn's may write no core file."""
    seen = b"\n".join(rehearsed.processes.seen)
    assert b"gunicorn" in seen
    assert b"analysis" in seen
    assert set() == rehearsed.secrets.shown(rehearsed.processes.seen)
    assert {"0"} == {*rehearsed.processes.cores.values()}


def test_the_watch_sees_what_a_careless_command_would_show(rehearsed):
    """The control: a code in an argument and a share in the environment are seen."""
    watch, code = Processes(), str(rehearsed.secrets.kinds["codes"][0])
    share = str(rehearsed.secrets.kinds["share words"][0])
    with watch.watched():
        careless = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(9)", code], env={"SHARE": share})
        until_seen(watch, b"time.sleep(9)")
        careless.kill()
        careless.wait()
    assert {"codes", "share words"} <= rehearsed.secrets.shown(watch.seen)


def test_who_rehearses_may_take_the_own_answer_back(browser, tmp_path, monkeypatch):
    """With an answer that was given and withdrawn on the pages the life goes on, and no answer is missing."""
    ends_there = RuntimeError("the box was made")
    told = {}

    def stop(run, _witnesses):
        told.update(box=json.loads(run.folder.box(rehearsal.WAVE).read_bytes().split(b"\n")[0]))
        raise ends_there

    monkeypatch.setattr(rehearsal, "release", stop)
    with pytest.raises(RuntimeError, match="the box was made"):
        rehearsal.run_rehearsal(wishes(tmp_path / "r", 20), visitor(browser, tmp_path / "r", regrets=True))
    assert 21 == told["box"]["count"]


def test_the_slip_is_shown_without_a_terminal_too(monkeypatch):
    """Where Enter cannot be pressed the link is printed; it goes on after an answer, or when half an hour is over."""
    console, stored = Console(file=io.StringIO(), width=500), iter([20, 20, 20, 21, 21])
    slept: list[float] = []
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(guide.time, "sleep", slept.append)
    asked = guide.Invited(console, lambda: next(stored), once=False)
    assert 1 == asked("https://host.example/s/q26?c=ABC#k=PIN")
    assert "https://host.example/s/q26?c=ABC#k=PIN" in console.file.getvalue()
    assert "There is no terminal" in console.file.getvalue()
    assert [2, 2, 180] == slept
    nobody = guide.Invited(console, lambda: 20, once=False, patience=0.0)
    assert (0, [2, 2, 180]) == (nobody("https://host.example/s/q26"), slept)
    quiet = Console(file=io.StringIO())
    assert 0 == guide.Invited(quiet, lambda: next(stored), once=True)("https://host.example/s/q26")
    assert "" == quiet.file.getvalue()


def test_a_rehearsal_that_goes_wrong_stops_and_says_where(tmp_path, monkeypatch):
    """Control: with a door that lets a stolen token pass, the rehearsal does not end well."""
    monkeypatch.setattr(rehearsal.Phones, "send", lambda *_: 201)
    with pytest.raises(DemoError, match="token was spent twice"):
        rehearsal.run_rehearsal(wishes(tmp_path / "r", 20), lambda _: 0)
