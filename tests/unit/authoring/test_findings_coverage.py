"""Findings that ask for what no plan tabulates are refused with their place, before a plan is paid for."""

import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from paths import STUDIES

from survey.authoring.compiler import compile_study
from survey.authoring.findings_coverage import compile_covered_findings
from survey.commands.main import main
from survey.faults import AuthoringError

STUDY = STUDIES / "sesame_credit"
REMEDY = "give a plan a table of it"


@pytest.fixture(scope="module")
def questionnaire():
    return compile_study(STUDY / "questionnaire.yaml")[0]


def changed(folder, old, new):
    """Copy the study with one change of its findings; return their path and the line of the change."""
    for path in STUDY.glob("*.yaml"):
        shutil.copy(path, folder)
    path = folder / "findings.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


def test_the_shipped_findings_ask_for_what_their_plans_have(questionnaire):
    """Every measure and every comparison of the thirty-one hypotheses has a table in one of the five plans."""
    findings = compile_covered_findings(STUDY / "findings.yaml", questionnaire)
    assert (31, 5) == (len(findings.hypotheses), len(findings.plans))


PLANS = "plan-500.yaml, plan.yaml, plan-2000.yaml, plan-60.yaml, plan-100000.yaml"
RIGHT, SOCIAL = "of: KRIGHT, codes: [1]", "of: SOCIAL, code: 5, by: {AGE3: [1, 3]"
FAULTS = [
    (RIGHT, "of: REGION, codes: [1], joint_with: {KRIGHT: [1]}", "no plan tabulates REGION with KRIGHT"),
    (SOCIAL, SOCIAL.replace("AGE3", "REGION"), "no plan has a table of SOCIAL by REGION"),
    (PLANS, "plan-100000.yaml, plan.yaml", "no plan tabulates RESIGN"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS, ids=[message for *_, message in FAULTS])
def test_what_no_plan_has_is_refused_with_its_place(tmp_path, questionnaire, old, new, message):
    """The measure or comparison is named with hypothesis and line, and what to do."""
    path, line = changed(tmp_path, old, new)
    with pytest.raises(AuthoringError) as raised:
        compile_covered_findings(path, questionnaire)
    named = [problem for problem in raised.value.problems if message in str(problem)]
    assert [True] == [problem.remedy.startswith(REMEDY) for problem in named]
    assert message.startswith("no plan tabulates RESIGN") or line == named[0].line


def test_an_alternative_that_a_plan_has_is_enough(tmp_path, questionnaire):
    """Without the plan of 500, OVERCONF is in no plan, and its alternative of joint cells is."""
    path, _ = changed(tmp_path, "plan-500.yaml, plan.yaml", "plan.yaml")
    with pytest.raises(AuthoringError) as raised:
        compile_covered_findings(path, questionnaire)
    assert [] == [str(problem) for problem in raised.value.problems if "OVERCONF" in str(problem)]


def test_study_check_reads_each_file_once():
    """A check of the shipped study opens every YAML file beside it once: five plans, their margins, the findings."""
    listed = (
        "import collections, sys; opened = collections.Counter()\n"
        "sys.addaudithook(lambda event, what: opened.update([str(what[0])] if event == 'open' else []))\n"
        "from survey.commands.main import main\n"
        f"try: main(['study', 'check', {str(STUDY / 'questionnaire.yaml')!r}])\n"
        "finally: print(*(f'{count} {path}' for path, count in opened.items() if path.endswith('.yaml')), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    counts = {line for line in done.stdout.splitlines() if line.endswith(".yaml")}
    names = ["findings.yaml", "margins.yaml", "questionnaire.yaml", *PLANS.split(", ")]
    assert {f"1 {STUDY / name}" for name in names} == counts


def test_study_check_refuses_them(tmp_path):
    """`sotto study check` says how many hypotheses are tabulated, and fails where one asks for more."""
    sound = CliRunner().invoke(main, ["study", "check", str(STUDY / "questionnaire.yaml")])
    assert (0, True) == (sound.exit_code, "31 hypotheses that its plans tabulate" in sound.output)
    path, line = changed(tmp_path, *FAULTS[0][:2])
    broken = CliRunner().invoke(main, ["study", "check", str(path.with_name("questionnaire.yaml"))])
    assert broken.exit_code != 0
    assert FAULTS[0][2] in broken.output + str(broken.exception)
    assert f":{line}" in broken.output + str(broken.exception)
