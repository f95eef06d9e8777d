"""What registered plans need is kept for them: analysis/study/registered_plans.py and registration.py."""

import json

import pytest
from click.testing import CliRunner
from studies import phrase_lists
from studies import small_study as small

from analysis.__main__ import main
from analysis.budget.entries import OverspentError
from analysis.releasing import run
from analysis.releasing.run import announce, make_release
from analysis.study.folder import StudyError
from analysis.study.registered_plans import CommittedError, commitments, registered_plans, registration_of
from analysis.study.registration import check_registrable, register
from crypto.canonical import canonical
from crypto.errors import ExitCode
from survey.document import DocumentError
from survey.plan.plan import Plan
from survey.plan.registration import Registration

PLAN = small.plan(each=9_000_000)
"""Costs rho 0.063 of the study's 0.1."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("committed"), number=10)


@pytest.fixture
def world(made, tmp_path):
    return made.copy(tmp_path)


def later(each=5_000_000, **members):
    """Return an amendment of the plan, for seven times `each` nano-rho."""
    return small.plan(each, **{"title": "later", "parent": PLAN.digest} | members)


def needed(world):
    with world.folder.open_ledger() as ledger:
        return {filed.plan.digest for filed in commitments(world.folder, ledger).plans}


def everything(world):
    return {path: path.read_bytes() for path in world.folder.root.rglob("*") if path.is_file()}


def test_two_plans_that_the_budget_cannot_pay_together_are_not_both_registered(world):
    """0.063 and 0.063 of 0.1: the second is refused with the first's name and price, no byte changes; 0.035 fits."""
    register(world.folder, PLAN)
    before = everything(world)
    named = rf"{PLAN.digest[:8]} \(A plan\) rho 0\.063"
    said = rf"asks for rho 0\.063; rho 0\.1 is left.*need rho 0\.063: {named}.*--instead"
    for ask in (register, check_registrable):
        with pytest.raises(CommittedError, match=said) as refused:
            ask(world.folder, later(9_000_000))
        assert ExitCode.BUDGET == refused.value.exit_code
    assert before == everything(world)
    assert {PLAN.digest, register(world.folder, later()).plan} == needed(world)


def test_the_last_nano_rho_may_be_needed_and_none_beyond(world):
    """Beside 0.063 a plan for exactly 0.037 is registered, and one for seven nano-rho more is not."""
    register(world.folder, PLAN)
    with pytest.raises(CommittedError):
        register(world.folder, later(5_285_715))
    assert register(world.folder, later(5_285_714))


def test_delta_is_kept_for_registered_plans_too(tmp_path):
    """Lists of words that together ask for more than the study's delta are not both registered, though rho suffices."""
    folder = phrase_lists.build(tmp_path).folder
    words = phrase_lists.LIST | {"nano_rho": 10_000_000, "atto_delta": 60_000_000}
    first = phrase_lists.plan(nano_rho=11_000_000, words=[words])
    register(folder, first)
    second = {"nano_rho": 11_000_000, "title": "later", "parent": first.digest}
    with pytest.raises(CommittedError, match=r"asks for delta 6e-11; delta 1e-10 is left.*need delta 6e-11"):
        register(folder, phrase_lists.plan(words=[words], **second))
    assert register(folder, phrase_lists.plan(words=[words | {"atto_delta": 40_000_000}], **second))


def test_a_plan_over_what_is_left_is_over_it_without_any_other(world):
    """The older error stays where no commitment is to blame: withdrawing a plan would not help."""
    register(world.folder, PLAN)
    with pytest.raises(OverspentError):
        register(world.folder, later(15_000_000))


def test_a_release_turns_what_a_plan_needs_into_what_is_spent(world):
    """Before and after its release a plan takes 0.063 from the rest: first it is needed, then it is spent."""
    register(world.folder, PLAN)
    assert {PLAN.digest} == needed(world)
    make_release(world.request(PLAN))
    assert set() == needed(world)
    with world.folder.open_ledger() as ledger:
        assert PLAN.nano_rho == ledger.spent
    with pytest.raises(OverspentError):
        register(world.folder, later(9_000_000))
    assert register(world.folder, later())


def test_a_release_of_an_unregistered_plan_takes_nothing_that_a_registered_one_needs(world):
    """Announcing it would register it, so it is refused before anything is opened; the registered one is released."""
    register(world.folder, PLAN)
    with pytest.raises(CommittedError):
        announce(world.unannounced(later(9_000_000)))
    assert not make_release(world.request(PLAN)).replayed


def test_a_plan_is_replaced_on_the_record(world):
    """The new registration names the old plan and is signed; both stay, and only the new one needs money and may be
    released; asking again gives the same registration.
    """
    old = register(world.folder, PLAN)
    new = register(world.folder, later(9_000_000), instead=[PLAN.digest[:8]])
    assert ((PLAN.digest,), ()) == (new.instead, old.instead)
    assert new == register(world.folder, later(9_000_000), instead=[PLAN.digest])
    assert {PLAN.digest, new.plan} == {filed.plan.digest for filed in registered_plans(world.folder)}
    assert {new.plan} == needed(world)
    for ask in (register, check_registrable):
        with pytest.raises(StudyError, match=rf"was withdrawn on {new.day}: {new.plan[:8]} \(later\)"):
            ask(world.folder, PLAN)
    with pytest.raises(StudyError, match="was withdrawn"):
        make_release(world.request(PLAN))
    assert not make_release(world.request(later(9_000_000))).replayed


