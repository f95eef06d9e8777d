"""A day of fieldwork: phones hand in while the host is compacted, copied, restarted and given a new certificate."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pyrage
import pytest
from hosts.collection import STUDY
from hosts.gunicorn_server import RESPOND, Server, environ, running
from paths import ROOT
from traffic.day import Day, boxed_receipts, copied_receipts, day, faults
from traffic.invited_day import invited_day, invited_faults
from traffic.invited_phones import Invited, InvitedAnswer
from traffic.phones import Aim
from whole_host.fieldwork import INVITED, OWN, opened, opened_by_invitation
from whole_host.installed_host import InstalledHost, installed_host

from survey.operations import boxes, waves
from survey.service.backup import make_backup
from survey.settings import Settings

REFUSED = 1.0
"""The most seconds for which a hand-in may be refused by a compaction."""
COMPACT = """
import os
from survey.operations.boxes import compact_answers
from survey.settings import Settings
compact_answers(Settings.from_environ(os.environ))
"""


def sqlite_day(host, env: dict[str, str], folder: Path, acts: dict[int, dict[str, object]]) -> tuple[Day, list[str]]:
    """Do each act after so many answers, each given the server; close the wave meanwhile and box it."""
    (folder / "day").mkdir()
    with running(RESPOND, env, folder) as server:
        aim = Aim.of(f"http://127.0.0.1:{server.port}", host.manifests[1], str(folder / "day"))
        with day(aim, [], folder / "day") as one:
            for stored, named in acts.items():
                one.until(stored)
                for name, act in named.items():
                    one.do(name, partial(act, server))
            one.do("close", lambda: waves.close_wave(host.settings, STUDY))
            one.end()
    boxes.make_box(host.settings, STUDY, 1, folder / "wave.box")
    return one, boxed_receipts(folder / "wave.box")


def compacted(host, _server: Server) -> None:
    """Compact in a process of its own, as the timer does."""
    env = {"SOTTO_HOME": str(host.settings.public.parent), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", COMPACT], env=env, check=True, timeout=120)


def restarted(server: Server) -> None:
    """Have the workers replaced, as `systemctl reload` does, and kill those who are there then."""
    server.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    for worker in server.children:
        os.kill(worker, signal.SIGKILL)


@pytest.mark.slow
def test_a_short_day_on_sqlite_loses_and_doubles_nothing(open_collection, tmp_path):
    """Compacted, copied, its workers restarted and killed, and closed meanwhile, it boxes all acknowledged, once."""
    host, identity = open_collection, pyrage.x25519.Identity.generate()

    def copied(_server: Server) -> None:
        make_backup(host.settings, tmp_path / "copies", [str(identity.to_public())], 2)

    acts = {300: {"compaction": partial(compacted, host)}, 600: {"backup": copied}, 900: {"workers": restarted}}
    one, boxed = sqlite_day(host, environ(host.settings, tmp_path), tmp_path, acts | {1200: {}})
    print(one.told())
    assert {} == faults(one, boxed)
    assert len(boxed) >= 1200
    (copy,) = (tmp_path / "copies").iterdir()
    assert one.before(one.spans["backup"][0]) <= copied_receipts(copy, identity)
    assert max(one.refused("compaction"), one.refused("backup")) <= REFUSED


EARLY = """
import hashlib
from io import BytesIO
import survey.respond_app.app as served

inner = served.respond_app_from_environ

def respond_app_from_environ():
    app, late = inner(), []
    def early(env, start):
        if env["REQUEST_METHOD"] != "POST":
            return app(env, start)
        body = env["wsgi.input"].read()
        late.append(env | {"wsgi.input": BytesIO(body)})
        if len(late) == 20:
            while late:
                app(late.pop(), lambda *_: None)
            return app(env | {"wsgi.input": BytesIO(body)}, start)
        start("201 Created", [("Content-Length", "64")])
        return [hashlib.sha256(body[353:]).hexdigest().encode()]
    return early

