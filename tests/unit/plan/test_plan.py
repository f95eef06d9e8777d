"""Plans: exact integer prices, public shapes, and every problem of an authored plan at once."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import VECTORS

from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.faults import AuthoringError
from survey.plan.dimension import ShapeError
from survey.plan.plan import Plan, PlanTable, dimensions
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.randomised_response import thresholds

SMALL = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
SINGLES = ("AGE", "HOW", "TA", "TB", "USES", "MANY", "GAP", "BAND")
HEAD = 'study: small-study\nwave: 1\ntitle: "T"\nreason: "R"\n'


def compiled(folder, text):
    path = folder / "plan.yaml"
    path.write_text(HEAD + text)
    return compile_plan(path, SMALL)


def table(*names, population=None):
    return PlanTable(id="T01", dimensions=names, population=population, nano_rho=1, reason="because", hypotheses=())


def test_prices_are_exact_shares_rounded_down(tmp_path):
    """Weights share rho in whole billionths; what is left over is never spent."""
    text = 'rho: "0.04"\ntables:\n' + "".join(
        f'  - {{id: T{n}, dimensions: [{name}], weight: {w}, reason: "r"}}\n'
        for n, name, w in ((1, "AGE", 1), (2, "GAP", "'1.5'"), (3, "TA", 1))
    )
    plan = compiled(tmp_path, text)
    assert 40_000_000 == plan.nano_rho
    assert [11_428_571, 17_142_857, 11_428_571] == [part.nano_rho for part in plan.tables]


@given(rho=st.decimals("0.000001", "0.5", places=9), weights=st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_no_rounding_ever_gives_the_spender_more(tmp_path_factory, rho, weights):
    """For any rho and weights the tables cost no more than rho, and each at most a billionth less than its share."""
    rows = "".join(
        f'  - {{id: T{n}, dimensions: [{name}], weight: {w}, reason: "r"}}\n'
        for n, (name, w) in enumerate(zip(SINGLES, weights, strict=False))
    )
    plan = compiled(tmp_path_factory.mktemp("plan"), f'rho: "{rho:f}"\ntables:\n{rows}')
    assert sum(part.nano_rho for part in plan.tables) <= plan.nano_rho <= Fraction(rho) * 10**9
    for part, weight in zip(plan.tables, weights, strict=True):
        share = Fraction(rho) * 10**9 * weight / sum(weights)
        assert 0 <= share - part.nano_rho < 1


def test_a_population_and_a_parent_come_through(tmp_path):
    """Named conditions are written out, and an amendment names its parent."""
    text = (
        f'rho: "0.01"\nparent: "{"ab" * 32}"\nconditions: {{adult: {{item: AGE, in: [2, 3]}}}}\n'
        'tables: [{id: T1, dimensions: [GAP], population: {all: [adult]}, reason: "r", hypotheses: [H01]}]\n'
    )
    plan = compiled(tmp_path, text)
    assert "ab" * 32 == plan.parent
    assert {"all": [{"item": "AGE", "in": [2, 3]}]} == plan.to_json()["tables"][0]["population"]
    assert plan == Plan.from_bytes(plan.to_bytes())


@pytest.mark.parametrize(
    ("names", "cells", "most"),
    [(("AGE",), 6, 1), (("GAP", "AGE"), 66, 1), (("USES",), 8, 2), (("AGE", "MANY", "BAND"), 420, 10)],
)
def test_shapes_are_public_and_follow_from_the_questionnaire(names, cells, most):
    """Cells multiply over all levels, and only a multi item lets one record stand in more than one cell."""
    shape = dimensions(table(*names), SMALL)
    assert (cells, most) == (shape.cells, shape.most)
    assert list(names) == [axis.id for axis in shape.dimensions]


TYPES = Questionnaire.from_bytes((VECTORS / "questionnaire-types.json").read_bytes())


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (("FRUIT", "SIZE", "@mode"), 1), (("BUYS",), 3), (("R1",), 2), (("G1",), 3), (("FRUIT", "G1"), 3),
        (("BUYS", "R1"), 6), (("G1", "BUYS"), 9), (("G1", "FRUIT", "R1"), 6),
    ],
)  # fmt: skip
def test_one_person_stands_in_as_many_cells_as_the_dimensions_multiply_to(names, most):
    """A cap, the places of a ranking and the rows of a grid multiply; a population leaves the product as it is."""
    filtered = table(*names).model_copy(update={"population": {"item": "FRUIT", "in": [1]}})
    assert most == dimensions(table(*names), TYPES).most == dimensions(filtered, TYPES).most


def test_a_grid_has_a_row_of_levels_for_each_item():
    """A grid's cells are rows by levels, a ranking's only its levels."""
    grid, ranking = dimensions(table("G1", "R1"), TYPES).dimensions
    assert (("G1_1", "G1_2", "G1_3"), False, 3 * len(grid.codes)) == (grid.rows, grid.multi, grid.cells)
    assert (None, True, len(ranking.codes)) == (ranking.rows, ranking.multi, ranking.cells)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("NOSUCH",), "no item, indicator or group NOSUCH"), (("@colour",), "no item"), (("WORDS",), "is a phrase"),
        (("HELLO",), "is a note"), (("FRUIT", "FRUIT"), "FRUIT stands here 2 times"),
        (("G1", "R1", "BUYS"), "G1, R1, BUYS"),
    ],
)  # fmt: skip
def test_what_has_no_levels_and_what_would_cost_too_much_is_refused_with_a_remedy(names, message):
    """Unknown names, phrases, notes, repetitions and three dimensions of several cells each are no table."""
    with pytest.raises(ShapeError, match=message) as caught:
        dimensions(table(*names), TYPES)
    assert caught.value.remedy


def test_a_dimension_says_what_readers_need_to_set_answers_right_and_no_more():
    """A randomised item has its threshold, a list experiment its mark, as a release holds them; others have neither."""
    axes = {axis.id: axis.to_json() for axis in dimensions(table("SECRET", "WORRY", "FRUIT"), TYPES).dimensions}
    members = {name: {*axis} - {"id", "codes", "multi", "score", "base"} for name, axis in axes.items()}
    assert {"SECRET": {"threshold"}, "WORRY": {"list"}, "FRUIT": set()} == members
    assert (thresholds(TYPES)["SECRET"], True) == (axes["SECRET"]["threshold"], axes["WORRY"]["list"])


def test_a_cap_above_the_options_is_no_questionnaire_of_ours():
    """A multi item that says it may hold more options than it has would be priced wrongly: refused."""
    items = [item | {"cap": 99} if item["id"] == "BUYS" else item for item in TYPES.to_json()["items"]]
    with pytest.raises(ShapeError, match="cap of BUYS is above"):
        dimensions(table("BUYS"), Questionnaire.from_bytes(canonical(TYPES.to_json() | {"items": items})))


def test_a_population_adds_the_cell_outside():
    """Whoever is not in the population stands in one more cell."""
    condition = PlanTable.model_validate_json(
        '{"id": "T01", "dimensions": ["AGE"], "population": {"item": "HOW", "in": [1]}, "nano_rho": 1, "reason": "r", '
        '"hypotheses": []}'
    )
    assert 1 + dimensions(table("AGE"), SMALL).cells == dimensions(condition, SMALL).cells


def test_a_mean_makes_sense_only_of_scores():
    """Only indicators that say so are scores; a multi item is marked."""
    shape = dimensions(table("GAP", "USES", "BAND"), SMALL)
    assert [True, False, False] == [axis.score for axis in shape.dimensions]
    assert [False, True, False] == [axis.multi for axis in shape.dimensions]


def test_every_problem_of_a_broken_plan_is_reported_in_its_line():
    """Each fault that the broken plan names in a line is reported there, with a remedy, and nothing else is."""
    path = VECTORS / "plan-broken.yaml"
    with pytest.raises(AuthoringError) as raised:
        compile_plan(path, SMALL)
    lines = enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2)
    expected = {(number, fault) for number, line in lines for fault in re.findall(r"# FAULT (.+)$", line)}
    faults = {(problem.line, problem.message) for problem in raised.value.problems}
    assert set() == {(n, fault) for n, fault in expected if not any(n == m and fault in text for m, text in faults)}
    assert set() == {(m, text) for m, text in faults if not any(n == m and fault in text for n, fault in expected)}
    assert all(problem.remedy and problem.file == str(path) for problem in raised.value.problems)


@pytest.mark.parametrize("rho", ["0", "-1", "1e-3", "0.0400000000000001", "nan", "1/3", "", "٣"])
def test_rho_is_a_plain_positive_decimal(tmp_path, rho):
    """Anything but digits and a point is refused, and so is nothing."""
    with pytest.raises(AuthoringError, match="rho is not a positive decimal"):
        compiled(tmp_path, f'rho: "{rho}"\ntables: [{{id: T1, dimensions: [AGE], reason: "r"}}]\n')


def test_a_share_below_a_billionth_is_refused(tmp_path):
    """A table that would get no budget at all is no table."""
    with pytest.raises(AuthoringError, match="under a billionth"):
        compiled(tmp_path, 'rho: "0.0000000001"\ntables: [{id: T1, dimensions: [AGE], reason: "r"}]\n')
