"""Who seizes the machine after a wave's life: every secret of that life, noted as it passes, and where it is sought."""

import contextlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from adversaries.profile_search import contents, files, spellings
from analysis.custody.share_files import read_share
from crypto import custody
from crypto.word_codes import write_words
from survey.demo import phones as rehearsal_phones
from survey.demo import rehearsal
from survey.http_client import Client, HttpResponse
from survey.simulation import tokens

AGENT, ADDRESS, FORWARDED = "zagent/7731", "127.7.7.31", "203.0.113.77"
KEPT = 9
TIME = re.compile(rb"20\d\d-\d\d-\d\d[T ]\d\d:?\d\d|\d\d:\d\d:\d\d|\d\d/\w{3}/20\d\d")
SECONDS = range(1_500_000_000, 4_000_000_000)


class Secrets:
    """What must be nowhere afterwards, by its kind; `seconds` is when it began and ended."""

    def __init__(self) -> None:
        self.kinds: dict[str, list[str | bytes]] = {"visitors": [AGENT, ADDRESS, FORWARDED, "Mozilla/5.0"]}

    def note(self, kind: str, *secrets: str | bytes) -> None:
        """Remember some of each kind: the first ones, and the last."""
        held = self.kinds.setdefault(kind, [])
        held[KEPT:] = secrets

    def kinds_in(self, *places: Path) -> set[str]:
        """Return the kinds of secrets of which one is in a file under `places`, in any encoding, also compressed."""
        held = b"\n".join(text for place in places for path in within(place) for text in contents(path.read_bytes()))
        hits = {kind for kind, those in self.kinds.items() if any(way in held for one in those for way in ways(one))}
        timed = TIME.search(held) or any(map(stamped, databases(*places)))
        return hits | ({"times"} if timed else set())

    def shown(self, seen: set[bytes]) -> set[str]:
        """Return the kinds of secrets of which one is in a command line or an environment."""
        held = b"\n".join(seen)
        return {kind for kind, those in self.kinds.items() if any(way in held for one in those for way in ways(one))}


def ways(secret: str | bytes) -> list[bytes]:
    """Return how a secret may be spelt."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    return [*spellings(secret), raw.hex().encode(), raw.hex().upper().encode()]


def within(place: Path) -> list[Path]:
    return [place] if place.is_file() else files(place)


def databases(*places: Path) -> list[Path]:
    return [path for place in places for path in within(place) if path.suffix == ".sqlite"]


def stamped(path: Path) -> bool:
    """Say whether any cell of a database is a time of day: Unix seconds or finer, or a text that holds one."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = [cell for table in tables for row in database.execute(f'SELECT * FROM "{table}"') for cell in row]
    return any(is_time(cell) for cell in cells)


def is_time(cell: object) -> bool:
    if isinstance(cell, int | float):
        return any(int(cell) // unit in SECONDS for unit in (1, 10**3, 10**6, 10**9))
    return isinstance(cell, str) and bool(TIME.search(cell.encode()))


@contextlib.contextmanager
def noting(secrets: Secrets) -> Iterator[None]:
    """Record all secrets that the rehearsal's simulated phones and staff handle; each visitor has recognisable ones."""
    patched = pytest.MonkeyPatch()
    try:
        _note_phones(patched, secrets)
        _note_hands(patched, secrets)
        _mark_visitors(patched)
        yield
    finally:
        patched.undo()


def _note_phones(patched: pytest.MonkeyPatch, secrets: Secrets) -> None:
    sign, seal, hashed = rehearsal_phones.Phones._sign, tokens.InvitedPhone.seal, tokens.owner_hash

    def signed(phones, code: str, blinded: bytes) -> bytes:
        signature = sign(phones, code, blinded)
        secrets.note("codes", code)
        secrets.note("blinded messages", blinded, signature)
        return signature

    def sealed(invited, payload: bytes, *rest):
        secrets.note("answers", payload[6:], payload[6:70])
        return seal(invited, payload, *rest)

    def owned(w: bytes) -> bytes:
        secrets.note("owner secrets", w)
        return hashed(w)

    patched.setattr(rehearsal_phones.Phones, "_sign", signed)
    patched.setattr(tokens.InvitedPhone, "seal", sealed)
    patched.setattr(tokens, "owner_hash", owned)


def _mark_visitors(patched: pytest.MonkeyPatch) -> None:
    """Have everything that this process posts come from one address and say who sends it."""
    post, connect = Client.post, HTTPConnection.connect
    marks = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED}

    def marked(client: Client, address: str, body: bytes, headers: dict[str, str] | None = None) -> HttpResponse:
        return post(client, address, body, marks | (headers or {}))

    def connected(connection: HTTPConnection) -> None:
        connection.source_address = (ADDRESS, 0)
        connect(connection)

    patched.setattr(Client, "post", marked)
    patched.setattr(HTTPConnection, "connect", connected)


def _note_hands(patched: pytest.MonkeyPatch, secrets: Secrets) -> None:
    derive, release = rehearsal.owner_secret, rehearsal.release

    def derived(places, *rest) -> bytes:
        w = derive(places, *rest)
        written = b"".join(place.to_bytes(2, "big") for place in places)
        secrets.note("eight words", write_words(places, "en"), write_words(places, "zh-Hans"), written)
        secrets.note("owner secrets", w)
        return w

    def released(story, witnesses):
        shares = [read_share(path) for path in story.folder.share_files(1)]
        secrets.note("share words", *shares, *(" ".join(share.split()[8:14]) for share in shares))
        secrets.note("seeds", custody.combine(shares[:2]))
        return release(story, witnesses)

    patched.setattr(rehearsal, "owner_secret", derived)
    patched.setattr(rehearsal, "release", released)


class Processes:
    """Watches this process's descendants: what they show, and the size of core file that gunicorn's may write."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.cores: dict[int, str] = {}
        self._end = threading.Event()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the process list again and again until the block ends."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            for process in descendants(Path("/proc/self")):
                with contextlib.suppress(OSError):
                    self._look(process)

    def _look(self, process: Path) -> None:
        command = (process / "cmdline").read_bytes()
        self.seen |= {command, (process / "environ").read_bytes()}
        if b"gunicorn" in command:
            limits = (process / "limits").read_text().splitlines()
            self.cores[int(process.name)] = next(line for line in limits if line.startswith("Max core")).split()[4]


def descendants(process: Path) -> Iterator[Path]:
    """Yield all processes under one."""
    with contextlib.suppress(OSError):
        for task in (process / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield Path("/proc") / child
                yield from descendants(Path("/proc") / child)


def until_seen(processes: Processes, mark: bytes, seconds: float = 5) -> bool:
    """Wait until a command line with `mark` was seen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not any(mark in one for one in processes.seen):
        time.sleep(0.05)
    return any(mark in one for one in processes.seen)
