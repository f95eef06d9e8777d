"""Opens a box and counts a plan's tables on every core: shards go to processes, only sums come back."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from analysis.counting.contingency_tables import Counting, layouts, zeros
from analysis.counting.passes import Counts
from analysis.counting.phrases import Phrases, count_words
from analysis.opening.answers import Answers
from analysis.opening.columns import Columns
from analysis.opening.core_dumps import forbid_core_dumps
from crypto.box import BoxError, BoxFile
from crypto.errors import RefusedError
from crypto.merkle import TreeSpan
from survey.plan.plan import PhraseList, Plan
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.manifest import Manifest

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

SHARD = 16_384
"""The most records a process opens at a time: some 30 MB, whatever the box holds; counting is fastest around here."""

LEAST = 32
"""The fewest records of a shard: less is not worth the message."""

ALONE = 4096
"""Records for which one more process is worth its start (half a second)."""

Progress = Callable[[int], None]
Sums: TypeAlias = dict[str, Counts | Phrases]
"""Table or list id -> what was counted, exactly: int64 (cells,), or phrases with their numbers."""
Shard = tuple[int, int]
Pipe: TypeAlias = "Connection[Any, Any]"


class CountingFailedError(RefusedError):
    """A counting process stopped; the message names a class and nothing that was counted."""


class BoxChangedError(BoxError):
    """The records that were opened are not those of the box that was checked and is to be charged for."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} changed after it was checked: what was opened is not the box that would be paid for, so nothing "
            "was counted, spent or released. See who can write to that file, get the box again from where it was made, "
            "and compare its hash"
        )


@dataclass(frozen=True)
class SealedBox:
    """Which box is counted: where its file lies, and the tree hash and number of the records that are charged for."""

    path: Path
    root: str
    count: int

    @classmethod
    def of(cls, path: Path) -> "SealedBox":
        """Return the box at `path` as its header describes it; raise BoxError."""
        with BoxFile.open(path) as box:
            return cls(path, box.header.root, box.header.count)


@dataclass(frozen=True)
class Job:
    """What every counting process needs; the seed travels through a pipe and never through a file or an argument."""

    box: SealedBox
    manifest: Manifest
    questionnaire: Questionnaire
    plan: Plan
    seed: bytes = field(repr=False)

    def start(self) -> "tuple[Answers, Counter]":
        """Load the key and prepare the tables."""
        return Answers.of(self.seed, self.manifest, self.questionnaire), self.counter()

    def counter(self) -> "Counter":
        """Prepare what is counted, without the key."""
        return Counter(Counting.of(layouts(self.plan, self.questionnaire)), self.plan.words or ())


@dataclass(frozen=True)
class Counter:
    """What a plan asks to be counted: tables, and lists of phrases."""

    tables: Counting
    words: tuple[PhraseList, ...]

    def nothing(self) -> Sums:
        """Return sums to add chunks to."""
        return {**zeros(self.tables.tables), **{phrase_list.id: Phrases() for phrase_list in self.words}}

    def count(self, columns: Columns) -> Sums:
        """Count one chunk."""
        return {**self.tables.tabulate(columns), **count_words(columns, self.words)}


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def count_box(job: Job, *, workers: int | None = None, on_progress: Progress | None = None) -> Sums:
    """Return exact sums over the whole box, never to be shown.

    `on_progress` is called with the number of records opened, a shard at a time. Raises WrongKeyError, TableError,
    BoxChangedError where the bytes that were opened are not the records of `job.box`, and CountingFailedError where a
    process dies. Memory is bounded by one shard and the tables in each process.
    """
    totals, span = count_part(job, (0, job.box.count), workers=workers, on_progress=on_progress)
    require_charged(job.box, [span])
    return totals


