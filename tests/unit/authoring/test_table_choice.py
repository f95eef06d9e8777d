"""Which table answers a measure: one of everyone before any filtered one, and the rest of the rule of choice."""

import pytest

from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure
from survey.authoring.table_choice import Tabulation, choose_compared, choose_tables, reads_joint_cells
from survey.plan.dimension import Dimension

TEXTS = {"en": "x"}
HYPOTHESIS = Hypothesis(id="H1", claim=TEXTS, before=TEXTS, tables=["T2"])


def axis(name, **more):
    return Dimension(id=name, codes=(0, 1, 97, 253), multi=False, score=False, **{"base": "answered"} | more)


def table(name, *axes, filtered=False, weighted=False, hypotheses=()):
    first = tuple(one if isinstance(one, Dimension) else axis(one) for one in axes)
    return Tabulation(name, first, filtered, weighted, hypotheses)


def chosen(*tables):
    measure = Measure(words=TEXTS, of="A", codes=[1])
    return [one.id for one in choose_tables(measure, HYPOTHESIS, tables)]


@pytest.mark.parametrize(
    "favoured",
    [
        table("T2", "A", filtered=True),
        table("T0", "A", filtered=True, weighted=True, hypotheses=("H1",)),
        table("T0", "A", "B", filtered=True),
    ],
)
def test_no_merit_brings_a_filtered_table_before_one_of_everyone(favoured):
    """A filtered table stands last though it sorts first, is weighted, or is named by the hypothesis."""
    assert ["T9", favoured.id] == chosen(favoured, table("T9", "A"))


def test_weighted_tables_then_those_of_the_hypothesis_stand_first():
    """Among tables of everyone: the weighted one, then those that findings or plan name, then by id."""
    tables = [
        table("T1", "A"),
        table("T2", "A"),
        table("T3", "A", hypotheses=("H1",)),
        table("T4", "A", weighted=True),
        table("T0", "A"),
    ]
    assert ["T4", "T2", "T3", "T0", "T1"] == chosen(*tables)


def test_a_table_that_states_a_share_stands_before_one_whose_cells_must_be_added():
    """A later dimension of a plain table is a source, after the tables whose first it is, before filtered ones."""
    later, part = table("T2", "B", "A", hypotheses=("H1",)), table("T1", "A", filtered=True)
    assert ["T3", "T2", "T1"] == chosen(part, later, table("T3", "A"))


@pytest.mark.parametrize(
    "broken", [axis("A", rows=("R1", "R2")), axis("A", list=True, base="substantive"), axis("A", threshold=5)]
)
def test_cells_that_make_no_share_of_people_are_no_source(broken):
    """Nothing is added up over a grid's rows, a list experiment or answers that the phone drew, nor over several."""
    several = Dimension(id="B", codes=(0, 1, 97), multi=True, score=False, base="answered")
    assert [] == chosen(table("T1", "B", broken), table("T2", several, "A"))


def test_joint_levels_are_read_from_a_table_with_all_their_dimensions():
    """With `joint_with` a table must have each dimension, in any order; one that has the first alone is none."""
    asked = Measure(words=TEXTS, of="A", codes=[1], joint_with={"B": [1]})
    tables = [table("T1", "A"), table("T3", "B", "A"), table("T2", "A", "C"), table("T4", "C", "A", "B")]
    assert ["T3", "T4"] == [one.id for one in choose_tables(asked, HYPOTHESIS, tables)]
    assert reads_joint_cells(asked, tables[1])


def test_groups_are_compared_in_a_table_of_everyone():
    """A comparison takes the table with the second dimension, everyone's before a filtered one."""
    asked = Comparison(words=TEXTS, of="A", code=1, by={"B": (0, 1)})
    tables = [table("T1", "A", "B", filtered=True), table("T3", "A", "B"), table("T4", "A"), table("T2", "A", "C")]
    assert ["T3", "T1"] == [one.id for one in choose_compared(asked, "B", HYPOTHESIS, tables)]
