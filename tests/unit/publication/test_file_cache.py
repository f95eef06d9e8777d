"""Files are read once for each version, a changed file is seen, and what is kept is limited."""

import os
import weakref
from pathlib import Path

import pytest

from survey.publication.file_cache import FileCache


class Content:
    """A value that a test can lose sight of."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class Reader:
    """Loads files and notes each time."""

    def __init__(self) -> None:
        self.loads: list[str] = []

    def __call__(self, path: Path) -> Content:
        self.loads.append(path.name)
        return Content(path.read_bytes())


@pytest.fixture
def reader():
    return Reader()


def replace(path: Path, data: bytes) -> None:
    """Put a whole new file in the place of another, as the published folder's writer does."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(data)
    temporary.replace(path)


def test_a_file_is_loaded_once_until_it_is_replaced(tmp_path, reader):
    """The same object comes back while the file stays, and the new content from the first call after."""
    path, cache = tmp_path / "a", FileCache(reader, 4)
    replace(path, b"one")
    first = cache.get(path)
    assert (b"one", first, ["a"]) == (first.data, cache.get(path), reader.loads)
    replace(path, b"two")
    assert (b"two", ["a", "a"]) == (cache.get(path).data, reader.loads)


def test_a_file_of_the_same_size_written_in_place_is_seen(tmp_path, reader):
    """Neither inode nor size tell here: the time of the change does."""
    path, cache = tmp_path / "a", FileCache(reader, 4)
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 1))
    assert b"one" == cache.get(path).data
    path.write_bytes(b"two")
    assert b"two" == cache.get(path).data


def test_a_file_that_is_not_there_is_none_each_time(tmp_path, reader):
    """Absence is not kept: the file is seen when it comes, and its going is seen too."""
    path, cache = tmp_path / "a", FileCache(reader, 4)
    assert cache.get(path) is None
    assert cache.get(path / "below") is None
    path.write_bytes(b"one")
    assert b"one" == cache.get(path).data
    assert cache.get(path / "below") is None
    path.unlink()
    assert cache.get(path) is None


def test_an_error_is_raised_again_and_not_kept(tmp_path):
    """A file that cannot be read as what it should be fails at every call until it is mended."""
    path, cache = tmp_path / "a", FileCache(lambda path: int(path.read_bytes()), 4)
    path.write_bytes(b"x")
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            cache.get(path)
    replace(path, b"7")
    assert 7 == cache.get(path)


def test_no_more_values_are_kept_than_allowed(tmp_path, reader):
    """The longest unused value goes first, and its memory with it; a thousand versions of a file keep no thousand."""
    cache = FileCache(reader, 2)
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(b"")
    kept = [weakref.ref(cache.get(path)) for path in (paths[0], paths[1], paths[0], paths[2])]
    assert [True, False, True, True] == [value() is not None for value in kept]
    cache.get(paths[0])
    assert ["a", "b", "c"] == reader.loads
    versions = []
    for number in range(20):
        replace(paths[0], b"%d" % number)
        versions.append(weakref.ref(cache.get(paths[0])))
    assert 2 == sum(value() is not None for value in versions)
