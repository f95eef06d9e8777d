"""Files that are made once: whole, durable, never written over: survey/new_files.py."""

import os

import pytest

from survey.new_files import FileTakenError, write_new


def test_a_file_is_made_once_and_stays_as_it_is(tmp_path):
    """A second writing is refused and leaves the first; the mode is the one that was asked for."""
    path = tmp_path / "key"
    write_new(path, b"first", 0o600)
    with pytest.raises(FileTakenError, match="never written over"):
        write_new(path, b"second", 0o600)
    assert (b"first", 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)


def test_a_link_in_its_place_is_never_followed(tmp_path):
    """A symbolic link of this name, even one that leads nowhere, is refused, and nothing is written behind it."""
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileTakenError):
        write_new(tmp_path / "key", b"secret", 0o600)
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_no_half_and_the_next_try_goes_on(tmp_path, monkeypatch):
    """Where the disk refuses there is no file afterwards; control: with room the same call makes it."""
    path = tmp_path / "key"

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_new(path, b"secret", 0o600)
    assert not path.exists()
    write_new(path, b"secret", 0o600)
    assert b"secret" == path.read_bytes()
