"""Files come to be whole and durable, or not at all; folders that are made for them too."""

import pytest

from crypto import durable


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """Where the disk refuses in the middle, the old file stays and no temporary file is left."""
    path = tmp_path / "file"
    durable.write_file(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_file(path, b"new")
    assert [path] == list(tmp_path.iterdir())
    assert b"old" == path.read_bytes()


def test_every_folder_that_is_made_is_synced_in_the_one_that_holds_it(tmp_path, monkeypatch):
    """A file three new folders deep: each of them and the first that was there are synced; a second file makes none."""
    synced = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    path = tmp_path / "a" / "b" / "c" / "file"
    durable.write_file(path, b"x")
    assert {tmp_path, *path.parents[:3]} <= set(synced)
    synced.clear()
    durable.write_file(path, b"y")
    assert [path.parent] == synced
