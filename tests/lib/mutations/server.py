"""
Runs pytest in processes forked from this one, which has the libraries loaded already: half of a quick test's time.

A program of its own (`python server.py`), so that nothing of the checkout is loaded: only what a mutated copy holds.
Reads one job a line as JSON, `{"tree", "tests", "report", "output", "scratch", "seconds"}`, and answers each with a
line. The report is JSON: for each test that ended, `{"test", "when", "outcome", "error"}`, error the exception's class.
"""

import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

# Where it is not set OpenDP turns Rust's backtraces on at its import, which analysis/noise/noise.py sees to elsewhere.
os.environ |= {"RUST_BACKTRACE": "0", "OPENBLAS_NUM_THREADS": "1"}
LIBRARIES = (
    *("alembic.command", "babel.messages.pofile", "click.testing", "cryptography.hazmat.primitives.hpke"),
    *("flask.testing", "flask_wtf", "jinja2", "lxml.etree", "mnemonic", "numpy", "opendp.prelude", "openpyxl"),
    *("PIL.Image", "psycopg", "pydantic", "rich.console", "scipy.optimize", "scipy.stats", "sqlmodel", "yaml"),
)
"""What tests import most; not what pytest rewrites, such as the packages of its plugins."""


class Recorder:
    """Notes how each test ended, and by which exception."""

    def __init__(self) -> None:
        self.ended: list[dict[str, str]] = []

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note a test's call, and what failed or was skipped around it."""
        report = (yield).get_result()
        if report.when == "call" or report.outcome != "passed":
            error = call.excinfo.type.__name__ if call.excinfo else ""
            ended = {"test": item.nodeid, "when": report.when, "outcome": report.outcome, "error": error}
            self.ended.append(ended)


def _redirect(output: str) -> None:
    """Send what the tests print to a file."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - stays for as long as the process


def run(job: dict[str, Any]) -> int:
    """Run a job's tests in this process; return pytest's exit code."""
    os.setpgid(0, 0)
    signal.alarm(job["seconds"])
    _redirect(job["output"])
    os.chdir(job["tree"])
    sys.path[0] = job["tree"]
    os.environ["PYTHONPATH"] = job["tree"]
    recorder = Recorder()
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "", f"--basetemp={job['scratch']}"]
    stop = ["-x"] if len(job["tests"]) == 1 else []
    try:
        return int(pytest.main([*options, *stop, *job["tests"]], plugins=[recorder]))
    finally:
        # pytest raises at its end for what a failed test left open: how the tests ended is known by then.
        with open(job["report"], "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(recorder.ended, file)


def end_what_is_left(tree: str) -> None:
    """
    End what still runs out of a copy: a test that is broken off leaves servers, which have their own sessions.

    Look again until nothing is there: what starts during a look is missed by it, and what is killed takes a moment.
    """
    deadline = time.monotonic() + 10
    while _killed(os.fsencode(tree)) and time.monotonic() < deadline:
        time.sleep(0.02)


def _killed(tree: bytes) -> int:
    """Kill what names the copy in its command; return how many these were."""
    number = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if tree in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
                number += 1
    return number


def serve() -> None:
    """Fork a process for each job; when it has ended, end what it left behind."""
    for line in sys.stdin:
        job, child = json.loads(line), os.fork()
        if not child:
            os._exit(run(job))
        os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        end_what_is_left(job["tree"])
        print("done", flush=True)


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    serve()
