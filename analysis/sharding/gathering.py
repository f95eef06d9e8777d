"""The run's side: invites workers, gives each the seed, and adds up what they count, once all of it has come."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from analysis.counting.count_box import Job, Progress, Sums, add, require_charged
from analysis.sharding.messages import (
    KINDS,
    RunInvitation,
    SealedCounts,
    SealedSeed,
    ShardError,
    Worker,
    from_text,
    name_of,
    to_text,
    version,
)
from analysis.sharding.packing import most_records, unpack
from analysis.sharding.worker import POLL, require_same
from crypto.durable import FileTakenError, make_folder, private_mode, write_file, write_whole_new
from crypto.keys import EphemeralKey, LetterError, PublicKeyError, RunSecret, fingerprint
from crypto.merkle import TreeSpan
from crypto.sealing import seal_letter
from survey.document import Document
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire

_NAMES = re.compile(
    r"run\.json|manifest\.json|questionnaire\.json|plan\.json|shard-\d+\.(worker|seed|counts)\.[0-9a-f]{16}\.json"
)


@dataclass(frozen=True)
class ShardRun:
    """Where a run meets its workers, how many shards it has, and how many seconds it waits for all of them.

    `tell` is given a line about each key that gets the seed, and about each message that is left aside.
    """

    folder: Path
    shards: int
    secret: RunSecret = field(repr=False)
    patience: float
    tell: Callable[[str], None] = field(default=lambda _: None, repr=False)

    def require_ready(self, plan: Plan, questionnaire: Questionnaire, count: int) -> None:
        """Raise ShardError where no such run could begin: before anybody is asked for a share."""
        there = self.folder.iterdir() if self.folder.exists() else ()
        left = sorted(path.name for path in there if _NAMES.fullmatch(path.name))
        if left:
            raise ShardError(f"{self.folder} holds {left[0]} of another run: give an empty folder (nothing was spent)")
        most = most_records(plan.words or (), questionnaire)
        if most is not None and -(-count // self.shards) > most:
            raise ShardError(
                f"the plan lists words, of which a shard can seal those of {most:,} records: give --of "
                f"{-(-count // most)} or more (nothing was spent)"
            )


@dataclass
class Gathering:
    """A run that waits: whom it has answered, and what has come; everything in memory."""

    job: Job
    run: ShardRun
    invitation: RunInvitation
    key: EphemeralKey = field(repr=False)
    totals: Sums = field(repr=False)
    workers: dict[str, Worker] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    answers: dict[int, bytes] = field(default_factory=dict, repr=False)
    spans: list[TreeSpan] = field(default_factory=list, repr=False)

    def look(self) -> Iterator[int]:
        """Answer new workers and take new counts; yield how many records each shard that came has.

        A message of another run with the same secret is left aside: its worker was late, and nobody is at fault.
        """
        if not self.invitation.stands_in(self.run.folder):
            raise ShardError(
                f"{self.run.folder}: the invitation of this run is gone, or another run wrote its own over it: give "
                "each run a folder of its own, and see who else can write there (nothing was spent)"
            )
        names = sorted(path.name for path in self.run.folder.iterdir() if path.name not in self.read)
        for name in names:
            if _kind(name) == "worker":
                self._answer(self.run.folder / name)
        for name in names:
            if _kind(name) == "counts":
                yield from self._take(self.run.folder / name)
        self.read.update(name for name in names if _kind(name))

    @property
    def missing(self) -> list[int]:
        """The shards whose counts have not come."""
        return [shard for shard in range(self.run.shards) if shard not in self.answers]

    def told(self) -> str:
        """Return in words which shards are missing, and why as far as it is known."""
        met = {worker.shard for worker in self.workers.values()}
        never, silent = ([one for one in self.missing if (one in met) is known] for known in (False, True))
        parts = [f"no worker came for {_listed(never)}"] * bool(never)
        return "; ".join(parts + [f"a worker took the seed and sent no counts for {_listed(silent)}"] * bool(silent))

    def _answer(self, path: Path) -> None:
        """Give the seed to a worker that has the run's secret, software, box and numbers, or raise ShardError."""
        worker = Worker.read(path, self.run.secret)
        if worker.run != self.invitation.digest:
            self.run.tell(f"{path.name} is of another run: left aside")
            return
        if path.name != name_of(worker, "worker"):
            raise ShardError(f"{path} lies under another worker's name: it was moved (nothing was spent)")
        require_same(self.invitation, worker, f"the worker of shard {worker.shard}")
        self.workers[worker.digest] = worker
        key = from_text(worker.key, path)
        try:
            letter = seal_letter(self.job.seed, key, worker.seed_info)
        except PublicKeyError:
            raise ShardError(f"{path} holds no public key (nothing was spent)") from None
        answer = SealedSeed(format="sotto-shard-seed-1", worker=worker.digest, sealed=to_text(letter))
        self.run.tell(self._told_of(worker.shard, key))
        folder = self.run.folder
        write_file(folder / name_of(worker, "seed"), answer.tagged(self.run.secret).to_bytes(), private_mode(folder))

    def _told_of(self, shard: int, key: bytes) -> str:
        """Return the line about a key that gets the seed; `open-shard` prints the same fingerprint where it runs."""
        nth = sum(worker.shard == shard for worker in self.workers.values())
        which = f"key {nth} of shard {shard}, whose worker was started again" if nth > 1 else f"key of shard {shard}"
        return f"The seed is sealed to the {which}: {fingerprint(key)}"

    def _take(self, path: Path) -> Iterator[int]:
        """Add a shard's counts once, however often the same come; raise ShardError for any that are not its own."""
        answer = SealedCounts.read(path, self.run.secret)
        worker = self.workers.get(answer.worker)
        if worker is None:
            self.run.tell(f"{path.name} is the answer of no worker of this run: left aside")
            return
        if path.name != name_of(worker, "counts"):
            raise ShardError(f"{path} lies under another worker's name: it was moved (nothing was spent)")
        try:
            content = self.key.open(from_text(answer.sealed, path), worker.counts_info)
        except LetterError:
            raise ShardError(f"{path} does not open with the run's key: it was changed (nothing was spent)") from None
        yield from self._add(worker.shard, content)

    def _add(self, shard: int, content: bytes) -> Iterator[int]:
        part, hashed = self.invitation.part(shard), hashlib.sha256(content).digest()
        sums, span = unpack(self.job, part, content)
        known = self.answers.setdefault(shard, hashed)
        if known is hashed:
            add(self.totals, sums)
            self.spans.append(span)
            yield len(span)
        elif known != hashed:
            raise ShardError(
                f"two workers counted shard {shard} and do not agree: one of their machines counts wrongly, or its box "
                "was changed (nothing was spent)"
            )


