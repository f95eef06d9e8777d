"""Hand-in under gunicorn against the least Flask application that stores the same bytes as durably; both in one run."""

import argparse
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load import Outcome, children, request_bytes, send_all

from crypto.envelope import SUITE, Record, body, envelope_size
from survey.demo import demo
from survey.demo.folder import DemoOptions
from survey.environment import of_process
from survey.http_client import HttpError
from survey.serving.servers import CONFIGURATION, NAMES, Server, free_port
from survey.wave.manifest import Manifest

GOAL = 0.8


@contextmanager
def gunicorn(factory: str, environ: dict[str, str], folder: Path) -> Iterator[tuple[int, list[int]]]:
    """Serve a factory with the shipped configuration; yield its port and its workers."""
    place = Server("respond", "127.0.0.1", free_port())
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "-b", f"{place.host}:{place.port}", factory]
    # Workers are never replaced in the middle of a round.
    command[5:5] = ["--max-requests", "0", "--max-requests-jitter", "0"]
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=Path(__file__).parent)
    try:
        while not _up(place):
            time.sleep(0.1)
        yield place.port, children(child.pid)
    finally:
        child.terminate()
        child.wait(60)  # longer than graceful_timeout


def _up(place: Server) -> bool:
    try:
        return place.client(5).get(f"{place.url}/healthz").ok
    except HttpError:
        return False


def bodies(manifest: Manifest, number: int) -> list[bytes]:
    """Return bodies as a host sees them: the right version, suite and key; it cannot tell what is inside."""
    head = SUITE + bytes.fromhex(manifest.key_id)
    size = envelope_size(manifest.plaintext_size) - len(head)
    return [body(Record.open_link(head + secrets.token_bytes(size))) for _ in range(number)]


def measure(rounds: int, number: int) -> dict[str, object]:
    """Run rounds of both, one after the other, and compare their medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        story = demo.start_run(DemoOptions(folder / "demo", 1, True, True, "127.0.0.1", 8000, 8001, None, 1))
        demo.prepare(story)
        manifest = demo.open_wave(story, 1, parent=None)
        path = f"/s/{demo.STUDY}"
        own = of_process(story.environ, NAMES["respond"])
        base = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parent)}
        bare = base | {"BARE_DATABASE": str(folder / "bare.sqlite")}
        with (
            gunicorn(
                "survey.respond_app.app:respond_app_from_environ()",
                base | own,
                folder,
            ) as ours,
            gunicorn("bare_app:create()", bare, folder) as rival,
        ):
            outcomes: dict[str, list[Outcome]] = {"sotto": [], "bare": []}
            for _ in range(rounds):
                for which, (port, workers) in (("sotto", ours), ("bare", rival)):
                    requests = [request_bytes(path, one, f"127.0.0.1:{port}") for one in bodies(manifest, number)]
                    outcomes[which].append(send_all(port, requests, workers))
    return summary(outcomes)


def summary(outcomes: dict[str, list[Outcome]]) -> dict[str, object]:
    """Return medians over the rounds after the first, and their ratios."""
    rate = {which: statistics.median(one.per_second for one in rounds[1:]) for which, rounds in outcomes.items()}
    cpu = {name: statistics.median(one.cpu_seconds / one.stored for one in many[1:]) for name, many in outcomes.items()}
    refused = sum(one.refused for rounds in outcomes.values() for one in rounds)
    return {
        "requests_per_second": {which: round(value) for which, value in rate.items()},
        "server_cpu_us": {which: round(value * 1e6) for which, value in cpu.items()},
        "throughput_ratio": round(rate["sotto"] / rate["bare"], 3),
        "cpu_ratio": round(cpu["bare"] / cpu["sotto"], 3),
        "refused": refused,
        "goal": GOAL,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1500)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.rounds, arguments.requests), indent=1))
