"""What is odd about a plan is said before it is paid for: analysis/planning/second_look.py."""

import re

import pytest
from studies import phrase_lists
from studies import small_study as small

from analysis.planning.check import Funds
from analysis.planning.second_look import Standing, release_doubts

FUNDS = Funds(100_000_000)
SOUND = Standing(20_000, registered=True, late=False)
DEAR = small.plan(each=4_000_000)


def doubts(plan=DEAR, standing=SOUND, funds=FUNDS):
    return release_doubts(plan, small.QUESTIONNAIRE, standing, funds)


def test_a_registered_plan_that_fits_and_leaves_half_raises_no_doubt():
    """The control: at 20,000 records, registered in time, for 0.028 of 0.1, nobody is stopped."""
    assert () == doubts()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"standing": Standing(20_000, registered=False, late=False)}, "is not registered.*sotto plan register"),
        ({"standing": Standing(20_000, registered=True, late=True)}, "says for ever that it came late"),
        ({"standing": Standing(60, registered=True, late=False)}, r"groups will be too few.*sotto plan check --n 60"),
        ({"standing": Standing(10, registered=True, late=False)}, "tables will say nothing even of everyone"),
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
    all_doubts = release_doubts(phrase_lists.plan(), phrase_lists.QUESTIONNAIRE, SOUND, funds)
    assert number == len([doubt for doubt in all_doubts if "cost delta 1e-11" in doubt])
