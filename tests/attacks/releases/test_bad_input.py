"""Bad input of every kind is refused with its reason and remedy, or flagged, and the ledger does not move by a byte.

test_plan_rules.py has each fault of a plan by itself; here the whole release is asked for, as a person does.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.releasing import run
from crypto.canonical import canonical
from crypto.errors import ExitCode
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire

PLAN = small.plan().to_json()
AGE = PLAN["margins"][0]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("bad"), number=300)


@pytest.fixture
def world(made, tmp_path, monkeypatch):
    """A world of one's own, in which nothing may be opened."""
    monkeypatch.setattr(run, "count_box", lambda *_, **__: pytest.fail("opened"))
    return made.copy(tmp_path)


def table(place=0, **changes):
    tables = [dict(one) for one in PLAN["tables"]]
    tables[place] |= changes
    return {"tables": tables}


def margin(**changes):
    return {"margins": [AGE | changes]}


def spending(world):
    """Return every byte that says what was spent."""
    return world.folder.ledger_path.read_bytes(), world.folder.anchor_path.read_bytes()


def ask(world, document, *more, box=None):
    """Ask for a release as a person does; return the exit code, what was said, and whether the ledger moved."""
    path = world.folder.root.parent / "asked.json"
    path.write_bytes(document if isinstance(document, bytes) else canonical(document))
    announced = ["key", "intent", path, "--box", box or world.box, "--study", world.folder.root, "--yes"]
    CliRunner().invoke(main, [str(part) for part in announced])
    before = spending(world)
    shares = [part for share in world.shares for part in ("--shares", share)]
    asked = ["release", path, "--box", box or world.box, *shares, "--study", world.folder.root, "--workers", 1, "--yes"]
    asked += more
    done = CliRunner().invoke(main, [str(part) for part in asked], env={"COLUMNS": "400"})
    return done.exit_code, done.output, before != spending(world)


