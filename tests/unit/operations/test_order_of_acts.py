"""Acts that break off: what failed published nothing, and doing it again ends it."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from hosts.collection import QUESTIONNAIRE, STUDY
from hosts.host_acts import audit_head, store_records, study_status
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from survey.answers_db import owner_access, store_errors
from survey.operations import boxes, releases, studies, waves
from survey.operations.transaction import OperationError, UnfinishedError
from survey.publication.folder import Published

pytestmark = [pytest.mark.usefixtures("tiny_workbooks"), pytest.mark.slow]


def fail(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail_to_commit(*_: object) -> None:
    raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))


def test_an_act_that_is_not_committed_publishes_nothing(collection, monkeypatch, tmp_path):
    """A study, a wave or a release that the office did not take is in no file that the world reads."""
    manifest = collection.manifest()
    acts = {
        "study": lambda: studies.new_study(collection.settings, QUESTIONNAIRE),
        "open": lambda: waves.open_wave(
            collection.settings, STUDY, manifest.to_bytes(), collection.drill(manifest), demo=True
        ),
    }
    (collection.settings.public / f"studies/{STUDY}.json").unlink()
    _refuse_each(collection, monkeypatch, acts)
    acts["study"]()
    acts["open"]()
    assert "open" == Published(collection.settings.public).study(STUDY).state
    header = collection.box(tmp_path / "box")
    release = collection.release(collection.register_plan(), header)
    _refuse_each(collection, monkeypatch, {"release": lambda: releases.publish_release(collection.settings, release)})
    releases.publish_release(collection.settings, release)
    assert 1 == len(Published(collection.settings.public).releases(STUDY))


def _refuse_each(host, monkeypatch, acts):
    """Run each act with an office that takes no commit; the published folder must stay as it was."""
    before = contents(host.settings.public)
    for name, act in acts.items():
        with monkeypatch.context() as patched:
            patched.setattr(Session, "commit", fail_to_commit)
            with pytest.raises(OperationalError):
                act()
        assert before == contents(host.settings.public), name


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_act_that_is_not_published_is_published_by_doing_it_again(collection, monkeypatch, tmp_path):
    """The office knows what was done, though the published folder was full; the same command completes it."""
    manifest = collection.manifest()
    folder = Published(collection.settings.public)

    def open_wave():
        waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), collection.drill(manifest), demo=True)

    for act, state in ((open_wave, "open"), (lambda: waves.close_wave(collection.settings, STUDY), "closed")):
        with monkeypatch.context() as patched:
            patched.setattr(Published, "write_study", fail)
            with pytest.raises(UnfinishedError, match=r"No space.*run the same command again"):
                act()
        assert state == study_status(collection).waves[0].state
        assert state != folder.study(STUDY).state
        act()
        assert state == folder.study(STUDY).state
    release = collection.release(collection.register_plan(), collection.box(tmp_path / "box"))
    with monkeypatch.context() as patched:
        patched.setattr(Published, "write_release", fail)
        with pytest.raises(UnfinishedError, match="No space"):
            releases.publish_release(collection.settings, release)
    name = releases.publish_release(collection.settings, release)
    assert release == folder.release_bytes(STUDY, name)


def test_a_box_that_cannot_be_written_leaves_the_wave_open(collection, tmp_path):
    """A folder that is missing, or a folder in the file's place, is refused; asking for a box closes no wave."""
    collection.open_wave()
    before = audit_head(collection)
    for path in (tmp_path / "none" / "box", tmp_path):
        with pytest.raises(OperationError, match="nothing was changed"):
            boxes.make_box(collection.settings, STUDY, 1, path)
    assert ("open", before) == (study_status(collection).waves[0].state, audit_head(collection))
    assert "open" == Published(collection.settings.public).study(STUDY).state
    store_records(collection, 1)
    assert 1 == collection.box(tmp_path / "box").count


def test_a_box_that_breaks_off_leaves_the_wave_closed_for_everyone(open_collection, tmp_path, monkeypatch):
    """Where the disk fills up while the box is written, office, page and store agree; the box is made the next time."""
    store_records(open_collection, 2)
    with monkeypatch.context() as patched:
        patched.setattr("survey.operations.boxes.write_box", fail)
        with pytest.raises(UnfinishedError, match=r"wave 1 of q26 was not written .*run `sotto box` again"):
            open_collection.box(tmp_path / "box")
    assert "closed" == study_status(open_collection).waves[0].state
    assert "closed" == Published(open_collection.settings.public).study(STUDY).state
    with pytest.raises(store_errors.WaveClosedError):
        store_records(open_collection, 1)
    assert 2 == open_collection.box(tmp_path / "box").count


def test_a_close_that_the_office_does_not_take_is_done_again(open_collection, monkeypatch, tmp_path):
    """The store alone may be closed where the office's commit failed; closing again brings all to the same state."""
    with monkeypatch.context() as patched:
        patched.setattr(owner_access, "stop_accepting", fail)
        with pytest.raises(OSError, match="No space"):
            waves.close_wave(open_collection.settings, STUDY)
    assert "open" == study_status(open_collection).waves[0].state
    store_records(open_collection, 1)
    waves.close_wave(open_collection.settings, STUDY)
    assert "closed" == study_status(open_collection).waves[0].state
    assert 1 == open_collection.box(tmp_path / "box").count
    with pytest.raises(OperationError, match="no open wave"):
        waves.close_wave(open_collection.settings, STUDY)
