"""`sotto box` settles two things for ever, and does neither unasked."""

import json

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY

from crypto.errors import ExitCode
from survey.commands.main import main
from survey.operations import studies, waves


def box(host, path, *more: object):
    """Run the command on a host; return its result."""
    home = {"SOTTO_HOME": str(host.settings.public.parent)}
    return CliRunner().invoke(main, ["box", STUDY, "1", "-o", str(path), *map(str, more)], env=home)


def state(host) -> str:
    return studies.study_status(host.settings)[0].waves[0].state


def test_an_open_wave_without_a_plan_gets_no_box_unasked(open_collection, tmp_path):
    """It names what would be settled and what to do first, and changes nothing; --yes is a script's answer."""
    done = box(open_collection, tmp_path / "box")
    assert (ExitCode.REFUSED, "open", False) == (done.exit_code, state(open_collection), (tmp_path / "box").exists())
    assert f"its box closes it for ever: end fieldwork with `sotto study close {STUDY}` first" in done.output
    assert "no plan for wave 1 is published" in done.output
    assert (0, "boxed") == (box(open_collection, tmp_path / "box", "--yes").exit_code, state(open_collection))


@pytest.mark.slow
def test_a_closed_wave_with_a_plan_asks_nothing(open_collection, tmp_path):
    """The control: in the order that the tutorial has, nothing is odd; and the box once made is made again unasked."""
    open_collection.register_plan()
    waves.close_wave(open_collection.settings, STUDY)
    for _ in range(2):
        assert "count" in json.loads(box(open_collection, tmp_path / "box", "--json").output)
