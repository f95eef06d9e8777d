"""The desk's page of the server: what the last look found, since when, and in one line on the first page."""

import json
import re

import pytest
from click.testing import CliRunner
from hosts.applications import desk_app
from hosts.desk_client import get, sign_in
from hosts.published_life import hand_in

from crypto.canonical import canonical
from survey.commands.main import main
from survey.document import today
from survey.office_db.health import HealthReport, HostFindings, keep_report, newest_report, with_days
from survey.office_db.tables import documents_of_kind, store_document
from survey.operations.transaction import office_session
from survey.service.doctor import machine
from survey.service.doctor.host_view import HostView

ALARM = "Something is wrong with this server."
ROOM = {"name": "room", "state": "wrong", "found": "less than 15% is free", "why": "it fills", "mend": "make room"}
SWAP = {"name": "swap", "state": "fine", "found": "", "why": "", "mend": ""}


class Today:
    """A clock of real days, which commands write too; tests move it by days."""

    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> int:
        return (today().toordinal() - 719_163 + self.days) * 86_400 + 43_200


@pytest.fixture
def clock():
    return Today()


@pytest.fixture
def staff(collection, clock):
    app = desk_app(collection.settings, clock)
    client = app.test_client()
    assert 303 == sign_in(client).status_code
    yield client
    app.extensions["sotto"].engine.dispose()


def findings(*checks: dict[str, str]) -> HostFindings:
    return HostFindings.from_bytes(canonical({"format": "sotto-findings-1", "checks": list(checks)}))


def take(collection, *checks: dict[str, str]):
    """Hand findings over as root's `sotto doctor --keep` does, by the command of the staff's account."""
    env = {"SOTTO_HOME": str(collection.settings.public.parent)}
    return CliRunner().invoke(main, ["health", "--take", "-"], env=env, input=findings(*checks).to_bytes())


def shown(staff) -> tuple[str, bool]:
    """Return the server's page, and whether the first page says that something is wrong."""
    return get(staff, "/server?lang=en").text, ALARM in get(staff, "/?lang=en").text


def test_nobody_has_looked_yet(staff):
    """Before the first look the page says so, with the command, and the first page raises no alarm."""
    page, alarm = shown(staff)
    assert "Nobody has looked at this server yet." in page
    assert "sudo sotto doctor --keep" in page
    assert not alarm


def test_each_check_is_shown_with_what_to_do(staff, collection):
    """What is wrong stands with its reason and remedy; once it is mended page and first page are quiet again."""
    assert 0 == take(collection, ROOM, SWAP).exit_code
    page, alarm = shown(staff)
    assert alarm
    assert all(text in page for text in ("less than 15% is free", "it fills", "make room", ">swap<", "0.1.0"))
    assert 0 == take(collection, ROOM | {"state": "fine"}, SWAP).exit_code
    page, alarm = shown(staff)
    assert "Nothing is wrong." in page
    assert not alarm


def test_whether_alarms_reach_anybody_is_said(staff, collection):
    """By the check of that name: sent, to nobody, or wrong; without it nothing is said of alarms."""
    said = {}
    for state in ("fine", "not here", "wrong", None):
        take(collection, *([SWAP | {"name": "alarm", "state": state}] if state else [SWAP]))
        row = shown(staff)[0].partition(">Alarms</th><td>")[2]
        said[state] = row.partition("<")[0]
    nobody = "go to nobody: no address was named when the server was set up"
    assert {"fine": "are sent to whoever runs the server", "not here": nobody, "wrong": "wrong", None: ""} == said


def test_a_look_that_is_old_is_said_to_be(staff, collection, clock):
    """The next day it is still good; the day after it is an alarm, and so is one that is dated ahead."""
    take(collection, SWAP)
    stale = {}
    for clock.days in (-1, 0, 1, 2):
        sign_in(staff)
        page, alarm = shown(staff)
        stale[clock.days] = ("older than a day" in page, alarm)
    assert {-1: (True, True), 0: (False, False), 1: (False, False), 2: (True, True)} == stale


