"""Prices and expected margins, before anything is spent: analysis/plan_check.py."""

import math
import subprocess
import sys

import pytest
import small_study as small

from analysis.estimate import Z95
from analysis.plan_check import check_plan, read_weights, smallest_group
from analysis.release import gaussian_for
from analysis.table import TableError

PLAN = small.plan()


def checked(n=1000, **changes):
    wishes = {"total": 100_000_000, "spent": 0} | changes
    return check_plan(PLAN, small.QUESTIONNAIRE, n=n, **wishes)


def of(name, **changes):
    return next(table for table in checked(**changes).tables if table.id == name)


def test_sigma_is_the_sigma_of_the_release():
    """The promised noise is what the release then uses, to a billionth, and a multi table's holds its cap."""
    for table in checked().tables:
        assert table.sigma == pytest.approx(gaussian_for(table.nano_rho, table.l2_squared).sigma, rel=1e-9)
    assert of("T4").sigma == pytest.approx(math.sqrt(2) * of("T1").sigma)


def test_the_margin_of_everyone_is_sampling_and_noise():
    """AGE has three levels: 1.96 sqrt(1/4n + sigma^2/n^2 (1 - 1 + 3/4)) at p = 1/2."""
    everyone = of("T1", n=2000).everyone
    sigma = math.sqrt(1000)
    assert everyone.sampling == pytest.approx(Z95 * math.sqrt(0.25 / 2000))
    assert everyone.total == pytest.approx(Z95 * math.sqrt(0.25 / 2000 + sigma**2 / 2000**2 * 0.75))
    assert everyone.design_effect == pytest.approx((everyone.total / everyone.sampling) ** 2)
    assert everyone.effective_n == pytest.approx(2000 / everyone.design_effect)


def test_groups_are_equal_unless_given():
    """TA by AGE has three groups of a third of n; a given share moves its group alone."""
    assert [1000 / 3] * 3 == pytest.approx([group.n for group in of("T2").groups])
    weights = read_weights(["AGE.1=0.1"], small.QUESTIONNAIRE)
    assert [100, 1000 / 3, 1000 / 3] == pytest.approx([group.n for group in of("T2", weights=weights).groups])
    assert of("T2", weights=weights).groups[0].total > of("T2").groups[0].total


@pytest.mark.parametrize("text", ["AGE=0.1", "NOWHERE.1=0.1", "AGE.7=0.1", "AGE.1=1.5", "AGE.1=-0.1"])
def test_a_group_that_is_none_is_refused(text):
    """A wrong form, an unknown dimension or code, a share over one or under nought."""
    with pytest.raises(TableError):
        read_weights([text], small.QUESTIONNAIRE)


@pytest.mark.parametrize("noise", [0.0, 75.0, 300.0, 5000.0])
def test_the_smallest_group_is_the_least_under_ten_points(noise):
    """Its margin is at most ten points, and that of one respondent less is over."""
    n = smallest_group(noise)
    assert Z95 * math.sqrt(0.25 / n + noise / n**2) <= 0.1 < Z95 * math.sqrt(0.25 / (n - 1) + noise / (n - 1) ** 2)


def test_what_a_table_cannot_tell_is_not_promised():
    """No groups for a multi item or beside a third multi dimension, no everyone beside a multi dimension."""
    assert () == of("T4").groups == of("T5").groups
    assert of("T6").everyone is None
    assert 3 == len(of("T6").groups)
    assert 3 == len(of("T7").groups)


def test_the_total_is_held_against_what_is_left():
    """7 of 100 thousandths fit; with 94 spent they do not; above rho 0.5 the budget is loud."""
    assert checked().affordable
    assert not checked(spent=94_000_000).affordable
    assert (False, True) == (checked().loud, checked(total=500_000_001).loud)
    assert checked(spent=93_000_000).epsilon["1e-6"] > checked().epsilon["1e-6"]


def test_a_plan_check_cannot_reach_data():
    """A fresh interpreter that imports the check has neither the opener nor the box."""
    opening = "{'crypto.opening', 'crypto.seed', 'analysis.answers'}"
    code = f"import sys, analysis.plan_check; print(*{opening} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "" == done.stdout.strip()
