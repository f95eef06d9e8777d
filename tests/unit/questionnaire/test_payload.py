"""The payload: shared vectors in both directions, and no second spelling of any answers."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import VECTORS, vectors

from survey.questionnaire.payload import PayloadError, Rule, SurveyResponse, decode, encode, layout
from survey.questionnaire.questionnaire import Questionnaire, items_asked

NAMES = ("payload", "payload-sesame", "payload-types", "payload-places", "payload-tools", "payload-household")
FILES = [vectors(name) for name in NAMES]
OK = [(file["questionnaire"], case) for file in FILES for case in file["ok"]]
REFUSED = [(file["questionnaire"], case) for file in FILES for case in file.get("refused", [])]
BAD = [(file["questionnaire"], case) for file in FILES for case in file["bad"]]
DOCUMENTS = {file["questionnaire"]: (VECTORS / file["questionnaire"]).read_bytes() for file in FILES}
QUESTIONNAIRES = {name: Questionnaire.from_bytes(data) for name, data in DOCUMENTS.items()}
SMALL = QUESTIONNAIRES["questionnaire-small.json"]
RULES = {*get_args(Rule)} - {"item"}


def answers_of(plain):
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in plain["answers"].items()}
    return SurveyResponse(plain["locale"], plain["mode"], plain["form"], plain["stratum"], values, plain["quality"])


@pytest.mark.parametrize(("file", "case"), OK, ids=[case["name"] for _, case in OK])
def test_answers_and_bytes_are_each_others_shared_vectors(file, case):
    """Encoding gives the bytes and decoding the answers of every valid example."""
    questionnaire, answers = QUESTIONNAIRES[file], answers_of(case["answers"])
    assert case["payload"] == encode(questionnaire, answers).hex()
    assert answers == decode(questionnaire, bytes.fromhex(case["payload"]))


@pytest.mark.parametrize(("file", "case"), BAD, ids=[case["name"] for _, case in BAD])
def test_every_invalid_vector_is_refused_for_its_rule(file, case):
    """Each invalid example breaks the rule it names and no other comes first."""
    with pytest.raises(PayloadError) as raised:
        decode(QUESTIONNAIRES[file], bytes.fromhex(case["payload"]))
    assert case["rule"] == raised.value.rule


@pytest.mark.parametrize(("file", "case"), REFUSED, ids=[case["name"] for _, case in REFUSED])
def test_answers_that_no_bytes_may_show_are_not_encoded(file, case):
    """Each refused example breaks the rule it names before there are any bytes."""
    with pytest.raises(PayloadError) as raised:
        encode(QUESTIONNAIRES[file], answers_of(case["answers"]))
    assert case["rule"] == raised.value.rule


def test_the_invalid_vectors_break_every_rule():
    """No rule of decoding is without an example that breaks it."""
    assert RULES == {case["rule"] for _, case in BAD}


def test_a_refusal_names_the_rule_and_no_value():
    """The message is the same whatever the bytes were."""
    payload = bytearray.fromhex(OK[0][1]["payload"])
    payload[6] = 77
    with pytest.raises(PayloadError, match=r"^not a valid payload: code$"):
        decode(SMALL, bytes(payload))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"HOW": 9}, "code"),
        ({"HOW": (1,)}, "code"),
        ({"AGE": 0}, "code"),
        ({"USES": 0}, "status"),
        ({"USES": ()}, "cap"),
        ({"USES": (1, 2, 3)}, "cap"),
        ({"USES": (4,)}, "mask"),
        ({"USES": 1}, "status"),
        ({"NOWHERE": 1}, "item"),
        ({"LAST": 97}, "asked"),
    ],
)
def test_answers_that_break_a_rule_are_not_encoded(change, rule):
    """The encoder refuses what the decoder would refuse, and items that do not exist."""
    answers = answers_of(OK[0][1]["answers"])
    with pytest.raises(PayloadError) as raised:
        encode(SMALL, replace(answers, answers={**answers.answers, **change}))
    assert rule == raised.value.rule


@pytest.mark.parametrize("name", ["locale", "mode", "form", "stratum"])
def test_names_that_the_questionnaire_does_not_have_are_not_encoded(name):
    """Locale, mode, form and stratum come from closed lists."""
    with pytest.raises(PayloadError) as raised:
        encode(SMALL, replace(answers_of(OK[0][1]["answers"]), **{name: "other"}))
    assert name == raised.value.rule


@given(st.binary(min_size=SMALL.payload_width, max_size=SMALL.payload_width))
def test_bytes_that_are_accepted_have_no_second_spelling(payload):
    """Whatever decodes encodes to the very same bytes."""
    try:
        answers = decode(SMALL, payload)
    except PayloadError:
        return
    assert payload == encode(SMALL, answers)


@given(st.data())
def test_whatever_a_phone_can_collect_survives(data):
    """Any answers given along the routing come back as they were given."""
    given_answers = {}
    for place in layout(SMALL):
        item = place.item
        if item.id not in {asked.id for asked in items_asked(SMALL, given_answers)}:
            continue
        chosen = st.sets(st.sampled_from(item.codes), min_size=1, max_size=item.cap).map(
            lambda codes, item=item: tuple(code for code in item.codes if code in codes)
        )
        single = st.sampled_from((*item.codes, *item.missing))
        given_answers[item.id] = data.draw(st.one_of(chosen, st.sampled_from(item.missing)) if item.multi else single)
    form = "short" if given_answers["HOW"] in (3, 4) else "long"
    answers = SurveyResponse("en", "self", form, "open", given_answers)
    assert answers == decode(SMALL, encode(SMALL, answers))


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_one_flipped_bit_never_gives_the_same_answers(name):
    """Every single flipped bit of a valid payload is refused or means other answers."""
    case = next(case for file, case in OK if file == name)
    payload = bytes.fromhex(case["payload"])
    before = decode(QUESTIONNAIRES[name], payload)
    for bit in range(len(payload) * 8):
        flipped = bytearray(payload)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert before != decode(QUESTIONNAIRES[name], bytes(flipped))
        except PayloadError:
            continue
