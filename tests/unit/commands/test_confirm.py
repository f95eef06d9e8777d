"""A yes before what cannot be taken back: analysis/commands/confirm.py, and the commands that ask for it."""

import json

import pytest
from click.testing import CliRunner
from paths import STUDIES
from studies import small_study as small

from analysis.__main__ import main
from analysis.commands.confirm import NotConfirmedError, confirm
from analysis.study.registration import register
from crypto.errors import ExitCode

ITEMS = small.QUESTIONNAIRE.items
AUTHORED = f"""
study: {small.QUESTIONNAIRE.study}
wave: 1
title: A plan
reason: a test
rho: "0.04"
tables:
  - {{id: T1, dimensions: [AGE], reason: a test}}
  - {{id: T2, dimensions: [TA, AGE], reason: a test}}
"""

made, world = small.fixtures()


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "400"})


def asked(world, plan, *more):
    shares = [part for path in world.shares for part in ("--shares", path)]
    return ("release", world.plan_file(plan), "--box", world.box, *shares, "--study", world.folder.root, *more)


def announces(world, plan, *more):
    return ("key", "intent", world.plan_file(plan), "--box", world.box, "--study", world.folder.root, *more)


def everything(world):
    """Return every file of the study folder with its bytes."""
    return {path: path.read_bytes() for path in world.folder.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", ["release", "intent"])
def test_without_a_terminal_nothing_goes_on_unasked(world, command):
    """A dear plan in a script ends with 3, what is odd and `--yes`; no byte of the study folder is changed."""
    plan, words = small.plan(each=9_000_000), ["more than half", "give --yes", "nothing was changed"]
    if command == "release":
        world.announce(plan)
    else:
        words += ["the plan is not registered"]
    before = everything(world)
    done = run(*(asked(world, plan) if command == "release" else announces(world, plan)))
    assert ExitCode.REFUSED == done.exit_code
    assert [] == [one for one in words if one not in done.output]
    assert before == everything(world)


def test_with_yes_a_script_goes_on_and_is_told_what_was_odd(world):
    """`--yes` announces the same plan; what a person would be asked stands on stderr, stdout is JSON alone."""
    done = run(*announces(world, small.plan(), "--yes", "--json"))
    assert 0 == done.exit_code
    assert "Look: the plan is not registered" in done.stderr
    assert "Going on: --yes was given." in done.stderr
    assert done.stdout.startswith('{"intent"')


def test_a_release_that_was_paid_for_asks_nothing(world):
    """The stored release of an odd plan is given again without a question: nothing is spent."""
    world.announce(small.plan())
    assert 0 == run(*asked(world, small.plan(), "--workers", 1, "--yes")).exit_code
    again = run(*asked(world, small.plan(), "--workers", 1))
    assert (0, "") == (again.exit_code, "".join(line for line in again.stderr.splitlines() if "Look" in line))


def test_a_plan_over_what_is_left_is_not_registered(world):
    """`plan register` ends with 4, names price, rest and the study's ceiling, and keeps nothing of the plan."""
    before = everything(world)
    path = world.plan_file(small.plan(each=20_000_000))
    done = run("plan", "register", path, "--study", world.folder.root)
    assert ExitCode.BUDGET == done.exit_code
    assert "rho = 0.14 and 0.1 is left of the 0.1 that the study may spend in its life, more than it has" in done.output
    assert before == everything(world)
    register(world.folder, small.plan())


def test_no_more_is_split_than_is_left(world):
    """`plan suggest` over the study's ceiling ends with 4 before it computes; control: what is left is split."""
    path = world.folder.root.parent / "plan.yaml"
    path.write_text(AUTHORED, encoding="utf-8")
    asked = ("plan", "suggest", path, "--study", world.folder.root, "--rho")
    done = run(*asked, "0.2")
    assert (ExitCode.BUDGET, True) == (done.exit_code, "rho = 0.2 and 0.1 is left" in done.output)
    assert 0 == run(*asked, "0.1").exit_code


def test_a_loud_budget_is_declared_only_with_a_yes(tmp_path):
    """Above rho = 0.5 a script must say --yes: the budget stands for the study's life; nothing is made without."""
    where = ("--threshold", 2, "--custodians", 3, "-o", tmp_path / "study", "--shares", tmp_path / "shares")
    asked = ("key", "ceremony", STUDIES / "sesame_credit" / "questionnaire.yaml", *where, "--rho")
    done = run(*asked, "0.6")
    assert (ExitCode.REFUSED, True) == (done.exit_code, "cannot be declared again" in done.output)
    assert [] == [*tmp_path.iterdir()]
    assert 0 == run(*asked, "0.5").exit_code


def test_without_doubts_nobody_is_asked():
    """No doubt, no question, terminal or none; the control, one doubt, is refused."""
    confirm((), "do it", yes=False)
    with pytest.raises(NotConfirmedError, match=r"it is odd.*do it all the same"):
        confirm(("it is odd",), "do it", yes=False)
    confirm(("it is odd",), "do it", yes=True)


def lopsided_priors(path):
    """Write priors in which 98 of 100 people are of the first age group and all else is equal; return the path."""
    weights = {item.id: {"all": [98, 1, 1] if item.id == "AGE" else [100] * len(item.codes)} for item in ITEMS}
    items = [{"id": item.id, "codes": item.codes, "weights": weights[item.id]} for item in ITEMS]
    given = {"locales": {"en": 1}, "strata": {"open": 1}, "factors": [], "items": items}
    path.write_text(json.dumps({"study": small.QUESTIONNAIRE.study, "why": "a test"} | given))
    return path


@pytest.mark.parametrize("command", ["release", "intent"])
def test_the_look_counts_what_plan_check_counts_of_the_same_priors(world, tmp_path, command):
    """With --priors the groups that are too few are those of `plan check --n 300 --priors`, and other ones without."""
    path = world.plan_file(small.plan(each=4_000_000))
    given = ("--priors", lopsided_priors(tmp_path / "priors.yaml"))
    checked = run("plan", "check", path, "--study", world.folder.root, "--n", 300, *given, "--json")
    tables = json.loads(checked.stdout)["tables"]
    groups = [group for table in tables for group in table["agreed_groups"] or table["groups"]]
    said = f"{sum(group['abstains'] for group in groups)} of {len(groups)} groups will be too few"
    plan = small.plan(each=4_000_000)
    if command == "release":
        world.announce(plan)
    asked_for = asked(world, plan) if command == "release" else announces(world, plan)
    with_priors, without = run(*asked_for, *given), run(*asked_for)
    assert ExitCode.REFUSED == with_priors.exit_code == without.exit_code
    assert (True, False) == (said in with_priors.output, said in without.output)


def test_the_look_says_what_other_registered_plans_need(world):
    """On stderr, also where nothing is odd enough to ask about: rho, and the plan by its hash and title."""
    other = small.plan(title="Another")
    register(world.folder, other)
    plan = small.plan(parent=other.digest)
    world.announce(plan)
    done = run(*asked(world, plan, "--workers", 1, "--yes"))
    assert 0 == done.exit_code
    assert f"need rho 0.007 of the 0.093 that is left after this one: {other.digest[:8]} (Another)" in done.stderr