PLANS = {
    "an unknown item": (table(dimensions=["NOWHERE"]), "no item, indicator or group NOWHERE", "correct the name"),
    "an unknown item in a filter": (table(population={"item": "NOWHERE", "in": [1]}), "no item NOWHERE", "correct"),
    "a filter that routing makes empty": (
        table(population={"all": [{"item": "HOW", "in": [3]}, {"item": "WHY", "in": [1]}]}),
        "nobody can ever belong",
        "routing",
    ),
    "budgets that overlap": ({"nano_rho": 6_999_999}, "cost more than the plan says", "compile it again"),
    "one table paid twice": (table(1, dimensions=["AGE"], weight_by=None), "asks what table T1 asks", "keep one"),
    "one name for two tables": (table(1, id="T1"), "stands in the plan 2 times", "its own name"),
    "a margin that misses a level": (
        margin(shares={"1": 30_000, "2": 70_000}),
        "level 3 of AGE has no percentage",
        "name it in `without`",
    ),
    "a margin of a level that is not there": (
        margin(shares={"1": 30_000, "2": 40_000, "3": 20_000, "9": 10_000}),
        "AGE has no level 9",
        "remove it",
    ),
    "weights without a margin": (margin(dimension="HOW"), "there is no margin of AGE", "the margin in it"),
    "weights of a question of several answers": (
        table(4, weight_by=["AGE"]),
        "only tables of one plain answer for each dimension",
        "leave out grids",
    ),
    "another study": ({"study": "other-study"}, "other-study", "plan of this study"),
    "a wave without a key": ({"wave": 2}, "wave 2 has had no key ceremony", ""),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_is_refused_with_its_remedy(world, name):
    """Code 3, the reason, the remedy, and not a byte of the ledger or its anchor has changed."""
    changes, message, remedy = PLANS[name]
    document = PLAN | changes
    document["tables"] = [{k: v for k, v in one.items() if k != "weight_by" or v} for one in document["tables"]]
    code, output, moved = ask(world, document)
    assert (ExitCode.REFUSED, False) == (code, moved)
    assert message in output
    assert remedy in output


@pytest.mark.parametrize(
    "written",
    [
        canonical(PLAN | {"nano_rho": 0}),
        canonical(PLAN | table(nano_rho=-1)),
        canonical(PLAN).replace(b'"nano_rho":7000000', b'"nano_rho":NaN'),
        canonical(PLAN).replace(b'"nano_rho":7000000', b'"nano_rho":1e999'),
        canonical(PLAN).replace(b'"nano_rho":7000000', b'"nano_rho":7000000.5'),
        canonical(PLAN | margin(shares={"1": 30_000, "2": 40_000, "3": 29_999})),
        canonical(PLAN | margin(shares={"1": 0, "2": 60_000, "3": 40_000})),
        b"{}",
        b"no plan",
    ],
    ids=["zero", "negative", "nan", "infinite", "fraction", "margins-99.999", "margin-zero", "empty", "text"],
)
def test_numbers_that_are_none_make_no_plan(world, written):
    """Zero, negative, fractional and non-finite prices and margins that do not sum: code 3, nothing moved."""
    code, output, moved = ask(world, written)
    assert (ExitCode.REFUSED, False) == (code, moved)
    assert "Traceback" not in output


def test_a_cap_above_the_options_is_refused():
    """A questionnaire that was not compiled by us, with a cap of eleven of ten options: the plan names it."""
    from survey.plan.plan_rules import fault_text, plan_faults

    document = small.QUESTIONNAIRE.to_json()
    next(item for item in document["items"] if item["id"] == "MANY")["cap"] = 11
    edited = Questionnaire.from_bytes(canonical(document))
    assert any("above its 10 options" in fault_text(fault) for fault in plan_faults(small.plan(), edited))


def test_a_questionnaire_that_changed_is_refused(world):
    """One option less in the study folder's questionnaire: it is not what the wave's manifest pins."""
    path = world.folder.root / "questionnaire.json"
    path.write_bytes(path.read_bytes().replace(b'{"code":20}', b'{"code":21}', 1))
    code, output, moved = ask(world, PLAN)
    assert (ExitCode.REFUSED, False) == (code, moved)
    assert "questionnaire" in output


def test_a_box_of_another_study_is_refused(world, tmp_path):
    """Records sealed for another ceremony's manifest: the box names another manifest and key."""
    other = small.build(tmp_path / "other", number=300)
    code, output, moved = ask(world, PLAN, box=other.box)
    assert (ExitCode.REFUSED, False) == (code, moved)
    assert "not of this study and wave: manifest, key_id" in output


def test_an_edited_box_is_refused(world, tmp_path):
    """A flipped bit in the last record."""
    data = world.box.read_bytes()
    (tmp_path / "edited.box").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    code, _, moved = ask(world, PLAN, box=tmp_path / "edited.box")
    assert (ExitCode.REFUSED, False) == (code, moved)


def test_an_older_ledger_is_refused(made, tmp_path):
    """The database of before a release put back under its anchor: code 4, named, and nothing more is written."""
    world = made.copy(tmp_path)
    older = world.folder.ledger_path.read_bytes()
    assert 0 == ask(world, PLAN)[0]
    world.folder.ledger_path.write_bytes(older)
    amendment = PLAN | {"title": "again", "parent": small.plan().digest}
    code, output, moved = ask(world, amendment)
    assert (ExitCode.BUDGET, False) == (code, moved)
    assert "an older copy of the database was put back; restore the newest one" in output


def test_more_than_is_left_is_refused(world):
    """A plan over the lifetime budget: code 4 with both numbers."""
    code, output, moved = ask(world, PLAN | {"nano_rho": 100_000_001})
    assert (ExitCode.BUDGET, False) == (code, moved)
    assert "0.100000001" in output
    assert "0.1 is left" in output


def test_far_too_few_answers_are_refused_unless_asked_for(made, tmp_path):
    """299 records: code 3 with what to publish instead; with --few, and from 300 on, it goes through."""
    world = made.copy(tmp_path)
    small.write(tmp_path / "few.box", world.manifest, small.payloads(299))
    code, output, moved = ask(world, PLAN, box=tmp_path / "few.box")
    assert (ExitCode.REFUSED, False) == (code, moved)
    assert "holds 299 records" in output
    assert "too few" in output
    assert 0 == ask(world, PLAN, "--few", box=tmp_path / "few.box")[0]
    other = made.copy(tmp_path / "other")
    assert 0 == ask(other, PLAN)[0]


def test_a_weight_target_that_will_be_lost_is_flagged_before(world):
    """`plan check` at 300 answers warns that weighting T2 will say nothing, and touches nothing."""
    before = spending(world)
    path = world.plan_file(small.plan())
    done = CliRunner().invoke(
        main, ["plan", "check", str(path), "--study", str(world.folder.root), "--n", "300", "--json"]
    )
    report = json.loads(done.stdout)
    assert ("T2", "weight-lost") in {(advice["table"], advice["code"]) for advice in report["advice"]}
    assert before == spending(world)


@pytest.mark.parametrize(
    "option",
    [
        ("--deff", "nan"),
        ("--deff", "inf"),
        ("--n", "0"),
        ("--n", "nan"),
        ("--group", "AGE.1=nan"),
        ("--population", "AGE.1=-1"),
    ],
    ids=" ".join,
)
def test_expectations_that_are_no_numbers_are_refused(world, option):
    """A design effect, a size or a share that is none ends with 2 or 3, never with a table of nonsense."""
    asked = ["plan", "check", str(world.plan_file(small.plan())), "--study", str(world.folder.root), *option]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code in {ExitCode.USAGE, ExitCode.REFUSED}
    assert "Traceback" not in done.output


def test_the_control_a_sound_plan_moves_the_ledger(made, tmp_path):
    """Control: without a fault the same question is answered, and both files change."""
    code, _, moved = ask(made.copy(tmp_path), Plan.from_bytes(canonical(PLAN)).to_bytes())
    assert (0, True) == (code, moved)
    assert Path(tmp_path / "study" / "releases").is_dir()
