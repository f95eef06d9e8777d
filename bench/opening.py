"""How fast a box is opened and counted, against bare Suite.decrypt in the same run, and what memory that takes.

Example: python bench/opening.py --responses 60000 --memory 100000 1000000
Example: python bench/opening.py --responses 200000 --memory --shards

A pool of really sealed answers is repeated to the wanted number: each record costs the same to open, and sealing a
million of them would only take longer. Prints one Markdown table, or one JSON object with --json.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from analysis.counting.count_box import Job, SealedBox, count_box
from analysis.sharding.gathering import ShardRun, gather
from crypto import custody
from crypto.box import BoxFile, BoxHeader
from crypto.envelope import HEADER_SIZE, TOKEN_SIZE, ZERO_ROW_KEY, Record, record_size
from crypto.keys import HPKE, RunSecret
from crypto.merkle import merkle_root
from crypto.sealing import Sealer
from crypto.seed import expand
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import Priors, respondents
from survey.wave.manifest import LifetimeBudget, Manifest, build_manifest

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

STUDY = Path(__file__).parents[1] / "survey" / "studies" / "sesame_credit"
POOL = 10_000
BUDGET = LifetimeBudget(nano_rho=100_000_000, atto_delta=100_000_000)
SPAWN = multiprocessing.get_context("spawn")


def main() -> None:
    """Measure and print."""
    arguments = parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "bench.box"
        job, pool = prepare(box)
        facts: dict[str, Any] = {"cores": arguments.workers, "responses": arguments.responses}
        if arguments.shards:
            facts |= beside_shards(over_box(job, pool, arguments.responses), Path(folder), arguments)
            print(json.dumps(facts) if arguments.json else sharded_markdown(facts))
            return
        facts |= speeds(over_box(job, pool, arguments.responses), pool, arguments)
        facts["memory"] = [memory(job, pool, number, arguments.workers) for number in arguments.memory]
    print(json.dumps(facts) if arguments.json else markdown(facts))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--responses", type=int, default=400_000)
    made.add_argument("--rounds", type=int, default=2)
    made.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    made.add_argument("--memory", type=int, nargs="*", default=[100_000, 1_000_000], help="numbers to open for memory")
    made.add_argument("--shards", action="store_true", help="instead: as many `sotto open-shard` beside one run's pool")
    made.add_argument("--json", action="store_true")
    return made


def prepare(box: Path) -> tuple[Job, list[bytes]]:
    """Make a key, a manifest and a pool of sealed answers of the Sesame study; return the job that counts its plan."""
    questionnaire, texts = compile_study(STUDY / "questionnaire.yaml")
    seed = custody.new_seed()
    key = custody.public_key(seed)
    manifest = build_manifest(questionnaire, texts, wave=1, key=key, signer="0" * 64, budget=BUDGET, demo=True)
    plan = compile_plan(STUDY / "plan.yaml", questionnaire)
    return Job(SealedBox(box, "0" * 64, 0), manifest, questionnaire, plan, seed), list(sealed(questionnaire, manifest))


def sealed(questionnaire: Questionnaire, manifest: Manifest) -> Iterator[bytes]:
    """Yield a pool of sealed records."""
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    people = respondents(questionnaire, Priors.read(STUDY / "priors.yaml"), 1)
    for person in islice(people, POOL):
        yield Record.open_link(sealer.seal(encode(questionnaire, person))).to_bytes()


def over_box(job: Job, pool: list[bytes], number: int) -> Job:
    """Write a box of `number` records that repeats the pool, unordered, and return the job that counts it."""
    manifest, path = job.manifest, job.box.path
    size, root = record_size(manifest.plaintext_size), merkle_root(islice(cycle(pool), number)).hex()
    header = BoxHeader(manifest.study, 1, manifest.mode, manifest.digest, manifest.key_id, size, number, root)
    with path.open("wb") as file:
        file.write(header.to_bytes() + b"\n")
        file.writelines(islice(cycle(pool), number))
    return replace(job, box=SealedBox.of(path))


def speeds(job: Job, pool: list[bytes], arguments: argparse.Namespace) -> dict[str, float]:
    """Return speeds of bare decrypt and, in as many processes, of opening, checking and counting twelve tables."""
    workers, number = arguments.workers, arguments.responses
    rounds = [one_round(job, pool, workers, number) for _ in range(arguments.rounds)]
    # Neighbours on a shared machine only ever take time away: the best round of each is the nearest to the truth.
    columns = [[column[place] for column in rounds] for place in range(4)]
    bare, bare_cpu, counted, counted_cpu = max(columns[0]), min(columns[1]), max(columns[2]), min(columns[3])
    return {
        "bare": bare,
        "counted": counted,
        "ratio": counted / bare,
        "bare_cpu_us": bare_cpu,
        "counted_cpu_us": counted_cpu,
        "cpu_ratio": bare_cpu / counted_cpu,
    }


def one_round(job: Job, pool: list[bytes], workers: int, number: int) -> tuple[float, float, float, float]:
    """Return responses a second and CPU microseconds a response, of bare decrypt and of opening and counting."""
    each = number // workers
    wall, cpu = in_processes(workers, bare_decrypt, (job.seed, job.manifest, pool, each))
    before = cpu_seconds()
    start = time.perf_counter()
    count_box(job, workers=workers)
    counted = time.perf_counter() - start
    return number / wall, 1e6 * cpu / each, number / counted, 1e6 * (cpu_seconds() - before) / number


def beside_shards(job: Job, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Return clock and CPU seconds of one run's pool and of shards in as many processes, in turn; and of hashing.

    The box repeats a pool, so its records are not in order: they are hashed without the other checks.
    """
    pools, sharded = [], []
    for turn in range(arguments.rounds):
        pools.append(timed(partial(count_box, job, workers=arguments.workers)))
        place = folder / f"run-{turn}"
        place.mkdir()
        sharded.append(timed(partial(shards, job, place, arguments.workers)))
    (pool, pool_cpu), (clock, cpu) = ([min(column) for column in zip(*each, strict=True)] for each in (pools, sharded))
    with BoxFile.open(job.box.path) as box:
        hashed = timed(lambda: merkle_root(box.records()))[1]
    return {"pool": pool, "pool_cpu": pool_cpu, "sharded": clock, "sharded_cpu": cpu, "hashed": hashed}


