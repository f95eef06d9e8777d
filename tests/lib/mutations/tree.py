"""A copy of the checkout that is broken by one mutation at a time; the checkout itself is never touched."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paths import ROOT

from mutations.table import Mutation

LEFT_OUT = (".*_cache", ".git", ".venv", ".hypothesis", "node_modules", "__pycache__", "demo", "build")
DIST = Path("survey/static/dist")
FOR_BROWSERS = ("survey/browser/", "templates/respond/")


class Tree:
    """A copy of the checkout in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=_left_out, dirs_exist_ok=True)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        self._moments = itertools.count(1_000_000_000)

    @contextmanager
    def broken(self, mutation: Mutation) -> Iterator[None]:
        """Apply a mutation for a while; raise TableError where it cannot be."""
        path = self.folder / mutation.file
        source, state = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(mutation.applied(source), encoding="utf-8")
        # Compiled files are told apart by seconds and sizes: each state of a file has a second of its own.
        moment = next(self._moments)
        os.utime(path, (moment, moment))
        try:
            with self._built(mutation):
                yield
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    @contextmanager
    def _built(self, mutation: Mutation) -> Iterator[None]:
        """Build the phone's scripts where they are mutated and a browser will load them."""
        needed = mutation.file.startswith(FOR_BROWSERS) and any(".py::" in test for test in mutation.tests)
        if not needed:
            yield
            return
        dist, kept = self.folder / DIST, self.folder / "dist-as-it-was"
        shutil.copytree(dist, kept)
        try:
            command = [sys.executable, "scripts/build_frontend.py"]
            subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
            yield
        finally:
            shutil.rmtree(dist)
            kept.rename(dist)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Name what a copy does without; `build` and `demo` are folders of results at the top alone."""
    ignored = shutil.ignore_patterns(*(LEFT_OUT if Path(folder) == ROOT else LEFT_OUT[:-2]))
    return set(ignored(folder, names))
