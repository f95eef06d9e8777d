"""How staff commands refuse: what a database says is told by its kind alone, and faults of ours stay faults."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import click
import pytest
from click.testing import CliRunner
from hosts.collection import STUDY
from paths import STUDIES
from sqlalchemy import text

from crypto.durable import FileTakenError
from crypto.errors import HIDDEN, ExitCode, SottoError
from survey.commands.console import CommandError, CommandGroup, errors_as_messages
from survey.commands.main import main
from survey.database.engine import connect

CANARY = "canary-7731"
HEAVY = {
    *("babel", "cryptography", "flask", "http.client", "numpy", "opendp", "pydantic", "rich", "scipy", "sqlalchemy"),
    *("ssl", "survey.demo", "survey.serving", "yaml"),
}
"""What takes more than a hundredth of a second to load, and what stands for it."""
DOCUMENTS = {"babel", "pydantic", "yaml"}
SHIPPED = str(STUDIES / "sesame_credit" / "questionnaire.yaml")


def ended(error):
    """Run a command that raises `error`, in a group of staff commands."""

    def fail() -> None:
        raise error

    return CliRunner().invoke(CommandGroup(commands=[click.Command("fail", callback=fail)]), ["fail"])


def test_a_database_error_is_a_refusal_without_its_words(collection, capsys):
    """The refusal names the driver's error type and what to do, and nothing of the statement or its values."""
    engine = connect(collection.settings.office_url, guard=None)
    with pytest.raises(click.exceptions.Exit) as caught, errors_as_messages():
        engine.connect().execute(text(f"SELECT '{CANARY}' FROM nowhere"))
    engine.dispose()
    error_output = capsys.readouterr().err
    assert ExitCode.REFUSED == caught.value.exit_code
    assert (
        "Error: a database refused (OperationalError): see that it is up and has room, then run this again\n"
        == error_output
    )


def test_a_fault_of_ours_stays_a_fault():
    """The control: an error that is no answer is not turned into one."""
    with pytest.raises(KeyError), errors_as_messages():
        raise KeyError(CANARY)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (CommandError("give --key"), ExitCode.REFUSED, "give --key"),
        (FileTakenError("codes.json exists"), ExitCode.REFUSED, "codes.json exists"),
        (SottoError(CANARY), ExitCode.STOPPED, f"{HIDDEN} (SottoError)"),
        (
            FileNotFoundError(2, "No such file", "a.box"),
            ExitCode.REFUSED,
            "a.box: there is no such file or folder; compare the path",
        ),
        (CommandError("it says \x1b[2J, \x9b2J"), ExitCode.REFUSED, "it says \\u001b[2J, \\u009b2J"),
        (click.UsageError("no such option"), ExitCode.USAGE, "no such option"),
    ],
)
def test_an_error_ends_a_command_as_its_class_says(error, code, message):
    """Exit code and text are the class's, a file error names the file, and what click refuses stays click's."""
    done = ended(error)
    assert (code, f"Error: {message}") == (done.exit_code, done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], set()),
        (["publish", "--no-such-option"], set()),
        (["plan", "check", "--help"], set()),
        (["release", "--no-such-option"], set()),
        (["study", "check", "--no-such-option"], set()),
        (["study", "check", SHIPPED], DOCUMENTS),
        (["study", "list"], DOCUMENTS | {"cryptography", "http.client", "sqlalchemy", "ssl"}),
    ],
)
def test_what_has_no_need_of_a_database_loads_none(arguments, loaded, tmp_path):
    """Help and a refused option end without any large library, a check without servers; the control needs databases."""
    code = (
        "import sys; from survey.commands.main import main\n"
        f"try: main({arguments!r})\n"
        f"finally: sys.stderr.write(' '.join(sorted({HEAVY!r} & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"SOTTO_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert loaded == HEAVY.intersection(done.stderr.splitlines()[-1].split() if done.stderr else [])


def test_a_broken_audit_chain_is_found_by_listing(collection):
    """`sotto study list` lists while the chain holds, and exits 3 naming the entry once an act was changed."""
    runner = CliRunner(env={"SOTTO_HOME": str(collection.settings.public.parent)})
    honest = runner.invoke(main, ["study", "list"])
    assert (0, True) == (honest.exit_code, STUDY in honest.stdout)
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as raw:
        raw.executescript("DROP TRIGGER audit_stays; UPDATE audit SET actor = 'x' WHERE sequence = 2;")
    broken = runner.invoke(main, ["study", "list"])
    assert (ExitCode.REFUSED, "") == (broken.exit_code, broken.stdout)
    assert "breaks at entry 2" in broken.stderr