def count_part(
    job: Job, part: Shard, *, workers: int | None = None, on_progress: Progress | None = None
) -> tuple[Sums, TreeSpan]:
    """Return exact sums over records `part[0]` to `part[1]`, never to be shown, and the hashes of what was opened.

    Whoever joins parts compares their hashes with the box (`require_charged`). Otherwise as `count_box`.
    """
    answers, counter = job.start()
    tell = on_progress or (lambda _: None)
    first, size = part[0], part[1] - part[0]
    workers = min(workers or cores(), -(-size // ALONE))
    shards = [(first + start, first + stop) for start, stop in _shards(size, workers)]
    if workers > 1:
        totals, spans = _count_in_processes(job, shards, workers, tell)
        return totals, joined(first, spans)
    totals, spans = counter.nothing(), []
    for shard in shards:
        spans.append(_count_shard(job, answers, counter, shard, totals))
        tell(len(spans[-1]))
    return totals, joined(first, spans)


def joined(start: int, spans: Iterable[TreeSpan]) -> TreeSpan:
    """Return runs of records that follow one another from number `start` as one; raise ValueError for a gap."""
    whole = TreeSpan.at(start)
    for span in sorted(spans, key=lambda each: (each.start, each.stop)):
        whole.extend(span)
    return whole


# Decision 86.
def require_charged(box: SealedBox, spans: Iterable[TreeSpan]) -> None:
    """Raise BoxChangedError unless the records that were opened, hashed as `spans`, are those of `box`."""
    whole = joined(0, spans)
    if (whole.root().hex(), len(whole)) != (box.root, box.count):
        raise BoxChangedError(box.path)


def _count_shard(job: Job, answers: Answers, counter: Counter, shard: Shard, totals: Sums) -> TreeSpan:
    """Add the counts of one shard to `totals`; return the hashes of the very bytes that were opened."""
    try:
        columns, span = answers.open_shard(job.box.path, *shard)
    except BoxError:  # it was whole when it was checked
        raise BoxChangedError(job.box.path) from None
    add(totals, counter.count(columns))
    return span


def _shards(size: int, workers: int) -> list[Shard]:
    """Cut `size` records so that no process has much more to do than the others at the end: the last shards are small.

    Each shard is a part of what is left (guided self-scheduling, Polychronopoulos & Kuck 1987, IEEE Trans. Comput. 36).
    """
    shards, start = [], 0
    while start < size:
        step = max(LEAST, min(SHARD, -(-(size - start) // (4 * max(workers, 1)))))
        shards.append((start, min(start + step, size)))
        start = shards[-1][1]
    return shards


def _count_in_processes(job: Job, shards: list[Shard], workers: int, tell: Progress) -> tuple[Sums, list[TreeSpan]]:
    totals, spans = job.counter().nothing(), []
    waiting = iter(shards)
    with _processes(job, workers) as pipes:
        for pipe in pipes:
            pipe.send(next(waiting, None))
        while pipes:
            for pipe in cast("list[Pipe]", wait(pipes)):
                answer = _receive(pipe, job.box)
                if isinstance(answer, TreeSpan):
                    spans.append(answer)
                    tell(len(answer))
                    pipe.send(next(waiting, None))
                else:
                    add(totals, answer)
                    pipes.remove(pipe)
    return totals, spans


@contextmanager
def _processes(job: Job, workers: int) -> Iterator[list[Pipe]]:
    # spawn: the children start clean, without the parent's memory, threads or OpenDP.
    context = multiprocessing.get_context("spawn")
    processes: list[SpawnProcess] = []
    pipes: list[Pipe] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
        yield list(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(timeout=5)
            process.kill()
            process.join()


def _receive(pipe: Pipe, box: SealedBox) -> TreeSpan | Sums:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise CountingFailedError("a counting process was killed (out of memory?): use fewer --workers") from None
    if answer == BoxChangedError.__name__:
        raise BoxChangedError(box.path)
    if isinstance(answer, str):
        raise CountingFailedError(f"a counting process stopped: {answer}")
    received: TreeSpan | Sums = answer
    return received


def _work(job: Job, pipe: Pipe) -> None:
    """Serve shards until None comes, then send the sums; a failure is sent as its class name, with nothing counted."""
    forbid_core_dumps()
    try:
        answers, counter = job.start()
        totals = counter.nothing()
        while (shard := pipe.recv()) is not None:
            pipe.send(_count_shard(job, answers, counter, shard, totals))
        pipe.send(totals)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return  # the parent is gone or is being stopped
    except BaseException as error:  # noqa: BLE001 - a traceback could show what was counted
        pipe.send(type(error).__name__)


def add(totals: Sums, counts: Sums) -> None:
    """Add sums over other records of the same box to `totals`."""
    for name, cells in counts.items():
        total = totals[name]
        if isinstance(total, dict) and isinstance(cells, dict):
            total.update(cells)
        elif not isinstance(total, dict) and not isinstance(cells, dict):
            total += cells
