"""What is odd about a plan is said before it is paid for: analysis/planning/second_look.py."""

import re

import pytest
from studies import phrase_lists
from studies import small_study as small

from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.second_look import Standing, commitment_note, release_doubts
from analysis.study.registered_plans import Commitments, FiledPlan

FUNDS = Funds(100_000_000)
SOUND = Standing(registered=True, late=False)
MANY = Outlook(20_000)
OTHER = small.plan(each=9_000_000, title="Another")
DEAR = small.plan(each=4_000_000)


def doubts(plan=DEAR, standing=SOUND, funds=FUNDS, outlook=MANY):
    return release_doubts(plan, small.QUESTIONNAIRE, standing, outlook, funds)


def beside_another(total):
    """Return the funds of a study that has registered another plan, of rho 0.063."""
    return Funds(total, committed=Commitments((FiledPlan(OTHER, None),)))


def test_a_registered_plan_that_fits_and_leaves_half_raises_no_doubt():
    """The control: at 20,000 records, registered in time, for 0.028 of 0.1, nobody is stopped."""
    assert () == doubts()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"standing": Standing(registered=False, late=False)}, "is not registered.*sotto plan register"),
        ({"standing": Standing(registered=True, late=True)}, "says for ever that it came late"),
        ({"outlook": Outlook(60)}, r"groups will be too few.*sotto plan check --n 60"),
        ({"outlook": Outlook(10)}, "tables will say nothing even of everyone"),
        ({"plan": small.plan(each=8_000_000)}, r"costs rho 0\.056 of the 0\.1 .*more than half \(0\.1 is left\)"),
        ({"funds": Funds(50_000_000, 20_000_000)}, r"more than half \(0\.03 is left\)"),
    ],
)
def test_each_oddity_is_named_with_what_to_do(changes, message):
    """One thing odd at a time: a sentence says which, with its public numbers; the control above has none."""
    assert any(re.search(message, doubt) for doubt in doubts(**changes))


def test_exactly_half_of_the_budget_is_no_doubt():
    """A plan for half of the lifetime budget leaves as much for another one."""
    assert () == doubts(funds=Funds(2 * DEAR.nano_rho))
    assert 1 == len(doubts(funds=Funds(2 * DEAR.nano_rho - 1)))


@pytest.mark.parametrize(("total", "number"), [(20_000_000, 0), (19_999_999, 1)])
def test_delta_has_a_half_of_its_own(total, number):
    """Lists of words that take more than half of the study's lifetime delta are named; at half they are not."""
    funds = Funds(10**9, total_delta=total)
    all_doubts = release_doubts(phrase_lists.plan(), phrase_lists.QUESTIONNAIRE, SOUND, MANY, funds)
    assert number == len([doubt for doubt in all_doubts if "cost delta 1e-11" in doubt])


def test_the_look_judges_the_people_that_plan_check_was_told_of():
    """Of 20,000 people 98 in 100 in one age group: the look counts the very groups that `plan check` calls too few."""
    outlook = Outlook(20_000, groups={"AGE": {1: 0.98, 2: 0.01, 3: 0.01}})
    checked = check_plan(DEAR, small.QUESTIONNAIRE, outlook, FUNDS)
    groups = [group for table in checked.tables for group in table.agreed_groups or table.groups]
    silent = sum(group.abstains for group in groups)
    said = f"at 20000 records {silent} of {len(groups)} groups will be too few"
    assert silent > 0
    assert 1 == sum(doubt.startswith(said) for doubt in doubts(outlook=outlook))


def test_groups_that_a_plan_expects_to_lose_raise_no_doubt():
    """The same people and a plan that says it expects both small groups to be lost: nobody is stopped for them."""
    outlook = Outlook(20_000, groups={"AGE": {1: 0.98, 2: 0.01, 3: 0.01}})
    expects = [{"dimension": "AGE", "codes": [2, 3], "reason": "few are asked"}]
    said = doubts(small.plan(each=4_000_000, expects=expects), outlook=outlook)
    assert [] == [doubt for doubt in said if "groups" in doubt]


def test_without_priors_the_look_says_what_it_takes_people_for():
    """The sentence on silent groups names the assumption and --priors; with priors it names them alone."""
    (said,) = (doubt for doubt in doubts(outlook=Outlook(60)) if "groups will be too few" in doubt)
    assert "All groups are taken as equal and everybody as asked: --priors" in said
    (said,) = (doubt for doubt in doubts(outlook=Outlook(60, priors={})) if "groups will be too few" in doubt)
    assert ("taken as equal" in said, "with the same --priors" in said) == (False, True)


def test_what_other_registered_plans_need_is_noted():
    """Beside another plan of 0.063 the note says what is left after this one (0.072), what is needed, and by which."""
    note = commitment_note(DEAR, beside_another(100_000_000))
    assert note == (
        "other registered plans are not paid yet and need rho 0.063 of the 0.072 that is left after this one: "
        f"{OTHER.digest[:8]} (Another) rho 0.063"
    )
    assert None is commitment_note(DEAR, FUNDS)


@pytest.mark.parametrize(("total", "number"), [(91_000_000, 0), (90_999_999, 1)])
def test_taking_what_another_plan_needs_is_a_doubt(total, number):
    """0.028 and 0.063 of 0.091 are both paid; of one nano-rho less a person is asked, with the other plan's name."""
    said = [doubt for doubt in doubts(funds=beside_another(total)) if "cannot all be" in doubt]
    assert number == len(said)
    assert all(f"{OTHER.digest[:8]} (Another)" in doubt for doubt in said)
