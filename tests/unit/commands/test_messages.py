"""What a new user meets in `survey.commands` and `analysis.commands`: what is said of each file that is wrong."""

import re
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hosts.command_lines import CONFINED, ENDLESS, CommandLine, add_release, command_lines, place

from crypto.errors import ExitCode
from survey.commands.main import main

LINES = {line.name: line for line in command_lines() if line.name not in ENDLESS | CONFINED}
CONTENTS = {
    "empty.json": b"",
    "other.json": b'{"format":"other"}',
    "bytes.yaml": bytes(range(256)),
    "list.yaml": b"- 1",
}
LATE = {
    ("slips", "logo"),
    ("slips", "output"),
    ("take-in", "study_name"),
    ("poster", "study_name"),
    ("poster", "output"),
    ("issuer new", "output"),
    ("key intent", "priors"),
    ("status", "output"),
}
"""Looked at only after files agree that do not here: logo and output are as in `poster`, the names as in `invite`,
priors as in `release` (an intent that stands already is shown again, and nothing else is read). The file of `status`
is one of metrics, for which it is asked otherwise: below."""
CLASS_NAME = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")
MACHINERY = re.compile(
    r"Traceback|pydantic|Input should|Field required|Extra inputs|/\.[^/\s]+\.[a-z0-9_]{8}\b|\.part\b"
)
NAMES = {"DataCite", "RiseupVPN"}
"""Names of things outside, which are written like classes."""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A host, a study and a release, and beside them files that are none of what a command takes."""
    made = place(tmp_path_factory.mktemp("messages"))
    add_release(made)
    wrong = made.root / "wrong"
    (wrong / "folder.json").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (wrong / name).write_bytes(content)
    return made


def paths(line: CommandLine, *, read: bool):
    """Return a command's parameters that are files or folders to read, or those to write."""
    for parameter in line.command.params:
        named = parameter.name in {"where", "published"}
        if named or isinstance(parameter.type, click.Path):
            reads = named or parameter.type.exists or parameter.name == "study"
            if reads == read:
                yield parameter


def faults(names, *, read: bool):
    """Return one case for every command, every path that it takes and every name of `names`."""
    return [
        pytest.param(line, str(parameter.name), name, id=f"{line.name}-{parameter.name}-{name}".replace(" ", "-"))
        for line in LINES.values()
        for parameter in paths(line, read=read)
        for name in names
        if not (name.startswith("folder") and getattr(parameter.type, "dir_okay", True))
        and (line.name, parameter.name) not in LATE
    ]


def require_message(done, path: Path | str) -> None:
    """Refuse a success, a traceback, and a message that doesn't name what was given or is about our insides."""
    said = done.stdout + done.stderr
    assert done.exit_code not in (ExitCode.DONE, ExitCode.STOPPED), said
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert str(path) in said
    # The folder's drawn name may look like a class's.
    plain = said.replace(str(path), "").replace(tempfile.gettempdir(), "")
    assert set(CLASS_NAME.findall(plain)) <= NAMES, said
    assert MACHINERY.search(plain) is None, said
    assert len(re.findall("^Error: ", said, re.MULTILINE)) == (done.exit_code != ExitCode.UNVERIFIED), said


@pytest.mark.slow
@pytest.mark.parametrize(("line", "parameter", "name"), faults(["missing.json", "folder.json", *CONTENTS], read=True))
def test_a_file_that_is_wrong_is_named(here, line, parameter, name):
    """No file, a folder, an empty file, another JSON, bytes and a list end a command with one message of the path."""
    path = here.root / "wrong" / name
    require_message(here.run(line, **{parameter: str(path)}), path)


@pytest.mark.slow
@pytest.mark.parametrize(("line", "parameter", "name"), faults(["empty.json/below.html"], read=False))
def test_a_place_where_nothing_can_be_written_is_named(here, line, parameter, name):
    """A path below a file ends each command that writes with one message of that path, not of a temporary file."""
    path = here.root / "wrong" / name
    require_message(here.run(line, **{parameter: str(path)}), path)


def test_metrics_that_cannot_be_written_name_their_place(here):
    """With the option that asks for metrics, a path below a file ends `sotto status` like any other command."""
    path = here.root / "wrong" / "empty.json" / "below.prom"
    home = {"SOTTO_HOME": str(here.root / "host")}
    require_message(CliRunner().invoke(main, ["status", "--openmetrics", "-o", str(path)], env=home), path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        line
        for line in LINES.values()
        for one in line.command.params
        if one.name == "study_name" and (line.name, one.name) not in LATE
    ],
    ids=lambda line: line.name,
)
def test_an_unknown_study_is_named(here, line):
    """The message names the study that was asked for, and on the host those that there are."""
    done = here.run(line, study_name="nosuch")
    require_message(done, "nosuch")
    assert "its studies: q26" in done.stderr


def test_a_command_without_its_arguments_says_which(here):
    """Each command that needs an argument or an option ends with 2 and names one, in click's words."""
    for line in LINES.values():
        if any(parameter.required for parameter in line.command.params):
            words = [*line.words, *(["--envelope", "0a"] if line.name.endswith("--envelope") else [])]
            done = CliRunner().invoke(line.program, words)
            assert ExitCode.USAGE == done.exit_code, line.name
            assert re.search(r"Error: Missing (argument|option) '", done.stderr), line.name
