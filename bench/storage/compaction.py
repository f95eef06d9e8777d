"""Compaction while four posters hand in: their longest wait, log and disk, beside the same posters alone."""

import argparse
import hashlib
import json
import logging
import multiprocessing
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/lib"))

from hosts.pgserver import running_server
from sqlalchemy import text

from crypto.envelope import SUITE, Record, envelope_size, record_size
from crypto.record_rules import RecordRules
from survey.answers_db import insert_only, owner_access
from survey.answers_db.compaction import compact
from survey.answers_db.store_errors import StoreError
from survey.database.migration import migrate
from survey.settings import Settings

KEY_ID = b"\x07" * 8
PLAINTEXT = 256
POSTERS = 4
SETTLE = 3.0
"""Seconds of traffic before compaction begins."""


@dataclass(frozen=True)
class Place:
    """Where a database is: its addresses, the folder with all of its files, and which of them are its log."""

    owner: str
    respond: str
    folder: Path
    log: str

    def size(self, pattern: str = "*") -> int:
        """Return the bytes in files of a kind; a file that goes while we look counts nothing."""
        return sum(_size(path) for path in self.folder.rglob(pattern))


@dataclass
class Outcome:
    """What posters saw: the seconds of each hand-in, by when it began, and the keys of what was acknowledged."""

    waits: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    keys: list[bytes] = field(default_factory=list)


