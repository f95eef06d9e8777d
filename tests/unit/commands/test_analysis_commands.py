"""The analysis commands as a person runs them: analysis/__main__.py, analysis/commands, analysis/terminal_views."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from paths import STUDIES, VECTORS
from studies import small_study as small

from analysis.__main__ import main
from analysis.budget.entries import LedgerError
from analysis.commands.program import Program
from crypto.box import BoxError
from crypto.canonical import CanonicalError, canonical, parse
from crypto.errors import HIDDEN, ExitCode
from survey.plan.plan import Plan
from survey.questionnaire.payload import PayloadError

COMMANDS = (["key", "ceremony"], ["key", "drill"], ["plan", "check"], ["release"], ["export"], ["verify"])

made, world = small.fixtures()


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "80"})


def release(world, *more, plan=None):
    shares = [part for path in world.shares for part in ("--shares", path)]
    world.announce(plan or small.plan())
    path = world.plan_file(plan or small.plan())
    asked = ("release", path, "--box", world.box, *shares, "--study", world.folder.root, "--workers", 1, "--yes")
    return run(*asked, *more)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command):
    """--help ends with 0 and shows an example of this very command."""
    done = run(*command, "--help")
    assert 0 == done.exit_code
    assert f"Example: sotto {' '.join(command)}" in done.output


@pytest.mark.slow
def test_the_whole_way_in_commands(world, tmp_path):
    """check, release, release again, verify and export each end with 0; the replay is free; the copy is the release."""
    plan = world.plan_file(small.plan())
    assert 0 == run("plan", "check", plan, "--study", world.folder.root).exit_code
    first = json.loads(release(world, "-o", tmp_path / "out", "--json").stdout)
    again = json.loads(release(world, "--json").stdout)
    assert (False, True) == (first["replayed"], again["replayed"])
    assert (7_000_000, 7) == (first["budget"]["spent"], first["tables"])
    assert first["digest"] == again["digest"]
    done = run("verify", tmp_path / "out", "--study", world.folder.root, "--box", world.box, "--json")
    assert (0, True) == (done.exit_code, json.loads(done.stdout)["verified"])
    done = run("export", tmp_path / "out" / "release.json", "--to", tmp_path / "files", "--json")
    changed = tmp_path / "changed.json"
    changed.write_bytes(canonical(parse((tmp_path / "out" / "release.json").read_bytes()) | {"day": "2999-01-01"}))
    refused = run("export", changed, "--to", tmp_path / "none")
    assert (ExitCode.REFUSED, False) == (refused.exit_code, (tmp_path / "none").exists())
    assert "was changed after it was signed" in refused.output
    names = [Path(path).name for path in json.loads(done.stdout)["files"]]
    assert 0 == done.exit_code
    assert all(any(name.startswith(f"T{number}") for name in names) for number in range(1, 8))


def test_a_person_sees_tables_with_margins_and_the_price(world):
    """The terminal shows shares with their margins, the price with epsilon, and what an open link cannot exclude."""
    shown = release(world).output
    for part in (
        "T2  Question TA?",
        "±",
        "number (noisy)",
        "rho 0.007",
        "at delta 1e-6",
        "by the noise's own privacy curve; ",
        "by OpenDP's conversion from rho alone",
        "duplicates cannot be excluded",
    ):
        assert part in shown
    assert "stored release, at no cost" in release(world).output


def test_the_plan_check_reads_at_eighty_columns(world):
    """No line is longer than the terminal, and every table has its row."""
    shown = run("plan", "check", world.plan_file(small.plan()), "--study", world.folder.root, "--n", 2000).output
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert all(f"T{number} " in shown for number in range(1, 8))


def test_ceremony_and_drill_in_commands(tmp_path):
    """The real study's ceremony makes a folder whose drill proves three quorums; JSON on stdout alone."""
    questionnaire = STUDIES / "sesame_credit" / "questionnaire.yaml"
    where = ("-o", tmp_path / "study", "--shares", tmp_path / "shares")
    done = run("key", "ceremony", questionnaire, "--threshold", 2, "--custodians", 3, *where, "--rho", "0.05", "--json")
    public = json.loads(done.stdout)
    assert (0, 3, 50_000_000, False) == (done.exit_code, len(public["shares"]), public["budget"], public["demo"])
    done = run("key", "drill", tmp_path / "study", "--shares", *public["shares"], "--json")
    assert (0, 3) == (done.exit_code, json.loads(done.stdout)["subsets"])


def test_a_demo_key_and_a_large_budget_are_said_loudly(tmp_path):
    """A 1-of-1 key and a lifetime budget above 0.5 each print a warning that cannot be missed."""
    questionnaire = STUDIES / "sesame_credit" / "questionnaire.yaml"
    where = ("-o", tmp_path / "study", "--shares", tmp_path / "shares", "--threshold", 1, "--custodians", 1)
    assert ExitCode.REFUSED == run("key", "ceremony", questionnaire, *where).exit_code
    shown = run("key", "ceremony", questionnaire, *where, "--demo", "--rho", "0.6", "--yes").output
    assert "DEMO KEY" in shown
    assert "LOUD BUDGET" in shown


