"""Watches the files that a preview shows, and reads them again when one was saved."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

INTERVAL = 0.1
"""Seconds between two looks; a change is read once a second look finds it unchanged."""
BESIDE = ("audio/**/*", "pictures/**/*", "media/**/*", "*.csv")
"""What a questionnaire or a form may read beside its own file."""
MOST = 2000
Signature = tuple[tuple[str, int, int], ...]


@contextmanager
def watching(file: Path, read: Signature, changed: Callable[[], None]) -> Iterator[None]:
    """Call `changed` from a thread of its own whenever `file`, or a file that it may use, is other than at `read`."""
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(file, read, changed, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(file: Path, read: Signature, changed: Callable[[], None], ended: threading.Event) -> None:
    shown = before = read
    while not ended.wait(INTERVAL):
        now = signature(file)
        # Editors write a file in several steps: what is read has stood still for one interval.
        if now == before != shown:
            shown = now
            changed()
        before = now


def signature(file: Path) -> Signature:
    """Return names, times of change in nanoseconds and sizes of the file and of what may belong to it."""
    beside = (path for pattern in BESIDE for path in sorted(file.parent.glob(pattern))[:MOST])
    return tuple(entry for path in (file, *beside) if (entry := _entry(path)))


def _entry(path: Path) -> tuple[str, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return str(path), stat.st_mtime_ns, stat.st_size
