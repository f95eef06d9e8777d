"""`sotto demo` runs the whole path in one command, again and again, and leaves nothing running."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from kinds import in_long

SOTTO = [sys.executable, "-c", "from survey.commands.main import main; main(prog_name='sotto')"]
KEYS = {
    "responses",
    "stored",
    "opened",
    "invalid",
    "tables",
    "rho",
    "curve",
    "epsilon",
    "release",
    "box",
    "plan",
    "verified",
    "seconds",
}


def once(folder: Path, responses: int = 120) -> subprocess.CompletedProcess[str]:
    command = [*SOTTO, "demo", "--responses", str(responses), "--once", "--json", "--dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def children_of(pid: int) -> set[int]:
    """Return every process whose session was begun below `pid`, by walking the process table."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    family, grew = {pid}, True
    while grew:
        more = {child for child, parent in parents.items() if parent in family} - family
        family |= more
        grew = bool(more)
    return family - {pid}


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the demo once; return its folder and what came of it."""
    folder = tmp_path_factory.mktemp("ran") / "demo"
    return folder, once(folder)


def test_one_run_takes_every_answer_the_whole_way(ran):
    """All answers are stored and opened, and the release is verified."""
    _, result = ran
    assert (0, "") == (result.returncode, result.stderr)
    summary = json.loads(result.stdout)
    assert KEYS == summary.keys()
    assert (120, 120, 120, 0, 12, True) == tuple(
        summary[key] for key in ("responses", "stored", "opened", "invalid", "tables", "verified")
    )
    assert 0.0399 < summary["rho"] <= 0.04


def test_a_folder_with_other_files_is_not_emptied(tmp_path):
    """The demo makes its own folder anew and refuses any other, saying what to do."""
    (tmp_path / "thesis.txt").write_text("years of work")
    result = once(tmp_path)
    assert 3 == result.returncode
    assert "--dir" in result.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_a_taken_port_is_a_clear_message(tmp_path):
    """Where another program has the port, the demo names it and the option, before it makes anything."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [*SOTTO, "demo", "--port", str(port), "--dir", str(tmp_path / "demo")]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert 3 == result.returncode
    assert f"port {port} on 127.0.0.1 is taken" in result.stderr
    assert "--port" in result.stderr
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("end", [signal.SIGINT, *in_long(signal.SIGTERM)], ids=["Ctrl-C", "SIGTERM"])
def test_ending_the_demo_leaves_nothing_running(ran, end):
    """The folder of one run serves the next, with a page at once; no other takes it; ended, it leaves no process."""
    folder, _ = ran
    ports = [free_port(), free_port()]
    command = [*SOTTO, "demo", "--responses", "30", "--dir", str(folder), "--port", str(ports[0])]
    # Whoever started the tests in the background of a shell has them ignore Ctrl-C, and a child inherits that.
    heed = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    child = subprocess.Popen(
        [*command, "--desk-port", str(ports[1])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed,  # noqa: PLW1509 - no threads here
    )
    try:
        output, desk = "", b""
        for line in child.stderr:
            output += line
            if "/login" in line and not desk:
                desk = urllib.request.urlopen(line.split()[0], timeout=60).read()
                assert "Closing the wave" not in output
            if "Ctrl-C ends the demo" in line:
                break
        second = once(folder, 10)
        assert (3, True) == (second.returncode, "a demo is running in" in second.stderr), (second.stderr, output)
        assert b"password" in desk
        accounts = re.findall(r"(owner|researcher): user (\S+)   password (\S+)", output.partition("Sign in to")[2])
        links = {role: desk_links(ports[1], name, password) for role, name, password in accounts}
        assert {"owner": True, "researcher": False} == {role: "/people" in found for role, found in links.items()}
        family = children_of(child.pid)
        assert len(family) >= 4, output
        os.kill(child.pid, end)
        rest = child.communicate(timeout=60)[1]
    finally:
        for pid in (child.pid, *children_of(child.pid)) if child.poll() is None else ():
            os.kill(pid, signal.SIGKILL)
    assert "nothing is left running" in rest
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in family):
        time.sleep(0.1)
    assert [] == [pid for pid in family if Path(f"/proc/{pid}").exists()]


def desk_links(port: int, name: str, password: str) -> set[str]:
    """Sign in to the demo's desk as an account; return the paths that its first page links to."""
    desk, browser = f"http://localhost:{port}", build_opener(HTTPCookieProcessor())
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.open(f"{desk}/login").read().decode())
    form = urlencode({"csrf_token": token[0], "name": name, "password": password}).encode()
    page = browser.open(Request(f"{desk}/login", form, {"Origin": desk}), timeout=60).read().decode()
    return set(re.findall(r'href="(/[^"?]*)"', page))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
