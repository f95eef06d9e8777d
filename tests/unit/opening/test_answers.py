"""
Opening and validating a shard.

analysis/opening/answers.py, analysis/opening/payload_decoder.py, analysis/opening/columns.py.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import VECTORS, vectors
from pydantic import TypeAdapter
from studies import small_study as small

from analysis.opening.answers import Answers, WrongKeyError, open_drill
from analysis.opening.columns import Columns, holds
from analysis.opening.payload_decoder import Decoder, _asked, _form_given
from crypto.envelope import EnvelopeError, Record
from crypto.sealing import Sealer
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Condition
from survey.questionnaire.payload import PayloadError, decode
from survey.questionnaire.questionnaire import Questionnaire

DECODER = Decoder.of(small.QUESTIONNAIRE)
PEOPLE = small.payloads(200)
WIDTH = small.QUESTIONNAIRE.payload_width


TYPES = Questionnaire.from_bytes((VECTORS / "questionnaire-types.json").read_bytes())
TYPES_DECODER = Decoder.of(TYPES)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("answers"), number=100)


def readable_to_the_reference(payload, questionnaire=small.QUESTIONNAIRE):
    try:
        decode(questionnaire, payload)
    except PayloadError:
        return False
    return True


def columns_of(questionnaire, values):
    """Return one record's columns from an answer by name."""
    one = np.zeros(1, dtype=np.uint8)
    coded = {name: np.array([value if isinstance(value, int) else 0], dtype=np.int16) for name, value in values.items()}
    masks = {}
    for item in questionnaire.items:
        chosen = values.get(item.id) if isinstance(values.get(item.id), list | tuple) else ()
        bits = sum(1 << place for place, option in enumerate(item.options) if option.code in chosen)
        masks[item.id] = np.frombuffer(bits.to_bytes(4, "big"), dtype=np.uint8).reshape(1, 4)
        coded.setdefault(item.id, np.array([NOT_ASKED], dtype=np.int16))
    return Columns(questionnaire, one.astype(bool), {**coded, "@form": one}, masks)


@pytest.mark.parametrize("case", vectors("routing")["conditions"], ids=lambda case: case["name"])
def test_a_condition_holds_for_a_column_as_for_a_person(case):
    """The shared vectors of conditions give the same truth when a whole column is evaluated."""
    options = tuple(SimpleNamespace(code=code) for code in range(10))
    items = tuple(SimpleNamespace(id=name, options=options) for name in "ABCD")
    questionnaire = SimpleNamespace(items=items, item=lambda name: next(i for i in items if i.id == name))
    condition = TypeAdapter(Condition).validate_json(small.canonical(case["condition"]))
    assert [case["holds"]] == holds(condition, columns_of(questionnaire, case["values"])).tolist()


@pytest.mark.parametrize("case", vectors("routing")["routing"], ids=lambda case: case["name"])
def test_routing_of_a_column_is_the_routing_of_a_person(case):
    """The shared vectors of routing give the same form and the same items asked."""
    questionnaire = small.QUESTIONNAIRE
    columns = columns_of(questionnaire, case["answers"])
    form = int(_form_given(questionnaire, columns)[0])
    assert case["form"] == questionnaire.forms[form].id
    columns.form[0] = form
    assert case["asked"] == [item.id for item in questionnaire.items if _asked(item, questionnaire, columns)[0]]


def test_valid_payloads_become_the_values_that_were_answered():
    """Every valid vector is readable, and each column holds the code or status and the options chosen."""
    cases = vectors("payload")["ok"]
    columns = DECODER.decode([bytes.fromhex(case["payload"]) for case in cases])
    assert columns.readable.all()
    for row, case in enumerate(cases):
        expected = case["answers"]
        assert expected["locale"] == small.QUESTIONNAIRE.locales[columns.values["@locale"][row]]
        assert expected["stratum"] == small.QUESTIONNAIRE.strata[columns.values["@stratum"][row]]
        for item in small.QUESTIONNAIRE.items:
            value = expected["answers"].get(item.id, NOT_ASKED)
            assert (value if isinstance(value, int) else 0) == columns.values[item.id][row]
            chosen = [code for code in item.codes if item.multi and columns.chosen(item.id, code)[row]]
            assert chosen == (value if isinstance(value, list) else [])


@pytest.mark.parametrize("case", vectors("payload")["bad"], ids=lambda case: case["name"])
def test_an_invalid_payload_is_an_unreadable_row_and_spoils_no_other(case):
    """Every invalid vector is unreadable; the valid rows before and after it stay readable."""
    columns = DECODER.decode([PEOPLE[0], bytes.fromhex(case["payload"]), PEOPLE[1]])
    assert [True, False, True] == columns.readable.tolist()


def test_every_type_of_item_becomes_its_column():
    """Every valid vector of the types is readable, with its codes and statuses, choices, phrases and header."""
    cases = vectors("payload-types")["ok"]
    columns = TYPES_DECODER.decode([bytes.fromhex(case["payload"]) for case in cases])
    assert columns.readable.all()
    assert [case["answers"]["quality"] for case in cases] == columns.values["@quality"].tolist()
    phrases = [case["answers"]["answers"].get("WORDS") for case in cases]
    assert [tuple(given) if isinstance(given, list) else () for given in phrases] == [*columns.phrases("WORDS")]
    for row, case in enumerate(cases):
        for item in TYPES.items:
            value = case["answers"]["answers"].get(item.id, NOT_ASKED)
            assert item.note or (value if isinstance(value, int) else 0) == columns.values[item.id][row]