def test_what_was_withdrawn_while_it_was_counted_is_not_paid_for(world, monkeypatch):
    """A plan that is replaced between its registration's check and its debit costs nothing; the control pays."""
    register(world.folder, PLAN)
    whole = run.count_box

    def count_late(*arguments, **members):
        register(world.folder, later(9_000_000), instead=[PLAN.digest])
        return whole(*arguments, **members)

    monkeypatch.setattr(run, "count_box", count_late)
    with pytest.raises(StudyError, match="was withdrawn"):
        make_release(world.request(PLAN))
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


@pytest.mark.parametrize("name", ["0" * 64, PLAN.digest[:7], "", later(9_000_000).digest])
def test_only_a_plan_that_stands_unpaid_is_withdrawn(world, name):
    """An unknown hash, one of seven digits, none, or the plan's own is refused with the plans that could be named."""
    register(world.folder, PLAN)
    before = everything(world)
    with pytest.raises(StudyError, match=rf"names no registered plan.*{PLAN.digest[:8]} \(A plan\)"):
        register(world.folder, later(9_000_000), instead=[name])
    assert before == everything(world)


def test_what_was_paid_or_withdrawn_is_not_withdrawn_again(world):
    """A plan that was released, and one that was replaced before, are no commitments: neither is named twice."""
    make_release(world.request(PLAN))
    second = register(world.folder, later(), instead=[])
    third = register(world.folder, later(title="third"), instead=[second.plan])
    for gone in (PLAN.digest, second.plan):
        with pytest.raises(StudyError, match=rf"withdrawn: {third.plan[:8]} "):
            register(world.folder, later(title="fourth"), instead=[gone])


def test_a_registration_is_not_changed_to_withdraw_afterwards(world):
    """A registered plan asked for again with another `instead` is refused: its registration said nothing of it."""
    register(world.folder, PLAN)
    register(world.folder, later())
    with pytest.raises(StudyError, match="not changed afterwards"):
        register(world.folder, later(), instead=[PLAN.digest])


def test_an_edited_withdrawal_does_not_hold(world):
    """`instead` is under the signature: emptied, nothing of the folder's plans is taken as registered."""
    register(world.folder, PLAN)
    new = register(world.folder, later(9_000_000), instead=[PLAN.digest])
    path = world.folder.plan_folder(new.plan) / "registration.json"
    path.write_bytes(canonical(json.loads(path.read_bytes()) | {"instead": []}))
    with pytest.raises(StudyError, match="edited"):
        register(world.folder, PLAN)


@pytest.mark.parametrize("instead", [["b" * 64, "a" * 64], ["a" * 64] * 2, [PLAN.digest]])
def test_a_registration_names_each_other_plan_once_in_order(world, instead):
    """Out of order, twice, or the plan itself: no registration says so."""
    said = json.loads(register(world.folder, PLAN).to_bytes())
    with pytest.raises(DocumentError, match="each once, in the order"):
        Registration.from_bytes(canonical(said | {"instead": instead}))


def test_a_plan_of_a_destroyed_wave_needs_nothing(world):
    """Once the anchor remembers that the wave's key is gone, the plan can never be paid, and its money is free."""
    register(world.folder, PLAN)
    with world.folder.open_ledger() as ledger:
        ledger.anchor.append({"destroyed": {"wave": 1, "manifest": "0" * 64, "statement": "0" * 64}})
    assert set() == needed(world)
    assert registration_of(world.folder, PLAN)


def test_the_command_registers_check_and_suggest_agree(world):
    """`plan check` ends with 4 for what `register` refuses and with 0 for what `--instead` frees; so does `suggest`."""
    authored = f"study: {small.QUESTIONNAIRE.study}\nwave: 1\ntitle: Other\nreason: a test\nparent: {PLAN.digest}\n"
    path = world.folder.root.parent / "plan.yaml"
    path.write_text(authored + 'rho: "0.06"\ntables:\n  - {id: T1, dimensions: [AGE], reason: a test}\n')
    register(world.folder, PLAN)
    for command in ("check", "suggest", "register"):
        asked = ["plan", command, str(path), "--study", str(world.folder.root)]
        refused = CliRunner().invoke(main, asked, env={"COLUMNS": "400"})
        assert ExitCode.BUDGET == refused.exit_code, refused.output
        done = CliRunner().invoke(main, [*asked, "--instead", PLAN.digest[:8]], env={"COLUMNS": "400"})
        assert 0 == done.exit_code, done.output
    assert f"Withdrawn, never to be released: {PLAN.digest}" in done.output


def test_a_changed_plan_beside_its_registration_is_named(world):
    """A plan.json that is not the one of its folder is refused, with its path: what others need is then not known."""
    register(world.folder, PLAN)
    path = world.folder.plan_folder(PLAN.digest) / "plan.json"
    path.write_bytes(Plan.from_bytes(canonical(PLAN.to_json() | {"title": "edited"})).to_bytes())
    with pytest.raises(StudyError, match=r"plan\.json is not the plan of its folder"):
        register(world.folder, later())
