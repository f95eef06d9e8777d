"""`sotto doctor` on a whole host: nothing to mend where nothing is wrong, and each check sees its planted fault."""

import json
from collections.abc import Iterator
from subprocess import CompletedProcess

import pytest
from whole_host.installed_host import InstalledHost, installed_host
from whole_host.planted_faults import MISSED, WRONG_BELOW, WRONG_FRONT, WRONG_INSIDE

from survey.service.answers import HostAnswers
from survey.service.doctor.check import Check, State, results
from survey.service.doctor.host_view import HostView, directives, whole_configuration
from survey.service.doctor.outside import outside_checks
from survey.service.doctor.table import inside_checks

pytestmark = pytest.mark.slow
RELOAD = "nginx -t -q && kill -HUP $(cat /run/nginx.pid); sleep 1"
URL = "https://survey.example"
NEEDS_SYSTEMD = {"units-enabled", "units-failed"}
ELSEWHERE = {*NEEDS_SYSTEMD, "postgresql-version"}
"""Their faults are planted below in a view of the host, which has no systemd and no older PostgreSQL."""


@pytest.fixture(scope="module")
def host() -> Iterator[InstalledHost]:
    with installed_host() as running:
        running.compact()
        yield running


def plant(host: InstalledHost, faults: dict[str, set[str]]) -> set[str]:
    """Plant faults; return the names of the checks that must see them."""
    host.shell("\n".join(faults))
    return {name for names in faults.values() for name in names}


def seen(found: dict[str, str], *states: str) -> set[str]:
    """Return which checks found something wrong, without the address that stands behind a name."""
    return {name.partition(" https://")[0] for name, state in found.items() if state in (states or ("wrong",))}


def require_kept(host: InstalledHost) -> None:
    """Root's look is kept by the staff's account, and the desk's role reads it and can neither change nor drop it."""
    report = json.loads(host.shell("sotto health --json"))
    assert 100 <= len(report["checks"])
    assert {"fine", "not here"} == {one["state"] for one in report["checks"]}

    def asked(query: str) -> CompletedProcess[str]:
        return host.psql("sotto_office", query, "sotto-desk", "sotto_desk")

    read = asked("SELECT convert_from(content, 'UTF8') FROM document WHERE kind = 'health'")
    assert report == json.loads(read.stdout)
    for statement in ("DELETE FROM document", "UPDATE document SET content = ''"):
        assert "permission denied" in asked(statement).stderr


def test_each_check_sees_its_fault_and_no_other_speaks(host):
    """A host that was installed has nothing to mend; then every check is red by a fault of its own, and only those."""
    assert set() == seen(host.doctor("--keep"), "wrong", "unknown")
    require_kept(host)
    outside = plant(host, {**WRONG_FRONT, RELOAD: set()})
    assert outside == seen(host.doctor("--url", URL), "wrong", "unknown")
    assert "trusted" in seen(host.doctor("--url", URL, trusting="/dev/null"))
    host.install()
    host.shell(RELOAD)
    missed = plant(host, MISSED)
    assert missed == seen(host.doctor(), "wrong", "unknown")
    inside = plant(host, WRONG_INSIDE)
    found = host.doctor()
    assert (inside, missed) == (seen(found), seen(found, "unknown"))
    below = plant(host, WRONG_BELOW)
    found = host.doctor()
    assert below <= seen(found)
    every = {one.name.partition(" https://")[0] for one in (*inside_checks(), *outside_checks(URL))}
    assert every == outside | missed | inside | below | {"trusted"} | ELSEWHERE
    assert len([*inside_checks(), *outside_checks(URL)]) >= 100


class StandIn(HostView):
    """A host with an older PostgreSQL, under a systemd in which nothing is enabled and something failed."""

    database_settings = {"server_version_num": "140012"}  # noqa: RUF012 - a stand-in
    answers = HostAnswers("survey.example", "desk.example", "/root/tls", "", "mei", metrics="yes")

    def say(self, *command, account="root"):
        """Say that a unit has failed."""
        failed = ("sotto-check.service", "sotto-desk.service", "sotto-alarm@nginx.service.service")
        return "".join(f"{name} loaded failed failed Sotto\n" for name in failed)

    def succeeds(self, *command, account="root"):
        """Refuse everything."""
        return False


def test_an_older_database_and_units_that_are_off_are_seen(monkeypatch):
    """What cannot be planted on the test's host is wrong in a view that stands in for it."""
    monkeypatch.setattr("survey.service.doctor.machine.booted_by_systemd", lambda: True)
    checks = [one for one in inside_checks() if one.name in ELSEWHERE]
    found = {one.check.name: (one.state, one.found) for one in results(checks, StandIn())}
    assert {State.WRONG} == {state for state, _ in found.values()}
    assert "PostgreSQL 14" in found["postgresql-version"][1]
    # Not that yesterday's check found something; but that an alarm was not taken.
    told = "sotto-desk.service has failed; sotto-alarm@nginx.service.service has failed"
    assert told == found["units-failed"][1]
    for name in ("nginx.service", "postgresql.service", "sotto-desk.service", "sotto-metrics.timer"):
        assert f"{name} is not enabled" in found["units-enabled"][1]


def test_every_check_says_why_and_what_to_do():
    """Names are unique, and each check has a reason and a command."""
    every = [*inside_checks(), *outside_checks(URL)]
    assert len({one.name for one in every}) == len(every)
    assert all(len(one.why) > 15 and len(one.mend) > 7 for one in every)


def test_a_check_that_fails_to_look_stops_no_other_and_is_not_fine():
    """A file that is not there is told as unknown, with the kind of the error and no path; the next check is made."""

    def lost(_host):
        raise FileNotFoundError("/secret/path")

    checks = [Check("one", "why", "mend", lost), Check("two", "why", "mend", lambda _host: None)]
    first, second = results(checks, HostView())
    assert (State.UNKNOWN, State.FINE) == (first.state, second.state)
    assert "FileNotFoundError" in first.found
    assert "secret" not in str(first.to_json())


def test_an_included_file_stands_where_it_is_included():
    """The reader of nginx's configuration sees a directive of an included file in the server that includes it."""
    printed = (
        "# configuration file /etc/nginx/nginx.conf:\nhttp {\n include conf.d/*.conf;\n}\n"
        "# configuration file /etc/nginx/conf.d/a.conf:\nserver { include sotto/x.inc; }\nserver { listen 1; }\n"
        "# configuration file /etc/nginx/sotto/x.inc:\naccess_log off;\n"
    )
    found = [*directives(whole_configuration(printed))]
    assert [("access_log", ("off",), 1), ("listen", ("1",), 2)] == [(one.name, one.words, one.server) for one in found]
