"""Contingency tables and their sensitivity, by record-play: analysis/counting/contingency_tables.py."""

from collections import Counter
from contextlib import nullcontext
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import small_study as small

from analysis.counting.contingency_tables import TableError, layouts, tabulate, zeros
from analysis.opening.payload_decoder import Decoder
from crypto.canonical import canonical
from survey.plan.plan import Plan
from survey.questionnaire.codes import NOT_ASKED, UNREADABLE
from survey.questionnaire.conditions import holds
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import PayloadError, decode
from survey.questionnaire.questionnaire import Questionnaire

DECODER = Decoder.of(small.QUESTIONNAIRE)
TABLES = layouts(small.plan(), small.QUESTIONNAIRE)
# People and records that are none: what did not open, what is too short, and valid bytes with one of them changed.
BROKEN = [b"", b"\x01", bytes(small.QUESTIONNAIRE.payload_width), small.payloads(1)[0][:-1] + b"\x07"]
RECORDS = st.sampled_from([*small.payloads(300, seed=7), *BROKEN])


def counts_of(payloads):
    return tabulate(DECODER.decode(payloads), TABLES)


def cells_by_hand(table, payload):
    """Return the cells of one record by the reference documents, slowly."""
    try:
        answers = decode(small.QUESTIONNAIRE, payload).answers
    except PayloadError:
        return [tuple(UNREADABLE for _ in table.shape.dimensions)]
    answers = answers | derive(small.QUESTIONNAIRE, answers)
    if table.population is not None and not holds(table.population, answers):
        return ["outside"]
    chosen = [answers.get(axis.id, NOT_ASKED) for axis in table.shape.dimensions]
    return list(product(*(value if isinstance(value, tuple) else (value,) for value in chosen)))


@settings(max_examples=60, deadline=None)
@given(st.lists(RECORDS, max_size=40))
def test_every_cell_is_the_count_by_hand(payloads):
    """Each table equals the one counted record by record from the reference decoder, with outside last."""
    counted = counts_of(payloads)
    for table in TABLES:
        expected = Counter(cell for payload in payloads for cell in cells_by_hand(table, payload))
        cells = list(product(*(axis.codes for axis in table.shape.dimensions)))
        cells += ["outside"] if table.population is not None else []
        assert [expected[cell] for cell in cells] == counted[table.id].tolist()


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=12), RECORDS, st.data())
def test_changing_one_record_moves_a_table_by_no_more_than_is_paid_for(payloads, other, data):
    """One record changed, unreadable ones included: no table moves farther than is claimed, or changes its shape."""
    place = data.draw(st.integers(0, len(payloads) - 1))
    before, after = counts_of(payloads), counts_of([*payloads[:place], other, *payloads[place + 1 :]])
    for table in TABLES:
        assert before[table.id].shape == after[table.id].shape == (table.shape.cells,)
        moved = int(((before[table.id] - after[table.id]) ** 2).sum())
        assert moved <= table.shape.sensitivity_squared


def test_a_wrong_claim_about_a_multi_item_is_caught_by_the_same_play():
    """Control: claiming for the multi tables what a plain one claims fails for some pair of the same records."""
    records = [*small.payloads(100, seed=7), *BROKEN]
    tables = {table.id: table for table in TABLES if table.shape.most > 1}
    worst = dict.fromkeys(tables, 0)
    counted = [counts_of([record]) for record in records]
    for one, other in product(counted, counted):
        for name in tables:
            worst[name] = max(worst[name], int(((one[name] - other[name]) ** 2).sum()))
    assert {"T4", "T5", "T6"} == set(worst)
    assert all(moved > 2 for moved in worst.values())


def test_every_record_falls_in_exactly_one_cell_of_a_plain_table():
    """Plain and filtered tables sum to the number of records, whatever was answered and whatever did not open."""
    payloads = [*small.payloads(500), *BROKEN]
    counted = counts_of(payloads)
    plain = [table for table in TABLES if not any(axis.multi for axis in table.shape.dimensions)]
    assert [len(payloads)] * 4 == [int(counted[table.id].sum()) for table in plain]


def test_unreadable_records_stand_in_one_cell_and_nowhere_else():
    """Records that do not open or are not valid are counted in the unreadable cell of every table, once."""
    for table, counted in zip(TABLES, counts_of(BROKEN).values(), strict=True):
        inner = np.prod([len(axis.codes) for axis in table.shape.dimensions])
        assert len(BROKEN) == counted[inner - 1] == counted.sum()


def test_the_sum_over_chunks_is_the_table_of_the_whole():
    """Tables of any two chunks add up to the tables of both together."""
    payloads = [*small.payloads(100), *BROKEN]
    whole, one, two = counts_of(payloads), counts_of(payloads[:37]), counts_of(payloads[37:])
    for name, cells in whole.items():
        assert np.array_equal(cells, one[name] + two[name])
        assert np.int64 == cells.dtype


def test_a_chunk_without_records_has_the_same_shape():
    """No record at all gives empty tables of the full shape."""
    assert all(np.array_equal(cells, zeros(TABLES)[name]) for name, cells in counts_of([]).items())


@pytest.mark.parametrize("dimensions", [["NOWHERE"], ["AGE", "AGE"]])
def test_a_table_that_cannot_be_counted_is_refused_by_name(dimensions):
    """An unknown item and a dimension that stands twice raise TableError naming the table."""
    document = small.plan().to_json()
    document["tables"][0]["dimensions"] = dimensions
    with pytest.raises(TableError, match="T1"):
        layouts(Plan.from_bytes(canonical(document)), small.QUESTIONNAIRE)


@pytest.mark.parametrize(("level", "counted"), [(256, False), (-257, False), (253, True), (-256, True)])
def test_a_level_that_cannot_be_looked_up_is_refused_by_name(level, counted):
    """Levels of an indicator over 255 or below -256 raise TableError naming it; those within are laid out."""
    document = small.QUESTIONNAIRE.to_json()
    band = next(derived for derived in document["derived"] if derived["id"] == "GAP")
    band["levels"] = [*band["levels"], level]
    questionnaire = Questionnaire.from_bytes(canonical(document))
    with nullcontext() if counted else pytest.raises(TableError, match="GAP"):
        layouts(small.plan(), questionnaire)


def test_a_population_of_an_unknown_item_is_refused():
    """A filter on what the questionnaire does not have raises TableError naming it."""
    document = small.plan().to_json()
    document["tables"][0]["population"] = {"item": "NOWHERE", "in": [1]}
    with pytest.raises(TableError, match="NOWHERE"):
        layouts(Plan.from_bytes(canonical(document)), small.QUESTIONNAIRE)
