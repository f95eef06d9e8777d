"""Tables that one pass counts together: each is what it is alone, and as many go together as a small table holds."""

from math import prod
from pathlib import Path

import pytest
from paths import VECTORS
from studies import small_study as small

import survey
from analysis.counting import contingency_tables
from analysis.counting.contingency_tables import Counting, layouts
from analysis.counting.passes import MOST_JOINT, passes
from analysis.opening.payload_decoder import Decoder
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import Priors, respondents

STUDY = Path(survey.__file__).parent / "studies" / "sesame_credit"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
PLANS = ("plan.yaml", "plan-60.yaml", "plan-2000.yaml")


def columns(number):
    """Return a chunk of invented people, and three records that cannot be read."""
    people = respondents(SESAME, Priors.read(STUDY / "priors.yaml"), 3)
    records = [encode(SESAME, next(people)) for _ in range(number)]
    return Decoder.of(SESAME).decode([*records, b"", b"none", records[0][:-1]])


@pytest.mark.parametrize("plan", PLANS)
def test_tables_counted_together_are_those_counted_one_by_one(plan, monkeypatch):
    """Of a plan's tables those in a joint pass have the counts that they have alone, cell by cell, and in its order."""
    tables, chunk = layouts(compile_plan(STUDY / plan, SESAME), SESAME), columns(300)
    together = Counting.of(tables)
    assert len(together.others) < len(tables) > len(together.passes) > 0
    monkeypatch.setattr(contingency_tables, "MOST_JOINT", 0)
    alone = Counting.of(tables)
    assert ((), len(tables)) == (alone.passes, len(alone.others))
    joint, single = together.tabulate(chunk), alone.tabulate(chunk)
    assert [*joint] == [*single] == [table.id for table in tables]
    assert all((joint[name] == single[name]).all() and joint[name].dtype == single[name].dtype for name in joint)
    assert all(joint[table.id].shape == (table.shape.cells,) for table in tables)


def test_a_dimension_in_another_place_is_another_table():
    """Control: with two dimensions exchanged the counts of the sixty tables are not the same."""
    tables, chunk = layouts(compile_plan(STUDY / "plan-60.yaml", SESAME), SESAME), columns(300)
    counting = Counting.of(tables)
    right = dict(pair for one in counting.passes for pair in one.count(plain_of(counting, chunk)))
    turned = [
        type(one)(one.sizes, {name: places[::-1] for name, places in one.places.items()}) for one in counting.passes
    ]
    wrong = dict(pair for one in turned for pair in one.count(plain_of(counting, chunk)))
    assert any((right[name] != wrong[name]).any() for name in right)


def plain_of(counting, chunk):
    lost = (~chunk.readable).nonzero()[0]
    chunk = contingency_tables.with_derived(chunk, counting.names)
    return {
        axis.id: contingency_tables._level_indexes(chunk, axis.id, lookup, lost)
        for axis, lookup in counting.axes
        if not contingency_tables._in_several(axis)
    }


def test_a_pass_holds_few_cells_and_leaves_out_no_table():
    """No joint table is over its bound, each table is in one pass, and sixty tables take fewer passes than that."""
    tables = [
        one for one in layouts(compile_plan(STUDY / "plan-60.yaml", SESAME), SESAME) if contingency_tables._joins(one)
    ]
    made = [*passes((one.id, one.shape.dimensions) for one in tables)]
    assert [one.id for one in tables] == [name for one in made for name in one.places]
    assert max(prod(one.sizes.values()) for one in made) <= MOST_JOINT
    assert 2 * len(made) < len(tables)


def test_no_table_is_no_pass():
    """Without tables nothing is counted and nothing fails."""
    assert {} == Counting.of([]).tabulate(Decoder.of(small.QUESTIONNAIRE).decode(small.payloads(3)))