@pytest.mark.parametrize("case", vectors("payload-types")["bad"], ids=lambda case: case["name"])
def test_an_invalid_payload_of_any_type_is_an_unreadable_row(case):
    """Every invalid vector of the types is unreadable, and the valid rows around it stay readable."""
    good = bytes.fromhex(vectors("payload-types")["ok"][0]["payload"])
    columns = TYPES_DECODER.decode([good, bytes.fromhex(case["payload"]), good])
    assert [True, False, True] == columns.readable.tolist()
    assert () == [*columns.phrases("WORDS")][1]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([bytes.fromhex(case["payload"]) for case in vectors("payload-types")["ok"]]),
    st.dictionaries(st.integers(0, 69), st.sampled_from([*range(5), 10, 40, 90, 97, 98, 99, 195, 255]), max_size=3),
)
def test_columns_and_reference_refuse_the_same_bytes_of_every_type(payload, changes):
    """Any bytes of a valid payload of the types changed: readable exactly where the reference decoder accepts."""
    changed = bytes(changes.get(place, byte) for place, byte in enumerate(payload))
    assert readable_to_the_reference(changed, TYPES) == bool(TYPES_DECODER.decode([changed]).readable[0])


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, len(PEOPLE) - 1),
    st.dictionaries(st.integers(0, WIDTH - 1), st.sampled_from([*range(9), 90, 97, 98, 99, 255]), max_size=3),
)
def test_columns_and_reference_refuse_the_same_bytes(person, changes):
    """Any bytes of a valid payload changed: the column is readable exactly where the reference decoder accepts."""
    payload = bytearray(PEOPLE[person])
    for place, value in changes.items():
        payload[place] = value
    assert readable_to_the_reference(bytes(payload)) == bool(DECODER.decode([bytes(payload)]).readable[0])


def test_no_payload_at_all_is_an_empty_chunk():
    """A chunk of no records has no rows and fails nowhere."""
    assert 0 == len(DECODER.decode([]))


def test_what_was_sealed_is_what_is_counted(world):
    """Every sealed payload of the box is opened to the same bytes that were sealed, in some order."""
    opened, _ = Answers.of(world.seed, world.manifest, small.QUESTIONNAIRE).open_shard(world.box, 0, 100)
    expected = DECODER.decode(small.payloads(100))
    assert opened.readable.all()
    for name in ("HOW", "AGE", "TA", "LAST"):
        assert sorted(expected.values[name].tolist()) == sorted(opened.values[name].tolist())


def test_an_envelope_that_does_not_open_is_an_unreadable_row(world, tmp_path):
    """A flipped bit, another study's envelope and an invalid payload give unreadable rows and no exception."""
    context = world.manifest.context
    other = type(context)(b"x" * 16, context.manifest_hash, context.key_id)
    size = world.manifest.plaintext_size
    sealers = [Sealer.of(world.manifest.public_key, bound, size) for bound in (context, other)]
    flipped = bytearray(sealers[0].seal(PEOPLE[0]))
    flipped[-1] ^= 1
    envelopes = [bytes(flipped), sealers[1].seal(PEOPLE[1]), sealers[0].seal(b"nonsense"), sealers[0].seal(PEOPLE[2])]
    records = [Record.open_link(envelope).to_bytes() for envelope in envelopes]
    columns = Answers.of(world.seed, world.manifest, small.QUESTIONNAIRE).open_records(records)
    assert [False, False, False, True] == columns.readable.tolist()


@pytest.mark.parametrize("place", [0, 31, 32, 200, 351])
def test_an_open_links_record_with_anything_in_its_tokens_place_is_an_unreadable_row(world, place):
    """All 352 bytes before the envelope are zeros, or the record is not counted: nothing can be slipped in there."""
    sealer = Sealer.of(world.manifest.public_key, world.manifest.context, world.manifest.plaintext_size)
    whole = Record.open_link(sealer.seal(PEOPLE[0])).to_bytes()
    marked = whole[:place] + b"x" + whole[place + 1 :]
    columns = Answers.of(world.seed, world.manifest, small.QUESTIONNAIRE).open_records([whole, marked, whole[:-1], b""])
    assert [True, False, False, False] == columns.readable.tolist()


def test_another_waves_key_is_refused_before_anything_is_opened(world):
    """A seed that does not make the manifest's key raises WrongKeyError."""
    with pytest.raises(WrongKeyError):
        Answers.of(bytes(32), world.manifest, small.QUESTIONNAIRE)


def test_a_drill_opens_only_what_was_sealed_for_this_wave(world):
    """open_drill returns the test envelope's bytes, and raises for one with a flipped bit."""
    manifest = world.manifest
    envelope = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size).seal(b"drill")
    assert b"drill" == open_drill(world.seed, manifest, envelope)
    with pytest.raises(EnvelopeError):
        open_drill(world.seed, manifest, envelope[:-1] + bytes([envelope[-1] ^ 1]))


def test_no_secret_shows_in_a_repr(world):
    """The seed and the opener are in no repr of what holds them."""
    held = Answers.of(world.seed, world.manifest, small.QUESTIONNAIRE)
    assert "Opener" not in repr(held)


@pytest.mark.parametrize("name", ["payload-places", "payload-tools", "payload-household"])
def test_what_does_not_go_with_an_earlier_answer_is_an_unreadable_row(name):
    """Of the vectors with filtered options, words of options and checks the valid ones are readable, no other is."""
    places = vectors(name)
    decoder = Decoder.of(Questionnaire.from_bytes((VECTORS / places["questionnaire"]).read_bytes()))
    good, bad = ([bytes.fromhex(case["payload"]) for case in places[kind]] for kind in ("ok", "bad"))
    assert [True] * len(good) + [False] * len(bad) == decoder.decode([*good, *bad]).readable.tolist()
