"""A bounded cache of values computed from files that other processes may replace."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")
Version = tuple[int, int, int]
"""Inode, time of the last change in nanoseconds, and size in bytes."""


# Decision 80.
class FileCache(Generic[Value]):
    """Values of files, computed again when a file was replaced; least recently used values beyond `size` are dropped.

    `load` gets a path; its exceptions are passed to the caller and not cached.
    """

    def __init__(self, load: Callable[[Path], Value], size: int) -> None:
        def load_version(path: Path, _: Version) -> Value:
            return load(path)

        self._load = lru_cache(maxsize=size)(load_version)

    def get(self, path: Path) -> Value | None:
        """Return the value of a file; None where it does not exist."""
        try:
            stat = path.stat()
            return self._load(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
        except (FileNotFoundError, NotADirectoryError):
            return None
