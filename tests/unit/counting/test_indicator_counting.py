"""Derived indicators of a chunk against the reference of one person: analysis/counting/indicators.py."""

import random

import pytest
from paths import STUDIES, vectors
from studies import small_study as small

from analysis.counting.indicators import needed, with_derived
from analysis.opening.payload_decoder import Decoder
from survey.authoring.compiler import compile_study
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import form_of
from survey.simulation.respondents import Priors, respondents

SESAME = STUDIES / "sesame_credit"


def derived_columns(questionnaire, people):
    names = [derived.id for derived in questionnaire.derived]
    columns = Decoder.of(questionnaire).decode([encode(questionnaire, person) for person in people])
    assert columns.readable.all()
    values = with_derived(columns, names).values
    return [{name: int(values[name][row]) for name in names} for row in range(len(people))]


@pytest.mark.parametrize("case", vectors("derived")["cases"], ids=lambda case: case["name"])
def test_the_shared_vectors_give_the_same_indicators(case):
    """Each vector's answers give each derived indicator the value in the vector."""
    answers = {name: tuple(v) if isinstance(v, list) else v for name, v in case["answers"].items()}
    person = SurveyResponse("en", "self", form_of(small.QUESTIONNAIRE, answers), "open", answers)
    assert [case["derived"]] == derived_columns(small.QUESTIONNAIRE, [person])


def test_every_indicator_agrees_with_the_reference_for_invented_people():
    """A thousand invented people of the small study have the same indicators by column and one by one."""
    chance = random.Random(3)
    people = [small.answers(chance) for _ in range(1000)]
    expected = [derive(small.QUESTIONNAIRE, person.answers) for person in people]
    assert expected == derived_columns(small.QUESTIONNAIRE, people)


def test_every_indicator_of_the_sesame_study_agrees_with_the_reference():
    """Five hundred invented people of the real questionnaire have the same indicators by column and one by one."""
    questionnaire, _ = compile_study(SESAME / "questionnaire.yaml")
    drawn = respondents(questionnaire, Priors.read(SESAME / "priors.yaml"), 5)
    people = [next(drawn) for _ in range(500)]
    expected = [derive(questionnaire, person.answers) for person in people]
    assert expected == derived_columns(questionnaire, people)


def test_only_what_a_table_needs_is_derived():
    """BAND needs POINTS, POINTS needs no indicator, and an item is none."""
    assert {"BAND", "POINTS"} == needed(small.QUESTIONNAIRE, ["BAND"])
    assert {"POINTS"} == needed(small.QUESTIONNAIRE, ["POINTS", "AGE"])
