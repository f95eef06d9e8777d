"""
What `sotto ledger show` and `sotto ledger verify` say, and that they change nothing.

analysis/study/ledger_report.py.
"""

import hashlib
import json
import math
import shutil
import sqlite3

import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.budget.entries import LedgerCorruptError, LedgerError
from analysis.noise.noise import epsilons
from analysis.releasing.run import make_release
from analysis.study.folder import StudyError
from analysis.study.least_sigma import ledger_sigma
from analysis.study.ledger_report import read_ledger
from analysis.verification.verify import verify
from crypto.canonical import canonical
from crypto.errors import ExitCode
from crypto.signing import SigningKey
from survey.plan.plan import Plan
from survey.release.release import Release

PLAN = small.plan()
SECOND = Plan.from_bytes(canonical(PLAN.to_json() | {"title": "Second [plan]", "parent": PLAN.digest}))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("report"), number=10)
    for plan in (PLAN, SECOND):
        make_release(world.request(plan))
    return world


@pytest.fixture
def world(made, tmp_path):
    return made.copy(tmp_path)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "80"})


def wrong(world):
    return [check.name for check in read_ledger(world.folder).checks if not check.ok]


def edit(world, statement):
    with sqlite3.connect(world.folder.ledger_path) as database:
        database.execute(statement)
    database.close()


def files(world):
    paths = sorted(path for path in world.folder.root.rglob("*") if path.is_file())
    return {path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in paths}


def test_a_whole_ledger_is_sound_and_reading_it_changes_no_file(world):
    """Both debits are released, every check holds, and no byte or time of any file is another afterwards."""
    before = files(world)
    report = read_ledger(world.folder)
    assert report.sound
    assert [("A plan", "released"), ("Second [plan]", "released")] == [(x.title, x.result) for x in report.lines]
    assert (14_000_000, 0) == (report.spent, report.spent_delta)
    assert report.least_sigma == pytest.approx(math.sqrt(1000), abs=1e-6)
    assert before == files(world)


def test_a_plan_that_is_gone_counts_with_the_least_noise_that_its_price_allows(world):
    """Without the first plan's files its debit may have bought one table: sigma is then that of all its rho."""
    shutil.rmtree(world.folder.release_folder(PLAN.digest))
    shutil.rmtree(world.folder.plan_folder(PLAN.digest))
    report = read_ledger(world.folder)
    assert report.least_sigma == pytest.approx(math.sqrt(1e9 / 7_000_000), abs=1e-6)


def test_a_damaged_plan_of_a_debit_is_named_and_not_taken_for_one_that_is_gone(world):
    """A stored plan with a changed byte is a fault of the folder: no bound is made up from the price instead."""
    (world.folder.release_folder(PLAN.digest) / "plan.json").write_bytes(b"{}")
    with world.folder.open_ledger() as ledger, pytest.raises(StudyError, match=r"plan\.json: no valid plan"):
        ledger_sigma(world.folder, ledger.entries())


def test_the_second_release_holds_the_least_noise_of_both(made):
    """Epsilon by the curve is of both releases together, for the least sigma of all that either drew."""
    first, second = (
        Release.from_bytes((made.folder.release_folder(plan.digest) / "release.json").read_bytes())
        for plan in (PLAN, SECOND)
    )
    least = min(table.sigma for table in first.tables)
    assert second.budget.curve.least_sigma == pytest.approx(least, rel=1e-9)
    assert second.budget.curve.least_sigma <= least
    due = [epsilons(spent, least_sigma=least) for spent in (7_000_000, 14_000_000)]
    assert due == [release.budget.epsilons for release in (first, second)]