def test_wrong_usage_ends_with_two(world, tmp_path):
    """A missing option, a missing file and a budget that is no number are usage errors."""
    questionnaire = VECTORS / "questionnaire-small.json"
    assert ExitCode.USAGE == run("release", world.plan_file(small.plan())).exit_code
    assert ExitCode.USAGE == run("verify", tmp_path / "none").exit_code
    where = ("-o", tmp_path / "s", "--shares", tmp_path / "x", "--threshold", 2, "--custodians", 3)
    assert ExitCode.USAGE == run("key", "ceremony", questionnaire, *where, "--rho", "much").exit_code


def test_a_refusal_ends_with_three_and_says_what_to_do(world, tmp_path):
    """A broken box, a plan with an unknown item and a bad document: code 3, the file, the remedy, no traceback."""
    broken = tmp_path / "broken.box"
    broken.write_bytes(world.box.read_bytes()[:-1])
    done = run(
        "release",
        world.plan_file(small.plan()),
        "--box",
        broken,
        "--shares",
        world.shares[0],
        "--study",
        world.folder.root,
    )
    assert ExitCode.REFUSED == done.exit_code
    assert f"Error: {broken}: the box ends" in done.output
    assert "copy it again" in done.output
    assert "Traceback" not in done.output
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert ExitCode.REFUSED == run("plan", "check", bad, "--study", world.folder.root).exit_code
    assert ExitCode.REFUSED == run("export", bad, "--to", tmp_path / "x").exit_code


def test_overspending_ends_with_four_and_names_the_numbers(world):
    """A plan over the budget ends with 4 in the check and in the release, naming asked and left."""
    greedy = Plan.from_bytes(canonical(small.plan().to_json() | {"nano_rho": 200_000_000}))
    done = release(world, plan=greedy)
    assert ExitCode.BUDGET == done.exit_code
    assert "0.2 and 0.1 is left" in done.output
    assert ExitCode.BUDGET == run("plan", "check", world.plan_file(greedy), "--study", world.folder.root).exit_code


def test_an_edited_release_ends_with_five(world, tmp_path):
    """verify names the field and ends with 5."""
    path = json.loads(release(world, "--json").stdout)["release"]
    document = json.loads(Path(path).read_bytes()) | {"day": "2120-01-01"}
    edited = tmp_path / "edited.json"
    edited.write_bytes(canonical(document))
    done = run("verify", edited)
    assert ExitCode.UNVERIFIED == done.exit_code
    assert "signature" in done.output


def test_a_release_that_breaks_a_recomputation_ends_with_five_too(world, tmp_path):
    """A shortened public key is an edit like any other: verify names the signer and ends with 5, not with 1."""
    document = json.loads(Path(json.loads(release(world, "--json").stdout)["release"]).read_bytes())
    edited = tmp_path / "edited.json"
    edited.write_bytes(canonical(document | {"signer": document["signer"] | {"ed25519": "AAAA"}}))
    done = run("verify", edited, "--study", world.folder.root)
    assert ExitCode.UNVERIFIED == done.exit_code
    assert "signer" in done.output


def test_an_unexpected_exception_is_told_by_its_class_alone(world, monkeypatch):
    """Anything else ends with 1 and the class name: a message that holds an answer is not shown."""
    from analysis.releasing import run

    def fail(*_, **__):
        raise RuntimeError("she answered 3")

    monkeypatch.setattr(run, "count_box", fail)
    done = release(world)
    assert ExitCode.STOPPED == done.exit_code
    assert "RuntimeError" in done.output
    assert "she answered" not in done.output


def test_ctrl_c_ends_with_130_and_no_process_is_left(world, monkeypatch):
    """Interrupted while counting: code 130, nothing spent."""
    from analysis.releasing import run

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "count_box", interrupted)
    assert ExitCode.INTERRUPTED == release(world).exit_code
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (LedgerError("less is left"), ExitCode.BUDGET, "less is left"),
        (BoxError("copy it again"), ExitCode.REFUSED, "copy it again"),
        (CanonicalError("not JSON"), ExitCode.STOPPED, "not JSON"),
        (PayloadError("width"), ExitCode.STOPPED, f"{HIDDEN} (PayloadError)"),
        (
            FileNotFoundError(2, "No such file", "a.txt"),
            ExitCode.REFUSED,
            "a.txt: there is no such file or folder; compare the path",
        ),
        (KeyError("secret"), ExitCode.STOPPED, f"{HIDDEN} (KeyError)"),
    ],
)
def test_an_error_ends_a_command_as_its_class_says(error, code, text):
    """Exit code and text are the class's; a file error names the file; of any other no more than the name is shown."""

    def fail() -> None:
        raise error

    done = CliRunner().invoke(Program(commands=[click.Command("fail", callback=fail)]), ["fail"])
    assert (code, f"Error: {text}\n") == (done.exit_code, done.stderr)
