"""The questionnaire document: shape, levels, routing and sizes."""

import json

import pytest
from paths import VECTORS, vectors

from crypto.canonical import canonical
from survey.document import DocumentError
from survey.questionnaire.levels import levels_of
from survey.questionnaire.payload import layout
from survey.questionnaire.questionnaire import Questionnaire, Texts, form_of, items_asked

SMALL = (VECTORS / "questionnaire-small.json").read_bytes()
ROUTING = vectors("routing")


@pytest.fixture(scope="module")
def small():
    return Questionnaire.from_bytes(SMALL)


def test_the_fixtures_are_read_and_written_without_a_change(small):
    """The bytes of a document are those it was read from, so its hash names it."""
    texts = (VECTORS / "texts-small-en.json").read_bytes()
    assert SMALL == small.to_bytes()
    assert texts == Texts.from_bytes(texts).to_bytes()


@pytest.mark.parametrize("case", ROUTING["routing"], ids=lambda case: case["name"])
def test_routing_is_that_of_the_shared_vectors(small, case):
    """The form and the items asked are those each example names."""
    answers = {name: tuple(v) if isinstance(v, list) else v for name, v in case["answers"].items()}
    assert case["form"] == form_of(small, answers)
    assert case["asked"] == [item.id for item in items_asked(small, answers)]


def test_levels_come_in_the_order_of_the_contract(small):
    """Substantive codes, then 90, 98, 99 where offered or possible, then 97 and 255; endings are no level."""
    assert (1, 2, 3, 99, 97, 255) == levels_of(small, "AGE")
    assert (1, 2, 3, 90, 98, 99, 97, 255) == levels_of(small, "USES")
    assert (3, 2, 1, 0, 98, 99, 97, 255) == levels_of(small, "TA")
    assert (-3, -2, -1, 0, 1, 2, 3, 98, 99, 97, 255) == levels_of(small, "GAP")
    with pytest.raises(KeyError):
        levels_of(small, "NOWHERE")


def test_the_payload_has_one_byte_a_single_item_and_a_mask_for_a_multi_item(small):
    """Widths and offsets follow from the items alone, and the plaintext is a multiple of 256."""
    places = {place.item.id: (place.offset, place.width) for place in layout(small)}
    assert {"HOW": (6, 1), "AGE": (7, 1), "USES": (8, 2), "WHY": (10, 1), "TA": (11, 1)} == {
        name: places[name] for name in ("HOW", "AGE", "USES", "WHY", "TA")
    }
    assert (13, 3) == places["MANY"]
    assert 17 == small.payload_width
    assert 256 == small.plaintext_size


@pytest.mark.parametrize(("width", "size"), [(222, 256), (223, 512), (478, 512), (479, 768)])
def test_the_plaintext_grows_in_steps_of_256(small, width, size):
    """The 34 bytes before it count: 222 bytes of payload still fit 256, 223 do not."""
    copies = [{**json.loads(SMALL)["items"][0], "id": f"Q{number}"} for number in range(width - 6)]
    plain = {**json.loads(SMALL), "items": copies, "forms": [{"id": "long"}], "pairs": [], "derived": []}
    assert size == Questionnaire.from_bytes(canonical(plain)).plaintext_size


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"format": "sotto-questionnaire-1"}, "format"),
        ({"mode": "secret"}, "mode"),
        ({"study": "Not A Slug"}, "study"),
        ({"items": [{"id": "lower"}]}, "items.0.id"),
        ({"strata": None}, "strata"),
        ({"derived": [{"id": "D", "levels": [1], "sum": [{"values_of": "AGE"}]}]}, "derived.0.sum.0"),
    ],
)
def test_a_questionnaire_of_another_shape_is_refused_with_its_place(change, place):
    """Unknown keys, words, types and terms are refused by name of the place, without the value."""
    with pytest.raises(DocumentError) as raised:
        Questionnaire.from_bytes(canonical({**json.loads(SMALL), **change}))
    assert place in str(raised.value)
    assert "Not A Slug" not in str(raised.value)


def test_a_questionnaire_in_other_bytes_is_refused():
    """Pretty-printed JSON of the very same content is not the document."""
    with pytest.raises(DocumentError):
        Questionnaire.from_bytes(json.dumps(json.loads(SMALL), indent=1).encode())


def test_documents_cannot_be_changed(small):
    """A parsed document is frozen."""
    with pytest.raises(ValueError, match="frozen"):
        small.items[0].shuffle = True