def test_a_second_release_that_forgets_the_noise_of_the_first_is_named(made, tmp_path):
    """Signed again with a sigma that fits its own tables alone, epsilon is too small, and verify sees it."""
    world = made.copy(tmp_path)
    strong = Plan.from_bytes(canonical(small.plan(each=1_000).to_json() | {"parent": SECOND.digest}))
    third = make_release(world.request(strong)).release
    assert verify(third.to_bytes(), world.folder).verified
    document = third.to_json()
    own, _ = epsilons(third.budget.spent, least_sigma=900.0)
    document["budget"]["curve"] = {"least_sigma": 900.0, "epsilon": own}
    signature = world.folder.signing_key().sign(Release.from_bytes(canonical(document)).unsigned_bytes(), "release")
    forged = canonical(document | {"signature": signature.to_json()})
    assert verify(forged).verified
    assert ("budget.curve",) == verify(forged, world.folder).failed


def test_a_ledger_is_read_where_nothing_can_be_written(world):
    """Read-only files are enough."""
    for path in (world.folder.ledger_path, world.folder.anchor_path):
        path.chmod(0o400)
    assert read_ledger(world.folder).sound


def test_show_lists_every_debit_and_the_head_at_eighty_columns(world):
    """A person sees both plans, what is left, epsilon, and the head in groups; brackets in a title are shown."""
    done = run("ledger", "show", world.folder.root)
    assert 0 == done.exit_code
    for part in ("Second [plan]", "0.014 of 0.1; 0.086 is left", "at delta 1e-6", "0 of 1e-10", "released"):
        assert part in done.output
    head = read_ledger(world.folder).head
    assert f"{head[:4]} {head[4:8]}" in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_json_holds_the_whole_ledger(world):
    """One object: budgets, entries with their hashes, checks, and whether it is sound."""
    for command in ("show", "verify"):
        value = json.loads(run("ledger", command, world.folder.root, "--json").stdout)
        assert (14_000_000, 86_000_000) == (value["nano_rho"]["spent"], value["nano_rho"]["left"])
        assert value["head"] == value["entries"][1]["entry"]
        assert value["sound"]


def test_a_lost_result_is_shown_and_is_no_alarm(world):
    """Spent and its file gone: said so, and the ledger is sound."""
    (world.folder.release_folder(PLAN.digest) / "release.json").unlink()
    assert ["lost", "released"] == [line.result for line in read_ledger(world.folder).lines]
    assert "spent, result lost" in run("ledger", "show", world.folder.root).output
    assert 0 == run("ledger", "verify", world.folder.root).exit_code


def test_a_refused_debit_is_an_announcement_and_no_alarm(world):
    """An intent without a debit spent nothing, and the check of intents counts it."""
    from dataclasses import replace

    with world.folder.open_ledger() as ledger:
        charge = replace(ledger.entries()[0].charge, plan="0" * 64, nano_rho=10**9)
        with pytest.raises(LedgerError):
            ledger.debit(charge)
    report = read_ledger(world.folder)
    assert report.sound
    assert any("1 more were" in check.detail for check in report.checks)


def spoil(world, made, fault):
    root, releases = world.folder.root, world.folder.root / "releases"
    if fault == "anchor cut":
        lines = world.folder.anchor_path.read_bytes().splitlines(keepends=True)
        world.folder.anchor_path.write_bytes(b"".join(line for line in lines if b'"intent"' not in line))
    elif fault == "rewound":
        edit(world, "DELETE FROM entry WHERE sequence = 2")
        edit(world, "UPDATE budget SET spent = 7000000")
    elif fault == "edited release":
        path = releases / PLAN.digest / "release.json"
        path.write_bytes(path.read_bytes().replace(b'"day":"2', b'"day":"3'))
    elif fault == "swapped releases":
        shutil.copy(releases / PLAN.digest / "release.json", releases / SECOND.digest / "release.json")
        shutil.copy(root / "questionnaire.json", releases / PLAN.digest / "release.json")
    elif fault == "another key":
        path, key = releases / PLAN.digest / "release.json", SigningKey.generate()
        document = json.loads(path.read_bytes()) | {"signer": key.verifying_key.to_json()}
        document.pop("signature")
        path.write_bytes(canonical(document | {"signature": key.sign(canonical(document), "release").to_json()}))


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("anchor cut", ["intents"]),
        ("rewound", ["anchor", f"releases/{SECOND.digest[:8]}"]),
        ("edited release", [f"releases/{PLAN.digest[:8]}"]),
        ("another key", [f"releases/{PLAN.digest[:8]}"]),
        ("swapped releases", sorted(f"releases/{plan.digest[:8]}" for plan in (PLAN, SECOND))),
    ],
)
def test_each_disagreement_is_named_and_ends_with_four(world, made, fault, named):
    """What does not fit is named by verify, which ends with 4; show says it too; control: the untouched copy has 0."""
    assert 0 == run("ledger", "verify", world.folder.root).exit_code
    spoil(world, made, fault)
    assert named == wrong(world)
    done = run("ledger", "verify", world.folder.root)
    assert ExitCode.BUDGET == done.exit_code
    assert "NOT SOUND" in done.output
    assert named[0] in run("ledger", "show", world.folder.root).output


