"""Findings beside a plan: which table answers what, of whom, and in words why none does."""

from functools import cache

import pytest
from click.testing import CliRunner
from paths import STUDIES, VECTORS

from analysis.__main__ import main
from analysis.planning.check import Outlook
from analysis.planning.expected_shares import equal_shares, prior_shares
from analysis.planning.findings_check import FindingsCheck, MeasureCheck, check_findings
from survey.authoring.findings_compiler import Comparison, Findings, Hypothesis, Measure, compile_findings
from survey.authoring.plan_compiler import compile_plan
from survey.authoring.table_choice import base_of_comparison
from survey.plan.plan import Plan, PlanTable, Shape, dimensions
from survey.questionnaire.codes import DONT_KNOW, NOT_ASKED, REFUSED
from survey.questionnaire.questionnaire import Questionnaire

FOLDER = STUDIES / "sesame_credit"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
TEXTS = {"en": "x"}


@cache
def shipped(name: str, number: int) -> FindingsCheck:
    plan = compile_plan(FOLDER / f"{name}.yaml", SESAME)
    outlook = Outlook(number, priors=prior_shares(FOLDER / "priors.yaml", plan, SESAME))
    return check_findings(compile_findings(FOLDER / "findings.yaml", SESAME), plan, SESAME, outlook)


def checked(*measures: Measure, tables, number=2000, comparisons=(), priors=None) -> tuple[MeasureCheck, ...]:
    """Return what a plan of some tables at equal prices says of one hypothesis."""
    asked = {"reason": "a test", "nano_rho": 10_000_000, "hypotheses": ()}
    listed = tuple(PlanTable(**(asked | {"population": None} | table)) for table in tables)
    rest = {"format": "sotto-plan-2", "study": "q26", "wave": 1, "parent": None, "title": "", "reason": ""}
    plan = Plan(**rest, tables=listed, nano_rho=10_000_000 * len(listed))
    hypothesis = Hypothesis(id="H1", claim=TEXTS, before=TEXTS, measures=[*measures], comparisons=[*comparisons])
    written = Findings(study="q26", before=TEXTS, people=7, sources=[], findings=[], hypotheses=[hypothesis])
    (only_hypothesis,) = check_findings(written, plan, SESAME, Outlook(number, priors=priors)).hypotheses
    return (*only_hypothesis.measures, *only_hypothesis.comparisons)


def measure(of="SELF", codes=(0, 1), **more) -> Measure:
    return Measure(words=TEXTS, of=of, codes=None if codes is None else [*codes], **more)


PART = {"item": "USE", "in": (1,)}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), [("plan-60", 10_000), ("plan-100000", 100_000)])
def test_the_large_plans_answer_all_thirty_one_hypotheses(name, number):
    """None is left open, and each has a number of its own, not a comparison alone."""
    result = shipped(name, number)
    assert ((), 31) == (result.open, len(result.answered))
    assert [] == [
        one.id for one in result.hypotheses if not any(measure.state == "answered" for measure in one.measures)
    ]


@pytest.mark.slow
def test_sure_and_mistaken_is_read_from_joint_cells():
    """No table of the sixty has OVERCONF: H07 comes from SELF by KBAND, and its table is the one it always named."""
    (h07,) = [one for one in shipped("plan-60", 10_000).hypotheses if one.id == "H07"]
    (measure,) = h07.measures
    assert ("answered", "T04", True) == (measure.state, measure.table, measure.joint)
    assert {"SELF": [2, 3], "KBAND": [1, 2]} == measure.levels


@pytest.mark.slow
def test_what_the_pilot_counted_stands_beside_a_number():
    """Every share of the seven, and every "at least", has a number of the sixty tables beside it."""
    shares_by_name = {
        one.id: [part.pilot for part in one.measures if part.pilot] for one in shipped("plan-60", 10_000).hypotheses
    }
    assert {
        "H01": ["6 of 7", "0 of 7"], "H02": ["1 of 7"], "H04": ["4 of 7"], "H14": ["at least 4 of 7"],
        "H16": ["at least 1 of 7"], "H20": ["7 of 7"], "H21": ["1 of 7"], "H23": ["at least 1 of 7"],
        "H24": ["at least 1 of 7"],
    } == {name: shares for name, shares in shares_by_name.items() if shares}  # fmt: skip


