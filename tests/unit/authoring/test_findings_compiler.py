"""Findings of a study: the shipped ones are whole in three languages, and every fault of a file has its place."""

import shutil
from pathlib import Path

import pytest
from paths import ROOT
from studies.chinese_script import CHINESE, foreign

from survey.authoring.compiler import compile_study
from survey.authoring.findings_compiler import Findings, FindingsFile, compile_findings
from survey.faults import AuthoringError
from survey.plan.dimension import dimension

STUDY = ROOT / "survey/studies/sesame_credit"
LOCALES = {"en", "zh-Hans", "zh-Hant"}


@pytest.fixture(scope="module")
def questionnaire():
    """Return the questionnaire that the findings stand beside."""
    return compile_study(STUDY / "questionnaire.yaml")[0]


@pytest.fixture(scope="module")
def plans(questionnaire):
    """Return the plans that the findings name."""
    return FindingsFile.read(STUDY / "findings.yaml").read_plans(questionnaire)


@pytest.fixture(scope="module")
def findings(questionnaire, plans) -> Findings:
    """Return the shipped findings."""
    return compile_findings(STUDY / "findings.yaml", questionnaire, plans)


def texts(part) -> list[dict[str, str]]:
    """Return every text in all its locales."""
    if isinstance(part, dict) and LOCALES & {*part}:
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return [text for one in inner for text in texts(one)]


def test_all_thirty_one_hypotheses_stand_in_every_language(findings):
    """H01 to H31 stand there once each, in order, and every text of the file is in three languages."""
    assert [f"H{number:02}" for number in range(1, 32)] == [one.id for one in findings.hypotheses]
    every = texts(findings.to_json())
    assert 150 < len(every)
    assert [] == [one for one in every if {*one} != LOCALES or not all(one.values())]


def test_the_pilots_four_findings_come_first(findings):
    """Understanding, banks, lock-in and social life are the findings, in this order, with hypotheses that are there."""
    firsts = ["know how", "banks", "Leaving", "friends"]
    assert [True] * 4 == [word in one.title["en"] for word, one in zip(firsts, findings.findings, strict=True)]
    assert 7 == findings.people


def test_each_hypothesis_names_tables_and_levels_that_the_plans_hold(findings, plans, questionnaire):
    """Every table is a plan's, every number's question comes first in a plan's table, every level is its own."""
    tables = [table for plan in plans.values() for table in plan.tables]
    firsts, names = {table.dimensions[0] for table in tables}, {table.id for table in tables}
    pairs = {(table.dimensions[0], other) for table in tables for other in table.dimensions[1:]}
    for one in findings.hypotheses:
        assert one.tables
        assert {*one.tables} <= names
        assert one.measures or one.comparisons
        for measure in one.measures:
            assert measure.of in firsts, (one.id, measure.of)
            assert {*(measure.codes or ())} <= {*dimension(measure.of, questionnaire).codes}
        for compared in one.comparisons:
            assert {(compared.of, by) for by in compared.by} & pairs, (one.id, compared.of)


def test_a_plans_tables_of_a_hypothesis_are_those_that_it_names(findings, plans):
    """What a plan of sixty says a table is for, the findings say too."""
    asked = {(name, table.id) for table in plans["plan-60.yaml"].tables for name in table.hypotheses}
    named = {(one.id, table) for one in findings.hypotheses for table in one.tables}
    assert set() == asked - named


def test_the_pilots_numbers_are_the_pilots(findings):
    """Where seven people were counted the counts are those of the interviews, each of seven."""
    shares = {
        (one.id, measure.of): (measure.pilot.said, measure.pilot.of)
        for one in findings.hypotheses
        for measure in one.measures
        if measure.pilot
    }
    assert (4, 7) == shares["H04", "NEVERSEEN"]
    assert (7, 7) == shares["H20", "SOCIAL"]
    assert (1, 7) == shares["H21", "FRIENDS"]
    assert {7} == {of for _, of in shares.values()}


@pytest.mark.parametrize("locale", CHINESE)
def test_every_text_is_in_its_own_script(findings, locale):
    """Simplified texts can be written in GB 2312 and traditional ones in Big5; the two are not one converted."""
    every = texts(findings.to_json())
    assert [] == [one[locale] for one in every if foreign(one[locale], locale)]
    assert "信息" not in "".join(one["zh-Hant"] for one in every).replace("個人信息保護法", "")
    assert "資料" in "".join(one["zh-Hant"] for one in every)


