"""Invented respondents of the showcase: every type of item, and the phone's draws.

The seed is fixed, so these tests never fail by chance; with another seed each tolerance stands at six or more standard
errors of its figure, a false alarm in fewer than one run in 10^8.
"""

from itertools import islice
from math import sqrt

import pytest
from paths import STUDIES
from studies.household import checked
from studies.places import cascade
from studies.tools import tools

from crypto.canonical import canonical
from survey.authoring.compiler import compile_study
from survey.questionnaire.payload import decode, encode
from survey.questionnaire.questionnaire import Questionnaire, items_asked
from survey.questionnaire.randomised_response import SPACE, thresholds
from survey.simulation.first_priors import first_priors
from survey.simulation.respondents import Priors, PriorsError, respondents

FOLDER = STUDIES / "showcase"
PRIORS = Priors.read(FOLDER / "priors.yaml")
N = 4000


@pytest.fixture(scope="module")
def questionnaire():
    return compile_study(FOLDER / "questionnaire.yaml")[0]


@pytest.fixture(scope="module")
def people(questionnaire):
    return [*islice(respondents(questionnaire, PRIORS, 11), N)]


def test_everybody_answers_what_is_asked_and_nothing_else(questionnaire, people):
    """Every invented person's answers are a valid payload that comes back as it was."""
    for one in people[:1000]:
        assert one == decode(questionnaire, encode(questionnaire, one))
        asked = {item.id for item in items_asked(questionnaire, one.answers) if not item.note}
        assert asked == one.answers.keys()


def test_every_code_and_every_word_turns_up(questionnaire, people):
    """No option, missing code, count, phrase or quality is never answered."""
    for item in questionnaire.items:
        values = {code for one in people for code in _parts(one.answers.get(item.id))}
        wanted = {*item.domain} if not item.phrase else {*item.missing, *_phrases()}
        missing = wanted - values
        assert item.note or not missing, (item.id, missing)
    assert {0, 1} == {one.quality for one in people}
    assert {"self", "assisted"} == {one.mode for one in people}


def _parts(answer):
    return answer if isinstance(answer, tuple) else () if answer is None else (answer,)


def _phrases():
    return next(prior.phrases for prior in PRIORS.items if prior.id == "WORDS")


def test_the_arms_of_the_list_are_drawn_fairly(people):
    """Half of those who count see the longer list, within six standard errors."""
    codes = [one.answers["WORRY"] for one in people if one.answers["WORRY"] != 99]
    longer = sum(code >= 40 for code in codes) / len(codes)
    assert 0.5 == pytest.approx(longer, abs=6 * sqrt(0.25 / len(codes)))


def test_randomised_answers_are_those_that_the_phone_would_seal(questionnaire, people):
    """The share of each sealed code, missing codes included, is the prior's share through the randomiser."""
    kept, k = thresholds(questionnaire)["CHANGE"] / SPACE, 5
    given = {1: 0.95 * 0.1, 2: 0.95 * 0.3, 3: 0.95 * 0.6, 98: 0.02, 99: 0.03}
    for code, share in given.items():
        expected = share * kept + (1 - share) * (1 - kept) / (k - 1)
        sealed_share = sum(one.answers["CHANGE"] == code for one in people) / N
        assert expected == pytest.approx(sealed_share, abs=6 * sqrt(expected * (1 - expected) / N))


def test_without_the_draw_the_shares_would_differ(people):
    """Control: the sealed share of the rarest answer is far above the prior's own."""
    assert sum(one.answers["CHANGE"] == 98 for one in people) / N > 0.06


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("TOP", {"load": {"factor": "fondness", "percent": 10}}),
        ("TOP", {"codes": [1, 2, 3, 7]}),
        ("WORDS", {"phrases": ["Fruit"], "weights": {"all": [1]}}),
        ("WORDS", {"phrases": ["fruit", "tea", "noise"], "weights": {"all": [1]}}),
        ("AGE", {"phrases": ["old"]}),
        ("AGE", {"id": "WELCOME"}),
        ("TOP", {"id": "TOP_1"}),
    ],
)
def test_priors_that_do_not_fit_are_refused(questionnaire, name, change):
    """Rankings with factors, phrases nobody can send, notes and single places of a ranking are refused."""
    plain = PRIORS.to_json()
    items = [prior | change if prior["id"] == name else prior for prior in plain["items"]]
    priors = Priors.from_bytes(canonical({**plain, "items": items}))
    with pytest.raises(PriorsError):
        next(respondents(questionnaire, priors, 1))


def test_invented_people_choose_among_what_is_offered():
    """Of 500 people of provinces and towns every payload is valid, and each option is chosen by somebody."""
    places = cascade()[0].questionnaire
    people = [*islice(respondents(places, first_priors(places), 5), 500)]
    assert people == [decode(places, encode(places, one)) for one in people]
    for name in ("TOWN", "SIGHTS"):
        given = [one.answers[name] for one in people]
        chosen = {code for one in given for code in (one if isinstance(one, tuple) else (one,))}
        assert {*places.item(name).domain} == chosen


def test_invented_people_write_words_below_the_option_that_they_chose():
    """Of 300 people of tools every payload is valid, and some write, leave the field empty, or do not see it."""
    questionnaire = tools()[0].questionnaire
    people = [*islice(respondents(questionnaire, first_priors(questionnaire), 5), 300)]
    assert people == [decode(questionnaire, encode(questionnaire, one)) for one in people]
    given = [one.answers.get("USE_OTHER") for one in people]
    assert {tuple, int, type(None)} == {type(one) for one in given}


def test_invented_people_keep_to_checks():
    """Of 300 people every payload is valid, and each check was broken by what somebody would have answered."""
    whole = checked()[0].questionnaire
    people = [*islice(respondents(whole, first_priors(whole), 5), 300)]
    assert people == [decode(whole, encode(whole, one)) for one in people]
    items = [{key: part for key, part in item.to_json().items() if key != "checks"} for item in whole.items]
    unchecked = Questionnaire.from_bytes(canonical({**whole.to_json(), "items": items}))
    free = [*islice(respondents(unchecked, first_priors(unchecked), 5), 300)]
    broken = {item.id for item in whole.items for one in free if item.broken_check(one.answers) is not None}
    assert {"CHILDREN", "HELP", "HERE", "ALONE"} == broken