def gather(job: Job, run: ShardRun, on_open: Progress | None = None) -> Sums:
    """Return exact sums over the whole box, as `count_box` does, counted by workers that share the run's secret.

    Raises ShardError, with nothing kept, where a worker is another's or answers nonsense, or not all come in time; and
    BoxChangedError where what they opened is not the box that will be charged for.
    """
    with _invited(job, run) as gathering:
        ends = monotonic() + run.patience
        while gathering.missing:
            for opened in gathering.look():
                if on_open:
                    on_open(opened)
            if gathering.missing and monotonic() > ends:
                raise ShardError(
                    f"after {run.patience / 60:g} minutes {gathering.told()}: see what they say where they run, then "
                    "release again with an empty folder (nothing was spent)"
                )
            sleep(POLL if gathering.missing else 0)
    require_charged(job.box, gathering.spans)
    run.tell(f"The seed was sealed to {len(gathering.workers)} keys for {run.shards} shards.")
    return gathering.totals


@contextmanager
def _invited(job: Job, run: ShardRun) -> Iterator[Gathering]:
    """Write the invitation; at the end, whatever it is, take away what lies in the folder of this run."""
    key = EphemeralKey()
    invitation = RunInvitation(
        format="sotto-shard-run-1",
        study=job.plan.study,
        wave=job.plan.wave,
        manifest=job.manifest.digest,
        plan=job.plan.digest,
        root=job.box.root,
        count=job.box.count,
        shards=run.shards,
        version=version(),
        key=to_text(key.public),
    ).tagged(run.secret)
    gathering = Gathering(job, run, invitation, key, job.counter().nothing())
    try:
        _begin(gathering)
        yield gathering
    finally:
        _clean_up(gathering)


def _begin(gathering: Gathering) -> None:
    """Write the invitation where there is none, then the documents that it names; raise ShardError for another run."""
    folder, job = gathering.run.folder, gathering.job
    make_folder(folder)
    try:
        write_whole_new(folder / "run.json", gathering.invitation.to_bytes(), private_mode(folder))
    except FileTakenError:
        raise ShardError(
            f"another run began in {folder} while this one asked for shares: give each a folder of its own (nothing "
            "was spent)"
        ) from None
    for name, document in _documents(job).items():
        write_file(folder / name, document.to_bytes(), private_mode(folder))


def _documents(job: Job) -> dict[str, Document]:
    return {"manifest.json": job.manifest, "questionnaire.json": job.questionnaire, "plan.json": job.plan}


def _clean_up(gathering: Gathering) -> None:
    """Take away the invitation, the documents, and the messages of workers that were met; nothing of another run."""
    folder = gathering.run.folder
    names = [name_of(worker, kind) for worker in gathering.workers.values() for kind in KINDS]
    # What a stranger made of such a name, as a folder, stays, and does not hide how the run ended.
    with suppress(OSError, ShardError):
        if gathering.invitation.stands_in(folder):
            # The invitation first: workers that wait see by it that the run has ended.
            names = ["run.json", *_documents(gathering.job), *names]
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()


def _kind(name: str) -> str:
    """Return which message of a worker a file's name says, "" for a file that is none of ours."""
    found = _NAMES.fullmatch(name)
    return (found[1] or "") if found else ""


def _listed(shards: list[int]) -> str:
    """Return "shard 3" or "shards 3, 5 and 12 more"."""
    few, more = shards[:5], len(shards) - 5
    text = ", ".join(map(str, few)) + (f" and {more} more" if more > 0 else "")
    return f"shard {text}" if len(shards) == 1 else f"shards {text}"
