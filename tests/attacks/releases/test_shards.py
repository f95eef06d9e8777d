"""A release over several machines, as processes of their own: one killed in the middle, and what its folder shows."""

import base64
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import numpy as np
import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.counting.count_box import Job, SealedBox, count_box, count_part
from analysis.releasing.run import load_release
from analysis.sharding.gathering import ShardRun, gather
from analysis.sharding.messages import SealedCounts, to_text
from analysis.verification.verify import verify
from crypto.box import BoxFile
from crypto.canonical import CanonicalError, from_base64url, parse
from crypto.errors import ExitCode
from crypto.keys import RunSecret
from crypto.merkle import merkle_root

pytestmark = pytest.mark.slow

PLAN = small.plan()
MANY = 60.0


@dataclass
class Keeper:
    """Keeps every file that ever stands in a folder, also one that is taken away again: by a link of its own."""

    folder: Path
    kept: Path
    stopped: Event = field(default_factory=Event)

    def __enter__(self):
        self.kept.mkdir()
        self.folder.mkdir()
        self.thread = Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def watch(self) -> None:
        while not self.stopped.wait(0.002):
            for path in self.folder.iterdir():
                with suppress(OSError):
                    (self.kept / path.name).hardlink_to(path)

    def seen(self, kind: str) -> list[Path]:
        return sorted(path for path in self.kept.iterdir() if kind in path.name and not path.name.startswith("."))

    def bytes(self) -> bytes:
        """Return what lies in all of the files, and once more what they hold in base64."""
        return b"\n".join(both(path.read_bytes()) for path in self.kept.iterdir())


def both(data: bytes) -> bytes:
    """Return a file's bytes, and the bytes that its members hold in base64."""
    with suppress(CanonicalError):
        for value in parse(data).values():
            with suppress(CanonicalError):
                data += from_base64url(value) if isinstance(value, str) else b""
    return data


def sotto(*arguments: object) -> subprocess.Popen[str]:
    """Start an analysis command as a process of its own."""
    command = [sys.executable, "-m", "analysis", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=MANY)
    return process.returncode, said


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("shards"), 300, demo=True)


@pytest.fixture
def place(world, tmp_path):
    """Return a world to spend, the secret of its run, and the arguments of a release and of a worker."""
    drawn = CliRunner().invoke(main, ["shard-secret", str(tmp_path / "run.secret")])
    assert 0 == drawn.exit_code, drawn.output
    return Place(world.copy(tmp_path), tmp_path)


@dataclass
class Place:
    world: small.World
    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "run"

    def meeting(self, *more: object) -> tuple[object, ...]:
        return ("--of", 2, "--run", self.folder, "--secret", self.root / "run.secret", *more)

    def release(self, *more: object):
        plan = self.world.plan_file(PLAN)
        shares = [part for share in self.world.shares for part in ("--shares", share)]
        study = self.world.folder.root
        return sotto("release", plan, "--box", self.world.box, "--study", study, "--yes", *shares, *self.meeting(*more))

    def worker(self, shard: int, *more: object):
        return sotto("open-shard", self.world.box, "--index", shard, "--workers", 1, *self.meeting(*more))


def appears(keeper: Keeper, kind: str) -> Path:
    until(lambda: keeper.seen(kind))
    return keeper.seen(kind)[0]


def spellings(data: bytes) -> list[bytes]:
    """Return how bytes stand in a file: as they are, in hex, in base64 wherever a group of three begins."""
    shifted = [base64.b64encode(data[start:])[:-4] for start in range(3)]
    return [data, data.hex().encode(), *shifted, *(one.translate(bytes.maketrans(b"+/", b"-_")) for one in shifted)]


def canaries(place: Place) -> list[bytes]:
    """Return the seed, and the exact counts of the largest table over all and each half, as files could hold them."""
    world = place.world
    job = Job(SealedBox.of(world.box), world.manifest, small.QUESTIONNAIRE, PLAN, world.seed)
    sums = [count_box(job, workers=1), *(count_part(job, part, workers=1)[0] for part in ((0, 150), (150, 300)))]
    tables = [one["T7"].astype(kind).tobytes() for one in sums for kind in (">i8", "<i8")]
    texts = [",".join(map(str, one["T7"])).encode() for one in sums]
    return [text for one in (world.seed, *tables, *texts) for text in spellings(one)]


def found(data: bytes, canaries: list[bytes]) -> list[bytes]:
    return [one for one in canaries if one in data]


def test_a_killed_worker_is_started_again_and_the_folder_tells_neither_seed_nor_counts(place, tmp_path):
    """S177: two processes open a box, one of them is killed once it has the seed, and comes again: the release is made.

    Whoever copies every file that ever lay in the folder finds the seed and the counts in none. Control: in a message
    that holds the same counts or the seed unsealed the same search finds them.
    """
    with Keeper(place.folder, tmp_path / "kept") as keeper:
        release, first = place.release(), place.worker(0)
        line = first.stdout.readline()
        assert line.startswith("Key of shard 0: "), line
        first.send_signal(signal.SIGSTOP)
        letter = appears(keeper, "shard-00000.seed")
        first.kill()
        first.communicate()
        again, second = place.worker(0), place.worker(1)
        assert [(0, "150"), (0, "150")] == [
            (code, said.split(" records")[0][-3:]) for code, said in map(ended, (again, second))
        ]
        code, said = ended(release)
        assert 0 == code, said
    assert letter in keeper.seen("shard-00000.seed")
    assert 2 == len(keeper.seen("shard-00000.worker"))
    assert all(
        keeper.seen(kind) for kind in ("run.json", "shard-00001.seed", "shard-00000.counts", "shard-00001.counts")
    )
    assert [] == [*place.folder.iterdir()]
    signer = place.world.folder.signing_key_of(place.world.manifest).verifying_key
    made = load_release(place.world.folder.release_folder(PLAN.digest) / "release.json", signer)
    assert 300 == made.box.count
    path = place.world.folder.release_folder(PLAN.digest) / "release.json"
    assert () == verify(path.read_bytes(), place.world.folder, place.world.box).failed
    secrets = canaries(place)
    assert [] == found(keeper.bytes(), secrets)
    for plain in (place.world.seed, exact(place)):
        message = SealedCounts(format="sotto-shard-counts-1", worker="0" * 64, sealed=to_text(plain))
        assert found(both(message.tagged(RunSecret.new()).to_bytes()), secrets)


