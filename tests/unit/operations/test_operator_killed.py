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

from survey.answers_db import owner_access
from survey.answers_db.store_errors import WaveClosedError
from survey.office_db.requests import request
from survey.operations import staff, waves
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


def broken_off(host, monkeypatch, name: str, number: int) -> None:
    """Let the operator fail at a function of the closing or opening, so that the request stays as it was begun."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(name, full)
        assert not worker(host).work()
    assert "running" == outcome(host, number)[0]


BEFORE_ANYTHING = "survey.operations.waves.wave_of"


def test_what_was_begun_and_not_done_is_judged_anew(open_collection, monkeypatch):
    """Of who was disabled meanwhile it ends refused, in words, and changes nothing; of who was not it is done."""
    staff.add_user(open_collection.settings, "mei", "correct horse battery staple")
    number = asks(open_collection, CLOSE, asked_by="mei")
    broken_off(open_collection, monkeypatch, BEFORE_ANYTHING, number)
    staff.disable_user(open_collection.settings, "mei")
    assert worker(open_collection).work()
    state, words = outcome(open_collection, number)
    assert ("refused", True, True) == (state, "it was begun" in words, "has no open account" in words)
    assert "open" == study_status(open_collection).state
    kept = asks(open_collection, CLOSE)
    broken_off(open_collection, monkeypatch, BEFORE_ANYTHING, kept)
    assert worker(open_collection).work()
    assert ("done", "closed") == (outcome(open_collection, kept)[0], study_status(open_collection).state)


def test_what_was_done_is_completed_whoever_is_disabled_meanwhile(open_collection, monkeypatch):
    """Closed in the office, the wave is open nowhere any more, and its page comes to say so."""
    staff.add_user(open_collection.settings, "mei", "correct horse battery staple")
    number = asks(open_collection, CLOSE, asked_by="mei")
    broken_off(open_collection, monkeypatch, "survey.publication.folder.Published.write_study", number)
    staff.disable_user(open_collection.settings, "mei")
    assert worker(open_collection).work()
    assert "done" == outcome(open_collection, number)[0]
    assert "closed" == Published(open_collection.settings.public).study(STUDY).state


def test_a_close_that_ended_in_the_answers_alone_is_completed(open_collection, monkeypatch):
    """Killed between the two databases no answer is taken any more, so that nobody's being disabled leaves it so."""
    staff.add_user(open_collection.settings, "mei", "correct horse battery staple")
    number = asks(open_collection, CLOSE, asked_by="mei")
    stop = owner_access.stop_accepting

    def then_killed(*arguments: object) -> None:
        stop(*arguments)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(owner_access, "stop_accepting", then_killed)
        assert not worker(open_collection).work()
    assert "open" == study_status(open_collection).state
    staff.disable_user(open_collection.settings, "mei")
    assert worker(open_collection).work()
    assert ("done", "closed") == (outcome(open_collection, number)[0], study_status(open_collection).state)


def test_an_opening_that_began_in_the_answers_alone_is_completed(collection, monkeypatch):
    """Killed between the two databases answers are taken already: whoever is disabled meanwhile, the office says so."""
    staff.add_user(collection.settings, "mei", "correct horse battery staple")
    number = asks(collection, *opening(collection), asked_by="mei")
    start = owner_access.start_accepting

    def then_killed(*arguments: object) -> None:
        start(*arguments)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(owner_access, "start_accepting", then_killed)
        assert not worker(collection).work()
    assert study_status(collection) is None or study_status(collection).state != "open"
    staff.disable_user(collection.settings, "mei")
    assert worker(collection).work()
    assert ("done", "open") == (outcome(collection, number)[0], study_status(collection).state)


def test_what_broke_off_is_taken_back_unless_something_is_done(open_collection, monkeypatch):
    """A request that fails each time ends when it is taken back; one that closed the wave already is completed."""

    def taken_back(number: int) -> tuple[str, str]:
        with office_session(open_collection.settings) as session:
            name = request(session, number).hash
        back = asks(open_collection, {"kind": "cancel", "request": name})
        worker(open_collection).work()
        return outcome(open_collection, back)

    number = asks(open_collection, CLOSE)
    broken_off(open_collection, monkeypatch, BEFORE_ANYTHING, number)
    assert "done" == taken_back(number)[0]
    assert ("refused", "li took it back") == outcome(open_collection, number)
    assert "open" == study_status(open_collection).state
    kept = asks(open_collection, CLOSE)
    broken_off(open_collection, monkeypatch, "survey.publication.folder.Published.write_study", kept)
    state, words = taken_back(kept)
    assert ("refused", True) == (state, "something is done" in words)
    assert ("done", "closed") == (outcome(open_collection, kept)[0], study_status(open_collection).state)


def test_an_opening_that_a_command_closed_meanwhile_comes_to_an_end(collection, monkeypatch):
    """Nothing is left to open, and the request says so instead of running for ever; the operator goes on."""
    number = asks(collection, *opening(collection))
    broken_off(collection, monkeypatch, "survey.operations.waves.publish_bundles", number)
    assert "open" == study_status(collection).state
    waves.close_wave(collection.settings, STUDY)
    assert worker(collection).work()
    state, words = outcome(collection, number)
    assert ("refused", True) == (state, "nothing is left to open" in words)
    assert "closed" == study_status(collection).state