def test_nothing_that_is_past_is_told_as_present(findings):
    """Corrections of the method are kept: eight firms in all, and today's name of WeChat's score."""
    all_texts = " ".join(text for one in texts(findings.to_json()) for text in one.values())
    assert "Eight firms in all" in all_texts
    assert "other eight" not in all_texts
    assert "WeChat Pay Score" in all_texts


FAULTS = [
    ("study: q26", "study: q27", "q27 is not the study q26"),
    ("of: NEVERSEEN, codes: [1], pilot", "of: NEVERSEN, codes: [1], pilot", "no item, indicator or group NEVERSEN"),
    ("of: NEVERSEEN, codes: [1], pilot", "of: NEVERSEEN, codes: [5], pilot", "NEVERSEEN has no level 5"),
    ("of: NEVERSEEN, codes: [1], pilot", "of: NEVERSEEN, codes: [1, 1], pilot", "stands there twice"),
    ("of: KDATA, codes: [2], against", "of: KDATA, codes: [2, 4], against", "options of KDATA cannot be added"),
    ("of: FOLKIDX}", "of: FOLK}", "FOLK is no score"),
    ("of: NEVERSEEN, codes: [1], pilot", "of: NEVERSEEN, codes: [1], base: all, pilot", "is not 'asked'"),
    ("of: NEVERSEEN, codes: [1], pilot", "of: NEVERSEEN, codes: [98], base: substantive, pilot", "`base: answered`"),
    ("of: FOLKIDX}", "of: FOLKIDX, base: asked}", "a mean is of those with a score"),
    ("of: FOLKIDX}", 'of: FOLKIDX, against: "many"}', "not of the form"),
    ("pilot: {said: 4, of: 7}", "pilot: {said: 8, of: 7}", "said is more than of"),
    ("pilot: {said: 4, of: 7}", "pilot: {said: 4, of: 9}", "only 7 people were asked"),
    ("tables: [T03]", "tables: [T69]", "no plan has a table T69"),
    ("hypotheses: [H18, H17, H19]", "hypotheses: [H18, H17, H91]", "there is no hypothesis H91"),
    ("  - id: H02\n", "  - id: H01\n", "H01 stands here twice"),
    ('zh-Hant: "七個人都不喜歡。"}', 'ug: "七個人都不喜歡。"}', "the study has no locale ug"),
    (', zh-Hant: "七個人都不喜歡。"}', "}", "the text in zh-Hant is missing"),
    ('    claim: {en: "A sizeable', '    claims: {en: "A sizeable', "unknown key claims"),
    (
        "by: {EDU3: [1, 3], EDU: [2, 5]}}\n    tables: [T03]",
        "by: {EDU3: [1, 9]}}\n    tables: [T03]",
        "EDU3 has no level 9",
    ),
    (', against: "0", verdicts', ", verdicts", "add it"),
    ("of: KRIGHT, codes: [1],", "of: KRIGHT, codes: [1], joint_with: {KRIGHT: [1]},", "other dimensions beside it"),
    ("of: KRIGHT, codes: [1],", "of: KRIGHT, codes: [1], joint_with: {EDU: [9]},", "EDU has no level 9"),
    ("of: KRIGHT, codes: [1],", "of: KRIGHT, codes: [1], joint_with: {KDATA: [1]},", "KDATA is not one plain answer"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[message for *_, message in FAULTS])
def test_every_fault_is_named_with_its_place(tmp_path: Path, questionnaire, plans, fault):
    """A changed line is refused with its file, its line and what is wrong."""
    old, new, message = fault
    text = (STUDY / "findings.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "findings.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AuthoringError) as raised:
        compile_findings(path, questionnaire, plans)
    problems = raised.value.problems
    assert any(message in str(problem) for problem in problems), problems
    assert all(problem.line >= 1 for problem in problems)


def test_a_plan_that_is_not_beside_the_findings_is_refused(tmp_path: Path, questionnaire):
    """A file of findings names plans that lie beside it; one that does not is named."""
    shutil.copyfile(STUDY / "findings.yaml", tmp_path / "findings.yaml")
    with pytest.raises(AuthoringError, match=r"plan-500\.yaml"):
        FindingsFile.read(tmp_path / "findings.yaml").read_plans(questionnaire)
