"""A run over several machines, in threads of one process: its workers, and whoever else can write to its folder."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import numpy as np
import pytest
from studies import small_study as small

from analysis.counting.count_box import Job, SealedBox, Sums
from analysis.sharding.gathering import ShardRun, gather
from analysis.sharding.messages import (
    Message,
    RunInvitation,
    SealedCounts,
    ShardError,
    Worker,
    from_text,
    name_of,
    to_text,
)
from analysis.sharding.worker import ShardRequest, open_shard
from crypto.durable import write_file
from crypto.keys import EphemeralKey, RunSecret
from crypto.sealing import seal_letter
from survey.plan.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0


def job_of(world, plan: Plan, questionnaire=small.QUESTIONNAIRE, seed: bytes | None = None) -> Job:
    """Return what is counted of a world's box."""
    return Job(SealedBox.of(world.box), world.ceremony.manifest, questionnaire, plan, seed or world.seed)


@dataclass(frozen=True)
class Meeting:
    """A folder, the secret of its run, and the box that is opened."""

    folder: Path
    job: Job
    secret: RunSecret
    shards: int = 2
    patience: float = PATIENCE
    told: list[str] = field(default_factory=list)

    @property
    def run(self) -> ShardRun:
        return ShardRun(self.folder, self.shards, self.secret, self.patience, self.told.append)

    @property
    def invitation(self) -> RunInvitation:
        """The invitation, once it is there."""
        path = self.folder / "run.json"
        self.until(path.exists)
        return RunInvitation.from_bytes(path.read_bytes())

    def until(self, ready) -> None:
        """Return when `ready()` is true."""
        ends = monotonic() + PATIENCE
        while not ready():
            assert monotonic() < ends, "it never came"
            sleep(0.005)

    def request(self, shard: int, **changes) -> ShardRequest:
        """Return a worker's request; `changes` make it a wrong one."""
        request = ShardRequest(self.job.box.path, shard, self.shards, self.folder, self.secret, self.patience, 1)
        return replace(request, **changes)

    def gathered(self, *shards: int) -> Sums:
        """Return what the run gathers from an honest worker for each of `shards`."""
        with self.running() as run, ThreadPoolExecutor() as pool:
            workers = [pool.submit(open_shard, self.request(shard)) for shard in shards]
            result = run.result()
        assert all(worker.result() for worker in workers)
        return result

    @contextmanager
    def running(self) -> "Iterator[Future[Sums]]":
        """Let a run wait for its workers."""
        self.folder.mkdir(exist_ok=True)
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(gather, self.job, self.run)

    def introduction(self, pair: EphemeralKey, shard: int = 0, **changes) -> Worker:
        """Return how a worker introduces itself; `changes` are told instead of the truth."""
        invitation = self.invitation
        told = {"run": invitation.digest, "shard": shard, "shards": self.shards, "root": invitation.root}
        told |= {"version": invitation.version, "key": to_text(pair.public)}
        return Worker(format="sotto-shard-worker-1", **(told | changes))

    def leave(self, name: str, message: Message, secret: RunSecret | None = None) -> Path:
        """Put a message into the folder, with the tag of `secret` or the run's own."""
        path = self.folder / name
        write_file(path, message.tagged(secret or self.secret).to_bytes())
        return path

    def introduce(self, pair: EphemeralKey, secret: RunSecret | None = None, shard: int = 0, **changes) -> Worker:
        """Leave an introduction, and return it as it lies there."""
        worker = self.introduction(pair, shard, **changes).tagged(secret or self.secret)
        write_file(self.folder / name_of(worker, "worker"), worker.to_bytes())
        return worker

    def answer(self, worker: Worker, content: bytes, name: str = "", run_key: bytes | None = None) -> Path:
        """Leave `content` as the counts of a worker, once it has the seed."""
        self.until((self.folder / name_of(worker, "seed")).exists)
        letter = seal_letter(content, run_key or key_of(self.invitation), worker.counts_info)
        answer = SealedCounts(format="sotto-shard-counts-1", worker=worker.digest, sealed=to_text(letter))
        return self.leave(name or name_of(worker, "counts"), answer)


def key_of(message: RunInvitation | Worker) -> bytes:
    """Return the public key in a message."""
    return from_text(message.key, Path("run.json"))


def same(one, other) -> bool:
    """Say whether two sums have the same names and cells."""
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def refused(meeting: Meeting, match: str, act) -> None:
    """Assert that `act` ends the run with a refusal that says `match`, with nothing spent and nothing of it left.

    What lies there still is what the run did not take: of strangers, or a message that it never read.
    """
    with meeting.running() as run:
        act()
        with pytest.raises(ShardError, match=match) as error:
            run.result()
    assert "nothing was spent" in str(error.value)
    left = [path.name for path in meeting.folder.iterdir()]
    assert [] == [name for name in left if name.endswith("n.json") or ".seed." in name], left


def emptied(meeting: Meeting) -> None:
    """Take away what strangers left in the folder."""
    for path in meeting.folder.iterdir():
        path.unlink(missing_ok=True)  # a run that ends takes its own away meanwhile