def _size(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512 if path.is_file() and not path.is_symlink() else 0
    except OSError:
        return 0


def record() -> tuple[bytes, bytes]:
    """Return a row as a host sees it: the right version, suite and key id; it cannot tell what is inside."""
    head = SUITE + KEY_ID
    envelope = head + secrets.token_bytes(envelope_size(PLAINTEXT) - len(head))
    one = Record.open_link(envelope)
    return one.row_key, one.to_bytes()


@contextmanager
def sqlite_place() -> Iterator[Place]:
    """Make an empty database in one file."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.from_environ({"SOTTO_HOME": name})
        migrate(settings)
        yield Place(settings.answers_url, settings.answers_url, Path(name), "*-wal")


@contextmanager
def postgres_place() -> Iterator[Place]:
    """Start a server of its own with the settings that we ship."""
    with running_server() as server:
        owner, office = (server.url(f"sotto_{name}", "sotto_owner") for name in ("answers", "office"))
        migrate(Settings.from_environ({"SOTTO_ANSWERS_URL": owner, "SOTTO_OFFICE_URL": office}))
        yield Place(owner, server.url("sotto_answers", "sotto_respond"), server.data, "pg_wal/*")


PLACES = {"sqlite": sqlite_place, "postgres": postgres_place}


def post(place: Place, pause: float, stop: Event, answer: "multiprocessing.Queue[Outcome]") -> None:
    """Hand in one row after the other until told to stop; send what came of it."""
    engine, outcome = insert_only.connect_respond(place.respond), Outcome()
    while not stop.is_set():
        key, content = record()
        began = time.monotonic()
        try:
            insert_only.insert_record(engine, KEY_ID, key, content)
            outcome.keys.append(key)
        except StoreError:
            outcome.refused += 1
        outcome.waits.append((began, time.monotonic() - began))
        time.sleep(pause)
    answer.put(outcome)


def fill(place: Place, rows: int) -> int:
    """Store so many rows in the order of their arrival; return the bytes that the database takes for them."""
    owner = owner_access.connect_owner(place.owner)
    owner_access.start_accepting(owner, KEY_ID, record_size(PLAINTEXT))
    before = place.size()
    owner_access.insert_records(owner, KEY_ID, (record() for _ in range(rows)))
    owner.dispose()
    return place.size() - before


def work(place: Place, started: float, seconds: "multiprocessing.Queue[tuple[float, float]]") -> None:
    """Compact, in a process of its own as the timer does."""
    steps: list[tuple[float, str]] = []
    handler = logging.Handler()
    handler.emit = lambda said: steps.append((said.created, said.getMessage()))  # type: ignore[method-assign]
    logger = logging.getLogger("survey.database.compaction")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    rules = {KEY_ID: RecordRules.of(bytes(32), KEY_ID, PLAINTEXT, None)}
    owner = owner_access.connect_owner(place.owner)
    compact(owner, rules)
    owner.dispose()
    # Between these two nobody can write: on PostgreSQL to that table, the longest of which counts.
    locked = [at for at, said in steps if said.startswith(("exchanging", "exchanged", "moved"))]
    seconds.put(
        (time.monotonic() - started, max(end - begin for begin, end in zip(locked[::2], locked[1::2], strict=True)))
    )


def watched(place: Place, child: multiprocessing.Process) -> tuple[int, int]:
    """Return the most bytes of log, and of everything, while a process runs."""
    log = everything = 0
    while child.is_alive():
        log, everything = max(log, place.size(place.log)), max(everything, place.size())
        time.sleep(0.05)
    return log, everything


def measure(kind: str, rows: int, pause: float) -> dict[str, object]:
    """Fill a database, hand in with four posters, and compact it meanwhile."""
    with PLACES[kind]() as place:
        table = fill(place, rows)
        stop: Event = multiprocessing.Event()
        answers: multiprocessing.Queue[Outcome] = multiprocessing.Queue()
        posters = [multiprocessing.Process(target=post, args=(place, pause, stop, answers)) for _ in range(POSTERS)]
        for poster in posters:
            poster.start()
        time.sleep(SETTLE)
        began, disk = time.monotonic(), place.size()
        seconds: multiprocessing.Queue[tuple[float, float]] = multiprocessing.Queue()
        child = multiprocessing.Process(target=work, args=(place, began, seconds))
        child.start()
        log, most = watched(place, child)
        ended = time.monotonic()
        # As long without compaction: a machine that does other things has its own longest wait.
        time.sleep(ended - began)
        stop.set()
        outcomes = [answers.get() for _ in posters]
        for poster in posters:
            poster.join()
        took, locked = seconds.get(timeout=1)
        return {
            "database": kind,
            "rows": rows,
            "compaction_seconds": round(took, 1),
            "exchange_ms": round(locked * 1e3, 1),
            **_waits(outcomes, began, ended),
            "refused": sum(one.refused for one in outcomes),
            "lost": _lost(place, outcomes),
            "log_by_table": round(log / table, 3),
            "disk_by_table": round((most - disk + table) / table, 2),
            "table_bytes": table,
        }


def _waits(outcomes: list[Outcome], began: float, ended: float) -> dict[str, object]:
    alone = sorted(wait for one in outcomes for at, wait in one.waits if at >= ended)
    during = sorted(wait for one in outcomes for at, wait in one.waits if began <= at < ended)
    ranks = {"median": 0.5, "p99": 0.99, "longest": 1.0}
    of = {name: (_rank(alone, rank), _rank(during, rank)) for name, rank in ranks.items()}
    return {
        "hand_ins": {"alone": len(alone), "during": len(during)},
        "wait_ms": {name: {"alone": round(a * 1e3, 1), "during": round(b * 1e3, 1)} for name, (a, b) in of.items()},
        "median_ratio": round(statistics.median(during) / statistics.median(alone), 2),
    }


def _rank(waits: list[float], rank: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * rank))]


def _lost(place: Place, outcomes: list[Outcome]) -> int:
    owner = owner_access.connect_owner(place.owner)
    with owner.connect() as connection:
        kept = {
            hashlib.sha256(key).digest() for key in connection.execute(text("SELECT row_key FROM sealed")).scalars()
        }
    owner.dispose()
    return sum(hashlib.sha256(key).digest() not in kept for one in outcomes for key in one.keys)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=[*PLACES], action="append")
    parser.add_argument("--pause", type=float, default=0.02, help="Seconds between two hand-ins of one poster.")
    arguments = parser.parse_args()
    for kind in arguments.database or [*PLACES]:
        print(json.dumps(measure(kind, arguments.rows, arguments.pause)), flush=True)