def test_a_table_of_everyone_answers_and_a_filtered_one_does_not():
    """Beside a filtered table that sorts first everyone's is taken; alone it is named as being of a part."""
    part = {"id": "T1", "dimensions": ("SELF",), "population": PART}
    (both,) = checked(measure(), tables=[part, {"id": "T2", "dimensions": ("SELF", "SEX")}])
    (alone,) = checked(measure(), tables=[part])
    assert ("answered", "T2", "") == (both.state, both.table, both.reason)
    assert ("filtered", "T1 is of a part of the people only") == (alone.state, alone.reason)


def test_joint_cells_of_an_indicator_are_pointed_to():
    """OVERCONF is in no table; the one with SELF by KBAND has what it is made of, and one with SELF alone has not."""
    (pointed,) = checked(measure("OVERCONF", (1,)), tables=[{"id": "T4", "dimensions": ("SELF", "KBAND")}])
    (bare,) = checked(measure("OVERCONF", (1,)), tables=[{"id": "T4", "dimensions": ("SELF",)}])
    assert ("no-table", "no-table") == (pointed.state, bare.state)
    assert "T4 has what it is made of in joint cells (SELF x KBAND)" in pointed.reason
    assert "joint_with: {KBAND: […]}" in pointed.reason
    assert "no table has OVERCONF" == bare.reason


def test_too_few_people_and_a_drowned_share_are_told_apart():
    """With few answers the whole table abstains; with more one level of seven drowns and three together do not."""
    table = {"id": "T1", "dimensions": ("TRUSTGAP", "REGION")}
    (few,) = checked(measure("TRUSTGAP", (1, 2, 3)), tables=[table], number=120)
    (drowned,) = checked(measure("TRUSTGAP", (3,)), tables=[table], number=450)
    (together,) = checked(measure("TRUSTGAP", (1, 2, 3)), tables=[table], number=2000)
    assert ["too-few", "uncertain", "answered"] == [few.state, drowned.state, together.state]
    assert "T1: about 120 people are too few under its noise" == few.reason
    assert "T1: about 14% of 450 drown in its noise" == drowned.reason


def test_groups_that_are_lost_are_named():
    """A comparison is answered where both groups are described; of a small one its code is said."""
    asked = Comparison(words=TEXTS, of="SELF", code=1, by={"EDU": (1, 5)})
    tables = [{"id": "T1", "dimensions": ("SELF", "EDU")}]
    (many,), (few,), (none,) = (
        checked(comparisons=[asked], tables=tables, number=5000),
        checked(comparisons=[asked], tables=tables, number=400),
        checked(comparisons=[asked], tables=[{"id": "T1", "dimensions": ("SELF", "SEX")}]),
    )
    assert ["answered", "too-few", "no-table"] == [many.state, few.state, none.state]
    assert "T1: too few in EDU 1, EDU 5" == few.reason
    assert "no table of SELF by EDU" == none.reason


def test_a_group_of_a_question_of_several_answers_counts_once():
    """A group of 160 people who tick four options each is too few as one of 160 is, and of 1,000 it is described.

    Its size is another table's, as in the release; who was not asked is taken off.
    """
    asked = Comparison(words=TEXTS, of="KDATA", code=1, by={"EDU": (1, 2)})
    tables = [{"id": "T1", "dimensions": ("KDATA", "EDU")}, {"id": "T2", "dimensions": ("SEX", "EDU")}]
    shapes = {name: _shape(*dimensions) for name, dimensions in (("T1", ("KDATA", "EDU")), ("T2", ("SEX", "EDU")))}
    ticked, sizes = (equal_shares(shapes[name], {}) for name in ("T1", "T2"))
    away = ticked.copy()
    away[shapes["T1"].dimensions[0].codes.index(NOT_ASKED)] = 0.9 * sizes.sum(axis=0)
    (few,), (many,), (elsewhere,) = (
        checked(comparisons=[asked], tables=tables, number=number, priors={"T1": one, "T2": sizes})
        for number, one in ((800, ticked), (5000, ticked), (5000, away))
    )
    assert ["too-few", "answered", "too-few"] == [few.state, many.state, elsewhere.state]


