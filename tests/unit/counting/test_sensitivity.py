"""The L2 sensitivity of a table: every pair of records that there is, counted, against what the shape claims."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import VECTORS
from studies import small_study as small

import survey
from analysis.counting.contingency_tables import layout, tabulate
from analysis.opening.payload_decoder import Decoder
from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.plan import plan as plans
from survey.plan.plan import PlanTable, dimensions, sensitivity_squared
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import Questionnaire

HALF_OF_ALL = [{"code": 1}, {"code": 2}]
SIZES = [(options, cap) for options in range(1, 6) for cap in range(1, options + 1)]
BROKEN = b"does not open"


def questionnaire(options, cap, exclusive=()):
    """Return a questionnaire of one question of several answers, asked of one half of the people, and who is asked."""
    kinds = {"block": "main", "forms": ["long"], "shuffle": False}
    chosen = [{"code": code} | ({"exclusive": True} if code in exclusive else {}) for code in range(1, options + 1)]
    half = kinds | {"id": "HALF", "type": "single", "missing": [], "options": HALF_OF_ALL}
    many = kinds | {"id": "MANY", "type": "multi", "missing": [90, 98, 99], "cap": cap, "options": chosen}
    asked = many | {"ask_if": {"item": "HALF", "in": [1]}}
    side = kinds | {"id": "SIDE", "type": "single", "missing": [], "options": HALF_OF_ALL}
    items = {"items": [half, asked, side], "derived": [], "pairs": [], "forms": [{"id": "long"}]}
    return Questionnaire.from_bytes(canonical(small.QUESTIONNAIRE.to_json() | items))


def records(of):
    """Return the payload of every valid way of answering, and one that is unreadable."""
    item = of.item("MANY")
    chosen = [c for size in range(1, item.cap + 1) for c in combinations(item.codes, size)]
    chosen = [c for c in chosen if len(c) == 1 or not item.exclusive & set(c)]
    ways = [{"HALF": 1, "MANY": way} for way in (*chosen, 90, 98, 99)] + [{"HALF": 2}]
    people = [SurveyResponse("en", "self", "long", "open", way | {"SIDE": side}) for way in ways for side in (1, 2)]
    return [*(encode(of, person) for person in people), BROKEN]


def farthest(of, *names, population=None):
    """Return the squared distance of the two records that are farthest apart, and what the table's shape claims."""
    asked = {"id": "T1", "dimensions": names, "population": population, "nano_rho": 1, "reason": "", "hypotheses": []}
    table = layout(PlanTable.from_bytes(canonical(asked)), of)
    decoder = Decoder.of(of)
    rows = np.array([tabulate(decoder.decode([record]), [table])["T1"] for record in records(of)])
    apart = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    return int(apart.max()), table.shape.sensitivity_squared


@pytest.mark.parametrize(("options", "cap"), SIZES)
def test_a_question_alone_claims_what_its_farthest_two_records_are_apart(options, cap):
    """The claim for at most `cap` of `options` is reached by some pair of records and passed by none."""
    distance, claimed = farthest(questionnaire(options, cap), "MANY")
    assert distance == claimed == max(min(2 * cap, options), cap + 1)


@pytest.mark.parametrize(("options", "cap"), SIZES)
def test_a_filter_changes_neither_the_distance_nor_the_claim(options, cap):
    """Outside the population is one more cell in which a record stands alone."""
    inside = {"item": "SIDE", "in": [1]}
    distance, claimed = farthest(questionnaire(options, cap), "MANY", population=inside)
    assert distance == claimed == max(min(2 * cap, options), cap + 1)


@pytest.mark.parametrize(("options", "cap"), SIZES)
def test_with_a_second_dimension_two_records_share_no_cell(options, cap):
    """Twice the cap is reached as soon as a plain question stands beside the one of several answers."""
    distance, claimed = farthest(questionnaire(options, cap), "MANY", "SIDE")
    assert distance == claimed == 2 * cap