def repeated(world, folder: Path, times: int) -> Job:
    """Return the count of a box with the world's records over and over, so that opening it takes a while."""
    with BoxFile.open(world.box) as box:
        records, header = [*box.records()] * times, box.header
    header = replace(header, count=len(records), root=merkle_root(records).hex())
    path = folder / "long.box"
    path.write_bytes(b"".join([header.to_bytes(), b"\n", *records]))
    return Job(SealedBox.of(path), world.manifest, small.QUESTIONNAIRE, PLAN, world.seed)


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """Return the CPU time that a process has used (proc(5), utime)."""
    return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11]) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the CPU time of a process from /proc")
def test_a_worker_that_is_killed_while_it_opens_changes_no_count(world, tmp_path):
    """Killed in the middle of its records, and started again, a worker gives the sums of one machine, each once."""
    job, secret = repeated(world, tmp_path, 60), tmp_path / "run.secret"
    folder, run = tmp_path / "run", RunSecret.new()
    secret.write_bytes(run.to_bytes())
    secret.chmod(0o600)

    def worker(shard: int) -> subprocess.Popen[str]:
        where = ("--of", 2, "--run", folder, "--secret", secret, "--workers", 1)
        return sotto("open-shard", job.box.path, "--index", shard, *where)

    with ThreadPoolExecutor(1) as pool:
        gathered = pool.submit(gather, job, ShardRun(folder, 2, run, MANY))
        first, second = worker(0), worker(1)
        until(lambda: [*folder.glob("shard-00000.seed.*")])
        began = cpu_seconds(first)
        until(lambda: cpu_seconds(first) > began + 0.3)
        first.kill()
        first.communicate()
        assert [] == [*folder.glob("shard-00000.counts.*")]
        assert [0, 0] == [ended(process)[0] for process in (worker(0), second)]
        sums = gathered.result()
    once = count_box(replace(job, box=SealedBox.of(world.box)), workers=1)
    assert once.keys() == sums.keys()
    assert all(np.array_equal(60 * once[name], sums[name]) for name in once)


def until(ready) -> None:
    ends = monotonic() + MANY
    while not ready():
        assert monotonic() < ends
        sleep(0.005)


def exact(place: Place) -> bytes:
    world = place.world
    job = Job(SealedBox.of(world.box), world.manifest, small.QUESTIONNAIRE, PLAN, world.seed)
    return b"".join(
        cells.astype(">i8").tobytes() for cells in count_box(job, workers=1).values() if isinstance(cells, np.ndarray)
    )


def test_a_release_without_workers_and_a_worker_without_the_secret_end_in_words(place, tmp_path):
    """A worker of another secret stops with 3 before it says who it is; the run waits no longer than told, with 3."""
    other = tmp_path / "other.secret"
    other.write_bytes(RunSecret.new().to_bytes())
    other.chmod(0o600)
    # The worker first: it waits for the run, and the run does not wait for it.
    stranger, release = place.worker(1, "--secret", other), place.release("--wait", 0.2)
    code, said = ended(stranger)
    assert (ExitCode.REFUSED, True) == (code, "was not written with this run's secret" in said), said
    code, said = ended(release)
    assert ExitCode.REFUSED == code, said
    words = " ".join(said.split())
    assert "after 0.2 minutes no worker came for shards 0, 1" in words
    assert "(nothing was spent)" in words
    with place.world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


@pytest.mark.parametrize(
    ("prepare", "match"),
    [
        (lambda secret, _: secret.chmod(0o644), "may be read or written by other accounts"),
        (lambda secret, _: secret.write_bytes(b"short"), "not the secret of a run"),
        (lambda secret, folder: (folder.mkdir(), secret.rename(folder / "run.secret")), "lies in the run's folder"),
    ],
)
def test_a_secret_that_others_can_have_is_refused(place, prepare, match):
    """A secret that every account reads, that is none, or that lies where workers and run meet: a refusal at once."""
    secret = place.root / "run.secret"
    prepare(secret, place.folder)
    where = secret if secret.exists() else place.folder / "run.secret"
    arguments = ("open-shard", place.world.box, "--index", 0, *place.meeting("--secret", where))
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert (ExitCode.REFUSED, True) == (done.exit_code, match in " ".join(done.output.split())), done.output


def test_a_secret_is_drawn_for_its_owner_alone_and_never_twice_into_one_file(place):
    """The file is nobody else's to read, a second one is not written over it, and no two are alike or printed."""
    path, other = place.root / "run.secret", place.root / "other.secret"
    drawn = path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777
    again, second = (CliRunner().invoke(main, ["shard-secret", str(where)]) for where in (path, other))
    assert (ExitCode.REFUSED, 0) == (again.exit_code, second.exit_code)
    assert drawn == path.read_bytes() != other.read_bytes()
    assert other.read_text().strip() not in second.output