@pytest.mark.parametrize(("base", "state"), [(None, "answered"), ("substantive", "too-few")])
def test_a_comparison_is_checked_on_its_own_base(base, state):
    """Groups of whom most do not know are described among who answered, and too few among who has an opinion."""
    shape = _shape("USE", "EDU")
    shares = 0.05 * equal_shares(shape, {})
    shares[shape.dimensions[0].codes.index(DONT_KNOW)] = 0.95 * equal_shares(shape, {}).sum(axis=0)
    asked = Comparison(words=TEXTS, of="USE", code=1, by={"EDU": (1, 2)}, base=base)
    tables = [{"id": "T1", "dimensions": ("USE", "EDU")}]
    (check,) = checked(comparisons=[asked], tables=tables, number=5000, priors={"T1": shares})
    assert state == check.state


def test_a_mean_of_two_groups_is_of_those_with_a_score():
    """A comparison of means is of the substantive answers whatever the table's base, one of shares of its own."""
    axis = _shape("SELF", "EDU").dimensions[0]
    pair = {"words": TEXTS, "of": "SELF", "by": {"EDU": (1, 2)}}
    bases = [base_of_comparison(Comparison(**pair, code=code), axis) for code in (None, 1, REFUSED)]
    assert ["substantive", "answered", "asked"] == bases


def test_groups_are_checked_in_the_next_table_where_the_first_is_too_small():
    """As in the report: with a table whose groups are lost, a second one of the same groups answers."""
    asked = Comparison(words=TEXTS, of="SELF", code=1, by={"EDU": (1, 2)})
    tables = [{"id": name, "dimensions": ("SELF", "EDU")} for name in ("T1", "T2")]
    shape = _shape("SELF", "EDU")
    lost = equal_shares(shape, {})
    lost[:, shape.dimensions[1].codes.index(1)] = 0.0
    (check,) = checked(
        comparisons=[asked], tables=tables, number=5000, priors={"T1": lost, "T2": equal_shares(shape, {})}
    )
    assert ("answered", "T2") == (check.state, check.table)


def _shape(*names: str) -> Shape:
    table = {"id": "T1", "dimensions": names, "population": None, "reason": "a test", "nano_rho": 1, "hypotheses": ()}
    return dimensions(PlanTable(**table), SESAME)


@pytest.mark.slow
def test_the_command_shows_tables_and_reasons():
    """`plan check --findings` ends with how many are answered, after a row a number and a line a missing one."""
    files = {name: str(FOLDER / f"{name}.yaml") for name in ("plan-500", "questionnaire", "priors", "findings")}
    arguments = ["plan", "check", files["plan-500"], "--study", files["questionnaire"], "--n", "500"]
    shown = CliRunner().invoke(main, [*arguments, "--priors", files["priors"], "--findings", files["findings"]])
    assert 0 == shown.exit_code
    assert "of 31 hypotheses will be answered; not H01, " in shown.output
    assert "H03  no table has SELF" in shown.output
    as_json = CliRunner().invoke(main, [*arguments, "--findings", files["findings"], "--json"])
    assert '"findings": {"answered": ["H' in as_json.output


@pytest.mark.slow
def test_without_priors_a_plan_s_own_list_is_not_contradicted():
    """The shipped plan at its size: no `answers` is called broken or unlisted, one line says why.

    Control: with priors at 600 answers four hypotheses of the list are called broken.
    """
    plan = compile_plan(FOLDER / "plan.yaml", SESAME)
    findings = compile_findings(FOLDER / "findings.yaml", SESAME)
    blind = check_findings(findings, plan, SESAME, Outlook(2000))
    assert ((), (), True) == (blind.broken, blind.unlisted, set(blind.answered) != set(plan.answers))
    assert shipped("plan", 600).broken
    asked = ["plan", "check", FOLDER / "plan.yaml", "--study", FOLDER / "questionnaire.yaml", "--n", 2000]
    done = CliRunner().invoke(main, [*map(str, asked), "--findings", str(FOLDER / "findings.yaml")])
    assert (1, 0) == (done.output.count("`expects` and `answers` of the plan not compared"), done.exit_code)
    assert "is not listed" not in done.output
