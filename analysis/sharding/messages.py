"""The documents that a run and its workers leave for each other in a folder; docs/architecture.md lists them.

Each carries a tag by the run's secret, and names by its hash the one that it answers: the run's invitation binds box,
plan, number of shards and software, a worker's key binds the invitation and the shard, and both letters the key.
"""

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field

from crypto.canonical import CanonicalError, canonical, from_base64url, to_base64url
from crypto.errors import RefusedError
from crypto.keys import RunSecret
from survey.document import Count, Document, DocumentError, Positive
from survey.names import Sha256, Slug

MOST_SHARDS = 10_000
LARGEST = 256 << 20
"""The most bytes of a file in the folder that are read, whoever wrote it."""
Kind = Literal["worker", "seed", "counts"]
KINDS: tuple[Kind, ...] = ("worker", "seed", "counts")
"""The messages of one worker."""
Tag = Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{43})?$")]
_SEED, _COUNTS = b"sotto shard seed v1\x00", b"sotto shard counts v1\x00"


class ShardError(RefusedError):
    """A run over several machines that cannot go on; nothing was spent. The text holds public data only."""


class Message(Document):
    """A document that only who has the run's secret can write; `tag` is the HMAC of everything else."""

    tag: Tag = ""

    def covered(self) -> bytes:
        """Return what the tag covers; the format is part of it, so no message passes for one of another kind."""
        return canonical({name: value for name, value in self.to_json().items() if name != "tag"})

    def tagged(self, secret: RunSecret) -> Self:
        """Return this message with its tag."""
        return self.model_copy(update={"tag": secret.tag(self.covered())})

    @classmethod
    def read(cls, path: Path, secret: RunSecret) -> Self:
        """Return the message at `path`; raise ShardError where it is none, or its tag is not by `secret`."""
        try:
            message = cls.from_bytes(read(path))
        except DocumentError as error:
            raise ShardError(f"{path}: {error} (nothing was spent)") from None
        if not secret.made(message.tag, message.covered()):
            raise ShardError(
                f"{path} was not written with this run's secret: give run and workers the same file of `sotto "
                "shard-secret`, and see who else can write to this folder (nothing was spent)"
            )
        return message


class RunInvitation(Message):
    """What a run asks of its workers (`sotto-shard-run-1`), and the key to which they seal their counts.

    `root` and `count` are of the box, `version` of the software (`version`), `key` the run's ephemeral public key.
    """

    format: Literal["sotto-shard-run-1"]
    study: Slug
    wave: Positive
    manifest: Sha256
    plan: Sha256
    root: Sha256
    count: Count
    shards: Annotated[int, Field(ge=1, le=MOST_SHARDS)]
    version: Sha256
    key: str

    def stands_in(self, folder: Path) -> bool:
        """Say whether this very invitation lies in the folder: not where its run ended, or another one began."""
        try:
            return read(folder / "run.json") == self.to_bytes()
        except FileNotFoundError:
            return False

    def part(self, shard: int) -> tuple[int, int]:
        """Return the first record of a shard and the one after its last; shards differ by one record at most."""
        return self.count * shard // self.shards, self.count * (shard + 1) // self.shards


class Worker(Message):
    """What a worker says of itself (`sotto-shard-worker-1`): `run` is the invitation's hash, `key` its own key."""

    format: Literal["sotto-shard-worker-1"]
    run: Sha256
    shard: Count
    shards: Positive
    root: Sha256
    version: Sha256
    key: str

    @property
    def seed_info(self) -> bytes:
        """What the letter with the seed is bound to."""
        return _SEED + bytes.fromhex(self.digest)

    @property
    def counts_info(self) -> bytes:
        """What the letter with the counts is bound to."""
        return _COUNTS + bytes.fromhex(self.digest)


class SealedSeed(Message):
    """The study's seed, sealed to the key of one worker (`sotto-shard-seed-1`)."""

    format: Literal["sotto-shard-seed-1"]
    worker: Sha256
    sealed: str


class SealedCounts(Message):
    """The counts of one shard, sealed to the run's key (`sotto-shard-counts-1`); their length tells nothing of them."""

    format: Literal["sotto-shard-counts-1"]
    worker: Sha256
    sealed: str


def name_of(worker: Worker, kind: Kind) -> str:
    """Return the name of a file of one worker; one that was started again has another key, and so another name."""
    return f"shard-{worker.shard:05}.{kind}.{worker.digest[:16]}.json"


def to_text(data: bytes) -> str:
    """Return bytes as a message holds them."""
    return to_base64url(data)


def from_text(text: str, path: Path) -> bytes:
    """Return the bytes in a message; raise ShardError naming its file for what is none."""
    try:
        return from_base64url(text)
    except CanonicalError:
        raise ShardError(f"{path} holds what is no base64url: it was changed (nothing was spent)") from None


def read(path: Path) -> bytes:
    """Return a file of the folder; raise ShardError for one that is larger than any message, or no plain file.

    Strangers may write to the folder: a link could lead anywhere, and who opens a pipe waits for ever.
    """
    with os.fdopen(_opened(path), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _no_message(path)
    return data


def _opened(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        raise (_no_message(path) if error.errno == errno.ELOOP else error) from None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise _no_message(path)


def _no_message(path: Path) -> ShardError:
    return ShardError(
        f"{path} is larger than any message of a run, or no plain file: see who can write to this folder (nothing was "
        "spent)"
    )


def version() -> str:
    """Return the hex SHA-256 over the names and bytes of this program's Python sources: the same only for the same."""
    root = Path(__file__).parents[2]
    files = (path for part in ("analysis", "crypto", "survey") for path in (root / part).rglob("*.py"))
    hashed = hashlib.sha256()
    for path in sorted(files):
        data = path.read_bytes()
        hashed.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode() + data)
    return hashed.hexdigest()
