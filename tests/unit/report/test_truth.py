"""What a reader takes away is what the people said: every number, sentence and verdict beside plain answers."""

import ast
import re
from html import escape
from pathlib import Path

import pytest
from kinds import in_long
from truth import plain_truth
from truth.claims import Judge
from truth.claims_in_pictures import size_told, texts_that_are_not_drawn
from truth.report_check import faults_of_sentences, sentences_of
from truth.simulated_survey import OWN, SHIPPED, SimulatedStudy
from truth.truth_check import (
    Outputs,
    faults_of_counts,
    faults_of_numbers,
    faults_of_parts,
    faults_of_people,
    faults_of_words,
)

from analysis.estimates import estimates
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader
from analysis.report import answers, report
from survey.authoring.table_choice import choose_tables
from survey.questionnaire import bases
from survey.release.reader import ReleaseReader

STUDIES = {
    "clinic": OWN / "clinic",
    "harvest": OWN / "harvest",
    "showcase": SHIPPED / "showcase",
    "sesame_credit": SHIPPED / "sesame_credit",
}
SURVEYS = [
    *(pair for name in ("clinic", "harvest") for pair in ((name, 500), (name, 2000))),
    *(pytest.param(name, 500, marks=pytest.mark.long) for name in ("showcase", "sesame_credit")),
    *((name, 2000) for name in ("showcase", "sesame_credit")),
    *(pytest.param(name, 10_000, marks=pytest.mark.long) for name in STUDIES),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a study by name, made once."""
    made = {}

    def get(name: str, plan: str = "plan.yaml") -> SimulatedStudy:
        if (name, plan) not in made:
            made[name, plan] = SimulatedStudy(STUDIES[name], tmp_path_factory.mktemp(name) / "study", plan)
        return made[name, plan]

    return get


@pytest.fixture
def undrawn(monkeypatch):
    """Let pictures hold their texts alone: the drawing takes half a second a table."""

    def texts(reader: Reader) -> dict[str, str]:
        shown = {table.id: picture(reader, table).texts for table in reader.release.tables}
        return {
            table: "".join(["<svg>", *(f"<text>{escape(text)}</text>" for text in of if text), "</svg>"])
            for table, of in shown.items()
        }

    monkeypatch.setattr(report, "svgs", texts)


def faults(study: SimulatedStudy, number: int, surveys: int, home: Path) -> list[str]:
    """Return all that is wrong in what people read of some surveys of `number` people."""
    judged, sentences, other_faults = [], [], []
    for seed in range(surveys):
        sample = study.sample(number, seed)
        outputs, judge = Outputs.of(study, sample, home / str(seed)), Judge(study, sample)
        claims = judge.all(outputs.claims())
        other_faults += [*faults_of_people(claims, judge), *faults_of_parts(study, outputs), *faults_of_counts(outputs)]
        judged += claims
        sentences += sentences_of(study, outputs)
    return [*other_faults, *faults_of_numbers(judged), *faults_of_words(judged), *faults_of_sentences(sentences)]


def test_the_truth_is_counted_by_code_that_imports_nothing_of_the_analysis():
    """An error that the truth shared with the release would never be seen: its module imports `survey` alone."""
    source = Path(plain_truth.__file__).read_text(encoding="utf-8")
    names = [node.module or "" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    names += [name.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for name in node.names]
    assert [] == [
        name for name in names if re.match(r"analysis|survey\.(release|plan|questionnaire\.(bases|levels))", name)
    ]
    assert {"numpy", "survey"} <= {name.partition(".")[0] for name in names}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), SURVEYS)
def test_all_that_people_read_is_true_within_its_margins(study, undrawn, tmp_path, name, number):
    """Files, results page, rows of pictures and report say of a survey what its population's plain answers say."""
    assert [] == faults(study(name), number, 3, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["harvest", *in_long("clinic", "showcase", "sesame_credit")])
def test_pictures_are_drawn_with_the_numbers_and_notes_that_are_judged(study, tmp_path, name):
    """Every number of the rows beside a picture stands in its SVG, and whom it is of in the picture's notes."""
    sample = study(name).sample(2000, 0)
    outputs = Outputs.of(study(name), sample, tmp_path)
    assert [] == texts_that_are_not_drawn(outputs.report)
    assert [] == [*faults_of_parts(study(name), outputs)]
    assert all(size_told(outputs.report, table.id) for table in sample.release.tables if not table.dimensions[0].list)


@pytest.mark.long
@pytest.mark.parametrize("name", ["clinic", "harvest"])
def test_many_surveys_together_are_true_within_their_margins(study, undrawn, tmp_path, name):
    """Kinds with few numbers in a survey, such as averages and verdicts, miss no more often over twenty surveys."""
    assert [] == faults(study(name), 1000, 20, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    ("plan", "number"), [("plan-500.yaml", 500), ("plan-2000.yaml", 2000), ("plan-60.yaml", 10_000)]
)
def test_each_shipped_plan_tells_the_truth_at_its_number_of_answers(study, undrawn, tmp_path, plan, number):
    """The plans that answer all hypotheses, whose sentences add up joint cells, say what the plain answers say."""
    assert [] == faults(study("sesame_credit", plan), number, 3, tmp_path)


@pytest.mark.slow
def test_an_interval_half_as_wide_is_seen(study, undrawn, tmp_path, monkeypatch):
    """Control: where the release tells half of each margin, shares in files miss the truth more often than they may."""
    monkeypatch.setattr(estimates, "Z95", estimates.Z95 / 2)
    seen_faults = faults(study("clinic"), 2000, 3, tmp_path)
    kinds = ("table CSV: share", "long rows: share")
    assert [] == [kind for kind in kinds if not any(fault.startswith(f"{kind}: ") for fault in seen_faults)]


@pytest.mark.slow
def test_a_share_on_another_base_is_seen(study, undrawn, tmp_path, monkeypatch):
    """Control: where "don't know" is left out of the base that says it is in, numbers are far off in every output."""
    monkeypatch.setitem(bases.LEFT_OUT, "answered", frozenset({98, 99}))
    seen_faults = faults(study("clinic"), 2000, 1, tmp_path)
    kinds = ("table CSV: share", "page: share", "page: size", "picture: share", "report: share")
    assert [] == [kind for kind in kinds if not any(fault.startswith(f"{kind}: far") for fault in seen_faults)]


@pytest.mark.slow
def test_swapped_labels_are_seen(study, undrawn, tmp_path, monkeypatch):
    """Control: a page and pictures that call yes no and no yes are far from the truth; files, by code, are not."""
    level = ReleaseReader.level
    swapped = {1: 2, 2: 1}
    monkeypatch.setattr(
        ReleaseReader,
        "level",
        lambda self, name, code: level(self, name, swapped.get(code, code) if name == "AGAIN" else code),
    )
    seen_faults = faults(study("clinic"), 2000, 1, tmp_path)
    assert {"page: share", "picture: share"} == {
        fault.partition(": far")[0] for fault in seen_faults if ": far" in fault
    }


@pytest.mark.slow
def test_a_filtered_table_given_as_everyone_s_is_seen(study, undrawn, tmp_path, monkeypatch):
    """Control: where the choice of tables ignores filters, the report's sentences are caught at it."""
    monkeypatch.setattr(
        answers,
        "choose_tables",
        lambda measure, _, tables: sorted(choose_tables(measure, _, tables), key=lambda table: not table.filtered),
    )
    seen_faults = faults(study("clinic"), 2000, 1, tmp_path)
    assert any("told of a part of the people, where ['T01'] hold everyone" in fault for fault in seen_faults), (
        seen_faults
    )


@pytest.mark.slow
def test_a_verdict_turned_round_is_seen(study, undrawn, tmp_path, monkeypatch):
    """Control: where larger is called smaller, verdicts neither follow from their numbers nor are true."""
    compared_with = answers.Interval.compared_with
    turned = {"larger": "smaller", "smaller": "larger", "open": "open"}
    monkeypatch.setattr(
        answers.Interval, "compared_with", lambda self, low, high: turned[compared_with(self, low, high)]
    )
    seen_faults = faults(study("clinic"), 2000, 3, tmp_path)
    assert any(": Verdict(" in fault for fault in seen_faults), seen_faults
    assert any("verdicts are wrong" in fault for fault in seen_faults), seen_faults