def test_since_is_the_day_of_the_first_look_that_found_the_same(collection):
    """A fault that stays keeps its day, one that comes back has a new one; only the newest report is kept."""
    since = []
    with office_session(collection.settings) as session:
        for day, state in (("28", "wrong"), ("29", "wrong"), ("30", "fine"), ("31", "wrong")):
            before = newest_report(session)
            checks = with_days(findings(ROOM | {"state": state}), before, f"2026-10-{day}")
            since.append(checks[0].since)
            report = {"format": "sotto-health-1", "day": f"2026-10-{day}", "versions": {}, "backed_up": None}
            keep_report(session, HealthReport(**report, log=None, checks=checks))
        assert ["2026-10-28", "2026-10-28", "2026-10-30", "2026-10-31"] == since
        assert 1 == len(documents_of_kind(session, "health"))


def test_the_log_and_its_witnesses_are_shown(staff, collection):
    """The head of the log stands there as it is published, with who stands in for the host; a fault is an alarm."""
    collection.open_wave()
    take(collection, SWAP)
    page, alarm = shown(staff)
    checked = CliRunner().invoke(main, ["log", "verify", str(collection.settings.public), "--mirror", "--json"])
    assert json.loads(checked.stdout)["root"] == re.search(r'class="hash">([0-9a-f]{64})<', page)[1]
    assert "names no witnesses" in page
    assert not alarm
    (collection.settings.public / "log" / "heads" / "1").unlink()
    take(collection, SWAP)
    page, alarm = shown(staff)
    assert "log/heads/1 is missing" in page
    assert alarm


def test_nothing_that_is_kept_moves_when_somebody_answers(collection, monkeypatch):
    """
    Two looks with an answer between them keep the same bytes, and what a check of room finds has no number of its disk.

    The control: a wave that closes between two looks is in the log, and so in what is kept.
    """
    monkeypatch.setattr(machine, "LEAST_FREE", 2.0)
    rooms = [one for one in machine.machine_checks() if one.name == "room /var/log"]
    assert ["of the disk of /var/log less than 200% is free (df -h /var/log)"] == [
        one.look(HostView()) for one in rooms
    ]
    collection.open_wave()

    def kept() -> bytes:
        take(collection, SWAP)
        with office_session(collection.settings) as session:
            return documents_of_kind(session, "health")[0]

    before = kept()
    hand_in(collection, 1, 3)
    assert before == kept()
    collection.box(collection.settings.public.parent / "wave.box")
    assert before != kept()


def test_what_a_check_says_is_shown_as_text(staff, collection):
    """A finding can repeat what a program said: markup in it adds no element."""
    evil = "<img src=x onerror=alert(1)>"
    take(collection, {"name": evil, "state": "wrong", "found": evil, "why": evil, "mend": evil})
    page = get(staff, "/server").text
    assert "<img" not in page
    assert 5 == page.count("&lt;img")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"checks":[],"format":"sotto-findings-2"}', b'{"checks": [], "format": "sotto-findings-1"}',
     canonical({"format": "sotto-findings-1", "checks": [ROOM | {"state": "good"}]}),
     canonical({"format": "sotto-findings-1", "checks": [ROOM | {"count": 3}]})],
)  # fmt: skip
def test_what_are_no_findings_is_refused(staff, collection, content):
    """Another format, bytes that are not canonical, a state or a member that is none: nothing is kept."""
    env = {"SOTTO_HOME": str(collection.settings.public.parent)}
    refused = CliRunner().invoke(main, ["health", "--take", "-"], env=env, input=content)
    assert 0 != refused.exit_code
    assert "no valid host findings document" in refused.output
    assert "Nobody has looked at this server yet." in get(staff, "/server?lang=en").text


def test_a_report_of_another_version_is_an_alarm(staff, collection):
    """What cannot be read is not shown in part; the next look takes its place."""
    with office_session(collection.settings) as session:
        store_document(session, "health", b'{"format":"sotto-health-9"}')
    page, alarm = shown(staff)
    assert "written by another version" in page
    assert alarm
    assert 0 == take(collection, SWAP).exit_code
    assert "Nothing is wrong." in shown(staff)[0]


def test_the_command_tells_the_same(collection):
    """Whoever runs the host reads the report there: it ends with 5 until all is well."""
    env = {"SOTTO_HOME": str(collection.settings.public.parent)}
    assert 5 == CliRunner().invoke(main, ["health"], env=env).exit_code
    take(collection, ROOM)
    told = CliRunner().invoke(main, ["health"], env=env)
    assert 5 == told.exit_code
    assert "make room" in told.output
    take(collection, SWAP)
    assert 0 == CliRunner().invoke(main, ["health"], env=env).exit_code
