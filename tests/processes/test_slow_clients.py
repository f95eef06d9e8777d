"""900 clients that send a byte at a time, before the shipped front of a whole host: nobody else waits for them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hosts.collection import STUDY
from traffic import slow_clients
from whole_host.fieldwork import opened
from whole_host.installed_host import InstalledHost, installed_host

pytestmark = pytest.mark.long
SLOW, PROBES, ROUNDS = 900, 60, 3
PROBE = "%{http_code} %{time_total}\\n"


@pytest.fixture(scope="module")
def host() -> Iterator[InstalledHost]:
    with installed_host() as running:
        yield running


@contextmanager
def held(host: InstalledHost, number: int) -> Iterator[None]:
    """Have so many slow clients hold a connection each."""
    arguments = json.dumps([number, "/root/tls/fullchain.pem"])
    command = [*host.entered, sys.executable, slow_clients.__file__, arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        while int(process.stdout.readline()) < number * 0.95:
            pass
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def probes(host: InstalledHost) -> list[tuple[str, float]]:
    """Ask for the page of a study again and again, each time by a new connection; return status and seconds."""
    address = f"https://survey.example/s/{STUDY}"
    found = []
    for _ in range(PROBES):
        said = host.ask(address, "-o", "/dev/null", "-m", "5", "-w", PROBE).split()
        found.append((said[0], float(said[1])))
    return found


def late(found: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [one for one in found if one[0] != "200" or one[1] >= 1.0]


def test_nobody_waits_for_900_slow_clients(host, settings):
    """Half send a header, half a body, a byte in four seconds: every probe gets its page within a second.

    A machine that does other things may be late by itself: it may be in two rounds of three.
    """
    opened(host, settings)
    with held(host, SLOW):
        rounds = [probes(host) for _ in range(ROUNDS)]
    print([max(seconds for _, seconds in one) for one in rounds], [len(late(one)) for one in rounds])
    assert [] == min((late(one) for one in rounds), key=len)


def test_a_front_that_hands_on_what_it_has_not_read_is_held(host):
    """Control: where nginx asks the process behind before it has the whole body, slow ones hold that process."""
    host.shell("sed -i '$aproxy_request_buffering off;' /etc/nginx/sotto/tls.inc; kill -HUP $(cat /run/nginx.pid)")
    with held(host, SLOW):
        assert len(late(probes(host)[:10])) > 5