def test_an_older_anchor_is_told_until_it_is_acknowledged_and_noted_for_ever(world):
    """Verify and show name it after every opening, and nothing is sound; once the noted head was compared all is, and
    both still say that it happened. Another head than the ledger's changes nothing.
    """
    root, path = world.folder.root, world.folder.anchor_path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1]))
    for _ in range(2):
        world.folder.open_ledger().__exit__()
        assert ["intents", "rewound"] == wrong(world)
        assert ExitCode.BUDGET == run("ledger", "verify", root).exit_code
        assert "lacked entry 1, 2 of the ledger" in run("ledger", "show", root).output
    refused = run("ledger", "acknowledge", root, "--head", "0" * 16)
    assert (ExitCode.BUDGET, ["intents", "rewound"]) == (refused.exit_code, wrong(world))
    head = read_ledger(world.folder).head
    done = run("ledger", "acknowledge", root, "--head", head[:16], "--json")
    assert {"entries": [1, 2], "head": head} == json.loads(done.stdout)
    assert [] == wrong(world)
    for command in ("verify", "show"):
        done = run("ledger", command, root)
        assert (0, True) == (done.exit_code, "an older anchor once lacked entry 1, 2" in done.output)


@pytest.mark.parametrize(
    "statement", ["UPDATE entry SET nano_rho = 1 WHERE sequence = 1", "UPDATE budget SET total = 5"]
)
def test_an_edited_database_is_not_shown(world, statement):
    """A chain that does not hold is refused: nothing that it says is shown."""
    with sqlite3.connect(world.folder.ledger_path) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(statement)
    database.close()
    with pytest.raises(LedgerCorruptError, match="restore"):
        read_ledger(world.folder)
    assert ExitCode.BUDGET == run("ledger", "show", world.folder.root).exit_code


def test_a_folder_without_a_ledger_and_an_interrupted_debit_are_told(world, tmp_path):
    """No ledger is a refusal by name; a journal that a crash left is told, because mending it would change a file."""
    with pytest.raises(StudyError, match="is this a study folder"):
        read_ledger(type(world.folder)(tmp_path / "none"))
    world.folder.root.joinpath("ledger.sqlite-journal").write_bytes(b"x")
    with pytest.raises(LedgerError, match="interrupted"):
        read_ledger(world.folder)


def test_a_release_is_refused_under_a_head_that_custodians_do_not_know(world):
    """With --head the box stays shut unless the ledger ends there, and no refusal shows the digits."""
    shares = [part for path in world.shares for part in ("--shares", path)]
    asked = ("release", world.plan_file(PLAN), "--box", world.box, *shares, "--study", world.folder.root)
    asked = (*asked, "--few", "--yes")
    head = read_ledger(world.folder).head
    done = run(*asked, "--head", "0" * 64)
    assert ExitCode.BUDGET == done.exit_code
    assert "head is not the one that was noted" in done.output
    shown = f"{head[:4]} {head[4:8]}"
    assert (False, False) == (shown in done.output, head[:16] in done.output)
    assert shown in run(*asked[:-1]).stderr
    assert ExitCode.BUDGET == run(*asked, "--head", head[:15]).exit_code
    known = run(*asked, "--head", f"{head[:4]} {head[4:20].upper()}")
    assert (0, False) == (known.exit_code, shown in known.stderr)
