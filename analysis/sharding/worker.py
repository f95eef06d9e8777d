"""A worker: makes a key, gets the seed sealed to it, opens its shard of the box, and seals the counts to the run."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from analysis.counting.count_box import Job, Progress, SealedBox, count_part
from analysis.sharding.messages import (
    RunInvitation,
    SealedCounts,
    SealedSeed,
    ShardError,
    Worker,
    from_text,
    name_of,
    read,
    to_text,
    version,
)
from analysis.sharding.packing import pack
from crypto.box import BoxFile
from crypto.durable import private_mode, write_file
from crypto.keys import EphemeralKey, LetterError, RunSecret
from crypto.sealing import seal_letter
from survey.document import DocumentError
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.manifest import Manifest

POLL = 0.2
"""Seconds between two looks into the folder."""


@dataclass(frozen=True)
class ShardRequest:
    """Which shard of which box is opened, for the run in `folder`; `patience`: seconds to wait for the run."""

    box: Path
    shard: int
    shards: int
    folder: Path
    secret: RunSecret = field(repr=False)
    patience: float
    workers: int | None = None


@dataclass(frozen=True)
class Introduced:
    """A worker's invitation with the documents that it names, and the worker's own message and key."""

    invitation: RunInvitation
    worker: Worker
    key: EphemeralKey


def open_shard(
    request: ShardRequest, *, on_key: Callable[[bytes], None] | None = None, on_open: Progress | None = None
) -> int:
    """Do a worker's part of a run and return how many records were opened; `on_key` is told its public key.

    Raises ShardError where the run's secret, software, box or numbers are others, where it ends or never begins;
    BoxError, WrongKeyError and CountingFailedError. A worker that is started again does it anew, with another key.
    """
    invited = _introduce(request)
    if on_key:
        on_key(invited.key.public)
    require_same(invited.invitation, invited.worker, f"shard {request.shard} of {request.shards}")
    documents = _documents(request, invited.invitation)
    box = SealedBox(request.box, invited.invitation.root, invited.invitation.count)
    job = Job(box, *documents, _seed(request, invited))
    part = invited.invitation.part(request.shard)
    sums, span = count_part(job, part, workers=request.workers, on_progress=on_open)
    _answer(request, invited, pack(job, part, sums, span))
    return len(span)


def _answer(request: ShardRequest, invited: Introduced, content: bytes) -> None:
    """Seal the counts to the run that invited, and write them where it waits for them."""
    worker, folder = invited.worker, request.folder
    letter = seal_letter(content, from_text(invited.invitation.key, folder), worker.counts_info)
    answer = SealedCounts(format="sotto-shard-counts-1", worker=worker.digest, sealed=to_text(letter))
    _require_running(request, invited.invitation)
    write_file(folder / name_of(worker, "counts"), answer.tagged(request.secret).to_bytes(), private_mode(folder))


def _require_running(request: ShardRequest, invitation: RunInvitation) -> None:
    """Raise ShardError where the run took its invitation away, as it does at its end, or another one began here."""
    if not invitation.stands_in(request.folder):
        raise ShardError(f"{request.folder}: the run has ended, so shard {request.shard} is opened no more")


def require_same(invitation: RunInvitation, worker: Worker, who: str) -> None:
    """Raise ShardError unless a worker has the software, the box and the number of shards of the run."""
    if worker.version != invitation.version:
        fault = (
            f"runs other software ({worker.version[:8]}) than the run ({invitation.version[:8]}): install the same "
            "package of Sotto on every machine"
        )
    elif worker.root != invitation.root:
        fault = "has another box than the run: give every machine a copy of the same file, and compare its hash"
    elif worker.shards != invitation.shards or worker.shard >= worker.shards:
        fault = f"is none of the run's, which has {invitation.shards}: give run and workers the same --of"
    else:
        return
    raise ShardError(f"{who} {fault} (nothing was spent)")


def _introduce(request: ShardRequest) -> Introduced:
    """Write who this worker is, and return it; the run says what is wrong with it, and so does the caller."""
    with BoxFile.open(request.box) as box:
        root = box.header.root
    path = request.folder / "run.json"
    _wait_for(path, request, "no run began in this folder: start `sotto release … --run` with it")
    invitation, key = RunInvitation.read(path, request.secret), EphemeralKey()
    worker = Worker(
        format="sotto-shard-worker-1",
        run=invitation.digest,
        shard=request.shard,
        shards=request.shards,
        root=root,
        version=version(),
        key=to_text(key.public),
    ).tagged(request.secret)
    write_file(request.folder / name_of(worker, "worker"), worker.to_bytes(), private_mode(request.folder))
    return Introduced(invitation, worker, key)


def _seed(request: ShardRequest, invited: Introduced) -> bytes:
    """Return the study's seed from the letter to this worker; raise ShardError where none comes."""
    path = request.folder / name_of(invited.worker, "seed")
    _wait_for(path, request, "the run answered nothing: see what it says where it runs", invited.invitation)
    letter = SealedSeed.read(path, request.secret)
    try:
        return invited.key.open(from_text(letter.sealed, path), invited.worker.seed_info)
    except LetterError:
        raise ShardError(f"{path} does not open with this worker's key: it was changed") from None


def _wait_for(path: Path, request: ShardRequest, otherwise: str, begun: RunInvitation | None = None) -> None:
    """Return when a file is there; raise ShardError when patience ends, or the run that had `begun` does."""
    ends = monotonic() + request.patience
    while not path.exists():
        if begun:
            _require_running(request, begun)
        if monotonic() > ends:
            raise ShardError(f"{path} did not come within {request.patience / 60:g} minutes: {otherwise}")
        sleep(POLL)


def _documents(request: ShardRequest, invitation: RunInvitation) -> tuple[Manifest, Questionnaire, Plan]:
    """Return what is counted, before the seed is here: bytes are parsed only where they have the hash that is named."""
    with _named(request.folder):
        manifest = Manifest.from_bytes(_bytes_of("manifest.json", invitation.manifest, request, invitation))
        plan = Plan.from_bytes(_bytes_of("plan.json", invitation.plan, request, invitation))
        asked = _bytes_of("questionnaire.json", manifest.questionnaire, request, invitation)
        return manifest, Questionnaire.from_bytes(asked), plan


def _bytes_of(name: str, digest: str, request: ShardRequest, invitation: RunInvitation) -> bytes:
    path = request.folder / name
    _wait_for(path, request, "the run wrote no such document: see what it says where it runs", invitation)
    data = read(path)
    if hashlib.sha256(data).hexdigest() != digest:
        raise ShardError(f"{path} is not the run's: it was changed")
    return data


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    try:
        yield
    except DocumentError as error:
        raise ShardError(f"{folder}: {error}") from None
