"""Tables of grids, rankings, two multi dimensions and the payload's header, by hand and by record-play."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from studies.typed_tables import BROKEN, DECODER, PEOPLE, QUESTIONNAIRE, TABLES, WISHES, counts_of, plan

from analysis.counting.contingency_tables import TableError, layouts
from analysis.counting.indicators import with_derived
from analysis.opening.columns import holds as holds_everywhere
from crypto.canonical import canonical
from survey.questionnaire.codes import NOT_ASKED, UNREADABLE
from survey.questionnaire.conditions import Condition, holds
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import PayloadError, decode
from survey.questionnaire.questionnaire import header_names

RECORDS = st.sampled_from([*PEOPLE, *BROKEN])


def values_by_hand(axis, decoded, answers):
    """Return the cells of one dimension that a person stands in, slowly."""
    if axis.rows is not None:
        return [(row, answers.get(row, NOT_ASKED)) for row in axis.rows]
    if axis.id in QUESTIONNAIRE.groups_by_id:
        places = QUESTIONNAIRE.groups_by_id[axis.id].items
        return sorted({answers.get(place, NOT_ASKED) for place in places})
    if axis.id.startswith("@"):
        name = getattr(decoded, axis.id[1:])
        return [name if axis.id == "@quality" else header_names(QUESTIONNAIRE)[axis.id].index(name)]
    value = answers.get(axis.id, NOT_ASKED)
    return list(value) if isinstance(value, tuple) else [value]


def cells_by_hand(table, payload):
    """Return the cells of one record by the reference documents, slowly."""
    try:
        decoded = decode(QUESTIONNAIRE, payload)
    except PayloadError:
        parts = [[(row, UNREADABLE) for row in a.rows] if a.rows else [UNREADABLE] for a in table.shape.dimensions]
        return list(product(*parts))
    answers = decoded.answers | derive(QUESTIONNAIRE, decoded.answers)
    if table.population is not None and not holds(table.population, answers):
        return ["outside"]
    return list(product(*(values_by_hand(axis, decoded, answers) for axis in table.shape.dimensions)))


def cells_of(table):
    axes = [list(product(a.rows, a.codes)) if a.rows else list(a.codes) for a in table.shape.dimensions]
    return [*product(*axes), *(["outside"] if table.population is not None else [])]


@settings(max_examples=40, deadline=None)
@given(st.lists(RECORDS, max_size=30))
def test_every_cell_is_the_count_by_hand(payloads):
    """Each table equals the one counted record by record from the reference decoder, with outside last."""
    counted = counts_of(payloads)
    for table in TABLES:
        expected = Counter(cell for payload in payloads for cell in cells_by_hand(table, payload))
        assert [expected[cell] for cell in cells_of(table)] == counted[table.id].tolist()


def test_a_record_stands_in_the_product_of_what_its_dimensions_allow():
    """A grid has a cell for each row, a ranking for each place, a multi item for each choice, all else one cell."""
    assert {name: claim for name, (*_, claim) in WISHES.items()} == {t.id: t.shape.most for t in TABLES}


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=8), RECORDS, st.data())
def test_changing_one_record_moves_a_table_by_no_more_than_is_paid_for(payloads, other, data):
    """One record changed, unreadable ones included: no kind of dimension moves farther than is claimed."""
    place = data.draw(st.integers(0, len(payloads) - 1))
    before, after = counts_of(payloads), counts_of([*payloads[:place], other, *payloads[place + 1 :]])
    for table in TABLES:
        moved = int(((before[table.id] - after[table.id]) ** 2).sum())
        assert moved <= table.shape.sensitivity_squared


@pytest.mark.slow
def test_the_same_play_catches_a_claim_that_is_too_small():
    """Control: half of what is claimed fails for some pair of the same records, in every table."""
    counted = [counts_of([record]) for record in [*PEOPLE[:150], *BROKEN]]
    for table in TABLES:
        moved = max(int(((one[table.id] - two[table.id]) ** 2).sum()) for one, two in product(counted, counted))
        assert moved <= table.shape.sensitivity_squared
        assert moved > table.shape.sensitivity_squared / 2


def test_a_phrase_and_a_note_are_no_dimensions_of_plain_tables():
    """What has no closed levels is refused by name, and so is a third dimension of several cells."""
    for dimensions in (["WORDS"], ["HELLO"], ["NOWHERE"], ["@time"], ["G1", "R1", "BUYS"], ["R1", "R1"]):
        with pytest.raises(TableError, match="T01"):
            layouts(plan({"T01": (dimensions, None, 1)}), QUESTIONNAIRE)


LEAVES = st.one_of(
    st.sampled_from(["FRUIT", "SIZE", "KIDS", "G1_2", "R1_1", "WORRY"]).flatmap(
        lambda name: st.lists(st.sampled_from([*QUESTIONNAIRE.item(name).domain, 97]), min_size=1, max_size=4).map(
            lambda codes: {"item": name, "in": codes}
        )
    ),
    st.lists(st.sampled_from([0, 97, 98, 99]), min_size=1, max_size=3).map(lambda codes: {"item": "BUYS", "in": codes}),
    st.lists(st.integers(1, 9), min_size=1, max_size=4).map(lambda codes: {"item": "BUYS", "has": codes}),
    st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda pair: {"item": "BUYS", "chosen": sorted(pair)}),
    st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda pair: {"item": "FIRM", "range": sorted(pair)}),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
        st.tuples(st.lists(inner, min_size=1, max_size=4), st.integers(0, 2), st.integers(0, 3)).map(
            lambda parts: {"count": parts[0], "range": [parts[1], parts[1] + parts[2]]}
        ),
    ),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(CONDITIONS, st.integers(0, 250))
def test_any_condition_holds_for_columns_as_for_people(plain, first):
    """Every condition, count and chosen included, has for a chunk the truth that it has for each of its people."""
    condition = TypeAdapter(Condition).validate_json(canonical(plain))
    payloads = PEOPLE[first : first + 50]
    people = [decode(QUESTIONNAIRE, payload).answers for payload in payloads]
    expected = [holds(condition, one | derive(QUESTIONNAIRE, one)) for one in people]
    columns = with_derived(DECODER.decode(payloads), ["FIRM"])
    assert expected == np.asarray(holds_everywhere(condition, columns)).tolist()


def test_the_indicators_of_columns_are_those_of_people():
    """Every indicator of the types study, by column and one by one."""
    people = [decode(QUESTIONNAIRE, payload).answers for payload in PEOPLE]
    names = [derived.id for derived in QUESTIONNAIRE.derived]
    values = with_derived(DECODER.decode(PEOPLE), names).values
    from_columns = [{name: int(values[name][row]) for name in names} for row in range(len(people))]
    assert [derive(QUESTIONNAIRE, one) for one in people] == from_columns
