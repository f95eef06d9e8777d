"""Why an indicator has no value: the answers that left it undefined, one person at a time and all at once."""

import itertools

import pytest

from analysis.counting.indicators import with_derived
from analysis.opening.payload_decoder import Decoder
from crypto.canonical import canonical
from survey.questionnaire.indicators import derive
from survey.questionnaire.levels import levels_of
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import Questionnaire, is_asked

NOT_ASKED, UNSURE, REFUSED = 97, 98, 99


def item(name, missing=(UNSURE, REFUSED), **more):
    options = [{"code": 1}, {"code": 2}, {"code": 3}]
    plain = {"id": name, "type": "single", "block": "a", "forms": ["all"], "options": options, "shuffle": False}
    return plain | {"missing": [*missing]} | more


def undefined(name, **more):
    return {
        "id": name,
        "levels": [0, 1],
        "cases": [{"when": {"item": "HEARD", "in": [1]}, "value": 1}],
        "else": 0,
    } | more


IN = {name: {"item": name, "in": [REFUSED]} for name in ("HEARD", "USES", "ALONE")}
DERIVED = [
    # TRUST is asked of those who use it alone, ALONE of those who said 1 to nothing else: routing of its own.
    undefined("ANY", undefined_if={"any": [IN["HEARD"], {"item": "USES", "in": [NOT_ASKED, UNSURE, REFUSED]}]}),
    undefined("OTHER", undefined_if={"any": [{"item": "HEARD", "in": [UNSURE]}, {"item": "ALONE", "in": [NOT_ASKED]}]}),
    undefined("NEGATED", undefined_if={"not": {"item": "HEARD", "in": [1, 2]}}),
    undefined("COUNTED", undefined_if={"count": [IN["HEARD"], IN["ALONE"]], "range": [1, 2]}),
    {"id": "CASES", "levels": [1, 2], "cases": [{"when": {"item": "HEARD", "in": [1]}, "value": 1},
                                                {"when": {"item": "HEARD", "in": [2]}, "value": 2}]},
    {"id": "COVERED", "levels": [1, 2], "cases": [{"when": {"item": "HEARD", "in": [1, REFUSED]}, "value": 1},
                                                  {"when": {"item": "HEARD", "in": [2]}, "value": 2}]},
    {"id": "CHAIN", "levels": [0], "cases": [{"when": {"item": "CASES", "range": [0, 200]}, "value": 0}]},
    {"id": "OUT", "levels": [1], "cases": [{"when": {"item": "HEARD", "in": [3]}, "value": 97},
                                           {"when": {"item": "HEARD", "in": [1, 2]}, "value": 1}]},
    undefined("PART", population={"item": "HEARD", "in": [1]}, undefined_if={"item": "ALONE", "in": [REFUSED]}),
]  # fmt: skip
QUESTIONNAIRE = Questionnaire.from_bytes(
    canonical(
        {"format": "sotto-questionnaire-3", "study": "why", "version": "1", "locales": ["en"], "mode": "open",
         "sealing": "phone", "strata": ["open"], "forms": [{"id": "all"}], "pairs": [], "derived": DERIVED,
         "items": [item("SEX", missing=()), item("HEARD"), item("USES", ask_if={"item": "HEARD", "in": [1]}),
                   item("ALONE", missing=[REFUSED], ask_if={"item": "SEX", "in": [1]})]}
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "answers", "value"),
    [
        ("ANY", {"HEARD": REFUSED}, REFUSED),  # USES was not asked because HEARD was refused
        ("ANY", {"HEARD": 2}, NOT_ASKED),
        ("ANY", {"HEARD": 1, "USES": UNSURE}, UNSURE),
        ("ANY", {"HEARD": 1, "USES": 3}, 1),
        ("OTHER", {"HEARD": UNSURE}, NOT_ASKED),  # whether ALONE is asked hangs on SEX, not on HEARD
        ("OTHER", {"SEX": 1, "HEARD": UNSURE, "ALONE": 2}, UNSURE),
        ("NEGATED", {"HEARD": UNSURE}, UNSURE),
        ("NEGATED", {"HEARD": 3}, NOT_ASKED),  # an answer that the author left out, nobody's refusal
        ("COUNTED", {"SEX": 1, "HEARD": 1, "ALONE": REFUSED, "USES": 1}, REFUSED),
        ("CASES", {"HEARD": UNSURE}, UNSURE),
        ("CASES", {"HEARD": REFUSED}, REFUSED),
        ("COVERED", {"HEARD": REFUSED}, 1),
        ("COVERED", {"HEARD": UNSURE}, UNSURE),
        ("CHAIN", {"HEARD": REFUSED}, REFUSED),  # 99 is no value of CASES, though it lies within the range
        ("OUT", {"HEARD": 3}, NOT_ASKED),
        ("OUT", {"HEARD": REFUSED}, REFUSED),
        ("PART", {"HEARD": UNSURE}, NOT_ASKED),  # outside of the population, whatever was refused
        ("PART", {"SEX": 1, "HEARD": 1, "USES": 1, "ALONE": REFUSED}, REFUSED),
    ],
    ids=str,
)
def test_an_indicator_without_a_value_has_the_code_of_the_answers_that_left_it_so(name, answers, value):
    """Refused before not known; not asked first, unless a refusal or a not knowing is why it was not asked."""
    assert value == derive(QUESTIONNAIRE, {"SEX": 2} | answers)[name]


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("ANY", (UNSURE, REFUSED)), ("NEGATED", (UNSURE, REFUSED)), ("CASES", (UNSURE, REFUSED)),
        ("COVERED", (UNSURE,)), ("CHAIN", (UNSURE, REFUSED)), ("PART", (REFUSED,)),
    ],
)  # fmt: skip
def test_only_codes_that_can_occur_are_levels(name, levels):
    """A level that nobody can have would add noise to every sum over it; one that is missing would lose people."""
    declared = QUESTIONNAIRE.derived_by_id[name].levels
    assert (*declared, *levels, NOT_ASKED, 255) == levels_of(QUESTIONNAIRE, name)


def everybody():
    """Return every way in which the four questions can be answered."""
    domains = [(1, 2), (1, 2, 3, UNSURE, REFUSED), (1, 2, UNSURE, REFUSED), (1, 2, REFUSED)]
    distinct = {}
    for answers in itertools.product(*domains):
        given = {}
        for question, answer in zip(QUESTIONNAIRE.items, answers, strict=True):
            if is_asked(question, "all", given):
                given[question.id] = answer
        distinct[tuple(given.items())] = given
    return [*distinct.values()]


def test_the_tables_know_why_as_the_reference_does_for_every_way_to_answer():
    """All at once and one by one give the same codes, and every code that occurs is a level."""
    people = [SurveyResponse("en", "self", "all", "open", answers) for answers in everybody()]
    columns = Decoder.of(QUESTIONNAIRE).decode([encode(QUESTIONNAIRE, person) for person in people])
    names = [*QUESTIONNAIRE.derived_by_id]
    values = with_derived(columns, names).values
    together = [{name: int(values[name][row]) for name in names} for row in range(len(people))]
    assert [derive(QUESTIONNAIRE, person.answers) for person in people] == together
    for name in names:
        assert {row[name] for row in together} <= {*levels_of(QUESTIONNAIRE, name)}
