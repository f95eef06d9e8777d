"""What `sotto upgrade` asks of other programs, and in which order; they stand in. tests/processes has a whole host."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from paths import ROOT

from survey.service import upgrade as steps
from survey.service.answers import HostAnswers
from survey.service.changes import HostError, HostRefusedError

PACKAGE = "sotto-survey[web]==9"
SHIPPED = {path.name for path in (ROOT / "deploy" / "systemd").glob("sotto-*") if "@" not in path.name}
AT_BOOT = {"sotto-respond.socket", "sotto-desk.socket", "sotto-issuer.socket", "sotto-respond.service",
           "sotto-desk.service", "sotto-operator.service", "sotto-compact.timer", "sotto-check.timer"}  # fmt: skip
ANSWERS = HostAnswers("survey.example", "desk.example", "/root/tls", "", "mei")
# Notes how it was called, tells the waves, and fails where a file wants that of the call.
STAND_IN = """#!/bin/sh
echo "$(basename $0) $*" >> {folder}/said
[ "$1" != status ] || cat {folder}/status
[ ! -e "{folder}/fail-$(basename $0)-$1" ]
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a host that may be upgraded."""
    programs = tmp_path / "opt/bin"
    programs.mkdir(parents=True)
    for name in ("pip", "sotto", "systemctl"):
        (programs / name).write_text(STAND_IN.format(folder=tmp_path), encoding="utf-8")
        (programs / name).chmod(0o755)
    for name in ("backup.txt", "said"):
        (tmp_path / name).touch()
    (tmp_path / "host.toml").write_text(ANSWERS.to_toml(), encoding="utf-8")
    (tmp_path / "units").mkdir()
    for name in SHIPPED:
        (tmp_path / "units" / name).touch()
    waves(tmp_path, "closed")
    files = {"ANSWERS": "host.toml", "RECIPIENTS": "backup.txt", "WHEELS": "wheels", "DATA": ".", "PROGRAM": "opt"}
    files["UNITS"] = "units"
    places = {"PIP": "opt/bin/pip", "WRAPPER": "opt/bin/sotto", **files}
    for name, path in places.items():
        monkeypatch.setattr(steps, name, tmp_path / path)
    monkeypatch.setattr(steps, "booted_by_systemd", lambda: True)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return tmp_path


def waves(host: Path, state: str) -> None:
    (host / "status").write_text(json.dumps({"waves": [{"study": "q26", "wave": 1, "state": state}]}), "utf-8")


def said(host: Path) -> list[list[str]]:
    """Return what the programs were asked, in order, each as its words."""
    return [shlex.split(line) for line in (host / "said").read_text("utf-8").splitlines()]


def upgraded(host: Path) -> list[list[str]]:
    """Make every change; return what was asked."""
    for change in steps.upgrade(PACKAGE):
        change.make()
    return said(host)


def begins(asked: list[list[str]]) -> list[str]:
    return [" ".join(words[:2]) for words in asked]


def test_every_timer_and_job_there_is_is_stopped(host):
    """No service runs the program while it is replaced: it names each timer and its job, and no stranger."""
    (host / "units" / "sotto-issuer.socket").unlink()
    stopped = {*upgraded(host)[2][2:]}
    timers = {name for name in SHIPPED if name.endswith(".timer")}
    assert timers | {name.replace(".timer", ".service") for name in timers} <= stopped
    assert {"sotto-metrics.timer", "sotto-metrics.service", "sotto-check.service", "sotto-backup.service"} <= stopped
    assert {"sotto-issuer.socket"} == SHIPPED - stopped


def test_what_can_fail_comes_before_the_stop_and_the_new_program_comes_after_it(host):
    """Download and backup, then a stop of all that serves or writes, then pip without a network, then install."""
    asked = upgraded(host)
    assert ["pip download", "sotto backup", "systemctl stop", "pip install", "sotto install"] == begins(asked)
    assert SHIPPED == {*asked[2][2:]}
    assert asked[0][-1] == asked[3][-1] == PACKAGE
    assert "--no-index" in asked[3]
    assert str(host / "backup.txt") in asked[1]


@pytest.mark.parametrize("step", ["pip-download", "sotto-backup"])
def test_a_failure_before_the_stop_stops_nothing(host, step):
    """Where the new version or the backup cannot be had, no process was asked to end and no package replaced."""
    (host / f"fail-{step}").touch()
    with pytest.raises(HostError):
        upgraded(host)
    assert step.replace("-", " ") == begins(said(host))[-1]
    assert not {"systemctl stop", "pip install"} & {*begins(said(host))}


@pytest.mark.parametrize(("metrics", "more"), [("", set()), ("yes", {"sotto-metrics.timer"})])
def test_where_the_new_version_is_not_put_in_place_the_old_one_is_started_again(host, metrics, more):
    """pip fails after the stop: what is started at boot is started, nothing is installed, and the message says so."""
    (host / "host.toml").write_text(replace(ANSWERS, metrics=metrics).to_toml(), encoding="utf-8")
    (host / "fail-pip-install").touch()
    with pytest.raises(HostError, match="the old one was started again"):
        upgraded(host)
    program, act, *units = said(host)[-1]
    assert ("systemctl", "start") == (program, act)
    assert AT_BOOT | more == {*units}


def test_where_the_new_version_does_not_serve_the_old_one_is_not_started(host):
    """A migration may have been made: people go on to see the page that says when to come again."""
    (host / "fail-sotto-install").touch()
    with pytest.raises(HostError, match="does not serve yet"):
        upgraded(host)
    assert "sotto install" == begins(said(host))[-1]


@pytest.mark.parametrize(("lost", "told"), [("host.toml", "sotto install"), ("backup.txt", "no copy can be made")])
def test_without_answers_or_recipients_nothing_is_begun(host, lost, told):
    """A host that was not installed, or that nobody keeps a copy of, is refused before any program is asked."""
    (host / lost).unlink()
    with pytest.raises(HostRefusedError, match=told):
        steps.require_upgradable(while_open=True)
    assert [] == said(host)


def test_a_machine_without_systemd_is_refused(host, monkeypatch):
    """Nobody would start the processes again."""
    monkeypatch.setattr(steps, "booted_by_systemd", lambda: False)
    with pytest.raises(HostRefusedError, match="systemd does not run"):
        steps.require_upgradable(while_open=True)
    assert [] == said(host)


def test_an_open_wave_is_named_and_hinders_unless_somebody_insists(host):
    """The refusal names study and wave; `--while-open` and a closed wave are let through."""
    steps.require_upgradable(while_open=False)
    waves(host, "open")
    with pytest.raises(HostRefusedError, match=r"q26/1: a wave is open"):
        steps.require_upgradable(while_open=False)
    steps.require_upgradable(while_open=True)
