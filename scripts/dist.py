"""Makes what is handed out, in dist/: wheel, source distribution, bill of materials, provenance. `make dist`.

The same commit gives the same bytes in every folder, at every time, by the same versions of Node and Python: so a
stranger who makes them again can say that these are what the sources give. Nothing is signed here.
"""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version  # noqa: TID251 - reads a version, and loads nothing
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("web", "analysis", "print", "xlsform")
"""What somebody may install, each with a lock of its own."""
BUILDERS = ("esbuild", "terser")
"""Packages of npm that make the phone's scripts and are no part of them."""
LOCKS = ("requirements/build.txt", *(f"requirements/{extra}.txt" for extra in EXTRAS), "package-lock.json")
PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
STATEMENT, PROVENANCE = "https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"
BUILD_TYPE, BUILDER = "urn:sotto-survey:make-dist:1", "urn:sotto-survey:whoever-ran-make-dist"


class DistError(RuntimeError):
    """Nothing can be made to be handed out; the message says what to do."""


@dataclass(frozen=True)
class Commit:
    """The commit that everything is made from, and its time: the one time that may stand in a file."""

    name: str
    time: datetime


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def output(*command: str | Path) -> str:
    """Return what a command prints; raise DistError where it fails."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DistError(f"`{' '.join(map(str, command))}` failed:\n{done.stderr.strip()}")
    return done.stdout.strip()


def committed() -> Commit:
    """Return the commit of the working tree; raise DistError where a file differs from it."""
    if changed := output("git", "status", "--porcelain"):
        raise DistError(
            f"these are not as in the last commit, so no commit could be named: commit them first\n{changed}"
        )
    name, seconds = output("git", "log", "-1", "--format=%H %ct").split()
    return Commit(name, datetime.fromtimestamp(int(seconds), UTC))


# The bill of materials: CycloneDX 1.6 (ECMA-424).
def python_packages(root: Path) -> Iterator[Component]:
    """Yield each locked Python package once, with the extras that install it."""
    extras: dict[tuple[str, str], list[str]] = {}
    for extra in EXTRAS:
        for found in PINNED.findall((root / "requirements" / f"{extra}.txt").read_text(encoding="utf-8")):
            extras.setdefault(found, []).append(extra)
    for (name, release), chosen in sorted(extras.items()):
        yield component(PackageURL("pypi", None, name, release), extras=chosen)


def script_packages(root: Path) -> Iterator[Component]:
    """Yield each npm package of which the phone's scripts are made, with the hash of its one archive."""
    locked: Mapping[str, Any] = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in sorted(bundled(locked)):
        package, (scope, _, short) = locked[f"node_modules/{name}"], name.rpartition("/")
        digest = b64decode(package["integrity"].removeprefix("sha512-")).hex()
        yield component(PackageURL("npm", scope or None, short, package["version"]), digest, package.get("license"))


def bundled(locked: Mapping[str, Any]) -> set[str]:
    """Return the npm packages that the scripts import, and what those depend on; not what only builds them."""
    found: set[str] = set()
    wanted = [name for name in locked[""]["dependencies"] if name not in BUILDERS]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += locked[f"node_modules/{name}"].get("dependencies", {})
    return found


def component(
    place: PackageURL, digest: str = "", license_id: str | None = None, extras: Iterable[str] = ()
) -> Component:
    """Return a package as a part of the bill; `digest` is a hex SHA-512."""
    return Component(
        type=ComponentType.LIBRARY,
        group=place.namespace,
        name=place.name,
        version=place.version,
        purl=place,
        bom_ref=str(place),
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)] if digest else [],
        licenses=[LicenseFactory().make_from_string(license_id)] if license_id else [],
        properties=[Property(name="sotto:extra", value=extra) for extra in extras],
    )


def bill(root: Path, wheel: Path, time: datetime) -> str:
    """Return the CycloneDX bill of materials of a wheel: all that the locks of its extras and its scripts hold."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, sha256(wheel)))
    bom.metadata.timestamp = time
    bom.metadata.component = whole = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(wheel))],
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    parts = [*python_packages(root), *script_packages(root)]
    bom.components.update(parts)
    bom.register_dependency(whole, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


# Provenance: an in-toto Statement v1 with SLSA's predicate v1.
def provenance(root: Path, files: Iterable[Path], commit: Commit, versions: Mapping[str, str]) -> str:
    """Return what the files are made from, as whoever ran this says; nobody else vouches for it."""
    locks = [{"name": name, "digest": {"sha256": sha256(root / name)}} for name in LOCKS]
    source = {"name": "sotto-survey", "digest": {"gitCommit": commit.name}}
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {"source": f"git commit {commit.name}"},
        "internalParameters": versions,
        "resolvedDependencies": [source, *locks],
    }
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": path.name, "digest": {"sha256": sha256(path)}} for path in sorted(files)],
        "predicateType": PROVENANCE,
        "predicate": {"buildDefinition": definition, "runDetails": {"builder": {"id": BUILDER}}},
    }
    return json.dumps(statement, indent=2) + "\n"


def tools() -> dict[str, str]:
    """Return the versions that the bytes depend on: Node's brotli and gzip, and what writes the wheel."""
    return {"node": output("node", "--version"), "python": platform.python_version(), "hatchling": version("hatchling")}


def make(folder: Path) -> list[Path]:
    """Make all files in `folder`, in place of what is there; return them."""
    commit, versions = committed(), tools()
    shutil.rmtree(folder, ignore_errors=True)
    output(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder)
    wheel = next(folder.glob("*.whl"))
    name = "-".join(wheel.name.split("-")[:2])
    written = folder / f"{name}.cdx.json"
    written.write_text(bill(ROOT, wheel, commit.time), encoding="utf-8")
    statement = folder / f"{name}.provenance.json"
    statement.write_text(provenance(ROOT, [*folder.iterdir()], commit, versions), encoding="utf-8")
    return sorted(folder.iterdir())


if __name__ == "__main__":
    try:
        for made in make(ROOT / "dist"):
            print(f"{sha256(made)}  {made.relative_to(ROOT)}")
    except DistError as error:
        sys.exit(f"dist: {error}")