def shards(job: Job, place: Path, number: int) -> None:
    """Gather the counts of `number` workers, processes of one core each that are started in the folder `place`."""
    secret, path = RunSecret.new(), place / "run.secret"
    path.write_bytes(secret.to_bytes())
    path.chmod(0o600)
    command = [sys.executable, "-m", "analysis", "open-shard", str(job.box.path), "--of", str(number)]
    command += ["--run", str(place / "meeting"), "--secret", str(path), "--workers", "1"]
    workers = [
        subprocess.Popen([*command, "--index", str(shard)], stdout=subprocess.DEVNULL) for shard in range(number)
    ]
    gather(job, ShardRun(place / "meeting", number, secret, 3600))
    for worker in workers:
        worker.wait()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that `work` takes by the clock, and those of CPU with its children's."""
    start, before = time.perf_counter(), cpu_seconds()
    work()
    return time.perf_counter() - start, cpu_seconds() - before


def sharded_markdown(facts: dict[str, Any]) -> str:
    """Return the figures of shards as a table for docs/benchmarks.md."""
    number, ratio = facts["responses"], facts["pool"] / facts["sharded"]
    cpu_ratio = facts["pool_cpu"] / facts["sharded_cpu"]
    return "\n".join(
        [
            f"| {number:,} responses, {facts['cores']} processes | by the clock | CPU of one response |",
            "|---|---|---|",
            f"| one run with its own pool | {facts['pool']:.1f} s | {1e6 * facts['pool_cpu'] / number:.1f} µs |",
            f"| as many `sotto open-shard` | {facts['sharded']:.1f} s | {1e6 * facts['sharded_cpu'] / number:.1f} µs |",
            f"| **ratio** | {ratio:.3f} | **{cpu_ratio:.3f}** |",
            f"| hashing the records again, one core | | {1e6 * facts['hashed'] / number:.1f} µs |",
        ]
    )


def cpu_seconds() -> float:
    """Return the CPU time of this process and its finished children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def bare_decrypt(seed: bytes, manifest: Manifest, pool: list[bytes], number: int) -> tuple[float, float]:
    """Return the wall and CPU seconds of nothing but Suite.decrypt, over envelopes that lie ready in memory."""
    keys = expand(seed)
    key = MLKEM768X25519PrivateKey(keys.lattice, keys.curve)
    info = manifest.context.info(ZERO_ROW_KEY)
    ready = [record[TOKEN_SIZE + HEADER_SIZE :] for record in pool]
    start, cpu = time.perf_counter(), time.process_time()
    for envelope in islice(cycle(ready), number):
        HPKE.decrypt(envelope, key, info)
    return time.perf_counter() - start, time.process_time() - cpu


def in_processes(
    workers: int, work: Callable[..., tuple[float, float]], arguments: tuple[Any, ...]
) -> tuple[float, float]:
    """Return the mean wall and CPU seconds of `work` in `workers` processes at once: as many cores as the real run."""
    with SPAWN.Pool(workers) as processes:
        walls, cpus = zip(*processes.starmap(work, [arguments] * workers), strict=True)
    return sum(walls) / workers, sum(cpus) / workers


def memory(job: Job, pool: list[bytes], number: int, workers: int) -> dict[str, float]:
    """Return peak memory (MiB) of the process that counts and of its largest child."""
    receive, send = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=peaks, args=(over_box(job, pool, number), workers, send))
    process.start()
    measured = receive.recv()
    process.join()
    return {"responses": number, **measured}


def peaks(job: Job, workers: int, send: "Connection[Any, Any]") -> None:
    """Count a box in a process of its own; send the peaks. That checking a box stays small is test_box.py's."""
    count_box(job, workers=workers)
    send.send({"parent": peak(resource.RUSAGE_SELF), "largest_process": peak(resource.RUSAGE_CHILDREN)})


def peak(who: int) -> float:
    """Return the largest resident size so far in MiB; pages of a mapped file count, though they can be dropped."""
    return resource.getrusage(who).ru_maxrss / 1024


def markdown(facts: dict[str, Any]) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    rows = [
        "| opening and counting twelve tables | |",
        "|---|---|",
        f"| bare `Suite.decrypt`, {facts['cores']} processes | {facts['bare']:,.0f} /s |",
        f"| opened, checked, counted in as many, their start included | {facts['counted']:,.0f} /s |",
        f"| **ratio to bare** (goal 0.95) | **{facts['ratio']:.3f}** |",
        f"| CPU time of one, bare and counted | {facts['bare_cpu_us']:.1f} µs, {facts['counted_cpu_us']:.1f} µs |",
        f"| ratio in CPU time | {facts['cpu_ratio']:.3f} |",
    ]
    for line in facts["memory"]:
        memory_text = f"{line['largest_process']:.0f} MiB a process, {line['parent']:.0f} MiB parent"
        rows.append(f"| peak memory, {line['responses']:,} responses | {memory_text} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
