"""The operator is killed before each of its steps: the next one finds what was done, and ends it, once."""

import errno
import os
from pathlib import Path

import pytest
from hosts.collection import STUDY, copied
from hosts.host_acts import acts_done, asks, opening, outcome, store_records, study_status, worker
from kinds import in_long
from sqlalchemy import event
from sqlalchemy.engine import Engine

from survey.answers_db.store_errors import WaveClosedError
from survey.operations.transaction import office_session
from survey.publication.folder import Published
from survey.settings import Settings

CLOSE = {"kind": "close-wave", "typed": STUDY, "on": None}


class Killed(BaseException):
    """Nothing of ours catches it, as nothing survives a kill."""


class Steps:
    """Counts commits of both databases and files that are put in place or removed; kills before the one at `last`."""

    def __init__(self, monkeypatch, last: int) -> None:
        self.done, self.last = 0, last
        for name in ("replace", "unlink"):
            real = getattr(Path, name)
            monkeypatch.setattr(Path, name, self.counted(real))
        event.listen(Engine, "commit", self.step)

    def step(self, *_: object) -> None:
        if self.done == self.last:
            raise Killed
        self.done += 1

    def counted(self, real):
        def act(*arguments, **options):
            self.step()
            return real(*arguments, **options)

        return act

    def end(self) -> None:
        event.remove(Engine, "commit", self.step)


def killed_at(host, monkeypatch, last: int) -> bool:
    """Let the operator work until it is killed before step `last`; return whether it was."""
    with monkeypatch.context() as patched:
        steps = Steps(patched, last)
        try:
            worker(host).work()
        except Killed:
            return True
        finally:
            steps.end()
    return False


def every_kill(begun, tmp_path, monkeypatch, ask, stride: int):
    """Yield a fresh host with its request, for each step before which its operator was killed and began again."""
    last = 0
    while True:
        home = tmp_path / str(last) / "home"
        host = copied(begun, Settings.from_environ({"SOTTO_HOME": str(home)}))
        number = ask(host)
        if not killed_at(host, monkeypatch, last):
            break
        assert outcome(host, number)[0] in {"waiting", "running"}
        worker(host).work()
        yield host, number
        last += stride
    assert last > 5, "the control: there were steps"


def done_once(host, act: str) -> None:
    """Check that the act stands once in the audit, under the name of who asked, behind one acceptance."""
    acts = acts_done(host)
    assert 1 == acts.count(("li@desk", "request accepted"))
    assert [("li@desk", act)] == [one for one in acts if one[1] == act]


@pytest.mark.parametrize("stride", [5, *in_long(1)])
def test_a_closing_that_is_killed_at_any_step_ends_closed_once(opened, tmp_path, monkeypatch, stride):
    """Whichever step is the last, the wave ends closed in both databases and on the page, with one act."""
    for host, number in every_kill(opened, tmp_path, monkeypatch, lambda host: asks(host, CLOSE), stride):
        assert ("done", "closed") == (outcome(host, number)[0], study_status(host).state)
        assert "closed" == Published(host.settings.public).study(STUDY).state
        with pytest.raises(WaveClosedError):
            store_records(host, 1)
        done_once(host, "wave closed")


@pytest.mark.parametrize("stride", [15, *in_long(1)])
def test_an_opening_that_is_killed_at_any_step_ends_open_once(begun, tmp_path, monkeypatch, stride):
    """Whichever step is the last, the wave ends open, with its bundles, its entry in the log and one act."""
    asked = lambda host: asks(host, *opening(host))  # noqa: E731 - it is handed on
    for host, number in every_kill(begun, tmp_path, monkeypatch, asked, stride):
        assert ("done", "open") == (outcome(host, number)[0], study_status(host).state)
        assert Published(host.settings.public).bundle(host.manifests[1].pin, "00")
        store_records(host, 1)
        done_once(host, "wave opened")


def test_an_act_that_could_not_be_published_is_not_called_refused(open_collection, monkeypatch):
    """A full disk after the office's commit: the request runs on, says why, and is done when there is room."""
    number = asks(open_collection, CLOSE)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Published, "write_study", full)
        assert not worker(open_collection).work()
    state, words = outcome(open_collection, number)
    assert "running" == state
    assert "No space left" in words
    with office_session(open_collection.settings):
        assert "closed" == study_status(open_collection).state
    assert worker(open_collection).work()
    assert "done" == outcome(open_collection, number)[0]
    done_once(open_collection, "wave closed")
