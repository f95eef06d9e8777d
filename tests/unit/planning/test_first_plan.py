"""A first plan from scratch: a table for each question that the wanted answers can tell, and no other."""

import json

import pytest
from click.testing import CliRunner
from paths import STUDIES
from studies import small_study as small

from analysis.__main__ import main
from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.expected_margins import USEFUL
from analysis.planning.first_plan import FIRST_BUDGET, first_plan
from analysis.planning.suggest import SuggestError, read_targets
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan

SHOWCASE = STUDIES / "showcase" / "questionnaire.yaml"
SESAME = STUDIES / "sesame_credit" / "questionnaire.yaml"


@pytest.fixture(scope="module", params=[SHOWCASE, SESAME], ids=["showcase", "sesame"])
def questionnaire(request):
    return compile_study(request.param)[0]


def suggested(questionnaire, n, nano_rho=FIRST_BUDGET, targets=()):
    """Return a first plan for `n` answers."""
    return first_plan(questionnaire, lambda _: Outlook(n), nano_rho, read_targets(targets))


@pytest.mark.parametrize("n", [300, 2000, 20_000])
def test_what_is_printed_compiles_to_the_plan(questionnaire, n, tmp_path):
    """The YAML has the plan's tables and lists, and spends the budget to a thousandth, never more."""
    first = suggested(questionnaire, n)
    path = tmp_path / "plan.yaml"
    path.write_text(first.text(), encoding="utf-8")
    plan = compile_plan(path, questionnaire)
    assert [table.dimensions for table in first.plan.tables] == [table.dimensions for table in plan.tables]
    assert [one.item for one in first.plan.words or ()] == [one.item for one in plan.words or ()]
    assert 0.999 * FIRST_BUDGET < plan.allocated_nano_rho <= FIRST_BUDGET


def test_every_question_has_one_table_or_is_named_as_left_out(questionnaire):
    """Items, grids, rankings, indicators and phrases: each stands once, in a table, a list, or the remark."""
    groups = {name: group.id for group in questionnaire.groups for name in group.items}
    asked = {groups.get(item.id, item.id) for item in questionnaire.items if not item.note}
    wanted = sorted({*asked, *questionnaire.derived_by_id})
    for n in (300, 3000):
        first = suggested(questionnaire, n)
        tables = [table.dimensions[0] for table in first.plan.tables]
        lists = [one.item for one in first.plan.words or ()]
        assert wanted == sorted((*tables, *lists, *first.left_out))
        assert all(name in first.text().replace("\n# ", " ") for name in first.left_out)


def test_every_table_is_told_to_ten_points_at_the_price_of_all(questionnaire):
    """Of everyone, and where a table is by group in each group; more answers give no fewer tables."""
    numbers = []
    for n in (300, 1000, 5000):
        first = suggested(questionnaire, n)
        price = FIRST_BUDGET // (len(first.plan.tables) + len(first.plan.words or ()))
        even = [table.model_copy(update={"nano_rho": price}) for table in first.plan.tables]
        plan = first.plan.model_copy(update={"tables": tuple(even)})
        checks = check_plan(plan, questionnaire, Outlook(n), Funds(10**9)).tables
        told = [one for check in checks for one in (check.everyone, *check.groups)]
        assert all(one.total <= USEFUL for one in told)
        numbers.append(len(checks))
    assert numbers == sorted(numbers)


def test_tables_are_by_stratum_only_where_answers_allow(questionnaire):
    """With 20,000 answers most tables are by group, with 300 answers hardly one."""
    few, many = (
        sum(len(table.dimensions) > 1 for table in suggested(questionnaire, n).plan.tables) for n in (300, 20_000)
    )
    assert few <= 1
    assert many > len(questionnaire.items) / 2


def test_too_few_answers_are_refused_with_what_to_do():
    """Where sampling alone misses ten points there is no plan, whatever the budget."""
    with pytest.raises(SuggestError, match="expect more answers"):
        suggested(small.QUESTIONNAIRE, 90, 10**9)
    assert suggested(small.QUESTIONNAIRE, 5000).plan.tables


def test_a_target_is_met_by_a_first_plan():
    """`--target` works as for a plan of one's own."""
    name = suggested(small.QUESTIONNAIRE, 5000).plan.tables[0].id
    plain, better = (suggested(small.QUESTIONNAIRE, 5000, targets=one).plan.tables[0] for one in ((), (f"{name}=1.6",)))
    assert name == better.id
    assert better.nano_rho != plain.nano_rho


def test_the_command_prints_a_plan_or_says_why_not():
    """Without PLAN it writes one, by priors too; with 50 answers it ends with 3."""
    priors = ("--priors", str(STUDIES / "showcase" / "priors.yaml"))
    run = CliRunner()
    command = ["plan", "suggest", "--study", str(SHOWCASE), "--json"]
    even = json.loads(run.invoke(main, [*command, "--n", "900"]).stdout)
    believed = json.loads(run.invoke(main, [*command, "--n", "900", *priors]).stdout)
    assert even["plan"].startswith("# A first plan")
    assert even["left_out"] != believed["left_out"]
    refused = run.invoke(main, [*command, "--n", "50"])
    assert (3, "") == (refused.exit_code, refused.stdout)
