"""A wave is closed for ever by one command alone, which asks first; a box that names no plan is not made unasked."""

import contextlib
import io
import json
import sys

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY

from crypto.errors import ExitCode
from survey.commands.main import main
from survey.operations import studies, waves


def sotto(host, *words: object):
    """Run a command on a host without a terminal; return its result."""
    home = {"SOTTO_HOME": str(host.settings.public.parent)}
    return CliRunner().invoke(main, [*map(str, words)], env=home)


def box(host, path, *more: object):
    return sotto(host, "box", STUDY, 1, "-o", path, *more)


def state(host) -> str:
    return studies.study_status(host.settings)[0].waves[0].state


def test_an_open_wave_gets_no_box_whatever_is_asked(open_collection, tmp_path):
    """It says what to do first and changes nothing, with --yes too: a box closes no wave."""
    for more in ((), ("--yes",)):
        done = box(open_collection, tmp_path / "box", *more)
        made = (tmp_path / "box").exists()
        assert (ExitCode.REFUSED, "open", False) == (done.exit_code, state(open_collection), made)
        assert f"end fieldwork with `sotto study close {STUDY}` first" in done.output


def test_a_closed_wave_without_a_plan_gets_no_box_unasked(open_collection, tmp_path):
    """It names what would be settled for ever; --yes is a script's answer."""
    waves.close_wave(open_collection.settings, STUDY)
    done = box(open_collection, tmp_path / "box")
    assert (ExitCode.REFUSED, "closed", False) == (done.exit_code, state(open_collection), (tmp_path / "box").exists())
    assert "no plan for wave 1 is published" in done.output
    assert (0, "boxed") == (box(open_collection, tmp_path / "box", "--yes").exit_code, state(open_collection))


def test_a_wave_is_not_closed_where_nobody_can_be_asked(open_collection):
    """Without a terminal and without --yes nothing is changed; with it the wave is closed."""
    done = sotto(open_collection, "study", "close", STUDY)
    assert (ExitCode.REFUSED, "open") == (done.exit_code, state(open_collection))
    assert f"give --yes to close wave 1 of {STUDY} for ever" in done.output
    assert (0, "closed") == (sotto(open_collection, "study", "close", STUDY, "--yes").exit_code, state(open_collection))


@pytest.mark.parametrize(("typed", "after"), [("yes\n", "open"), ("\n", "open"), ("q2\n", "open"), ("q26\n", "closed")])
def test_a_wave_is_closed_by_whoever_types_the_studys_name(open_collection, monkeypatch, typed, after):
    """At a terminal the name closes, and nothing else does: neither yes nor an empty line."""
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setenv("SOTTO_HOME", str(open_collection.settings.public.parent))
    with contextlib.suppress(SystemExit):
        main(["study", "close", STUDY])
    assert after == state(open_collection)


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.slow
def test_a_closed_wave_with_a_plan_asks_nothing(open_collection, tmp_path):
    """The control: in the order that the tutorial has, nothing is odd; and the box once made is made again unasked."""
    open_collection.register_plan()
    waves.close_wave(open_collection.settings, STUDY)
    for _ in range(2):
        assert "count" in json.loads(box(open_collection, tmp_path / "box", "--json").output)
