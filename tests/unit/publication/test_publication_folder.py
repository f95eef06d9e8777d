"""The published folder: files appear whole and on disk, or not at all."""

import os
import stat

import pytest

from survey.publication.folder import Published


@pytest.mark.parametrize("fails", ["fchmod", "fsync"])
def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch, fails):
    """Where the disk refuses, the earlier file stays as it was and no temporary file lies beside it."""
    folder = Published(tmp_path)
    folder.write_document("plans", b"{}")
    (before,) = (tmp_path / "plans").iterdir()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, fails, refuse)
        with pytest.raises(OSError, match="No space"):
            folder.write_document("plans", b"[]")
    assert [before] == [*(tmp_path / "plans").iterdir()]
    folder.write_document("plans", b"[]")
    assert 2 == len([*(tmp_path / "plans").iterdir()])


def test_a_rename_is_synced(tmp_path, monkeypatch):
    """The folder that is made is synced with the one that holds it, then the file, then its folder once more."""
    synced, sync = [], os.fsync

    def note(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    Published(tmp_path).write_document("plans", b"{}")
    assert [True, True, False, True] == synced
