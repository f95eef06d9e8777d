"""Files come to be whole and durable, or not at all, and some once only; folders that are made for them too."""

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


def test_a_folder_is_asked_before_anything_is_made(tmp_path):
    """A folder that is there or can be made passes and is not made; below a file it is refused under its own name."""
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "a" / "b"):
        durable.require_folder_writable(folder)
    with pytest.raises(NotADirectoryError) as refused:
        durable.require_folder_writable(tmp_path / "file" / "below")
    assert str(tmp_path / "file" / "below") == refused.value.filename
    assert [tmp_path / "file"] == [*tmp_path.iterdir()]


def test_a_file_is_made_once_and_stays_as_it_is(tmp_path):
    """A second writing is refused and leaves the first; the mode is the one that was asked for."""
    path = tmp_path / "key"
    durable.write_new(path, b"first", 0o600)
    with pytest.raises(durable.FileTakenError, match="never written over"):
        durable.write_new(path, b"second", 0o600)
    assert (b"first", 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)


def test_a_link_in_its_place_is_never_followed(tmp_path):
    """A symbolic link of this name, even one that leads nowhere, is refused, and nothing is written behind it."""
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(durable.FileTakenError):
        durable.write_new(tmp_path / "key", b"secret", 0o600)
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_no_half_and_the_next_try_goes_on(tmp_path, monkeypatch):
    """Where the disk refuses there is no file afterwards; control: with room the same call makes it."""
    path = tmp_path / "key"

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            durable.write_new(path, b"secret", 0o600)
    assert not path.exists()
    durable.write_new(path, b"secret", 0o600)
    assert b"secret" == path.read_bytes()


def test_where_no_file_can_be_written_is_seen_before(tmp_path):
    """A folder in the file's place and a missing folder are refused; elsewhere nothing is left and nothing changed."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    durable.require_writable(path)
    for wrong in (tmp_path, tmp_path / "none" / "file"):
        with pytest.raises(OSError, match="directory"):
            durable.require_writable(wrong)
    assert ([path], b"old") == (list(tmp_path.iterdir()), path.read_bytes())


def test_a_file_is_new_and_whole_or_the_old_one_stays(tmp_path):
    """A second writer of one name is refused, the first one's bytes stay, and nothing else is left in the folder."""
    path = tmp_path / "run.json"
    durable.write_whole_new(path, b"first", 0o640)
    with pytest.raises(durable.FileTakenError):
        durable.write_whole_new(path, b"second", 0o640)
    assert (b"first", 0o640) == (path.read_bytes(), path.stat().st_mode & 0o777)
    assert [path] == [*tmp_path.iterdir()]
