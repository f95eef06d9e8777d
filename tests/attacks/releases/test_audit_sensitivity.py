"""Record-play over every table that ships: whatever one record holds, each of the study's tables moves as is paid for.

test_contingency_tables.py and test_contingency_table_types.py play the same with every kind of dimension and by hand.
"""

from dataclasses import replace
from functools import cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import STUDIES, VECTORS

from analysis.counting.contingency_tables import layouts, tabulate
from analysis.opening.payload_decoder import Decoder
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import Priors, respondents

FOLDER = STUDIES / "sesame_credit"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
PLANS = ("plan", "plan-500", "plan-2000", "plan-100000")
"""The largest holds all of plan-60."""


@cache
def tables():
    return [
        replace(table, id=f"{name}/{table.id}")
        for name in PLANS
        for table in layouts(compile_plan(FOLDER / f"{name}.yaml", SESAME), SESAME)
    ]


@cache
def people():
    priors = Priors.read(FOLDER / "priors.yaml")
    return [encode(SESAME, person) for person in islice(respondents(SESAME, priors, 11), 300)]


WIDTH = SESAME.payload_width
GARBAGE = st.binary(min_size=WIDTH, max_size=WIDTH) | st.binary(max_size=2 * WIDTH)


@st.composite
def records(draw):
    """An answer, an answer with some bytes changed, or anything at all."""
    kind = draw(st.integers(0, 2))
    if kind == 2:
        return draw(GARBAGE)
    payload = bytearray(draw(st.sampled_from(people())))
    for _ in range(draw(st.integers(0, 3)) if kind else 0):
        payload[draw(st.integers(0, WIDTH - 1))] = draw(st.integers(0, 255))
    return bytes(payload)


def moved(one, other, claimed):
    """Say which tables two neighbours move farther than `claimed` (table -> its square) pays for, or reshape."""
    decoder = Decoder.of(SESAME)
    before, after = (tabulate(decoder.decode(payloads), tables()) for payloads in (one, other))
    return {
        name
        for name in before
        if before[name].shape != after[name].shape or int(((before[name] - after[name]) ** 2).sum()) > claimed[name]
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), min_size=1, max_size=5), records(), st.data())
def test_no_record_moves_any_table_of_the_study_farther_than_is_paid_for(payloads, other, data):
    """One record changed, whatever it was and becomes: no table is farther apart than is claimed, or reshaped."""
    place = data.draw(st.integers(0, len(payloads) - 1))
    claimed = {table.id: table.shape.sensitivity_squared for table in tables()}
    assert set() == moved(payloads, [*payloads[:place], other, *payloads[place + 1 :]], claimed)


@pytest.mark.parametrize("name", [f"plan-100000/{name}" for name in ("T18", "T41", "T51", "T40")])
def test_the_play_sees_a_table_of_several_answers_that_is_claimed_too_cheaply(name):
    """Control: with a plain table's claim for a question with several answers some pair of people breaks it."""
    claimed = {table.id: 2 if table.id == name else table.shape.sensitivity_squared for table in tables()}
    ones = [[person] for person in people()[:120]]
    assert any(name in moved(ones[0], other, claimed) for other in [*ones[1:], [b""]])
