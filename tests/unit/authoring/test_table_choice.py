"""Which table answers a measure: one of everyone before any filtered one, and the rest of the rule of choice."""

import pytest

from survey.authoring.findings_compiler import Comparison, Hypothesis, Measure
from survey.authoring.table_choice import Tabulation, choose_compared, choose_tables
from survey.plan.dimension import Dimension

TEXTS = {"en": "x"}
HYPOTHESIS = Hypothesis(id="H1", claim=TEXTS, before=TEXTS, tables=["T2"])


def axis(name, **more):
    return Dimension(id=name, codes=(0, 1, 97, 253), multi=False, score=False, **more)


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


def test_only_tables_whose_first_dimension_it_is_are_chosen():
    """A later dimension, a grid and a list experiment are no source."""
    assert [] == chosen(
        table("T1", "B", "A"), table("T2", axis("A", rows=("R1", "R2"))), table("T3", axis("A", list=True))
    )


def test_groups_are_compared_in_a_table_of_everyone():
    """A comparison takes the table with the second dimension, everyone's before a filtered one."""
    asked = Comparison(words=TEXTS, of="A", code=1, by={"B": (0, 1)})
    tables = [table("T1", "A", "B", filtered=True), table("T3", "A", "B"), table("T4", "A"), table("T2", "A", "C")]
    assert ["T3", "T1"] == [one.id for one in choose_compared(asked, "B", HYPOTHESIS, tables)]