@pytest.mark.parametrize(("options", "cap"), [size for size in SIZES if size[0] > 1])
def test_an_option_that_stands_alone_moves_nothing_farther(options, cap):
    """Options that exclude the others take choices away, so no pair is farther apart than is claimed."""
    distance, claimed = farthest(questionnaire(options, cap, exclusive=(options,)), "MANY")
    assert distance <= claimed


@pytest.mark.parametrize(("options", "cap"), SIZES)
def test_a_claim_one_too_small_is_seen(options, cap, monkeypatch):
    """Control: with one taken off what a question alone claims some pair of records is farther apart."""
    honest = sensitivity_squared
    monkeypatch.setattr(plans, "sensitivity_squared", lambda axes, most: honest(axes, most) - 1)
    distance, claimed = farthest(questionnaire(options, cap), "MANY")
    assert distance > claimed


SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
PLAN_60 = compile_plan(Path(survey.__file__).parent / "studies" / "sesame_credit" / "plan-60.yaml", SESAME)
MULTI = {"T18": ("KDATA", 9), "T51": ("ALLOW", 9), "T40": ("MISSED", 5)}
TABLES = [layout(table, SESAME) for table in PLAN_60.tables if table.id in MULTI]
DECODER = Decoder.of(SESAME)


def test_the_sixty_tables_claim_nine_and_five():
    """Eight of eight options claim nine and four of four claim five; with a second dimension twice the cap stays."""
    assert {name: claim for name, (_, claim) in MULTI.items()} == {t.id: t.shape.sensitivity_squared for t in TABLES}
    asked = {"nano_rho": 1, "reason": "", "hypotheses": [], "population": None}
    grouped = PlanTable.from_bytes(canonical(asked | {"id": "T1", "dimensions": ["PERKS", "SEX"]}))
    assert dimensions(grouped, SESAME).sensitivity_squared == 14


@st.composite
def statuses_and_masks(draw):
    """Return anything that may stand in a question's bytes: a status, and any set of its options."""
    return draw(st.sampled_from([0, 0, 90, 97, 98, 99, 7])), draw(st.integers(0, 255))


def written(record, name, status, mask):
    """Return a payload with one question's bytes replaced."""
    place = next(rule.place for rule in DECODER.rules if rule.place.item.id == name)
    return record[: place.offset] + bytes([status, mask & 255]) + record[place.offset + 2 :]


@pytest.fixture(scope="module")
def people():
    """Return payloads of invented people of the study who were asked, and who were not."""
    from survey.simulation.respondents import Priors, respondents

    priors = Priors.read(Path(survey.__file__).parent / "studies" / "sesame_credit" / "priors.yaml")
    invented = respondents(SESAME, priors, 5)
    return [encode(SESAME, next(invented)) for _ in range(200)]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_two_answers_to_a_question_of_the_study_are_farther_apart_than_is_claimed(people, data):
    """KDATA, ALLOW and MISSED, through decoder and counting: whatever one record holds and is changed to."""
    one, other = (data.draw(st.sampled_from(people)) for _ in range(2))
    for name, _ in MULTI.values():
        one = written(one, name, *data.draw(statuses_and_masks()))
    before, after = (tabulate(DECODER.decode([record]), TABLES) for record in (one, other))
    for table in TABLES:
        assert int(((before[table.id] - after[table.id]) ** 2).sum()) <= table.shape.sensitivity_squared


@pytest.mark.slow
def test_every_option_against_another_answer_reaches_the_claim(people):
    """Control: some person who chose all options and one who refused are as far apart as is claimed, in each table."""
    for table in TABLES:
        name, claimed = MULTI[table.id]
        full = (1 << len(SESAME.item(name).codes)) - 1
        pairs = [[written(one, name, *way) for way in ((0, full), (99, 0))] for one in people]
        counted = [[tabulate(DECODER.decode([record]), [table])[table.id] for record in pair] for pair in pairs]
        assert claimed == max(int(((one - other) ** 2).sum()) for one, other in counted)
