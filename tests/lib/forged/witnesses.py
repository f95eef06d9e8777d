"""Witnesses of a public log for tests: the witness's program as a module, and witnesses who sign what they are told."""

import importlib.util
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paths import ROOT

from crypto.cosignatures import Cosignature, WitnessKey

PROGRAM = ROOT / "verifier" / "witness.py"


@cache
def witness_program() -> ModuleType:
    """Return verifier/witness.py as a module."""
    spec = importlib.util.spec_from_file_location("witness_program", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["witness_program"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Signatory:
    """A witness who signs any head at any time, also what an honest one would not."""

    name: str
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def key(self) -> WitnessKey:
        return WitnessKey(self.name, 4, self.private.public_key().public_bytes_raw())

    def line(self, note: bytes, seconds: int) -> bytes:
        """Return a cosignature of the head in a signed note."""
        text = note.decode().partition("\n\n")[0] + "\n"
        signature = self.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        return f"{Cosignature(self.name, self.key.key_id, seconds, signature).to_line()}\n".encode()


def cosigned(folder: Path, size: int, *lines: bytes) -> None:
    """Put these lines beside a head as they are, as a dishonest host can."""
    (folder / "log/cosignatures").mkdir(exist_ok=True)
    (folder / f"log/cosignatures/{size}").write_bytes(b"".join(lines))
