"""The rehearsal's witnesses: the custodians, each with a key and a memory, by the commands that they would type."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.demo.folder import DemoError

SOTTO = "from survey.commands.main import main; main()"
MOST = 3


@dataclass(frozen=True)
class DemoWitness:
    """A custodian who witnesses: the file of the key, and its public half as the manifest has it."""

    key: Path
    vkey: str

    def cosign(self, published: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Run `sotto witness cosign` over a copied published folder."""
        return sotto("witness", "cosign", published, "--key", self.key, *options)


def sotto(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """Run `sotto` as a child, whatever its exit code."""
    return subprocess.run([sys.executable, "-c", SOTTO, *map(str, arguments)], capture_output=True, check=False)


def majority(witnesses: Sequence[DemoWitness]) -> int:
    """Return how many of them a head needs: the smallest number over half, as the ceremony has it by default."""
    return len(witnesses) // 2 + 1


def make_witnesses(folder: Path, custodians: int) -> tuple[DemoWitness, ...]:
    """Let up to three custodians make their keys; raise DemoError where one cannot."""
    folder.mkdir(mode=0o700)
    made = []
    for number in range(1, min(custodians, MOST) + 1):
        key = folder / f"custodian-{number}.key"
        done = sotto("witness", "new", "--name", f"custodian-{number}.example", "--key", key)
        made.append(DemoWitness(key, _printed(done)))
    return tuple(made)


def collect_cosignatures(witnesses: Sequence[DemoWitness], published: Path, *options: str) -> bytes:
    """Let each of these witnesses cosign; return their lines as they send them to the administrator."""
    return "".join(f"{_printed(witness.cosign(published, *options))}\n" for witness in witnesses).encode()


def require_shrunk_refused(witness: DemoWitness, published: Path, folder: Path) -> None:
    """Show a witness a log without its last entry, as it once was; raise DemoError unless that is refused."""
    shutil.copytree(published / "log", folder / "log")
    *lines, _ = (folder / "log" / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "log" / "entries.jsonl").write_bytes(b"".join(lines))
    shutil.copyfile(folder / "log" / "heads" / str(len(lines)), folder / "log" / "checkpoint")
    refused = witness.cosign(folder)
    if refused.returncode != 1 or b"the log shrank" not in refused.stderr:
        raise DemoError("the rehearsal stopped: a witness signed a log that lost an entry")


def verified_with_witnesses(published: Path) -> bool:
    """Return whether `sotto log verify` finds nothing wrong, the quorum of witnesses included."""
    done = sotto("log", "verify", published)
    return done.returncode == 0 and b"; signed: custodian-" in done.stdout


def _printed(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode:
        raise DemoError(f"the rehearsal stopped: a witness ended with {done.returncode}:\n{done.stderr.decode()}")
    return done.stdout.decode().removesuffix("\n")