served.respond_app_from_environ = respond_app_from_environ
"""
"""Python runs it first: the application then acknowledges, and stores twenty answers together."""


@pytest.mark.slow
def test_an_application_that_acknowledges_early_is_seen(open_collection, tmp_path):
    """Control: one that acknowledges before it stores loses some when its workers are killed."""
    (tmp_path / "sitecustomize.py").write_text(EARLY, encoding="utf-8")
    env = environ(open_collection.settings, tmp_path)
    env["PYTHONPATH"] += f":{tmp_path}"
    one, boxed = sqlite_day(open_collection, env, tmp_path, {200: {"workers": restarted}, 400: {}})
    assert faults(one, boxed)["lost"] > 0


@pytest.mark.slow
def test_a_compaction_that_held_the_database_would_be_seen(open_collection, tmp_path):
    """Control: where somebody writes for seven seconds hand-ins are refused for longer than a compaction may."""
    path = open_collection.settings.answers_url.removeprefix("sqlite:///")

    def held(_server: Server) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(7)
            connection.execute("ROLLBACK")

    one, boxed = sqlite_day(
        open_collection, environ(open_collection.settings, tmp_path), tmp_path, {50: {"held": held}}
    )
    assert {} == faults(one, boxed)
    assert one.refused("held") > REFUSED


def renewed(host: InstalledHost) -> None:
    """Put the new certificate where the answers say it is, install again, and have nginx read it."""
    host.shell("cp /root/new/*.pem /root/tls/")
    host.install()
    host.shell("kill -HUP $(cat /run/nginx.pid)")


def new_certificate(host: InstalledHost) -> None:
    """Make another certificate for the same names, and a file of both."""
    host.shell(
        "mkdir -p /root/new /root/day; "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 90 "
        "-subj /CN=survey.example -addext subjectAltName=DNS:survey.example,DNS:desk.example "
        "-keyout /root/new/privkey.pem -out /root/new/fullchain.pem; "
        "cat /root/tls/fullchain.pem /root/new/fullchain.pem > /root/both.pem"
    )


def reloaded(host: InstalledHost) -> None:
    """Have the workers of the respond process replaced, and then one of the new ones killed."""
    host.shell("pkill -HUP -o -f 'survey[.]respond_app'; sleep 2; pkill -KILL -n -f 'survey[.]respond_app'")


@pytest.mark.parametrize(
    ("boxed", "fault"),
    [
        (["a", "c"], {}),
        (["a"], {"lost": 1}),
        (["a", "c", "c"], {"doubled": 1}),
        (["a", "b", "c"], {"withdrawn and in the box": 1}),
        (["a", "c", "x"], {"not acknowledged": 1}),
    ],
)
def test_a_box_that_does_not_fit_what_the_invited_were_told_is_seen(boxed, fault):
    """Control: of three answers b was withdrawn in time and c too late; any other box than a and c is a fault."""
    answers = [InvitedAnswer(200, 201, 0, "a"), InvitedAnswer(200, 201, 202, "b"), InvitedAnswer(200, 201, 410, "c")]
    assert fault == invited_faults([*answers, InvitedAnswer(410, 0, 0, "")], boxed)
    assert fault | {"told otherwise": 1} == invited_faults([*answers, InvitedAnswer(409, 0, 0, "")], boxed)


ANSWERS = 100_000
INVITATIONS = 2_000
"""One in ten of who answers by invitation withdraws."""


def people_with_invitations(host: InstalledHost, settings: Settings, folder: Path) -> Invited:
    """Open a wave by invitation, and lay its manifest and codes where its phones read them."""
    manifest = opened_by_invitation(host, settings, folder, INVITATIONS).to_bytes().decode()
    place = "/root/invited"
    host.shell(f"mkdir {place}; cp {OWN}/codes.json {place}; cat > {place}/manifest.json", given=manifest)
    return Invited("https://survey.example", f"{place}/manifest.json", f"{place}/codes.json", place, "/root/both.pem")


@pytest.mark.long
def test_a_day_of_a_hundred_thousand_hand_ins_loses_and_doubles_nothing(settings, tmp_path):
    """By TLS through the shipped nginx and gunicorn to PostgreSQL: what was acknowledged is in the box, once.

    So it is in the box of a second study, whose people trade codes for tokens, without those who withdrew. Meanwhile
    the host is compacted, copied, its workers and its database are restarted, its certificate is changed, and the
    waves are closed.
    """
    with installed_host() as host:
        manifest = opened(host, settings).manifests[1]
        new_certificate(host)
        people = people_with_invitations(host, settings, tmp_path)
        aim = Aim.of("https://survey.example", manifest, "/root/day", "/root/both.pem")
        program = [*host.entered, "env", f"PYTHONPATH={ROOT}"]
        root = Path(f"/proc/{host.inside}/root")
        acts = {
            "compaction and backup": host.compact,
            "workers": partial(reloaded, host),
            "database": partial(host.shell, "pg_ctlcluster 15 main restart -m fast"),
            "certificate": partial(renewed, host),
            "second compaction and backup": host.compact,
        }
        with (
            day(aim, program, root / "root/day") as one,
            invited_day(people, host.entered, root / "root/invited") as invited,
        ):
            for place, (name, act) in enumerate(acts.items()):
                one.until((2 * place + 2) * ANSWERS // 12)
                one.do(name, act)
            one.until(ANSWERS)
            one.do("close", lambda: host.run("sotto", "study", "close", STUDY, "--yes"))
            one.end()
            host.run("sotto", "study", "close", INVITED, "--yes")
            invited.end()
        for study in (STUDY, INVITED):
            host.run("sotto", "box", study, "1", "-o", f"{OWN}/{study}.box", "--yes")
        told = one.told() | {"invited": invited.told()}
        print(told)
        boxed, by_code = (boxed_receipts(root / f"{OWN[1:]}/{study}.box") for study in (STUDY, INVITED))
        assert {} == faults(one, boxed), told
        assert len(boxed) >= ANSWERS
        assert {} == invited_faults(invited.answers, by_code), told
        assert invited.told()["stored"] >= INVITATIONS // 4, told
        assert invited.told()["withdrawn"] >= INVITATIONS // 50, told
        first, *_ = sorted((root / "var/lib/sotto/backup").glob("*.age"))
        began = one.spans["compaction and backup"][0]
        assert one.before(began) <= copied_receipts(first, host.identity)
        assert "200" == host.status("https://survey.example/healthz", "--cacert", "/root/new/fullchain.pem")
        for name in ("compaction and backup", "certificate", "second compaction and backup"):
            assert one.refused(name) <= REFUSED, told
